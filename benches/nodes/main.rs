//! Runs ten instances of the program on one PostgreSQL: writers publish 1,000 changes a minute through all of them, and
//! readers read from each at a fixed pace. Prints the CPU time of each instance and of the database, and how long reads
//! take; first with writers alone, then with readers, then with answers that may be a second old, then with a replica.
//!
//! Run `cargo bench --bench nodes`, or `cargo bench --bench nodes -- small` for three instances and a few seconds.

#![allow(
    missing_docs,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot continue panics"
)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cyberprofiles::bundle;
use cyberprofiles::domain::viewer::Role;
use cyberprofiles::store::{Options, Store};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

#[allow(dead_code, reason = "only the tests use all of it")]
#[path = "../../tests/api/postgresql.rs"]
mod postgresql;
mod process;

use postgresql::Server;
use process::{Node, cpu_of};

/// Size of a run.
struct Size {
    nodes: usize,
    /// Changes in a minute, by all writers.
    changes: f64,
    /// Reads in a second, from each instance.
    reads: f64,
    /// Duration of each part.
    time: Duration,
}

const WHOLE: Size = Size {
    nodes: 10,
    changes: 1_000.0,
    reads: 10.0,
    time: Duration::from_mins(1),
};
const SMALL: Size = Size {
    nodes: 3,
    changes: 300.0,
    reads: 5.0,
    time: Duration::from_secs(4),
};

/// One part of a run.
struct Part {
    name: &'static str,
    settings: Vec<(&'static str, String)>,
    has_readers: bool,
}

#[tokio::main]
async fn main() {
    let size = if std::env::args().any(|one| one == "small") {
        SMALL
    } else {
        WHOLE
    };
    let Some(primary) = Server::start() else {
        println!("PostgreSQL is not installed");
        return;
    };
    let url = primary.create("nodes", None).await;
    let store = Store::open(&url, &Options::default()).await.unwrap();
    bundle::load(&store).await.unwrap();
    let token = async |role, name: &str| {
        let made = store.create_token(role, name, Some(name), None);
        made.await.unwrap()
    };
    let tokens = [
        token(Role::Contributor, "carla").await,
        token(Role::Editor, "eva").await,
    ];
    store.close().await;
    let replica = primary.replica();
    println!(
        "{} instances, {} changes a minute, {} reads a second from each",
        size.nodes, size.changes, size.reads
    );
    println!(
        "{:<22} {:>8} {:>22} {:>9} {:>9} {:>8} {:>16}",
        "", "changes", "CPU per instance", "database", "replica", "reads", "ms: 50 %, 99 %"
    );
    let old = ("CYBERPROFILES_MAX_STALENESS_MS", "1000".to_owned());
    let read = ("CYBERPROFILES_READ_DATABASE_URL", replica.same(&url));
    for part in [
        Part {
            name: "writers alone",
            settings: Vec::new(),
            has_readers: false,
        },
        Part {
            name: "with readers",
            settings: Vec::new(),
            has_readers: true,
        },
        Part {
            name: "up to 1 s old",
            settings: vec![old],
            has_readers: true,
        },
        Part {
            name: "from a replica",
            settings: vec![read],
            has_readers: true,
        },
    ] {
        run(&size, &part, &url, &tokens, [&primary, &replica]).await;
    }
}

/// The changes and reads of the clients in one part.
#[derive(Default)]
struct Seen {
    changes: AtomicUsize,
    /// Durations of reads in milliseconds.
    reads: Mutex<Vec<f64>>,
}

async fn run(size: &Size, part: &Part, url: &str, tokens: &[String; 2], servers: [&Server; 2]) {
    let nodes: Vec<Node> = (0..size.nodes)
        .map(|_| Node::start(url, &part.settings))
        .collect();
    let hosts: Arc<[String]> = nodes.iter().map(|node| node.address().to_owned()).collect();
    // The instances have opened their connections, and filled their search indexes.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let seen = Arc::new(Seen::default());
    let done = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    let databases = || servers.map(cpu_of);
    let before: Vec<f64> = nodes.iter().map(Node::cpu).collect();
    let (before_databases, begun) = (databases(), Instant::now());
    clients.spawn(write(
        Arc::clone(&hosts),
        tokens.clone(),
        Duration::from_secs_f64(60.0 / size.changes),
        (Arc::clone(&seen), Arc::clone(&done)),
    ));
    if part.has_readers {
        for node in 0..size.nodes {
            clients.spawn(read(
                hosts[node].clone(),
                node,
                Duration::from_secs_f64(1.0 / size.reads),
                (Arc::clone(&seen), Arc::clone(&done)),
            ));
        }
    }
    tokio::time::sleep(size.time).await;
    let seconds = begun.elapsed().as_secs_f64();
    let percent = |spent: f64| spent * 100.0 / seconds;
    let mut used: Vec<f64> = nodes
        .iter()
        .zip(before)
        .map(|(node, before)| percent(node.cpu() - before))
        .collect();
    let of_databases = databases();
    let changes = seen.changes.load(Ordering::Relaxed);
    done.store(true, Ordering::Relaxed);
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    used.sort_by(f64::total_cmp);
    let mut reads = std::mem::take(&mut *seen.reads.lock().unwrap());
    reads.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = (reads.len() as f64 * share) as usize;
        reads.get(index).copied().unwrap_or_default()
    };
    println!(
        "{:<22} {:>8.0} {:>6.1} {:>6.1} {:>6.1} % {:>7.1} % {:>7.1} % {:>8} {:>7.1} {:>8.1}",
        part.name,
        changes as f64 * 60.0 / seconds,
        used[0],
        used[used.len() / 2],
        used[used.len() - 1],
        percent(of_databases[0] - before_databases[0]),
        percent(of_databases[1] - before_databases[1]),
        reads.len(),
        at(0.5),
        at(0.99),
    );
}

