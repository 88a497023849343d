//! Bad input: each gets a clear answer, stores nothing and reveals no internals.

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::harness::{Api, bundled, cite};

#[tokio::test]
async fn invalid_arguments_are_refused_with_the_expected_form() {
    let api = Api::seeded().await;
    let country_cursor = api
        .query("{ countries(first: 1) { pageInfo { endCursor } } }")
        .await;
    let country_cursor = country_cursor["countries"]["pageInfo"]["endCursor"]
        .as_str()
        .unwrap()
        .to_owned();
    let ids = vec!["\"Country:az\""; 251].join(",");
    let cases = [
        "{ country(code: \"AZE\") { code } }".to_owned(),
        "{ treaty(reference: \"!\") { title } }".to_owned(),
        "{ node(id: \"nonsense\") { id } }".to_owned(),
        "{ node(id: \"Country:AZ\") { id } }".to_owned(),
        "{ node(id: \"Country:az@nonsense\") { id } }".to_owned(),
        "{ node(id: \"Change:x\") { id } }".to_owned(),
        format!("{{ nodes(ids: [{ids}]) {{ id }} }}"),
        "{ nodes(ids: [\"Country:az\", \"?\"]) { id } }".to_owned(),
        "{ countries(first: 0) { totalCount } }".to_owned(),
        "{ countries(first: -1) { totalCount } }".to_owned(),
        "{ countries(first: 251) { totalCount } }".to_owned(),
        "{ countries(last: 251) { totalCount } }".to_owned(),
        "{ countries(first: 1, last: 1) { totalCount } }".to_owned(),
        "{ countries(after: \"nonsense\") { totalCount } }".to_owned(),
        format!("{{ treaties(after: \"{country_cursor}\") {{ totalCount }} }}"),
        format!("{{ countries(orderBy: CODE, after: \"{country_cursor}\") {{ totalCount }} }}"),
        "{ countries(filter: { codes: [\"AZ\", \"1\"] }) { totalCount } }".to_owned(),
        "{ countries(filter: { updatedSince: \"yesterday\" }) { totalCount } }".to_owned(),
        "{ treatyEvents(filter: { from: \"2010\" }) { totalCount } }".to_owned(),
        "{ treatyEvents(filter: { from: \"2010-02-30\" }) { totalCount } }".to_owned(),
        "{ treatyEvents(filter: { from: \"2011-01-01\", to: \"2010-01-01\" }) { totalCount } }"
            .to_owned(),
        "{ country(code: \"AZ\") { name(language: [\"english\"]) } }".to_owned(),
        "{ country(code: \"AZ\") { treatyStatus(treaty: \"?\") { status } } }".to_owned(),
        "{ changes(first: 0) { totalCount } }".to_owned(),
        "{ contribution(id: \"1\") { id } }".to_owned(),
    ];
    let mut said = Vec::new();
    for query in cases {
        let answer = api.fails(&query).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{query}");
        assert_eq!(answer.status, 200, "it was executed: {query}");
        let message = answer.message().replace(&country_cursor, "CURSOR");
        let message = message
            .split("; cursors go from")
            .next()
            .unwrap()
            .to_owned();
        said.push(format!(
            "{} → {message}",
            query
                .replace(&country_cursor, "CURSOR")
                .chars()
                .take(60)
                .collect::<String>()
        ));
    }
    assert_json_snapshot!(said);
}

