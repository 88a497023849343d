//! Every limit: what is at it passes, what is one over it is refused, and says so.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;
use cyberprofiles::http::Settings;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Api, roomy};

/// A limit: its name, how it is set, and a query that comes to so much of it.
struct Case {
    name: &'static str,
    set: fn(&mut Limits, i32),
    query: String,
    comes_to: i32,
}

fn cases() -> Vec<Case> {
    let many = |count: usize, one: &dyn Fn(usize) -> String| {
        (0..count).map(one).collect::<Vec<_>>().join(" ")
    };
    let case = |name, set, query: String, comes_to| Case {
        name,
        set,
        query,
        comes_to,
    };
    vec![
        case(
            "maxDepth",
            |limits, value| limits.max_depth = value,
            "{ treaties(first: 1) { nodes { parent { parent { id } } } } }".to_owned(),
            5,
        ),
        case(
            "maxRootFields",
            |limits, value| limits.max_root_fields = value,
            "{ head { sequence } viewer { role } serviceConfig { maxDepth } }".to_owned(),
            3,
        ),
        case(
            "maxAliases",
            |limits, value| limits.max_aliases = value,
            format!(
                "{{ head {{ {} }} }}",
                many(7, &|at| format!("a{at}: sequence"))
            ),
            7,
        ),
        case(
            "maxDirectives",
            |limits, value| limits.max_directives = value,
            format!(
                "{{ head {{ {} ... @include(if: true) {{ cursor }} }} }}",
                many(4, &|at| format!("a{at}: sequence @skip(if: false)"))
            ),
            5,
        ),
        case(
            "maxTokens",
            |limits, value| limits.max_tokens = value,
            "{ head { sequence cursor } }".to_owned(),
            7,
        ),
        case(
            "nesting",
            |limits, value| limits.max_nesting = value,
            "{ treaties(first: 1) { nodes { parent { id } } } }".to_owned(),
            4,
        ),
        case(
            "selections",
            |limits, value| limits.max_selections = value,
            "{ a: head { ...f } b: head { ...f } } fragment f on Head { sequence cursor }"
                .to_owned(),
            8,
        ),
        case(
            "maxComplexity",
            |limits, value| limits.max_complexity = value,
            "{ countries(first: 10) { nodes { code treatyEvents(first: 5) { nodes { kind } } } } }"
                .to_owned(),
            120,
        ),
        case(
            "maxAnonymousComplexity",
            |limits, value| limits.max_anonymous_complexity = value,
            "query($first: Int = 10) { countries(first: $first) { nodes { code } } }".to_owned(),
            20,
        ),
    ]
}

#[tokio::test]
async fn what_is_at_a_limit_passes_and_what_is_over_it_is_refused() {
    for Case {
        name,
        set,
        query,
        comes_to,
    } in cases()
    {
        for (limit, passes) in [(comes_to, true), (comes_to - 1, false)] {
            let mut limits = roomy();
            set(&mut limits, limit);
            let api = Api::limited(limits).await;
            let answer = api.anyone().ask(&query, json!({})).await;
            if passes {
                assert_eq!(answer.body.get("errors"), None, "{name}: {:#}", answer.body);
            } else {
                let found = (answer.status, answer.code());
                assert_eq!(found, (400, "TOO_COMPLEX"), "{name}: {:#}", answer.body);
                assert!(answer.message().contains(&limit.to_string()), "{name}");
            }
            // On every transport.
            let mut socket = api.socket(json!({})).await;
            socket.subscribe("s", &query, json!({})).await;
            let told = socket.next().await;
            let expected = if passes { "next" } else { "error" };
            assert_eq!(told["type"], expected, "{name}: {told:#}");
        }
    }
}

