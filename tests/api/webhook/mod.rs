//! Webhooks: a real receiver gets each change, signed, in order, and whatever happens in between.

mod account;
mod delivery;
mod instances;
mod management;
mod operator;
mod receiver;
mod refused_target;
mod rendering;
mod verified;

use std::time::{Duration, Instant};

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::store::moment::Moment;
use cyberprofiles::webhook::WebhookSettings;
use serde_json::{Value, json};

use crate::harness::{Api, cite};

/// A document that selects what these tests look at.
const DOCUMENT: &str = "subscription { changes { cursor sequence recordId operation } }";

/// Settings that allow receivers on this machine, and pauses of some milliseconds.
fn quick() -> WebhookSettings {
    WebhookSettings {
        webhook_allow: vec!["127.0.0.1/32".parse().unwrap()],
        webhook_retry_ms: 20,
        webhook_timeout_ms: 1_500,
        ..WebhookSettings::default()
    }
}

/// A server with the bundled data that posts to receivers on this machine.
async fn posting() -> Api {
    Api::builder().webhooks(quick()).start().await
}

/// The owner of webhooks. Its requests are not in the transcripts that are compared, because the answers contain
/// secrets and durations.
struct Owner<'a> {
    api: &'a Api,
    token: String,
}

impl<'a> Owner<'a> {
    async fn new(api: &'a Api, name: &str) -> Self {
        let token = api.token(Role::Contributor, name).await;
        Self { api, token }
    }

    async fn ask(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let request = self.api.request(reqwest::Method::POST, "/graphql");
        let request = request.bearer_auth(&self.token).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].clone()
    }

    /// The payload of a mutation of webhooks.
    async fn mutate(&self, mutation: &str, input: Value) -> Value {
        let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{
                webhook {{ id url document state cursor behind lastError createdAt }} secret
                userErrors {{ code message path }} }} }}"
        );
        self.ask(&query, json!({ "input": input })).await[mutation].clone()
    }

    /// Creates a webhook. Returns its id and its secret.
    async fn create(&self, url: &str, after: Option<&str>) -> (String, String) {
        let input = json!({ "url": url, "document": DOCUMENT, "after": after });
        let payload = self.mutate("createWebhook", input).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&payload["webhook"]["id"]), text(&payload["secret"]))
    }

    async fn update(&self, input: Value) -> Value {
        let payload = self.mutate("updateWebhook", input).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
        payload
    }

    /// A webhook with its deliveries.
    async fn webhook(&self, id: &str) -> Value {
        let query = "query($id: ID!) { node(id: $id) { ... on Webhook {
            state cursor behind lastError nextAttemptAt
            deliveries(first: 50) { at sequence attempt status error tookMs } } } }";
        self.ask(query, json!({ "id": id })).await["node"].clone()
    }

    /// Waits until a webhook meets a condition.
    async fn until(&self, id: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let webhook = self.webhook(id).await;
            if holds(&webhook) {
                return webhook;
            }
            assert!(begun.elapsed() < Duration::from_mins(2), "{webhook:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn until_taken(&self, id: &str) -> Value {
        self.until(id, |webhook| {
            webhook["behind"] == 0 && webhook["state"] == "ACTIVE"
        })
        .await
    }
}

/// The cursor before the last changes of the log, and the number of the first of these.
async fn before_last(api: &Api, changes: i64) -> (String, i64) {
    let end = end(api).await;
    let cursor = api.store.cursors().write(Moment(end - changes));
    (cursor, end - changes + 1)
}

/// Waits until an edit has reached the instance that posts.
async fn until_edits_are_read() {
    tokio::time::sleep(Duration::from_millis(500)).await;
}

/// Publishes a number of changes, each in a commit of its own. Returns the sequence number of the last one.
async fn publish(api: &Api, changes: usize, key: &str) -> i64 {
    for at in 0..changes {
        let line = json!({ "createSource": { "key": format!("{key}-{at}"),
            "fields": { "kind": "NEWS", "title": format!("News {at}") } } });
        let lines = [Ok(line.to_string())].into_iter();
        let imported = api.store.import(lines, false, &mut |_| {}).await;
        imported.unwrap();
    }
    api.store.head().await.unwrap().moment.0
}

/// The end of the log.
async fn end(api: &Api) -> i64 {
    api.store.head().await.unwrap().moment.0
}

/// An update of the title of a treaty, accepted by an editor.
async fn rename_treaty(api: &Api, title: &str) {
    let change = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1,
        "set": { "shortTitle": title }, "cite": cite() } }]);
    api.editor("eva").await.publish(change).await;
}
