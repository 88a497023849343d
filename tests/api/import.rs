//! Importing data files: whole or not at all, and repeatable.

use cyberprofiles::store::Error;
use serde_json::{Value, json};

use crate::harness::{Api, bundled, bundled_files, cite, retitle};

#[tokio::test]
async fn importing_the_bundled_data_again_changes_nothing() {
    let api = Api::seeded().await;
    for (name, text) in bundled_files() {
        let report = api.import(&text, false).await.unwrap();
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
async fn a_file_with_bad_lines_is_refused_and_each_line_named() {
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
        panic!("it was imported");
    };
    let said: Vec<String> = found
        .iter()
        .map(|one| format!("{}: {}", one.path.0.join(" "), one.message))
        .collect();
    insta::assert_json_snapshot!(said);
    let Err(Error::Refused(found)) = api.import(r#"{"createTreatyEvent":{"fields":{"kind":"SIGNATURE","date":"2020","country":"ZZ","treaty":"ETS 185"},"cite":[{"source":"Source:none"}]}}"#, false)
        .await
    else {
        panic!("it was imported");
    };
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(
        api.query("{ node(id: \"Source:good\") { id } }").await["node"],
        json!(null)
    );
}

#[tokio::test]
async fn differing_content_is_reported_and_updated_only_on_request_if_unedited() {
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
    assert_eq!(report.differing[0].0, "line 1");
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
async fn lines_without_keys_match_the_records_they_created() {
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
async fn importing_an_update_twice_applies_it_once() {
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

/// A line that creates a source.
fn source(key: &str, title: &str, cite: &Value) -> String {
    json!({ "createSource": { "key": key, "fields": { "kind": "OTHER", "title": title }, "cite": cite } })
        .to_string()
}

fn cites_only(id: &str, base: i32, cite: &Value) -> String {
    json!({ "updateSource": { "id": id, "baseVersion": base, "cite": cite } }).to_string()
}

async fn citations(api: &Api, id: &str) -> Value {
    let query = format!(
        "{{ node(id: \"{id}\") {{ ... on Source {{ version citations {{ source {{ id }} fields locator certainty }} }} }} }}"
    );
    api.query(&query).await["node"].take()
}

const CHART: &str = "Source:coe-chart-185-2015";

#[tokio::test]
async fn importing_a_citation_only_line_twice_applies_it_once() {
    let api = Api::seeded().await;
    let cite = json!([{ "source": CHART, "fields": ["TITLE"], "locator": "p. 1" }]);
    let file = [
        source("x", "X", &json!([])),
        cites_only("Source:x", 1, &cite),
    ]
    .join("\n");
    let first = api.import(&file, false).await.unwrap();
    assert_eq!((first.created, first.updated), (1, 1));
    let head = "{ head { sequence } }";
    let (before, there) = (api.export().await, api.query(head).await);
    for update in [false, true] {
        let again = api.import(&file, update).await.unwrap();
        assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 2));
        assert!(again.differing.is_empty());
    }
    // Against the newest version it adds nothing either.
    let newest = api
        .import(&cites_only("Source:x", 2, &cite), false)
        .await
        .unwrap();
    assert_eq!((newest.updated, newest.unchanged), (0, 1));
    assert_eq!(api.export().await, before);
    assert_eq!(api.query(head).await, there);
    assert_eq!(
        citations(&api, "Source:x").await["citations"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_contribution_that_repeats_a_citation_changes_nothing() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let cites = |base: i32| {
        json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": base,
            "cite": [{ "source": CHART, "fields": ["TITLE"], "locator": "p. 7" }] } }])
    };
    eva.publish(cites(1)).await;
    let query =
        "{ treaty(reference: \"ETS 185\") { version citations(field: TITLE) { locator } } }";
    let before = api.query(query).await;
    eva.publish(cites(2)).await;
    assert_eq!(api.query(query).await, before);
}

#[tokio::test]
async fn differing_citations_are_reported_and_replaced_only_with_update() {
    let api = Api::seeded().await;
    let with = |locator: &str| {
        let cite = json!([{ "source": CHART, "fields": ["TITLE"], "locator": locator }]);
        source("x", "X", &cite)
    };
    api.import(&with("p. 1"), false).await.unwrap();
    let told = api.import(&with("p. 2"), false).await.unwrap();
    assert_eq!((told.updated, told.unchanged), (0, 0));
    assert_eq!(
        told.differing,
        [(
            "line 1".to_owned(),
            "Source:x has other citations of TITLE: left unchanged; `--update` would import the line"
                .to_owned()
        )]
    );
    for (updated, unchanged) in [(1, 0), (0, 1)] {
        let report = api.import(&with("p. 2"), true).await.unwrap();
        assert_eq!((report.updated, report.unchanged), (updated, unchanged));
        assert_eq!(
            citations(&api, "Source:x").await,
            json!({ "version": 2, "citations": [
                { "source": { "id": CHART }, "fields": ["TITLE"], "locator": "p. 2", "certainty": "REPORTED" }] })
        );
    }
    // A value set by a later line of another file is left unchanged.
    let renamed =
        json!({ "updateSource": { "id": "Source:x", "baseVersion": 2, "set": { "title": "Y" } } });
    api.import(&renamed.to_string(), false).await.unwrap();
    let kind = json!([{ "source": CHART, "fields": ["KIND"] }]);
    for (updated, unchanged) in [(1, 0), (0, 1)] {
        let report = api.import(&source("x", "X", &kind), true).await.unwrap();
        assert_eq!((report.updated, report.unchanged), (updated, unchanged));
    }
    let now = api
        .query("{ node(id: \"Source:x\") { ... on Source { title version } } }")
        .await;
    assert_eq!(now["node"], json!({ "title": "Y", "version": 4 }));
}

#[tokio::test]
async fn a_skipped_record_is_reported_with_the_differing_fields_and_the_reason() {
    let api = Api::seeded().await;
    api.import(&source("x", "X", &json!([])), false)
        .await
        .unwrap();
    let cited = json!([{ "source": CHART, "fields": ["KIND"] }]);
    let line = source("x", "Y", &cited);
    let told = async |update: bool| {
        let report = api.import(&line, update).await.unwrap();
        report.differing[0].1.clone()
    };
    insta::assert_snapshot!(told(false).await, @"Source:x has other content in TITLE and other citations of KIND: left unchanged; `--update` would import the line");
    let eva = api.editor("eva").await;
    let edited = json!([{ "updateSource": { "id": "Source:x", "baseVersion": 1, "set": { "title": "Z" } } }]);
    eva.publish(edited).await;
    insta::assert_snapshot!(told(true).await, @"Source:x has other content in TITLE and other citations of KIND: left unchanged, because not only imports have changed it");
    let gone =
        json!([{ "retire": { "id": "Source:x", "baseVersion": 2, "reason": "For this test." } }]);
    eva.publish(gone).await;
    insta::assert_snapshot!(told(true).await, @"Source:x is retired, and has other content in TITLE and other citations of KIND: left unchanged; only a restore brings it back");
}

#[tokio::test]
async fn a_citation_of_a_source_replaces_the_unsourced_mark_of_its_fields() {
    let api = Api::seeded().await;
    let unsourced = json!([{ "source": "Source:unsourced", "fields": ["TITLE", "KIND"], "certainty": "UNVERIFIED" }]);
    let found = json!([{ "source": CHART, "fields": ["TITLE"] }]);
    let file = [source("x", "X", &unsourced), source("y", "Y", &unsourced)].join("\n");
    api.import(&file, false).await.unwrap();
    let update = cites_only("Source:x", 1, &found);
    assert_eq!(api.import(&update, false).await.unwrap().updated, 1);
    let eva = api.editor("eva").await;
    let change: Value = serde_json::from_str(&cites_only("Source:y", 1, &found)).unwrap();
    eva.publish(json!([change])).await;
    for id in ["Source:x", "Source:y"] {
        assert_eq!(
            citations(&api, id).await["citations"],
            json!([
                { "source": { "id": "Source:unsourced" }, "fields": ["KIND"], "locator": null, "certainty": "UNVERIFIED" },
                { "source": { "id": CHART }, "fields": ["TITLE"], "locator": null, "certainty": "REPORTED" }])
        );
    }
    let again = api
        .import(&format!("{file}\n{update}"), true)
        .await
        .unwrap();
    assert_eq!((again.updated, again.unchanged), (0, 3));
}

#[tokio::test]
async fn a_field_may_be_cited_from_a_source_and_in_part_be_unsourced() {
    let api = Api::seeded().await;
    let both = json!([{ "source": CHART, "fields": ["TITLE"] },
        { "source": "Source:unsourced", "fields": ["TITLE"], "locator": "the end of it", "certainty": "UNVERIFIED" }]);
    api.import(&source("x", "X", &both), false).await.unwrap();
    let cited = citations(&api, "Source:x").await;
    assert_eq!(cited["citations"].as_array().unwrap().len(), 2);
    let again = api.import(&source("x", "X", &both), false).await.unwrap();
    assert_eq!(again.unchanged, 1);
}

#[tokio::test]
async fn a_line_that_needs_a_later_line_is_refused_and_that_line_named() {
    let api = Api::seeded().await;
    let said = async |lines: &[String]| {
        let Err(error) = api.import(&lines.join("\n"), false).await else {
            panic!("it was imported");
        };
        error.to_string()
    };
    let early = [
        cites_only(
            "Source:x",
            1,
            &json!([{ "source": CHART, "fields": ["TITLE"] }]),
        ),
        source("x", "X", &json!([])),
    ];
    insta::assert_snapshot!(said(&early).await, @"refused: Source:x does not exist before this line: it is created in line 2");
    let retire =
        json!({ "retire": { "id": "Source:x", "baseVersion": 1, "reason": "For this test." } });
    let again = [early[1].clone(), retire.to_string(), early[1].clone()];
    insta::assert_snapshot!(said(&again).await, @"refused: line 2 retires Source:x: only a restore brings it back");
    let restore = retire.to_string().replace("retire", "restore");
    let file = [early[1].clone(), retire.to_string(), restore].join("\n");
    for (created, updated, unchanged) in [(1, 2, 0), (0, 0, 3)] {
        let report = api.import(&file, false).await.unwrap();
        let found = (report.created, report.updated, report.unchanged);
        assert_eq!(found, (created, updated, unchanged));
    }
}

#[tokio::test]
async fn a_line_that_retires_an_older_version_is_refused() {
    let api = Api::seeded().await;
    api.import(&source("x", "X", &json!([])), false)
        .await
        .unwrap();
    let eva = api.editor("eva").await;
    let edited = json!([{ "updateSource": { "id": "Source:x", "baseVersion": 1, "set": { "title": "Z" } } }]);
    eva.publish(edited).await;
    let retire =
        json!({ "retire": { "id": "Source:x", "baseVersion": 1, "reason": "For this test." } });
    let Err(error) = api.import(&retire.to_string(), false).await else {
        panic!("it was imported");
    };
    let told = "TITLE of Source:x is \"Z\" now, and was \"X\" in the base version";
    assert!(error.to_string().contains(told), "{error}");
}

#[tokio::test]
async fn a_second_file_that_sets_the_same_list_is_refused() {
    let api = Api::seeded().await;
    let body = json!({ "createCybersecurityBody": { "key": "fr-x", "cite": cite(), "fields": { "kind": "OTHER",
        "status": "UNKNOWN", "country": "FR", "names": [{ "text": "X", "language": "en" }] } } });
    api.import(&body.to_string(), false).await.unwrap();
    let renamed = |text: &str, language: &str| {
        json!({ "updateCybersecurityBody": { "id": "CybersecurityBody:fr-x", "baseVersion": 1, "cite": cite(),
            "set": { "names": [{ "text": "X", "language": "en" }, { "text": text, "language": language }] } } })
        .to_string()
    };
    api.import(&renamed("X (fr)", "fr"), false).await.unwrap();
    let Err(error) = api.import(&renamed("X (de)", "de"), false).await else {
        panic!("it was imported");
    };
    assert!(
        error
            .to_string()
            .contains("NAMES of CybersecurityBody:fr-x was changed since"),
        "{error}"
    );
    let again = api.import(&renamed("X (fr)", "fr"), false).await.unwrap();
    assert_eq!((again.updated, again.unchanged), (0, 1));
}

/// Imports lines as in profile files: new records, and updates of bundled ones that repeat a value, cite it again,
/// clear one, or retire a record.
#[tokio::test]
async fn importing_a_profile_file_a_second_time_changes_nothing() {
    let api = Api::seeded().await;
    let lines = [
        source("gb-news", "News", &json!([])),
        json!({ "updateTreaty": { "id": "Treaty:ets-189", "baseVersion": 1, "set": { "reference": "ETS 189" },
            "cite": [{ "source": "Source:gb-news", "locator": "p. 1" }] } })
        .to_string(),
        json!({ "updateTreaty": { "id": "Treaty:ets-108", "baseVersion": 1, "clear": ["OPENED_AT"] } }).to_string(),
        json!({ "updateCountry": { "id": "Country:gb", "baseVersion": 1, "set": { "region": "The North" },
            "cite": [{ "source": "Source:gb-news", "fields": ["REGION"], "certainty": "CONFIRMED" }] } })
        .to_string(),
        json!({ "retire": { "id": "OperationalUnit:az-moi-cybercrime-unit", "baseVersion": 1, "reason": "For this test.",
            "cite": [{ "source": "Source:gb-news", "fields": ["STATUS"] }] } })
        .to_string(),
    ];
    let file = lines.join("\n");
    let first = api.import(&file, false).await.unwrap();
    assert_eq!((first.created, first.updated, first.unchanged), (1, 4, 0));
    let (before, head) = (api.export().await, api.query("{ head { sequence } }").await);
    for update in [false, true] {
        let again = api.import(&file, update).await.unwrap();
        assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 5));
        for (name, text) in bundled_files() {
            let bundled = api.import(&text, update).await.unwrap();
            assert_eq!((bundled.created, bundled.updated), (0, 0), "{name}");
            assert!(
                bundled.differing.is_empty(),
                "{name}: {:?}",
                bundled.differing
            );
        }
        let own = api.import(&before, update).await.unwrap();
        assert_eq!((own.created, own.updated), (0, 0));
        assert!(own.differing.is_empty(), "{:?}", own.differing);
    }
    assert_eq!(api.export().await, before);
    assert_eq!(api.query("{ head { sequence } }").await, head);
}

