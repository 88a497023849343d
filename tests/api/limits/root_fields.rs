//! How many fields there may be at the root.

use super::{Limit, at_and_over};

#[tokio::test]
async fn as_much_as_is_said_passes_and_no_more() {
    at_and_over(&Limit {
        name: "maxRootFields",
        set: |limits, most| limits.max_root_fields = most,
        query: "{ head { sequence } viewer { role } serviceConfig { maxDepth } }",
        comes_to: 3,
    })
    .await;
}
