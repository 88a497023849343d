//! Languages: those that readers request, and those of texts.

use serde_json::{Value, json};

use crate::harness::{Api, cite};

/// A server on which Azerbaijan has one name for each of the languages; each name is the tag of its language.
async fn named(languages: &[&str]) -> Api {
    let api = Api::seeded().await;
    let names: Vec<Value> = languages
        .iter()
        .map(|tag| json!({ "text": tag, "language": tag }))
        .collect();
    let change = json!([{ "updateCountry": { "id": "Country:az", "baseVersion": 2, "set": { "names": names } } }]);
    api.editor("eva").await.publish(change).await;
    api
}

async fn name(api: &Api, wanted: &[&str]) -> String {
    let query = "query($l: [Language!]) { country(code: \"AZ\") { name(language: $l) label(language: $l) } }";
    let answer = api.anyone().ask(query, json!({ "l": wanted })).await.data();
    let country = &answer["country"];
    assert_eq!(country["name"], country["label"]);
    country["name"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_requested_language_falls_back_to_a_more_general_one() {
    let api = Api::seeded().await;
    for (wanted, found) in [
        (["fr"].as_slice(), "Azerbaïdjan"),
        (&["fr-CA"], "Azerbaïdjan"),
        (&["FR-ca"], "Azerbaïdjan"),
        (&["fr-Latn-CA-x-foo"], "Azerbaïdjan"),
        (&["fr-u-ca-gregory"], "Azerbaïdjan"),
        (&["fr-x-foo"], "Azerbaïdjan"),
        (&["fr-*"], "Azerbaïdjan"),
        (&["eo", "i-klingon", "fr-BE"], "Azerbaïdjan"),
        (&["de-1996"], "Aserbaidschan"),
        (&["*", "fr"], "Azerbaïdjan"),
        (&["en-GB-oed", "fr"], "Azerbaijan"),
        (&["az-Latn-AZ"], "Azərbaycan"),
        (&["zh-Hant-TW"], "阿塞拜疆"),
        (&["eu", "ru-RU"], "Азербайджан"),
        (&["sl-rozaj-biske"], "Azerbaijan"),
        (&["x-private"], "Azerbaijan"),
        (&["fro"], "Azerbaijan"),
        (&["*"], "Azerbaijan"),
        (&[], "Azerbaijan"),
    ] {
        assert_eq!(name(&api, wanted).await, found, "{wanted:?}");
    }
}

#[tokio::test]
async fn a_narrower_language_is_preferred_to_an_unrequested_one() {
    let api = named(&["fr", "en-gb", "zh-Hant", "pt-BR", "pt-PT"]).await;
    for (wanted, found) in [
        (["en"].as_slice(), "en-gb"),
        (&["en-US"], "en-gb"),
        (&["pt"], "pt-BR"),
        (&["pt-PT"], "pt-PT"),
        (&["zh-Hant-TW"], "zh-Hant"),
        (&["en", "fr"], "fr"),
        (&["it"], "en-gb"),
    ] {
        assert_eq!(name(&api, wanted).await, found, "{wanted:?}");
    }
}

#[tokio::test]
async fn language_tags_are_stored_in_their_canonical_case_and_malformed_ones_refused() {
    let tags = [
        "DE-1996",
        "fr-U-ca-gregory",
        "I-KLINGON",
        "fr-x-Foo",
        "ZH-hant-tw",
        "sl-rozaj-BISKE",
        "X-Private",
        "en-gb-oed",
        "es-419",
        "zh-min-nan",
        "en",
    ];
    let api = named(&tags).await;
    let answer = api
        .query("{ country(code: \"AZ\") { names { language } } }")
        .await;
    let kept: Vec<&str> = answer["country"]["names"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name["language"].as_str().unwrap())
        .collect();
    let usual = [
        "de-1996",
        "fr-u-ca-gregory",
        "i-klingon",
        "fr-x-foo",
        "zh-Hant-TW",
        "sl-rozaj-biske",
        "x-private",
        "en-GB-oed",
        "es-419",
        "zh-min-nan",
        "en",
    ];
    assert_eq!(kept, usual);
    for (tag, usual) in tags.iter().zip(usual) {
        assert_eq!(name(&api, &[usual]).await, *tag);
    }
    let carla = api.contributor().await;
    let refused = |tag: &str| json!([{ "createSource": { "fields": { "kind": "OTHER", "title": "X", "language": tag } } }]);
    for tag in [
        "fr_CA",
        "fr--CA",
        "english",
        "*",
        "",
        "en-",
        "a-b",
        "fr-x",
        "de-abcdefghi",
    ] {
        let payload = carla.propose(refused(tag)).await;
        let found = &payload["userErrors"][0];
        assert_eq!(found["code"], "INVALID", "{tag}: {payload}");
        let path = json!(["changes", "0", "createSource", "fields", "language"]);
        assert_eq!(found["path"], path, "{tag}");
    }
    let payload = carla.propose(refused("sl-rozaj-biske-1994")).await;
    assert_eq!(payload["userErrors"], json!([]));
}

#[tokio::test]
async fn titles_and_institution_names_use_the_same_language_lookup() {
    let api = Api::seeded().await;
    let changes = json!([
        { "createPolicyDocument": { "key": "az-lang", "fields": { "country": "AZ", "kind": "STRATEGY", "status": "ADOPTED",
            "titles": [{ "text": "English", "language": "en" }, { "text": "Français", "language": "fr-FR" }] }, "cite": cite() } },
        { "createCybersecurityBody": { "key": "az-lang", "fields": { "country": "AZ", "kind": "AGENCY", "functions": ["NATIONAL_CSIRT"],
            "status": "OPERATIONAL",
            "names": [{ "text": "English", "language": "en" }, { "text": "Français", "language": "fr-FR" }] }, "cite": cite() } },
    ]);
    api.editor("eva").await.publish(changes).await;
    let query = "query($l: [Language!]) {
        document: node(id: \"PolicyDocument:az-lang\") { ... on PolicyDocument { title(language: $l) label(language: $l) } }
        body: node(id: \"CybersecurityBody:az-lang\") { ... on CybersecurityBody { name(language: $l) label(language: $l) } } }";
    for (wanted, found) in [
        ("fr-fr", "Français"),
        ("fr-FR-x-a", "Français"),
        ("fr", "Français"),
        ("fr-CA", "Français"),
        ("it", "English"),
    ] {
        let answer = api.anyone().ask(query, json!({ "l": [wanted] })).await;
        let data = answer.data();
        for text in [
            &data["document"]["title"],
            &data["document"]["label"],
            &data["body"]["name"],
            &data["body"]["label"],
        ] {
            assert_eq!(text, found, "{wanted}");
        }
    }
}

#[tokio::test]
async fn a_malformed_language_nulls_only_the_nearest_nullable_field() {
    let api = Api::seeded().await;
    // The error nulls only a nullable name.
    let query =
        "{ cybersecurityBodies(first: 2) { nodes { id name(language: [\"fr\", \"fr_CA\"]) } } }";
    let answer = api.fails(query).await;
    let nodes = answer.body["data"]["cybersecurityBodies"]["nodes"].clone();
    for (at, node) in nodes.as_array().unwrap().iter().enumerate() {
        assert!(node["id"].is_string() && node["name"].is_null(), "{node}");
        let path = json!(["cybersecurityBodies", "nodes", at, "name"]);
        let errors = answer.body["errors"].as_array().unwrap();
        let error = errors.iter().find(|error| error["path"] == path).unwrap();
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
        assert_eq!(error["extensions"]["argument"], "language.1");
    }
    // An error in a name that is never null nulls the nearest nullable field, the country, and no other.
    let query = "{ a: country(code: \"AZ\") { code name(language: [\"fr_CA\"]) } b: country(code: \"AZ\") { code } }";
    let answer = api.fails(query).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
    let data = json!({ "a": null, "b": { "code": "AZ" } });
    assert_eq!(answer.body["data"], data);
}