#[tokio::test]
async fn an_absent_record_is_null() {
    let api = Api::seeded().await;
    let answer = api
        .query(
            "{ country(code: \"ZZ\") { code } treaty(reference: \"ETS 1\") { title }
                node(id: \"Country:zz\") { id } change: node(id: \"Change:99999\") { id }
                contribution(id: \"Contribution:none\") { id } nodes(ids: [\"Country:az\", \"Country:zz\"]) { id } }",
        )
        .await;
    let expected = json!({ "country": null, "treaty": null, "node": null, "change": null,
        "contribution": null, "nodes": [{ "id": "Country:az" }, null] });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_failing_root_field_leaves_the_other_fields_intact() {
    let api = Api::seeded().await;
    let answer = api
        .anyone()
        .ask(
            "{ country(code: \"AZE\") { code } other: country(code: \"AZ\") { code } }",
            json!({}),
        )
        .await;
    assert_eq!(
        answer.body["data"],
        json!({ "country": null, "other": { "code": "AZ" } })
    );
    assert_eq!(answer.body["errors"][0]["path"], json!(["country"]));
}

#[tokio::test]
async fn invalid_proposals_are_refused_with_every_finding() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let event =
        |fields: Value| json!([{ "createTreatyEvent": { "fields": fields, "cite": cite() } }]);
    let update = |body: Value| {
        let mut whole = json!({ "id": "Treaty:ets-185", "baseVersion": 1, "cite": cite() });
        whole
            .as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        json!([{ "updateTreaty": whole }])
    };
    let whole =
        json!({ "kind": "DECLARATION", "date": "2020", "country": "AZ", "treaty": "ETS 185" });
    let with = |more: Value| {
        let mut fields = whole.clone();
        fields
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        fields
    };
    let treaty = |fields: Value| {
        let mut all =
            json!({ "reference": "ETS 998", "shortTitle": "T", "title": "T", "organisation": "O" });
        all.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        json!([{ "createTreaty": { "fields": all, "cite": cite() } }])
    };
    let cases = [
        ("nothing", json!([])),
        (
            "malformed scalars",
            event(
                json!({ "kind": "DECLARATION", "date": "31.12.2020", "country": "Azerbaijan", "treaty": "185" }),
            ),
        ),
        ("missing fields", event(json!({ "kind": "DECLARATION" }))),
        (
            "no date",
            event(json!({ "kind": "RATIFICATION", "country": "AZ", "treaty": "ETS 185" })),
        ),
        (
            "unknown country and treaty",
            event(with(json!({ "country": "ZZ", "treaty": "ETS 777" }))),
        ),
        (
            "ends before it begins",
            event(with(json!({ "endsOn": "2019" }))),
        ),
        (
            "withdraws nothing",
            event(with(json!({ "kind": "WITHDRAWAL" }))),
        ),
        (
            "relates to a country",
            event(with(json!({ "relatesTo": "Country:az" }))),
        ),
        (
            "relates to nothing there",
            event(with(json!({ "relatesTo": "TreatyEvent:none" }))),
        ),
        (
            "null in set",
            update(json!({ "set": { "openedAt": null } })),
        ),
        (
            "set and cleared",
            update(json!({ "set": { "openedAt": "Paris" }, "clear": ["OPENED_AT"] })),
        ),
        (
            "a required field cleared",
            update(json!({ "clear": ["TITLE"] })),
        ),
        (
            "a field of another noun",
            update(json!({ "clear": ["ALPHA3"] })),
        ),
        (
            "nothing to do",
            json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1 } }]),
        ),
        ("blank", update(json!({ "set": { "title": "  " } }))),
        (
            "too long",
            update(json!({ "set": { "title": "x".repeat(20_001) } })),
        ),
        (
            "the reference changes",
            update(json!({ "set": { "reference": "ETS 186" } })),
        ),
        (
            "a version to come",
            json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 9, "set": { "openedAt": "Paris" }, "cite": cite() } }]),
        ),
        (
            "version zero",
            json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 0, "set": { "openedAt": "Paris" }, "cite": cite() } }]),
        ),
        (
            "not there",
            json!([{ "updateTreaty": { "id": "Treaty:none", "baseVersion": 1, "set": { "openedAt": "Paris" }, "cite": cite() } }]),
        ),
        (
            "of another noun",
            json!([{ "updateTreaty": { "id": "Country:az", "baseVersion": 1, "set": { "openedAt": "Paris" }, "cite": cite() } }]),
        ),
        (
            "malformed id",
            json!([{ "updateTreaty": { "id": "ets-185", "baseVersion": 1, "set": { "openedAt": "Paris" }, "cite": cite() } }]),
        ),
        (
            "no citation",
            json!([{ "createTreatyEvent": { "fields": whole, "cite": [] } }]),
        ),
        (
            "a citation that covers too little",
            json!([{ "createTreatyEvent": { "fields": whole, "cite": [{ "source": "Source:unsourced", "fields": ["KIND"] }] } }]),
        ),
        (
            "no such source",
            json!([{ "createTreatyEvent": { "fields": whole, "cite": [{ "source": "Source:none" }] } }]),
        ),
        (
            "a source that is none",
            json!([{ "createTreatyEvent": { "fields": whole, "cite": [{ "source": "Country:az" }] } }]),
        ),
        ("its own protocol", treaty(json!({ "parent": "ets-998" }))),
        (
            "requires itself",
            treaty(
                json!({ "entryIntoForceRule": { "article": "1", "months": 400, "firstDayOfMonth": true, "notBeforeTreaty": true, "requiresPartyTo": "ETS 998" } }),
            ),
        ),
        (
            "a reference that is there",
            treaty(json!({ "reference": "ETS-185" })),
        ),
        (
            "a key that is there",
            json!([{ "createSource": { "key": "unsourced", "fields": { "kind": "OTHER", "title": "X" } } }]),
        ),
        (
            "a malformed key",
            json!([{ "createSource": { "key": "Not A Key", "fields": { "kind": "OTHER", "title": "X" } } }]),
        ),
        (
            "a link that is none",
            json!([{ "createSource": { "fields": { "kind": "OTHER", "title": "X", "url": "javascript:alert(1)", "language": "english", "retrievedOn": "2020" } } }]),
        ),
        (
            "codes that are none",
            json!([{ "createCountry": { "fields": { "kind": "STATE", "code": "QQ", "alpha3": "qq", "numericCode": "1", "names": [] } } }]),
        ),
        (
            "a nested scalar",
            json!([{ "createCountry": { "fields": { "kind": "STATE", "code": "QQ", "names": [{ "text": "Q", "language": "en" }, { "text": "Q", "language": "?" }] } } }]),
        ),
        (
            "the same record twice",
            json!([
            { "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1, "set": { "openedAt": "Paris" }, "cite": cite() } },
            { "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1, "clear": ["ADOPTED_ON"] } }]),
        ),
    ];
    let mut said = Vec::new();
    for (what, changes) in cases {
        let payload = carla.propose(changes).await;
        assert_eq!(payload["contribution"], Value::Null, "{what}: {payload}");
        let errors = payload["userErrors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| {
                let path: Vec<&str> = error["path"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|part| part.as_str().unwrap())
                    .collect();
                format!(
                    "{} {}: {}",
                    error["code"].as_str().unwrap(),
                    path.join("."),
                    error["message"].as_str().unwrap()
                )
            });
        said.push(json!({ what: errors.collect::<Vec<_>>() }));
    }
    assert_json_snapshot!(said);
    let stored = api
        .query("{ contributions { totalCount } head { sequence } }")
        .await;
    assert_eq!(
        stored,
        json!({ "contributions": { "totalCount": 0 }, "head": { "sequence": bundled() } })
    );
}

#[tokio::test]
async fn input_lists_have_a_maximum_length() {
    let api = Api::seeded().await;
    let query = "query($c: [CountryCode!]) { countries(filter: { codes: $c }) { totalCount } }";
    let codes = vec!["AZ"; 40_000];
    let answer = api.anyone().ask(query, json!({ "c": codes })).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
    let carla = api.contributor().await;
    let cites = vec![json!({ "source": "Source:unsourced" }); 51];
    let change = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1,
        "set": { "title": "T" }, "cite": cites } }]);
    let payload = carla.propose(change).await;
    assert_eq!(payload["userErrors"][0]["code"], "INVALID", "{payload}");
    let twice = api
        .query("{ records(kinds: [TREATY, TREATY]) { totalCount nodes { recordId } } }")
        .await;
    assert_eq!(twice["records"]["totalCount"], 8);
    let answer = api
        .fails("{ treatyEvents(first: 1) { nodes { label(language: [\"english\"]) } } }")
        .await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_malformed_id_among_others_is_null_with_an_error_at_its_position() {
    let api = Api::seeded().await;
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } head { sequence } }";
    for malformed in [
        "?",
        "",
        "Country:AZ",
        "Country:az@nonsense",
        "Change:x",
        "Contribution:?",
        "Nothing:az",
    ] {
        let ids = [
            "Country:az",
            malformed,
            "Country:none",
            "Treaty:ets-185",
            malformed,
        ];
        let answer = api.anyone().ask(query, json!({ "ids": ids })).await;
        assert_eq!(answer.status, 200);
        let az = json!({ "id": "Country:az" });
        let treaty = json!({ "id": "Treaty:ets-185" });
        let data =
            json!({ "nodes": [az, null, null, treaty, null], "head": { "sequence": bundled() } });
        assert_eq!(answer.body["data"], data, "{malformed}");
        let errors = answer.body["errors"].as_array().unwrap();
        let mut found: Vec<_> = errors
            .iter()
            .map(|error| {
                (
                    error["path"].clone(),
                    error["extensions"]["argument"].clone(),
                )
            })
            .collect();
        found.sort_by_key(|(path, _)| path.to_string());
        let expected = [1, 4].map(|at| (json!(["nodes", at]), json!(format!("ids.{at}"))));
        assert_eq!(found, expected, "{malformed}");
        assert!(
            errors
                .iter()
                .all(|error| error["extensions"]["code"] == "BAD_USER_INPUT")
        );
    }
    // The same applies at another moment; too many ids are an error of the whole field.
    let query =
        "{ at(asOf: \"2010-01-01\") { nodes(ids: [\"?\", \"Treaty:ets-185\"]) { __typename } } }";
    let answer = api.fails(query).await;
    let nodes = json!([null, { "__typename": "Treaty" }]);
    assert_eq!(answer.body["data"]["at"]["nodes"], nodes);
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let answer = api
        .anyone()
        .ask(query, json!({ "ids": vec!["Country:az"; 251] }))
        .await;
    assert_eq!(answer.body["data"], Value::Null);
    assert_eq!(answer.body["errors"][0]["path"], json!(["nodes"]));
}

