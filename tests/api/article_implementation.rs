//! Implementations of articles: identity, order, filters, counts, reservations, and invalid input.

use serde_json::{Value, json};

use crate::harness::{Api, cite};

fn implementation(country: &str, treaty: &str, article: &str, more: Value) -> Value {
    let mut fields =
        json!({ "country": country, "treaty": treaty, "article": article, "degree": "UNKNOWN" });
    fields
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({ "createArticleImplementation": { "fields": fields, "cite": cite() } })
}

fn law(key: &str, country: &str) -> Value {
    json!({ "createPolicyDocument": { "key": key, "cite": cite(), "fields": { "kind": "LAW", "status": "IN_FORCE",
        "country": country, "titles": [{ "text": key, "language": "en" }] } } })
}

/// The ids that a field of the root returns, in order.
async fn ids(api: &Api, field: &str) -> Vec<String> {
    let answer = api
        .query(&format!("{{ {field} {{ nodes {{ recordId }} }} }}"))
        .await;
    let field = answer.as_object().unwrap().values().next().unwrap();
    let nodes = field["nodes"].as_array().unwrap().iter();
    let id = |node: &Value| node["recordId"].as_str().unwrap().to_owned();
    let ids = nodes.map(id);
    ids.map(|id| id.replace("ArticleImplementation:", ""))
        .collect()
}

#[tokio::test]
async fn a_legal_profile_is_read_article_by_article_in_the_order_of_the_treaty() {
    let api = Api::seeded().await;
    let changes = json!([
        law("ie-act", "IE"),
        law("eu-act", "EU"),
        implementation("IE", "ETS 185", "16", json!({})),
        implementation("IE", "ETS 185", "9(1)(d)", json!({ "degree": "NONE" })),
        implementation(
            "ie",
            "ets185",
            "2",
            json!({ "degree": "FULL", "mappedBy": "SOURCE", "asOf": "2020", "remark": "Both.",
            "provisions": [{ "document": "PolicyDocument:ie-act", "number": "3", "quote": "Whoever" }, { "document": "PolicyDocument:eu-act" }] })
        ),
        implementation("IE", "ETS 185", "10", json!({})),
        implementation("IE", "ETS 189", "3", json!({})),
        implementation("FI", "ETS 185", "2", json!({ "degree": "FULL" })),
    ]);
    api.editor("eva").await.publish(changes).await;
    let own = "country(code: \"IE\") { articleImplementations { totalCount nodes { recordId label article mappedBy degree remark
        treaty { reference } country { code } asOf { edtf } provisions { document { recordId } number quote } } } }";
    let answer = api.query(&format!("{{ {own} }}")).await;
    let profile = &answer["country"]["articleImplementations"];
    assert_eq!(profile["totalCount"], 4);
    let articles: Vec<&str> = profile["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["article"].as_str().unwrap())
        .collect();
    assert_eq!(articles, ["2", "9(1)(d)", "10", "16"]);
    assert_eq!(
        profile["nodes"][0],
        json!({ "recordId": "ArticleImplementation:ie-ets-185-2", "label": "Ireland, ETS 185 Article 2", "article": "2",
            "mappedBy": "SOURCE", "degree": "FULL", "remark": "Both.", "treaty": { "reference": "ETS 185" }, "country": { "code": "IE" },
            "asOf": { "edtf": "2020" }, "provisions": [
                { "document": { "recordId": "PolicyDocument:ie-act" }, "number": "3", "quote": "Whoever" },
                { "document": { "recordId": "PolicyDocument:eu-act" }, "number": null, "quote": null }] })
    );
    assert_eq!(profile["nodes"][1]["mappedBy"], "EDITORS");
    let of_ireland = async |arguments: &str| {
        let query = format!(
            "{{ country(code: \"IE\") {{ articleImplementations({arguments}) {{ nodes {{ article }} }} }} }}"
        );
        api.query(&query).await["country"]["articleImplementations"]["nodes"].clone()
    };
    assert_eq!(
        of_ireland("treaty: \"ETS 189\"").await,
        json!([{ "article": "3" }])
    );
    // An article stands for its parts, and a part not for its article.
    assert_eq!(
        of_ireland("articles: [\"9\", \"16\"]").await,
        json!([{ "article": "9(1)(d)" }, { "article": "16" }])
    );
    assert_eq!(of_ireland("articles: [\"2(1)\"]").await, json!([]));
    // In the list of all, those of one article follow by country.
    let both = "countries: [\"IE\", \"FI\"]";
    let list = async |more: &str| {
        ids(
            &api,
            &format!("articleImplementations(filter: {{ {both} {more} }})"),
        )
        .await
    };
    assert_eq!(
        list("treaty: \"ETS 185\"").await,
        [
            "fi-ets-185-2",
            "ie-ets-185-2",
            "ie-ets-185-9-1-d",
            "ie-ets-185-10",
            "ie-ets-185-16"
        ]
    );
    assert_eq!(
        list("degrees: [FULL]").await,
        ["fi-ets-185-2", "ie-ets-185-2"]
    );
    assert_eq!(list("degrees: []").await, [""; 0]);
    let counts = api
        .query(
            "{ treaty(reference: \"ETS 185\") { northern: implementationCounts(regions: [\"Northern Europe\"]) { article degree count }
                none: implementationCounts(regions: []) { article } } }",
        )
        .await["treaty"]
        .clone();
    assert_eq!(counts["none"], json!([]));
    let northern = counts["northern"].as_array().unwrap();
    let of = |article: &str, degree: &str| {
        let mut counts = northern.iter();
        let found = counts.find(|one| one["article"] == article && one["degree"] == degree);
        found.map_or(0, |one| one["count"].as_i64().unwrap())
    };
    assert!(of("2", "FULL") >= 2, "{northern:?}");
    assert_eq!(of("9(1)(d)", "NONE"), 1);
}

