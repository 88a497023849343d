//! Cost of a request, and the limits on the cost that one client may use.

use std::time::Duration;

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Api, retitle, roomy};

#[tokio::test]
async fn the_cost_of_a_request_is_returned_on_request() {
    let api = Api::seeded().await;
    let query = "query($first: Int!) { countries(first: $first) { nodes { code } } }";
    let body =
        json!({ "query": query, "variables": { "first": 7 }, "extensions": { "cost": true } });
    let request = api.request(Method::POST, "/graphql").json(&body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    // Estimated: two fields for each of seven nodes. Actual: the fields of the answer, `countries`, `nodes` and seven
    // times `code`.
    assert_eq!(
        answer["extensions"]["cost"],
        json!({ "estimated": 14, "actual": 9 })
    );
}

#[tokio::test]
async fn an_anonymous_client_over_its_cost_limit_is_429_until_retry_after() {
    let api = Api::builder()
        .empty()
        .limits(Limits {
            max_anonymous_cost_per_second: 2,
            ..roomy()
        })
        .start()
        .await;
    let ask = async |query: &str| {
        let request = api.request(Method::POST, "/graphql");
        request
            .json(&json!({ "query": query }))
            .send()
            .await
            .unwrap()
    };
    // Ten seconds' worth may be used at once, and no more.
    for _ in 0..20 {
        assert_eq!(ask("{ head { sequence } }").await.status(), 200);
    }
    let mut refused = ask("{ head { sequence } }").await;
    for _ in 0..40 {
        if refused.status() != 200 {
            break;
        }
        // On a slow machine the allowance has grown meanwhile.
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
    assert_eq!(answer["errors"][0].get("locations"), None);
    assert_eq!(answer["errors"][0]["extensions"]["retryAfterSeconds"], wait);
    // Other clients are not affected.
    let carla = api.person(Role::Contributor, "carla").await;
    carla.ask("{ head { sequence } }", json!({})).await.data();
    tokio::time::sleep(Duration::from_secs(wait)).await;
    assert_eq!(ask("{ head { sequence } }").await.status(), 200);
}

#[tokio::test]
async fn all_tokens_of_a_person_share_one_cost_limit() {
    let api = Api::builder()
        .empty()
        .limits(Limits {
            max_cost_per_second: 1,
            max_anonymous_cost_per_second: 1,
            ..roomy()
        })
        .start()
        .await;
    let [one, other] = [
        api.person(Role::Editor, "eva").await,
        api.person(Role::Editor, "eva").await,
    ];
    let mut answered = 0;
    for number in 0..40 {
        let person = if number % 2 == 0 { &one } else { &other };
        let answer = person.ask("{ head { sequence } }", json!({})).await;
        if answer.status == 429 {
            assert_eq!(answer.code(), "RATE_LIMITED");
            break;
        }
        answer.data();
        answered += 1;
    }
    // Ten seconds' worth at once, and what is added meanwhile.
    assert!((10..40).contains(&answered), "{answered}");
    // Anonymous requests have an allowance of their own, still unused.
    api.anyone()
        .ask("{ head { sequence } }", json!({}))
        .await
        .data();
}

#[tokio::test]
async fn unreadable_and_unauthenticated_requests_count_against_the_anonymous_cost_limit() {
    for (token, kind, body) in [
        (None, "application/json", "{"),
        (None, "text/plain", "{}"),
        (
            Some("wrong"),
            "application/json",
            "{ \"query\": \"{ head { sequence } }\" }",
        ),
    ] {
        let api = Api::builder()
            .empty()
            .limits(Limits {
                max_anonymous_cost_per_second: 1,
                ..roomy()
            })
            .start()
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
        // A signed-in person at the same address has an allowance of their own.
        let carla = api.person(Role::Contributor, "carla").await;
        carla.ask("{ head { sequence } }", json!({})).await.data();
    }
}

#[tokio::test]
async fn a_request_over_the_cost_allowance_is_429_and_a_cheap_one_passes() {
    let api = Api::builder()
        .empty()
        .limits(Limits {
            max_anonymous_cost_per_second: 2,
            ..roomy()
        })
        .start()
        .await;
    // It costs about 20,000, or 200 times a small query: more than the allowance ever reaches.
    let query =
        "{ countries(first: 100) { nodes { treatyEvents(first: 100) { nodes { kind } } } } }";
    let refused = api.fails(query).await;
    assert_eq!((refused.status, refused.code()), (429, "RATE_LIMITED"));
    assert_eq!(
        api.query_once("{ head { sequence } }").await["head"]["sequence"],
        0
    );
}

/// The cost of an anonymous query under the default limits: estimated before execution, and as it was.
async fn cost(api: &Api, query: &str) -> (u64, u64) {
    let body = json!({ "query": query, "extensions": { "cost": true } });
    let request = api.request(Method::POST, "/graphql").json(&body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer.get("errors"), None, "{answer:#}");
    let cost = &answer["extensions"]["cost"];
    let of = |name: &str| cost[name].as_u64().unwrap();
    (of("estimated"), of("actual"))
}

const WHOLE_PROFILE: &str = include_str!("whole_profile.graphql");

#[tokio::test]
async fn the_estimate_of_a_whole_profile_is_near_its_cost() {
    let api = Api::seeded().await;
    let profiles = "{ countries(first: 250, filter: { hasProfile: true }) { nodes { code } } }";
    let profiles = api.query_once(profiles).await["countries"]["nodes"].clone();
    let (mut all, mut near) = (0, 0);
    for one in profiles.as_array().unwrap() {
        let query = format!(
            "{{ country(code: {}) {{ ...Profile }} }} {WHOLE_PROFILE}",
            one["code"]
        );
        let (estimated, actual) = cost(&api, &query).await;
        assert!(actual <= estimated, "{one}: {actual} of {estimated}");
        all += 1;
        near += usize::from(estimated <= 5 * actual);
    }
    assert!(all > 50 && near * 10 > all * 9, "{near} of {all}");
}

#[tokio::test]
async fn three_whole_profiles_are_compared_in_one_anonymous_request() {
    let api = Api::seeded().await;
    let query = format!(
        "{{ a: country(code: \"AR\") {{ ...Profile }} b: country(code: \"RO\") {{ ...Profile }}
            c: country(code: \"JP\") {{ ...Profile }} }} {WHOLE_PROFILE}"
    );
    let (estimated, actual) = cost(&api, &query).await;
    let most = Limits::default().max_anonymous_complexity;
    assert!(estimated <= u64::try_from(most).unwrap(), "{estimated}");
    assert!((10_000..=estimated).contains(&actual), "{actual}");
    // Whole profiles of all countries are refused.
    let all = format!("{{ countries(first: 250) {{ nodes {{ ...Profile }} }} }} {WHOLE_PROFILE}");
    let refused = api.fails(&all).await;
    assert_eq!((refused.status, refused.code()), (400, "TOO_COMPLEX"));
}

#[tokio::test]
async fn all_countries_are_one_page() {
    let api = Api::seeded().await;
    let query = "{ countries(first: 250) { totalCount pageInfo { hasNextPage } nodes { code name region subregion kind
        memberships { organisation role } treatyStatus { status since { edtf } } recordCounts { kind count } } } }";
    let (estimated, actual) = cost(&api, query).await;
    assert!(
        estimated < 10_000 && actual < 10_000,
        "{estimated} {actual}"
    );
    let page = api.query_once(query).await["countries"].clone();
    assert_eq!(page["totalCount"], 250);
    assert_eq!(page["nodes"].as_array().unwrap().len(), 250);
    assert_eq!(page["pageInfo"]["hasNextPage"], false);
}

