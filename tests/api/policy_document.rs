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
            document("ie-a", "Éa", subjects),
            document(
                "ie-b",
                "Eb",
                json!({ "adoptedOn": "2010", "kind": "DECREE" })
            ),
            document("ie-c", "ab", json!({})),
            document("ie-d", "Later", json!({ "inForceFrom": "2999" })),
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
    let irish = "filter: { countries: [\"IE\"] }";
    assert_eq!(titles(irish).await, ["Eb", "Éa", "ab"]);
    assert_eq!(
        titles(&format!("{irish}, orderBy: ADOPTED_OLDEST")).await,
        ["Éa", "Eb", "ab"]
    );
    assert_eq!(
        titles(&format!("{irish}, orderBy: TITLE")).await,
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
        document("ie-a", "A", json!({ "provisions": [{ "number": "1" }, { "heading": "No number" }, { "number": "1" }, {}] })),
        document("ie-b", "B", json!({ "inForceFrom": "2020-05-01", "repealedOn": "2019" })),
        document("ie-c", "C", json!({ "relations": [{ "kind": "AMENDS", "document": "Treaty:ets-185" }] })),
        document("ie-d", "D", json!({ "issuer": "CybersecurityBody:az-state-security-service" })),
        document("ie-e", "E", json!({ "period": "2020/2014" })),
        document("ie-f", "F", json!({ "subjects": ["CYBERCRIME", "CYBERCRIME"] })),
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
        document("ie-c", "C", json!({ "relations": [{ "kind": "AMENDS", "document": "Treaty:ets-185" }] })),
        document("ie-d", "D", json!({ "issuer": "CybersecurityBody:az-state-security-service" })),
        { "createCountry": { "key": "other", "fields": { "kind": "STATE", "code": "AZ", "names": [{ "text": "X", "language": "en" }] } } },
        document("ie-g", "G", json!({ "relations": [{ "kind": "AMENDS", "document": "PolicyDocument:none" }] })),
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

#[tokio::test]
async fn a_law_that_is_not_yet_in_force_is_listed_and_enters_into_force_on_its_day() {
    let api = Api::seeded().await;
    let law = json!({ "status": "NOT_YET_IN_FORCE", "inForceFrom": "2030-01-01", "subdivision": "IE-D",
        "treaties": ["ETS 185"], "provisions": [{ "number": "27-31", "status": "ANNULLED" }] });
    api.editor("eva")
        .await
        .publish(json!([document("ie-law", "Law", law)]))
        .await;
    let on = async |day: &str| {
        let query = format!(
            "{{ at(asOf: \"{day}\") {{ policyDocuments(filter: {{ countries: [\"IE\"] }}) {{ nodes {{ effectiveStatus status subdivision
                treaties {{ reference }} provisions {{ number status inForceFrom {{ edtf }} }} }} }} }} }}"
        );
        api.query(&query).await["at"]["policyDocuments"]["nodes"].clone()
    };
    let law = |effective: &str| {
        json!([{ "effectiveStatus": effective, "status": "NOT_YET_IN_FORCE", "subdivision": "IE-D",
            "treaties": [{ "reference": "ETS 185" }],
            "provisions": [{ "number": "27-31", "status": "ANNULLED", "inForceFrom": null }] }])
    };
    assert_eq!(on("2026-01-01").await, law("NOT_YET_IN_FORCE"));
    assert_eq!(on("2030-01-01").await, law("IN_FORCE"));
    let wrong = document(
        "ie-part",
        "Part",
        json!({ "subdivision": "GB-NIR", "treaties": ["ETS 185", "ets185"] }),
    );
    let payload = api.contributor().await.propose(json!([wrong])).await;
    let said: Vec<String> = payload["userErrors"]
        .as_array()
        .unwrap()
        .iter()
        .map(error_message)
        .collect();
    assert_eq!(
        said,
        [
            "DUPLICATE changes.0.createPolicyDocument.fields.treaties.1: the list already contains this element: name it once",
            "INVALID changes.0.createPolicyDocument.fields.subdivision: GB-NIR is a part of GB, and the record belongs to IE",
        ]
    );
}
