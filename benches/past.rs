//! Compares queries about the past with queries about now, in a database with five versions of every record. It queries
//! now, another as-of date, and the cursor before the first later version, on both databases.
//!
//! Run `cargo bench --bench past`.

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

use cyberprofiles::graphql::Service;
use cyberprofiles::graphql::limits::Limits;
use cyberprofiles::http::{App, Guard, Settings};
use cyberprofiles::store::{Options, Store};
use serde_json::{Value, json};

use bare::{ask, cost, number, serve, serve_bare};

#[allow(dead_code, reason = "other benchmarks use more of it")]
mod bare;
#[allow(dead_code, reason = "only the tests use all of it")]
#[path = "../tests/api/postgresql.rs"]
mod postgresql;

/// Number of versions of every record.
const VERSIONS: i64 = 5;

/// The change that makes a version of a record: a field that no query below selects.
fn edit(kind: &str, version: i64) -> Value {
    let field = match kind {
        "Country" => "designationNote",
        "Treaty" => "openedAt",
        "TreatyEvent" => "namedAs",
        "PolicyDocument" => "publication",
        "CybersecurityBody" | "OperationalUnit" => "acronym",
        "CoverageAssertion" => "statement",
        "ArticleImplementation" => "remark",
        "CourtDecision" => "summary",
        "Source" => "publisher",
        // Some sections have no text.
        _ => "language",
    };
    let texts = ["en", "fr", "az", "de", "it"];
    let text = texts[usize::try_from(version).unwrap() % texts.len()];
    json!({ field: text })
}

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if bare::is_client(&arguments) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("profiles.db");
    measure("SQLite", &format!("sqlite://{}", file.display())).await;
    if number(false, true) {
        return;
    }
    match postgresql::Server::start() {
        Some(server) => measure("PostgreSQL", &server.create("bench", None).await).await,
        None => println!("PostgreSQL: skipped, it is not installed"),
    }
}

async fn measure(name: &str, url: &str) {
    let options = Options {
        readers: 4,
        ..Options::default()
    };
    let store = Store::open(url, &options).await.unwrap();
    bare::load_bundled(&store).await;
    let limits = Limits {
        max_anonymous_cost_per_second: 0,
        ..Limits::default()
    };
    let guard = Guard::new(store.clone(), None);
    let service = Service::new(store.clone(), limits);
    let ours = serve(App::new(service, guard, Settings::default())).await;
    let head = answer(ours, "{ head { cursor } }").await;
    let old = head["head"]["cursor"].clone();
    let records = edited(&store, ours).await;
    println!("\n{name}, {VERSIONS} versions of {records} records");
    println!(
        "{:14} {:>8} {:>9} {:>9} {:>8} {:>14} {:>10} {:>10}",
        "query", "bytes", "bare µs", "now µs", "ratio", "asOf 2026", "old cursor", "both"
    );
    let profile = include_str!("../tests/api/profile.graphql");
    let (_, profile) = profile.split_once('{').unwrap();
    let (profile, _) = profile.rsplit_once('}').unwrap();
    let fifty = "countries(first: 50) { nodes { name treatyStatus { status }
        treatyEvents(first: 10) { nodes { kind date { edtf } treaty { shortTitle } } }
        policyDocuments(first: 5) { nodes { title status } } } }";
    for (name, fields) in [("whole profile", profile), ("fifty nested", fifty)] {
        let now = format!("{{ {fields} }}");
        let at = |arguments: &str| format!("{{ at({arguments}) {{ {fields} }} }}");
        let day = "asOf: \"2026-01-01\"";
        let cursor = format!("cursor: {old}");
        let both = format!("{day}, {cursor}");
        let bytes = ask(ours, &body(&now)).await;
        let bare = serve_bare(bytes.clone()).await;
        let limit = cost(bare, &body(&now)).await;
        let present = cost(ours, &body(&now)).await;
        let mut beside = Vec::new();
        for arguments in [day, &cursor, &both] {
            let query = at(arguments);
            assert!(answer(ours, &query).await["at"].is_object());
            beside.push(cost(ours, &body(&query)).await / present);
        }
        println!(
            "{name:14} {:>8} {limit:>9.0} {present:>9.0} {:>8.0} {:>13.2}x {:>9.2}x {:>9.2}x",
            bytes.len(),
            present / limit,
            beside[0],
            beside[1],
            beside[2]
        );
    }
}

fn body(query: &str) -> String {
    json!({ "query": query }).to_string()
}

async fn answer(address: SocketAddr, query: &str) -> Value {
    let answer: Value = serde_json::from_str(&ask(address, &body(query)).await).unwrap();
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"].clone()
}

/// Edits every record until it has all its versions. Returns the number of records.
async fn edited(store: &Store, address: SocketAddr) -> usize {
    let mut versions: Vec<(String, i64)> = Vec::new();
    let mut after = Value::Null;
    while after != "" {
        let query = format!(
            "{{ records(first: 100, after: {after}) {{ nodes {{ recordId version }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let page = answer(address, &query).await["records"].clone();
        for record in page["nodes"].as_array().unwrap() {
            let id = record["recordId"].as_str().unwrap().to_owned();
            versions.push((id, record["version"].as_i64().unwrap()));
        }
        after = if page["pageInfo"]["hasNextPage"] == true {
            page["pageInfo"]["endCursor"].clone()
        } else {
            json!("")
        };
    }
    for next in 2..=number(VERSIONS, 2) {
        let due = versions.iter().filter(|(_, version)| *version < next);
        let lines = due.map(|(id, _)| {
            let kind = id.split(':').next().unwrap();
            let mut update = json!({ "id": id, "baseVersion": next - 1, "set": edit(kind, next) });
            if kind != "Source" {
                update["cite"] =
                    json!([{ "source": "Source:unsourced", "certainty": "UNVERIFIED" }]);
            }
            Ok(json!({ format!("update{kind}"): update }).to_string())
        });
        let lines: Vec<_> = lines.collect();
        let count = lines.len();
        let report = store.import(lines.into_iter(), false, &mut |_| {}).await;
        assert_eq!(report.unwrap().updated, count);
    }
    versions.len()
}
