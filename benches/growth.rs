//! Measures how costs grow with the data: ten and a hundred times as much as the bundled data, in SQLite. Reads, searches
//! and writes are measured by CPU time of the server's process per request, beside a bare axum handler that returns the
//! same bytes; the first request after a change by the CPU time of that one request; start and memory with the program
//! itself. Costs of answers are also compared by returned object, because longer lists fill more of a page.
//!
//! Run `cargo bench --bench growth`, or `cargo bench --bench growth -- 1 10` for these sizes only.

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

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use cyberprofiles::domain::contribution::CreateContributionInput;
use cyberprofiles::domain::text::Markdown;
use cyberprofiles::domain::viewer::{Actor, Role, Viewer};
use cyberprofiles::graphql::Service;
use cyberprofiles::graphql::limits::Limits;
use cyberprofiles::http::{App, Guard, Settings};
use cyberprofiles::store::{Options, Store};
use serde_json::{Value, json};

use bare::{NUMBER, ask, cost, cpu_of_threads, load, number, serve, serve_bare};
use generated::generated;
use program::Program;

#[allow(dead_code, reason = "other benchmarks use more of it")]
mod bare;
mod generated;
#[allow(dead_code, reason = "other benchmarks use more of it")]
mod program;

/// Number of lines of the bundled data, rounded.
const LINES: usize = 7_000;

/// Number of times that the bare handler receives the body of each write.
const TIMES: usize = 20;

/// The queries by name.
const QUERIES: [(&str, &str); 5] = [
    (
        "one country",
        "{ country(code: \"AZ\") { name code region treatyStatus { status since { edtf } } } }",
    ),
    (
        "fifty nested",
        "{ countries(first: 50) { nodes { name treatyStatus { status }
            treatyEvents(first: 10) { nodes { kind date { edtf } treaty { shortTitle } } }
            policyDocuments(first: 5) { nodes { title status } } } } }",
    ),
    (
        "whole profile",
        include_str!("../tests/api/profile.graphql"),
    ),
    (
        "250 countries",
        "{ countries(first: 250) { nodes { code name region treatyStatus { status } } } }",
    ),
    (
        "100 documents",
        "{ policyDocuments(first: 100) { nodes { title kind effectiveStatus subjects country { name } } } }",
    ),
];

const SEARCH: &str = "{ search(query: \"national cybersecurity strategy\", first: 10) { nodes { record { recordId label } } } }";

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Costs and numbers of objects at the smallest size, by name.
type Smallest = HashMap<String, (f64, usize)>;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if bare::is_client(&arguments) {
        return;
    }
    let wanted = arguments.iter().filter_map(|size| size.parse().ok());
    let mut sizes: Vec<usize> = wanted.collect();
    if sizes.is_empty() {
        sizes = number(vec![1, 10, 100], vec![1, 2]);
    }
    let mut smallest = Smallest::new();
    for size in sizes {
        measure(size, &mut smallest).await;
    }
}

async fn measure(size: usize, smallest: &mut Smallest) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("profiles.db").display());
    let store = Store::open(&url, &Options::default()).await.unwrap();
    bare::load_bundled(&store).await;
    let lines = number(LINES, LINES / 50);
    let more = generated((size - 1) * lines);
    println!(
        "\n{size} times the bundled data ({} lines more)",
        more.len()
    );
    if !more.is_empty() {
        let more = more.into_iter().map(Ok);
        store.import(more, false, &mut |_| {}).await.unwrap();
    }
    let limits = Limits {
        max_anonymous_cost_per_second: 0,
        max_tips_per_hour: i32::MAX,
        max_proposals_per_second: 0,
        ..Limits::default()
    };
    let token = store.create_token(Role::Editor, "eva", Some("eva"), None);
    let token = token.await.unwrap();
    let guard = Guard::new(store.clone(), None);
    let service = Service::new(store.clone(), limits);
    let ours = serve(App::new(service.clone(), guard, Settings::default())).await;
    let kept = service.clone();
    tokio::spawn(async move { kept.keep_search_index().await });
    while service.stats().search.records == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    println!(
        "{:32} {:>8} {:>8} {:>9} {:>7} {:>8} {:>10}",
        "request", "objects", "bare µs", "ours µs", "ratio", "growth", "per object"
    );
    let searched = [("search", SEARCH)];
    for (name, query) in QUERIES.into_iter().chain(searched) {
        let again = json!({ "query": query }).to_string();
        let answer = ask(ours, &again).await;
        let objects = objects(&answer);
        let bare = serve_bare(answer).await;
        let limit = cost(bare, &again).await;
        // A different comment makes a new document of each request.
        let anew = json!({ "query": format!("{query} #{NUMBER}") }).to_string();
        for (how, body) in [("repeated", again), ("new", anew)] {
            let found = cost(ours, &body).await;
            row(&format!("{name}, {how}"), objects, limit, found, smallest);
        }
    }
    writes(ours, &store, &token, smallest).await;
    first_requests(ours, &store, smallest).await;
    store.close().await;
    programs(&url, smallest).await;
}

