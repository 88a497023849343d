//! How many selections there may be, wherever fragments are spread.

use super::{Limit, at_and_over};

#[tokio::test]
async fn as_much_as_is_said_passes_and_no_more() {
    at_and_over(&Limit {
        name: "maxSelections",
        set: |limits, most| limits.max_selections = most,
        query: "{ a: head { ...f } b: head { ...f } } fragment f on Head { sequence cursor }",
        comes_to: 8,
    })
    .await;
}
