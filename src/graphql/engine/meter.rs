//! Counts the cost of a request during its execution, and stops it above the limit. The estimate before execution uses
//! expected sizes of lists; this bounds the lists that are longer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::{ContextSelectionSet, ServerResult};

use crate::engine::error::failed;

/// The cost that one request has had so far: 1 for each field of each object.
#[derive(Clone)]
pub struct Meter {
    counted: Arc<AtomicUsize>,
    most: usize,
}

impl Meter {
    /// Starts at 0, with a limit.
    pub fn new(most: usize) -> Self {
        Self {
            counted: Arc::default(),
            most,
        }
    }

    /// Starts at 0 again, for an execution that begins again.
    pub fn restart(&self) {
        self.counted.store(0, Ordering::Relaxed);
    }

    /// The error that the cost is above the limit; `None` if it is not.
    pub fn exceeded(&self) -> Option<async_graphql::ServerError> {
        let most = self.most;
        let is_over = self.counted.load(Ordering::Relaxed) > most;
        is_over.then(|| {
            let message = format!(
                "the answer costs more than {most}, which is the most that is allowed: select fewer fields or smaller \
                 pages"
            );
            failed("TOO_COMPLEX", message)
        })
    }

    fn count(&self, fields: usize) -> ServerResult<()> {
        self.counted.fetch_add(fields, Ordering::Relaxed);
        self.exceeded().map_or(Ok(()), Err)
    }
}

/// Counts the fields that are selected on some objects.
///
/// # Errors
/// `TOO_COMPLEX` if the request is over its limit.
pub fn count(ctx: &ContextSelectionSet<'_>, objects: usize, fields: usize) -> ServerResult<()> {
    match ctx.data_opt::<Meter>() {
        Some(meter) => meter.count(objects.saturating_mul(fields)),
        // Subscriptions and mutations are bounded by their estimate.
        None => Ok(()),
    }
}
