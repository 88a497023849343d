//! Treaties, and the status of countries under them.

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::harness::{Api, cite};

#[tokio::test]
async fn three_ways_of_counting_the_parties_to_the_budapest_convention_agree() {
    let api = Api::seeded().await;
    let answer = api
        .query(
            "{ treaty(reference: \"ETS 185\") { statusCounts { status count }
                participations(filter: { status: [PARTY] }) { totalCount }
                statuses { status country { code } } } }",
        )
        .await;
    let counts = answer["treaty"]["statusCounts"].as_array().unwrap();
    let counted = counts
        .iter()
        .find(|count| count["status"] == "PARTY")
        .unwrap();
    // Recount from the file: every country with a deposit or an entry into force, all of which took effect long ago.
    let events = include_str!("../../data/04-treaty-events.jsonl");
    let parties: BTreeSet<String> = events
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| line["createTreatyEvent"]["fields"].clone())
        .filter(|event| event["treaty"] == "ETS 185")
        .filter(|event| {
            ["RATIFICATION", "ACCESSION", "ENTRY_INTO_FORCE"]
                .iter()
                .any(|kind| event["kind"] == *kind)
        })
        .map(|event| event["country"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(parties.len(), 81);
    assert_eq!(counted["count"], 81);
    assert_eq!(answer["treaty"]["participations"]["totalCount"], 81);
    let listed: BTreeSet<String> = answer["treaty"]["statuses"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["status"] == "PARTY")
        .map(|one| one["country"]["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(listed, parties);
}

#[tokio::test]
async fn all_eight_treaties_have_their_entry_into_force_rules() {
    let api = Api::seeded().await;
    let answer = api
        .query(
            "{ treaties { totalCount nodes { reference eventsCompleteAsOf parent { reference }
                protocols { reference } entryIntoForceRule { article months days firstDayOfMonth
                notBeforeTreaty requiresPartyTo { reference } denunciationMonths } } } }",
        )
        .await;
    let rules: BTreeMap<String, String> = answer["treaties"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|treaty| {
            (
                treaty["reference"].as_str().unwrap().to_owned(),
                treaty.to_string(),
            )
        })
        .collect();
    assert_json_snapshot!(rules);
}

#[tokio::test]
async fn azerbaijan_has_its_participations_of_today() {
    let api = Api::seeded().await;
    let answer = api
        .query(
            "{ country(code: \"AZ\") { treatyParticipations { treaty { reference } status certainty
                since { edtf precision } inForceFrom { date { edtf } origin } basis { id }
                next { status } possibleStatuses reservations { id } reportedLabels { label } } } }",
        )
        .await;
    assert_json_snapshot!(answer["country"]["treatyParticipations"]);
}

