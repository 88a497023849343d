//! History: what each change of a record did, and the difference between two versions.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::harness::{Api, bundled, cite, retitle};

const HISTORY: &str = "history { totalCount nodes { version sequence operation actor { id } contribution { title }
    fields { field before after } citations { source { id } fields } record { id recordId version retired { reason } } } }";

#[tokio::test]
async fn a_history_lists_create_update_verify_retire_and_restore() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let made = json!([{ "createTreatyEvent": { "key": "fr-test", "cite": cite(),
        "fields": { "kind": "COMMUNICATION", "country": "FR", "treaty": "ETS 185", "date": "2026" } } }]);
    eva.publish(made).await;
    let edited = json!([{ "updateTreatyEvent": { "id": "TreatyEvent:fr-test", "baseVersion": 1,
        "set": { "text": "A note." }, "cite": [{ "source": "Source:ncsi-az" }] } }]);
    eva.publish(edited).await;
    let verify = json!({ "id": "TreatyEvent:fr-test", "verifiedOn": "2026-01-01" });
    let mutation = "mutation($input: VerifyRecordInput!) { verifyRecord(input: $input) { userErrors { message } } }";
    eva.ask(mutation, json!({ "input": verify })).await.data();
    let retired = json!([{ "retire": { "id": "TreatyEvent:fr-test", "baseVersion": 2, "reason": "Twice." } }]);
    eva.publish(retired).await;
    let restored = json!([{ "restore": { "id": "TreatyEvent:fr-test", "baseVersion": 2, "reason": "Once." } }]);
    eva.publish(restored).await;
    let query = format!(
        "{{ node(id: \"TreatyEvent:fr-test\") {{ ... on TreatyEvent {{ version {HISTORY} }} }} }}"
    );
    let node = api.query(&query).await["node"].clone();
    let nodes = node["history"]["nodes"].as_array().unwrap();
    let line = |one: &Value| format!("{} {}", one["operation"].as_str().unwrap(), one["version"]);
    let lines: Vec<String> = nodes.iter().map(line).collect();
    assert_eq!(
        lines,
        ["CREATE 1", "UPDATE 2", "VERIFY 2", "RETIRE 2", "RESTORE 3"]
    );
    assert_eq!(node["version"], 3);
    assert_eq!(
        nodes[1]["fields"],
        json!([{ "field": "TEXT", "before": null, "after": "A note." }])
    );
    // It was retired and restored without a change of its fields.
    for turn in [&nodes[3], &nodes[4]] {
        assert_eq!(turn["fields"], json!([]));
    }
    // Each entry has the record and its citations as they were then.
    assert_eq!(nodes[0]["record"]["version"], 1);
    assert_eq!(nodes[0]["citations"].as_array().unwrap().len(), 1);
    assert_eq!(nodes[1]["citations"].as_array().unwrap().len(), 2);
    assert_eq!(nodes[3]["record"]["retired"], json!({ "reason": "Twice." }));
    assert_eq!(nodes[2]["contribution"], Value::Null);
    assert_eq!(nodes[0]["contribution"], json!({ "title": "A change" }));
    let past = nodes[0]["record"]["id"].as_str().unwrap();
    assert!(past.starts_with("TreatyEvent:fr-test@"), "{past}");
    // A snapshot contains no later history.
    let sequence = bundled() + 2;
    let cursor = format!("{{ changes(first: 1, filter: {{ records: [\"TreatyEvent:fr-test\"] }}, after: {}) {{ nodes {{ sequence cursor }} }} }}",
        api.query("{ changes(filter: { records: [\"TreatyEvent:fr-test\"] }, first: 1) { nodes { cursor } } }").await["changes"]["nodes"][0]["cursor"]);
    let change = api.query(&cursor).await["changes"]["nodes"][0].clone();
    assert_eq!(change["sequence"], sequence);
    let then = format!(
        "{{ at(cursor: {}) {{ node(id: \"TreatyEvent:fr-test\") {{ ... on TreatyEvent {{ version history {{ totalCount }} }} }} }} }}",
        change["cursor"]
    );
    assert_eq!(
        api.query(&then).await["at"]["node"],
        json!({ "version": 2, "history": { "totalCount": 2 } })
    );
}