#[tokio::test]
async fn the_reservations_on_an_article_are_those_in_force_on_the_day_of_the_view() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let act = |key: &str, kind: &str, articles: Value, more: Value| {
        let mut fields = json!({ "kind": kind, "date": "2012-01-10", "country": "IE", "treaty": "ETS 185", "articles": articles });
        fields
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({ "createTreatyEvent": { "key": key, "fields": fields, "cite": cite() } })
    };
    let changes = json!([
        act("ie-joins", "RATIFICATION", json!([]), json!({})),
        act(
            "ie-whole",
            "RESERVATION",
            json!(["9"]),
            json!({ "endsOn": "2020-06-30" })
        ),
        act("ie-part", "DECLARATION", json!(["9(1)(e)", "2"]), json!({})),
        act("ie-other", "RESERVATION", json!(["9(2)"]), json!({})),
        act(
            "ie-authority",
            "DESIGNATION_OF_AUTHORITY",
            json!(["9"]),
            json!({})
        ),
        implementation("IE", "ETS 185", "9(1)(e)", json!({})),
        implementation("IE", "ETS 185", "9", json!({})),
        implementation("IE", "ETS 185", "4", json!({})),
    ]);
    eva.publish(changes).await;
    let on = async |day: &str| {
        let query = format!(
            "{{ at(asOf: \"{day}\") {{ country(code: \"IE\") {{ articleImplementations {{ nodes {{ article reservations {{ recordId }} }} }} }} }} }}"
        );
        let answer = api.query(&query).await;
        let nodes = answer["at"]["country"]["articleImplementations"]["nodes"].clone();
        let nodes = nodes.as_array().unwrap().clone().into_iter();
        let of = |node: Value| {
            let events = node["reservations"].as_array().unwrap().iter();
            let keys: Vec<String> = events
                .map(|event| {
                    event["recordId"]
                        .as_str()
                        .unwrap()
                        .replace("TreatyEvent:", "")
                })
                .collect();
            format!("{}: {}", node["article"].as_str().unwrap(), keys.join(" "))
        };
        nodes.map(of).collect::<Vec<_>>()
    };
    // Before entry into force no reservation counts.
    assert_eq!(on("2012-04-30").await, ["4: ", "9: ", "9(1)(e): "]);
    assert_eq!(
        on("2020-06-30").await,
        [
            "4: ",
            "9: ie-other ie-part ie-whole",
            "9(1)(e): ie-part ie-whole"
        ]
    );
    assert_eq!(
        on("2020-07-01").await,
        ["4: ", "9: ie-other ie-part", "9(1)(e): ie-part"]
    );
}

