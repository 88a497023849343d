//! Exporting the data, and importing it again.

use serde_json::json;

use crate::harness::{Api, cite, retitle};

#[tokio::test]
async fn exporting_importing_and_exporting_again_gives_the_same_bytes() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Édité \"quoted\"")).await;
    let prose = json!([{ "updateTreaty": { "id": "Treaty:ets-189", "baseVersion": 1,
        "set": { "entryIntoForceCondition": "One\u{2028}two\nthree" }, "cite": cite() } }]);
    eva.publish(prose).await;
    eva.publish(json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 2, "clear": ["OPENED_AT"],
        "cite": [{ "source": "Source:coe-chart-185-2015", "fields": ["TITLE"], "quote": "a quote", "certainty": "DISPUTED" }] } }]))
        .await;
    let unit = "OperationalUnit:az-moi-cybercrime-unit";
    eva.publish(
        json!([{ "retire": { "id": unit, "baseVersion": 1, "reason": "For this test." } }]),
    )
    .await;
    let first = api.export().await;
    assert!(!first.contains(unit.split(':').nth(1).unwrap()));
    let other = Api::empty().await;
    let imported = other.import(&first, false).await.unwrap();
    assert_eq!(imported.created, first.lines().count());
    let second = other.export().await;
    assert!(first == second);
    let query = "{ countries(first: 100) { nodes { name memberships { organisation } } }
        treaties { nodes { title openedAt citations { quote certainty fields } statusCounts { status count } } } }";
    assert_eq!(api.query(query).await, other.query(query).await);
    let again = other.import(&first, false).await.unwrap();
    assert_eq!((again.created, again.unchanged), (0, first.lines().count()));
}

#[tokio::test]
async fn a_data_file_may_refer_to_later_lines_and_change_one_record_twice() {
    let api = Api::seeded().await;
    let unit = |number: usize| {
        json!({ "createOperationalUnit": { "key": format!("fr-{number}"), "fields": { "kind": "OTHER", "status": "UNKNOWN",
            "country": "FR", "parent": "CybersecurityBody:fr-late" }, "cite": cite() } })
        .to_string()
    };
    let late = json!({ "createCybersecurityBody": { "key": "fr-late", "fields": { "kind": "OTHER", "status": "UNKNOWN",
        "country": "FR", "names": [{ "text": "Late", "language": "en" }] }, "cite": cite() } });
    let renamed = json!({ "updateCybersecurityBody": { "id": "CybersecurityBody:fr-late", "baseVersion": 1,
        "set": { "acronym": "L" }, "cite": cite() } });
    // More lines than the import processes in one batch, so that the reference is unresolved for a while.
    let mut lines: Vec<String> = (0..1_500).map(unit).collect();
    let without = lines.join("\n");
    let Err(error) = api.import(&without, false).await else {
        panic!("it was imported");
    };
    assert!(
        error
            .to_string()
            .contains("CybersecurityBody:fr-late does not exist")
    );
    lines.extend([late.to_string(), renamed.to_string()]);
    let imported = api.import(&lines.join("\n"), false).await.unwrap();
    assert_eq!((imported.created, imported.updated), (1_501, 1));
    let found = api
        .query("{ node(id: \"CybersecurityBody:fr-late\") { ... on CybersecurityBody { version acronym units { totalCount } } } }")
        .await;
    assert_eq!(
        found["node"],
        json!({ "version": 2, "acronym": "L", "units": { "totalCount": 1_500 } })
    );
    let abroad = json!({ "createOperationalUnit": { "key": "de-1", "fields": { "kind": "OTHER", "status": "UNKNOWN",
        "country": "DE", "parent": "CybersecurityBody:fr-other" }, "cite": cite() } });
    let late = late.to_string().replace("fr-late", "fr-other");
    let Err(error) = api.import(&format!("{abroad}\n{late}"), false).await else {
        panic!("it was imported");
    };
    assert!(
        error.to_string().contains("belongs to FR, not to DE"),
        "{error}"
    );
}

#[tokio::test]
async fn a_line_with_a_field_of_another_noun_is_refused_and_the_field_named() {
    let api = Api::seeded().await;
    let line = r#"{"createSource":{"fields":{"kind":"OTHER","title":"T","provisions":[]}}}"#;
    let Err(error) = api.import(line, false).await else {
        panic!("it was imported");
    };
    assert!(
        error.to_string().contains("unknown field `provisions`"),
        "{error}"
    );
    let two = format!("{} {}", line.replace(",\"provisions\":[]", ""), line);
    let Err(error) = api.import(&two, false).await else {
        panic!("it was imported");
    };
    assert!(error.to_string().contains("nothing after it"), "{error}");
}

#[tokio::test]
async fn an_entry_into_force_before_consent_is_imported_with_a_warning() {
    let api = Api::seeded().await;
    let event = |key: &str, kind: &str, date: &str| {
        json!({ "createTreatyEvent": { "key": key, "fields": { "kind": kind, "date": date, "country": "TV", "treaty": "ETS 185" }, "cite": cite() } })
            .to_string()
    };
    let file = [
        event("tv-in-force", "ENTRY_INTO_FORCE", "2020-01-01"),
        event("tv-accession", "ACCESSION", "2021"),
        event("tv-in-force-again", "ENTRY_INTO_FORCE", "2021-12-01"),
    ];
    let imported = api.import(&file.join("\n"), false).await.unwrap();
    assert_eq!(imported.created, 3);
    assert_eq!(
        imported.warnings,
        ["TreatyEvent:tv-in-force: enters into force before any consent that is known"]
    );
}