/// Publishes contributions at a pace: proposed through one instance, and accepted through the next.
async fn write(
    hosts: Arc<[String]>,
    tokens: [String; 2],
    pace: Duration,
    (seen, done): (Arc<Seen>, Arc<AtomicBool>),
) {
    let client = reqwest::Client::new();
    let mut tick = tokio::time::interval(pace);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut writing = JoinSet::new();
    for number in 0.. {
        tick.tick().await;
        if done.load(Ordering::Relaxed) {
            break;
        }
        let (client, hosts, seen) = (client.clone(), Arc::clone(&hosts), Arc::clone(&seen));
        let tokens = tokens.clone();
        writing.spawn(async move {
            let ask = async |host: &str, token: &str, query: &str, input: Value| {
                let body = json!({ "query": query, "variables": { "input": input } });
                let request = client.post(format!("{host}/graphql")).bearer_auth(token);
                let answer = request.json(&body).send().await.unwrap();
                let answer: Value = answer.json().await.unwrap();
                assert!(answer.get("errors").is_none(), "{answer:#}");
                answer["data"]["done"].clone()
            };
            let host = |step: usize| &*hosts[(number + step) % hosts.len()];
            let change = json!({ "createSource": { "key": format!("n-{}", uuid::Uuid::new_v4()),
                "fields": { "kind": "NEWS", "title": format!("News {number}") } } });
            let input = json!({ "title": "News", "rationale": "So.", "submit": true, "changes": [change] });
            let create = "mutation($input: CreateContributionInput!) { done: createContribution(input: $input) { contribution { id } userErrors { message } } }";
            let made = ask(host(0), &tokens[0], create, input).await;
            let input = json!({ "id": made["contribution"]["id"], "revision": 1 });
            let accept = "mutation($input: AcceptContributionInput!) { done: acceptContribution(input: $input) { contribution { state } } }";
            let accepted = ask(host(1), &tokens[1], accept, input).await;
            assert_eq!(accepted["contribution"]["state"], "ACCEPTED");
            seen.changes.fetch_add(1, Ordering::Relaxed);
        });
    }
    while let Some(ended) = writing.join_next().await {
        ended.unwrap();
    }
}

/// Reads from one instance at a pace.
async fn read(
    host: String,
    node: usize,
    pace: Duration,
    (seen, done): (Arc<Seen>, Arc<AtomicBool>),
) {
    let client = reqwest::Client::new();
    let codes = ["AZ", "FR", "DE", "JP", "BR", "GE", "AM", "PT", "US", "ZA"];
    let mut tick = tokio::time::interval(pace);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for number in node.. {
        tick.tick().await;
        if done.load(Ordering::Relaxed) {
            return;
        }
        let body = match number % 3 {
            0 => json!({ "query": include_str!("../../tests/api/profile.graphql") }),
            1 => {
                json!({ "query": "query($c: CountryCode!) { country(code: $c) { name treatyStatus { status } } }",
                    "variables": { "c": codes[number / 3 % codes.len()] } })
            }
            _ => {
                json!({ "query": "{ head { sequence } treaties(first: 5) { nodes { shortTitle statusCounts { status count } } } }" })
            }
        };
        let begun = Instant::now();
        let request = client.post(format!("{host}/graphql")).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert!(answer.get("errors").is_none(), "{answer:#}");
        let took = begun.elapsed().as_secs_f64() * 1_000.0;
        seen.reads.lock().unwrap().push(took);
    }
}
