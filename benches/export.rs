//! Lines per second of the exports, and the most memory that the process took, with generated data.
//!
//! Run `cargo bench --bench export -- [lines] [sqlite|postgresql]`. By default: 100,000 lines on `SQLite`.

#![allow(
    missing_docs,
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot continue panics"
)]
use std::time::Instant;

use cyberprofiles::dump::{self, Dump, Table, View};
use cyberprofiles::store::{Error, Options, Store};
use futures_util::TryStreamExt;

use generated::generated;
use small::{load_bundled, number};

mod generated;
#[allow(dead_code, reason = "only the tests use all of it")]
#[path = "../tests/api/postgresql.rs"]
mod postgresql;
#[allow(dead_code, reason = "other benchmarks use more of it")]
mod small;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The argument with which this program starts itself again, to read what it has loaded.
const READ: &str = "read";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, url, ..] = arguments.as_slice()
        && first == READ
    {
        return read(url).await;
    }
    let numbers = arguments.iter().find_map(|one| one.parse::<usize>().ok());
    let lines = numbers.unwrap_or(number(100_000, 500));
    let server = arguments.iter().any(|one| one == "postgresql");
    let server = server.then(|| postgresql::Server::start().expect("PostgreSQL is not installed"));
    let folder = tempfile::tempdir().unwrap();
    let url = match &server {
        Some(server) => server.create("export", None).await,
        None => format!("sqlite://{}", folder.path().join("export.db").display()),
    };
    let store = Store::open(&url, &Options::default()).await.unwrap();
    load_bundled(&store).await;
    let mut all = generated(lines).into_iter().map(Ok);
    store.import(&mut all, false, &mut |_| ()).await.unwrap();
    store.close().await;
    // Another process, so that its memory is that of the exports alone.
    let mut reading = std::process::Command::new(std::env::current_exe().unwrap());
    assert!(reading.args([READ, &url]).status().unwrap().success());
}

async fn read(url: &str) {
    let store = Store::open(url, &Options::default()).await.unwrap();
    let view = View::read(&store, None, None).await.unwrap();
    println!("peak memory: {} KiB before the first export", peak());
    // Twice: the second one finds the database in the memory of the system.
    for _ in 0..2 {
        let (begun, mut rows, mut bytes) = (Instant::now(), 0, 0);
        let exported = store.export(view.moment, |line| -> Result<(), Error> {
            rows += 1;
            bytes += line.len();
            Ok(())
        });
        exported.await.unwrap();
        report("lines, without reading ahead", rows, bytes, begun);
        let with_description = true;
        measure(
            "export.jsonl",
            &store,
            Dump::Lines { with_description },
            view,
        )
        .await;
    }
    for table in Table::all() {
        measure(table.name(), &store, Dump::Table(table), view).await;
    }
    store.close().await;
}

async fn measure(name: &str, store: &Store, dump: Dump, view: View) {
    let (begun, mut rows, mut bytes) = (Instant::now(), 0, 0);
    let mut chunks = dump::chunks(store, dump, view);
    while let Some(chunk) = chunks.try_next().await.unwrap() {
        rows += chunk.rows;
        bytes += chunk.bytes.len();
    }
    report(name, rows, bytes, begun);
}

fn report(name: &str, rows: usize, bytes: usize, begun: Instant) {
    let millis = usize::try_from(begun.elapsed().as_millis().max(1)).unwrap();
    let rate = rows * 1_000 / millis;
    println!(
        "{name}: {rows} lines, {bytes} bytes, {millis} ms, {rate} lines per second; peak memory {} KiB",
        peak()
    );
}

/// The most memory that the process took so far, in KiB; 0 where the system does not say.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}
