//! Sources: the list and its filters.

use serde_json::json;

use crate::harness::Api;

#[tokio::test]
async fn sources_are_filtered_by_kind_address_and_publisher() {
    let api = Api::seeded().await;
    let source = |key: &str, kind: &str, url: &str, publisher: &str| json!({ "createSource": { "key": key, "fields": { "kind": kind, "title": key, "url": url, "publisher": publisher } } });
    let changes = json!([
        source(
            "zz-note",
            "LEGAL_COMMENTARY",
            "https://example.org/note",
            "A Firm"
        ),
        source(
            "zz-strategy",
            "POLICY_DOCUMENT",
            "https://example.org/strategy",
            "A Ministry"
        ),
    ]);
    api.editor("eva").await.publish(changes).await;
    let listed = async |filter: &str| {
        let query =
            format!("{{ sources(filter: {{ {filter} }}) {{ totalCount nodes {{ recordId }} }} }}");
        let list = api.query(&query).await["sources"].clone();
        let nodes = list["nodes"].as_array().unwrap().iter();
        let keys: Vec<String> = nodes
            .map(|node| node["recordId"].as_str().unwrap().replace("Source:", ""))
            .collect();
        assert_eq!(list["totalCount"], keys.len());
        keys
    };
    assert_eq!(
        listed("url: \"https://example.org/note\"").await,
        ["zz-note"]
    );
    assert_eq!(listed("publisher: \"A Ministry\"").await, ["zz-strategy"]);
    assert_eq!(
        listed("publisher: \"A Ministry\", kinds: [LEGAL_COMMENTARY]").await,
        [""; 0]
    );
    assert_eq!(listed("kinds: []").await, [""; 0]);
    let last = api
        .query(
            "{ sources(last: 2) { totalCount nodes { recordId } pageInfo { hasPreviousPage } } }",
        )
        .await["sources"]
        .clone();
    assert_eq!(
        last["nodes"],
        json!([{ "recordId": "Source:zz-note" }, { "recordId": "Source:zz-strategy" }])
    );
    assert_eq!(last["pageInfo"]["hasPreviousPage"], true);
    let bad = api
        .fails("{ sources(filter: { url: \"example\" }) { totalCount } }")
        .await;
    assert_eq!(bad.code(), "BAD_USER_INPUT");
}
