//! Policy documents: filters, order, relations, and invalid input.

use serde_json::{Value, json};

use crate::harness::{Api, cite};

fn document(key: &str, title: &str, more: Value) -> Value {
    let mut fields = json!({ "kind": "LAW", "status": "ADOPTED", "country": "IE",
        "titles": [{ "text": title, "language": "en" }] });
    fields
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({ "createPolicyDocument": { "key": key, "fields": fields, "cite": cite() } })
}

#[tokio::test]
async fn policy_documents_are_filtered_and_sorted() {
    let api = Api::seeded().await;
    let subjects = json!({ "subjects": ["CYBERCRIME"], "adoptedOn": "2001-05" });
    api.editor("eva")
        .await
        .publish(json!([
            document("fr-a", "Éa", subjects),
            document(
                "fr-b",
                "Eb",
                json!({ "adoptedOn": "2010", "kind": "DECREE" })
            ),
            document("fr-c", "ab", json!({})),
            document("fr-d", "Later", json!({ "inForceFrom": "2999" })),
        ]))
        .await;
    let titles = async |arguments: &str| {
        let query = format!(
            "{{ policyDocuments({arguments}) {{ totalCount nodes {{ title(language: [\"fr\"]) }} }} }}"
        );
        let found = api.query(&query).await["policyDocuments"].clone();
        let nodes = found["nodes"].as_array().unwrap().clone();
        assert_eq!(found["totalCount"], nodes.len());
        nodes
            .iter()
            .map(|node| node["title"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let french = "filter: { countries: [\"IE\"] }";
    assert_eq!(titles(french).await, ["Eb", "Éa", "ab"]);
    assert_eq!(
        titles(&format!("{french}, orderBy: ADOPTED_OLDEST")).await,
        ["Éa", "Eb", "ab"]
    );
    assert_eq!(
        titles(&format!("{french}, orderBy: TITLE")).await,
        ["ab", "Éa", "Eb"]
    );
    let only =
        async |filter: &str| titles(&format!("filter: {{ countries: [\"IE\"], {filter} }}")).await;
    assert_eq!(only("subjects: [CYBERCRIME, SAFEGUARDS]").await, ["Éa"]);
    assert_eq!(only("kinds: [DECREE]").await, ["Eb"]);
    assert_eq!(only("status: [IN_FORCE]").await, [""; 0]);
    // "2010" may be any day of that year.
    assert_eq!(
        only("adoptedFrom: \"2010-06-01\", adoptedTo: \"2010-06-30\"").await,
        ["Eb"]
    );
    assert_eq!(only("adoptedTo: \"2001-05-01\"").await, ["Éa"]);
    let bad = api
        .fails("{ policyDocuments(filter: { adoptedFrom: \"2011-01-01\", adoptedTo: \"2010-01-01\" }) { totalCount } }")
        .await;
    assert_eq!(bad.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn invalid_policy_documents_are_refused_with_the_path_of_each_finding() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let wrong = json!([
        document("fr-a", "A", json!({ "provisions": [{ "number": "1" }, { "heading": "No number" }, { "number": "1" }, {}] })),
        document("fr-b", "B", json!({ "inForceFrom": "2020-05-01", "repealedOn": "2019" })),
        document("fr-c", "C", json!({ "relations": [{ "kind": "AMENDS", "document": "Treaty:ets-185" }] })),
        document("fr-d", "D", json!({ "issuer": "CybersecurityBody:az-state-security-service" })),
        document("fr-e", "E", json!({ "period": "2020/2014" })),
        document("fr-f", "F", json!({ "subjects": ["CYBERCRIME", "CYBERCRIME"] })),
        { "createCoverageAssertion": { "fields": { "topic": "CASE_LAW", "value": "ABSENT", "asOf": "2020", "country": "IE",
            "via": "PolicyDocument:az-decree-708" }, "cite": cite() } },
        { "createProfileSection": { "fields": { "topic": "CASE_LAW", "state": "EMPTY_ON_SOURCE", "body": "Text", "country": "IE" }, "cite": cite() } },
        { "createCountry": { "key": "other", "fields": { "kind": "STATE", "code": "AZ", "names": [{ "text": "X", "language": "en" }] } } },
        { "createTreatyEvent": { "fields": { "kind": "DEFINITIVE_SIGNATURE", "date": "2020", "country": "IE", "treaty": "ETS 185" }, "cite": cite() } },
        { "createTreatyEvent": { "fields": { "kind": "SIGNATURE", "date": "2020", "country": "IE", "treaty": "ETS 185",
            "designatedInstitution": "CybersecurityBody:az-state-security-service" }, "cite": cite() } }
    ]);
    let payload = carla.propose(wrong).await;
    let alone: Vec<String> = payload["userErrors"]
        .as_array()
        .unwrap()
        .iter()
        .map(error_message)
        .collect();
    insta::assert_json_snapshot!("by_itself", alone);
    // References to other records are checked once each change is valid by itself.
    let beside = json!([
        document("fr-c", "C", json!({ "relations": [{ "kind": "AMENDS", "document": "Treaty:ets-185" }] })),
        document("fr-d", "D", json!({ "issuer": "CybersecurityBody:az-state-security-service" })),
        { "createCountry": { "key": "other", "fields": { "kind": "STATE", "code": "AZ", "names": [{ "text": "X", "language": "en" }] } } },
        document("fr-g", "G", json!({ "relations": [{ "kind": "AMENDS", "document": "PolicyDocument:none" }] })),
    ]);
    let payload = carla.propose(beside).await;
    let beside: Vec<String> = payload["userErrors"]
        .as_array()
        .unwrap()
        .iter()
        .map(error_message)
        .collect();
    insta::assert_json_snapshot!("beside_the_profiles", beside);
    assert_eq!(
        api.query("{ contributions { totalCount } }").await["contributions"]["totalCount"],
        0
    );
}

fn error_message(error: &Value) -> String {
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
}
