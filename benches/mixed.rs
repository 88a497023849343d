//! Runs mixed load on the program for minutes: repeated and new queries, pages, writers, followers and hostile requests
//! side by side. Prints memory and open files meanwhile.
//!
//! Run `cargo bench --bench mixed`, or `cargo bench --bench mixed -- 600` for a duration of 600 seconds.

#![allow(
    missing_docs,
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot continue panics"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::store::{Options, Store};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use small::{number, prepare};

#[allow(dead_code, reason = "other benchmarks use more of it")]
mod small;

/// Default duration in seconds.
const SECONDS: u64 = 60;
/// Number of concurrent readers.
const READERS: usize = 6;

/// Number of responses, by kind of client and status.
type Outcomes = Arc<Mutex<BTreeMap<(&'static str, u16), usize>>>;

#[derive(Clone)]
struct Client {
    http: reqwest::Client,
    url: String,
    outcomes: Outcomes,
}

impl Client {
    async fn post(&self, who: &'static str, token: Option<&str>, body: Value) -> Value {
        let mut request = self.http.post(&self.url).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let answer = response.json().await.unwrap();
        *self
            .outcomes
            .lock()
            .unwrap()
            .entry((who, status))
            .or_default() += 1;
        answer
    }
}

#[tokio::main]
async fn main() {
    let seconds = std::env::args().skip(1).find_map(|one| one.parse().ok());
    let time = Duration::from_secs(seconds.unwrap_or(number(SECONDS, 3)));
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/profiles.db", folder.path().display());
    prepare(&url).await;
    let mut server = Command::new(env!("CARGO_BIN_EXE_cyberprofiles"))
        .env_clear()
        .env("CYBERPROFILES_LISTEN", "127.0.0.1:0")
        .env("CYBERPROFILES_DATABASE_URL", &url)
        .env("CYBERPROFILES_MAX_ANONYMOUS_COST_PER_SECOND", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let mut said = String::new();
    let out = server.stdout.as_mut().unwrap();
    BufReader::new(out).read_line(&mut said).unwrap();
    println!("first start, with the bundled data: {:?}", begun.elapsed());
    let address = said.trim().strip_prefix("listening on ").unwrap();
    let client = Client {
        http: reqwest::Client::new(),
        url: format!("{address}/graphql"),
        outcomes: Outcomes::default(),
    };
    let store = Store::open(&url, &Options::default()).await.unwrap();
    let token = async |role, name: &str| {
        let made = store.create_token(role, name, Some(name), None);
        made.await.unwrap()
    };
    let tokens = [
        token(Role::Contributor, "carla").await,
        token(Role::Editor, "eva").await,
    ];
    store.close().await;

    let followed = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for reader in 0..READERS {
        clients.spawn(read(client.clone(), reader));
    }
    clients.spawn(write(client.clone(), tokens));
    clients.spawn(spoil(client.clone()));
    for _ in 0..20 {
        clients.spawn(follow(client.clone(), Arc::clone(&followed)));
    }
    println!(
        "{:>8} {:>10} {:>8} {:>8}",
        "seconds", "requests", "MiB", "files"
    );
    let begun = Instant::now();
    for part in 1..=10 {
        tokio::time::sleep((time * part / 10).saturating_sub(begun.elapsed())).await;
        let requests: usize = client.outcomes.lock().unwrap().values().sum();
        let (memory, files) = figures(&server);
        let passed = begun.elapsed().as_secs();
        println!("{passed:>8} {requests:>10} {memory:>8.0} {files:>8}");
    }
    println!("{:#?}", client.outcomes.lock().unwrap());
    println!(
        "events received by followers: {}",
        followed.load(Ordering::Relaxed)
    );
    assert!(clients.try_join_next().is_none(), "no client ends");
    clients.shutdown().await;
    server.kill().unwrap();
    server.wait().unwrap();
}

/// Resident memory in MiB, and number of open files.
fn figures(server: &Child) -> (f64, usize) {
    let of = format!("/proc/{}", server.id());
    let status = std::fs::read_to_string(Path::new(&of).join("status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    let files = std::fs::read_dir(Path::new(&of).join("fd")).unwrap();
    (kib.parse::<f64>().unwrap() / 1_024.0, files.count())
}

async fn read(client: Client, reader: usize) {
    let codes = ["AZ", "FR", "DE", "JP", "BR", "GE", "AM", "PT", "US", "ZA"];
    let mut cursor = Value::Null;
    for number in reader.. {
        let body = match number % 5 {
            0 => json!({ "query": include_str!("../tests/api/profile.graphql") }),
            1 => {
                json!({ "query": "query($c: CountryCode!) { country(code: $c) { name treatyStatus { status } } }",
                "variables": { "c": codes[number / 5 % codes.len()] } })
            }
            2 => {
                json!({ "query": format!("{{ countries(first: 20) {{ nodes {{ name treatyStatus {{ status }} }} }} }} #{number}-{reader}") })
            }
            3 => {
                json!({ "query": "query($a: Cursor) { changes(first: 20, after: $a) { nodes { cursor record { label } fields { field after } } pageInfo { endCursor } } }",
                "variables": { "a": cursor } })
            }
            _ => {
                json!({ "query": "{ head { sequence } treaties(first: 5) { nodes { shortTitle statusCounts { status count } } } }" })
            }
        };
        let answer = client.post("reader", None, body).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        if number % 5 == 3 {
            cursor = answer["data"]["changes"]["pageInfo"]["endCursor"].clone();
        }
    }
}

async fn write(client: Client, tokens: [String; 2]) {
    for number in 0.. {
        let change = json!({ "createSource": { "key": format!("mixed-{number}"),
            "fields": { "kind": "NEWS", "title": format!("News {number}") } } });
        let create = "mutation($input: CreateContributionInput!) { done: createContribution(input: $input) { contribution { id } userErrors { message } } }";
        let input =
            json!({ "title": "News", "rationale": "So.", "submit": true, "changes": [change] });
        let body = json!({ "query": create, "variables": { "input": input } });
        let answer = client.post("writer", Some(&tokens[0]), body).await;
        let id = answer["data"]["done"]["contribution"]["id"].clone();
        assert!(id.is_string(), "{answer:#}");
        let accept = "mutation($input: AcceptContributionInput!) { done: acceptContribution(input: $input) { contribution { state } } }";
        let body =
            json!({ "query": accept, "variables": { "input": { "id": id, "revision": 1 } } });
        let answer = client.post("editor", Some(&tokens[1]), body).await;
        assert_eq!(
            answer["data"]["done"]["contribution"]["state"], "ACCEPTED",
            "{answer:#}"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn spoil(client: Client) {
    let nest = format!("{{ a(x: {}", "[".repeat(10_000));
    for number in 0.. {
        let query = match number % 4 {
            0 => nest.clone(),
            1 => "{ countries(first: -1) { nodes { code } } }".to_owned(),
            2 => format!("{{ nothing{number} }}"),
            _ => "{ head { x: sequence x: cursor } }".to_owned(),
        };
        let answer = client
            .post("hostile", None, json!({ "query": query }))
            .await;
        assert!(answer.get("errors").is_some(), "{answer:#}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn follow(client: Client, received: Arc<AtomicUsize>) {
    let body = json!({ "query": "subscription { changes { cursor sequence record { label } } }" });
    let request = client.http.post(&client.url).json(&body);
    let request = request.header("accept", "text/event-stream");
    let mut response = request.send().await.unwrap();
    while let Some(chunk) = response.chunk().await.unwrap() {
        let text = String::from_utf8_lossy(&chunk);
        received.fetch_add(text.matches("event: next").count(), Ordering::Relaxed);
    }
}
