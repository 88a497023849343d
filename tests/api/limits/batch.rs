//! How many requests there may be in one body.

use cyberprofiles::graphql::limits::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Api, roomy};

#[tokio::test]
async fn batches_are_as_large_as_is_said() {
    let off = Api::empty().await;
    let two = Api::limited(Limits {
        max_batch: 2,
        ..roomy()
    })
    .await;
    let one = json!({ "query": "{ head { sequence } }" });
    for (api, size, status) in [
        (&off, 1, 400),
        (&two, 0, 400),
        (&two, 2, 200),
        (&two, 3, 400),
    ] {
        let body = Value::Array(vec![one.clone(); size]);
        let request = api.request(Method::POST, "/graphql").json(&body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{size}");
        let answer: Value = response.json().await.unwrap();
        if status == 200 {
            let whole = json!({ "data": { "head": { "sequence": 0 } } });
            assert_eq!(answer, json!([whole, whole]));
        } else {
            let message = answer["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains("maxBatch"), "{message}");
        }
    }
}