#[tokio::test]
async fn a_conflict_does_not_hide_other_findings() {
    let api = Api::seeded().await;
    api.editor("eva")
        .await
        .publish(crate::harness::retitle(1, "New"))
        .await;
    let change = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1,
        "set": { "shortTitle": "Z" }, "cite": [{ "source": "Source:none" }] } }]);
    let payload = api.contributor().await.propose(change).await;
    assert_eq!(payload["userErrors"][0]["code"], "NOT_FOUND", "{payload}");
}

#[tokio::test]
async fn a_long_title_blank_rationale_and_no_changes_are_each_reported() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let input = json!({ "title": "x".repeat(201), "rationale": " ", "changes": [] });
    let payload = carla.create(input).await;
    let paths: Vec<&Value> = payload["userErrors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["path"][0])
        .collect();
    assert_eq!(paths, ["title", "rationale", "changes"]);
}

#[tokio::test]
async fn an_oversized_body_is_413_and_a_long_argument_is_cut_in_the_message() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let mutation = "mutation($input: CreateContributionInput!) { createContribution(input: $input) { contribution { id } } }";
    let input = json!({ "title": "T", "rationale": "x".repeat(1_048_576), "changes": [] });
    let answer = carla.ask(mutation, json!({ "input": input })).await;
    assert_eq!((answer.status, answer.code()), (413, "TOO_COMPLEX"));
    let query = format!(
        "{{ country(code: \"{}\") {{ code }} }}",
        "A".repeat(500_000)
    );
    let answer = api.fails(&query).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
    assert!(
        answer.message().len() < 300,
        "long input is cut before it is repeated"
    );
}

