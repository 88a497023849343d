//! How many aliases there may be.

use super::{Limit, at_and_over};

#[tokio::test]
async fn as_much_as_is_said_passes_and_no_more() {
    at_and_over(&Limit {
        name: "maxAliases",
        set: |limits, most| limits.max_aliases = most,
        query: "{ head { a: sequence b: sequence ...f } } fragment f on Head { c: cursor d: cursor }",
        comes_to: 4,
    })
    .await;
}
