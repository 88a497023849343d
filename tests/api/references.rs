//! References between records: acts relate to acts that their kind allows, and no record refers to itself through
//! others.

use serde_json::{Value, json};

use crate::harness::{Api, cite};

fn act(key: &str, kind: &str, country: &str, treaty: &str, more: Value) -> Value {
    let mut fields =
        json!({ "kind": kind, "date": "2012-03-01", "country": country, "treaty": treaty });
    fields
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({ "createTreatyEvent": { "key": key, "fields": fields, "cite": cite() } })
}

fn relates(id: &str) -> Value {
    json!({ "relatesTo": format!("TreatyEvent:{id}") })
}

/// Findings about changes: code, path below the change, message.
async fn refused(api: &Api, changes: Value) -> Vec<String> {
    let payload = api.contributor().await.propose(changes).await;
    let found = payload["userErrors"].as_array().unwrap().iter();
    let found = found.map(|one| {
        let path = one["path"].as_array().unwrap().iter().skip(1);
        let path: Vec<&str> = path.map(|part| part.as_str().unwrap()).collect();
        let [code, message] = ["code", "message"].map(|name| one[name].as_str().unwrap());
        format!("{code} {}: {message}", path.join("."))
    });
    found.collect()
}

const RESERVATION: &str = "az-ets-185-reservation-article-4";

#[tokio::test]
async fn an_act_relates_only_to_acts_that_its_kind_allows() {
    let api = Api::seeded().await;
    let mut said = Vec::new();
    let gb = "gb-ets-185-signature";
    let cases = [
        ("WITHDRAWAL", "FR", "ETS 185", RESERVATION),
        ("WITHDRAWAL", "AZ", "ETS 189", RESERVATION),
        ("WITHDRAWAL", "AZ", "ETS 185", "az-ets-185-entry-into-force"),
        (
            "WITHDRAWAL",
            "AZ",
            "ETS 185",
            "az-ets-185-reported-status-2020",
        ),
        ("CONFIRMATION", "FR", "ETS 185", RESERVATION),
        ("CONFIRMATION", "AZ", "ETS 185", "az-ets-185-signature"),
        ("OBJECTION", "AZ", "ETS 185", RESERVATION),
        ("OBJECTION", "FR", "ETS 189", RESERVATION),
        ("OBJECTION", "FR", "ETS 185", "az-ets-185-signature"),
        ("SUCCESSION", "AZ", "ETS 189", gb),
        (
            "SUCCESSION",
            "AZ",
            "ETS 185",
            "az-ets-185-declaration-article-38",
        ),
        ("ENTRY_INTO_FORCE", "AZ", "ETS 185", gb),
        ("RESERVATION", "FR", "ETS 185", "az-ets-185-ratification"),
    ];
    for (kind, country, treaty, to) in cases {
        said.extend(refused(&api, json!([act("x", kind, country, treaty, relates(to))])).await);
    }
    insta::assert_json_snapshot!(said);
    let fits = [
        ("WITHDRAWAL", "AZ", "ETS 185", RESERVATION),
        ("WITHDRAWAL", "AZ", "ETS 185", "az-ets-185-ratification"),
        ("CONFIRMATION", "AZ", "ETS 185", RESERVATION),
        ("OBJECTION", "FR", "ETS 185", RESERVATION),
        (
            "OBJECTION",
            "FR",
            "ETS 185",
            "az-ets-185-declaration-article-38",
        ),
        ("SUCCESSION", "ME", "ETS 185", gb),
        ("COMMUNICATION", "FR", "ETS 185", RESERVATION),
        ("DECLARATION", "AZ", "ETS 189", RESERVATION),
    ];
    for (kind, country, treaty, to) in fits {
        let changes = json!([act("x", kind, country, treaty, relates(to))]);
        assert_eq!(refused(&api, changes).await, [""; 0], "{kind} {to}");
    }
}

#[tokio::test]
async fn a_change_that_would_invalidate_a_reference_is_refused() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    eva.publish(json!([
        act("made", "RESERVATION", "FR", "ETS 185", json!({})),
        act("back", "WITHDRAWAL", "FR", "ETS 185", relates("made")),
    ]))
    .await;
    let update = |key: &str, set: Value| json!({ "updateTreatyEvent": { "id": format!("TreatyEvent:{key}"), "baseVersion": 1, "set": set, "cite": cite() } });
    let mut said = Vec::new();
    for set in [
        json!({ "country": "DE" }),
        json!({ "treaty": "ETS 189" }),
        json!({ "kind": "ENTRY_INTO_FORCE" }),
    ] {
        said.extend(refused(&api, json!([update("made", set)])).await);
    }
    // The related act changes in the same contribution, but not its country: it is still refused.
    let both = json!([
        update("made", json!({ "country": "DE" })),
        update("back", json!({ "text": "T" }))
    ]);
    said.extend(refused(&api, both).await);
    insta::assert_json_snapshot!(said);
    let together = json!([
        update("made", json!({ "country": "DE" })),
        update("back", json!({ "country": "DE" })),
    ]);
    assert_eq!(refused(&api, together).await, [""; 0]);
    let text = json!([update(
        "made",
        json!({ "kind": "DECLARATION", "text": "T" })
    )]);
    assert_eq!(refused(&api, text).await, [""; 0]);
}

