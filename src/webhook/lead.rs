//! The supervisor: on the instance that posts, one task for each webhook that is not suspended.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use super::Shared;
use super::deliver::Delivery;
use crate::domain::viewer::Actor;
use crate::domain::webhook::WebhookState;
use crate::store;
use crate::store::relay::Duty;
use crate::store::webhook::{Model, OwnerRights};

/// Interval at which an instance checks that it leads, or asks to.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// Interval at which the tokens of the owners are checked.
const RIGHTS_INTERVAL: Duration = Duration::from_secs(30);
/// Time in which further edits are awaited, before all are read together.
const EDIT_DELAY: Duration = Duration::from_millis(20);
/// The reason for the suspension of a webhook whose owner has no rights any more.
const NO_RIGHTS: &str =
    "its owner has no valid token any more: resume it with updateWebhook and a valid token";

/// Posts whenever this instance leads.
pub async fn run(shared: Arc<Shared>) {
    let mut lead = shared.service.store().lead(Duty::Webhooks);
    let mut was_away = false;
    loop {
        let done = async {
            if !lead.take().await? {
                return Ok(());
            }
            let mut supervisor = Supervisor::new(Arc::clone(&shared));
            // Subscribed before the first read, so that no edit is missed.
            let mut touches = shared.service.store().touches();
            touches.mark_unchanged();
            supervisor.reload().await?;
            tracing::debug!("this instance posts to webhooks");
            loop {
                // An interval without an edit is not an error.
                let edited = tokio::time::timeout(CHECK_INTERVAL, touches.changed()).await;
                lead.holds().await?;
                if edited.is_ok() {
                    tokio::time::sleep(EDIT_DELAY).await;
                    touches.mark_unchanged();
                }
                if edited.is_ok() {
                    supervisor.reload().await?;
                }
                supervisor.check_rights().await?;
            }
        };
        let done: Result<(), store::Error> = done.await;
        shared.metrics.clear();
        if let Err(error) = done {
            // Another instance may succeed.
            lead.leave();
            if !was_away {
                tracing::warn!(%error, "webhooks wait for the database");
            }
            was_away = true;
        } else {
            was_away = false;
        }
        tokio::time::sleep(CHECK_INTERVAL).await;
    }
}

/// The tasks of all webhooks; they end when it is dropped.
struct Supervisor {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
    /// The task of each webhook; `None` if it is suspended.
    known: HashMap<String, Option<Running>>,
    rights: OwnerRights,
    rights_read: Instant,
    /// The counter of the last edit that was read.
    touched: i64,
}

/// The task of a webhook.
struct Running {
    row: watch::Sender<Model>,
    owner: Actor,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Supervisor {
    fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            tasks: JoinSet::new(),
            known: HashMap::new(),
            rights: OwnerRights::default(),
            rights_read: Instant::now(),
            touched: 0,
        }
    }

    /// Reads the webhooks that were created, edited or deleted since the last time. Edits are read by their counter; the
    /// ids of all are read only if some are missing.
    async fn reload(&mut self) -> Result<(), store::Error> {
        while self.tasks.try_join_next().is_some() {}
        let service = self.shared.service.clone();
        let webhooks = service.store().webhooks();
        let edited = webhooks.touched_after(self.touched).await?;
        if !edited.is_empty() {
            self.rights = webhooks.owner_rights().await?;
        }
        for row in edited {
            self.touched = self.touched.max(row.touched);
            self.take(row).await?;
        }
        if webhooks.count().await? != self.known.len() {
            let there: HashSet<String> = webhooks.ids().await?.into_iter().collect();
            let metrics = &self.shared.metrics;
            self.known.retain(|id, _| {
                let is_there = there.contains(id);
                if !is_there {
                    metrics.forget(id);
                }
                is_there
            });
        }
        Ok(())
    }

    /// Starts, continues or ends the task of a webhook.
    async fn take(&mut self, row: Model) -> Result<(), store::Error> {
        let id = row.id.clone();
        let known = self.known.entry(id.clone()).or_default();
        let owner = self.rights.of(&row.owner);
        if let Some(running) = known
            && running.row.borrow().revision == row.revision
            && Some(&running.owner) == owner.as_ref()
            && !running.task.is_finished()
        {
            running.row.send_replace(row);
            return Ok(());
        }
        *known = None;
        let metrics = &self.shared.metrics;
        metrics.note(&id, row.state, row.sequence);
        if row.state == WebhookState::Suspended {
            return Ok(());
        }
        let Some(owner) = owner else {
            tracing::warn!(webhook = id, "a webhook is suspended: {NO_RIGHTS}");
            metrics.note(&id, WebhookState::Suspended, row.sequence);
            let store = self.shared.service.store();
            return store.webhooks().suspend(&id, row.revision, NO_RIGHTS).await;
        };
        let (sender, receiver) = watch::channel(row);
        let delivery = Delivery::new(Arc::clone(&self.shared), receiver, owner.clone());
        *known = Some(Running {
            row: sender,
            owner,
            task: self.tasks.spawn(delivery.run()),
        });
        Ok(())
    }

    /// Reads the rights of the owners from time to time. A webhook whose owner has other rights now starts again with
    /// those, and so does one whose task has ended.
    async fn check_rights(&mut self) -> Result<(), store::Error> {
        if self.known.is_empty() || self.rights_read.elapsed() < RIGHTS_INTERVAL {
            return Ok(());
        }
        let service = self.shared.service.clone();
        let webhooks = service.store().webhooks();
        self.rights = webhooks.owner_rights().await?;
        self.rights_read = Instant::now();
        let running = self.known.iter().filter_map(|(id, known)| {
            let running = known.as_ref()?;
            let owner = self.rights.of(&running.row.borrow().owner);
            let is_current = owner.as_ref() == Some(&running.owner);
            (!is_current || running.task.is_finished()).then(|| id.clone())
        });
        let changed: Vec<String> = running.collect();
        for row in webhooks.load(&changed).await? {
            self.take(row).await?;
        }
        Ok(())
    }
}
