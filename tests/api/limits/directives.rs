//! How many directives there may be.

use super::{Limit, at_and_over};

#[tokio::test]
async fn as_much_as_is_said_passes_and_no_more() {
    at_and_over(&Limit {
        name: "maxDirectives",
        set: |limits, most| limits.max_directives = most,
        query: "{ head { sequence @skip(if: false) cursor @skip(if: false) ... @include(if: true) { sequence } } }",
        comes_to: 3,
    })
    .await;
}
