//! A running server, and what is asked of it by anybody.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cyberprofiles::graphql::Service;
use cyberprofiles::store::Store;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Answer, Builder};
use crate::beside;

/// A running server.
pub struct Api {
    pub store: Store,
    pub service: Service,
    pub address: String,
    /// The database.
    pub url: String,
    pub(super) statements: Arc<Mutex<Vec<String>>>,
    pub(super) client: reqwest::Client,
    pub(super) server: tokio::task::JoinHandle<()>,
    pub(super) _folder: TempDir,
}

impl Api {
    /// A server that differs from the usual one in what is said next.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The usual server, with the bundled data.
    pub async fn seeded() -> Self {
        Self::builder().start().await
    }

    /// The usual server, without data.
    pub async fn empty() -> Self {
        Self::builder().empty().start().await
    }

    /// The SQL statements since the last call.
    pub fn statements(&self) -> Vec<String> {
        std::mem::take(&mut *self.statements.lock().unwrap())
    }

    /// What anybody gets for a query, which is asked more than once: `beside::check` repeats each read at the newest
    /// cursor and at the commit before it on another day, in one request, and compares. What counts statements, has
    /// limits or runs beside a writer uses `query_once`.
    pub async fn query(&self, query: &str) -> Value {
        let answer = self.query_once(query).await;
        beside::check(self, query, &answer).await;
        answer
    }

    /// What anybody gets for a query that is asked this once: where it is counted, bounded, beside a writer
    /// or about a moment.
    pub async fn query_once(&self, query: &str) -> Value {
        self.anyone().ask(query, json!({})).await.data()
    }

    /// What anybody gets for a query that fails.
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

    /// Waits until so many follow the log: they are told of every change from now on.
    pub async fn followed_by(&self, followers: u64) {
        until(|| self.service.figures().followers == followers).await;
    }

    /// Waits until so many follow contributions: they are told of each that is touched from now on.
    pub async fn contributions_followed_by(&self, followers: usize) {
        until(|| self.store.contribution_followers() == followers).await;
    }
}

/// Waits until something holds.
async fn until(holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_mins(1), "it does not hold");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.server.abort();
    }
}
