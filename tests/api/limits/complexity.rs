//! How much a request may cost, pages within pages.

use super::{Limit, at_and_over};

#[tokio::test]
async fn as_much_as_is_said_passes_and_no_more() {
    at_and_over(&Limit {
        name: "maxComplexity",
        set: |limits, most| limits.max_complexity = most,
        query: "{ countries(first: 10) { nodes { code treatyEvents(first: 5) { nodes { kind } } } } }",
        comes_to: 120,
    })
    .await;
}