#[tokio::test]
async fn a_record_never_comes_before_what_it_cites_and_refers_to() {
    let api = Api::empty().await;
    let lines = |range: std::ops::Range<i32>| {
        range.map(|number| source(&format!("s-{number}"), "News", &json!([])))
    };
    let event = |key: &str, relates_to: Value| {
        let mut fields =
            json!({ "kind": "COMMUNICATION", "date": "2020", "country": "IE", "treaty": "XTS 1" });
        if !relates_to.is_null() {
            fields["relatesTo"] = relates_to;
        }
        json!({ "createTreatyEvent": { "key": key, "fields": fields, "cite": [{ "source": "Source:last" }] } })
            .to_string()
    };
    let country = json!({ "createCountry": { "fields": { "kind": "STATE", "code": "IE", "names": [{ "text": "Ireland", "language": "en" }] } } });
    let treaty = json!({ "createTreaty": { "fields": { "reference": "XTS 1", "shortTitle": "T", "title": "T", "organisation": "O" },
        "cite": [{ "source": "Source:last" }] } });
    // More lines than are imported together lie between the first event and what it needs.
    let mut file = vec![
        event("second", json!("TreatyEvent:first")),
        event("first", Value::Null),
    ];
    file.extend(lines(0..1_500));
    file.extend([country.to_string(), treaty.to_string()]);
    file.extend(lines(1_500..3_000));
    file.push(source("last", "Last", &json!([])));
    let imported = api.import(&file.join("\n"), false).await.unwrap();
    assert_eq!(imported.created, file.len());
    let query = "{ changes(filter: { kinds: [TREATY_EVENT, TREATY] }) { nodes { recordId record { version
        citations { source { recordId } } ... on TreatyEvent { country { name } treaty { shortTitle } relatesTo { recordId } } } } } }";
    let changes = api.query(query).await["changes"]["nodes"].clone();
    let cited = json!([{ "source": { "recordId": "Source:last" } }]);
    for change in changes.as_array().unwrap() {
        assert_eq!(change["record"]["citations"], cited, "{change}");
    }
    let second = changes.as_array().unwrap().iter();
    let mut second = second.filter(|change| change["recordId"] == "TreatyEvent:second");
    assert_eq!(
        second.next().unwrap()["record"]["relatesTo"],
        json!({ "recordId": "TreatyEvent:first" })
    );
    // A later line for a record that waits builds on the first one.
    let mut file: Vec<String> = vec![event("waits", Value::Null)];
    file.push(
        json!({ "updateTreatyEvent": { "id": "TreatyEvent:waits", "baseVersion": 1, "set": { "text": "Later." },
            "cite": [{ "source": "Source:last" }] } })
        .to_string(),
    );
    file.push(
        json!({ "retire": { "id": "TreatyEvent:waits", "baseVersion": 2, "reason": "Over." } })
            .to_string(),
    );
    file.extend([
        country.to_string(),
        treaty.to_string(),
        source("last", "Last", &json!([])),
    ]);
    let other = Api::empty().await;
    let imported = other.import(&file.join("\n"), false).await.unwrap();
    assert_eq!((imported.created, imported.updated), (4, 2));
    let waits = other
        .query("{ node(id: \"TreatyEvent:waits\") { ... on TreatyEvent { version text retired { reason } } } }")
        .await;
    assert_eq!(
        waits["node"],
        json!({ "version": 2, "text": "Later.", "retired": { "reason": "Over." } })
    );
    // A second create with the same content changes nothing.
    let twice = [event("waits", Value::Null), event("waits", Value::Null)];
    let file = [&twice[..], &file[3..]].concat().join("\n");
    let imported = Api::empty().await.import(&file, false).await.unwrap();
    assert_eq!((imported.created, imported.unchanged), (4, 1));
}
