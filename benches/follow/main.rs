//! What it costs to tell many followers of a change, beside a bare axum WebSocket that broadcasts the same
//! bytes to the same clients in the same run; and how fast one that was away is told all it has missed. The
//! server is a process of its own, on the same cores as its clients.
//!
//! `cargo bench --bench follow`

#![allow(
    missing_docs,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]

use std::time::{Duration, Instant};

mod client;
mod process;
mod server;

use client::{Crowd, replay};
use process::Server;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many follow while a change is told.
const FOLLOWERS: usize = 5_000;
/// How many come at once.
const RUSH: usize = 10_000;
/// How often a change is told; the middle one counts.
const ROUNDS: usize = 7;
/// How long the log is of which all is told to one.
const LOG: u64 = 100_000;

/// What is asked of a change.
pub const FOLLOW: &str =
    "subscription { changes { cursor sequence operation recordKind recordId committedAt } }";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = || {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.enable_all().build().unwrap()
    };
    match arguments.first().map(String::as_str) {
        Some("ours") => runtime().block_on(server::ours()),
        Some("bare") => runtime().block_on(server::bare()),
        _ => runtime().block_on(measure()),
    }
}

/// What a change costs a server with many followers.
struct Cost {
    last: Duration,
    cpu_micros: f64,
    idle_kib: f64,
}

async fn measure() {
    let ours = told(Server::start("ours"), true).await;
    let bare = told(Server::start("bare"), false).await;
    println!("\n{FOLLOWERS} followers, one change, the middle of {ROUNDS} (none lost, none twice)");
    println!("{:24} {:>10} {:>10} {:>7}", "", "bare", "ours", "ratio");
    let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
    for (what, bare, ours) in [
        ("last delivery, ms", millis(bare.last), millis(ours.last)),
        ("CPU µs per delivery", bare.cpu_micros, ours.cpu_micros),
        ("KiB per idle follower", bare.idle_kib, ours.idle_kib),
    ] {
        println!("{what:24} {bare:>10.1} {ours:>10.1} {:>6.2}x", ours / bare);
    }
    rush().await;
    missed().await;
}

async fn told(mut server: Server, is_ours: bool) -> Cost {
    let before = server.resident_kib();
    let mut crowd = Crowd::gather(server.address(), FOLLOWERS, is_ours).await;
    // The first change finds nothing prepared.
    crowd.hear(&mut server).await;
    let idle_kib = (server.resident_kib() - before) / FOLLOWERS as f64;
    let cpu = server.cpu_micros();
    let mut lasts = Vec::new();
    for _ in 0..ROUNDS {
        lasts.push(crowd.hear(&mut server).await);
    }
    let cpu_micros = (server.cpu_micros() - cpu) / (FOLLOWERS * ROUNDS) as f64;
    lasts.sort_unstable();
    Cost {
        last: lasts[ROUNDS / 2],
        cpu_micros,
        idle_kib,
    }
}

async fn rush() {
    let mut server = Server::start("ours");
    let begun = Instant::now();
    let mut crowd = Crowd::gather(server.address(), RUSH, true).await;
    let there = begun.elapsed();
    let last = crowd.hear(&mut server).await;
    println!(
        "\n{RUSH} at once: all there after {:.1} s without an error; of a change the last heard after {:.0} ms",
        there.as_secs_f64(),
        last.as_secs_f64() * 1_000.0
    );
}

async fn missed() {
    let mut server = Server::start("ours");
    let after = server.say(&format!("grow {LOG}"));
    let mut resident = Vec::new();
    let replayed = replay(server.address(), &after, LOG, || {
        resident.push(format!("{:.0}", server.resident_kib() / 1_024.0));
    })
    .await;
    println!(
        "\n{LOG} changes to one client: {:.0} changes per second, none lost, none twice; \
         resident meanwhile, MiB: {}",
        LOG as f64 / replayed.as_secs_f64(),
        resident.join(" ")
    );
}