#[tokio::test]
async fn a_history_is_paged_in_both_directions() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    for version in 1..=6 {
        eva.publish(retitle(version, &format!("Title {version}")))
            .await;
    }
    let page = async |arguments: &str| {
        let query = format!("{{ treaty(reference: \"ETS 185\") {{ history({arguments}) {{ totalCount
            nodes {{ version }} pageInfo {{ hasNextPage hasPreviousPage endCursor startCursor }} }} }} }}");
        api.query(&query).await["treaty"]["history"].clone()
    };
    let versions = |page: &Value| -> Vec<i64> {
        let nodes = page["nodes"].as_array().unwrap().iter();
        nodes.map(|one| one["version"].as_i64().unwrap()).collect()
    };
    let first = page("first: 3").await;
    assert_eq!(versions(&first), [1, 2, 3]);
    assert_eq!(first["totalCount"], 7);
    let next = page(&format!(
        "first: 3, after: {}",
        first["pageInfo"]["endCursor"]
    ))
    .await;
    assert_eq!(versions(&next), [4, 5, 6]);
    assert_eq!(next["pageInfo"]["hasPreviousPage"], true);
    let last = page("last: 2").await;
    assert_eq!(versions(&last), [6, 7]);
    let before = page(&format!(
        "last: 2, before: {}",
        last["pageInfo"]["startCursor"]
    ))
    .await;
    assert_eq!(versions(&before), [4, 5]);
    let foreign = format!(
        "{{ treaty(reference: \"ETS 189\") {{ history(after: {}) {{ totalCount }} }} }}",
        first["pageInfo"]["endCursor"]
    );
    assert_eq!(api.fails(&foreign).await.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_diff_lists_the_fields_that_differ_between_two_versions() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Two")).await;
    let third = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 2, "set": { "shortTitle": "Three" },
        "clear": ["OPENED_AT"], "cite": cite() } }]);
    eva.publish(third).await;
    let diff = async |from: i32, to: i32| {
        let query = format!(
            "{{ diff(id: \"Treaty:ets-185\", from: {from}, to: {to}) {{ field before after }} }}"
        );
        api.query(&query).await["diff"].clone()
    };
    assert_eq!(
        diff(1, 3).await,
        json!([{ "field": "SHORT_TITLE", "before": "Budapest Convention", "after": "Three" },
            { "field": "OPENED_AT", "before": "Budapest", "after": null }])
    );
    assert_eq!(
        diff(3, 2).await,
        json!([{ "field": "SHORT_TITLE", "before": "Three", "after": "Two" },
            { "field": "OPENED_AT", "before": null, "after": "Budapest" }])
    );
    assert_eq!(diff(2, 2).await, json!([]));
    for (arguments, named) in [
        ("id: \"Treaty:ets-185\", from: 0, to: 1", "from"),
        ("id: \"Treaty:ets-185\", from: 1, to: 4", "to"),
        ("id: \"Treaty:none\", from: 1, to: 1", "id"),
        ("id: \"none\", from: 1, to: 1", "id"),
    ] {
        let answer = api
            .fails(&format!("{{ diff({arguments}) {{ field }} }}"))
            .await;
        assert_eq!(answer.code(), "BAD_USER_INPUT");
        assert!(
            answer.message().starts_with(&format!("`{named}`")),
            "{}",
            answer.message()
        );
    }
}

/// Name of a field in inputs.
fn camel(field: &str) -> String {
    let mut words = field.split('_');
    let mut name = words.next().unwrap().to_lowercase();
    for word in words {
        name += &word[..1];
        name += &word[1..].to_lowercase();
    }
    name
}

/// Checks that the fields in each record's history add up to the exported record.
pub async fn adds_up(api: &Api) {
    let mut contents: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut after = Value::Null;
    loop {
        let query = "query($after: String) { records(first: 100, after: $after) { nodes { recordId
            history(first: 100) { nodes { fields { field after } } } } pageInfo { hasNextPage endCursor } } }";
        let answer = api
            .anyone()
            .ask(query, json!({ "after": after }))
            .await
            .data();
        for record in answer["records"]["nodes"].as_array().unwrap() {
            let content = contents
                .entry(record["recordId"].as_str().unwrap().to_owned())
                .or_default();
            for revision in record["history"]["nodes"].as_array().unwrap() {
                for change in revision["fields"].as_array().unwrap() {
                    let field = camel(change["field"].as_str().unwrap());
                    content.remove(&field);
                    if !change["after"].is_null() {
                        content.insert(field, change["after"].clone());
                    }
                }
            }
        }
        if answer["records"]["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = answer["records"]["pageInfo"]["endCursor"].clone();
    }
    let export = api.export().await;
    let mut compared = 0;
    for line in export.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let (name, created) = line.as_object().unwrap().iter().next().unwrap();
        let id = format!(
            "{}:{}",
            name.strip_prefix("create").unwrap(),
            created["key"].as_str().unwrap()
        );
        assert_eq!(
            Value::Object(contents[&id].clone()),
            created["fields"],
            "{id}"
        );
        compared += 1;
    }
    assert_eq!(compared, contents.len());
    assert!(compared > 900, "{compared}");
}

#[tokio::test]
async fn the_field_changes_in_each_history_add_up_to_the_exported_record() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    for version in 1..=3 {
        eva.publish(retitle(version, &format!("Title {version}")))
            .await;
    }
    let cleared = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 4, "clear": ["OPENED_AT"] } }]);
    eva.publish(cleared).await;
    adds_up(&api).await;
}

#[tokio::test]
async fn histories_of_twenty_records_cost_one_more_statement_than_of_two_at_most() {
    let api = Api::seeded().await;
    let cost = async |first: usize| {
        api.statements();
        let query = format!(
            "{{ records(kinds: [TREATY_EVENT], first: {first}) {{ nodes {{ {HISTORY} }} }} }}"
        );
        api.query_once(&query).await;
        api.statements().len()
    };
    let (few, many) = (cost(2).await, cost(20).await);
    assert!(many <= few + 1, "{few} {many}");
}
