//! Four writers use the program while its disk fills and is freed, its database is demoted and promoted, and both are
//! killed, at random. Every acknowledged write must be there once and completely.
//!
//! Run `cargo bench --bench chaos`, or `cargo bench --bench chaos -- 3600 sqlite` for 3600 seconds on one database
//! (`sqlite` or `postgresql`). `--program FILE` tests another build of the program. On `SQLite` it needs the right to
//! mount a small disk; without it, name a folder on a small disk with `--disk FOLDER`. The exit code is 1 if a write
//! was lost, duplicated or reported wrongly, or if the program did not recover.

#![allow(
    missing_docs,
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot continue panics"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::Ledger;
use program::Program;
use trouble::{DatabaseHost, Disk, Primary, chance};

mod ledger;
mod people;
#[allow(dead_code, reason = "only the tests use all of it")]
#[path = "../../tests/api/postgresql.rs"]
mod postgresql;
mod program;
mod proof;
mod trouble;

/// Default duration in seconds.
const SECONDS: u64 = 60;

struct Arguments {
    time: Duration,
    databases: Vec<&'static str>,
    program: PathBuf,
    disk: Option<PathBuf>,
}

fn arguments() -> Arguments {
    let mut found = Arguments {
        time: Duration::from_secs(SECONDS),
        databases: Vec::new(),
        program: env!("CARGO_BIN_EXE_cyberprofiles").into(),
        disk: None,
    };
    let mut given = std::env::args().skip(1);
    while let Some(one) = given.next() {
        match one.as_str() {
            "--program" => found.program = given.next().unwrap().into(),
            "--disk" => found.disk = Some(given.next().unwrap().into()),
            "sqlite" => found.databases.push("sqlite"),
            "postgresql" => found.databases.push("postgresql"),
            _ => found.time = one.parse().map_or(found.time, Duration::from_secs),
        }
    }
    if found.databases.is_empty() {
        found.databases = vec!["sqlite", "postgresql"];
    }
    found
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = arguments();
    let mut is_right = true;
    for database in &arguments.databases {
        let database_host: Option<Box<dyn DatabaseHost>> = match *database {
            "sqlite" => match Disk::mounted(arguments.disk.clone()) {
                Some(disk) => Some(Box::new(disk)),
                None => None,
            },
            _ => match Primary::started() {
                Some(primary) => Some(Box::new(primary)),
                None => None,
            },
        };
        let Some(mut database_host) = database_host else {
            println!(
                "{database}: skipped, no small disk could be mounted or PostgreSQL is not installed"
            );
            is_right &= std::env::var_os("CYBERPROFILES_REQUIRE_SERVICES").is_none();
            continue;
        };
        let ledger = Arc::new(Ledger::default());
        let begun = Instant::now();
        while begun.elapsed() < arguments.time {
            let rest = arguments.time.saturating_sub(begun.elapsed());
            epoch(&arguments, database_host.as_mut(), &ledger, rest).await;
        }
        println!("{database}: {:?}\n{ledger}", begun.elapsed());
        is_right &= ledger.is_right();
    }
    ExitCode::from(u8::from(!is_right))
}

/// Runs with one database, from its creation until it has used its share of the disk or the time is over.
async fn epoch(
    arguments: &Arguments,
    database_host: &mut dyn DatabaseHost,
    ledger: &Arc<Ledger>,
    rest: Duration,
) {
    ledger.begin();
    let url = database_host.new_database().await;
    let mut program = Program::new(&arguments.program, &url);
    program
        .start()
        .expect("the program starts if there is no fault");
    let tokens = program.tokens();
    let people = people::begin(&program.address(), &tokens, ledger);
    let begun = Instant::now();
    while begun.elapsed() < rest && !database_host.is_used_up() {
        database_host.cause_fault(&mut program, ledger).await;
        database_host.repair_fault().await;
        if !program.lives() {
            ledger.wrong("the program ended without a kill");
        }
        // Sometimes the program is killed before anything shows that it has recovered.
        if chance(4) == 0 || !program.lives() {
            program.kill();
            ledger.count("killed");
            start(&mut program, ledger).await;
        }
        proof::goes_on(&program, ledger).await;
        if chance(3) == 0 {
            program.kill();
            ledger.count("killed");
            start(&mut program, ledger).await;
            proof::of_what_was_acknowledged(&program, &tokens, ledger).await;
        }
    }
    database_host.repair_fault().await;
    people.end().await;
    program.kill();
    start(&mut program, ledger).await;
    proof::of_what_was_acknowledged(&program, &tokens, ledger).await;
    proof::of_everything(&program, &tokens, ledger).await;
    program.stop();
    program
        .start()
        .expect("the program starts after an orderly stop");
    proof::of_everything(&program, &tokens, ledger).await;
    program.kill();
    ledger.count("databases");
    println!("{:>6.0?} {}", begun.elapsed(), ledger.line());
}

async fn start(program: &mut Program, ledger: &Ledger) {
    for _ in 0..100 {
        if program.start().is_ok() {
            return;
        }
        ledger.count("starts refused");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the program does not start although the fault is repaired");
}
