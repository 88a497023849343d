//! Measures what reads cost: CPU time of the server's process per request, compared with a bare axum handler. That
//! handler returns the same bytes to the same client in the same run. Both databases are measured, with the bundled
//! data set and with ten and a hundred times as much data. The CPU time of the PostgreSQL server is included only where
//! the same question is answered by hand-written SQL, too.
//!
//! Run `cargo bench`, or `cargo bench --bench reads -- 10` for the size 10 only. With `claims`, only what is compared
//! with a limit is measured, with the bundled data set and with a hundred times as much data.

#![allow(
    missing_docs,
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot continue panics"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use cyberprofiles::graphql::Service;
use cyberprofiles::graphql::limits::Limits;
use cyberprofiles::http::{App, Guard, Settings};
use cyberprofiles::store::{Options, Store};
use serde_json::json;

use bare::{CODE, NUMBER, ask, cost, serve, serve_bare};
use generated::generated;

#[allow(dead_code, reason = "other benchmarks use more of it")]
#[path = "../bare/mod.rs"]
mod bare;
mod by_hand;
mod claims;
#[path = "../generated/mod.rs"]
mod generated;
#[allow(dead_code, reason = "only the tests use all of it")]
#[path = "../../tests/api/postgresql.rs"]
mod postgresql;

/// Number of measurements of each query; the median counts.
const ROUNDS: usize = 5;

/// The queries by name.
const QUERIES: [(&str, &str); 7] = [
    (
        "one country",
        "{ country(code: \"AZ\") { name code region treatyStatus { status since { edtf } } } }",
    ),
    (
        "fifty nested",
        "{ countries(first: 50) { nodes { name treatyStatus { status }
            treatyEvents(first: 10) { nodes { kind date { edtf } treaty { shortTitle } } } } } }",
    ),
    (
        "whole profile",
        include_str!("../../tests/api/profile.graphql"),
    ),
    (
        "250 countries",
        "{ countries(first: 250) { nodes { code name region treatyStatus { status } } } }",
    ),
    (
        "filtered page",
        "{ treatyEvents(first: 25, filter: { countries: [\"AZ\", \"FR\", \"DE\", \"JP\", \"BR\"], from: \"2005-01-01\" }) {
            totalCount pageInfo { endCursor } nodes { kind date { edtf } country { name } treaty { shortTitle } } } }",
    ),
    (
        "100 documents",
        "{ policyDocuments(first: 100) { nodes { title kind effectiveStatus subjects country { name } } } }",
    ),
    (
        "100 records",
        "{ records(first: 100) { nodes { recordId version label updatedAt } pageInfo { endCursor } } }",
    ),
];

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if bare::is_client(&arguments) {
        return;
    }
    let wanted: Vec<usize> = arguments
        .iter()
        .filter_map(|size| size.parse().ok())
        .collect();
    let only_claims = arguments.iter().any(|argument| argument == "claims");
    let mut claims = claims::Claims::default();
    for size in bare::number(vec![1, 10, 100], vec![1]) {
        let is_wanted = if wanted.is_empty() {
            !only_claims || size != 10
        } else {
            wanted.contains(&size)
        };
        if !is_wanted {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("profiles.db");
        let url = format!("sqlite://{}", file.display());
        measure("SQLite", &url, size, only_claims, &mut claims).await;
        match postgresql::Server::start() {
            Some(server) => {
                let url = server.create("bench", None).await;
                measure("PostgreSQL", &url, size, only_claims, &mut claims).await;
            }
            None => println!("PostgreSQL: skipped, it is not installed"),
        }
    }
}

async fn measure(
    name: &str,
    url: &str,
    size: usize,
    only_claims: bool,
    claims: &mut claims::Claims,
) {
    let statements = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&statements);
    let options = Options {
        readers: 4,
        on_statement: Some(Arc::new(move |_: &str| {
            counted.fetch_add(1, Ordering::Relaxed);
        })),
        ..Options::default()
    };
    let store = Store::open(url, &options).await.unwrap();
    bare::load_bundled(&store).await;
    let begun = Instant::now();
    let more = generated((size - 1) * 1_000);
    let lines = more.len();
    if lines > 0 {
        store
            .import(more.into_iter().map(Ok), false, &mut |_| {})
            .await
            .unwrap();
    }
    let rate = f64::from(u32::try_from(lines).unwrap()) / begun.elapsed().as_secs_f64();
    println!(
        "\n{name}, {size} times the bundled data ({lines} lines more, {rate:.0} lines per second)"
    );
    let limits = Limits {
        max_anonymous_cost_per_second: 0,
        ..Limits::default()
    };
    let guard = Guard::new(store.clone(), None);
    let service = Service::new(store.clone(), limits);
    let ours = serve(App::new(service, guard, Settings::default())).await;
    claims.measure(name, url, size, ours).await;
    if !only_claims {
        table(ours, &statements).await;
    }
    println!("resident: {:.0} MiB", bare::resident());
}

