//! Places among the requests that may be executed at once.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::http::{StatusCode, header};
use tokio::sync::OwnedSemaphorePermit;

use super::app::App;
use super::refusal::Refusal;
use crate::graphql::limits::size;

impl App {
    /// A place for an operation that is asked for where answers may follow each other. Who follows the log is bounded
    /// by the connections.
    pub(super) fn permit_of(
        &self,
        kind: Option<OperationType>,
    ) -> Result<Option<OwnedSemaphorePermit>, Refusal> {
        let follows = kind == Some(OperationType::Subscription);
        (!follows).then(|| self.permit(1)).transpose()
    }

    /// Places among the requests that may be executed at once; where all are taken, more would only wait. A list
    /// that is longer than there are takes all of them.
    pub(super) fn permit(&self, requests: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let all = size(self.service.limits().max_concurrent_requests);
        let wanted = u32::try_from(requests.min(all)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.busy).try_acquire_many_owned(wanted);
        permit.map_err(|_| {
            let message = "too many requests are under way: try again in a moment";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
                .saying(header::RETRY_AFTER, "1")
        })
    }
}
