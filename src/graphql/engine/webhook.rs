//! The checks of a webhook that need the service: its document is validated as a subscription is.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::engine::error::Error;
use crate::engine::target::Targets;
use domain::viewer::Viewer;

/// The reason why a document cannot be followed.
#[derive(Clone, Debug)]
pub enum DocumentFault {
    /// The document has faults: one sentence for each.
    Refused(Vec<String>),
    /// It cannot be decided now.
    Failed(Error),
}

/// Checks the parts of a webhook.
pub trait CheckWebhook: Send + Sync {
    /// Checks that a document is a subscription to the log that the viewer may follow.
    ///
    /// # Errors
    /// [`DocumentFault`]
    fn check_document<'a>(
        &'a self,
        text: &'a str,
        viewer: &'a Viewer,
    ) -> BoxFuture<'a, Result<(), DocumentFault>>;

    /// The addresses to which the service posts.
    fn targets(&self) -> &Targets;
}

/// The checks, as data of a request.
#[derive(Clone)]
pub struct WebhookChecks(pub Arc<dyn CheckWebhook>);
