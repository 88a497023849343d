//! A running server, and anonymous requests to it.

use std::sync::{Arc, Mutex};

use cyberprofiles::graphql::Service;
use cyberprofiles::store::Store;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Answer, Builder, until};
use crate::{database, repeated_reads};

/// A running server.
pub struct Api {
    pub store: Store,
    pub service: Service,
    pub address: String,
    /// URL of the database.
    pub url: String,
    pub(super) statements: Arc<Mutex<Vec<String>>>,
    pub(super) client: reqwest::Client,
    pub(super) server: tokio::task::JoinHandle<()>,
    /// The tasks that post to webhooks.
    pub webhooks: Option<tokio::task::JoinSet<()>>,
    /// Writers beside the test, if any.
    pub(super) _crowd: tokio::task::JoinSet<()>,
    pub(super) _folder: TempDir,
    pub(super) _database: Option<database::Own>,
}

impl Api {
    /// A server with settings that differ from the default.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The default server, with the bundled data.
    pub async fn seeded() -> Self {
        Self::builder().start().await
    }

    /// The default server, without data.
    pub async fn empty() -> Self {
        Self::builder().empty().start().await
    }

    /// SQL statements since the last call.
    pub fn statements(&self) -> Vec<String> {
        std::mem::take(&mut *self.statements.lock().unwrap())
    }

    /// Data of an anonymous query. The query is sent more than once: `repeated_reads::check` repeats each read in one
    /// request, at the newest cursor and at the commit before it on another as-of date, and compares. Tests that count
    /// statements, have limits or run beside a writer use `query_once`.
    pub async fn query(&self, query: &str) -> Value {
        let answer = self.query_once(query).await;
        repeated_reads::check(self, query, &answer).await;
        answer
    }

    /// Data of an anonymous query that is sent exactly once: for tests that count, have limits, run beside a writer or
    /// read at a moment.
    pub async fn query_once(&self, query: &str) -> Value {
        self.anyone().ask(query, json!({})).await.data()
    }

    /// Answer to an anonymous query that fails.
    pub async fn fails(&self, query: &str) -> Answer {
        let answer = self.anyone().ask(query, json!({})).await;
        assert!(answer.body.get("errors").is_some(), "{:#}", answer.body);
        answer
    }

    /// A request of any form.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
    }

    /// Waits until the given number of followers of the log is reached: from then on they receive every change.
    pub async fn followed_by(&self, followers: u64) {
        until("the followers are not there", async || {
            self.service.stats().followers == followers
        })
        .await;
    }

    /// Waits until the given number of followers of contributions is reached: from then on they receive every update.
    pub async fn contributions_followed_by(&self, followers: usize) {
        until("the followers are not there", async || {
            self.store.contribution_followers() == followers
        })
        .await;
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.server.abort();
    }
}
