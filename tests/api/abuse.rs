//! Thousands of hostile requests, handwritten and random, over every transport. Nothing breaks, other clients are
//! answered meanwhile, and afterwards memory and open files are as before.

use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::program::{address, program};
use crate::transcript;

/// Number of random requests: each is a valid text that was corrupted.
const SPOILT: usize = 2_400;
/// Number of attackers that run at the same time.
const ATTACKERS: usize = 6;
/// Longest time that any answer may take.
const MAX_DURATION: Duration = Duration::from_secs(20);

/// Pseudo-random numbers, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// Handwritten documents that try to do harm.
fn by_hand() -> Vec<String> {
    let many = |count: usize, one: &dyn Fn(usize) -> String| {
        (0..count).map(one).collect::<Vec<_>>().join(" ")
    };
    let nest = |open: &str, close: &str, count: usize| {
        format!("{{ a(x: {}1{}) }}", open.repeat(count), close.repeat(count))
    };
    let bomb = format!(
        "{{ ...f0 }} {} fragment f40 on Query {{ head {{ sequence }} }}",
        many(40, &|at| format!(
            "fragment f{at} on Query {{ ...f{0} ...f{0} }}",
            at + 1
        ))
    );
    let chain = format!(
        "{{ treaties {{ nodes {{ ...f0 }} }} }} {} fragment f700 on Treaty {{ id }}",
        many(700, &|at| format!(
            "fragment f{at} on Treaty {{ parent {{ ...f{} }} }}",
            at + 1
        ))
    );
    vec![
        nest("[", "]", 100_000),
        nest("{a:", "}", 100_000),
        "{".repeat(100_000),
        format!("{{ {} }}", "a { ".repeat(50_000)),
        bomb,
        chain,
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".to_owned(),
        format!("{{ {} }}", many(20_000, &|at| format!("a{at}: head {{ sequence }}"))),
        format!("{{ head {{ {} }} }}", "sequence ".repeat(9_000)),
        format!("{{ head @include(if: true) {} {{ sequence }} }}", "@skip(if: false) ".repeat(3_000)),
        format!("{{ country(code: \"{}\") {{ name }} }}", "A".repeat(900_000)),
        format!("{{ node(id: \"Country:{}\") {{ id }} }}", "\\u0000".repeat(1_000)),
        "{ countries(first: 2147483647) { nodes { code } } }".to_owned(),
        "{ countries(first: -1) { nodes { code } } }".to_owned(),
        "{ countries(first: 99999999999999999999) { nodes { code } } }".to_owned(),
        "{ countries(first: 100) { nodes { treatyEvents(first: 100) { nodes { country { treatyEvents(first: 100) { nodes { kind } } } } } } } }".to_owned(),
        // Lists inside lists of which few elements are expected.
        format!(
            "{{ treaties {{ nodes {{ {} recordId {} }} }} }}",
            "history(first: 250) { nodes { record { ".repeat(5),
            "} } }".repeat(5)
        ),
        "{ countries(first: 250) { nodes { sources(first: 250) { nodes { history(first: 250) { nodes { fields { name } } } } } } } }".to_owned(),
        format!("{{ {} }}", many(29, &|at| format!("a{at}: labels {{ enum value text language }}"))),
        "{ changes(first: 10, after: \"AAAAAAAAAAAAAAAAAAAAAAAAAAAA\") { nodes { cursor } } }".to_owned(),
        "{ at(knownAt: \"9999-12-31T23:59:60Z\") { cursor } }".to_owned(),
        "{ at(asOf: \"-999999999-01-01\") { cursor } }".to_owned(),
        "subscription { changes { sequence } changes { cursor } }".to_owned(),
        "mutation { submitTip(input: {}) { contribution { id } } }".to_owned(),
        "query q($a: [[[[Int!]!]!]!]!) { head { sequence } }".to_owned(),
        format!("query({}) {{ head {{ sequence }} }}", many(1_000, &|at| format!("$v{at}: Int"))),
        "{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }".to_owned(),
        "\u{feff}{ head { sequence } }\u{0}".to_owned(),
        "#".repeat(900_000),
        "\"\"\"".to_owned(),
        format!("{{ a(x: \"\"\"{}", "\\\"\"\"".repeat(50_000)),
        String::new(),
    ]
}

