//! Reverting changes, and verifying records.

use cyberprofiles::domain::viewer::Role;
use serde_json::{Value, json};

use crate::harness::{Api, Person, bundled, cite, retitle};

const REVERT: &str = "mutation($input: RevertChangeInput!) { revertChange(input: $input) {
    contribution { id state title rationale changes { operation recordId baseVersion reason
        fields { field before after } citations { sourceId fields locator certainty } }
        conflicts { recordId field base current proposed } }
    userErrors { code message path } } }";

async fn revert(person: &Person<'_>, sequence: i64) -> Value {
    let input = json!({ "sequence": sequence, "rationale": "It was wrong." });
    let answer = person.ask(REVERT, json!({ "input": input })).await;
    answer.data()["revertChange"].clone()
}

/// A treaty with some of its fields and their citations.
async fn treaty(api: &Api) -> Value {
    let query =
        "{ treaty(reference: \"ETS 185\") { version shortTitle openedAt entryIntoForceCondition
        short: citations(field: SHORT_TITLE) { source { id } locator certainty }
        opened: citations(field: OPENED_AT) { source { id } locator certainty } } }";
    api.query(query).await["treaty"].clone()
}

#[tokio::test]
async fn reverting_an_update_restores_values_and_citations() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let before = treaty(&api).await;
    let update = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1,
        "set": { "shortTitle": "Wrong", "entryIntoForceCondition": "None." }, "clear": ["OPENED_AT"],
        "cite": [{ "source": "Source:trb-2007-10", "locator": "nowhere" }] } }]);
    eva.publish(update).await;
    let payload = revert(&carla, bundled() + 1).await;
    insta::assert_json_snapshot!("inverse", lasting(&payload));
    let id = payload["contribution"]["id"].as_str().unwrap();
    let accept = json!({ "id": id, "revision": 1 });
    assert_eq!(
        carla.outcome("acceptContribution", accept).await,
        "FORBIDDEN"
    );
    assert_eq!(eva.accept(id).await["contribution"]["state"], "ACCEPTED");
    let mut after = treaty(&api).await;
    assert_eq!(after["version"], 3);
    after["version"] = json!(1);
    assert_eq!(after, before);
}

fn lasting(payload: &Value) -> Value {
    let mut payload = payload.clone();
    payload["contribution"]["id"] = json!("…");
    let title = payload["contribution"]["title"].as_str().unwrap();
    let number = (bundled() + 1).to_string();
    payload["contribution"]["title"] = title.replace(&number, "…").into();
    payload
}

#[tokio::test]
async fn reverting_a_create_retires_and_reverting_a_retire_restores() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let made = json!([{ "createTreatyEvent": { "key": "fr-test", "cite": cite(),
        "fields": { "kind": "COMMUNICATION", "country": "FR", "treaty": "ETS 185", "date": "2026" } } }]);
    eva.publish(made).await;
    let node = "{ node(id: \"TreatyEvent:fr-test\") { ... on TreatyEvent {
        version retired { reason } citations { source { id } } } } }";
    let first = api.query(node).await;
    let steps = [("RETIRE", 1), ("RESTORE", 1), ("RETIRE", 2)];
    for (number, (operation, base)) in (1..).zip(steps) {
        let payload = revert(&carla, bundled() + number).await;
        let change = &payload["contribution"]["changes"][0];
        assert_eq!(change["operation"], operation, "{payload:#}");
        assert_eq!(change["baseVersion"], base);
        assert_eq!(change["reason"], "It was wrong.");
        let id = payload["contribution"]["id"].as_str().unwrap();
        assert_eq!(eva.accept(id).await["contribution"]["state"], "ACCEPTED");
        let now = api.query(node).await["node"].clone();
        if operation == "RESTORE" {
            assert_eq!(now["citations"], first["node"]["citations"]);
            assert_eq!(
                (&now["version"], &now["retired"]),
                (&json!(2), &Value::Null)
            );
        } else {
            assert_eq!(now["retired"], json!({ "reason": "It was wrong." }));
        }
    }
}

#[tokio::test]
async fn reverting_a_change_conflicts_with_later_changes() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    eva.publish(retitle(1, "Two")).await;
    eva.publish(retitle(2, "Three")).await;
    let payload = revert(&carla, bundled() + 1).await;
    let contribution = &payload["contribution"];
    assert_eq!(
        contribution["conflicts"],
        json!([{ "recordId": "Treaty:ets-185", "field": "SHORT_TITLE",
            "base": "Two", "current": "Three", "proposed": "Budapest Convention" }])
    );
    let id = contribution["id"].as_str().unwrap();
    assert_eq!(eva.accept(id).await["userErrors"][0]["code"], "CONFLICT");
    // A created record that has changed since is not retired without a conflict either.
    let made =
        json!([{ "createSource": { "key": "made", "fields": { "kind": "NEWS", "title": "A" } } }]);
    eva.publish(made).await;
    let renamed = json!([{ "updateSource": { "id": "Source:made", "baseVersion": 1, "set": { "title": "B" } } }]);
    eva.publish(renamed).await;
    let payload = revert(&carla, bundled() + 3).await;
    assert_eq!(
        payload["contribution"]["conflicts"],
        json!([{ "recordId": "Source:made", "field": "TITLE",
            "base": "A", "current": "B", "proposed": "A" }])
    );
    let id = payload["contribution"]["id"].as_str().unwrap();
    assert_eq!(eva.accept(id).await["userErrors"][0]["code"], "CONFLICT");
}

