//! Number of requests in one body.

use cyberprofiles::graphql::limits::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Api, roomy};

#[tokio::test]
async fn max_batch_passes_and_one_request_more_is_refused() {
    let off = Api::empty().await;
    let two = Api::builder()
        .empty()
        .limits(Limits {
            max_batch: 2,
            ..roomy()
        })
        .start()
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

#[tokio::test]
async fn a_batch_beyond_the_cost_limit_is_429_with_retry_after() {
    let api = Api::builder()
        .empty()
        .limits(Limits {
            max_batch: 20,
            max_anonymous_cost_per_second: 1,
            ..roomy()
        })
        .start()
        .await;
    let one = json!({ "query": "{ head { sequence } }" });
    let ask = async |size: usize| {
        let body = Value::Array(vec![one.clone(); size]);
        let request = api.request(Method::POST, "/graphql").json(&body);
        request.send().await.unwrap()
    };
    // Ten seconds' worth may be used at once: the first batch is executed in part, the second not at all.
    assert_eq!(ask(20).await.status(), 200);
    let refused = ask(2).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
    let answer: Value = refused.json().await.unwrap();
    for one in answer.as_array().unwrap() {
        assert_eq!(one["errors"][0]["extensions"]["code"], "RATE_LIMITED");
    }
}