#[tokio::test]
async fn what_a_request_costs_is_told_where_that_is_asked() {
    let api = Api::seeded().await;
    let query = "query($first: Int!) { countries(first: $first) { nodes { code } } }";
    let body =
        json!({ "query": query, "variables": { "first": 7 }, "extensions": { "cost": true } });
    let request = api.request(Method::POST, "/graphql").json(&body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    // The page itself and its nodes, and two fields for each of them.
    assert_eq!(
        answer["extensions"]["cost"],
        json!({ "estimated": 14, "actual": 9 })
    );
}

#[tokio::test]
async fn who_is_signed_in_may_ask_for_more() {
    let api = Api::limited(Limits {
        max_anonymous_complexity: 10,
        ..roomy()
    })
    .await;
    let query = "{ countries(first: 10) { nodes { code } } }";
    assert_eq!(api.fails(query).await.code(), "TOO_COMPLEX");
    let carla = api.person(Role::Contributor, "carla").await;
    carla.ask(query, json!({})).await.data();
}

#[tokio::test]
async fn who_asks_too_much_waits_as_long_as_is_said() {
    let api = Api::limited(Limits {
        max_anonymous_cost_per_second: 2,
        ..roomy()
    })
    .await;
    let ask = async |query: &str| {
        let request = api.request(Method::POST, "/graphql");
        request
            .json(&json!({ "query": query }))
            .send()
            .await
            .unwrap()
    };
    // Ten seconds' worth at once, and nothing more.
    for _ in 0..20 {
        assert_eq!(ask("{ head { sequence } }").await.status(), 200);
    }
    let mut refused = ask("{ head { sequence } }").await;
    for _ in 0..40 {
        if refused.status() != 200 {
            break;
        }
        // On a slow machine there is more by now.
        refused = ask("{ head { sequence } }").await;
    }
    assert_eq!(refused.status(), 429);
    let wait: u64 = refused.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    let answer: Value = refused.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "RATE_LIMITED");
    assert_eq!(answer["errors"][0]["extensions"]["retryAfterSeconds"], wait);
    // Others are not held up by it.
    let carla = api.person(Role::Contributor, "carla").await;
    carla.ask("{ head { sequence } }", json!({})).await.data();
    tokio::time::sleep(Duration::from_secs(wait)).await;
    assert_eq!(ask("{ head { sequence } }").await.status(), 200);
}

#[tokio::test]
async fn what_is_no_request_counts_as_one() {
    for (token, kind, body) in [
        (None, "application/json", "{"),
        (None, "text/plain", "{}"),
        (
            Some("wrong"),
            "application/json",
            "{ \"query\": \"{ head { sequence } }\" }",
        ),
    ] {
        let api = Api::limited(Limits {
            max_anonymous_cost_per_second: 1,
            ..roomy()
        })
        .await;
        let mut answered = Vec::new();
        for _ in 0..40 {
            let mut request = api.request(Method::POST, "/graphql");
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let request = request.header("content-type", kind).body(body);
            answered.push(request.send().await.unwrap());
            if answered.last().unwrap().status() == 429 {
                break;
            }
        }
        let limited = answered.pop().unwrap();
        assert_eq!(limited.status(), 429, "{kind} {body}");
        assert!(limited.headers().contains_key("retry-after"));
        assert!(answered.len() >= 10, "{}", answered.len());
        // Who is known asks from the same address.
        let carla = api.person(Role::Contributor, "carla").await;
        carla.ask("{ head { sequence } }", json!({})).await.data();
    }
}

#[tokio::test]
async fn what_costs_more_counts_as_more() {
    let api = Api::limited(Limits {
        max_anonymous_cost_per_second: 2,
        ..roomy()
    })
    .await;
    // Some 20,000, and so 200 times as much as a small one: more than ever comes together.
    let query =
        "{ countries(first: 100) { nodes { treatyEvents(first: 100) { nodes { kind } } } } }";
    let refused = api.fails(query).await;
    assert_eq!((refused.status, refused.code()), (429, "RATE_LIMITED"));
    assert_eq!(
        api.query_once("{ head { sequence } }").await["head"]["sequence"],
        0
    );
}

