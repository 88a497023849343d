//! The task of one webhook: it posts one change after the other, and waits in between.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::timeout;

use super::post::{Post, PostResult, Posted};
use super::{Shared, retry};
use crate::domain::viewer::{Actor, Viewer};
use crate::domain::webhook::WebhookState;
use crate::graphql::{Batch, Event, Follower, Unfollowed};
use crate::store::moment::Moment;
use crate::store::webhook::{Attempt, Model, Next, Outcome, Passed};

/// Time after which a webhook with many changes lets others post.
const TURN: Duration = Duration::from_secs(5);
/// Time within which the database must answer that it is there.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause before changes are read again.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// The task of one webhook.
pub struct Delivery {
    shared: Arc<Shared>,
    /// The webhook as its owner edited it last, apart from an edit that raises its revision: that ends the task.
    row: watch::Receiver<Model>,
    /// The owner, with the rights of today.
    owner: Actor,
    /// The moment of the last change that was taken or passed.
    after: Moment,
    /// Number of failed attempts at the next change.
    failed: i32,
    failing_since: Option<DateTime<Utc>>,
    next_attempt_at: Option<DateTime<Utc>>,
    /// Number of deliveries so far.
    posts: i64,
    follower: Option<Follower>,
}

/// The reason why no batch was rendered.
enum Unrendered {
    /// It took too long, or the document cannot be read at the moment.
    Late,
    /// A fault of the server.
    Failed,
    /// The document is no longer valid. The text is for the owner.
    Refused(String),
}

/// The end of a task: nothing more is posted, or the supervisor starts another task.
struct Ended;

impl Delivery {
    /// Creates the task, at the stored position.
    pub fn new(shared: Arc<Shared>, row: watch::Receiver<Model>, owner: Actor) -> Self {
        let stored = row.borrow().clone();
        Self {
            after: stored.reached(),
            failed: stored.attempts,
            failing_since: stored.failing_since,
            next_attempt_at: stored.next_attempt_at,
            posts: stored.posts,
            follower: None,
            shared,
            owner,
            row,
        }
    }

    /// Posts until the webhook is suspended, or its revision grows.
    pub async fn run(mut self) {
        let mut ends = self.shared.service.store().log_ends();
        loop {
            self.wait_for_attempt().await;
            let after = self.after;
            // The sender lives as long as the store.
            if ends.wait_for(|end| *end > after).await.is_err() {
                return;
            }
            if let Err(Ended) = self.turn().await {
                return;
            }
        }
    }

    async fn wait_for_attempt(&self) {
        let now = self.shared.service.store().clock().now();
        let pause = self.next_attempt_at.and_then(|at| (at - now).to_std().ok());
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
    }

    /// Renders a batch of changes, then posts them, or as many as fit into a turn. Holds a permit throughout, so that
    /// only so many batches wait for their turn; those at the end of the log are shared by all with the same document.
    async fn turn(&mut self) -> Result<(), Ended> {
        let shared = Arc::clone(&self.shared);
        let Ok(render) = shared.renders.acquire().await else {
            return Err(Ended);
        };
        let limit = shared.settings.render_timeout();
        let rendered = timeout(limit, self.render()).await;
        let (mut follower, batch) = match rendered.unwrap_or(Err(Unrendered::Late)) {
            Ok(rendered) => rendered,
            Err(unrendered) => {
                drop(render);
                return self.handle_unrendered(unrendered).await;
            }
        };
        let Ok(_slot) = shared.slots.acquire().await else {
            return Err(Ended);
        };
        drop(render);
        let begun = Instant::now();
        for event in &batch.events {
            if begun.elapsed() > TURN {
                follower.seek(self.after);
                self.follower = Some(follower);
                return Ok(());
            }
            if !self.post(event).await? {
                // The follower is dropped: nothing is rendered while the receiver fails.
                return Ok(());
            }
        }
        if self.after < batch.to {
            self.after = batch.to;
            self.note(WebhookState::Active);
            let (webhook, revision) = self.id();
            let sequence = batch.to.0;
            let passed = Passed {
                webhook,
                revision,
                sequence,
            };
            self.shared.recorder.pass(passed).await;
        }
        self.follower = Some(follower);
        Ok(())
    }

    /// Follows the log with the document, and renders the next batch.
    async fn render(&mut self) -> Result<(Follower, Batch), Unrendered> {
        let mut follower = match self.follower.take() {
            Some(follower) => follower,
            None => self.follow().await?,
        };
        let batch = follower.next_batch().await;
        let batch = batch.map_err(|_| Unrendered::Failed)?;
        Ok((follower, batch))
    }

    async fn follow(&self) -> Result<Follower, Unrendered> {
        let service = &self.shared.service;
        let document = self.row.borrow().document.clone();
        let viewer = Viewer::Identified(self.owner.clone());
        let followed = service.follow_document(&document, viewer, self.after).await;
        followed.map_err(|unfollowed| match unfollowed {
            Unfollowed::Later => Unrendered::Late,
            refused @ Unfollowed::Refused(_) => Unrendered::Refused(refused.to_string()),
        })
    }

