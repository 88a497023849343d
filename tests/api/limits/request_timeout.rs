//! Timeout of a request.

use cyberprofiles::graphql::limits::Limits;
use sea_orm::{ConnectionTrait, TransactionTrait};

use crate::database::connect;
use crate::harness::{Api, roomy};

#[tokio::test]
async fn a_request_over_the_request_timeout_is_503() {
    let api = Api::builder()
        .limits(Limits {
            request_timeout_ms: 500,
            ..roomy()
        })
        .start()
        .await;
    let tip = "mutation { submitTip(input: { country: \"AZ\", message: \"M\" }) { userErrors { code } } }";
    // Another program writes, so this one waits.
    let db = connect(&api.url).await;
    let other = db.begin().await.unwrap();
    other
        .execute_unprepared("UPDATE \"head\" SET \"touched\" = \"touched\"")
        .await
        .unwrap();
    let answer = api.fails(tip).await;
    assert_eq!((answer.status, answer.code()), (503, "TIMEOUT"));
    other.rollback().await.unwrap();
    let written = api.query(tip).await;
    assert_eq!(written["submitTip"]["userErrors"], serde_json::json!([]));
}
