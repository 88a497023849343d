//! Labels of enum values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::harness::Api;

/// The labels of a language: enum, value and text.
async fn labels(api: &Api, arguments: &str) -> Vec<[String; 4]> {
    let query = format!("{{ labels{arguments} {{ enum value text language }} }}");
    let answer = api.query(&query).await;
    let labels = answer["labels"].as_array().unwrap().iter();
    let texts = |label: &Value| {
        ["enum", "value", "text", "language"].map(|key| label[key].as_str().unwrap().to_owned())
    };
    labels.map(texts).collect()
}

#[tokio::test]
async fn every_enum_value_of_the_schema_has_a_label_in_both_languages() {
    let api = Api::empty().await;
    let schema =
        "{ __schema { types { kind name enumValues(includeDeprecated: true) { name } } } }";
    let schema = api.query(schema).await;
    let mut values = BTreeSet::new();
    for one in schema["__schema"]["types"].as_array().unwrap() {
        let name = one["name"].as_str().unwrap();
        if one["kind"] == "ENUM" && !name.starts_with("__") {
            let all = one["enumValues"].as_array().unwrap().iter();
            let value = |value: &Value| {
                let value = value["name"].as_str().unwrap();
                (name.to_owned(), value.to_owned())
            };
            values.extend(all.map(value));
        }
    }
    assert!(values.len() > 400, "{}", values.len());
    let mut differ = 0;
    let english = labels(&api, "").await;
    let french = labels(&api, "(language: [\"fr\"])").await;
    for (labels, tag) in [(&english, "en"), (&french, "fr")] {
        assert!(labels.iter().all(|label| label[3] == tag));
        let labelled: BTreeSet<_> = labels
            .iter()
            .map(|[of, value, _, _]| (of.clone(), value.clone()))
            .collect();
        assert_eq!(labelled.len(), labels.len(), "one label for each value");
        let missing: Vec<_> = values.difference(&labelled).collect();
        assert!(
            missing.is_empty(),
            "add them to src/domain/labels.tsv: {missing:?}"
        );
        let unknown: Vec<_> = labelled.difference(&values).collect();
        assert!(unknown.is_empty(), "no values of the schema: {unknown:?}");
    }
    for ([_, value, en, _], [_, _, fr, _]) in english.iter().zip(&french) {
        assert!(
            !en.is_empty() && en != value || en == "CSIRT" || en == "ECLI",
            "{value}"
        );
        differ += usize::from(en != fr);
    }
    assert!(differ > 300, "{differ} labels differ between the languages");
}

#[tokio::test]
async fn labels_are_the_words_of_treaty_law_and_of_the_field() {
    let api = Api::empty().await;
    let texts = async |language: &str| -> BTreeMap<String, String> {
        let labels = labels(&api, &format!("(language: [\"{language}\"])")).await;
        let named = labels.into_iter();
        named
            .map(|[of, value, text, _]| (format!("{of}.{value}"), text))
            .collect()
    };
    let (english, french) = (texts("en").await, texts("fr").await);
    for (value, en, fr) in [
        ("TreatyStatus.PARTY", "Party", "Partie"),
        ("TreatyStatus.SIGNATORY", "Signatory", "Signataire"),
        ("TreatyEventKind.ACCESSION", "Accession", "Adhésion"),
        (
            "TreatyEventKind.RATIFICATION",
            "Ratification",
            "Ratification",
        ),
        ("TreatyEventKind.RESERVATION", "Reservation", "Réserve"),
        (
            "TreatyEventKind.DENUNCIATION",
            "Denunciation",
            "Dénonciation",
        ),
        ("BodyKind.CSIRT", "CSIRT", "CSIRT"),
        (
            "DocumentSubject.MUTUAL_LEGAL_ASSISTANCE",
            "Mutual legal assistance",
            "Entraide judiciaire",
        ),
        (
            "DocumentSubject.ELECTRONIC_EVIDENCE",
            "Electronic evidence",
            "Preuves électroniques",
        ),
        // A status stands by a body, a unit or an institution, of either gender.
        (
            "InstitutionStatus.OPERATIONAL",
            "Operational",
            "En activité",
        ),
        ("RecordField.VALUE", "Finding", "Constat"),
        ("RecordKind.COVERAGE_ASSERTION", "Finding", "Constat"),
        (
            "RecordKind.CYBERSECURITY_BODY",
            "Cybersecurity body",
            "Organisme de cybersécurité",
        ),
        (
            "RecordField.ADOPTED_ON",
            "Date of adoption",
            "Date d’adoption",
        ),
    ] {
        assert_eq!((english[value].as_str(), french[value].as_str()), (en, fr));
    }
}

#[tokio::test]
async fn labels_are_of_the_wanted_enums_and_language() {
    let api = Api::empty().await;
    let found = labels(
        &api,
        "(enums: [\"TreatyStatus\", \"CountryKind\", \"TreatyStatus\"], language: [\"de\", \"fr-CA\"])",
    )
    .await;
    let enums: BTreeSet<&str> = found.iter().map(|label| label[0].as_str()).collect();
    assert_eq!(enums, BTreeSet::from(["CountryKind", "TreatyStatus"]));
    assert_eq!(found.len(), 14);
    assert!(found.iter().all(|label| label[3] == "fr"));
    for (language, tag) in [
        ("[\"de\"]", "en"),
        ("[\"*\"]", "en"),
        ("[]", "en"),
        ("null", "en"),
    ] {
        let found = labels(&api, &format!("(enums: [\"Role\"], language: {language})")).await;
        assert!(found.iter().all(|label| label[3] == tag), "{language}");
    }
    assert_eq!(labels(&api, "(enums: [])").await.len(), 0);
}

#[tokio::test]
async fn an_unknown_enum_is_an_error_that_names_those_spelled_alike_or_all() {
    let api = Api::empty().await;
    let refused = async |enums: Value| {
        let query = "query($enums: [String!]) { labels(enums: $enums) { value } }";
        let answer = api.anyone().ask(query, json!({ "enums": enums })).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT");
        answer.message().to_owned()
    };
    assert_eq!(
        refused(json!(["Role", "TreatyStates"])).await,
        "`enums.1`: there is no enum \u{201c}TreatyStates\u{201d}: expected TreatyStatus"
    );
    let all = refused(json!(["?"])).await;
    assert!(
        all.contains("expected one of BodyKind, Certainty, "),
        "{all}"
    );
    for odd in ["", "__TypeKind", "\0", &"x".repeat(10_000)] {
        let message = refused(json!([odd])).await;
        assert!(message.len() < 2_000, "{}", message.len());
    }
    let many = vec!["Role"; 1_001];
    assert!(refused(json!(many)).await.contains("at most 1000 elements"));
    let language = "{ labels(language: [\"french\"]) { text } }";
    let message = api.fails(language).await;
    assert!(message.message().starts_with("`language.0`: "));
}
