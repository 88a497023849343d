//! Errors and log lines repeat at most 200 characters of what a client sent, wherever the fault is and however long the
//! input.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use cyberprofiles::graphql::limits::Limits;
use serde_json::{Value, json};

use crate::harness::{Api, roomy};
use crate::program::{address, program};

/// Letters that fill a request body almost to its limit.
const MANY: usize = 900_000;
/// Letters that fill a request head almost to its limit.
const SOME: usize = 50_000;
/// Most characters of the input that may be repeated.
const MAX_REPEATED: usize = 200;
/// No word of the service contains this letter twice in a row.
const LETTER: char = 'Q';

fn long(length: usize) -> String {
    LETTER.to_string().repeat(length)
}

/// Length of the longest run of the letter.
fn longest(text: &str) -> usize {
    let runs = text.split(|letter| letter != LETTER);
    runs.map(str::len).max().unwrap_or_default()
}

/// Sends bytes. Returns everything that is answered.
fn response(host: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(host).unwrap();
    let patience = Some(Duration::from_mins(1));
    stream.set_read_timeout(patience).unwrap();
    // The server may answer before all bytes are sent.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn head(line: &str, headers: &str) -> Vec<u8> {
    format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").into_bytes()
}

fn post(body: &str, headers: &str) -> Vec<u8> {
    let length = body.len();
    let headers =
        format!("{headers}Content-Type: application/json\r\nContent-Length: {length}\r\n");
    [head("POST /graphql", &headers), body.into()].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_about_a_request_repeat_200_characters_of_it_at_most() {
    // A short header timeout, so that the test need not wait for open connections.
    let api = Api::builder()
        .empty()
        .limits(Limits {
            header_timeout_ms: 2_000,
            ..roomy()
        })
        .start()
        .await;
    let (many, some) = (long(MANY), long(SOME));
    let bodies = [
        json!({ "query": "{ a }", "variables": many }).to_string(),
        json!({ "query": "{ a }", "extensions": many }).to_string(),
        json!({ "query": { many.clone(): 1 } }).to_string(),
        json!({ "query": "{ a }", "operationName": [many] }).to_string(),
        json!({ "documentId": many }).to_string(),
        json!({ "documentId": many, "query": "{ a }" }).to_string(),
        json!({ "extensions": { "persistedQuery": many } }).to_string(),
        json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": many } } })
            .to_string(),
        json!([many]).to_string(),
        json!([{ "query": "{ a }", "variables": many }]).to_string(),
        // A number outside the range of any number type, under a long name.
        format!("{{\"query\":\"{{ a }}\",\"variables\":{{\"{many}\":1e999}}}}"),
        format!("{{\"query\":\"{{ a }}\",\"extensions\":{{\"{many}\":1e999}}}}"),
        format!("[{{\"query\":\"{{ a }}\",\"variables\":{{\"{many}\":1e999}}}}]"),
        format!("{{\"query\":\"{{ a }}\"}}{many}"),
        format!("{{\"query\":\"{many}\\x\"}}"),
        many.clone(),
    ];
    let mut requests: Vec<Vec<u8>> = bodies.iter().map(|body| post(body, "")).collect();
    for header in [
        format!("Accept: {some}/x\r\n"),
        format!("Authorization: {some}\r\n"),
        format!("Authorization: Bearer {some}\r\n"),
        format!("Authorization: Bearer {some}.{some:.5}.x\r\n"),
        format!("Content-Encoding: {some}\r\n"),
        format!("Origin: https://{some}\r\n"),
        format!("traceparent: {some}\r\n"),
        format!("x-request-id: {some}\r\n"),
    ] {
        requests.push(post("{}", &header));
    }
    let events = json!({ "query": "subscription { changes { sequence } }" }).to_string();
    let last = format!("Accept: text/event-stream\r\nLast-Event-ID: {some}\r\n");
    requests.push(post(&events, &last));
    for kind in [
        format!("text/{some}"),
        format!("application/json; charset={some}"),
    ] {
        let headers = format!("Content-Type: {kind}\r\nContent-Length: 2\r\n");
        requests.push([head("POST /graphql", &headers), b"{}".to_vec()].concat());
    }
    for line in [
        format!("{some} /graphql"),
        format!("GET /{some}"),
        format!("GET /graphql?{some}=1"),
        format!("GET /graphql?documentId={some}"),
        format!("GET /graphql?query=%7Ba%7D&variables=%22{some}%22"),
        format!("GET /graphql?query=%7Ba%7D&variables=%7B%22{some}%22:1e999%7D"),
        format!("GET /graphql?query=%7Ba%7D&extensions=%22{some}%22"),
    ] {
        requests.push(head(&line, ""));
    }
    for (name, value) in [
        ("Upgrade", some.as_str()),
        ("Sec-WebSocket-Version", &some[..1_000]),
        ("Sec-WebSocket-Protocol", &some),
        ("Origin", &some),
    ] {
        let others = [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("Sec-WebSocket-Protocol", "graphql-transport-ws"),
        ];
        let others = others.iter().filter(|(other, _)| *other != name);
        let mut headers = format!("GET /graphql/ws HTTP/1.1\r\nHost: x\r\n{name}: {value}\r\n");
        for (name, value) in others {
            headers += &format!("{name}: {value}\r\n");
        }
        requests.push((headers + "\r\n").into_bytes());
    }
    let names: Vec<_> = requests
        .iter()
        .map(|request| String::from_utf8_lossy(&request[..200.min(request.len())]).into_owned())
        .collect();
    for (request, name) in requests.iter().zip(names) {
        let host = &api.address;
        let answer = tokio::task::block_in_place(|| response(host, request));
        assert!(answer.starts_with("HTTP/1.1 "), "{name}");
        let found = longest(&answer);
        assert!(found <= MAX_REPEATED, "{found} letters of {name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_about_values_repeat_200_characters_of_them_at_most() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let many = long(MANY);
    let queries = [
        ("ID!", "{ node(id: $v) { id } }"),
        ("[ID!]!", "{ nodes(ids: $v) { id } }"),
        ("CountryCode!", "{ country(code: $v) { id } }"),
        ("TreatyReference!", "{ treaty(reference: $v) { id } }"),
        ("Cursor!", "{ at(cursor: $v) { cursor } }"),
        ("DateTime!", "{ at(knownAt: $v) { cursor } }"),
        ("String", "{ changes(after: $v) { nodes { cursor } } }"),
        ("String", "{ countries(after: $v) { nodes { id } } }"),
        ("[RecordKind!]", "{ records(kinds: $v) { nodes { id } } }"),
        ("Int", "{ countries(first: $v) { nodes { id } } }"),
        (
            "[Language!]",
            "{ country(code: \"AZ\") { name(languages: $v) } }",
        ),
        (
            "ChangeFilter",
            "{ changes(filter: $v) { nodes { cursor } } }",
        ),
        (
            "ContributionFilter",
            "{ contributions(filter: $v) { nodes { id } } }",
        ),
    ];
    for (kind, query) in queries {
        for prefix in [
            "",
            "Country:",
            "Source:",
            "Contribution:",
            "en-x-",
            "ETS ",
            "2010-",
        ] {
            let value = json!(format!("{prefix}{many}"));
            let nested = ["records", "countries", "kinds", "ids"]
                .map(|member| json!({ member: [value.clone()] }));
            let values = [&value].into_iter().chain(&nested);
            let is_filter = kind.ends_with("Filter");
            for value in values.take(if is_filter { 5 } else { 1 }) {
                let query = format!("query($v: {kind}) {query}");
                let answer = eva.ask(&query, json!({ "v": value })).await;
                let found = longest(&answer.body.to_string());
                assert!(found <= MAX_REPEATED, "{found} letters of {query} {prefix}");
            }
        }
    }
    // Values of the right type that are wrong in combination with others.
    let number = json!({ "number": long(1_000), "heading": "A" });
    let change = json!({ "createPolicyDocument": { "key": "k", "cite": crate::harness::cite(), "fields": {
        "country": "AZ", "kind": "LAW", "status": "IN_FORCE", "titles": [{ "text": "A", "language": "en" }],
        "provisions": [number, number] } } });
    let response = eva.propose(json!([change])).await.to_string();
    assert!(
        response.contains("another provision has the number QQ"),
        "{response:.500}"
    );
    assert!(longest(&response) <= MAX_REPEATED, "{response:.500}");
    for fields in [
        json!({ "title": many }),
        json!({ "url": format!("https://example.org/{many}") }),
        json!({ "url": format!("https://{many}@") }),
        json!({ "language": format!("en-{many}") }),
        json!({ "publishedOn": format!("2010-{many}") }),
        json!({ "kind": many }),
        json!({ many.clone(): 1 }),
    ] {
        let change = json!({ "createSource": { "key": "k", "fields": fields } });
        let input = json!({ "title": "A", "rationale": "B", "changes": [change], "submit": true });
        let mutation = "mutation($input: CreateContributionInput!) {
            createContribution(input: $input) { userErrors { code message path } } }";
        let answer = eva.ask(mutation, json!({ "input": input })).await;
        let found = longest(&answer.body.to_string());
        assert!(
            found <= MAX_REPEATED,
            "{found} letters of {:.60}",
            fields.to_string()
        );
    }
}

#[tokio::test]
async fn a_websocket_repeats_200_characters_of_a_message_at_most() {
    let api = Api::seeded().await;
    let (many, fits) = (long(MANY), long(MAX_REPEATED));
    let query = "{ head { sequence } }";
    let mut socket = api.socket(json!({})).await;
    socket.subscribe(&fits, query, json!({})).await;
    let response = socket.next().await;
    assert_eq!(
        (&response["type"], &response["id"]),
        (&json!("next"), &json!(fits))
    );
    assert_eq!(socket.next().await["type"], "complete");
    socket
        .subscribe(&format!("{fits}{LETTER}"), query, json!({}))
        .await;
    assert_eq!(
        socket.next().await,
        json!({ "closed": "the id of an operation has more than 200 characters" })
    );
    for message in [
        json!({ "type": "subscribe", "id": many, "payload": { "query": query } }),
        json!({ "type": many }),
        json!({ "type": "connection_init", "payload": { "Authorization": many } }),
        json!({ "type": "subscribe", "id": "a", "payload": { "query": query, "variables": many } }),
        json!({ "type": "subscribe", "id": "a", "payload": { "query": query, "operationName": [many] } }),
        json!(many),
    ] {
        let mut socket = api.socket(json!({})).await;
        socket.send(message).await;
        let response = socket.next().await;
        assert!(
            response["closed"].is_string(),
            "{:.200}",
            response.to_string()
        );
        assert!(longest(&response.to_string()) <= MAX_REPEATED);
    }
    // The payload of a ping is returned if it is short.
    let mut socket = crate::websocket::begun(&api.address).await;
    for (payload, returned) in [
        (
            json!({ "a": long(190) }),
            json!({ "type": "pong", "payload": { "a": long(190) } }),
        ),
        (json!({ "a": many }), json!({ "type": "pong" })),
    ] {
        crate::websocket::say(&mut socket, json!({ "type": "ping", "payload": payload })).await;
        assert_eq!(crate::websocket::receive(&mut socket).await, returned);
    }
    // Invisible characters are escaped.
    let mut socket = api.socket(json!({})).await;
    for _ in 0..2 {
        let follow = "subscription { changes { sequence } }";
        socket
            .subscribe("a\n\u{1b}\u{202e}", follow, json!({}))
            .await;
    }
    assert_eq!(
        socket.next().await,
        json!({ "closed": "an operation with the id a\\u{a}\\u{1b}\\u{202e} is running already" })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn log_lines_repeat_200_characters_of_a_request_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut server = program(folder.path())
        .env("CYBERPROFILES_LOG_LEVEL", "debug,hyper=info")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let address = address(&mut server);
    let host = address.strip_prefix("http://").unwrap();
    let (many, some) = (long(MANY), long(SOME));
    let named = json!({ "query": format!("query {many} {{ head {{ sequence }} }}") });
    for request in [
        head(&format!("{some} /graphql"), ""),
        head(&format!("GET /{some}"), ""),
        head("GET /livez", &format!("x-request-id: {some}\r\n")),
        post(&named.to_string(), ""),
        post(
            &json!({ "query": "{ a }", "variables": many }).to_string(),
            "",
        ),
    ] {
        tokio::task::block_in_place(|| response(host, &request));
    }
    server.kill().unwrap();
    server.wait().unwrap();
    let logged = std::fs::read_to_string(&log).unwrap();
    let (some, found) = (logged.matches("answered").count(), longest(&logged));
    assert!(
        some >= 5 && found > 50 && found <= MAX_REPEATED,
        "{some} {found}"
    );
}

#[tokio::test]
async fn errors_about_a_data_file_repeat_200_characters_of_a_line_at_most() {
    let api = Api::empty().await;
    let many = long(MANY);
    let source = |fields: Value| json!({ "createSource": { "key": "k", "fields": fields } });
    for line in [
        json!(many),
        json!({ many.clone(): {} }),
        json!({ "createSource": many }),
        json!({ "createSource": { many.clone(): 1 } }),
        json!({ "createSource": { "key": many, "fields": { "kind": "NEWS", "title": "A" } } }),
        source(json!({ many.clone(): 1 })),
        source(json!({ "kind": many, "title": "A" })),
        source(json!({ "kind": "NEWS", "title": [many] })),
        source(json!({ "kind": "NEWS", "title": many })),
        source(json!({ "kind": "NEWS", "title": "A", "url": many })),
        source(json!({ "kind": "NEWS", "title": "A", "language": many })),
        source(json!({ "kind": "NEWS", "title": "A\n\u{1b}", "language": "\n\u{1b}" })),
        json!({ "retire": { "id": many, "reason": "A" } }),
    ] {
        let refused = api.import(&line.to_string(), false).await.unwrap_err();
        let cyberprofiles::store::Error::Refused(found) = refused else {
            panic!("{refused}")
        };
        for finding in found {
            let said = format!("{} {}", finding.path.0.join("."), finding.message);
            assert!(
                longest(&said) <= MAX_REPEATED,
                "{:.80}: {}",
                line.to_string(),
                said.len()
            );
            assert!(!said.contains(char::is_control), "{said:?}");
        }
    }
}