/// Valid bodies, to be corrupted.
fn good() -> Vec<String> {
    let body = |query: &str, variables: Value| {
        json!({ "query": query, "variables": variables }).to_string()
    };
    vec![
        body(include_str!("profile.graphql"), json!({})),
        body(
            "query($c: CountryCode!) { country(code: $c) { name treatyStatus { status } } }",
            json!({ "c": "AZ" }),
        ),
        body(
            "query($f: TreatyEventFilter) { treatyEvents(first: 5, filter: $f) { nodes { kind } } }",
            json!({ "f": { "countries": ["AZ", "FR"], "from": "2005-01-01" } }),
        ),
        body(
            "{ changes(first: 20) { nodes { cursor fields { field before after } } } }",
            json!({}),
        ),
        body(
            "mutation($i: CreateContributionInput!) { createContribution(input: $i) { userErrors { code } } }",
            json!({ "i": { "title": "x", "rationale": "y", "changes": [{ "createSource": { "key": "k", "fields": { "kind": "NEWS", "title": "t" } } }] } }),
        ),
    ]
}

/// Corrupts a text: cuts, doubles, swaps or replaces parts of it.
fn spoil(text: &str, chance: &mut Chance) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len());
        match chance.below(6) {
            0 => bytes.truncate(at),
            1 => {
                let some = bytes[at..(at + chance.below(40)).min(bytes.len())].to_vec();
                bytes.splice(at..at, some);
            }
            2 => bytes.extend_from_slice(&b"{[(\"\\$@!"[..chance.below(8)]),
            3 if !bytes.is_empty() => bytes[at] = u8::try_from(chance.below(256)).unwrap(),
            4 => {
                let end = (at + chance.below(30)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                let words: [&[u8]; 6] = [
                    b"null",
                    b"-1e999",
                    b"true",
                    b"\xff\xfe",
                    b"__typename",
                    b"\"\\ud800\"",
                ];
                bytes.splice(at..at, words[chance.below(6)].to_vec());
            }
        }
    }
    bytes
}

