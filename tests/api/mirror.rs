//! A client that knows only `records`, `head` and `changes` rebuilds every record of the database while writers work,
//! and ends equal.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{Api, cite};

/// Fields of a record that the mirror stores: those that all records have.
const RECORD: &str =
    "recordId version label retired { reason } citations { source { recordId } fields certainty }";

type Mirror = BTreeMap<String, Value>;

fn keep(mirror: &mut Mirror, record: &Value) {
    let id = record["recordId"].as_str().unwrap().to_owned();
    if record["retired"].is_null() {
        mirror.insert(id, record.clone());
    } else {
        mirror.remove(&id);
    }
}

async fn records(api: &Api) -> Mirror {
    let mut mirror = Mirror::new();
    let mut after = Value::Null;
    loop {
        let query = format!(
            "query($after: String) {{ records(first: 100, after: $after) {{ nodes {{ {RECORD} }}
                pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let answer = api.anyone().ask(&query, json!({ "after": after })).await;
        let page = answer.data()["records"].clone();
        for record in page["nodes"].as_array().unwrap() {
            keep(&mut mirror, record);
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return mirror;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Applies every change after a cursor. Returns the last cursor.
async fn follow(api: &Api, mirror: &mut Mirror, mut after: Value) -> Value {
    loop {
        let query = format!(
            "query($after: Cursor) {{ changes(first: 100, after: $after) {{
                edges {{ cursor node {{ record {{ {RECORD} }} }} }} pageInfo {{ hasNextPage }} }} }}"
        );
        let answer = api.anyone().ask(&query, json!({ "after": after })).await;
        let page = answer.data()["changes"].clone();
        for edge in page["edges"].as_array().unwrap() {
            keep(mirror, &edge["node"]["record"]);
            after = edge["cursor"].clone();
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return after;
        }
    }
}

#[tokio::test]
async fn a_mirror_ends_equal_to_the_database_beside_busy_writers() {
    let api = Api::seeded().await;
    let done = std::cell::Cell::new(false);
    let writer = async {
        let eva = api.editor("eva").await;
        for round in 1..=25 {
            let key = format!("ie-{round}");
            let id = format!("CybersecurityBody:{key}");
            let create = json!({ "createCybersecurityBody": { "key": key, "fields": { "kind": "OTHER", "status": "UNKNOWN",
                "country": "IE", "names": [{ "text": format!("Body {round}"), "language": "en" }] }, "cite": cite() } });
            let title = json!({ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": round,
                "set": { "shortTitle": format!("Title {round}") }, "cite": cite() } });
            eva.publish(json!([create, title])).await;
            if round % 3 == 0 {
                eva.publish(
                    json!([{ "retire": { "id": id, "baseVersion": 1, "reason": "No more." } }]),
                )
                .await;
            }
            if round % 6 == 0 {
                eva.publish(
                    json!([{ "restore": { "id": id, "baseVersion": 1, "reason": "Again." } }]),
                )
                .await;
            }
        }
        done.set(true);
    };
    let mirror = async {
        // Read the head of the log first, then all current records, then the changes since.
        let head = api.query("{ head { cursor } }").await["head"]["cursor"].clone();
        let mut mirror = records(&api).await;
        let mut after = head;
        while !done.get() {
            after = follow(&api, &mut mirror, after).await;
        }
        (mirror, after)
    };
    let ((), (mut mirror, after)) = tokio::join!(writer, mirror);
    follow(&api, &mut mirror, after).await;
    let expected = records(&api).await;
    assert_eq!(expected.len(), mirror.len());
    for (id, record) in &expected {
        assert_eq!(mirror.get(id), Some(record), "{id}");
    }
    assert_eq!(
        mirror
            .keys()
            .filter(|id| id.starts_with("CybersecurityBody:ie-"))
            .count(),
        25 - 8 + 4
    );
}

/// Scalar fields of each noun that the schema does not call derived, as fragments.
async fn fragments(api: &Api) -> String {
    let asked =
        "{ __schema { types { name interfaces { name } fields { name description args { name }
        type { kind ofType { kind ofType { kind ofType { kind } } } } } } } }";
    let schema = api.query_once(asked).await;
    let mut fragments = String::new();
    for one in schema["__schema"]["types"].as_array().unwrap() {
        let mut interfaces = one["interfaces"].as_array().into_iter().flatten();
        if !interfaces.any(|interface| interface["name"] == "Record") {
            continue;
        }
        let noun = one["name"].as_str().unwrap();
        fragments.push_str(&format!("... on {noun} {{ "));
        for field in one["fields"].as_array().unwrap() {
            let name = field["name"].as_str().unwrap();
            let description = field["description"].as_str().unwrap();
            let is_derived =
                description.ends_with("Derived from other records: a mirror leaves it out.");
            let mut kind = &field["type"];
            while !kind["ofType"].is_null() {
                kind = &kind["ofType"];
            }
            let is_plain = kind["kind"] == "SCALAR" || kind["kind"] == "ENUM";
            // The id of a record read now contains no moment.
            if is_plain && !is_derived {
                fragments.push_str(&format!("{noun}_{name}: {name} "));
            }
        }
        fragments.push_str("} ");
    }
    fragments
}