/// Measures every query in its three forms, beside a bare handler.
async fn table(ours: SocketAddr, statements: &AtomicUsize) {
    println!(
        "{:16} {:>9} {:>8} {:>9} {:>7} {:>9} {:>7} {:>9} {:>7} {:>11}",
        "query",
        "bytes",
        "bare µs",
        "cached µs",
        "ratio",
        "exec. µs",
        "ratio",
        "parsed µs",
        "ratio",
        "first, SQL"
    );
    let three = three_profiles();
    let compared = [("three profiles", three.as_str())];
    for (name, query) in QUERIES.into_iter().chain(compared) {
        let repeated = json!({ "query": query }).to_string();
        statements.store(0, Ordering::Relaxed);
        let answer = ask(ours, &repeated).await;
        let asked = statements.load(Ordering::Relaxed);
        assert!(!answer.contains("\"errors\""), "{answer}");
        let bytes = answer.len();
        let bare = serve_bare(answer).await;
        let bodies = Bodies {
            again: repeated,
            // A request for its cost is never answered from the response cache.
            anew: json!({ "query": query, "extensions": { "cost": true } }).to_string(),
            // A different comment makes a new document of each request.
            text: json!({ "query": format!("{query} #{NUMBER}") }).to_string(),
        };
        row(ours, bare, name, bytes, &bodies, asked).await;
    }
    let query = "query($code: CountryCode!) { country(code: $code) { name region treatyStatus { status } } }";
    let by_variable = |code: &str| json!({ "query": query, "variables": { "code": code } });
    let answer = ask(ours, &by_variable("AZ").to_string()).await;
    assert!(!answer.contains("\"errors\""), "{answer}");
    let bytes = answer.len();
    let bare = serve_bare(answer).await;
    let any = by_variable(CODE).to_string();
    let [limit, cost] = medians([(bare, &any), (ours, &any)]).await;
    println!(
        "{:16} {bytes:>9} {limit:>8.0} {cost:>9.0} {:>7.2}",
        "any country",
        cost / limit
    );
}

/// The whole profiles of three countries in one query.
fn three_profiles() -> String {
    let profile = include_str!("../../tests/api/profile.graphql");
    let (_, profile) = profile.split_once('{').unwrap();
    let (profile, _) = profile.rsplit_once('}').unwrap();
    let of = |code: &str| {
        profile.replacen(
            "country(code: \"AZ\")",
            &format!("{code}: country(code: \"{code}\")"),
            1,
        )
    };
    format!("{{ {} }}", ["AZ", "FR", "DE"].map(of).join(" "))
}

/// A query in three forms.
struct Bodies {
    /// The response is in the cache.
    again: String,
    /// Document and rows are in the cache; the query is executed each time.
    anew: String,
    /// The document is new each time: it is parsed and validated, too.
    text: String,
}

/// Measures a query in its three forms and prints one line.
async fn row(
    ours: SocketAddr,
    bare: SocketAddr,
    name: &str,
    bytes: usize,
    bodies: &Bodies,
    statements: usize,
) {
    let asked = [
        (bare, &bodies.again),
        (ours, &bodies.again),
        (ours, &bodies.anew),
        (ours, &bodies.text),
    ];
    let [limit, again, anew, text] = medians(asked).await;
    println!(
        "{name:16} {bytes:>9} {limit:>8.0} {again:>9.0} {:>7.2} {anew:>9.0} {:>7.1} {text:>9.0} {:>7.1} {statements:>11}",
        again / limit,
        anew / limit,
        text / limit
    );
}

/// CPU microseconds of each request: the median of some rounds. The requests take turns in each round, because the
/// speed of the machine varies.
async fn medians<const N: usize>(asked: [(SocketAddr, &String); N]) -> [f64; N] {
    let mut found = [const { Vec::new() }; N];
    for _ in 0..bare::number(ROUNDS, 1) {
        for (found, (address, body)) in found.iter_mut().zip(asked) {
            found.push(cost(address, body).await);
        }
    }
    found.map(|mut costs: Vec<f64>| {
        costs.sort_by(f64::total_cmp);
        costs[costs.len() / 2]
    })
}
