//! Posts under failures: order, pauses, suspension and resumption; and receivers that misbehave.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use cyberprofiles::webhook::WebhookSettings;
use serde_json::json;

use super::receiver::{Receiver, Reply};
use super::{Owner, before_last, end, posting, publish, quick};
use crate::harness::Api;

/// The sequence numbers without repetitions that follow each other, as at-least-once allows them.
fn without_repetitions(mut sequences: Vec<i64>) -> Vec<i64> {
    sequences.dedup();
    sequences
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_killed_20_times_among_1000_changes_gets_all_in_order() {
    let api = posting().await;
    let mut receiver = Receiver::taking().await;
    let carla = Owner::new(&api, "carla").await;
    let (cursor, first) = before_last(&api, 1_000).await;
    let (id, _) = carla.create(&receiver.url(), Some(&cursor)).await;
    for kill in 1..=20 {
        receiver.wait_for(kill * 48).await;
        receiver.kill().await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        receiver.revive().await;
    }
    let webhook = carla.until_taken(&id).await;
    let expected: Vec<i64> = (first..first + 1_000).collect();
    assert_eq!(without_repetitions(receiver.sequences()), expected);
    assert_eq!(webhook["deliveries"].as_array().unwrap().len(), 50);
    assert_eq!(webhook["lastError"], json!(null));
}

#[tokio::test]
async fn a_failed_change_is_posted_again_and_later_ones_wait() {
    let api = posting().await;
    let carla = Owner::new(&api, "carla").await;
    let receiver = Receiver::start(|posts, _| match posts {
        0 => Reply::status(500),
        1 => Reply::Close,
        2 => Reply::Hang,
        3 => Reply::Status(302, "location: http://127.0.0.1:9/\r\n".to_owned()),
        4 => Reply::Bytes("SSH-2.0-OpenSSH\r\n"),
        5 => Reply::Endless("HTTP/1.1 200 OK\r\n", "x-more: yes\r\n"),
        _ => Reply::status(200),
    });
    let receiver = receiver.await;
    let (id, _) = carla.create(&receiver.url(), None).await;
    let last = publish(&api, 3, "n").await;
    let webhook = carla.until_taken(&id).await;
    let expected = [last - 2; 7].into_iter().chain([last - 1, last]);
    assert_eq!(receiver.sequences(), expected.collect::<Vec<_>>());
    let mut told: Vec<String> = webhook["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {} {}", one["attempt"], one["status"], one["error"]))
        .collect();
    told.reverse();
    assert_eq!(
        told,
        [
            "1 500 \"status 500\"",
            "2 null \"the connection was closed before an answer\"",
            "3 null \"no answer within 1500 ms\"",
            "4 302 \"status 302: redirects are not followed; set the new address with updateWebhook\"",
            "5 null \"the answer is not HTTP\"",
            "6 null \"the answer has too many or too long headers\"",
            "7 200 null",
            "1 200 null",
            "1 200 null",
        ]
    );
}

#[tokio::test]
async fn an_answer_without_end_is_read_to_its_status_alone() {
    let api = posting().await;
    let carla = Owner::new(&api, "carla").await;
    let receiver = Receiver::start(|_, _| {
        Reply::Endless(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "20\r\n................................\r\n",
        )
    })
    .await;
    let (id, _) = carla.create(&receiver.url(), None).await;
    let last = publish(&api, 3, "n").await;
    carla.until_taken(&id).await;
    assert_eq!(receiver.sequences(), [last - 2, last - 1, last]);
}