#[tokio::test]
async fn a_list_of_named_countries_costs_no_more_than_they_have() {
    let api = Api::seeded().await;
    for (query, most) in [
        (
            "{ countries(first: 250, filter: { codes: [\"AZ\", \"FR\"] }) { nodes { code } } }",
            4,
        ),
        (
            "{ countries(first: 250, filter: { codes: [] }) { nodes { code } } }",
            2,
        ),
        (
            "{ policyDocuments(first: 250, filter: { countries: [\"AZ\"] }) { nodes { title } } }",
            50,
        ),
        (
            "{ policyDocuments(first: 3, filter: { countries: [\"AZ\"] }) { nodes { title } } }",
            6,
        ),
        (
            "{ countries(first: 250, filter: { codes: null }) { nodes { code } } }",
            500,
        ),
    ] {
        assert_eq!(cost(&api, query).await.0, most, "{query}");
    }
    let query = "query($f: CountryFilter) { countries(first: 250, filter: $f) { nodes { code } } }";
    let body = json!({ "query": query, "variables": { "f": { "codes": ["AZ"] } }, "extensions": { "cost": true } });
    let request = api.request(Method::POST, "/graphql").json(&body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["extensions"]["cost"]["estimated"], 2);
}

#[tokio::test]
async fn a_list_that_is_longer_than_usual_counts_during_execution() {
    for (most, passes) in [(42, true), (41, false)] {
        let limits = Limits {
            max_anonymous_complexity: most,
            ..roomy()
        };
        let api = Api::builder().limits(limits).start().await;
        let eva = api.editor("eva").await;
        for version in 1..=12 {
            eva.publish(retitle(version, &format!("Title {version}")))
                .await;
        }
        // 3 versions are expected, 13 exist: 3 fields for each, and the treaty, its history and the page around them.
        let query = "{ treaty(reference: \"ETS 185\") { history(first: 250) { nodes { version record { recordId } } } } }";
        let answer = api.anyone().ask(query, json!({})).await;
        if passes {
            let history = &answer.data()["treaty"]["history"]["nodes"];
            assert_eq!(history.as_array().unwrap().len(), 13);
        } else {
            // Refused as a whole: no part of the answer is sent.
            assert_eq!((answer.status, answer.code()), (400, "TOO_COMPLEX"));
            assert_eq!(answer.body.get("data"), None);
            assert!(
                answer.message().contains("more than 41"),
                "{}",
                answer.message()
            );
            let mut socket = api.socket(json!({})).await;
            socket.subscribe("s", query, json!({})).await;
            let refused = socket.next().await;
            assert_eq!(refused["type"], "error", "{refused:#}");
        }
    }
}
