//! Changes that cannot be rendered in time.

use cyberprofiles::webhook::WebhookSettings;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::receiver::Receiver;
use super::{Owner, before_last, publish, quick};
use crate::backup::is_sqlite;
use crate::database;
use crate::harness::Api;

/// Makes each read of the table of sources last for many seconds.
async fn slow_down_sources(url: &str) {
    let wait = if is_sqlite(url) {
        "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT count(*) FROM n) > 0"
    } else {
        "(SELECT pg_sleep(20)) IS NOT NULL"
    };
    let db = database::connect(url).await;
    for step in [
        "ALTER TABLE source RENAME TO source_kept",
        &format!("CREATE VIEW source AS SELECT * FROM source_kept WHERE {wait}"),
    ] {
        db.execute_unprepared(step).await.unwrap();
    }
    db.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_not_rendered_in_time_is_a_failure_and_delays_no_other_webhook() {
    let settings = WebhookSettings {
        webhook_concurrency: 1,
        webhook_render_timeout_ms: 500,
        webhook_retry_ms: 60_000,
        ..quick()
    };
    let api = Api::builder().webhooks(settings).start().await;
    let carla = Owner::new(&api, "carla").await;
    publish(&api, 1, "n").await;
    slow_down_sources(&api.url).await;
    let (cursor, last) = before_last(&api, 1).await;
    let receiver = Receiver::taking().await;
    let input = json!({ "url": receiver.url(), "after": cursor, "document":
        "subscription { changes { sequence record { ... on Source { title } } } }" });
    let payload = carla.mutate("createWebhook", input).await;
    let slow = payload["webhook"]["id"].as_str().unwrap();
    let webhook = carla
        .until(slow, |webhook| webhook["state"] != "ACTIVE")
        .await;
    assert_eq!(webhook["state"], "FAILING");
    let error = webhook["lastError"].as_str().unwrap();
    assert!(error.contains("cannot render the change"), "{error}");
    assert!(webhook["nextAttemptAt"].is_string());
    assert_eq!(webhook["deliveries"][0]["sequence"], last);
    let (quick, _) = carla.create(&receiver.url(), Some(&cursor)).await;
    carla.until_taken(&quick).await;
    assert_eq!(receiver.sequences(), [last]);
}
