//! Cost of webhooks: 1,000 endpoints, one change each. Prints the CPU time of the server for each delivery, with one
//! document for all and with a different one for each, and the time until all have it.
//!
//! Run `cargo bench --bench webhooks`, or `cargo bench --bench webhooks -- 100` for 100 endpoints.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot continue panics"
)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use cyberprofiles::domain::viewer::Role;
use cyberprofiles::store::{Options, Store};
use serde_json::{Value, json};

use small::{number, prepare};

#[allow(dead_code, reason = "other benchmarks use more of it")]
mod small;

/// Default number of endpoints.
const ENDPOINTS: usize = 1_000;
/// Clock ticks per second in `/proc`, on all platforms of Linux.
const TICKS: f64 = 100.0;

#[tokio::main]
async fn main() {
    let endpoints = std::env::args().skip(1).find_map(|one| one.parse().ok());
    let endpoints = endpoints.unwrap_or(number(ENDPOINTS, 5));
    for (name, is_shared) in [
        ("one document for all", true),
        ("a document for each", false),
    ] {
        run(name, endpoints, is_shared).await;
    }
}

async fn run(name: &str, endpoints: usize, is_shared: bool) {
    let received = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&received);
    let take = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        std::future::ready(StatusCode::NO_CONTENT)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let receiver = listener.local_addr().unwrap();
    let router = Router::new().route("/{endpoint}", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/profiles.db", folder.path().display());
    prepare(&url).await;
    let store = Store::open(&url, &Options::default()).await.unwrap();
    let token = async |role, name: &str| {
        let made = store.create_token(role, name, Some(name), None);
        made.await.unwrap()
    };
    let [carla, eva] = [
        token(Role::Contributor, "carla").await,
        token(Role::Editor, "eva").await,
    ];
    store.close().await;
    let mut server = Command::new(env!("CARGO_BIN_EXE_cyberprofiles"))
        .env_clear()
        .env("CYBERPROFILES_LISTEN", "127.0.0.1:0")
        .env("CYBERPROFILES_DATABASE_URL", &url)
        .env("CYBERPROFILES_WEBHOOK_ALLOW", "127.0.0.1")
        .env("CYBERPROFILES_MAX_WEBHOOKS_PER_PERSON", "100000")
        .env("CYBERPROFILES_MAX_PROPOSALS_PER_SECOND", "1000000")
        .env("CYBERPROFILES_MAX_COST_PER_SECOND", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let out = server.stdout.as_mut().unwrap();
    BufReader::new(out).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on ").unwrap();
    let client = reqwest::Client::new();
    let ask = async |token: &str, query: &str, input: Value| {
        let request = client.post(format!("{address}/graphql")).bearer_auth(token);
        let request = request.json(&json!({ "query": query, "variables": { "input": input } }));
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].clone()
    };
    let create = "mutation($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } userErrors { message } } }";
    for endpoint in 0..endpoints {
        let alias = if is_shared { 0 } else { endpoint };
        let document = format!(
            "subscription {{ changes {{ cursor sequence recordId operation record {{ label }} a{alias}: committedAt }} }}"
        );
        let input = json!({ "url": format!("http://{receiver}/{endpoint}"), "document": document });
        let made = ask(&carla, create, input).await;
        assert_eq!(made["createWebhook"]["userErrors"], json!([]));
    }
    // The tasks of the last webhooks have started.
    tokio::time::sleep(Duration::from_millis(number(2_000, 200))).await;
    let before = cpu(&server);
    let idle = Instant::now();
    tokio::time::sleep(Duration::from_millis(number(5_000, 200))).await;
    let at_rest = (cpu(&server) - before) / idle.elapsed().as_secs_f64();
    let verify = "mutation($input: VerifyRecordInput!) { verifyRecord(input: $input) { userErrors { message } } }";
    for round in 1..=3 {
        received.store(0, Ordering::Relaxed);
        let (before, begun) = (cpu(&server), Instant::now());
        let input = json!({ "id": "Treaty:ets-185", "verifiedOn": "2026-01-01" });
        ask(&eva, verify, input).await;
        while received.load(Ordering::Relaxed) < endpoints {
            assert!(begun.elapsed() < Duration::from_mins(5));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let took = begun.elapsed();
        // The last outcomes are recorded.
        tokio::time::sleep(Duration::from_millis(number(1_000, 100))).await;
        let used = cpu(&server) - before;
        let each = used * 1_000_000.0 / f64::from(u32::try_from(endpoints).unwrap());
        println!(
            "{name}, round {round}: {endpoints} deliveries in {took:.2?}, {each:.0} µs CPU each"
        );
    }
    println!(
        "{name}: {:.1} ms CPU a second at rest, {:.0} MiB",
        at_rest * 1_000.0,
        memory(&server)
    );
    server.kill().unwrap();
    server.wait().unwrap();
}

/// CPU time of a process so far, in seconds.
fn cpu(server: &Child) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{}/stat", server.id())).unwrap();
    let (_, rest) = text.rsplit_once(") ").unwrap();
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = |at: usize| fields[at].parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / TICKS
}

/// Resident memory of a process, in MiB.
fn memory(server: &Child) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = text.lines().find(|line| line.starts_with("VmRSS"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<f64>().unwrap() / 1_024.0
}
