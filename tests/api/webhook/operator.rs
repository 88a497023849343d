//! The steps of an operator by the program, while a server posts.

use std::time::{Duration, Instant};

use serde_json::json;

use super::receiver::Receiver;
use super::{Owner, posting, publish};
use crate::backup::{done, refused};
use crate::harness::Api;

/// Waits until the server that posts has this number of webhooks in a state.
async fn until_server_has(api: &Api, state: &str, count: u32) {
    let line = format!("cyberprofiles_webhooks{{state=\"{state}\"}} {count}");
    let begun = Instant::now();
    loop {
        let answer = api.request(reqwest::Method::GET, "/metrics").send().await;
        let text = answer.unwrap().text().await.unwrap();
        if text.lines().any(|one| one == line) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{line}\n{text}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_lists_suspends_and_deletes_webhooks_of_all_while_a_server_posts() {
    let api = posting().await;
    let carla = Owner::new(&api, "carla").await;
    let receiver = Receiver::taking().await;
    let (id, _) = carla.create(&receiver.url(), None).await;
    publish(&api, 1, "first").await;
    carla.until_taken(&id).await;
    let listed = done(&api.url, &["webhook", "list"]);
    let begin = format!("{id}  ACTIVE  carla  ");
    assert!(listed.starts_with(&begin), "{listed}");
    assert!(listed.contains(&receiver.url()), "{listed}");
    assert!(!listed.contains("whsec_"), "{listed}");

    let said = done(&api.url, &["webhook", "suspend", &id]);
    assert_eq!(said, format!("suspended {id} of carla\n"));
    until_server_has(&api, "suspended", 1).await;
    publish(&api, 1, "second").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.received().len(), 1);
    let webhook = carla.webhook(&id).await;
    let expected = "the operator of this service suspended the webhook";
    assert_eq!(webhook["lastError"], expected);
    carla.update(json!({ "id": id, "resume": true })).await;
    carla.until_taken(&id).await;
    assert_eq!(receiver.received().len(), 2);

    let said = done(&api.url, &["webhook", "delete", &id]);
    assert_eq!(said, format!("deleted {id} of carla\n"));
    until_server_has(&api, "active", 0).await;
    publish(&api, 1, "third").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.received().len(), 2);
    assert_eq!(done(&api.url, &["webhook", "list"]), "");
    for step in ["suspend", "delete"] {
        let said = refused(&api.url, &["webhook", step, &id]);
        assert!(said.contains("there is no webhook"), "{said}");
    }
}