#[tokio::test]
async fn status_410_suspends_at_once_and_nothing_is_lost() {
    let api = posting().await;
    let carla = Owner::new(&api, "carla").await;
    let is_gone = Arc::new(AtomicBool::new(true));
    let gone = Arc::clone(&is_gone);
    let receiver = Receiver::start(move |_, _| {
        Reply::status(if gone.load(Ordering::Relaxed) {
            410
        } else {
            202
        })
    })
    .await;
    let (id, _) = carla.create(&receiver.url(), None).await;
    let last = publish(&api, 3, "n").await;
    let webhook = carla
        .until(&id, |webhook| webhook["state"] == "SUSPENDED")
        .await;
    assert_eq!(
        webhook["lastError"],
        "status 410: the receiver wants no more posts"
    );
    assert_eq!(webhook["behind"], 3);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.sequences(), [last - 2]);
    // Another address alone does not end the suspension.
    let payload = carla
        .update(json!({ "id": id, "url": receiver.url() }))
        .await;
    assert_eq!(payload["webhook"]["state"], "SUSPENDED");
    is_gone.store(false, Ordering::Relaxed);
    carla.update(json!({ "id": id, "resume": true })).await;
    carla.until_taken(&id).await;
    assert_eq!(receiver.sequences(), [last - 2, last - 2, last - 1, last]);
}

#[tokio::test]
async fn retry_after_is_obeyed_for_429_and_503() {
    let api = posting().await;
    let carla = Owner::new(&api, "carla").await;
    let receiver = Receiver::start(|posts, _| match posts {
        0 => Reply::Status(429, "retry-after: 2\r\n".to_owned()),
        1 => {
            let at = chrono::Utc::now() + chrono::TimeDelta::seconds(3);
            let date = at.format("%a, %d %b %Y %H:%M:%S GMT");
            Reply::Status(503, format!("retry-after: {date}\r\n"))
        }
        // Other statuses cannot ask for a pause.
        2 => Reply::Status(500, "retry-after: 3600\r\n".to_owned()),
        _ => Reply::status(200),
    })
    .await;
    let (id, _) = carla.create(&receiver.url(), None).await;
    publish(&api, 1, "n").await;
    let failing = carla
        .until(&id, |webhook| webhook["state"] == "FAILING")
        .await;
    assert_eq!(failing["lastError"], "status 429");
    assert!(failing["nextAttemptAt"].is_string());
    carla.until_taken(&id).await;
    let posts = receiver.received();
    let pause = |at: usize| posts[at].at - posts[at - 1].at;
    assert!(pause(1) >= Duration::from_millis(1_900), "{:?}", pause(1));
    // A date is accurate to one second.
    assert!(pause(2) >= Duration::from_millis(1_900), "{:?}", pause(2));
    assert!(pause(3) < Duration::from_mins(1), "{:?}", pause(3));
}

#[tokio::test]
async fn a_webhook_that_fails_for_too_long_is_suspended() {
    let settings = WebhookSettings {
        webhook_give_up_seconds: 1,
        ..quick()
    };
    let api = Api::builder().webhooks(settings).start().await;
    let carla = Owner::new(&api, "carla").await;
    let mut receiver = Receiver::taking().await;
    let (id, _) = carla.create(&receiver.url(), None).await;
    receiver.kill().await;
    let last = publish(&api, 2, "n").await;
    let failing = carla
        .until(&id, |webhook| webhook["state"] == "FAILING")
        .await;
    assert_eq!(failing["lastError"], "the connection was refused");
    let webhook = carla
        .until(&id, |webhook| webhook["state"] == "SUSPENDED")
        .await;
    let attempts = webhook["deliveries"][0]["attempt"].as_i64().unwrap();
    assert!(attempts >= 3, "{webhook:#}");
    assert_eq!(webhook["behind"], 2);
    receiver.revive().await;
    carla.update(json!({ "id": id, "resume": true })).await;
    carla.until_taken(&id).await;
    assert_eq!(receiver.sequences(), [last - 1, last]);
}

#[tokio::test]
async fn a_filter_is_passed_without_posts_and_the_position_is_stored() {
    let api = posting().await;
    let carla = Owner::new(&api, "carla").await;
    let receiver = Receiver::taking().await;
    let (cursor, _) = before_last(&api, end(&api).await).await;
    let input = json!({ "url": receiver.url(), "after": cursor, "document":
        "subscription { changes(filter: { kinds: [TREATY] }) { sequence recordKind } }" });
    let payload = carla.mutate("createWebhook", input).await;
    let id = payload["webhook"]["id"].as_str().unwrap();
    let webhook = carla.until_taken(id).await;
    let posts = receiver.received();
    assert!(!posts.is_empty());
    assert!(
        posts
            .iter()
            .all(|post| post.change()["recordKind"] == "TREATY")
    );
    let head = api.query_once("{ head { cursor } }").await;
    assert_eq!(webhook["cursor"], head["head"]["cursor"]);
}

