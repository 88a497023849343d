//! Webhooks: posts each change to the addresses that people have registered. One instance of those that share a
//! database posts; each webhook has a task that waits for the log, for its next attempt, or for a free slot.
//!
//! A change that was taken is stored in the database before the next one is posted. Changes that a document does not
//! select are stored as passed up to a second later, and are passed again after a restart. So another instance, or this
//! one after a restart, continues there.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::graphql::Service;

mod deliver;
mod failure;
mod lead;
mod metrics;
mod post;
mod record;
mod resolver;
mod retry;
mod settings;
mod signature;

pub(crate) use failure::cause;
pub use metrics::WebhookMetrics;
pub use settings::WebhookSettings;

use post::Poster;
use record::Recorder;

/// The parts that the tasks of all webhooks share.
struct Shared {
    service: Service,
    settings: WebhookSettings,
    poster: Poster,
    recorder: Recorder,
    /// Permits for posts at the same time.
    slots: Semaphore,
    /// Permits for batches that are rendered, or wait for a slot, at the same time. A batch that cannot be rendered
    /// holds none of the slots.
    renders: Semaphore,
    metrics: WebhookMetrics,
}

/// Starts to post changes whenever this instance leads; ends when the returned set is dropped.
///
/// # Errors
/// One sentence if the HTTP client cannot be set up.
pub fn start(
    service: Service,
    settings: WebhookSettings,
    metrics: WebhookMetrics,
) -> Result<JoinSet<()>, String> {
    let poster = Poster::new(service.targets().clone(), &settings)
        .map_err(|error| format!("webhooks cannot be posted: {error}"))?;
    let mut tasks = JoinSet::new();
    let recorder = Recorder::start(service.store().clone(), &mut tasks);
    let shared = Arc::new(Shared {
        slots: Semaphore::new(settings.concurrency()),
        renders: Semaphore::new(settings.concurrency()),
        service,
        settings,
        poster,
        recorder,
        metrics,
    });
    tasks.spawn(lead::run(shared));
    Ok(tasks)
}
