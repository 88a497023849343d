//! HTTP caching: which answers may be cached, and conditional requests.

use cyberprofiles::domain::viewer::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::edge::{QUERY, get, header_text};
use crate::harness::{Api, retitle};

#[tokio::test]
async fn a_request_with_the_current_etag_gets_304_without_a_body() {
    let api = Api::seeded().await;
    for _ in 0..2 {
        get(&api, QUERY, &[]).await;
    }
    let first = get(&api, QUERY, &[]).await;
    assert_eq!(first.status(), 200);
    let tag = header_text(first.headers(), "etag").to_owned();
    assert_eq!(
        header_text(first.headers(), "cache-control"),
        "public, max-age=0, must-revalidate"
    );
    let vary = first.headers().get_all("vary").iter();
    let vary: Vec<&str> = vary
        .flat_map(|value| value.to_str().unwrap().split(", "))
        .collect();
    for name in ["accept", "authorization", "accept-encoding", "origin"] {
        assert!(vary.contains(&name), "{vary:?}");
    }
    api.statements();
    let again = get(&api, QUERY, &[("if-none-match", &tag)]).await;
    assert_eq!(
        (again.status(), header_text(again.headers(), "etag")),
        (reqwest::StatusCode::NOT_MODIFIED, &*tag)
    );
    assert_eq!(again.text().await.unwrap(), "");
    // On PostgreSQL another instance may have written, so the head of the log is read, and nothing else.
    let read = api.statements();
    let most = usize::from(crate::database::is_postgresql());
    assert!(
        read.len() <= most && read.iter().all(|sql| sql.contains("FROM \"head\"")),
        "{read:#?}"
    );
    for known in ["*", &format!("\"x\", {tag}"), tag.trim_start_matches("W/")] {
        assert_eq!(
            get(&api, QUERY, &[("if-none-match", known)]).await.status(),
            304,
            "{known}"
        );
    }
    for other in ["\"x\"", "W/\"0.1.0-1-2026-01-01-ANONYMOUS\""] {
        assert_eq!(
            get(&api, QUERY, &[("if-none-match", other)]).await.status(),
            200,
            "{other}"
        );
    }
    // A page is public, whether it is selected by `nodes` or by `edges`.
    for page in [
        "{ treaties { nodes { id } } }",
        "{ treaties { edges { node { id } } } }",
    ] {
        assert_ne!(
            get(&api, page, &[]).await.headers().get("etag"),
            None,
            "{page}"
        );
    }
    // A change of any record invalidates the ETag.
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Renamed")).await;
    let changed = get(&api, QUERY, &[("if-none-match", &tag)]).await;
    assert_eq!(changed.status(), 200);
    assert_ne!(header_text(changed.headers(), "etag"), tag);
}

#[tokio::test]
async fn personal_answers_and_answers_to_post_are_not_cacheable() {
    let api = Api::seeded().await;
    let eva = api.token(Role::Editor, "eva").await;
    let bearer = format!("Bearer {eva}");
    for query in [
        "{ viewer { role } }",
        "{ contributions { nodes { id } } }",
        "{ changes(last: 1) { nodes { contribution { id } } } }",
        "{ node(id: \"Contribution:x\") { id } }",
        "query($i: ID! = \"Contribution:x\") { node(id: $i) { id } }",
        "query($i: [ID!]! = [\"Contribution:x\"]) { nodes(ids: $i) { id } }",
        "{ node(id: \"\\u0043ontribution:x\") { id } }",
        "{ nothing }",
    ] {
        for headers in [&[][..], &[("authorization", &*bearer)]] {
            let answer = get(&api, query, headers).await;
            assert_eq!(
                header_text(answer.headers(), "cache-control"),
                "no-store",
                "{query}"
            );
            assert_eq!(answer.headers().get("etag"), None, "{query}");
        }
    }
    // For signed-in people, even public data is cacheable only privately.
    let known = get(&api, QUERY, &[("authorization", &bearer)]).await;
    assert_eq!(
        header_text(known.headers(), "cache-control"),
        "private, max-age=0, must-revalidate"
    );
    assert!(header_text(known.headers(), "etag").contains("EDITOR"));
    let role = get(&api, "{ viewer { role } }", &[("authorization", &bearer)]).await;
    let role: Value = role.json().await.unwrap();
    assert_eq!(role["data"]["viewer"]["role"], "EDITOR");
    let role: Value = get(&api, "{ viewer { role } }", &[])
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(role["data"]["viewer"]["role"], "ANONYMOUS");
    let posted = api
        .request(Method::POST, "/graphql")
        .json(&json!({ "query": QUERY }));
    assert_eq!(
        header_text(posted.send().await.unwrap().headers(), "cache-control"),
        "no-store"
    );
}

