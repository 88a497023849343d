//! Number of edges on a page.

use cyberprofiles::graphql::limits::Limits;
use serde_json::json;

use crate::harness::{Api, roomy};

#[tokio::test]
async fn max_page_size_passes_and_one_edge_or_id_more_is_refused() {
    for most in [250, 100, 7] {
        let api = Api::builder()
            .limits(Limits {
                max_page_size: most,
                ..roomy()
            })
            .start()
            .await;
        let said = "{ serviceConfig { maxPageSize defaultPageSize } }";
        let said = api.query(said).await;
        let without = most.min(25);
        let expected = json!({ "maxPageSize": most, "defaultPageSize": without });
        assert_eq!(said["serviceConfig"], expected);
        let page = api.query("{ countries { nodes { id } } }").await;
        let nodes = |page: &serde_json::Value| page["countries"]["nodes"].as_array().unwrap().len();
        assert_eq!(i32::try_from(nodes(&page)).unwrap(), without);
        for argument in ["first", "last"] {
            let query = format!(
                "query($size: Int!) {{ countries({argument}: $size) {{ nodes {{ id }} }} }}"
            );
            let ask = async |size: i32| api.anyone().ask(&query, json!({ "size": size })).await;
            let page = ask(most).await.data();
            assert_eq!(i32::try_from(nodes(&page)).unwrap(), most);
            for size in [0, -1, most + 1] {
                let answer = ask(size).await;
                assert_eq!(answer.code(), "BAD_USER_INPUT", "{size}");
                assert!(answer.message().contains(&format!("1 to {most}")), "{size}");
            }
        }
        let ids = vec!["x"; usize::try_from(most).unwrap() + 1];
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let answer = api.anyone().ask(query, json!({ "ids": ids })).await;
        assert!(answer.message().contains(&format!("{most} ids at most")));
    }
}
