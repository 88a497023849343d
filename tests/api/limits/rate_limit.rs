//! The headers `RateLimit-Policy` and `RateLimit`, with the cost of the request.

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;
use cyberprofiles::http::Settings;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::json;

use crate::harness::{Api, roomy};

const HEAD: &str = "{ head { sequence } }";

fn limits() -> Limits {
    Limits {
        max_anonymous_cost_per_second: 2,
        max_cost_per_second: 3,
        max_batch: 5,
        ..roomy()
    }
}

fn post(api: &Api, query: &str) -> RequestBuilder {
    api.request(Method::POST, "/graphql")
        .header("accept", "application/graphql-response+json")
        .json(&json!({ "query": query }))
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    let value = response.headers().get(name)?;
    Some(value.to_str().unwrap())
}

/// The parameters of the header `RateLimit`, after its policy.
fn parameters<'a>(response: &'a Response, policy: &str) -> Vec<(&'a str, u64)> {
    let value = header(response, "ratelimit").unwrap();
    let parameters = value.strip_prefix(policy).unwrap().split(';').skip(1);
    let pairs = parameters.map(|one| one.split_once('=').unwrap());
    pairs
        .map(|(name, value)| (name, value.parse().unwrap()))
        .collect()
}

#[tokio::test]
async fn rate_limit_headers_tell_the_quota_its_rest_and_the_cost_until_429() {
    let api = Api::builder().empty().limits(limits()).start().await;
    let policy = "\"anonymous\";q=20;w=10";
    let first = post(&api, HEAD).send().await.unwrap();
    assert_eq!(header(&first, "ratelimit-policy"), Some(policy));
    assert_eq!(
        header(&first, "ratelimit"),
        Some("\"anonymous\";r=19;t=10;cyberprofiles-cost=2;cyberprofiles-points=1")
    );
    // A response from the cache takes one point. It is found by the bytes of the request, too.
    for _ in 0..2 {
        let cached = post(&api, HEAD).send().await.unwrap();
        let found = parameters(&cached, "\"anonymous\"");
        assert!(found[0].0 == "r" && found[0].1 < 20, "{found:?}");
        assert_eq!(
            found[1..],
            [
                ("t", 10),
                ("cyberprofiles-cost", 0),
                ("cyberprofiles-points", 1)
            ]
        );
    }
    let expensive = "{ countries(first: 100) { nodes { code name { text } } } }";
    let refused = post(&api, expensive).send().await.unwrap();
    assert_eq!(refused.status(), 400);
    assert!(header(&refused, "ratelimit").is_some());
    let expensive = "{ countries(first: 100) { nodes { code name status: region } } }";
    let expensive = post(&api, expensive).send().await.unwrap();
    let found = parameters(&expensive, "\"anonymous\"");
    assert_eq!(found[3].1, 1 + found[2].1 / 100, "{found:?}");
    assert!(found[2].1 >= 100, "{found:?}");
    let mut limited = None;
    for _ in 0..60 {
        let response = post(&api, HEAD).send().await.unwrap();
        if response.status() == 429 {
            limited = Some(response);
            break;
        }
    }
    let limited = limited.unwrap();
    let wait = header(&limited, "retry-after").unwrap().parse().unwrap();
    assert_eq!(
        parameters(&limited, "\"anonymous\"")[..2],
        [("r", 0), ("t", wait)]
    );
    assert_eq!(header(&limited, "ratelimit-policy"), Some(policy));
    let eva = api.token(Role::Editor, "eva").await;
    let known = post(&api, HEAD).bearer_auth(eva).send().await.unwrap();
    assert_eq!(
        header(&known, "ratelimit-policy"),
        Some("\"person\";q=30;w=10")
    );
    assert_eq!(parameters(&known, "\"person\"")[0], ("r", 29));
}

#[tokio::test]
async fn every_counted_response_has_rate_limit_headers() {
    let limits = Limits {
        max_anonymous_cost_per_second: 1_000,
        ..limits()
    };
    let api = Api::builder()
        .empty()
        .limits(limits)
        .allow_origin("https://app.example.org")
        .start()
        .await;
    let get = || {
        api.request(Method::GET, "/graphql")
            .query(&[("query", HEAD)])
            .header("origin", "https://app.example.org")
    };
    let first = get().send().await.unwrap();
    let tag = header(&first, "etag").unwrap();
    let exposed = header(&first, "access-control-expose-headers").unwrap();
    assert!(exposed.contains("ratelimit-policy,ratelimit"), "{exposed}");
    let known = get().header("if-none-match", tag).send().await.unwrap();
    let batch =
        json!([{ "query": HEAD }, { "query": "{ nothing }" }, { "query": "{ head { cursor } }" }]);
    let batch = api.request(Method::POST, "/graphql").json(&batch);
    let batch = batch.send().await.unwrap();
    let unreadable = api.request(Method::POST, "/graphql").body("{");
    let unreadable = unreadable.send().await.unwrap();
    let unknown = post(&api, HEAD).bearer_auth("cp_nobody");
    let unknown = unknown.send().await.unwrap();
    for (response, status, cost, points) in [
        (first, 200, 2, 1),
        (known, 304, 0, 1),
        (batch, 200, 2, 3),
        (unreadable, 415, 0, 1),
        (unknown, 401, 0, 1),
    ] {
        assert_eq!(response.status(), status);
        assert_eq!(
            header(&response, "ratelimit-policy"),
            Some("\"anonymous\";q=10000;w=10"),
            "{status}"
        );
        assert_eq!(
            parameters(&response, "\"anonymous\"")[2..],
            [
                ("cyberprofiles-cost", cost),
                ("cyberprofiles-points", points)
            ],
            "{status}"
        );
    }
    // The quota never allows so much, and other requests may pass.
    let api = Api::builder().empty().limits(self::limits()).start().await;
    let never =
        "{ countries(first: 100) { nodes { treatyEvents(first: 100) { nodes { kind } } } } }";
    let never = post(&api, never).send().await.unwrap();
    assert_eq!(never.status(), 429);
    assert!(header(&never, "ratelimit-policy").is_some());
    assert_eq!(header(&never, "ratelimit"), None);
    // Without a limit there is nothing to tell.
    let open = Api::builder().empty().http(Settings::default());
    let open = post(&open.start().await, HEAD).send().await.unwrap();
    assert_eq!(open.status(), 200);
    assert_eq!(header(&open, "ratelimit-policy"), None);
    assert_eq!(header(&open, "ratelimit"), None);
}
