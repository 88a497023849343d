//! Rights: every root field of the schema for every role, and which tokens are accepted.

use std::collections::BTreeSet;

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::store::{Options, Store};
use serde_json::{Value, json};

use crate::harness::{Api, Person, retitle, until};

/// Outcomes by role: "done" (or refused because of the input, not because of the role), or an error code.
type Outcomes = [&'static str; 4];

const ROLES: [Role; 4] = [
    Role::Anonymous,
    Role::Contributor,
    Role::Editor,
    Role::Admin,
];

const ALL: Outcomes = ["done"; 4];
const KNOWN: Outcomes = ["UNAUTHENTICATED", "done", "done", "done"];
const EDITORS: Outcomes = ["UNAUTHENTICATED", "FORBIDDEN", "done", "done"];

/// Every root field, a query of it, and its outcome for each role. `$own` is a contribution of the caller, `$other` one
/// of somebody else; for the anonymous role `$own` is `$other`.
const TABLE: [(&str, &str, &str, Outcomes); 56] = [
    ("query", "country", "country(code: \"AZ\") { id }", ALL),
    ("query", "countries", "countries { totalCount }", ALL),
    (
        "query",
        "treaty",
        "treaty(reference: \"ETS 185\") { id }",
        ALL,
    ),
    ("query", "treaties", "treaties { totalCount }", ALL),
    ("query", "treatyEvents", "treatyEvents { totalCount }", ALL),
    (
        "query",
        "policyDocuments",
        "policyDocuments { totalCount }",
        ALL,
    ),
    (
        "query",
        "cybersecurityBodies",
        "cybersecurityBodies { totalCount }",
        ALL,
    ),
    (
        "query",
        "operationalUnits",
        "operationalUnits { totalCount }",
        ALL,
    ),
    (
        "query",
        "articleImplementations",
        "articleImplementations { totalCount }",
        ALL,
    ),
    (
        "query",
        "courtDecisions",
        "courtDecisions { totalCount }",
        ALL,
    ),
    ("query", "sources", "sources { totalCount }", ALL),
    ("query", "regions", "regions", ALL),
    ("query", "coverageCounts", "coverageCounts { count }", ALL),
    ("query", "records", "records { totalCount }", ALL),
    (
        "query",
        "search",
        "search(query: \"azerbaijan\") { totalCount }",
        ALL,
    ),
    ("query", "node", "node(id: \"Country:az\") { id }", ALL),
    ("query", "nodes", "nodes(ids: [\"Country:az\"]) { id }", ALL),
    ("query", "at", "at(asOf: \"2010-01-01\") { asOf }", ALL),
    ("query", "changes", "changes { totalCount }", ALL),
    (
        "query",
        "diff",
        "diff(id: \"Country:az\", from: 1, to: 1) { field }",
        ALL,
    ),
    ("query", "head", "head { sequence }", ALL),
    (
        "query",
        "contribution",
        "contribution(id: $other) { id }",
        ALL,
    ),
    (
        "query",
        "contributions",
        "contributions { totalCount }",
        ALL,
    ),
    (
        "query",
        "contributionCounts",
        "contributionCounts { count }",
        ALL,
    ),
    ("query", "webhooks", "webhooks { id }", KNOWN),
    ("query", "labels", "labels { text }", ALL),
    ("query", "viewer", "viewer { role }", ALL),
    ("query", "serviceConfig", "serviceConfig { maxDepth }", ALL),
    (
        "mutation",
        "createContribution",
        "createContribution(input: { title: \"T\", rationale: \"R\", changes: [] }) { userErrors { code } }",
        KNOWN,
    ),
    (
        "mutation",
        "updateContribution",
        "updateContribution(input: { id: $own, revision: 1, title: \"T\" }) { userErrors { code } }",
        KNOWN,
    ),
    (
        "mutation",
        "updateContribution",
        "updateContribution(input: { id: $other, revision: 1, title: \"T\" }) { userErrors { code } }",
        ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "mutation",
        "resolveConflicts",
        "resolveConflicts(input: { id: $own, revision: 1, choices: [] }) { userErrors { code } }",
        KNOWN,
    ),
    (
        "mutation",
        "resolveConflicts",
        "resolveConflicts(input: { id: $other, revision: 1, choices: [] }) { userErrors { code } }",
        ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "mutation",
        "submitContribution",
        "submitContribution(input: { id: $own, revision: 1 }) { userErrors { code } }",
        KNOWN,
    ),
    (
        "mutation",
        "submitContribution",
        "submitContribution(input: { id: $other, revision: 1 }) { userErrors { code } }",
        ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "mutation",
        "withdrawContribution",
        "withdrawContribution(input: { id: $own }) { userErrors { code } }",
        KNOWN,
    ),
    (
        "mutation",
        "withdrawContribution",
        "withdrawContribution(input: { id: $other }) { userErrors { code } }",
        ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"],
    ),
    (
        "mutation",
        "importProfilePage",
        "importProfilePage(input: { country: \"AZ\", text: \"\" }) { userErrors { code } }",
        KNOWN,
    ),
    (
        "mutation",
        "startReview",
        "startReview(input: { id: $other }) { userErrors { code } }",
        EDITORS,
    ),
    (
        "mutation",
        "requestChanges",
        "requestChanges(input: { id: $other, revision: 1, comment: \"C\" }) { userErrors { code } }",
        EDITORS,
    ),
    (
        "mutation",
        "acceptContribution",
        "acceptContribution(input: { id: $other, revision: 1 }) { userErrors { code } }",
        EDITORS,
    ),
    (
        "mutation",
        "acceptContribution",
        "acceptContribution(input: { id: $own, revision: 1 }) { userErrors { code } }",
        [
            "UNAUTHENTICATED",
            "FORBIDDEN",
            "OWN_CONTRIBUTION",
            "OWN_CONTRIBUTION",
        ],
    ),
    (
        "mutation",
        "rejectContribution",
        "rejectContribution(input: { id: $other, revision: 1, reason: \"R\" }) { userErrors { code } }",
        EDITORS,
    ),
    (
        "mutation",
        "commentOnContribution",
        "commentOnContribution(input: { id: $other, body: \"B\" }) { userErrors { code } }",
        KNOWN,
    ),
    (
        "mutation",
        "revertChange",
        "revertChange(input: { sequence: 1, rationale: \"R\" }) { userErrors { code } }",
        KNOWN,
    ),
    (
        "mutation",
        "revertContribution",
        "revertContribution(input: { id: $other, rationale: \"R\" }) { userErrors { code } }",
        KNOWN,
    ),
    (
        "mutation",
        "submitTip",
        "submitTip(input: { country: \"AZ\", message: \"M\" }) { userErrors { code } }",
        ALL,
    ),
    (
        "mutation",
        "verifyRecord",
        "verifyRecord(input: { id: \"Country:az\", verifiedOn: \"2026-01-01\" }) { userErrors { code } }",
        EDITORS,
    ),
    (
        "mutation",
        "createWebhook",
        "createWebhook(input: { url: \"http://127.0.0.1/\", document: \"subscription { changes { id } }\" }) { userErrors { code } }",
        KNOWN,
    ),
    (
        "mutation",
        "updateWebhook",
        "updateWebhook(input: { id: \"Webhook:0\" }) { webhook { id } }",
        KNOWN,
    ),
    (
        "mutation",
        "deleteWebhook",
        "deleteWebhook(input: { id: \"Webhook:0\" }) { webhook { id } }",
        KNOWN,
    ),
    ("subscription", "changes", "changes { id }", ALL),
    ("subscription", "contributions", "contributions { id }", ALL),
    // To everybody else, a record that only some may see is absent.
    (
        "mutation",
        "acceptContribution",
        "acceptContribution(input: { id: $draft, revision: 1 }) { userErrors { code } }",
        ["NOT_FOUND"; 4],
    ),
    (
        "mutation",
        "commentOnContribution",
        "commentOnContribution(input: { id: $draft, body: \"B\" }) { userErrors { code } }",
        ["NOT_FOUND"; 4],
    ),
    (
        "mutation",
        "commentOnContribution",
        "commentOnContribution(input: { id: $tip, body: \"B\" }) { userErrors { code } }",
        ["NOT_FOUND", "NOT_FOUND", "done", "done"],
    ),
];

fn source() -> Value {
    json!([{ "createSource": { "fields": { "kind": "NEWS", "title": "Some" } } }])
}

/// Outcome of a query or mutation in one word.
fn outcome(body: &Value) -> String {
    let code = body["errors"][0]["extensions"]["code"].as_str();
    let refused = || {
        let field = body["data"].as_object()?.values().next()?;
        field["userErrors"][0]["code"].as_str()
    };
    let for_who = ["OWN_CONTRIBUTION", "NOT_FOUND"];
    let said = code.or_else(|| refused().filter(|code| for_who.contains(code)));
    said.unwrap_or("done").to_owned()
}

async fn draft(person: &Person<'_>) -> Value {
    let input = json!({ "title": "T", "rationale": "R.", "changes": source() });
    person.create(input).await["contribution"]["id"].clone()
}

#[tokio::test]
async fn every_root_field_answers_each_role_as_the_table_states() {
    let api = Api::seeded().await;
    let ada = api.person(Role::Contributor, "ada").await;
    for (root, field, asked, outcomes) in TABLE {
        for (role, expected) in ROLES.into_iter().zip(outcomes) {
            let token = api.token(role, &format!("{role}")).await;
            let person = match role {
                Role::Anonymous => api.anyone(),
                _ => api.bearer(&token),
            };
            if root == "subscription" {
                let init = match role {
                    Role::Anonymous => json!({}),
                    _ => json!({ "Authorization": format!("Bearer {token}") }),
                };
                let followed_by = async |followers: u8| match field {
                    "changes" => api.followed_by(followers.into()).await,
                    _ => api.contributions_followed_by(followers.into()).await,
                };
                // Wait until earlier followers are gone.
                followed_by(0).await;
                let mut socket = api.socket(init).await;
                socket
                    .subscribe("1", &format!("subscription {{ {asked} }}"), json!({}))
                    .await;
                followed_by(1).await;
                let eva = api.editor("eva").await;
                eva.accept(&ada.proposed(source()).await).await;
                let told = socket.event().await;
                assert!(told[field]["id"].is_string());
                continue;
            }
            let other = ada.proposed(source()).await;
            let own = match role {
                Role::Anonymous => json!(other),
                _ => draft(&person).await,
            };
            let tip = "mutation { submitTip(input: { country: \"AZ\", message: \"M\" }) { contribution { id } } }";
            let tip = api.query(tip).await["submitTip"]["contribution"]["id"].clone();
            let variables =
                json!({ "own": own, "other": other, "draft": draft(&ada).await, "tip": tip });
            let names = ["own", "other", "draft", "tip"];
            let named: Vec<String> = names
                .iter()
                .filter(|name| asked.contains(&format!("${name}")))
                .map(|name| format!("${name}: ID!"))
                .collect();
            let named = match named.as_slice() {
                [] => String::new(),
                named => format!("({})", named.join(", ")),
            };
            let answer = person
                .ask(&format!("{root}{named} {{ {asked} }}"), variables)
                .await;
            assert_eq!(
                outcome(&answer.body),
                expected,
                "{asked} {role}: {:#}",
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn the_table_has_every_root_field_of_the_schema() {
    let api = Api::empty().await;
    let schema = api
        .query("{ __schema { queryType { fields { name } } mutationType { fields { name } } subscriptionType { fields { name } } } }")
        .await;
    let mut fields = BTreeSet::new();
    for root in ["query", "mutation", "subscription"] {
        let of_root = &schema["__schema"][format!("{root}Type")]["fields"];
        for field in of_root.as_array().unwrap() {
            fields.insert((root, field["name"].as_str().unwrap()));
        }
    }
    let listed: BTreeSet<(&str, &str)> = TABLE.iter().map(|row| (row.0, row.1)).collect();
    assert_eq!(listed, fields);
}

#[tokio::test]
async fn an_unknown_expired_or_revoked_token_is_refused_on_every_transport() {
    let api = Api::seeded().await;
    let make = async |end: Option<chrono::DateTime<chrono::Utc>>| {
        let made = api
            .store
            .create_token(Role::Editor, "eva", Some("eva"), end);
        made.await.unwrap()
    };
    let in_an_hour = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let good = make(Some(in_an_hour)).await;
    let expired = make(Some(chrono::Utc::now())).await;
    let revoked = make(None).await;
    let ask = async |value: String| {
        let body = json!({ "query": "{ viewer { role } }" });
        let by_post = api.request(reqwest::Method::POST, "/graphql").json(&body);
        let by_get = api.request(reqwest::Method::GET, "/graphql?query={viewer{role}}");
        let mut statuses = Vec::new();
        for request in [by_post, by_get] {
            let answer = request
                .header("Authorization", &value)
                .send()
                .await
                .unwrap();
            statuses.push(answer.status().as_u16());
            if answer.status() == 401 {
                let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
                assert!(challenge.starts_with("Bearer"), "{challenge}");
                let body: Value = answer.json().await.unwrap();
                assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
                assert!(body.get("data").is_none());
            }
        }
        statuses
    };
    assert_eq!(ask(format!("Bearer {good}")).await, [200, 200]);
    assert_eq!(ask(format!("bearer {revoked}")).await, [200, 200]);
    let tokens = api.store.tokens().await.unwrap();
    assert_eq!(tokens.len(), 3);
    let id = &tokens.last().unwrap().id;
    let revoke = api.store.revoke_token(id).await.unwrap();
    assert!(revoke.revoked_at.is_some());
    for value in [
        format!("Bearer {expired}"),
        format!("Bearer {revoked}"),
        format!("Bearer {good}x"),
        "Bearer cp_unknown".to_owned(),
        "Bearer a.b.c".to_owned(),
        "Bearer ".to_owned(),
        format!("Basic {good}"),
        good.clone(),
    ] {
        assert_eq!(ask(value.clone()).await, [401, 401], "{value}");
    }
    for said in [expired, revoked] {
        let init = json!({ "Authorization": format!("Bearer {said}") });
        let mut socket = api.socket(init).await;
        assert!(socket.next().await.get("closed").is_some());
    }
    // Two `Authorization` headers count as no valid token.
    let twice = api
        .request(reqwest::Method::POST, "/graphql")
        .json(&json!({ "query": "{ viewer { role } }" }))
        .header("Authorization", format!("Bearer {good}"))
        .header("Authorization", format!("Bearer {good}"));
    assert_eq!(twice.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_last_use_of_a_token_is_recorded_to_the_minute() {
    let api = Api::empty().await;
    let person = api.person(Role::Contributor, "carla").await;
    let used = async || api.store.tokens().await.unwrap()[0].last_used_at;
    assert_eq!(used().await, None);
    let query = "{ viewer { id } }";
    person.ask(query, json!({})).await.data();
    let begun = std::time::Instant::now();
    let first = loop {
        if let Some(used) = used().await {
            break used;
        }
        assert!(begun.elapsed().as_secs() < 60);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    person.ask(query, json!({})).await.data();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(used().await, Some(first));
}

#[tokio::test]
async fn a_token_that_is_known_is_refused_as_soon_as_any_process_has_revoked_it() {
    let api = Api::seeded().await;
    let other = Store::open(&api.url, &Options::default()).await.unwrap();
    let (author, eva) = (api.contributor().await, api.editor("eva").await);
    let mut version = 0;
    let mut publish = async |title: &str| {
        version += 1;
        let id = author.proposed(retitle(version, title)).await;
        assert_eq!(eva.accept(&id).await["contribution"]["state"], "ACCEPTED");
    };
    publish("First").await;
    for revoking in [&api.store, &other] {
        let nora = api.person(Role::Contributor, "nora").await;
        let asked = async || nora.ask("{ viewer { id } }", json!({})).await.status;
        assert_eq!(asked().await, 200);
        until("the use of a token is not noted", async || {
            let tokens = api.store.tokens().await.unwrap();
            let mut unused = tokens.iter().filter(|token| token.last_used_at.is_none());
            !unused.any(|token| token.name == "nora")
        })
        .await;
        assert_eq!(asked().await, 200);
        publish("Before").await;
        assert_eq!(asked().await, 200);
        let tokens = api.store.tokens().await.unwrap();
        let of_nora = tokens.iter().filter(|token| token.name == "nora");
        let token = of_nora.max_by_key(|token| token.created_at).unwrap();
        revoking.revoke_token(&token.id).await.unwrap();
        assert_eq!(asked().await, 401);
        publish("After").await;
        assert_eq!(asked().await, 401);
    }
    other.close().await;
}
