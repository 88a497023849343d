//! Deliveries of a webhook.

use async_graphql::SimpleObject;

use domain::scalar::{DateTime, Sequence};
use store::webhook::Delivery;

/// One attempt to post a change.
#[derive(Clone, SimpleObject)]
pub struct WebhookDelivery {
    /// The instant at which it began.
    at: DateTime,
    /// The sequence number of the change.
    sequence: Sequence,
    /// The number of the attempt at this change, counted from 1.
    attempt: i32,
    /// The HTTP status of the answer; null if there was none.
    status: Option<i32>,
    /// The reason why it failed; null if the change was taken.
    error: Option<String>,
    /// The time until the answer, or until the failure, in milliseconds.
    took_ms: i32,
}

impl WebhookDelivery {
    pub(super) fn of(row: &Delivery) -> Self {
        Self {
            at: DateTime(row.at),
            sequence: Sequence(row.sequence),
            attempt: row.attempt,
            status: row.status,
            error: row.error.clone(),
            took_ms: row.took_ms,
        }
    }
}
