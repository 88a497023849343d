//! The README prints what the program answers.

use serde_json::Value;

use crate::harness::Api;

#[tokio::test]
async fn the_queries_in_the_readme_return_the_answers_it_prints() {
    let api = Api::seeded().await;
    let readme = include_str!("../../README.md");
    let mut asked = 0;
    for block in readme.split("```graphql\n").skip(1) {
        let (query, rest) = block.split_once("```\n```json\n").unwrap();
        let (printed, _) = rest.split_once("```").unwrap();
        let printed: Value = serde_json::from_str(printed).unwrap();
        assert_eq!(api.query(query).await, printed["data"], "{query}");
        asked += 1;
    }
    assert_eq!(asked, 10);
}
