//! Measures the memory of the program on the bundled data: resident after its start, and after each kind of load that the
//! other benchmarks make, one after another in one process. At the end it prints what each cache takes.
//!
//! Run `cargo bench --bench memory`.

#![allow(
    missing_docs,
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot continue panics"
)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use cyberprofiles::store::{Options, Store};
use serde_json::json;

use bare::{load, number, prepare};
use program::Program;

#[allow(dead_code, reason = "other benchmarks use more of it")]
mod bare;
#[allow(dead_code, reason = "other benchmarks use more of it")]
mod program;

/// The most that may be resident after all of this, in MiB.
const MAX_RESIDENT: f64 = 80.0;
/// Number of connections that send requests at the same time.
const CONNECTIONS: usize = 8;

/// The queries.
const QUERIES: [&str; 7] = [
    "{ country(code: \"AZ\") { name code region treatyStatus { status since { edtf } } } }",
    "{ countries(first: 50) { nodes { name treatyStatus { status }
        treatyEvents(first: 10) { nodes { kind date { edtf } treaty { shortTitle } } }
        policyDocuments(first: 5) { nodes { title status } } } } }",
    include_str!("../tests/api/profile.graphql"),
    "{ countries(first: 250) { nodes { code name region treatyStatus { status } } } }",
    "{ treatyEvents(first: 25, filter: { countries: [\"AZ\", \"FR\", \"DE\", \"JP\", \"BR\"], from: \"2005-01-01\" }) {
        totalCount pageInfo { endCursor } nodes { kind date { edtf } country { name } treaty { shortTitle } } } }",
    "{ policyDocuments(first: 100) { nodes { title kind effectiveStatus subjects country { name } } } }",
    "{ records(first: 100) { nodes { recordId version label updatedAt } pageInfo { endCursor } } }",
];

/// The pages.
const PAGES: [&str; 6] = [
    "/?",
    "/countries?",
    "/countries/AZ?",
    "/treaties/ETS-185?",
    "/compare?country=AZ&country=FR&country=DE",
    "/changes?",
];

/// The searches.
const SEARCHES: [&str; 6] = [
    "cybercrime",
    "national cybersecurity strategy",
    "azerbijan",
    "cyb",
    "budapest convention",
    "article 35",
];

/// The bundled countries.
const COUNTRIES: &str = include_str!("../data/02-countries.jsonl");

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if bare::is_client(&arguments) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/profiles.db", folder.path().display());
    prepare(&url).await;
    let first = Program::start(&url);
    tell("first start, with the bundled data", &first);
    drop(first);
    let program = Program::start(&url);
    let each = number(400, 3);
    // The search index is built after the start.
    send(&program, searches(1)).await;
    tell("start", &program);
    send(&program, repeated(each)).await;
    tell("repeated reads", &program);
    send(&program, new(each)).await;
    tell("new reads", &program);
    send(&program, countries(each)).await;
    tell("reads of all countries", &program);
    send(&program, pages(each)).await;
    tell("pages", &program);
    send(&program, searches(each)).await;
    tell("searches", &program);
    follow(&program, &url, number(1_000, 5)).await;
    tell("followers", &program);
    let resident = program.resident();
    println!("{resident:.0} MiB at the end, at most {MAX_RESIDENT} wanted");
    for line in metrics(program.address).lines() {
        if line.starts_with("cyberprofiles_cache_") {
            println!("  {line}");
        }
    }
}

fn tell(stage: &str, program: &Program) {
    println!(
        "{stage:36} {:>6.1} MiB resident, {:>6.1} MiB without files",
        program.resident(),
        program.anonymous()
    );
}

async fn send(program: &Program, bodies: Vec<String>) {
    load(program.address, CONNECTIONS, &bodies).await;
}

fn body(query: &str) -> String {
    json!({ "query": query }).to_string()
}

fn repeated(each: usize) -> Vec<String> {
    let of = |query: &&str| vec![body(query); each];
    QUERIES.iter().flat_map(of).collect()
}

fn new(each: usize) -> Vec<String> {
    let of = |query: &&str| -> Vec<String> {
        (0..each)
            .map(|number| body(&format!("{query} #{number}")))
            .collect()
    };
    QUERIES.iter().flat_map(of).collect()
}

/// The profiles of all countries, by variable and as new documents.
fn countries(each: usize) -> Vec<String> {
    let profile = include_str!("../tests/api/profile.graphql");
    let codes = COUNTRIES.split("\"code\":\"").skip(1);
    let codes = codes.filter_map(|rest| rest.get(..2)).take(each);
    codes
        .map(|code| body(&profile.replace("\"AZ\"", &format!("\"{code}\""))))
        .collect()
}

fn pages(each: usize) -> Vec<String> {
    let of = |path: &&str| -> Vec<String> {
        (0..each)
            .map(|number| format!("GET {path}&n={}", number / 2))
            .collect()
    };
    PAGES.iter().flat_map(of).collect()
}

fn searches(each: usize) -> Vec<String> {
    let query = "query($query: String!) { search(query: $query, first: 10) {
        totalCount nodes { score highlights record { recordId label } } } }";
    let of = |words: &&str| {
        let body = json!({ "query": query, "variables": { "query": words }, "extensions": { "cost": true } });
        vec![body.to_string(); each]
    };
    SEARCHES.iter().flat_map(of).collect()
}

/// Lets followers come, receive changes, and go.
async fn follow(program: &Program, url: &str, followers: usize) {
    let query = "subscription { changes { cursor sequence record { label } } }";
    let body = body(query);
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut streams = Vec::new();
    for _ in 0..followers {
        let mut stream = TcpStream::connect(program.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        streams.push(stream);
    }
    for stream in &mut streams {
        assert_ne!(stream.read(&mut [0; 1_024]).unwrap(), 0);
    }
    let store = Store::open(url, &Options::default()).await.unwrap();
    for number in 0..10 {
        let line = json!({ "createSource": { "key": format!("memory-{number}"),
            "fields": { "kind": "NEWS", "title": format!("News {number}") } } });
        let line = std::iter::once(Ok(line.to_string()));
        store.import(line, false, &mut |_| {}).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    store.close().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    tell("with followers", program);
    drop(streams);
    tokio::time::sleep(Duration::from_secs(2)).await;
}

fn metrics(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = "GET /metrics HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
