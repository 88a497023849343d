//! Timeout of a request.

use cyberprofiles::graphql::limits::Limits;

use crate::harness::Api;

#[tokio::test]
async fn a_request_over_the_request_timeout_is_503() {
    let api = Api::builder()
        .limits(Limits {
            request_timeout_ms: 0,
            ..Limits::default()
        })
        .start()
        .await;
    // Longer than a timer can be late: one statement for each list of a hundred countries.
    let query = "{ countries(first: 100) { nodes { coverage { topic } sections { topic } } } }";
    let answer = api.fails(query).await;
    assert_eq!((answer.status, answer.code()), (503, "TIMEOUT"));
}