#[tokio::test]
async fn an_institution_cannot_leave_the_country_of_records_that_refer_to_it() {
    let api = Api::seeded().await;
    let body = |key: &str, country: &str| {
        json!({ "createCybersecurityBody": { "key": key, "fields": { "kind": "OTHER", "status": "OPERATIONAL",
            "country": country, "names": [{ "text": key, "language": "en" }] }, "cite": cite() } })
    };
    let unit = json!({ "createOperationalUnit": { "key": "fr-unit", "fields": { "kind": "OTHER", "status": "OPERATIONAL",
        "country": "FR", "parent": "CybersecurityBody:fr-body" }, "cite": cite() } });
    let eva = api.editor("eva").await;
    eva.publish(json!([body("fr-body", "FR"), body("cw-body", "CW"), unit]))
        .await;
    let moved = json!([{ "updateCybersecurityBody": { "id": "CybersecurityBody:fr-body", "baseVersion": 1,
        "set": { "country": "DE" }, "cite": cite() } }]);
    assert_eq!(
        refused(&api, moved).await,
        [
            "INVALID 0.updateCybersecurityBody.set.country: OperationalUnit:fr-unit refers to it in PARENT: \
            CybersecurityBody:fr-body belongs to DE, not to FR"
        ]
    );
    let named = |country: &str, territories: Value| {
        let more = json!({ "designatedInstitution": "CybersecurityBody:cw-body", "territories": territories });
        json!([act(
            "x",
            "DESIGNATION_OF_AUTHORITY",
            country,
            "ETS 185",
            more
        )])
    };
    assert_eq!(
        refused(&api, named("FR", json!([]))).await,
        [
            "INVALID 0.createTreatyEvent.fields.designatedInstitution: CybersecurityBody:cw-body belongs to CW, \
            not to FR or one of the territories"
        ]
    );
    assert_eq!(refused(&api, named("NL", json!(["CW"]))).await, [""; 0]);
}

#[tokio::test]
async fn references_may_not_form_a_circle() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let treaty = |key: &str, reference: &str, more: Value| {
        let mut fields =
            json!({ "reference": reference, "shortTitle": "T", "title": "T", "organisation": "O" });
        fields
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({ "createTreaty": { "key": key, "fields": fields, "cite": cite() } })
    };
    let requires = |reference: &str| {
        json!({ "entryIntoForceRule": { "article": "1", "firstDayOfMonth": false, "notBeforeTreaty": true,
            "requiresPartyTo": reference } })
    };
    let law = |key: &str, relations: Value| {
        json!({ "createPolicyDocument": { "key": key, "fields": { "kind": "LAW", "status": "IN_FORCE", "country": "FR",
            "titles": [{ "text": key, "language": "en" }], "relations": relations }, "cite": cite() } })
    };
    let to = |kind: &str, key: &str| json!({ "kind": kind, "document": format!("PolicyDocument:{key}") });
    let mut said = Vec::new();
    // Treaties: in one contribution, over several, and through the parent that a treaty requires.
    said.extend(
        refused(
            &api,
            json!([
                treaty("a", "XTS 1", json!({ "parent": "XTS 2" })),
                treaty("b", "XTS 2", requires("XTS 1"))
            ]),
        )
        .await,
    );
    eva.publish(json!([
        treaty("a", "XTS 1", json!({})),
        treaty("b", "XTS 2", json!({ "parent": "XTS 1" })),
        treaty("c", "XTS 3", requires("XTS 2"))
    ]))
    .await;
    for set in [
        json!({ "parent": "XTS 3" }),
        json!({ "parent": "XTS 2" }),
        requires("XTS 3"),
    ] {
        let update = json!([{ "updateTreaty": { "id": "Treaty:a", "baseVersion": 1, "set": set, "cite": cite() } }]);
        said.extend(refused(&api, update).await);
    }
    // Administering countries.
    let administered = |id: &str, by: &str| json!({ "updateCountry": { "id": format!("Country:{id}"), "baseVersion": 1, "set": { "administeredBy": by } } });
    said.extend(refused(&api, json!([administered("nl", "CW")])).await);
    said.extend(
        refused(
            &api,
            json!([
                administered("fr", "DE"),
                administered("de", "IT"),
                administered("it", "FR")
            ]),
        )
        .await,
    );
    // Laws: one alone, several in one contribution, and over several contributions.
    for kind in [
        "AMENDS",
        "REPEALS",
        "REPLACES",
        "IMPLEMENTS",
        "APPROVES",
        "TRANSPOSES",
        "BASED_ON",
    ] {
        said.extend(refused(&api, json!([law("x", json!([to(kind, "x")]))])).await);
    }
    said.extend(
        refused(
            &api,
            json!([
                law("x", json!([to("REPEALS", "y")])),
                law("y", json!([to("REPLACES", "x")]))
            ]),
        )
        .await,
    );
    eva.publish(json!([
        law("one", json!([])),
        law("two", json!([to("IMPLEMENTS", "one")]))
    ]))
    .await;
    let relation = |kind: &str| {
        json!([{ "updatePolicyDocument": { "id": "PolicyDocument:one", "baseVersion": 1,
            "set": { "relations": [to(kind, "two")] }, "cite": cite() } }])
    };
    said.extend(refused(&api, relation("IMPLEMENTS")).await);
    insta::assert_json_snapshot!(said);
    assert_eq!(refused(&api, relation("BASED_ON")).await, [""; 0]);
    // Laws may amend each other, and repeal parts of each other.
    let part = |key: &str| json!([{ "kind": "REPEALS", "document": format!("PolicyDocument:{key}"), "provisions": ["1"] }, to("AMENDS", key)]);
    assert_eq!(
        refused(&api, json!([law("x", part("y")), law("y", part("x"))])).await,
        [""; 0]
    );
    // An existing reference is checked again only when it changes.
    eva.publish(json!([law("x", part("y")), law("y", part("x"))]))
        .await;
}