async fn all(api: &Api, selection: &str) -> Mirror {
    let mut found = Mirror::new();
    let mut after = Value::Null;
    loop {
        let query = format!(
            "query($after: String) {{ records(first: 100, after: $after) {{ nodes {{ recordId label {selection} }}
                pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let answer = api.anyone().ask(&query, json!({ "after": after })).await;
        let page = answer.data()["records"].clone();
        for record in page["nodes"].as_array().unwrap() {
            found.insert(
                record["recordId"].as_str().unwrap().to_owned(),
                record.clone(),
            );
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test]
async fn fields_not_described_as_derived_change_only_with_their_record() {
    let api = Api::seeded().await;
    let fragments = fragments(&api).await;
    assert!(fragments.contains("TreatyEvent_kind") && !fragments.contains("TreatyEvent_label"));
    let before = all(&api, &fragments).await;
    let named = |name: &str| json!({ "names": [{ "text": name, "language": "en" }] });
    let changes = json!([
        { "updateCountry": { "id": "Country:az", "baseVersion": 1, "set": named("Renamed") } },
        { "updateCybersecurityBody": { "id": "CybersecurityBody:az-ministry-of-the-interior", "baseVersion": 1,
            "set": named("Renamed"), "cite": cite() } },
        { "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1, "set": { "shortTitle": "Renamed" }, "cite": cite() } },
        { "updateSource": { "id": "Source:coe-chart-185-2015", "baseVersion": 1, "set": { "title": "Renamed",
            "publishedOn": "2025-01-01" } } },
    ]);
    api.editor("eva").await.publish(changes).await;
    let after = all(&api, &fragments).await;
    let (mut same, mut labels) = (0, 0);
    for (id, record) in &before {
        let now = &after[id];
        let version = format!("{}_version", id.split(':').next().unwrap());
        if now[&version] != record[&version] {
            continue;
        }
        let without_label = |record: &Value| {
            let mut record = record.clone();
            record.as_object_mut().unwrap().remove("label");
            record
        };
        assert_eq!(without_label(record), without_label(now), "{id}");
        same += 1;
        labels += usize::from(record["label"] != now["label"]);
    }
    assert_eq!(same, before.len() - 4);
    assert!(labels > 10, "{labels}");
}

#[tokio::test]
async fn the_example_of_a_mirror_is_killed_and_ends_equal_to_the_export() {
    let api = Api::seeded().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mirror.json");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mirror/mirror.py");
    let begin = || {
        let mut command = std::process::Command::new("python3");
        command.arg(script).arg(format!("http://{}", api.address));
        command.arg(&file).stdout(std::process::Stdio::null());
        command.spawn().unwrap()
    };
    let read = || -> Value {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    };
    let eva = api.editor("eva").await;
    // A record that is retired before the copy begins, and restored later.
    let body = |key: &str| {
        json!([{ "createCybersecurityBody": { "key": key, "fields": { "kind": "OTHER", "status": "UNKNOWN",
            "country": "IE", "names": [{ "text": key, "language": "en" }] }, "cite": cite() } }])
    };
    let retire = |key: &str| json!([{ "retire": { "id": format!("CybersecurityBody:{key}"), "baseVersion": 1, "reason": "No more." } }]);
    let restore = |key: &str| json!([{ "restore": { "id": format!("CybersecurityBody:{key}"), "baseVersion": 1, "reason": "Again." } }]);
    eva.publish(body("ie-old")).await;
    eva.publish(retire("ie-old")).await;
    for round in 0..3 {
        if round == 2 {
            // A cursor of another database: the copy begins again.
            let mut copy = read();
            copy["cursor"] =
                Api::empty().await.query_once("{ head { cursor } }").await["head"]["cursor"]
                    .clone();
            std::fs::write(&file, copy.to_string()).unwrap();
        }
        let mut mirror = begin();
        let key = format!("ie-{round}");
        eva.publish(body(&key)).await;
        eva.publish(json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": round + 1,
            "set": { "shortTitle": format!("Title {round}") }, "clear": ["OPENED_AT"], "cite": cite() } }]))
            .await;
        eva.publish(retire(&key)).await;
        eva.publish(restore(if round == 1 { "ie-old" } else { &key }))
            .await;
        let head = api.query_once("{ head { cursor stateDigest } }").await["head"].clone();
        let begun = std::time::Instant::now();
        while read()["cursor"] != head["cursor"] {
            assert!(
                begun.elapsed() < std::time::Duration::from_mins(1),
                "{:?}",
                mirror.try_wait()
            );
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(read()["state"], head["stateDigest"]);
        mirror.kill().unwrap();
        mirror.wait().unwrap();
    }
    let copy = read();
    let copied = copy["records"].as_object().unwrap().values();
    let mut copied: Vec<&str> = copied.map(|line| line.as_str().unwrap()).collect();
    let export = api.export().await;
    let mut exported: Vec<&str> = export.lines().collect();
    copied.sort_unstable();
    exported.sort_unstable();
    assert!(copied == exported);
}
