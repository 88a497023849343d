//! Measures what writing costs: CPU time of the server's process per request and requests per second, compared with a
//! server that writes the same rows by hand in one transaction with the same durability, in the same run. The data are
//! the bundled ones, in SQLite.
//!
//! Run `cargo bench --bench writes`, or `cargo bench --bench writes -- 200` for 200 requests of each kind.

#![allow(
    missing_docs,
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot continue panics"
)]

use std::path::Path;

use cyberprofiles::domain::contribution::CreateContributionInput;
use cyberprofiles::domain::text::Markdown;
use cyberprofiles::domain::viewer::{Actor, Role, Viewer};
use cyberprofiles::graphql::Service;
use cyberprofiles::graphql::limits::Limits;
use cyberprofiles::http::{App, Guard, Settings};
use cyberprofiles::store::{Options, Store};
use serde_json::json;

use bare::{Load, ask, load, serve};
use by_hand::Table;

#[allow(dead_code, reason = "other benchmarks use more of it")]
#[path = "../bare/mod.rs"]
mod bare;
mod by_hand;

/// Default number of requests of each kind.
const REQUESTS: usize = 5_000;
/// Numbers of connections.
const CONNECTIONS: [usize; 2] = [1, 32];

/// The tables into which a tip is written.
const TIP: [Table; 3] = [
    Table {
        name: "contribution",
        ids: &["id"],
        numbers: &["touched"],
    },
    Table {
        name: "contribution_subject",
        ids: &["contribution"],
        numbers: &[],
    },
    Table {
        name: "contribution_step",
        ids: &["contribution"],
        numbers: &["touched"],
    },
];

/// The tables into which the acceptance of a new source is written.
const ACCEPTANCE: [Table; 5] = [
    Table {
        name: "change",
        ids: &[],
        numbers: &["sequence", "first"],
    },
    Table {
        name: "source",
        ids: &["id"],
        numbers: &["since"],
    },
    Table {
        name: "mention",
        ids: &["record"],
        numbers: &["since"],
    },
    Table {
        name: "chain",
        ids: &[],
        numbers: &["sequence"],
    },
    Table {
        name: "contribution_step",
        ids: &[],
        numbers: &["touched"],
    },
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
    let requests = arguments.iter().find_map(|one| one.parse().ok());
    let requests = requests.unwrap_or(bare::number(REQUESTS, 10));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("profiles.db");
    let url = format!("sqlite://{}", file.display());
    let store = Store::open(&url, &Options::default()).await.unwrap();
    bare::load_bundled(&store).await;
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
    let ours = serve(App::new(service, guard, Settings::default())).await;
    println!(
        "{:12} {:>11} {:>9} {:>9} {:>6} {:>9} {:>9}",
        "write", "connections", "hand µs", "ours µs", "ratio", "hand/s", "ours/s"
    );
    for connections in CONNECTIONS {
        let bodies: Vec<String> = (0..requests).map(tip).collect();
        check(&ask(ours, &bodies[0]).await);
        let by_hand = copied(
            &file,
            &folder.path().join(format!("tip{connections}.db")),
            &store,
            &TIP,
        )
        .await;
        print("tip", connections, ours, by_hand, &bodies).await;
    }
    for connections in CONNECTIONS {
        let mut bodies = Vec::new();
        for number in 0..=requests {
            bodies.push(acceptance(&store, connections * 1_000_000 + number, &token).await);
        }
        check(&ask(ours, &bodies.pop().unwrap()).await);
        let copy = folder.path().join(format!("acceptance{connections}.db"));
        let by_hand = copied(&file, &copy, &store, &ACCEPTANCE).await;
        print("acceptance", connections, ours, by_hand, &bodies).await;
    }
    println!("resident: {:.0} MiB", bare::resident());
}

fn check(answer: &str) {
    assert!(answer.contains("\"userErrors\":[]"), "{answer}");
}

async fn print(
    write: &str,
    connections: usize,
    ours: std::net::SocketAddr,
    by_hand: std::net::SocketAddr,
    bodies: &[String],
) {
    let hand: Load = load(by_hand, connections, bodies).await;
    let ours: Load = load(ours, connections, bodies).await;
    println!(
        "{write:12} {connections:>11} {:>9.0} {:>9.0} {:>6.2} {:>9.0} {:>9.0}",
        hand.micros,
        ours.micros,
        ours.micros / hand.micros,
        hand.per_second,
        ours.per_second
    );
}

/// Starts a server that writes by hand into a copy of the database.
async fn copied(file: &Path, copy: &Path, store: &Store, tables: &[Table]) -> std::net::SocketAddr {
    // The last writes are still in the journal.
    store.can_write().await.unwrap();
    for ending in ["", "-wal"] {
        let name = |path: &Path| format!("{}{ending}", path.display());
        if Path::new(&name(file)).exists() {
            std::fs::copy(name(file), name(copy)).unwrap();
        }
    }
    by_hand::serve(copy, tables).await
}

fn tip(number: usize) -> String {
    json!({
        "query": "mutation($m: String!) { submitTip(input: { country: \"AZ\", message: $m }) \
            { contribution { id } userErrors { message } } }",
        "variables": { "m": format!("The strategy of {number} has a new address, which is not on the page yet.") }
    })
    .to_string()
}

/// A request that accepts a new contribution.
async fn acceptance(store: &Store, number: usize, token: &str) -> String {
    let change = json!({ "createSource": { "key": format!("bench-{number}"), "fields": {
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
        "query": "mutation($i: ID!) { acceptContribution(input: { id: $i, revision: 1 }) \
            { contribution { state } userErrors { message } } }",
        "variables": { "i": format!("Contribution:{}", row.unwrap().id) }
    });
    format!("{token}\t{body}")
}