#[tokio::test]
async fn data_files_are_checked_for_the_same_reference_rules() {
    let api = Api::seeded().await;
    let lines = [
        act("early", "WITHDRAWAL", "FR", "ETS 185", relates("late")),
        act("late", "RESERVATION", "DE", "ETS 185", json!({})),
    ];
    // More lines than the import processes in one batch lie between them.
    let between = (0..1_000).map(|number| {
        act(
            &format!("between-{number}"),
            "COMMUNICATION",
            "FR",
            "ETS 185",
            json!({}),
        )
    });
    let [early, late] = lines;
    for between in [Vec::new(), between.collect()] {
        let lines: Vec<Value> = std::iter::once(early.clone())
            .chain(between)
            .chain([late.clone()])
            .collect();
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        let Err(error) = api.import(&lines.join("\n"), false).await else {
            panic!("it was imported");
        };
        let said = error.to_string();
        assert!(said.contains("TreatyEvent:late is an act of DE"), "{said}");
    }
}

#[tokio::test]
async fn a_country_code_must_be_in_iso_3166() {
    let api = Api::seeded().await;
    let country = |fields: Value| {
        let mut whole = json!({ "kind": "STATE", "names": [{ "text": "N", "language": "en" }] });
        whole
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        json!([{ "createCountry": { "key": "new", "fields": whole } }])
    };
    let mut said = Vec::new();
    for code in [
        "ZZ", "uk", "EL", "AA", "QM", "XX", "SU", "YU", "CS", "AN", "DD", "TP", "ZR",
    ] {
        said.extend(refused(&api, country(json!({ "code": code }))).await);
    }
    for fields in [
        json!({ "code": "SU", "kind": "OTHER" }),
        json!({ "code": "SU", "designationNote": "SUHH" }),
        json!({ "code": "SU", "kind": "OTHER", "designationNote": "SUHH", "alpha3": "RUS", "numericCode": "643" }),
    ] {
        said.extend(refused(&api, country(fields)).await);
    }
    let update = |set: Value| json!([{ "updateCountry": { "id": "Country:az", "baseVersion": 1, "set": set } }]);
    for set in [json!({ "alpha3": "ARM" }), json!({ "numericCode": "051" })] {
        said.extend(refused(&api, update(set)).await);
    }
    let kosovo = json!([{ "updateCountry": { "id": "Country:xk", "baseVersion": 1, "set": { "numericCode": "383" } } }]);
    said.extend(refused(&api, kosovo).await);
    insta::assert_json_snapshot!(said);
    let former = json!({ "code": "SU", "kind": "OTHER", "designationNote": "Until 1991 (ISO 3166-3: SUHH).",
        "alpha3": "SUN", "numericCode": "810" });
    api.editor("eva").await.publish(country(former)).await;
    // A former country cannot become a STATE.
    let unmarked = json!([{ "updateCountry": { "id": "Country:new", "baseVersion": 1, "set": { "kind": "STATE" } } }]);
    assert_eq!(refused(&api, unmarked).await.len(), 1);
    // Everywhere else an unassigned code finds nothing.
    let query = "{ country(code: \"ZZ\") { code } countries(filter: { codes: [\"ZZ\", \"QM\"] }) { totalCount } }";
    assert_eq!(
        api.query(query).await,
        json!({ "country": null, "countries": { "totalCount": 0 } })
    );
}
