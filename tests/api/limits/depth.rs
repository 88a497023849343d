//! How deep selections may be nested.

use super::{Limit, at_and_over};

#[tokio::test]
async fn as_much_as_is_said_passes_and_no_more() {
    at_and_over(&Limit {
        name: "maxDepth",
        set: |limits, most| limits.max_depth = most,
        query: "{ treaties(first: 1) { nodes { parent { parent { id } } } } }",
        comes_to: 5,
    })
    .await;
}