#[tokio::test]
async fn batches_are_as_large_as_is_said() {
    let off = Api::empty().await;
    let two = Api::limited(Limits {
        max_batch: 2,
        ..roomy()
    })
    .await;
    let one = json!({ "query": "{ head { sequence } }" });
    for (api, size, status) in [
        (&off, 1, 400),
        (&two, 0, 400),
        (&two, 2, 200),
        (&two, 3, 400),
    ] {
        let body = Value::Array(vec![one.clone(); size]);
        let request = api.request(Method::POST, "/graphql").json(&body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{size}");
        let answer: Value = response.json().await.unwrap();
        if status == 200 {
            let whole = json!({ "data": { "head": { "sequence": 0 } } });
            assert_eq!(answer, json!([whole, whole]));
        } else {
            let message = answer["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains("maxBatch"), "{message}");
        }
    }
}

/// What a raw connection hears, until it is closed or quiet for so long.
fn hear(stream: &mut TcpStream, patience: Duration) -> String {
    stream.set_read_timeout(Some(patience)).unwrap();
    let mut heard = Vec::new();
    let mut some = [0; 4_096];
    while let Ok(count) = stream.read(&mut some) {
        if count == 0 {
            break;
        }
        heard.extend_from_slice(&some[..count]);
    }
    String::from_utf8_lossy(&heard).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_have_their_time_and_their_number() {
    let api = Api::reached(Settings {
        max_connections: 3,
        header_timeout_ms: 1_000,
        body_timeout_ms: 1_000,
        ..Settings::default()
    })
    .await;
    let patience = Duration::from_secs(5);
    let connect = || TcpStream::connect(&api.address).unwrap();

    // Says nothing; says half of a head; says half of a body.
    let mut silent = connect();
    let mut half = connect();
    half.write_all(b"POST /graphql HTTP/1.1\r\nHost: x\r\n")
        .unwrap();
    let mut slow = connect();
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    slow.write_all(head.as_bytes()).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;

    let mut one_more = connect();
    let full = hear(&mut one_more, patience);
    assert!(full.starts_with("HTTP/1.1 503"), "{full}");
    assert!(full.contains("retry-after: 1"), "{full}");

    let begun = Instant::now();
    let late = hear(&mut slow, patience);
    assert!(late.starts_with("HTTP/1.1 408"), "{late}");
    for stream in [&mut silent, &mut half] {
        let said = hear(stream, patience);
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 408"),
            "{said}"
        );
    }
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "{:?}",
        begun.elapsed()
    );
    // There is room again.
    drop((silent, half, slow));
    tokio::time::sleep(Duration::from_millis(200)).await;
    api.query_once("{ head { sequence } }").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_requests_than_may_be_executed_are_told_so_at_once() {
    let api = Api::reached(Settings {
        max_concurrent_requests: 1,
        ..Settings::default()
    })
    .await;
    // Many at once, each some work: some are executed, the others hear at once that they are not.
    let query =
        "{ countries(first: 100) { nodes { code names { text } treatyStatus { status } } } }";
    let asked = (0..40).map(|number| {
        let request = api.request(Method::POST, "/graphql");
        let request = request.json(&json!({ "query": format!("{query} #{number}") }));
        tokio::spawn(async move { request.send().await.unwrap() })
    });
    let mut found = std::collections::BTreeMap::new();
    for asked in asked.collect::<Vec<_>>() {
        let response = asked.await.unwrap();
        let status = response.status().as_u16();
        if status == 503 {
            assert_eq!(response.headers()["retry-after"], "1");
        }
        *found.entry(status).or_insert(0) += 1;
    }
    assert_eq!(
        found.keys().copied().collect::<Vec<_>>(),
        [200, 503],
        "{found:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn events_too_are_bounded_while_they_are_executed() {
    let api = Api::reached(Settings {
        max_concurrent_requests: 1,
        ..Settings::default()
    })
    .await;
    let query =
        "{ countries(first: 100) { nodes { code names { text } treatyStatus { status } } } }";
    let asked = (0..30).map(|number| {
        let request = api.request(Method::POST, "/graphql");
        let request = request.header("accept", "text/event-stream");
        let request = request.json(&json!({ "query": format!("{query} #{number}") }));
        tokio::spawn(async move {
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            response.bytes().await.unwrap();
            status
        })
    });
    let mut found = std::collections::BTreeSet::new();
    for asked in asked.collect::<Vec<_>>() {
        found.insert(asked.await.unwrap());
    }
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [200, 503]);
    // Who follows takes no part of it.
    let follow = |_| {
        let request = api.request(Method::POST, "/graphql");
        let request = request.header("accept", "text/event-stream");
        request
            .json(&json!({ "query": "subscription { changes { sequence } }" }))
            .send()
    };
    let following = futures_util::future::join_all((0..3).map(follow)).await;
    assert!(
        following
            .iter()
            .all(|one| one.as_ref().unwrap().status() == 200)
    );
    api.query_once("{ head { sequence } }").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_read_slowly_is_whole() {
    let settings = Settings {
        header_timeout_ms: 1_000,
        ..Settings::default()
    };
    let limits = Limits {
        max_batch: 100,
        ..roomy()
    };
    let api = Api::reached_within(settings, limits).await;
    let one = json!({ "query": "{ changes(first: 100) { nodes { cursor a: fields { before after } b: fields { before after } c: fields { before after } record { id label } } } }" });
    api.anyone()
        .ask(one["query"].as_str().unwrap(), Value::Null)
        .await
        .data();
    let body = Value::Array(vec![one; 100]).to_string();
    let mut stream = TcpStream::connect(&api.address).unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    // So slowly that the rest waits in the server for longer than headers may take.
    let (mut heard, mut some) = (Vec::new(), vec![0; 400_000]);
    stream
        .set_read_timeout(Some(Duration::from_mins(5)))
        .unwrap();
    loop {
        let count = stream.read(&mut some).unwrap();
        if count == 0 {
            break;
        }
        heard.extend_from_slice(&some[..count]);
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    let text = String::from_utf8_lossy(&heard);
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    let length: usize = length.parse().unwrap();
    assert!(length > 8_000_000, "{length}");
    assert_eq!(heard.len(), head.len() + 4 + length);
}
