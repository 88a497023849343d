//! Retirements in one contribution with changes that refer to the retired record, cite it, or end a reference to it.

use serde_json::{Value, json};

use crate::harness::{Api, cite};

async fn refusal(api: &Api, changes: Value) -> Value {
    let carla = api.contributor().await;
    let payload = carla.propose(changes).await;
    assert_eq!(payload["contribution"], Value::Null, "{payload:#}");
    payload["userErrors"].clone()
}

fn retire(id: &str, version: i32) -> Value {
    json!({ "retire": { "id": id, "baseVersion": version, "reason": "Gone." } })
}

fn body(key: &str, parent: Option<&str>) -> Value {
    let mut fields = json!({ "kind": "OTHER", "status": "UNKNOWN", "country": "IE",
        "names": [{ "text": key, "language": "en" }] });
    if let Some(parent) = parent {
        fields["parent"] = Value::from(parent);
    }
    json!({ "createCybersecurityBody": { "key": key, "cite": cite(), "fields": fields } })
}

fn update(key: &str, version: i32, set: Value) -> Value {
    json!({ "updateCybersecurityBody": { "id": format!("CybersecurityBody:{key}"), "baseVersion": version, "set": set,
        "cite": cite() } })
}

#[tokio::test]
async fn a_source_that_another_change_cites_cannot_be_retired() {
    let api = Api::seeded().await;
    let leaving = json!({ "createSource": { "key": "leaving", "fields": { "kind": "NEWS", "title": "Leaving",
        "url": "https://example.org/leaving" } } });
    let eva = api.editor("eva").await;
    eva.publish(json!([leaving, body("ie-a", None)])).await;
    let by_id = json!([{ "source": "Source:leaving" }]);
    let of_kind = json!([{ "source": "Source:leaving", "fields": ["KIND"] }]);
    let by_url = json!([{ "sourceUrl": "https://example.org/leaving" }]);
    let citing = |mut change: Value, cites: &Value| {
        let fields = change.as_object_mut().unwrap().values_mut().next().unwrap();
        fields["cite"] = cites.clone();
        change
    };
    let acronym = json!({ "acronym": "A" });
    for citing in [
        citing(update("ie-a", 1, acronym.clone()), &by_id),
        citing(update("ie-a", 1, acronym), &by_url),
        citing(body("ie-b", None), &by_id),
        citing(body("ie-b", None), &by_url),
        citing(retire("CybersecurityBody:ie-a", 1), &of_kind),
    ] {
        for first in [true, false] {
            let retire = retire("Source:leaving", 1);
            let (at, changes) = if first {
                ("0", json!([retire, citing]))
            } else {
                ("1", json!([citing, retire]))
            };
            let found = refusal(&api, changes).await;
            let of = citing["createCybersecurityBody"].is_null();
            let by = if of { "ie-a" } else { "ie-b" };
            let message = format!(
                "Source:leaving is referred to by CybersecurityBody:{by}: change these first, or in the same contribution"
            );
            assert_eq!(
                found,
                json!([{ "code": "REFERENCED", "path": ["changes", at, "retire", "id"], "message": message }])
            );
        }
    }
    let unknown = json!([{ "source": "Source:none", "fields": ["KIND"] }]);
    let found = refusal(
        &api,
        json!([citing(retire("CybersecurityBody:ie-a", 1), &unknown)]),
    );
    assert_eq!(found.await[0]["code"], "NOT_FOUND");
}