/// Prints a line, and compares it with that of the smallest size.
fn row(name: &str, objects: usize, bare: f64, ours: f64, smallest: &mut Smallest) {
    let (first, first_objects) = *smallest
        .entry(name.to_owned())
        .or_insert((ours, objects.max(1)));
    let growth = ours / first;
    let per_object = growth * first_objects as f64 / objects.max(1) as f64;
    println!(
        "{name:32} {objects:>8} {bare:>8.0} {ours:>9.0} {:>7.2} {growth:>7.2}x {per_object:>9.2}x",
        ours / bare
    );
}

/// Number of objects in an answer.
fn objects(answer: &str) -> usize {
    assert!(!answer.contains("\"errors\""), "{answer}");
    answer.matches('{').count()
}

/// CPU time of one request, in microseconds, the client included.
async fn cpu_of(address: SocketAddr, body: &str) -> f64 {
    let before = cpu_of_threads();
    ask(address, body).await;
    cpu_of_threads() - before
}

fn median(mut found: Vec<f64>) -> f64 {
    found.sort_by(f64::total_cmp);
    found[found.len() / 2]
}

/// Makes the change of a record that has this version.
type Change = fn(usize) -> Value;

/// Measures the first request after a change of a record that most of the queries read.
async fn first_requests(ours: SocketAddr, store: &Store, smallest: &mut Smallest) {
    let rounds = number(9, 2);
    let changes: [(&str, Change); 3] = [
        ("document", |number| {
            json!({ "updatePolicyDocument": { "id": "PolicyDocument:growth", "baseVersion": number,
                "set": { "titles": [{ "text": format!("Title {number}"), "language": "en" }] },
                "cite": [{ "source": "Source:unsourced", "certainty": "UNVERIFIED" }] } })
        }),
        ("event", |number| {
            json!({ "updateTreatyEvent": { "id": "TreatyEvent:growth", "baseVersion": number,
                "set": { "text": format!("Text {number}") },
                "cite": [{ "source": "Source:unsourced", "certainty": "UNVERIFIED" }] } })
        }),
        ("source", |number| {
            json!({ "createSource": { "key": format!("growth-{number}"),
                "fields": { "kind": "NEWS", "title": format!("News {number}") } } })
        }),
    ];
    let cite = json!([{ "source": "Source:unsourced", "certainty": "UNVERIFIED" }]);
    let created = [
        json!({ "createPolicyDocument": { "key": "growth", "cite": cite, "fields": { "kind": "LAW", "status": "IN_FORCE",
            "titles": [{ "text": "Title", "language": "en" }], "country": "AZ", "adoptedOn": "2024" } } }),
        json!({ "createTreatyEvent": { "key": "growth", "cite": cite, "fields": { "kind": "DECLARATION",
            "date": "2010-05", "country": "AZ", "treaty": "ETS 185", "articles": ["9"], "text": "Text" } } }),
    ];
    let lines = created.into_iter().map(|line| Ok(line.to_string()));
    store.import(lines, false, &mut |_| {}).await.unwrap();
    for (changed, change) in changes {
        let mut version = 0;
        for (name, query) in QUERIES {
            let body = json!({ "query": query }).to_string();
            let answer = ask(ours, &body).await;
            let objects = objects(&answer);
            let bare = serve_bare(answer).await;
            let (mut limits, mut found) = (Vec::new(), Vec::new());
            for _ in 0..rounds {
                version += 1;
                let line = std::iter::once(Ok(change(version).to_string()));
                let report = store.import(line, false, &mut |_| {}).await.unwrap();
                assert_eq!(report.created + report.updated, 1);
                // The follower of the search index reads the change, too.
                tokio::time::sleep(Duration::from_millis(30)).await;
                limits.push(cpu_of(bare, &body).await);
                found.push(cpu_of(ours, &body).await);
            }
            let name = format!("{name}, after {changed}");
            row(&name, objects, median(limits), median(found), smallest);
        }
    }
}