    /// Waits for the database, records a failure, or suspends the webhook.
    async fn handle_unrendered(&mut self, unrendered: Unrendered) -> Result<(), Ended> {
        match unrendered {
            Unrendered::Late if self.is_database_away().await => {
                tokio::time::sleep(RETRY_DELAY).await;
                Ok(())
            }
            Unrendered::Late | Unrendered::Failed => self.render_failed().await,
            Unrendered::Refused(error) => self.suspend(&error).await,
        }
    }

    async fn is_database_away(&self) -> bool {
        let head = self.shared.service.store().head();
        match timeout(ANSWER_TIMEOUT, head).await {
            Ok(Ok(_)) => false,
            Ok(Err(error)) => error.is_away(),
            Err(_) => true,
        }
    }

    /// Suspends the webhook, because its document is refused.
    async fn suspend(&self, error: &str) -> Result<(), Ended> {
        let (webhook, revision) = self.id();
        tracing::warn!(webhook, error, "a webhook is suspended");
        let webhooks = self.shared.service.store().webhooks();
        while let Err(error) = webhooks.suspend(&webhook, revision, error).await {
            tracing::warn!(%error, "webhooks wait for the database");
            tokio::time::sleep(RETRY_DELAY).await;
        }
        self.note(WebhookState::Suspended);
        Err(Ended)
    }

    /// Posts a change and records the outcome. False if it was not taken.
    async fn post(&mut self, event: &Event) -> Result<bool, Ended> {
        let store = self.shared.service.store();
        let now = store.clock().now();
        let row = self.row.borrow().clone();
        let post = Post {
            url: &row.url.to_string(),
            id: &event.position.cursor,
            body: &event.json,
            secrets: row.secrets(now).collect(),
            now,
        };
        let posted = self.shared.poster.post(&post).await;
        self.finish(event.position.sequence, now, posted).await
    }

    /// Records that the next change cannot be rendered.
    async fn render_failed(&mut self) -> Result<(), Ended> {
        let (webhook, _) = self.id();
        tracing::warn!(webhook, "a change cannot be rendered for a webhook");
        let posted = Posted {
            status: None,
            took: Duration::ZERO,
            result: PostResult::Failed {
                error:
                    "this service cannot render the change: its operator finds the cause in the log"
                        .to_owned(),
                pause: None,
            },
        };
        let now = self.shared.service.store().clock().now();
        let next = self.after.0.saturating_add(1);
        self.finish(next, now, posted).await.map(drop)
    }

    /// Records the outcome of an attempt. False if the change was not taken.
    async fn finish(
        &mut self,
        sequence: i64,
        at: DateTime<Utc>,
        posted: Posted,
    ) -> Result<bool, Ended> {
        let Posted {
            status,
            took,
            result,
        } = posted;
        let attempt = self.failed.saturating_add(1);
        let (next, error, counted) = match result {
            PostResult::Taken => (Next::Proceed, None, "taken"),
            PostResult::Gone => {
                let error = "status 410: the receiver wants no more posts".to_owned();
                (Next::Suspend, Some(error), "gone")
            }
            PostResult::Failed { error, pause } => {
                let first = self.shared.settings.first_pause();
                let pause = retry::next_pause(first, attempt, pause);
                (self.after_failure(at, pause), Some(error), "failed")
            }
        };
        self.shared.metrics.count(counted);
        let (webhook, revision) = self.id();
        let number = self.posts.saturating_add(1);
        if matches!(next, Next::Suspend) {
            let error = error.as_deref().unwrap_or_default();
            tracing::warn!(webhook, error, "a webhook is suspended");
        }
        let outcome = Outcome {
            webhook,
            revision,
            number,
            attempt: Attempt {
                at,
                sequence,
                attempt,
                status: status.map(i32::from),
                error,
                took_ms: i32::try_from(took.as_millis()).unwrap_or(i32::MAX),
            },
            next,
        };
        if !self.shared.recorder.record(outcome).await {
            return Err(Ended);
        }
        self.posts = number;
        match next {
            Next::Proceed => {
                self.after = Moment(sequence);
                (self.failed, self.failing_since, self.next_attempt_at) = (0, None, None);
                self.note(WebhookState::Active);
                Ok(true)
            }
            Next::Retry { failing_since, at } => {
                self.failed = attempt;
                (self.failing_since, self.next_attempt_at) = (Some(failing_since), Some(at));
                self.note(WebhookState::Failing);
                Ok(false)
            }
            Next::Suspend => {
                self.note(WebhookState::Suspended);
                Err(Ended)
            }
        }
    }

    /// The consequence of a failure at a time: another attempt after a pause, or the suspension.
    fn after_failure(&self, at: DateTime<Utc>, pause: Duration) -> Next {
        let span = |duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        let failing_since = self.failing_since.unwrap_or(at);
        let next = self.shared.service.store().clock().now() + span(pause);
        if at - failing_since >= span(self.shared.settings.give_up()) {
            return Next::Suspend;
        }
        Next::Retry {
            failing_since,
            at: next,
        }
    }

    fn id(&self) -> (String, i32) {
        let row = self.row.borrow();
        (row.id.clone(), row.revision)
    }

    fn note(&self, state: WebhookState) {
        let row = self.row.borrow();
        self.shared.metrics.note(&row.id, state, self.after.0);
    }
}