/// The codes of the findings when a contribution with a conflict is accepted; and in its preview, the state of two bodies.
async fn contested(api: &Api, id: &str) -> (Vec<Value>, Value) {
    let query = "query($id: ID!) { contribution(id: $id) { preview {
        a: node(id: \"CybersecurityBody:ie-a\") { ...body } b: node(id: \"CybersecurityBody:ie-b\") { ...body } } } }
        fragment body on CybersecurityBody { retired { reason } parent { ... on CybersecurityBody { recordId } } }";
    let shown = api.anyone().ask(query, json!({ "id": id })).await.data();
    let refused = api.editor("eva").await.accept(id).await;
    let errors = refused["userErrors"].as_array().unwrap().iter();
    let codes = errors.map(|error| error["code"].clone()).collect();
    (codes, shown["contribution"]["preview"].clone())
}

/// Resolves the only conflict of a contribution, and accepts it.
async fn resolved(api: &Api, id: &str, key: &str, field: &str, take: &str) -> Vec<String> {
    let record = format!("CybersecurityBody:{key}");
    let choices = json!([{ "recordId": record, "field": field, "take": take }]);
    let input = json!({ "id": id, "revision": 1, "choices": choices });
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let author = carla.outcome("resolveConflicts", input).await;
    let input = json!({ "id": id, "revision": 2 });
    vec![author, eva.outcome("acceptContribution", input).await]
}

#[tokio::test]
async fn a_change_with_a_conflict_that_would_end_a_reference_does_not_hold_up_the_retirement() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let (a, b) = ("CybersecurityBody:ie-a", "CybersecurityBody:ie-b");
    eva.publish(json!([
        body("ie-a", None),
        body("ie-b", Some(a)),
        body("ie-c", None),
        body("ie-d", None)
    ]))
    .await;
    eva.publish(json!([update("ie-b", 1, json!({ "acronym": "B" }))]))
        .await;
    // The retirement of the referring record has a conflict.
    for changes in [
        json!([retire(b, 1), retire(a, 1)]),
        json!([retire(a, 1), retire(b, 1)]),
    ] {
        let id = carla.proposed(changes).await;
        let (codes, shown) = contested(&api, &id).await;
        assert_eq!(codes, ["CONFLICT"]);
        assert_eq!(
            shown,
            json!({ "a": { "retired": null, "parent": null }, "b": { "retired": null, "parent": { "recordId": a } } })
        );
    }
    // The update that would end the reference has a conflict.
    let c = json!({ "parent": "CybersecurityBody:ie-c" });
    eva.publish(json!([update("ie-b", 2, c)])).await;
    eva.publish(json!([update("ie-b", 3, json!({ "parent": a }))]))
        .await;
    let moved = update("ie-b", 3, json!({ "parent": "CybersecurityBody:ie-d" }));
    let id = carla.proposed(json!([moved, retire(a, 1)])).await;
    let (codes, shown) = contested(&api, &id).await;
    assert_eq!(codes, ["CONFLICT"]);
    assert_eq!(shown["b"]["parent"]["recordId"], a);
    assert_eq!(shown["a"]["retired"], Value::Null);
    let kept = resolved(&api, &id, "ie-b", "PARENT", "CURRENT").await;
    assert_eq!(kept, ["REFERENCED", "STALE_REVISION"]);
    let taken = resolved(&api, &id, "ie-b", "PARENT", "PROPOSED").await;
    assert_eq!(taken, ["SUBMITTED", "ACCEPTED"]);
    // The restoration of the record to which another refers has a conflict.
    eva.publish(json!([
        { "restore": { "id": a, "baseVersion": 1, "reason": "Back." } }, update("ie-b", 5, json!({ "parent": a }))]))
        .await;
    eva.publish(json!([retire(a, 2), retire(b, 6)])).await;
    let restore = |id: &str, version: i32| json!({ "restore": { "id": id, "baseVersion": version, "reason": "Back." } });
    let both = json!([restore(a, 2), restore(b, 6)]);
    eva.publish(both.clone()).await;
    eva.publish(json!([update("ie-a", 3, json!({ "acronym": "A" }))]))
        .await;
    eva.publish(json!([retire(a, 4), retire(b, 7)])).await;
    let id = carla.proposed(both).await;
    let (codes, shown) = contested(&api, &id).await;
    assert_eq!(codes, ["CONFLICT"]);
    let retired = json!({ "reason": "Gone." });
    assert_eq!(
        (&shown["a"]["retired"], &shown["b"]["retired"]),
        (&retired, &retired)
    );
    let left_out = resolved(&api, &id, "ie-a", "ACRONYM", "CURRENT").await;
    assert_eq!(left_out, ["NOT_FOUND", "STALE_REVISION"]);
    let taken = resolved(&api, &id, "ie-a", "ACRONYM", "PROPOSED").await;
    assert_eq!(taken, ["SUBMITTED", "ACCEPTED"]);
}
