//! One request reads at one moment, and at other moments where it names them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::harness::{Api, retitle};

async fn cursor(api: &Api) -> String {
    api.query("{ head { cursor } }").await["head"]["cursor"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn one_request_reads_a_record_now_and_at_two_past_moments() {
    let api = Api::seeded().await;
    let before = cursor(&api).await;
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Cybercrime Convention")).await;
    let between = cursor(&api).await;
    eva.publish(retitle(2, "Convention of Budapest")).await;
    let query = "query($a: ID!, $b: ID!, $c: ID!) { now: node(id: \"Treaty:ets-185\") { ...t }
        a: node(id: $a) { ...t } b: node(id: $b) { ...t } c: node(id: $c) { ...t } }
        fragment t on Treaty { id recordId version shortTitle
            citations(field: SHORT_TITLE) { source { id } }
            protocols { id parent { id shortTitle version } } }";
    let ids = json!({
        "a": format!("Treaty:ets-185@{before}"),
        "b": format!("Treaty:ets-185@{between},2010-03-15"),
        "c": format!("Treaty:cets-201@{before}"),
    });
    let answer = api.anyone().ask(query, ids.clone()).await.data();
    assert_eq!(answer["now"]["shortTitle"], "Convention of Budapest");
    assert_eq!(answer["a"]["shortTitle"], "Budapest Convention");
    assert_eq!(answer["b"]["shortTitle"], "Cybercrime Convention");
    let versions = ["now", "a", "b"].map(|alias| answer[alias]["version"].as_i64().unwrap());
    assert_eq!(versions, [3, 1, 2]);
    for alias in ["a", "b", "c"] {
        assert_eq!(
            answer[alias]["id"], ids[alias],
            "an id returns the object that it names"
        );
        assert_ne!(answer[alias]["id"], answer[alias]["recordId"]);
    }
    assert_eq!(answer["now"]["id"], "Treaty:ets-185");
    // The records that an object returns are read at the same moment.
    let parent = &answer["a"]["protocols"][0]["parent"];
    assert_eq!(
        (&parent["shortTitle"], &parent["version"]),
        (&json!("Budapest Convention"), &json!(1))
    );
    let source = answer["a"]["citations"][0]["source"]["id"]
        .as_str()
        .unwrap();
    assert_eq!(source, format!("Source:coe-chart-185-2015@{before}"));
    assert_eq!(answer["a"]["citations"].as_array().unwrap().len(), 2);
    assert_eq!(answer["now"]["citations"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_day_in_an_id_is_the_as_of_date_of_the_answer() {
    let api = Api::seeded().await;
    let now = cursor(&api).await;
    let query = "query($id: ID!) { node(id: $id) { ... on Country { id
        treatyStatus { status since { edtf } next { status on { edtf } } } } } }";
    let oracle = [
        (
            "2008-06-29",
            json!({ "status": "NO_ACTION", "since": null, "next": null }),
        ),
        (
            "2008-06-30",
            json!({ "status": "SIGNATORY", "since": { "edtf": "2008-06-30" }, "next": null }),
        ),
        (
            "2009-09-30",
            json!({ "status": "SIGNATORY", "since": { "edtf": "2008-06-30" }, "next": null }),
        ),
        (
            "2010-03-15",
            json!({ "status": "CONTRACTING_STATE", "since": { "edtf": "2010-03-15" },
                "next": { "status": "PARTY", "on": { "edtf": "2010-07-01" } } }),
        ),
        (
            "2010-07-01",
            json!({ "status": "PARTY", "since": { "edtf": "2010-07-01" }, "next": null }),
        ),
    ];
    for (day, expected) in oracle {
        let id = format!("Country:az@{now},{day}");
        let answer = api.anyone().ask(query, json!({ "id": id })).await.data();
        assert_eq!(answer["node"]["treatyStatus"], expected, "{day}");
        assert_eq!(answer["node"]["id"], json!(id));
    }
}

#[tokio::test]
async fn a_record_is_null_before_its_creation() {
    let api = Api::seeded().await;
    let before = cursor(&api).await;
    let source = |key: &str| json!({ "createSource": { "key": key, "fields": { "kind": "OTHER", "title": key } } });
    api.editor("eva")
        .await
        .publish(json!([source("one"), source("two")]))
        .await;
    let edges = api.query("{ changes(last: 2) { edges { cursor } } }").await;
    let inside = edges["changes"]["edges"][0]["cursor"].as_str().unwrap();
    let query = "query($id: ID!) { node(id: $id) { id } }";
    let there = async |cursor: &str| {
        let id = json!({ "id": format!("Source:two@{cursor}") });
        !api.anyone().ask(query, id).await.data()["node"].is_null()
    };
    assert!(!there(&before).await);
    // A cursor inside a commit means the end of the commit.
    assert!(there(inside).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_mixes_two_versions_beside_a_busy_writer() {
    let api = Arc::new(Api::seeded().await);
    let done = Arc::new(AtomicBool::new(false));
    let writer = {
        let (api, done) = (Arc::clone(&api), Arc::clone(&done));
        tokio::spawn(async move {
            let eva = api.editor("eva").await;
            for version in 1..=40 {
                // Both treaties get the same title in one commit.
                let title = format!("Title {version}");
                let change = |treaty: &str| {
                    json!({ "updateTreaty": { "id": treaty, "baseVersion": version,
                        "set": { "shortTitle": title }, "cite": crate::harness::cite() } })
                };
                eva.publish(json!([change("Treaty:ets-185"), change("Treaty:ets-189")]))
                    .await;
            }
            done.store(true, Ordering::SeqCst);
        })
    };
    let (mut answers, mut moved) = (0, 0);
    let mut last = Value::Null;
    while !done.load(Ordering::SeqCst) {
        let query = "{ a: treaty(reference: \"ETS 185\") { shortTitle version protocols { parent { shortTitle } } }
            b: treaty(reference: \"ETS 189\") { shortTitle version parent { shortTitle version } } }";
        let answer = api.query_once(query).await;
        if answer["a"]["version"] != 1 {
            assert_eq!(answer["a"]["shortTitle"], answer["b"]["shortTitle"]);
            assert_eq!(
                answer["b"]["parent"]["shortTitle"],
                answer["a"]["shortTitle"]
            );
            assert_eq!(
                answer["a"]["protocols"][0]["parent"]["shortTitle"],
                answer["a"]["shortTitle"]
            );
        }
        answers += 1;
        moved += i32::from(answer["a"]["version"] != last);
        last = answer["a"]["version"].clone();
    }
    writer.await.unwrap();
    assert!(
        answers > 10 && moved > 3,
        "{answers} answers, {moved} versions seen"
    );
}
