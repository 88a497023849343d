//! Measures the delivery of a change to many followers, compared with a bare axum WebSocket that broadcasts the same
//! bytes to the same clients in the same run. Also measures how fast a client receives the changes that it missed. The
//! server is a process of its own, on the same cores as its clients.
//!
//! Run `cargo bench --bench follow`, or `cargo bench --bench follow -- idle` for very many followers, `-- questions` for
//! many distinct questions. For the number of idle followers that it is to reach, raise the limit of open files before
//! (`ulimit -n`).

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
#[allow(dead_code, reason = "other benchmarks use more of it")]
#[path = "../small/mod.rs"]
mod small;

use client::{Crowd, Transport, replay};
use process::Server;
use small::number;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Number of followers of the comparison.
const FOLLOWERS: usize = 5_000;
/// Number of followers that connect at once.
const RUSH: usize = 10_000;
/// Number of idle followers on one server. A server and its clients each need a file for each of them.
const IDLE: usize = 50_000;
/// Number of files that a process may need besides.
const OTHER_FILES: usize = 500;
/// Number of distinct questions.
const QUESTIONS: usize = 500;
/// Number of changes that are measured; the median counts.
const ROUNDS: usize = 7;
/// Number of changes that one client reads from the log.
const LOG: u64 = 100_000;

/// A number of followers or questions; few in a small run.
fn few(usual: usize) -> usize {
    number(usual, usual / 1_000 + 5)
}

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
        Some("idle") => runtime().block_on(idle()),
        Some("questions") => runtime().block_on(questions()),
        _ => runtime().block_on(measure()),
    }
}

/// Cost of a change on a server with many followers.
struct Cost {
    last: Duration,
    cpu_micros: f64,
    idle_kib: f64,
    after_kib: f64,
}

async fn measure() {
    let followers = few(FOLLOWERS);
    let socket = |speaks| Transport::Socket { speaks };
    let rounds = number(ROUNDS, 1);
    let ours = cost_of(Server::start("ours"), followers, rounds, socket(true)).await;
    let bare = cost_of(Server::start("bare"), followers, rounds, socket(false)).await;
    print("WebSocket", followers, rounds, &ours, &bare);
    idle().await;
    questions().await;
    rush().await;
    missed().await;
}

fn print(transport: &str, followers: usize, rounds: usize, ours: &Cost, bare: &Cost) {
    println!(
        "\n{followers} followers by {transport}, one change, median of {rounds} (none lost, none twice)"
    );
    println!("{:24} {:>10} {:>10} {:>7}", "", "bare", "ours", "ratio");
    let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
    for (what, bare, ours) in [
        ("last delivery, ms", millis(bare.last), millis(ours.last)),
        ("CPU µs per delivery", bare.cpu_micros, ours.cpu_micros),
        ("KiB per idle follower", bare.idle_kib, ours.idle_kib),
        ("KiB after the changes", bare.after_kib, ours.after_kib),
    ] {
        println!("{what:24} {bare:>10.1} {ours:>10.1} {:>6.2}x", ours / bare);
    }
}

fn one_question(_: usize) -> String {
    FOLLOW.to_owned()
}

async fn cost_of(
    mut server: Server,
    followers: usize,
    rounds: usize,
    transport: Transport,
) -> Cost {
    // One follower first, so that what all of them share does not count.
    let first = Crowd::gather(server.address(), 1, transport, one_question).await;
    let before = server.resident_kib();
    let mut crowd = Crowd::gather(server.address(), followers, transport, one_question).await;
    drop(first);
    let each = |kib: f64| (kib - before) / followers as f64;
    let idle_kib = each(server.resident_kib());
    // The first change is not measured: it fills the caches.
    crowd.hear(&mut server).await;
    let cpu = server.cpu_micros();
    let mut lasts = Vec::new();
    for _ in 0..rounds {
        lasts.push(crowd.hear(&mut server).await);
    }
    let cpu_micros = (server.cpu_micros() - cpu) / (followers * rounds) as f64;
    lasts.sort_unstable();
    Cost {
        last: lasts[rounds / 2],
        cpu_micros,
        idle_kib,
        after_kib: each(server.resident_kib()),
    }
}

/// Measures as many idle followers as there may be open files.
async fn idle() {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("a Linux machine");
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let files = line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    let most = files.unwrap_or(usize::MAX) - OTHER_FILES;
    let followers = few(IDLE).min(most);
    if followers < few(IDLE) {
        println!(
            "\n{IDLE} followers need more open files than this process may have: {followers} are measured"
        );
    }
    let rounds = number(3, 1);
    for (name, ours, bare) in [
        (
            "WebSocket",
            Transport::Socket { speaks: true },
            Transport::Socket { speaks: false },
        ),
        (
            "server-sent events",
            Transport::Events { speaks: true },
            Transport::Events { speaks: false },
        ),
    ] {
        let ours = cost_of(Server::start("ours"), followers, rounds, ours).await;
        let bare = cost_of(Server::start("bare"), followers, rounds, bare).await;
        print(name, followers, rounds, &ours, &bare);
    }
}

/// Measures followers with many distinct questions: each question is executed once for each change.
async fn questions() {
    let (followers, distinct) = (few(FOLLOWERS), few(QUESTIONS));
    let socket = Transport::Socket { speaks: true };
    let mut found = Vec::new();
    for distinct in [1, distinct] {
        let mut server = Server::start("ours");
        let question = |number: usize| {
            FOLLOW.replace(
                "recordId ",
                &format!("recordId q{}: recordId ", number % distinct),
            )
        };
        let mut crowd = Crowd::gather(server.address(), followers, socket, question).await;
        crowd.hear(&mut server).await;
        let groups: usize = server.say("groups").parse().unwrap();
        assert_eq!(groups, distinct, "one group for each question");
        let cpu = server.cpu_micros();
        let mut lasts = Vec::new();
        for _ in 0..number(ROUNDS, 1) {
            lasts.push(crowd.hear(&mut server).await);
        }
        let changes = lasts.len() as f64;
        lasts.sort_unstable();
        found.push((
            distinct,
            lasts[lasts.len() / 2],
            (server.cpu_micros() - cpu) / changes,
        ));
    }
    println!("\n{followers} followers, one change, by the number of distinct questions");
    for (distinct, last, micros) in &found {
        println!(
            "{distinct:>6} questions: last delivery {:>6.0} ms, CPU {:>7.1} ms per change, {:>5.1} times that of one question",
            last.as_secs_f64() * 1_000.0,
            micros / 1_000.0,
            micros / found[0].2
        );
    }
}

async fn rush() {
    let rush = few(RUSH);
    let mut server = Server::start("ours");
    let begun = Instant::now();
    let socket = Transport::Socket { speaks: true };
    let mut crowd = Crowd::gather(server.address(), rush, socket, one_question).await;
    let there = begun.elapsed();
    let last = crowd.hear(&mut server).await;
    println!(
        "\n{rush} at once: all connected after {:.1} s without an error; the last received a change after {:.0} ms",
        there.as_secs_f64(),
        last.as_secs_f64() * 1_000.0
    );
}

async fn missed() {
    let log = number(LOG, 100);
    let mut server = Server::start("ours");
    let after = server.say(&format!("grow {log}"));
    let mut resident = Vec::new();
    let replayed = replay(server.address(), &after, log, || {
        resident.push(format!("{:.0}", server.resident_kib() / 1_024.0));
    })
    .await;
    println!(
        "\n{log} changes to one client: {:.0} changes per second, none lost, none twice; \
         resident meanwhile, MiB: {}",
        log as f64 / replayed.as_secs_f64(),
        resident.join(" ")
    );
}
