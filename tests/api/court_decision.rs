//! Court decisions: order, filters, relations, and invalid input.

use serde_json::{Value, json};

use crate::harness::{Api, cite};

fn decision(key: &str, more: Value) -> Value {
    let mut fields = json!({ "country": "IE", "titles": [{ "text": key, "language": "en" }] });
    fields
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({ "createCourtDecision": { "key": key, "fields": fields, "cite": cite() } })
}

/// The keys of decisions, in order.
fn keys(list: &Value) -> Vec<String> {
    let nodes = list["nodes"].as_array().unwrap().iter();
    nodes
        .map(|node| {
            node["recordId"]
                .as_str()
                .unwrap()
                .replace("CourtDecision:", "")
        })
        .collect()
}

#[tokio::test]
async fn court_decisions_are_filtered_and_listed_newest_first() {
    let api = Api::seeded().await;
    let changes = json!([
        decision("ie-undated", json!({})),
        decision(
            "ie-first",
            json!({ "decidedOn": "2011-03-22", "treaty": "ETS 185", "articles": ["6(1)(a)", "2"],
            "number": "1/2011", "ecli": "ECLI:IE:HC:2011:1", "court": "High Court", "outcome": "Dismissed.", "summary": "*Short.*",
            "url": "https://example.org/1" })
        ),
        decision(
            "ie-appeal",
            json!({ "decidedOn": "2012", "relatesTo": "CourtDecision:ie-first" })
        ),
        decision("ie-year", json!({ "decidedOn": "2011" })),
    ]);
    api.editor("eva").await.publish(changes).await;
    let listed = async |more: &str| {
        let query = format!(
            "{{ courtDecisions(filter: {{ countries: [\"ie\"] {more} }}) {{ nodes {{ recordId }} }} }}"
        );
        keys(&api.query(&query).await["courtDecisions"])
    };
    assert_eq!(
        listed("").await,
        ["ie-appeal", "ie-year", "ie-first", "ie-undated"]
    );
    // An article stands for its parts, and a part not for its article.
    assert_eq!(listed("articles: [\"6\"]").await, ["ie-first"]);
    assert_eq!(listed("articles: [\"2(1)\", \"6(2)\"]").await, [""; 0]);
    assert_eq!(listed("treaty: \"ETS 185\"").await, ["ie-first"]);
    assert_eq!(
        listed("treaty: \"ETS 189\", articles: [\"6\"]").await,
        [""; 0]
    );
    // A partial date matches if it may lie in the range; a decision without a date never does.
    assert_eq!(
        listed("from: \"2011-06-01\", to: \"2011-06-30\"").await,
        ["ie-year"]
    );
    assert_eq!(listed("to: \"2011-12-31\"").await, ["ie-year", "ie-first"]);
    let own = api
        .query(
            "{ country(code: \"IE\") { courtDecisions(filter: { articles: [\"2\"] }) { nodes { label title number ecli court institution { recordId }
                decidedOn { edtf } treaty { reference } articles provisions { number } outcome relatesTo { recordId } summary url
                country { code } } } } }",
        )
        .await;
    assert_eq!(
        own["country"]["courtDecisions"]["nodes"],
        json!([{ "label": "ie-first", "title": "ie-first", "number": "1/2011", "ecli": "ECLI:IE:HC:2011:1", "court": "High Court",
            "institution": null, "decidedOn": { "edtf": "2011-03-22" }, "treaty": { "reference": "ETS 185" }, "articles": ["6(1)(a)", "2"],
            "provisions": [], "outcome": "Dismissed.", "relatesTo": null, "summary": "*Short.*", "url": "https://example.org/1",
            "country": { "code": "IE" } }])
    );
    let appeal = api
        .query("{ node(id: \"CourtDecision:ie-appeal\") { ... on CourtDecision { treaty { reference } relatesTo { recordId } } } }")
        .await;
    assert_eq!(
        appeal["node"],
        json!({ "treaty": null, "relatesTo": { "recordId": "CourtDecision:ie-first" } })
    );
    let bad = api
        .fails("{ courtDecisions(filter: { from: \"2012-01-01\", to: \"2011-01-01\" }) { totalCount } }")
        .await;
    assert_eq!(
        (bad.code(), bad.message()),
        (
            "BAD_USER_INPUT",
            "`filter.to`: expected a day on or after 2012-01-01"
        )
    );
}

#[tokio::test]
async fn invalid_court_decisions_are_refused_with_the_path_of_each_finding() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let refused = async |changes: Value| {
        let payload = carla.propose(changes).await;
        assert_eq!(payload["contribution"], Value::Null, "{payload:#}");
        let errors = payload["userErrors"].as_array().unwrap().clone();
        let line = |error: &Value| {
            let path = error["path"].as_array().unwrap().iter();
            let path: Vec<&str> = path.map(|part| part.as_str().unwrap()).collect();
            let [code, message] = ["code", "message"].map(|name| error[name].as_str().unwrap());
            format!("{code} {}: {message}", path[1..].join("."))
        };
        errors.iter().map(line).collect::<Vec<_>>()
    };
    let wrong = json!([
        decision("ie-untitled", json!({ "titles": [] })),
        decision("ie-ecli", json!({ "ecli": "2011:1" })),
        decision("ie-lost", json!({ "articles": ["2"] })),
        decision(
            "ie-article",
            json!({ "treaty": "ETS 189", "articles": ["3", "17", "3"] })
        ),
    ]);
    assert_eq!(
        refused(wrong).await,
        [
            "REQUIRED 0.createCourtDecision.fields.titles: every CourtDecision must have `titles`: expected a list of at least one element: a text with its language, like { language: \"en\", text: \"\u{2026}\" }",
            "INVALID 1.createCourtDecision.fields.ecli: 2011:1 does not fit: expected a European Case Law Identifier, as in \u{201c}ECLI:NL:HR:2011:BN9287\u{201d}",
            "REQUIRED 2.createCourtDecision.fields.treaty: every CourtDecision must have `treaty` with `articles`: expected a series and a number or word, like \u{201c}ETS 185\u{201d}",
            "DUPLICATE 3.createCourtDecision.fields.articles.2: the list already contains this element: name it once",
            "INVALID 3.createCourtDecision.fields.articles.1: ETS 189 has no article 17: its articles are 1 to 16",
        ]
    );
    let unfit = json!([
        decision(
            "ie-itself",
            json!({ "relatesTo": "CourtDecision:ie-itself" })
        ),
        decision(
            "ie-foreign",
            json!({ "provisions": [{ "document": "PolicyDocument:az-decree-708" }],
            "institution": "CybersecurityBody:az-ministry-of-justice" })
        ),
    ]);
    let found = refused(unfit).await;
    for expected in [
        "INVALID 0.createCourtDecision.fields.relatesTo: leads back to CourtDecision:ie-itself itself",
        "INVALID 1.createCourtDecision.fields.provisions: PolicyDocument:az-decree-708 belongs to AZ, not to IE or EU",
        "INVALID 1.createCourtDecision.fields.institution: CybersecurityBody:az-ministry-of-justice belongs to AZ, not to IE",
    ] {
        assert!(found.iter().any(|one| one == expected), "{found:#?}");
    }
}