#[tokio::test]
async fn country_treaty_and_article_identify_an_implementation() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let refused = async |changes: Value| {
        let payload = carla.propose(changes).await;
        assert_eq!(payload["contribution"], Value::Null, "{payload:#}");
        let errors = payload["userErrors"].as_array().unwrap().clone();
        let line = |error: &Value| {
            let path = error["path"].as_array().unwrap()[2..].iter();
            let path: Vec<&str> = path.map(|part| part.as_str().unwrap()).collect();
            format!(
                "{} {}: {}",
                error["code"].as_str().unwrap(),
                path.join("."),
                error["message"].as_str().unwrap()
            )
        };
        errors.iter().map(line).collect::<Vec<_>>()
    };
    eva.publish(json!([implementation("IE", "ETS 185", "2", json!({}))]))
        .await;
    assert_eq!(
        refused(json!([implementation(
            "IE",
            "ETS 185",
            "2",
            json!({ "degree": "FULL" })
        )]))
        .await,
        [
            "DUPLICATE createArticleImplementation.key: ArticleImplementation:ie-ets-185-2 exists already: expected another key, or an update of that record"
        ]
    );
    let twice = json!([
        implementation("IE", "ETS 185", "3", json!({})),
        implementation("IE", "ETS 185", "3", json!({ "degree": "FULL" })),
    ]);
    assert_eq!(
        refused(twice).await,
        [
            "DUPLICATE createArticleImplementation.key: another change of this contribution has the same record: combine them in one"
        ]
    );
    let mut named = implementation("IE", "ETS 185", "3", json!({}));
    named["createArticleImplementation"]["key"] = "ie-three".into();
    assert_eq!(
        refused(json!([named])).await,
        [
            "INVALID createArticleImplementation.key: the key follows from the fields: expected ie-ets-185-3, or no key"
        ]
    );
    let moved = json!([{ "updateArticleImplementation": { "id": "ArticleImplementation:ie-ets-185-2", "baseVersion": 1,
        "set": { "article": "4" }, "cite": cite() } }]);
    assert_eq!(
        refused(moved).await,
        [
            "INVALID updateArticleImplementation.set.article: ARTICLE identifies the record and never changes"
        ]
    );
    assert_eq!(
        refused(json!([implementation("IE", "ETS 185", "49", json!({}))])).await,
        [
            "INVALID createArticleImplementation.fields.article: ETS 185 has no article 49: its articles are 1 to 48"
        ]
    );
    assert_eq!(
        refused(json!([implementation(
            "IE",
            "ETS 185",
            "Article 2",
            json!({})
        )]))
        .await,
        [
            "INVALID createArticleImplementation.fields.article: expected the number of an article, as in \u{201c}2\u{201d} or \u{201c}9(1)(d)\u{201d}"
        ]
    );
    assert_eq!(
        refused(json!([implementation("IE", "XTS 1", "3", json!({}))])).await,
        [
            "NOT_FOUND createArticleImplementation.fields.treaty: there is no Treaty XTS 1, and no change of this contribution creates it: expected the `reference` of one of `treaties`, like ETS 108, ETS 185, ETS 189"
        ]
    );
    let foreign = json!({ "provisions": [{ "document": "PolicyDocument:az-decree-708" }] });
    assert_eq!(
        refused(json!([implementation("IE", "ETS 185", "3", foreign)])).await,
        [
            "INVALID createArticleImplementation.fields.provisions: PolicyDocument:az-decree-708 belongs to AZ, not to IE or EU"
        ]
    );
    let again = json!({ "provisions": [{ "document": "PolicyDocument:az-decree-708", "number": "1" },
        { "document": "PolicyDocument:az-decree-708", "number": "1", "quote": "Q" }] });
    assert_eq!(
        refused(json!([implementation("AZ", "ETS 185", "48", again)])).await,
        [
            "DUPLICATE createArticleImplementation.fields.provisions.1: the list already contains this provision: name it once"
        ]
    );
}
