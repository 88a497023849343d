//! Permits for requests that are executed at once.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::http::{StatusCode, header};
use tokio::sync::OwnedSemaphorePermit;

use super::app::App;
use super::refusal::Refusal;
use crate::graphql::limits::size;

impl App {
    /// Takes a permit for an operation on a socket or event stream. Subscriptions need none: the limit of connections
    /// bounds them.
    pub(super) fn permit_of(
        &self,
        kind: Option<OperationType>,
    ) -> Result<Option<OwnedSemaphorePermit>, Refusal> {
        let follows = kind == Some(OperationType::Subscription);
        (!follows).then(|| self.permit(1)).transpose()
    }

    /// Takes a permit for each of these requests, or all permits if the batch is longer than the limit.
    ///
    /// # Errors
    /// A refusal with status 503 if too few are free: a queue would only make clients wait.
    pub(super) fn permit(&self, requests: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let all = size(self.service.limits().max_concurrent_requests);
        let wanted = u32::try_from(requests.min(all)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.busy).try_acquire_many_owned(wanted);
        permit.map_err(|_| {
            let message = "the server executes too many requests at once: try again in a moment";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
                .with_header(header::RETRY_AFTER, "1")
        })
    }
}
