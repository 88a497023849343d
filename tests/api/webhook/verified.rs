//! Signatures, as the published verifier of Standard Webhooks checks them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cyberprofiles::domain::viewer::Role;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::receiver::{Received, Receiver};
use super::{DOCUMENT, Owner, end, posting, publish, rename_treaty, until_edits_are_read};
use crate::clients::is_possible;
use crate::harness::Api;
use crate::installed;

/// The signature of a post under a secret.
pub fn signature(secret: &str, post: &Received) -> String {
    let key = STANDARD
        .decode(secret.strip_prefix("whsec_").unwrap())
        .unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let (id, time) = (post.header("webhook-id"), post.header("webhook-timestamp"));
    mac.update(format!("{id}.{time}.{}", post.body).as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn a_post_is_the_event_of_a_subscriber_and_is_signed() {
    let api = posting().await;
    let carla = Owner::new(&api, "carla").await;
    let receiver = Receiver::taking().await;
    let (id, secret) = carla.create(&receiver.url(), None).await;
    let mut socket = api.socket(json!({})).await;
    socket.subscribe("1", DOCUMENT, json!({})).await;
    // The webhook's follower may come before or after this one.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    rename_treaty(&api, "Renamed").await;
    let event = socket.next().await;
    let told = receiver.wait_for(1).await;
    let post = &told[0];
    let body: serde_json::Value = serde_json::from_str(&post.body).unwrap();
    assert_eq!(body, event["payload"]);
    assert!(post.body.starts_with("{\"data\":{\"changes\":{\"cursor\":"));
    assert_eq!(post.path, "/hook");
    assert_eq!(post.header("content-type"), "application/json");
    assert!(post.header("user-agent").starts_with("cyberprofiles/"));
    assert_eq!(post.header("webhook-id"), post.change()["cursor"]);
    assert_eq!(post.header("webhook-signature"), signature(&secret, post));
    let sent: i64 = post.header("webhook-timestamp").parse().unwrap();
    assert!((chrono::Utc::now().timestamp() - sent).abs() < 60);
    let webhook = carla.until_taken(&id).await;
    assert_eq!(webhook["cursor"], post.change()["cursor"]);
    let delivery = &webhook["deliveries"][0];
    assert_eq!(delivery["status"], 204);
    assert_eq!(delivery["attempt"], 1);
    assert_eq!(delivery["sequence"], json!(end(&api).await));
    assert!(delivery["error"].is_null() && delivery["tookMs"].as_i64().unwrap() < 60_000);
}

#[tokio::test]
async fn after_a_rotation_both_secrets_sign_until_the_old_one_ends() {
    let now = std::sync::Arc::new(std::sync::Mutex::new(chrono::Utc::now()));
    let clock = std::sync::Arc::clone(&now);
    let clock = cyberprofiles::store::Clock::new(move || *clock.lock().unwrap());
    let api = Api::builder()
        .clock(clock)
        .webhooks(super::quick())
        .start()
        .await;
    let carla = Owner::new(&api, "carla").await;
    let receiver = Receiver::taking().await;
    let (id, old) = carla.create(&receiver.url(), None).await;
    let rotated = carla
        .update(json!({ "id": id, "rotateSecret": true }))
        .await;
    let new = rotated["secret"].as_str().unwrap().to_owned();
    assert_ne!(new, old);
    until_edits_are_read().await;
    publish(&api, 1, "overlap").await;
    let post = receiver.wait_for(1).await[0].clone();
    let both = format!("{} {}", signature(&new, &post), signature(&old, &post));
    assert_eq!(post.header("webhook-signature"), both);
    *now.lock().unwrap() += chrono::TimeDelta::hours(24);
    publish(&api, 1, "ended").await;
    let post = receiver.wait_for(2).await[1].clone();
    assert_eq!(post.header("webhook-signature"), signature(&new, &post));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_published_verifier_accepts_posts_and_refuses_changed_ones() {
    if !is_possible("python3", &["-c", "import ensurepip"]) {
        return;
    }
    let api = posting().await;
    let carla = Owner::new(&api, "carla").await;
    let receiver = Receiver::taking().await;
    let (id, old) = carla.create(&receiver.url(), None).await;
    publish(&api, 1, "one").await;
    receiver.wait_for(1).await;
    let rotated = carla
        .update(json!({ "id": id, "rotateSecret": true }))
        .await;
    until_edits_are_read().await;
    publish(&api, 1, "two").await;
    let posts = receiver.wait_for(2).await;
    let new = rotated["secret"].as_str().unwrap();
    let case = |secret: &str, post: &Received, is_valid: bool| json!({ "secret": secret, "headers": post.headers, "body": post.body, "valid": is_valid });
    let mut changed = posts[0].clone();
    changed.body = changed.body.replace("CREATE", "UPDATE");
    let cases = json!([
        case(&old, &posts[0], true),
        case(&old, &posts[1], true),
        case(new, &posts[1], true),
        case(new, &posts[0], false),
        case(&old, &changed, false),
    ]);
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/python");
    let python = installed::python(&clients.join("requirements.txt"));
    let mut verifier = Command::new(python)
        .arg(clients.join("verify_webhook.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = verifier.stdin.take().unwrap();
    input.write_all(cases.to_string().as_bytes()).unwrap();
    drop(input);
    let output = verifier.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "5 as expected\n");
}

/// The page for clients, with a document that tells what awaits the owner of a webhook.
const PAGE: &str = include_str!("../../../docs/clients.md");

#[tokio::test]
async fn the_document_of_the_page_tells_an_editor_which_open_contributions_a_change_touches() {
    let (before, _) = PAGE.split_once("overlapping {").unwrap();
    let (_, document) = PAGE.split_at(before.rfind("```text\n").unwrap());
    let document = document.trim_start_matches("```text\n");
    let (document, _) = document.split_once("```").unwrap();
    let api = posting().await;
    let (carla, rita) = (api.contributor().await, api.editor("rita").await);
    let title = |text: &str| {
        json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1,
            "set": { "shortTitle": text }, "cite": crate::harness::cite() } }])
    };
    let open = carla.proposed(title("Mine")).await;
    let owner = Owner {
        api: &api,
        token: api.token(Role::Editor, "eva").await,
    };
    let receiver = Receiver::taking().await;
    let input = json!({ "url": receiver.url(), "document": document });
    let payload = owner.mutate("createWebhook", input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    rita.publish(title("Theirs")).await;
    let told = receiver.wait_for(1).await;
    let change = told[0].change();
    assert_eq!(change["recordId"], "Treaty:ets-185");
    let expected = json!([{ "id": open, "title": "A change", "state": "SUBMITTED",
        "steps": ["START_REVIEW", "REQUEST_CHANGES", "REJECT", "COMMENT"],
        "conflicts": [{ "recordId": "Treaty:ets-185", "name": "shortTitle" }] }]);
    assert_eq!(change["contribution"]["overlapping"], expected);
}
