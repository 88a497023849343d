//! Measures the delivery of a change to many followers, compared with a bare axum WebSocket that broadcasts the same
//! bytes to the same clients in the same run. Also measures how fast a client receives the changes that it missed. The
//! server is a process of its own, on the same cores as its clients.
//!
//! Run `cargo bench --bench follow`.

#![allow(
    missing_docs,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot continue panics"
)]

use std::time::{Duration, Instant};

mod client;
mod process;
mod server;

use client::{Crowd, replay};
use process::Server;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Number of followers of the comparison.
const FOLLOWERS: usize = 5_000;
/// Number of followers that connect at once.
const RUSH: usize = 10_000;
/// Number of changes that are measured; the median counts.
const ROUNDS: usize = 7;
/// Number of changes that one client reads from the log.
const LOG: u64 = 100_000;

/// The subscription of every follower.
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

/// Cost of a change on a server with many followers.
struct Cost {
    last: Duration,
    cpu_micros: f64,
    idle_kib: f64,
}

async fn measure() {
    let ours = cost_of(Server::start("ours"), true).await;
    let bare = cost_of(Server::start("bare"), false).await;
    println!("\n{FOLLOWERS} followers, one change, median of {ROUNDS} (none lost, none twice)");
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

async fn cost_of(mut server: Server, is_ours: bool) -> Cost {
    let before = server.resident_kib();
    let mut crowd = Crowd::gather(server.address(), FOLLOWERS, is_ours).await;
    // The first change is not measured: it fills the caches.
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
        "\n{RUSH} at once: all connected after {:.1} s without an error; the last received a change after {:.0} ms",
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
