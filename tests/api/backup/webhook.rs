//! Webhooks in backups: a restored copy calls no receiver, unless the operator wants it.

use cyberprofiles::domain::webhook::WebhookState;
use cyberprofiles::store::webhook::{Attempt, Model, Next, Outcome};
use cyberprofiles::store::{Options, Store};
use serde_json::json;

use super::{backed_up, done, new_file, other_kind};
use crate::database;
use crate::harness::{Api, Person};

/// Creates two webhooks of a person with all that they can have: one whose secret was replaced, and that fails, and one
/// that is suspended.
pub(super) async fn create_webhooks(api: &Api, owner: &Person<'_>, person: &str) {
    let create = "mutation($input: CreateWebhookInput!) { createWebhook(input: $input) { userErrors { message } } }";
    for key in ["failing", "suspended"] {
        let input = json!({ "url": format!("https://8.8.8.8/{key}"), "idempotencyKey": key,
            "document": "subscription { changes { cursor } }" });
        let made = owner.ask(create, json!({ "input": input })).await.data();
        assert_eq!(made["createWebhook"]["userErrors"], json!([]), "{made}");
    }
    let rows = api.store.webhooks().of_person(person).await.unwrap();
    let update = "mutation($input: UpdateWebhookInput!) { updateWebhook(input: $input) { userErrors { message } } }";
    let input = json!({ "id": format!("Webhook:{}", rows[0].id), "rotateSecret": true });
    let made = owner.ask(update, json!({ "input": input })).await.data();
    assert_eq!(made["updateWebhook"]["userErrors"], json!([]), "{made}");
    let at = "2026-01-10T08:00:00Z".parse().unwrap();
    let outcome = |row: &Model, next| Outcome {
        webhook: row.id.clone(),
        revision: row.revision,
        number: 1,
        attempt: Attempt {
            at,
            sequence: row.sequence + 1,
            attempt: 1,
            status: Some(503),
            error: Some("status 503".to_owned()),
            took_ms: 7,
        },
        next,
    };
    let next_attempt_at = "2026-01-10T08:00:05.123Z".parse().unwrap();
    let retry = Next::Retry {
        failing_since: at,
        at: next_attempt_at,
    };
    let outcomes = [outcome(&rows[0], retry), outcome(&rows[1], Next::Suspend)];
    let recorded = api.store.webhooks().record(&outcomes).await.unwrap();
    assert_eq!(recorded, [true, true]);
}

async fn webhooks(url: &str) -> Vec<Model> {
    let store = Store::open(url, &Options::default()).await.unwrap();
    let found = store.webhooks().all().await.unwrap();
    store.close().await;
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_database_has_its_webhooks_suspended_unless_they_are_kept() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    create_webhooks(&api, &eva, "eva").await;
    let before = webhooks(&api.url).await;
    let (folder, file) = new_file("profiles.backup");
    backed_up(&api.url, &file);
    let file = file.to_str().unwrap();
    let same_folder = tempfile::tempdir().unwrap();
    let targets = [
        Some(database::empty(same_folder.path()).await),
        other_kind(folder.path()).await,
    ];
    for target in targets.into_iter().flatten() {
        let said = done(&target, &["restore", file]);
        assert!(said.contains("suspended webhooks: 1,"), "{said}");
        let restored = webhooks(&target).await;
        assert_eq!(restored.len(), 2);
        assert_eq!(restored[1], before[1], "it keeps its own reason");
        let expected = Model {
            state: WebhookState::Suspended,
            failing_since: None,
            next_attempt_at: None,
            last_error: Some(
                "this database was restored from a backup: resume the webhook".to_owned(),
            ),
            ..before[0].clone()
        };
        assert_eq!(restored[0], expected);
        let said = done(&target, &["restore", file, "--replace", "--keep-webhooks"]);
        assert!(!said.contains("suspended"), "{said}");
        assert_eq!(webhooks(&target).await, before);
    }
}
