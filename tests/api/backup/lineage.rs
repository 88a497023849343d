//! Cursors after a restore: those that mean the same are accepted, others are unknown.

use cyberprofiles::store::moment::Moment;
use serde_json::{Value, json};

use super::{backed_up, content, done, new_file, restored};
use crate::database;
use crate::harness::{Api, bundled, retitle};

/// Codes and messages of the refusals of a cursor, wherever a client can send one.
async fn refusals(api: &Api, cursor: &str) -> Vec<(String, String)> {
    let mut refusals = Vec::new();
    let queries = [
        "query($at: Cursor) { changes(after: $at) { totalCount } }".to_owned(),
        "query($at: Cursor) { changes(before: $at, last: 1) { totalCount } }".to_owned(),
        "query($at: Cursor) { at(cursor: $at) { asOf } }".to_owned(),
        format!("{{ node(id: \"Treaty:ets-185@{cursor}\") {{ id }} }}"),
        format!("{{ nodes(ids: [\"Treaty:ets-185@{cursor}\"]) {{ id }} }}"),
    ];
    for query in queries {
        let answer = api.anyone().ask(&query, json!({ "at": cursor })).await;
        assert_eq!(answer.status, 200, "{query}");
        refusals.push((answer.code().to_owned(), answer.message().to_owned()));
    }
    for path in [
        format!("/records/Treaty:ets-185@{cursor}"),
        format!("/records/Treaty:ets-185@{cursor},2020-01-01"),
        format!("/export.jsonl?at={cursor}"),
    ] {
        let response = api.request(reqwest::Method::GET, &path).send().await;
        let response = response.unwrap();
        assert_eq!(response.status(), 400, "{path}");
        refusals.push(refusal(&response.json().await.unwrap()));
    }
    let follow = "subscription($after: Cursor) { changes(after: $after) { sequence } }";
    let mut socket = api.socket(json!({})).await;
    socket
        .subscribe("1", follow, json!({ "after": cursor }))
        .await;
    let message = socket.next().await;
    refusals.push(refusal(&message["payload"]));
    let streams = [
        ("text/event-stream", Some(cursor), Value::Null),
        ("text/event-stream", None, json!(cursor)),
        ("multipart/mixed;subscriptionSpec=1.0", None, json!(cursor)),
    ];
    for (accept, last, after) in streams {
        let mut request = api
            .request(reqwest::Method::POST, "/graphql")
            .header("accept", accept)
            .json(&json!({ "query": follow, "variables": { "after": after } }));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let mut response = request.send().await.unwrap();
        let mut text = String::new();
        let error = loop {
            let lines = text.lines().map(|line| line.trim_start_matches("data: "));
            let mut read = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
            if let Some(event) = read.find(|event| event.to_string().contains("errors")) {
                break event;
            }
            let chunk = response.chunk().await.unwrap();
            text += std::str::from_utf8(&chunk.unwrap_or_else(|| panic!("{text}"))).unwrap();
        };
        refusals.push(refusal(&error));
    }
    refusals
}

/// Code and message of the first error in a message.
fn refusal(message: &Value) -> (String, String) {
    let error = ["/errors/0", "/payload/errors/0", "/0"]
        .iter()
        .find_map(|path| message.pointer(path))
        .unwrap_or_else(|| panic!("{message:#}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&error["extensions"]["code"]), text(&error["message"]))
}

async fn head(api: &Api) -> String {
    let head = api.query_once("{ head { cursor } }").await;
    head["head"]["cursor"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_database_knows_the_cursors_up_to_the_backup_and_no_later_or_foreign_ones() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Before")).await;
    let common = head(&api).await;
    let (kept, file) = new_file("profiles.backup");
    assert_eq!(backed_up(&api.url, &file), bundled() + 1);
    eva.publish(retitle(2, "Lost")).await;
    let lost = head(&api).await;
    let url = database::empty(kept.path()).await;
    restored(&file, &url);

    let copy = Api::builder().database(url.clone()).start().await;
    copy.editor("eva").await.publish(retitle(2, "Other")).await;
    let own = head(&copy).await;
    let query = "query($at: Cursor) { changes(after: $at) { nodes { sequence record { label } } } at(cursor: $at) { treaty(reference: \"ETS 185\") { shortTitle } } }";
    let seen = copy
        .anyone()
        .ask(query, json!({ "at": common }))
        .await
        .data();
    let expected = json!([{ "sequence": bundled() + 2, "record": { "label": "Other" } }]);
    assert_eq!(seen["changes"]["nodes"], expected);
    assert_eq!(seen["at"]["treaty"]["shortTitle"], "Before");
    let node =
        format!("{{ node(id: \"Treaty:ets-185@{common}\") {{ ... on Treaty {{ shortTitle }} }} }}");
    let node = copy.query_once(&node).await;
    assert_eq!(node["node"]["shortTitle"], "Before");
    let mut socket = copy.socket(json!({})).await;
    let follow = "subscription($after: Cursor) { changes(after: $after) { sequence } }";
    socket
        .subscribe("1", follow, json!({ "after": common }))
        .await;
    assert_eq!(socket.event().await["changes"]["sequence"], bundled() + 2);

    let foreign = head(&Api::empty().await).await;
    let future = copy.store.cursors().write(Moment(bundled() + 3));
    for (cursor, code, why) in [
        (
            &lost,
            "UNKNOWN_CURSOR",
            "of the database from which this one was restored, and after the backup",
        ),
        (&foreign, "UNKNOWN_CURSOR", "of another database"),
        (&future, "UNKNOWN_CURSOR", "after the newest change"),
        (
            &"nonsense".to_owned(),
            "BAD_USER_INPUT",
            "not a cursor of the change log",
        ),
    ] {
        let refusals = refusals(&copy, cursor).await;
        assert_eq!(refusals.len(), 12);
        for (found, message) in refusals {
            assert_eq!(found, code, "{message}");
            assert!(message.contains(why) && message.contains(&own), "{message}");
            let begins_again = message.contains("begin again from an export");
            assert_eq!(begins_again, code == "UNKNOWN_CURSOR", "{message}");
        }
    }
    // The database from which the backup was made does not know the cursors of the copy.
    let (code, message) = refusals(&api, &own).await.swap_remove(0);
    assert_eq!(code, "UNKNOWN_CURSOR", "{message}");

    // A copy of the copy knows both ancestors.
    let again = kept.path().join("again.backup");
    assert_eq!(backed_up(&url, &again), bundled() + 2);
    let (kept, _) = new_file("");
    let second = database::empty(kept.path()).await;
    restored(&again, &second);
    assert_eq!(content(&second, "lineage").await.len(), 2);
    let second = Api::builder().database(second).start().await;
    for (cursor, later) in [(&common, 1), (&own, 0)] {
        let query = "query($at: Cursor) { changes(after: $at) { nodes { sequence } } }";
        let seen = second.anyone().ask(query, json!({ "at": cursor })).await;
        let changes = seen.data()["changes"]["nodes"].clone();
        assert_eq!(changes.as_array().unwrap().len(), later);
    }
    assert_eq!(refusals(&second, &lost).await[0].0, "UNKNOWN_CURSOR");
    done(&second.url, &["migrate", "status"]);
}
