//! Restarts, and several instances that share a database.

use std::time::Duration;

use serde_json::json;

use super::receiver::{Receiver, Reply};
use super::{DOCUMENT, Owner, before_last, posting, publish, quick, until_edits_are_read};
use crate::database::{self, is_postgresql};
use crate::harness::Api;
use crate::kill::{Program, start_with, tokens};

/// Settings of a program that posts to receivers on this machine.
const SETTINGS: [(&str, &str); 2] = [
    ("CYBERPROFILES_WEBHOOK_ALLOW", "127.0.0.0/8"),
    ("CYBERPROFILES_WEBHOOK_RETRY_MS", "50"),
];

async fn ask(
    program: &Program,
    token: &str,
    query: &str,
    variables: serde_json::Value,
) -> serde_json::Value {
    let url = format!("http://{}/graphql", program.host());
    let request = crate::harness::client().post(url).bearer_auth(token);
    let request = request.json(&json!({ "query": query, "variables": variables }));
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_killed_continues_where_each_webhook_was() {
    let folder = tempfile::tempdir().unwrap();
    let url = database::seeded(folder.path()).await;
    let [carla, _] = tokens(&url).await;
    let receiver = Receiver::taking().await;
    let mut program = start_with(&url, &SETTINGS);
    let head = ask(
        &program,
        &carla,
        "{ head { sequence } changes(last: 250) { nodes { cursor } } }",
        json!({}),
    );
    let head = head.await["data"].clone();
    let create = "mutation($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } userErrors { message } } }";
    let input = json!({ "url": receiver.url(), "document": DOCUMENT, "after": head["changes"]["nodes"][0]["cursor"] });
    let made = ask(&program, &carla, create, json!({ "input": input })).await;
    assert!(
        made["data"]["createWebhook"]["webhook"]["id"].is_string(),
        "{made:#}"
    );
    for posts in [40, 100, 180] {
        receiver.wait_for(posts).await;
        program.kill();
        program = start_with(&url, &SETTINGS);
    }
    let last = head["head"]["sequence"].as_i64().unwrap();
    let begun = std::time::Instant::now();
    while receiver.sequences().last() != Some(&last) {
        assert!(begun.elapsed() < Duration::from_mins(3));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut sequences = receiver.sequences();
    let all = sequences.len();
    sequences.dedup();
    assert_eq!(sequences, (last - 248..=last).collect::<Vec<i64>>());
    // At most the post that was under way is repeated.
    assert!(all - sequences.len() <= 3, "{all}");
    program.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_webhook_keeps_its_attempts_across_a_restart() {
    let mut api = posting().await;
    let carla = Owner::new(&api, "carla").await;
    let receiver =
        Receiver::start(|posts, _| Reply::status(if posts < 3 { 500 } else { 200 })).await;
    let (id, _) = carla.create(&receiver.url(), None).await;
    publish(&api, 1, "n").await;
    receiver.wait_for(2).await;
    let (url, posts) = (api.url.clone(), receiver.received().len());
    drop(api.webhooks.take());
    assert!(posts < 5);
    let again = Api::builder().database(url).webhooks(quick()).start().await;
    let carla = Owner::new(&again, "carla").await;
    let webhook = carla.until_taken(&id).await;
    let attempts = webhook["deliveries"].as_array().unwrap().iter();
    let attempts: Vec<i64> = attempts
        .map(|one| one["attempt"].as_i64().unwrap())
        .collect();
    let mut growing = attempts.clone();
    growing.reverse();
    assert!(
        growing.windows(2).all(|two| two[1] == two[0] + 1),
        "{growing:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_post_each_change_once_and_one_takes_over_from_the_other() {
    if !is_postgresql() {
        // An SQLite database has one server.
        return;
    }
    let first = posting().await;
    let receiver = Receiver::taking().await;
    let second = Api::builder().database(first.url.clone()).webhooks(quick());
    let mut second = second.start().await;
    let carla = Owner::new(&second, "carla").await;
    let (cursor, from) = before_last(&second, 200).await;
    let (id, _) = carla.create(&receiver.url(), Some(&cursor)).await;
    carla.until_taken(&id).await;
    let before: Vec<i64> = (from..from + 200).collect();
    assert_eq!(receiver.sequences(), before, "no change is posted twice");
    // The edit of one instance reaches the other.
    let other = Receiver::taking().await;
    carla.update(json!({ "id": id, "url": other.url() })).await;
    let url = first.url.clone();
    until_edits_are_read().await;
    publish(&second, 2, "both").await;
    other.wait_for(2).await;
    carla.until_taken(&id).await;
    // Whichever instance leads: one of two stops, and then the other.
    drop(first);
    publish(&second, 3, "second").await;
    other.wait_for(5).await;
    carla.until_taken(&id).await;
    let third = Api::builder().database(url).webhooks(quick()).start().await;
    drop(second.webhooks.take());
    let last = publish(&third, 3, "third").await;
    other.wait_for(8).await;
    let expected: Vec<i64> = (last - 7..=last).collect();
    assert_eq!(other.sequences(), expected);
}
