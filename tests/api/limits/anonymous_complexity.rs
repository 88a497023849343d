//! Complexity limit of anonymous requests. Signed-in people have another one.

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;
use serde_json::json;

use crate::harness::{Api, roomy};

#[tokio::test]
async fn a_signed_in_person_may_exceed_the_anonymous_complexity() {
    let api = Api::builder()
        .empty()
        .limits(Limits {
            max_anonymous_complexity: 10,
            ..roomy()
        })
        .start()
        .await;
    let query = "{ countries(first: 10) { nodes { code } } }";
    assert_eq!(api.fails(query).await.code(), "TOO_COMPLEX");
    let carla = api.person(Role::Contributor, "carla").await;
    carla.ask(query, json!({})).await.data();
}