/// Resources of one process: memory in MiB, and open files.
fn figures(server: &Child) -> (f64, usize) {
    let of = format!("/proc/{}", server.id());
    let status = std::fs::read_to_string(Path::new(&of).join("status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    let files = std::fs::read_dir(Path::new(&of).join("fd"))
        .unwrap()
        .count();
    (kib / 1_024.0, files)
}

/// Sends a body over a transport that `way` selects. Returns the status of the answer.
async fn attack(client: &reqwest::Client, url: &str, body: Vec<u8>, way: usize) -> u16 {
    let request = match way % 8 {
        0 => {
            let text = String::from_utf8_lossy(&body);
            let json: Option<Value> = serde_json::from_str(&text).ok();
            let query = json.as_ref().and_then(|json| json["query"].as_str());
            let query: String = query.unwrap_or(&text).chars().take(8_000).collect();
            client.get(url).query(&[("query", query)])
        }
        1 => client
            .post(url)
            .header("content-type", "text/plain")
            .body(body),
        2 => client
            .post(url)
            .header("content-type", "application/json")
            .header("accept", "text/event-stream")
            .timeout(Duration::from_millis(300))
            .body(body),
        3 => client
            .post(url)
            .header("content-type", "application/json")
            .header("authorization", "Bearer cp_nobody")
            .body(body),
        _ => client
            .post(url)
            .header("content-type", "application/json")
            .header("accept", "application/graphql-response+json")
            .body(body),
    };
    let begun = Instant::now();
    let sent = request.send().await;
    assert!(begun.elapsed() < MAX_DURATION, "{:?}", begun.elapsed());
    let Ok(response) = sent else {
        // No response: an event stream that timed out, or a request that is not valid HTTP.
        return 0;
    };
    let status = response.status().as_u16();
    drop(response.bytes().await);
    assert!(begun.elapsed() < MAX_DURATION, "{:?}", begun.elapsed());
    status
}

/// Sends valid and corrupted frames to a WebSocket.
async fn attack_socket(host: &str, frames: Vec<Message>) {
    let mut request = format!("ws://{host}/graphql/ws")
        .into_client_request()
        .unwrap();
    let protocol = HeaderValue::from_static("graphql-transport-ws");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let Ok((mut socket, _)) = tokio_tungstenite::connect_async(request).await else {
        return;
    };
    for frame in frames {
        if socket.send(frame).await.is_err() {
            return;
        }
    }
    let received = async { while let Some(Ok(_)) = socket.next().await {} };
    drop(tokio::time::timeout(Duration::from_millis(200), received).await);
}

fn frames(chance: &mut Chance, hostile: &[String]) -> Vec<Message> {
    let init = Message::text(json!({ "type": "connection_init" }).to_string());
    let subscribe = |id: usize, query: &str| {
        let payload = json!({ "query": query });
        Message::text(
            json!({ "type": "subscribe", "id": id.to_string(), "payload": payload }).to_string(),
        )
    };
    let mut frames = if chance.below(4) == 0 {
        Vec::new()
    } else {
        vec![init.clone()]
    };
    for at in 0..chance.below(12) {
        frames.push(match chance.below(8) {
            0 => Message::binary(vec![0; chance.below(1_000)]),
            1 => init.clone(),
            2 => Message::text("{\"type\":\"complete\",\"id\":\"0\"}"),
            3 => Message::text("{\"type\":\"ping\",\"payload\":{}}"),
            4 => {
                let good = json!({ "type": "subscribe", "id": "x", "payload": { "query": "{ head { sequence } }" } });
                let spoilt = spoil(&good.to_string(), chance);
                Message::text(String::from_utf8_lossy(&spoilt).into_owned())
            }
            5 => subscribe(at, "subscription { changes { sequence } }"),
            _ => subscribe(at, &hostile[chance.below(hostile.len())]),
        });
    }
    frames
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_hostile_requests_do_no_harm() {
    if !transcript::is_tried_once() {
        // None of these requests reaches the database.
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut server = program(folder.path())
        .env("CYBERPROFILES_MAX_ANONYMOUS_COST_PER_SECOND", "0")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let address = address(&mut server);
    let host = address.strip_prefix("http://").unwrap().to_owned();
    let url = format!("{address}/graphql");
    let hostile: Arc<Vec<String>> = Arc::new(by_hand());
    let fed = AtomicUsize::new(0);

    let done = Arc::new(AtomicBool::new(false));
    let bystander = {
        let (done, url) = (Arc::clone(&done), url.clone());
        tokio::spawn(async move {
            let client = crate::harness::client();
            let (mut asked, mut slowest) = (0_usize, Duration::ZERO);
            while !done.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let request = client
                    .post(&url)
                    .json(&json!({ "query": "{ country(code: \"AZ\") { name } }" }));
                let answer: Value = request.send().await.unwrap().json().await.unwrap();
                assert_eq!(answer["data"]["country"]["name"], "Azerbaijan");
                slowest = slowest.max(begun.elapsed());
                asked += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            (asked, slowest)
        })
    };
    // Fill the caches and open the connections before memory is measured.
    let client = crate::harness::client();
    for body in good() {
        attack(&client, &url, body.into_bytes(), 5).await;
    }
    for (way, query) in hostile.iter().enumerate() {
        for way in [way, 5] {
            let body = json!({ "query": query }).to_string().into_bytes();
            let begun = Instant::now();
            let status = attack(&client, &url, body, way).await;
            assert!(
                matches!(status, 0 | 200 | 400..=499),
                "{status}: {query:.80}"
            );
            // It is refused before much work is done on it; the build under test is slow.
            assert!(begun.elapsed() < Duration::from_secs(10), "{query:.80}");
        }
    }
    let (memory_before, files_before) = figures(&server);

    let attackers: Vec<_> = (0..ATTACKERS)
        .map(|attacker| {
            let (url, host, hostile) = (url.clone(), host.clone(), Arc::clone(&hostile));
            tokio::spawn(async move {
                let client = crate::harness::client();
                let mut chance =
                    Chance(0x9e37_79b9_7f4a_7c15 ^ (u64::try_from(attacker).unwrap() + 1));
                let good = good();
                let mut found = std::collections::BTreeMap::<u16, usize>::new();
                for number in 0..SPOILT / ATTACKERS {
                    let body = spoil(&good[chance.below(good.len())], &mut chance);
                    let status = attack(&client, &url, body, chance.below(8)).await;
                    *found.entry(status).or_default() += 1;
                    if number % 8 == 0 {
                        attack_socket(&host, frames(&mut chance, &hostile)).await;
                    }
                }
                found
            })
        })
        .collect();
    let mut found = std::collections::BTreeMap::<u16, usize>::new();
    for attacker in attackers {
        for (status, count) in attacker.await.unwrap() {
            *found.entry(status).or_default() += count;
            fed.fetch_add(count, Ordering::Relaxed);
        }
    }
    done.store(true, Ordering::Relaxed);
    let (asked, slowest) = bystander.await.unwrap();
    assert_eq!(fed.load(Ordering::Relaxed), SPOILT);
    for status in found.keys() {
        assert!(matches!(status, 0 | 200 | 400..=499 | 503), "{found:?}");
    }
    // Both refused and still valid requests occurred.
    assert!(found[&200] > 50 && found[&400] > 500, "{found:?}");
    assert!(asked > 50 && slowest < MAX_DURATION, "{asked} {slowest:?}");

    drop(client);
    let (mut memory, mut files) = figures(&server);
    for _ in 0..60 {
        if files <= files_before + 8 && memory < memory_before + 60.0 {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        (memory, files) = figures(&server);
    }
    assert!(
        files <= files_before + 8,
        "{files} files, {files_before} before"
    );
    assert!(
        memory < memory_before + 60.0,
        "{memory} MiB, {memory_before} before"
    );
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(!said.contains("panicked"), "{said}");
    assert!(
        server.try_wait().unwrap().is_none(),
        "the server is still running"
    );
    server.kill().unwrap();
    server.wait().unwrap();
}