/// Measures tips, and acceptances of a new source.
async fn writes(ours: SocketAddr, store: &Store, token: &str, smallest: &mut Smallest) {
    let requests = number(500, 10);
    let tips: Vec<String> = (0..requests)
        .map(|number| {
            json!({
                "query": "mutation($m: String!) { submitTip(input: { country: \"AZ\", message: $m }) { userErrors { message } } }",
                "variables": { "m": format!("The strategy of {number} has a new address, which is not on the page yet.") }
            })
            .to_string()
        })
        .collect();
    let mut acceptances = Vec::new();
    for at in 0..requests {
        acceptances.push(acceptance(store, at, token).await);
    }
    for (name, bodies) in [("tip", tips), ("acceptance", acceptances)] {
        let answer = ask(ours, &bodies[0]).await;
        assert!(answer.contains("\"userErrors\":[]"), "{answer}");
        let bare = serve_bare(answer).await;
        // CPU time is counted in hundredths of a second.
        let often = [&bodies[1..]; TIMES].concat();
        let limit = load(bare, 1, &often).await.micros;
        let found = load(ours, 1, &bodies[1..]).await.micros;
        row(name, 1, limit, found, smallest);
    }
}

/// A request that accepts a new contribution.
async fn acceptance(store: &Store, number: usize, token: &str) -> String {
    let change = json!({ "createSource": { "key": format!("accepted-{number}"), "fields": {
        "kind": "WEB_PAGE", "title": format!("Source {number}") } } });
    let input = CreateContributionInput {
        title: format!("Source {number}"),
        rationale: Markdown("It is cited.".to_owned()),
        changes: vec![serde_json::from_value(change).unwrap()],
        submit: Some(true),
        validate_only: None,
        idempotency_key: None,
    };
    let author = Viewer::Identified(Actor {
        id: "author".to_owned(),
        name: "author".to_owned(),
        role: Role::Contributor,
    });
    let author = author.contributor().unwrap();
    let Ok(proposal) = input.checked() else {
        panic!("{number}");
    };
    let row = store.contributions().create(&author, proposal).await;
    let body = json!({
        "query": "mutation($i: ID!) { acceptContribution(input: { id: $i, revision: 1 }) { userErrors { message } } }",
        "variables": { "i": format!("Contribution:{}", row.unwrap().id) }
    });
    format!("{token}\t{body}")
}

/// Measures start and memory of the program on the database.
async fn programs(url: &str, smallest: &mut Smallest) {
    let program = Program::start(url);
    let started = program.started_in.as_secs_f64() * 1_000.0;
    let search = json!({ "query": SEARCH }).to_string();
    ask(program.address, &search).await;
    let indexed = program.resident();
    for (_, query) in QUERIES {
        ask(program.address, &json!({ "query": query }).to_string()).await;
    }
    let resident = program.resident();
    for (name, found) in [
        ("start until it listens, ms", started),
        ("resident with index, MiB", indexed),
        ("resident after reads, MiB", resident),
    ] {
        let (first, _) = *smallest.entry(name.to_owned()).or_insert((found, 1));
        println!("{name:32} {found:>36.0} {:>7.2}x", found / first);
    }
}
