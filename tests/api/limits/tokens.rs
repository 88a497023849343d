//! How many tokens a text may have.

use super::{Limit, at_and_over};

#[tokio::test]
async fn as_much_as_is_said_passes_and_no_more() {
    at_and_over(&Limit {
        name: "maxTokens",
        set: |limits, most| limits.max_tokens = most,
        query: "{ head { sequence cursor } }",
        comes_to: 7,
    })
    .await;
}