#[tokio::test]
async fn slow_receivers_do_not_delay_others_and_posts_are_bounded() {
    let settings = WebhookSettings {
        webhook_concurrency: 2,
        webhook_timeout_ms: 500,
        webhook_retry_ms: 60_000,
        ..quick()
    };
    let api = Api::builder().webhooks(settings).start().await;
    let carla = Owner::new(&api, "carla").await;
    let open = Arc::new(AtomicUsize::new(0));
    let opened = Arc::clone(&open);
    let hanging = Receiver::start(move |_, _| {
        opened.fetch_add(1, Ordering::Relaxed);
        Reply::Hang
    })
    .await;
    let receiver = Receiver::taking().await;
    for _ in 0..4 {
        carla.create(&hanging.url(), None).await;
    }
    let (id, _) = carla.create(&receiver.url(), None).await;
    publish(&api, 1, "n").await;
    carla.until_taken(&id).await;
    assert_eq!(receiver.received().len(), 1);
    assert!(open.load(Ordering::Relaxed) <= 4);
}

#[tokio::test]
async fn a_webhook_is_suspended_when_its_owner_has_no_valid_token() {
    let api = posting().await;
    let carla = Owner::new(&api, "carla").await;
    let eva = Owner::new(&api, "eva").await;
    let receiver = Receiver::taking().await;
    let (id, _) = carla.create(&receiver.url(), None).await;
    publish(&api, 1, "before").await;
    receiver.wait_for(1).await;
    carla.until_taken(&id).await;
    for token in api.store.tokens().await.unwrap() {
        if token.person == "carla" {
            api.store.revoke_token(&token.id).await.unwrap();
        }
    }
    // An edit of any webhook makes the server look at the rights again.
    eva.create(&receiver.url(), None).await;
    let begun = std::time::Instant::now();
    let renewed = loop {
        let found = api.store.webhooks().of_person("carla").await.unwrap();
        if found[0].last_error.is_some() {
            break Owner::new(&api, "carla").await;
        }
        assert!(begun.elapsed() < Duration::from_mins(2));
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let webhook = renewed.webhook(&id).await;
    assert_eq!(webhook["state"], "SUSPENDED");
    let error = webhook["lastError"].as_str().unwrap();
    assert!(error.contains("no valid token"), "{error}");
    let last = publish(&api, 1, "after").await;
    renewed.update(json!({ "id": id, "resume": true })).await;
    renewed.until_taken(&id).await;
    let is_told = receiver
        .sequences()
        .iter()
        .filter(|one| **one == last)
        .count();
    assert_eq!(is_told, 2, "once to each webhook");
}

#[tokio::test]
async fn metrics_tell_webhooks_by_state_deliveries_by_result_and_how_far_they_are_behind() {
    let api = posting().await;
    let carla = Owner::new(&api, "carla").await;
    let receiver =
        Receiver::start(|_, post| Reply::status(if post.path == "/hook" { 204 } else { 410 }))
            .await;
    let (id, _) = carla.create(&receiver.url(), None).await;
    let gone = format!("http://{}/gone", receiver.address);
    let (suspended, _) = carla.create(&gone, None).await;
    publish(&api, 2, "n").await;
    carla.until_taken(&id).await;
    carla
        .until(&suspended, |webhook| webhook["state"] == "SUSPENDED")
        .await;
    let metrics = api
        .request(reqwest::Method::GET, "/metrics")
        .send()
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    for line in [
        "cyberprofiles_webhook_deliveries_total{result=\"taken\"} 2",
        "cyberprofiles_webhook_deliveries_total{result=\"gone\"} 1",
        "cyberprofiles_webhooks{state=\"active\"} 1",
        "cyberprofiles_webhooks{state=\"failing\"} 0",
        "cyberprofiles_webhooks{state=\"suspended\"} 1",
        "cyberprofiles_webhooks_behind 0",
    ] {
        assert!(metrics.lines().any(|one| one == line), "{line}\n{metrics}");
    }
}