#[tokio::test]
async fn arguments_with_a_null_character_are_refused() {
    let api = Api::seeded().await;
    for query in [
        "{ countries(filter: { regions: [\"a\\u0000\"] }) { totalCount } }",
        "{ node(id: \"Contribution:\\u0000\") { id } }",
        "{ contribution(id: \"Contribution:a\\u0000\") { id } }",
        "{ node(id: \"Country:\\u0000\") { id } }",
        "{ records(after: \"\\u0000\") { totalCount } }",
    ] {
        assert_eq!(api.fails(query).await.code(), "BAD_USER_INPUT", "{query}");
    }
}

#[tokio::test]
async fn malformed_values_and_missing_records_are_reported_together() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let changes = json!([
        { "createSource": { "key": "broken", "fields": { "kind": "NEWS", "title": "T", "url": "data:text/html,x" } } },
        { "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1, "set": { "openedAt": "Here" },
            "cite": [{ "source": "Source:broken" }, { "source": "Source:none" }] } },
        { "updateTreaty": { "id": "Treaty:none", "baseVersion": 1, "set": { "parent": "ETS 4" },
            "cite": [{ "source": "Source:coe-chart-185-2015" }] } },
        { "createTreatyEvent": { "cite": cite(), "fields": { "kind": "DECLARATION", "date": "2020", "country": "ZZ", "treaty": "ETS 4" } } } ]);
    let payload = carla.propose(changes).await;
    let found: Vec<String> = payload["userErrors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["code"].as_str().unwrap(), one["path"]))
        .collect();
    // A citation of the malformed source is not reported as missing. The other citation could mean that source, so it
    // is not reported either.
    assert_eq!(
        found,
        [
            r#"INVALID ["changes","0","createSource","fields","url"]"#,
            r#"NOT_FOUND ["changes","2","updateTreaty","id"]"#,
            r#"NOT_FOUND ["changes","3","createTreatyEvent","fields","country"]"#,
            r#"NOT_FOUND ["changes","3","createTreatyEvent","fields","treaty"]"#,
        ]
    );
}

