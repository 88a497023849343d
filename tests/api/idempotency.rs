//! Idempotency: repeated requests are executed once.

use cyberprofiles::domain::viewer::Role;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::database::connect;
use crate::harness::{Api, bundled, retitle};

fn input(title: &str, key: &str) -> Value {
    json!({ "title": title, "rationale": "So.", "changes": retitle(1, title), "idempotencyKey": key })
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_one_person_and_one_content() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let id = |payload: &Value| payload["contribution"]["id"].clone();
    let first = carla.create(input("One", "k")).await;
    assert_ne!(id(&first), Value::Null);
    let second_token = api.contributor().await;
    assert_eq!(
        id(&second_token.create(input("One", "k")).await),
        id(&first)
    );
    let other = carla.create(input("Two", "k")).await;
    assert_eq!(id(&other), Value::Null);
    assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_MISMATCH");
    assert_eq!(other["userErrors"][0]["path"], json!(["idempotencyKey"]));
    let dora = api.person(Role::Contributor, "dora").await;
    let hers = dora.create(input("One", "k")).await;
    assert_ne!(id(&hers), id(&first));
    assert_ne!(id(&hers), Value::Null);
    let blank = carla.create(input("One", " ")).await;
    assert_eq!(blank["userErrors"][0]["path"], json!(["idempotencyKey"]));
    // The repeated request returns the present state, even after other changes.
    let submit = json!({ "id": id(&first), "revision": 1 });
    assert_eq!(
        carla.outcome("submitContribution", submit).await,
        "SUBMITTED"
    );
    api.editor("eva").await.publish(retitle(1, "Else")).await;
    let again = carla.create(input("One", "k")).await;
    assert_eq!(id(&again), id(&first));
    assert_eq!(again["contribution"]["state"], "SUBMITTED");
}

#[tokio::test]
async fn a_repeated_key_creates_one_comment_and_one_revert() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let id = carla.proposed(retitle(1, "One")).await;
    let comment = json!({ "id": id, "body": "Well.", "idempotencyKey": "c" });
    for _ in 0..3 {
        let outcome = carla.outcome("commentOnContribution", comment.clone());
        assert_eq!(outcome.await, "SUBMITTED");
    }
    let other = json!({ "id": id, "body": "Badly.", "idempotencyKey": "c" });
    assert_eq!(
        carla.outcome("commentOnContribution", other).await,
        "IDEMPOTENCY_MISMATCH"
    );
    let query = "query($id: ID!) { contribution(id: $id) { comments { body } } }";
    let said = carla.ask(query, json!({ "id": id })).await.data();
    assert_eq!(
        said["contribution"]["comments"],
        json!([{ "body": "Well." }])
    );
    api.editor("eva").await.publish(retitle(1, "Else")).await;
    let revert = json!({ "sequence": bundled() + 1, "rationale": "Wrong.", "idempotencyKey": "r" });
    let mutation = "mutation($input: RevertChangeInput!) { revertChange(input: $input) { contribution { id } } }";
    let mut made = Vec::new();
    for _ in 0..2 {
        let answer = carla.ask(mutation, json!({ "input": revert })).await.data();
        made.push(answer["revertChange"]["contribution"]["id"].clone());
    }
    assert_eq!(made[0], made[1]);
    assert_ne!(made[0], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_requests_with_one_key_create_one_contribution() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let requests = (0..20).map(|_| carla.create(input("One", "k")));
    let answers = futures_util::future::join_all(requests).await;
    for answer in &answers {
        assert_eq!(answer["contribution"], answers[0]["contribution"]);
    }
    let mine = "{ contributions(filter: { mine: true }) { totalCount } }";
    let mine = carla.ask(mine, json!({})).await.data();
    assert_eq!(mine["contributions"]["totalCount"], 1);
}

#[tokio::test]
async fn an_idempotency_key_is_valid_for_a_day() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let first = carla.create(input("One", "k")).await;
    let db = connect(&api.url).await;
    for (hours, is_same) in [(23, true), (25, false)] {
        let then = chrono::Utc::now() - chrono::TimeDelta::hours(hours);
        let then = then.to_rfc3339_opts(chrono::SecondsFormat::Micros, false);
        let age = format!("UPDATE idempotency SET created_at = '{then}'");
        db.execute_unprepared(&age).await.unwrap();
        let again = carla.create(input("One", "k")).await;
        let same = again["contribution"]["id"] == first["contribution"]["id"];
        assert_eq!(same, is_same, "{hours} hours");
    }
}

#[tokio::test]
async fn validate_only_returns_the_whole_contribution_and_stores_nothing() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let mutation =
        "mutation($input: CreateContributionInput!) { createContribution(input: $input) {
        contribution { id state countries { code } conflicts { field } overlapping { id }
            changes { recordId fields { field before after } } }
        userErrors { code path } } }";
    let open = carla.proposed(retitle(1, "Open")).await;
    let ask = async |changes: Value| {
        let input = json!({ "title": "T", "rationale": "R.", "changes": changes, "submit": true,
            "validateOnly": true, "idempotencyKey": "v" });
        let answer = carla.ask(mutation, json!({ "input": input })).await.data();
        answer["createContribution"].clone()
    };
    let shown = ask(retitle(1, "New")).await;
    let one = &shown["contribution"];
    assert_eq!(one["state"], "SUBMITTED");
    assert_eq!(one["overlapping"], json!([{ "id": open }]));
    assert_eq!(
        one["changes"][0]["fields"],
        json!([{ "field": "SHORT_TITLE", "before": "Budapest Convention", "after": "New" }])
    );
    let query = "query($id: ID!) { contribution(id: $id) { id } contributions { totalCount } }";
    let stored = carla.ask(query, json!({ "id": one["id"] })).await.data();
    assert_eq!(
        stored,
        json!({ "contribution": null, "contributions": { "totalCount": 1 } })
    );
    api.editor("eva").await.publish(retitle(1, "Else")).await;
    let clash = ask(retitle(1, "New")).await;
    assert_eq!(
        clash["contribution"]["conflicts"],
        json!([{ "field": "SHORT_TITLE" }])
    );
    let wrong = ask(json!([{ "createTreatyEvent": { "cite": [{ "source": "Source:none" }],
        "fields": { "kind": "SIGNATURE", "country": "ZZ", "treaty": "ETS 185", "date": "2020" } } }]))
    .await;
    assert_eq!(wrong["contribution"], Value::Null);
    let codes: Vec<&str> = wrong["userErrors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["NOT_FOUND", "NOT_FOUND"]);
}
