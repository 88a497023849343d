//! How many edges a page may have.

use serde_json::json;

use crate::harness::Api;

#[tokio::test]
async fn as_many_as_is_said_pass_and_no_more() {
    let api = Api::seeded().await;
    let most = api.query("{ serviceConfig { maxPageSize } }").await;
    let most = most["serviceConfig"]["maxPageSize"].as_i64().unwrap();
    for argument in ["first", "last"] {
        let query =
            format!("query($size: Int!) {{ countries({argument}: $size) {{ nodes {{ id }} }} }}");
        let page = api
            .anyone()
            .ask(&query, json!({ "size": most }))
            .await
            .data();
        let nodes = page["countries"]["nodes"].as_array().unwrap();
        assert_eq!(i64::try_from(nodes.len()).unwrap(), most);
        for size in [0, -1, most + 1] {
            let answer = api.anyone().ask(&query, json!({ "size": size })).await;
            assert_eq!(answer.code(), "BAD_USER_INPUT", "{size}");
            assert!(answer.message().contains(&format!("1 to {most}")), "{size}");
        }
    }
}
