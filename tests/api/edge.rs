//! Behaviour of HTTP that caches, browsers and unknown clients rely on.

use std::io::{Read, Write};
use std::net::TcpStream;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, ORIGIN};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use cyberprofiles::http::Settings;

use crate::harness::Api;

pub const QUERY: &str = "{ country(code: \"AZ\") { name } }";

pub async fn get(api: &Api, query: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = api
        .request(Method::GET, "/graphql")
        .query(&[("query", query)]);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

pub fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn answers_are_compressed_on_request_and_event_streams_never() {
    let api = Api::seeded().await;
    let large = "{ countries(first: 100) { nodes { code name } } }";
    for (accepted, used) in [
        ("gzip", "gzip"),
        ("br", "br"),
        ("identity", ""),
        ("gzip;q=0", ""),
    ] {
        let answer = get(&api, large, &[(ACCEPT_ENCODING.as_str(), accepted)]).await;
        assert_eq!(
            header_text(answer.headers(), "content-encoding"),
            used,
            "{accepted}"
        );
        let bytes = answer.bytes().await.unwrap();
        assert_eq!(
            bytes.starts_with(b"{\"data\""),
            used.is_empty(),
            "{accepted}"
        );
    }
    let events = [
        (ACCEPT.as_str(), "text/event-stream"),
        (ACCEPT_ENCODING.as_str(), "gzip, br"),
    ];
    let events = get(&api, "subscription { changes { sequence } }", &events).await;
    assert_eq!(header_text(events.headers(), "content-encoding"), "");
    assert_eq!(
        header_text(events.headers(), "content-type"),
        "text/event-stream"
    );
}

#[tokio::test]
async fn cors_allows_only_named_origins_and_credentials_only_when_enabled() {
    let closed = Api::seeded().await;
    let named = |credentials: bool, origin: &str| Settings {
        allow_origins: vec![origin.parse().unwrap()],
        allow_credentials: credentials,
        ..Settings::default()
    };
    let open = Api::builder()
        .http(named(false, "https://app.example.org"))
        .start()
        .await;
    let trusting = Api::builder()
        .http(named(true, "https://app.example.org"))
        .start()
        .await;
    let any = Api::builder().http(named(true, "*")).start().await;
    for (api, origin, allowed, credentials) in [
        (&closed, "https://app.example.org", "", ""),
        (
            &open,
            "https://app.example.org",
            "https://app.example.org",
            "",
        ),
        (&open, "https://evil.example", "", ""),
        (
            &trusting,
            "https://app.example.org",
            "https://app.example.org",
            "true",
        ),
        (&trusting, "https://evil.example", "", "true"),
        (&any, "https://evil.example", "*", ""),
    ] {
        let before = api
            .request(Method::OPTIONS, "/graphql")
            .header(ORIGIN, origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type");
        let before = before.send().await.unwrap();
        let asked = get(api, QUERY, &[(ORIGIN.as_str(), origin)]).await;
        for response in [&before, &asked] {
            let headers = response.headers();
            assert_eq!(
                header_text(headers, "access-control-allow-origin"),
                allowed,
                "{origin}"
            );
            assert_eq!(
                header_text(headers, "access-control-allow-credentials"),
                credentials,
                "{origin}"
            );
        }
    }
}

#[tokio::test]
async fn every_response_has_security_headers_and_a_request_id() {
    let api = Api::seeded().await;
    for path in [
        "/graphql?query={head{sequence}}",
        "/",
        "/nowhere",
        "/livez",
        "/metrics",
        "/schema.graphql",
    ] {
        let response = api.request(Method::GET, path).send().await.unwrap();
        let headers = response.headers();
        assert_eq!(
            header_text(headers, "x-content-type-options"),
            "nosniff",
            "{path}"
        );
        assert_eq!(
            header_text(headers, "referrer-policy"),
            "no-referrer",
            "{path}"
        );
        assert!(
            header_text(headers, "content-security-policy").contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!header_text(headers, "x-request-id").is_empty(), "{path}");
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let response = api.request(method, "/graphql").send().await.unwrap();
        assert_eq!(response.status(), 405);
        assert_eq!(header_text(response.headers(), "allow"), "GET,HEAD,POST");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}

pub async fn ask(api: &Api, body: Value) -> (u16, Value) {
    let request = api
        .request(Method::POST, "/graphql")
        .header(ACCEPT, "application/graphql-response+json");
    let response = request.json(&body).send().await.unwrap();
    let status = response.status().as_u16();
    assert!(status == 200 || header_text(response.headers(), "cache-control") == "no-store");
    (status, response.json().await.unwrap())
}

#[tokio::test]
async fn metrics_count_requests_by_operation_and_followers() {
    let api = Api::seeded().await;
    for query in [
        "query Named { head { sequence } }",
        "{ head { sequence } }",
        "query Named { nothing }",
    ] {
        api.anyone().ask(query, json!({})).await;
    }
    for number in 0..150 {
        api.anyone()
            .ask(
                &format!("query N{number} {{ head {{ cursor }} }}"),
                json!({}),
            )
            .await;
    }
    let mut socket = api.socket(json!({})).await;
    socket
        .subscribe("s", "subscription { changes { sequence } }", json!({}))
        .await;
    api.followed_by(1).await;
    let response = api.request(Method::GET, "/metrics").send().await.unwrap();
    assert!(
        header_text(response.headers(), "content-type").starts_with("application/openmetrics-text")
    );
    let text = response.text().await.unwrap();
    for line in [
        "cyberprofiles_requests_total{operation=\"Named\",outcome=\"executed\"} 1",
        "cyberprofiles_requests_total{operation=\"Named\",outcome=\"refused\"} 1",
        "cyberprofiles_requests_total{operation=\"(unnamed)\",outcome=\"executed\"} 1",
        "cyberprofiles_followers 1",
        "cyberprofiles_follower_groups 1",
        "cyberprofiles_request_duration_seconds_count 153",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(
        text.contains(&format!(
            "cyberprofiles_sequence {}",
            crate::harness::bundled()
        )),
        "{text}"
    );
    // The number of operation names in the metrics is bounded.
    let others = text.lines().find(|line| line.contains("(others)")).unwrap();
    assert!(others.ends_with(" 51"), "{others}");
}

#[tokio::test]
async fn refusals_use_the_accepted_media_type_and_are_not_cacheable() {
    let api = Api::seeded().await;
    for (accept, kind) in [
        ("application/json", "application/json; charset=utf-8"),
        (
            "application/graphql-response+json",
            "application/graphql-response+json; charset=utf-8",
        ),
        ("text/html", "application/json; charset=utf-8"),
    ] {
        for (content, token, body, status) in [
            ("application/json", None, "{", 400),
            ("text/plain", None, "{}", 415),
            (
                "application/json",
                Some("wrong"),
                "{ \"query\": \"{ x }\" }",
                401,
            ),
        ] {
            let mut request = api.request(Method::POST, "/graphql");
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let request = request
                .header(ACCEPT, accept)
                .header("content-type", content);
            let answer = request.body(body).send().await.unwrap();
            assert_eq!(answer.status(), status, "{accept} {content}");
            assert_eq!(header_text(answer.headers(), "content-type"), kind);
            assert_eq!(header_text(answer.headers(), "cache-control"), "no-store");
            let answer: Value = answer.json().await.unwrap();
            assert!(answer["errors"][0]["message"].is_string(), "{answer}");
            assert_eq!(answer.get("data"), None);
        }
    }
    let text = api.request(Method::GET, "/metrics").send().await.unwrap();
    let text = text.text().await.unwrap();
    for status in [400, 401, 415] {
        let line = format!("cyberprofiles_http_responses_total{{status=\"{status}\"}} 3");
        assert!(text.contains(&line), "{line}\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_host_headers_or_none_in_http_1_1_are_400() {
    let api = Api::seeded().await;
    for (version, hosts, status) in [
        ("1.1", "", "400"),
        ("1.1", "Host: a\r\nHost: b\r\n", "400"),
        ("1.1", "Host: a\r\n", "200"),
        ("1.0", "", "200"),
        ("1.0", "Host: a\r\nHost: b\r\n", "400"),
    ] {
        let mut stream = TcpStream::connect(&api.address).unwrap();
        stream
            .set_read_timeout(Some(std::time::Duration::from_secs(30)))
            .unwrap();
        let request = format!("GET /livez HTTP/{version}\r\n{hosts}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(answer.split(' ').nth(1), Some(status), "{hosts:?} {answer}");
        assert!(answer.contains("x-request-id: "), "{answer}");
    }
}

#[tokio::test]
async fn an_unknown_origin_is_told_only_the_methods_and_a_plain_get_of_the_websocket_path_is_refused()
 {
    let api = Api::seeded().await;
    let request = api.request(Method::OPTIONS, "/graphql");
    let answer = request
        .header(ORIGIN, "https://app.example.org")
        .header("access-control-request-method", "POST")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(
        header_text(answer.headers(), "allow"),
        "GET,HEAD,POST, OPTIONS"
    );
    assert_eq!(
        header_text(answer.headers(), "access-control-allow-origin"),
        ""
    );
    let request = api.request(Method::GET, "/graphql/ws");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let answer: Value = answer.json().await.unwrap();
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(
        message.starts_with("expected a WebSocket handshake"),
        "{message}"
    );
}

#[tokio::test]
async fn an_unacceptable_content_coding_gets_an_uncompressed_answer() {
    let api = Api::seeded().await;
    for (coding, used) in [
        ("identity;q=0,*;q=0", ""),
        ("gzip;q=0, identity;q=0", ""),
        ("GZIP;q=0.5", "gzip"),
        ("identity;q=0, gzip", "gzip"),
        ("br;q=1.0, gzip;q=0.5", "br"),
    ] {
        let answer = get(&api, QUERY, &[("accept-encoding", coding)]).await;
        assert_eq!(answer.status(), 200, "{coding}");
        assert_eq!(
            header_text(answer.headers(), "content-encoding"),
            used,
            "{coding}"
        );
    }
}

#[tokio::test]
async fn a_mutation_by_get_is_405_for_every_accept_header() {
    let api = Api::seeded().await;
    let mutation = "mutation { submitTip(input: { country: \"AZ\", message: \"x\" }) { contribution { id } } }";
    for accept in [
        "text/event-stream",
        "application/json, text/event-stream",
        "multipart/mixed;subscriptionSpec=1.0, application/json",
        "*/*",
    ] {
        let answer = get(&api, mutation, &[("accept", accept)]).await;
        assert_eq!(answer.status(), 405, "{accept}");
        assert_eq!(header_text(answer.headers(), "allow"), "POST", "{accept}");
        let text = answer.text().await.unwrap();
        assert!(text.contains("a mutation needs POST"), "{accept}: {text}");
    }
    // This also applies if it cannot be executed without its variables.
    let address = "/graphql?query=mutation(%24i:SubmitTipInput!)%7BsubmitTip(input:%24i)%7Bcontribution%7Bid%7D%7D%7D&variables=%7B%22i%22:%7B%22country%22:%22AZ%22,%22message%22:%22x%22%7D%7D";
    let request = api.request(Method::GET, address);
    let answer = request.header(ACCEPT, "text/event-stream");
    assert_eq!(answer.send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn a_valid_request_id_is_returned_and_an_invalid_one_replaced() {
    let api = Api::seeded().await;
    let long = "x".repeat(129);
    for (id, is_kept) in [
        ("abc-1", true),
        ("", false),
        ("a b", false),
        (&*long, false),
    ] {
        let answer = get(&api, QUERY, &[("x-request-id", id)]).await;
        let request_id = header_text(answer.headers(), "x-request-id");
        assert!(!request_id.is_empty());
        assert_eq!(request_id == id, is_kept, "{id:?} {request_id:?}");
    }
}

#[tokio::test]
async fn cors_allows_the_headers_that_graphql_clients_send_and_read() {
    let api = Api::builder()
        .allow_origin("https://app.example.org")
        .start()
        .await;
    let asked = async |origin: &str, header: &str| {
        let request = api.request(Method::OPTIONS, "/graphql");
        let request = request
            .header(ORIGIN, origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", header);
        request.send().await.unwrap()
    };
    for header in [
        "x-request-id",
        "baggage",
        "sentry-trace",
        "traceparent",
        "tracestate",
        "apollo-require-preflight",
        "graphql-preflight",
        "x-apollo-operation-name",
        "x-apollo-operation-id",
        "cache-control",
        "idempotency-key",
        "last-event-id",
        "if-none-match",
        "authorization",
        "content-type",
    ] {
        let before = asked("https://app.example.org", header).await;
        let allowed = header_text(before.headers(), "access-control-allow-headers");
        assert!(
            allowed.split(',').any(|one| one.trim() == header),
            "{header}: {allowed}"
        );
        // Other origins get no CORS headers.
        let before = asked("https://evil.example", header).await;
        assert_eq!(
            header_text(before.headers(), "access-control-allow-origin"),
            ""
        );
    }
    let before = asked("https://app.example.org", "cookie").await;
    assert!(!header_text(before.headers(), "access-control-allow-headers").contains("cookie"));
    let answer = get(
        &api,
        QUERY,
        &[
            ("origin", "https://app.example.org"),
            ("x-request-id", "a-1"),
        ],
    )
    .await;
    let exposed = header_text(answer.headers(), "access-control-expose-headers");
    for header in [
        "etag",
        "retry-after",
        "x-request-id",
        "www-authenticate",
        "allow",
    ] {
        assert!(
            exposed.split(',').any(|one| one.trim() == header),
            "{header}: {exposed}"
        );
    }
    // The origin is compared in its normal form.
    for origin in ["https://APP.example.org", "https://app.example.org:443"] {
        let before = asked(origin, "content-type").await;
        assert_eq!(
            header_text(before.headers(), "access-control-allow-origin"),
            origin
        );
    }
}

#[tokio::test]
async fn a_body_must_be_json_in_utf8_under_either_spelling_of_the_charset() {
    let api = Api::seeded().await;
    for (kind, status) in [
        ("application/json", 200),
        ("application/json; charset=utf8", 200),
        ("application/json; charset=UTF8", 200),
        ("application/json;charset=\"utf8\"", 200),
        ("Application/JSON ; Charset = \"Utf-8\"", 200),
        ("application/json; x=\"a;charset=latin1\"", 200),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=latin1", 415),
        ("application/json; charset=utf8; charset=latin1", 415),
        ("application/json; charset='utf8'", 415),
        ("text/plain; charset=utf8", 415),
    ] {
        let request = api.request(Method::POST, "/graphql");
        let body = json!({ "query": QUERY }).to_string();
        let answer = request.header("content-type", kind).body(body);
        assert_eq!(answer.send().await.unwrap().status(), status, "{kind}");
    }
}

#[tokio::test]
async fn a_page_of_the_same_host_may_open_a_websocket_behind_a_proxy() {
    let api = Api::seeded().await;
    let behind = Api::builder()
        .http(Settings {
            trusted_proxy: vec!["127.0.0.0/8".parse().unwrap()],
            ..Settings::default()
        })
        .start()
        .await;
    let inner = Some("example.org");
    for (server, origin, host, forwarded, status) in [
        (&api, "https://example.org", "example.org", None, 101),
        (&api, "https://example.org", "example.org:443", None, 101),
        (&api, "http://example.org", "example.org:80", None, 101),
        (&api, "https://example.org", "Example.ORG", None, 101),
        (&api, "https://example.org", "example.org.", None, 101),
        (
            &api,
            "https://[2001:db8::1]",
            "[2001:DB8::1]:443",
            None,
            101,
        ),
        (&api, "https://example.org", "example.org:80", None, 403),
        (&api, "https://example.org", "example.org:8443", None, 403),
        (&api, "https://evil.example", "example.org:443", None, 403),
        (&api, "https://example.org", "node-1:8000", inner, 403),
        (&behind, "https://example.org", "node-1:8000", inner, 101),
        (&behind, "https://evil.example", "node-1:8000", inner, 403),
    ] {
        let mut request = server
            .request(Method::GET, "/graphql/ws")
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("sec-websocket-protocol", "graphql-transport-ws")
            .header("host", host)
            .header("origin", origin);
        if let Some(forwarded) = forwarded {
            request = request.header("x-forwarded-host", forwarded);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{origin} {host} {forwarded:?}");
    }
}