#[tokio::test]
async fn a_revert_without_effect_or_of_an_unknown_change_is_refused() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let cites = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1,
        "cite": [{ "source": "Source:trb-2007-10", "fields": ["OPENED_AT"] }] } }]);
    eva.publish(cites).await;
    for (sequence, code) in [
        (bundled() + 1, "INVALID"),
        (bundled() + 2, "NOT_FOUND"),
        (0, "NOT_FOUND"),
        // Other records refer to the first source.
        (1, "REFERENCED"),
    ] {
        let payload = revert(&carla, sequence).await;
        assert_eq!(payload["contribution"], Value::Null);
        assert_eq!(payload["userErrors"][0]["code"], code, "{payload:#}");
        assert_eq!(payload["userErrors"][0]["path"], json!(["sequence"]));
    }
}

const VERIFY: &str = "mutation($input: VerifyRecordInput!) { verifyRecord(input: $input) {
    record { recordId version freshness { verifiedOn verifiedBy { id } isStale } }
    userErrors { code message path } } }";

#[tokio::test]
async fn verifying_a_record_changes_only_its_freshness() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let before = api.export().await;
    let today = chrono::Utc::now().date_naive();
    let verify = async |id: &str, on: &str| {
        let input = json!({ "id": id, "verifiedOn": on, "note": "Seen on its page." });
        let answer = eva.ask(VERIFY, json!({ "input": input })).await.data();
        answer["verifyRecord"].clone()
    };
    let payload = verify("Treaty:ets-185", &today.to_string()).await;
    assert_eq!(
        payload,
        json!({ "userErrors": [], "record": { "recordId": "Treaty:ets-185", "version": 1,
            "freshness": { "verifiedOn": today.to_string(), "verifiedBy": { "id": "eva" }, "isStale": false } } })
    );
    assert_eq!(api.export().await, before);
    // An earlier verification does not replace a later one.
    let earlier = verify("Treaty:ets-185", "2020-01-01").await;
    assert_eq!(
        earlier["record"]["freshness"]["verifiedOn"],
        today.to_string()
    );
    let logged = api
        .query(
            "{ changes(last: 2) { nodes { operation recordId fields { field } contribution { id }
            actor { id } countries { code } record { version } before { version } } } }",
        )
        .await;
    assert_eq!(
        logged["changes"]["nodes"][0],
        json!({ "operation": "VERIFY", "recordId": "Treaty:ets-185", "fields": [], "contribution": null,
            "actor": { "id": "eva" }, "countries": [], "record": { "version": 1 }, "before": { "version": 1 } })
    );
    let tomorrow = (today + chrono::Days::new(1)).to_string();
    let wrong = [
        ("Treaty:none", "2020-01-01", "NOT_FOUND", "id"),
        ("none", "2020-01-01", "INVALID", "id"),
        ("Treaty:ets-185", "soon", "INVALID", "verifiedOn"),
        ("Treaty:ets-185", tomorrow.as_str(), "INVALID", "verifiedOn"),
    ];
    for (id, on, code, member) in wrong {
        let refused = verify(id, on).await;
        assert_eq!(refused["record"], Value::Null);
        assert_eq!(refused["userErrors"][0]["code"], code, "{refused:#}");
        assert_eq!(refused["userErrors"][0]["path"], json!([member]));
    }
    let verified = api.query("{ head { sequence } }").await["head"]["sequence"].clone();
    assert_eq!(verified, bundled() + 2);
    let made =
        json!([{ "createSource": { "key": "made", "fields": { "kind": "NEWS", "title": "A" } } }]);
    eva.publish(made).await;
    let retired =
        json!([{ "retire": { "id": "Source:made", "baseVersion": 1, "reason": "Gone." } }]);
    eva.publish(retired).await;
    let refused = verify("Source:made", "2020-01-01").await;
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND");
    let input = json!({ "input": { "id": "Treaty:ets-185", "verifiedOn": "2020-01-01" } });
    assert_eq!(
        api.anyone().ask(VERIFY, input.clone()).await.code(),
        "UNAUTHENTICATED"
    );
    let carla = api.person(Role::Contributor, "carla").await;
    assert_eq!(carla.ask(VERIFY, input).await.code(), "FORBIDDEN");
}