#[tokio::test]
async fn the_etag_differs_by_query_database_and_limits() {
    let [one, other] = [
        Api::seeded().await,
        Api::builder().empty().load().start().await,
    ];
    let limited = Api::builder()
        .limits(cyberprofiles::graphql::limits::Limits {
            max_depth: 15,
            ..crate::harness::roomy()
        })
        .start()
        .await;
    let mut tags = std::collections::HashSet::new();
    for (api, query) in [
        (&one, QUERY),
        (&one, "{ head { cursor } }"),
        (&other, QUERY),
        (&limited, QUERY),
    ] {
        let answer = get(api, query, &[]).await;
        assert!(
            tags.insert(header_text(answer.headers(), "etag").to_owned()),
            "{query}"
        );
    }
}

#[tokio::test]
async fn an_etag_of_one_instance_is_valid_on_another_with_the_same_data() {
    let [one, other] = [Api::seeded().await, Api::seeded().await];
    let first = get(&one, QUERY, &[]).await;
    let tag = header_text(first.headers(), "etag");
    // Read the head of the log beforehand.
    let head = "{ head { sequence } }";
    get(&other, head, &[]).await;
    other.statements();
    let again = get(&other, QUERY, &[("if-none-match", tag)]).await;
    assert_eq!(again.status(), 304);
    let read = other.statements();
    assert!(
        read.iter().all(|sql| sql.contains("FROM \"head\"")),
        "it was executed: {read:#?}"
    );
    // An invalid query has no answer that a client could already have, whatever its headers claim.
    let headers = [
        ("if-none-match", "*"),
        ("accept", "application/graphql-response+json"),
    ];
    let wrong = get(&other, "{ nothing }", &headers).await;
    assert_eq!(wrong.status(), 400);
}

/// Posts a body with some headers. Returns content type, ETag and text of the answer.
async fn posted(api: &Api, body: &Value, headers: &[(&str, &str)]) -> [String; 3] {
    let mut request = api.request(Method::POST, "/graphql").json(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let of = |name| header_text(response.headers(), name).to_owned();
    let (kind, tag) = (of("content-type"), of("etag"));
    [kind, tag, response.text().await.unwrap()]
}

#[tokio::test]
async fn identical_post_bodies_are_answered_by_the_data_and_rights_at_the_time() {
    let api = Api::seeded().await;
    let treaty = "{ treaty(reference: \"ETS 185\") { shortTitle } head { sequence } }";
    let body = json!({ "query": treaty });
    let first = posted(&api, &body, &[]).await;
    assert_eq!(posted(&api, &body, &[]).await, first);
    // Callers and media types have answers of their own.
    let eva = api.editor("eva").await;
    let token = format!("Bearer {}", api.token(Role::Editor, "ada").await);
    let known = posted(&api, &body, &[("authorization", &token)]).await;
    assert!(known[1].contains("EDITOR"), "{known:?}");
    assert_eq!(known[2], first[2]);
    let newer = [("accept", "application/graphql-response+json")];
    let newer = posted(&api, &body, &newer).await;
    assert!(newer[0].starts_with("application/graphql-response+json"));
    assert_eq!(newer[1..], first[1..]);
    let events = posted(&api, &body, &[("accept", "text/event-stream")]).await;
    assert!(events[2].starts_with("event: next\n"), "{events:?}");
    let nobody = [("authorization", "Bearer nobody")];
    let nobody = posted(&api, &body, &nobody).await;
    assert!(nobody[2].contains("UNAUTHENTICATED"), "{nobody:?}");
    // A change invalidates the cached answer.
    eva.publish(retitle(1, "Renamed")).await;
    let before = api.service.stats().responses;
    let changed = posted(&api, &body, &[]).await;
    assert!(changed[2].contains("Renamed"), "{changed:?}");
    let after = api.service.stats().responses;
    assert_eq!((after.hits, after.misses), (before.hits, before.misses + 1));
    posted(&api, &body, &[]).await;
    assert_eq!(api.service.stats().responses.hits, after.hits + 1);
    assert_ne!(changed[1], first[1]);
    // Personal answers and answers with cost extensions are computed each time.
    let role = json!({ "query": "{ viewer { role } }" });
    for (headers, role_of) in [
        (&[][..], "ANONYMOUS"),
        (&[("authorization", &*token)], "EDITOR"),
        (&[], "ANONYMOUS"),
    ] {
        let [_, tag, text] = posted(&api, &role, headers).await;
        assert!(tag.is_empty() && text.contains(role_of), "{text}");
    }
    let cost = json!({ "query": treaty, "extensions": { "cost": true } });
    for _ in 0..2 {
        assert!(posted(&api, &cost, &[]).await[2].contains("estimated"));
    }
    let publish =
        json!({ "query": "mutation { createContribution(input: {}) { clientMutationId } }" });
    for _ in 0..2 {
        let [_, tag, text] = posted(&api, &publish, &[]).await;
        assert!(tag.is_empty() && text.contains("errors"), "{text}");
    }
}
