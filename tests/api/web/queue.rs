//! The queue: what the service cannot filter by, the page looks through, and says how far.

use cyberprofiles::domain::viewer::Role;
use serde_json::json;

use super::html::Html;
use super::pages::open;
use crate::harness::{Api, retitle};

#[tokio::test]
async fn the_queue_says_what_it_looked_through_for_a_kind_or_an_author() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    carla.proposed(retitle(1, "Convention of Budapest")).await;
    let dora = api.person(Role::Contributor, "dora").await;
    let source =
        json!([{ "createSource": { "fields": { "kind": "NEWS", "title": "News of the day" } } }]);
    dora.proposed(source).await;
    for (query, found) in [
        ("author=CARL", 1),
        ("kind=TREATY", 1),
        ("kind=SOURCE&author=dora", 1),
        ("kind=SOURCE&author=carla", 0),
        ("author=A", 2),
    ] {
        let page = open(&api, &format!("/review?{query}"), "en").await;
        let page = Html::read(&page.text().await.unwrap());
        let said = page.text_of("main");
        let told =
            format!("looked through 2 contributions and found {found}. The search ends here.");
        assert!(said.contains(&told), "{query}: {said}");
    }
}
