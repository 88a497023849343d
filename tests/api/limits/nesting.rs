//! How deep brackets may be nested.

use super::{Limit, at_and_over};

#[tokio::test]
async fn as_much_as_is_said_passes_and_no_more() {
    at_and_over(&Limit {
        name: "maxNesting",
        set: |limits, most| limits.max_nesting = most,
        query: "{ treaties(first: 1) { nodes { parent { id } } } }",
        comes_to: 4,
    })
    .await;
}
