//! Measures how long searches take, compared with a query of one country in the same run: the median and the slowest
//! of a hundred. The response cache answers neither. The bundled data set is measured, and ten and a hundred times as
//! much data.
//!
//! Run `cargo bench --bench search`, or `cargo bench --bench search -- 10` for the size 10 only.

#![allow(
    missing_docs,
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot continue panics"
)]

use std::time::{Duration, Instant};

use cyberprofiles::graphql::Service;
use cyberprofiles::graphql::limits::Limits;
use cyberprofiles::http::{App, Guard, Settings};
use cyberprofiles::store::{Options, Store};
use serde_json::{Value, json};

use bare::{ask, latencies, number, serve};
use generated::generated;

#[allow(dead_code, reason = "other benchmarks use more of it")]
mod bare;
mod generated;

/// Number of requests of each kind.
const REQUESTS: usize = 3_000;

/// Searches: common and rare words, beginnings of words, names of countries, typing errors.
const SEARCHES: [&str; 24] = [
    "cybercrime",
    "law",
    "convention",
    "national",
    "cybercrime law",
    "national cybersecurity strategy",
    "azerbaijan",
    "france",
    "france cybercrime law",
    "name",
    "agency training",
    "article 35",
    "cyb",
    "nat",
    "cyber",
    "min inter",
    "anssi",
    "bundeskriminalamt",
    "budapest convention",
    "azerbijan",
    "federal crimnal police",
    "strategey cybersecurity",
    "qwertyuiop",
    "europe",
];

const SEARCH: &str =
    "query($query: String!) { search(query: $query, first: 10) { nodes { record { recordId } } } }";
const FULL_SEARCH: &str = "query($query: String!) { search(query: $query, first: 10) {
    totalCount pageInfo { endCursor } nodes { score highlights record { recordId label } } } }";
const COUNTRY: &str =
    "query($code: CountryCode!) { country(code: $code) { name region treatyStatus { status } } }";

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted: Vec<usize> = arguments
        .iter()
        .filter_map(|size| size.parse().ok())
        .collect();
    for size in number(vec![1, 10, 100], vec![1]) {
        if wanted.is_empty() || wanted.contains(&size) {
            measure(size).await;
        }
    }
}

async fn measure(size: usize) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("profiles.db").display());
    let store = Store::open(&url, &Options::default()).await.unwrap();
    bare::load_bundled(&store).await;
    let more = generated((size - 1) * 7_060);
    store
        .import(more.into_iter().map(Ok), false, &mut |_| {})
        .await
        .unwrap();
    let limits = Limits {
        max_anonymous_cost_per_second: 0,
        ..Limits::default()
    };
    let guard = Guard::new(store.clone(), None);
    let service = Service::new(store.clone(), limits);
    let ours = serve(App::new(service.clone(), guard, Settings::default())).await;
    // As the server does when it starts.
    let begun = Instant::now();
    let kept = service.clone();
    tokio::spawn(async move { kept.keep_search_index().await });
    while service.stats().search.records == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let built = begun.elapsed().as_secs_f64();
    let first = ask(ours, &body(SEARCH, &json!({ "query": "cybercrime" }))).await;
    assert!(!first.contains("\"errors\""), "{first}");
    let index = service.stats().search;
    println!(
        "\n{size} times the bundled data: {} records, index built in {built:.2} s, {} MiB estimated, resident {:.0} MiB",
        index.records,
        index.bytes >> 20,
        bare::resident()
    );
    let codes = ["AZ", "FR", "DE", "JP", "BR", "GE", "AM", "PT"];
    let requests = number(REQUESTS, 30);
    let countries =
        (0..requests).map(|at| body(COUNTRY, &json!({ "code": codes[at % codes.len()] })));
    let countries = latencies(ours, countries.collect()).await;
    let limit = shown("one country", &countries, None);
    for (name, query) in [("search", SEARCH), ("search, all fields", FULL_SEARCH)] {
        let bodies = (0..requests).map(|at| searched(query, at));
        shown(name, &latencies(ours, bodies.collect()).await, Some(limit));
    }
    let mut slowest: Vec<(f64, &str)> = Vec::new();
    for text in SEARCHES {
        let bodies = vec![body(SEARCH, &json!({ "query": text })); number(50, 1)];
        slowest.push((at(&latencies(ours, bodies).await, 50), text));
    }
    slowest.sort_by(|one, other| other.0.total_cmp(&one.0));
    let slowest: Vec<String> = slowest
        .iter()
        .take(5)
        .map(|(took, text)| format!("{text} {took:.0}"))
        .collect();
    println!("slowest medians in µs: {}", slowest.join(", "));
}

fn searched(query: &str, at: usize) -> String {
    body(query, &json!({ "query": SEARCHES[at % SEARCHES.len()] }))
}

/// A request for its cost is never answered from the response cache.
fn body(query: &str, variables: &Value) -> String {
    json!({ "query": query, "variables": variables, "extensions": { "cost": true } }).to_string()
}

/// The latency that this number of a hundred requests do not exceed.
fn at(latencies: &[f64], of_hundred: usize) -> f64 {
    latencies[(latencies.len() - 1) * of_hundred / 100]
}

/// Prints the median and the slowest of a hundred; returns the latter.
fn shown(name: &str, latencies: &[f64], limit: Option<f64>) -> f64 {
    let (median, slow) = (at(latencies, 50), at(latencies, 99));
    let ratio = limit.map_or(String::new(), |limit| {
        format!(", {:.1} times one country", slow / limit)
    });
    println!("{name:20} median {median:6.0} µs, slowest of a hundred {slow:6.0} µs{ratio}");
    slow
}
