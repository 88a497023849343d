//! How much a request of somebody who is not signed in may cost, pages by variables and their defaults.

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;
use serde_json::json;

use super::{Limit, at_and_over};
use crate::harness::{Api, roomy};

#[tokio::test]
async fn as_much_as_is_said_passes_and_no_more() {
    at_and_over(&Limit {
        name: "maxAnonymousComplexity",
        set: |limits, most| limits.max_anonymous_complexity = most,
        query: "query($first: Int = 10) { countries(first: $first) { nodes { code } } }",
        comes_to: 20,
    })
    .await;
}

#[tokio::test]
async fn who_is_signed_in_may_ask_for_more() {
    let api = Api::limited(Limits {
        max_anonymous_complexity: 10,
        ..roomy()
    })
    .await;
    let query = "{ countries(first: 10) { nodes { code } } }";
    assert_eq!(api.fails(query).await.code(), "TOO_COMPLEX");
    let carla = api.person(Role::Contributor, "carla").await;
    carla.ask(query, json!({})).await.data();
}
