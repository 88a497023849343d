//! `Change.latest`: the record as it stands when a change is told.

use serde_json::{Value, json};

use crate::harness::{Api, Socket, retitle};

const SELECTED: &str =
    "recordId operation record { id version } latest { id recordId version label }";

/// Follows the changes of the treaty after a cursor. All such followers share one group.
async fn follow(api: &Api, after: &Value) -> Socket {
    let mut socket = api.socket(json!({})).await;
    let query = format!(
        "subscription($after: Cursor) {{ changes(after: $after, filter: {{ records: [\"Treaty:ets-185\"] }}) {{ {SELECTED} }} }}"
    );
    socket
        .subscribe("r", &query, json!({ "after": after }))
        .await;
    socket
}

/// The next changes that a follower receives.
async fn received(socket: &mut Socket, count: usize) -> Vec<Value> {
    let mut found = Vec::new();
    for _ in 0..count {
        found.push(socket.event().await["changes"].clone());
    }
    found
}

#[tokio::test]
async fn a_subscription_tells_the_record_with_its_plain_id() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let start = api.query("{ head { cursor } }").await["head"]["cursor"].clone();
    let mut live = api.socket(json!({})).await;
    let query = format!("subscription {{ changes {{ {SELECTED} }} }}");
    live.subscribe("l", &query, json!({})).await;
    // The answer to a query comes after the subscription has begun.
    live.subscribe("q", "{ head { sequence } }", json!({}))
        .await;
    while live.next().await["id"] != "q" {}
    assert_eq!(live.next().await["type"], "complete");
    let latest = |version: i32, title: &str| json!({ "id": "Treaty:ets-185", "recordId": "Treaty:ets-185", "version": version, "label": title });
    // While it follows, batches for others of its group are cached.
    let mut slow = follow(&api, &start).await;
    for version in 1..=3 {
        let title = format!("Title {version}");
        eva.publish(retitle(version, &title)).await;
        let told = live.event().await["changes"].clone();
        assert_eq!(told["latest"], latest(version + 1, &title));
        let of_commit = told["record"]["id"].as_str().unwrap();
        assert!(of_commit.starts_with("Treaty:ets-185@"), "{of_commit}");
        // A replay of old changes tells today's record, also if the same replay was sent just before.
        let count = usize::try_from(version).unwrap();
        let mut replayed = follow(&api, &start).await;
        let again = received(&mut replayed, count).await;
        for (at, change) in again.iter().enumerate() {
            assert_eq!(change["record"]["version"], json!(at + 2));
            assert_eq!(change["latest"], latest(version + 1, &title));
        }
    }
    for change in received(&mut slow, 3).await {
        assert_eq!(change["latest"]["id"], "Treaty:ets-185");
    }
    let query = format!(
        "{{ changes(filter: {{ records: [\"Treaty:ets-185\"] }}) {{ nodes {{ {SELECTED} }} }} }}"
    );
    let pages = api.query(&query).await["changes"]["nodes"].clone();
    let pages = pages.as_array().unwrap();
    assert_eq!(pages.len(), 4);
    for change in pages {
        assert_eq!(change["latest"], latest(4, "Title 3"));
    }
}

#[tokio::test]
async fn a_retired_record_has_no_latest_state() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let start = api.query("{ head { cursor } }").await["head"]["cursor"].clone();
    let source = json!([{ "createSource": { "key": "brief", "fields": { "kind": "NEWS", "title": "Brief" } } }]);
    eva.publish(source).await;
    let query =
        format!("query($after: Cursor) {{ changes(after: $after) {{ nodes {{ {SELECTED} }} }} }}");
    let read = async || {
        let answer = api
            .anyone()
            .ask(&query, json!({ "after": start }))
            .await
            .data();
        let nodes = answer["changes"]["nodes"].as_array().unwrap().iter();
        nodes
            .map(|one| one["latest"]["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(read().await, [json!("Source:brief")]);
    let retire =
        json!([{ "retire": { "id": "Source:brief", "baseVersion": 1, "reason": "Twice." } }]);
    eva.publish(retire).await;
    assert_eq!(read().await, [Value::Null, Value::Null]);
    let mut socket = api.socket(json!({})).await;
    let subscription =
        format!("subscription($after: Cursor) {{ changes(after: $after) {{ {SELECTED} }} }}");
    socket
        .subscribe("s", &subscription, json!({ "after": start }))
        .await;
    for operation in ["CREATE", "RETIRE"] {
        let told = socket.event().await["changes"].clone();
        assert_eq!(told["operation"], operation);
        assert_eq!(told["latest"], Value::Null);
    }
    let restore =
        json!([{ "restore": { "id": "Source:brief", "baseVersion": 1, "reason": "Once." } }]);
    eva.publish(restore).await;
    assert_eq!(
        socket.event().await["changes"]["latest"]["id"],
        "Source:brief"
    );
    assert_eq!(read().await, vec![json!("Source:brief"); 3]);
}

#[tokio::test]
async fn a_field_change_and_a_conflict_name_the_field_as_the_schema_writes_it() {
    let api = Api::seeded().await;
    let (eva, carla) = (api.editor("eva").await, api.contributor().await);
    let waiting = carla.proposed(retitle(1, "Another title")).await;
    eva.publish(retitle(1, "One title")).await;
    let diff = "{ diff(id: \"Treaty:ets-185\", from: 1, to: 2) { field name } }";
    let named = json!([{ "field": "SHORT_TITLE", "name": "shortTitle" }]);
    assert_eq!(api.query(diff).await["diff"], named);
    let query = "query($id: ID!) { contribution(id: $id) { conflicts { field name } changes { fields { field name } } } }";
    let answer = eva.ask(query, json!({ "id": waiting })).await.data();
    assert_eq!(answer["contribution"]["conflicts"], named);
    assert_eq!(answer["contribution"]["changes"][0]["fields"], named);
    let fields = "{ changes(filter: { records: [\"Country:az\"] }, first: 1) { nodes { fields { field name } } } }";
    let fields = api.query(fields).await["changes"]["nodes"][0]["fields"].clone();
    for field in fields.as_array().unwrap() {
        let constant = field["field"]
            .as_str()
            .unwrap()
            .to_lowercase()
            .replace('_', "");
        assert_eq!(field["name"].as_str().unwrap().to_lowercase(), constant);
    }
}
