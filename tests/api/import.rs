//! Data files: whole or not at all, as often as one likes.

use cyberprofiles::cli::BUNDLE;
use cyberprofiles::store::Error;
use serde_json::json;

use crate::harness::{Api, bundled, retitle};

#[tokio::test]
async fn the_bundled_data_again_changes_nothing() {
    let api = Api::seeded().await;
    for (name, text) in BUNDLE {
        let report = api.import(text, false).await.unwrap();
        let lines = text.lines().count();
        assert_eq!(
            (report.created, report.updated, report.unchanged),
            (0, 0, lines),
            "{name}"
        );
        assert!(report.differing.is_empty());
    }
    assert_eq!(
        api.query("{ head { sequence } }").await["head"]["sequence"],
        bundled()
    );
}

#[tokio::test]
async fn a_bad_line_fails_its_file_and_each_is_named() {
    let api = Api::seeded().await;
    let file = [
        r#"{"createSource":{"key":"good","fields":{"kind":"OTHER","title":"Good"}}}"#,
        r#"{"createSource":{"key":"bad","fields":{"kind":"OTHER","title":"Bad","url":"nowhere"}}}"#,
        "",
        r#"{"createSource":{"key":"bad","fields":{"kind":"NONE","title":"Bad"}}}"#,
        r#"{"createSource":{"key":"bad","fields":{"titel":"Bad"}}}"#,
        "nonsense",
    ];
    let Err(Error::Refused(found)) = api.import(&file.join("\n"), false).await else {
        panic!("it was taken over");
    };
    let said: Vec<String> = found
        .iter()
        .map(|one| format!("{}: {}", one.path.0.join(" "), one.message))
        .collect();
    insta::assert_json_snapshot!(said);
    let Err(Error::Refused(found)) = api.import(r#"{"createTreatyEvent":{"fields":{"kind":"SIGNATURE","date":"2020","country":"ZZ","treaty":"ETS 185"},"cite":[{"source":"Source:none"}]}}"#, false)
        .await
    else {
        panic!("it was taken over");
    };
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(
        api.query("{ node(id: \"Source:good\") { id } }").await["node"],
        json!(null)
    );
}

#[tokio::test]
async fn other_content_is_reported_and_only_updated_where_asked_and_untouched() {
    let api = Api::seeded().await;
    api.editor("eva").await.publish(retitle(1, "Edited")).await;
    let line = |reference: &str, title: &str| {
        json!({ "createTreaty": { "key": reference.to_lowercase().replace(' ', "-"),
            "fields": { "reference": reference, "shortTitle": title, "title": "T", "organisation": "O" },
            "cite": [{ "source": "Source:unsourced" }] } })
        .to_string()
    };
    let file = format!(
        "{}\n{}",
        line("ETS 185", "From a file"),
        line("ETS 108", "From a file")
    );
    let report = api.import(&file, false).await.unwrap();
    assert_eq!(
        (report.created, report.updated, report.differing.len()),
        (0, 0, 2)
    );
    let report = api.import(&file, true).await.unwrap();
    assert_eq!((report.updated, report.differing.len()), (1, 1));
    assert_eq!(report.differing[0].0, "1");
    let answer = api.query("{ a: treaty(reference: \"ETS 185\") { shortTitle } b: treaty(reference: \"ETS 108\") { version shortTitle openedAt } }").await;
    assert_eq!(
        answer,
        json!({ "a": { "shortTitle": "Edited" }, "b": { "version": 2, "shortTitle": "From a file", "openedAt": null } })
    );
    let again = api.import(&file, true).await.unwrap();
    assert_eq!(
        (again.updated, again.unchanged, again.differing.len()),
        (0, 1, 1)
    );
}

#[tokio::test]
async fn lines_without_keys_find_their_records_again() {
    let api = Api::seeded().await;
    let line = |date: &str| {
        json!({ "createTreatyEvent": { "fields": { "kind": "COMMUNICATION", "date": date, "country": "AZ", "treaty": "ETS 185" },
            "cite": [{ "source": "Source:unsourced", "certainty": "UNVERIFIED" }] } })
        .to_string()
    };
    let file = format!("{}\n{}", line("2019"), line("2020"));
    assert_eq!(api.import(&file, false).await.unwrap().created, 2);
    let again = api
        .import(&format!("{file}\n{}", line("2021")), false)
        .await
        .unwrap();
    assert_eq!((again.created, again.unchanged), (1, 2));
    let found = api.query("{ nodes(ids: [\"TreatyEvent:az-ets-185-communication\", \"TreatyEvent:az-ets-185-communication-3\"]) { id } }").await;
    assert!(
        found["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .all(|node| !node.is_null())
    );
}

#[tokio::test]
async fn an_update_is_taken_over_once() {
    let api = Api::seeded().await;
    let line = json!({ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1,
        "set": { "shortTitle": "From a file" }, "cite": [{ "source": "Source:unsourced" }] } });
    assert_eq!(
        api.import(&line.to_string(), false).await.unwrap().updated,
        1
    );
    api.editor("eva")
        .await
        .publish(retitle(2, "Edited since"))
        .await;
    let again = api.import(&line.to_string(), false).await.unwrap();
    assert_eq!((again.updated, again.unchanged), (0, 1));
    let now = api
        .query("{ treaty(reference: \"ETS 185\") { version shortTitle } }")
        .await;
    assert_eq!(
        now["treaty"],
        json!({ "version": 3, "shortTitle": "Edited since" })
    );
}
