//! How long a request may take.

use cyberprofiles::graphql::limits::Limits;

use crate::harness::Api;

#[tokio::test]
async fn a_request_that_takes_too_long_ends() {
    let api = Api::limited(Limits {
        request_timeout_ms: 0,
        ..Limits::default()
    })
    .await;
    let answer = api.fails("{ treaties { totalCount } }").await;
    assert_eq!((answer.status, answer.code()), (503, "TIMEOUT"));
}