#[tokio::test]
async fn names_are_one_line_without_control_or_direction_characters() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let body = |set: Value| {
        json!([{ "updateCybersecurityBody": { "baseVersion": 2, "set": set, "cite": cite(),
        "id": "CybersecurityBody:az-electronic-security-centre" } }])
    };
    let name = |text: &str| json!({ "names": [{ "text": text, "language": "en" }] });
    for text in [
        "a\u{202e}b",
        "a\u{2066}b",
        "a\nb",
        "a\tb",
        "a\u{7}b",
        "a\u{fffe}b",
        "a\u{fdd0}b",
        "a\u{10ffff}b",
        "a\u{2028}b",
        " ",
        "",
    ] {
        let payload = carla.propose(body(name(text))).await;
        assert_eq!(payload["contribution"], Value::Null, "{text:?}");
        let error = &payload["userErrors"][0];
        let path = json!([
            "changes",
            "0",
            "updateCybersecurityBody",
            "set",
            "names",
            "0",
            "text"
        ]);
        assert_eq!(error["path"], path, "{text:?}");
        assert_ne!(error["message"], "");
    }
    for url in [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "https://",
    ] {
        let payload = carla.propose(body(json!({ "website": url }))).await;
        assert_eq!(payload["userErrors"][0]["code"], "INVALID", "{url}");
    }
    // Letters of right-to-left languages and prose of several lines are accepted.
    for set in [name("الأمن السيبراني"), json!({ "mandate": "One.\nTwo." })] {
        let payload = carla.propose(body(set)).await;
        assert_eq!(payload["userErrors"], json!([]));
    }
    let payload = carla.propose(body(name("ab\u{ffff}c"))).await;
    assert_eq!(
        payload["userErrors"][0]["message"],
        "must not contain noncharacters of Unicode: remove U+FFFF, character 3 of the text"
    );
    let title = json!({ "title": "a\u{202e}b", "rationale": "R.", "changes": body(name("A")) });
    assert_eq!(
        carla.create(title).await["userErrors"][0]["path"],
        json!(["title"])
    );
}

#[tokio::test]
async fn a_contribution_of_10_000_changes_is_refused_and_the_maximum_named() {
    let api = Api::seeded().await;
    let change = json!({ "retire": { "id": "Treaty:ets-185", "baseVersion": 1, "reason": "x" } });
    let payload = api
        .contributor()
        .await
        .propose(json!(vec![change; 10_000]))
        .await;
    assert_eq!(
        payload["userErrors"],
        json!([{ "code": "INVALID", "message": "has 10000 changes: expected at most 100 in one contribution", "path": ["changes"] }])
    );
}