#[tokio::test]
async fn an_entry_into_force_is_computed_if_the_depositary_gives_none() {
    let api = Api::seeded().await;
    let status =
        "status certainty inForceFrom { date { edtf } origin } next { status on { edtf } }";
    let answer = api
        .query(&format!(
            "{{ sweden: country(code: \"SE\") {{ treatyStatus {{ {status} }} }}
                japan: country(code: \"JP\") {{ treatyStatus(treaty: \"CETS 224\") {{ {status} }} }}
                nauru: country(code: \"NR\") {{ treatyStatus {{ {status} }}
                    unknown: treatyStatus(treaty: \"ETS 108\") {{ {status} }}
                    none: treatyStatus(treaty: \"ETS 999\") {{ {status} }} }} }}"
        ))
        .await;
    assert_json_snapshot!(answer);
}

#[tokio::test]
async fn accepting_a_ratification_changes_the_treaty_status() {
    let api = Api::seeded().await;
    let status = "{ country(code: \"IE\") { treatyStatus { status certainty possibleStatuses
        inForceFrom { date { edtf } origin } next { status on { edtf } } basis { id } } } }";
    assert_eq!(
        api.query(status).await["country"]["treatyStatus"]["status"],
        "SIGNATORY"
    );
    let today = chrono::Utc::now().date_naive().to_string();
    let ratifies = json!([{ "createTreatyEvent": {
        "fields": { "kind": "RATIFICATION", "date": today, "country": "IE", "treaty": "ETS185" },
        "cite": cite() } }]);
    api.editor("eva").await.publish(ratifies).await;
    let after = api.query(status).await["country"]["treatyStatus"].clone();
    assert_eq!(after["status"], "CONTRACTING_STATE");
    assert_eq!(after["certainty"], "REPORTED");
    assert_eq!(after["next"]["status"], "PARTY");
    assert_eq!(after["inForceFrom"]["origin"], "COMPUTED");
    assert_eq!(
        after["basis"],
        json!([{ "id": "TreatyEvent:ie-ets-185-ratification" }])
    );
}

#[tokio::test]
async fn reported_labels_are_shown_for_events_of_every_kind() {
    let api = Api::seeded().await;
    let event = |key: &str, kind: &str, date: &str, label: &str| {
        json!({ "createTreatyEvent": { "key": key, "cite": cite(), "fields": {
            "kind": kind, "date": date, "country": "IE", "treaty": "ETS 185", "reportedLabel": label } } })
    };
    // It has ended, but its label was printed all the same.
    let mut declared = event("d-declared", "DECLARATION", "2021-02-01", "Party");
    declared["createTreatyEvent"]["fields"]["endsOn"] = json!("2022");
    let events = json!([
        event("a-reported", "REPORTED_STATUS", "2020-01-01", "Signed"),
        event("b-invited", "INVITATION_TO_ACCEDE", "2001-01-01", "Invited"),
        event("c-said", "COMMUNICATION", "2021-01-01", "Party"),
        declared,
    ]);
    api.editor("eva").await.publish(events).await;
    let query = "{ country(code: \"IE\") { treatyStatus { reportedLabels { label agrees event { kind } } } } }";
    let found = &api.query(query).await["country"]["treatyStatus"]["reportedLabels"];
    let expected = [
        ("Signed", true, "REPORTED_STATUS"),
        ("Invited", true, "INVITATION_TO_ACCEDE"),
        ("Party", false, "COMMUNICATION"),
        ("Party", false, "DECLARATION"),
    ];
    let expected = expected.map(|(label, agrees, kind)| json!({ "label": label, "agrees": agrees, "event": { "kind": kind } }));
    assert_eq!(*found, json!(expected));
}

#[tokio::test]
async fn reservations_are_found_by_article_on_the_day_of_the_view() {
    let api = Api::seeded().await;
    let act = |key: &str, country: &str, kind: &str, articles: Value, more: Value| {
        let mut fields = json!({ "kind": kind, "date": "2021-01-10", "country": country, "treaty": "CETS 201", "articles": articles });
        fields
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({ "createTreatyEvent": { "key": key, "fields": fields, "cite": cite() } })
    };
    let changes = json!([
        act("ie-joins", "IE", "RATIFICATION", json!([]), json!({})),
        act("fi-joins", "FI", "RATIFICATION", json!([]), json!({})),
        act(
            "ie-reserves",
            "IE",
            "RESERVATION",
            json!(["20(1)(a)", "24"]),
            json!({ "endsOn": "2024-12-31" })
        ),
        act(
            "ie-reserves-more",
            "IE",
            "RESERVATION",
            json!(["25"]),
            json!({})
        ),
        act("fi-declares", "FI", "DECLARATION", json!(["20"]), json!({})),
    ]);
    api.editor("eva").await.publish(changes).await;
    let reserved = async |day: &str, articles: &str| {
        let query = format!(
            "{{ at(asOf: \"{day}\") {{ treaty(reference: \"CETS 201\") {{ participations(filter: {{ reservedArticles: {articles} }}) {{
                totalCount nodes {{ country {{ code }} reservations(articles: {articles}) {{ articles }} all: reservations {{ articles }} }} }} }} }} }}"
        );
        api.query(&query).await["at"]["treaty"]["participations"].clone()
    };
    let none = json!({ "totalCount": 0, "nodes": [] });
    assert_eq!(
        reserved("2024-12-31", "[\"20\"]").await,
        json!({ "totalCount": 1, "nodes": [{ "country": { "code": "IE" }, "reservations": [{ "articles": ["20(1)(a)", "24"] }],
            "all": [{ "articles": ["20(1)(a)", "24"] }, { "articles": ["25"] }] }] })
    );
    assert_eq!(reserved("2025-01-01", "[\"20\"]").await, none);
    assert_eq!(reserved("2024-12-31", "[\"2\"]").await, none);
    assert_eq!(reserved("2024-12-31", "[]").await, none);
    let declared = "{ treaty(reference: \"CETS 201\") { participations(filter: { status: [PARTY] }) { nodes { country { code }
        declarations(articles: [\"20(1)\"]) { articles } } } } }";
    assert_eq!(
        api.query(declared).await["treaty"]["participations"]["nodes"],
        json!([{ "country": { "code": "FI" }, "declarations": [{ "articles": ["20"] }] },
            { "country": { "code": "IE" }, "declarations": [] }])
    );
}

#[tokio::test]
async fn a_statement_that_is_carried_over_is_on_no_article_of_the_protocol() {
    let api = Api::seeded().await;
    let act = |key: &str, kind: &str, treaty: &str, articles: Value| {
        json!({ "createTreatyEvent": { "key": key, "cite": cite(), "fields": { "kind": kind, "date": "2012-01-10", "country": "IE",
            "treaty": treaty, "articles": articles } } })
    };
    let changes = json!([
        act("ie-joins", "RATIFICATION", "ETS 185", json!([])),
        act("ie-joins-protocol", "RATIFICATION", "ETS 189", json!([])),
        act("ie-reserves", "RESERVATION", "ETS 185", json!(["14(3)"])),
        { "createArticleImplementation": { "cite": cite(), "fields": { "country": "IE", "treaty": "ETS 189", "article": "14", "degree": "UNKNOWN" } } },
    ]);
    api.editor("eva").await.publish(changes).await;
    let query = "{ country(code: \"IE\") {
        treatyStatus(treaty: \"ETS 189\") { reservations { articles treaty { reference } } on: reservations(articles: [\"14\"]) { articles } }
        articleImplementations(treaty: \"ETS 189\") { nodes { article reservations { recordId } } } }
        treaty(reference: \"ETS 189\") { participations(filter: { reservedArticles: [\"14\"] }) { totalCount } } }";
    assert_eq!(
        api.query(query).await,
        json!({ "country": {
                "treatyStatus": { "reservations": [{ "articles": ["14(3)"], "treaty": { "reference": "ETS 185" } }], "on": [] },
                "articleImplementations": { "nodes": [{ "article": "14", "reservations": [] }] } },
            "treaty": { "participations": { "totalCount": 0 } } })
    );
}
