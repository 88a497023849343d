//! Webhooks: their documents are checked and followed as subscriptions are, and their addresses are decided on.

use std::sync::{Arc, OnceLock};

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, ServerError, Value};
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::StreamExt;

use crate::document::{Document, SEVERAL_OPERATIONS};
use crate::engine::caller::Caller;
use crate::engine::error::Error;
use crate::engine::subscription::{ArgumentSlot, SubscriptionArgs};
use crate::engine::target::Targets;
use crate::engine::webhook::{CheckWebhook, DocumentFault, WebhookChecks};
use crate::service::Service;
use crate::service::follow::{self, Follower};
use crate::service::response::coded;
use domain::viewer::Viewer;
use store::moment::Moment;

/// The subscription that a webhook must select.
const CHANGES: &str = "changes";

/// The message for the document of a webhook that has several operations.
const ONE_OPERATION: &str = "the document has several operations: expected one subscription to `changes`, because each webhook posts the events of one";

/// The reason why the document of a webhook cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfollowed {
    /// The document has faults.
    #[error("the document is no longer valid: {0}; correct it with updateWebhook")]
    Refused(String),
    /// It cannot be decided now, for example because the database is away.
    #[error("the document cannot be read at the moment")]
    Later,
}

impl Service {
    /// Sets the addresses to which the service posts. Without a call these are the public ones; only the first call
    /// counts.
    pub fn set_targets(&self, targets: Targets) {
        if self.0.targets.set(targets).is_err() {
            tracing::error!("the networks to which webhooks may post were set twice");
        }
    }

    /// The addresses to which the service posts.
    pub fn targets(&self) -> &Targets {
        static PUBLIC: OnceLock<Targets> = OnceLock::new();
        let set = self.0.targets.get();
        set.unwrap_or_else(|| PUBLIC.get_or_init(Targets::default))
    }

    /// Follows the log after a moment with the document of a webhook, as its owner would with a subscription. Documents
    /// whose answers do not depend on the viewer are executed once for all owners.
    ///
    /// # Errors
    /// [`Unfollowed`]
    pub async fn follow_document(
        &self,
        text: &str,
        viewer: Viewer,
        after: Moment,
    ) -> Result<Follower, Unfollowed> {
        let read = self.read_subscription(text, &viewer).await;
        let (document, args) = read.map_err(|fault| match fault {
            DocumentFault::Refused(found) => Unfollowed::Refused(found.join("; ")),
            DocumentFault::Failed(_) => Unfollowed::Later,
        })?;
        let caller = Caller {
            viewer: if document.is_personal {
                viewer
            } else {
                Viewer::Anonymous
            },
            address: None,
        };
        let args = SubscriptionArgs { after, ..args };
        Ok(follow::join(&self.0.followers, document, caller, args))
    }

    pub(super) fn webhook_checks(&self) -> WebhookChecks {
        WebhookChecks(Arc::new(self.clone()))
    }

    /// Reads a document, and executes it as far as its arguments. Boxed, so that the callers are not compiled with it.
    fn read_subscription<'a>(
        &'a self,
        text: &'a str,
        viewer: &'a Viewer,
    ) -> BoxFuture<'a, Result<(Document, SubscriptionArgs), DocumentFault>> {
        async move {
            let refused = |message: &str| DocumentFault::Refused(vec![message.to_owned()]);
            let found = self.0.persisted.find(Request::new(text));
            let (request, _) = found.map_err(|error| faults(vec![error]))?;
            let document = self.0.documents.read(request, self.limits(), true);
            let document = document.map_err(|found| faults(found.errors))?;
            if document.operation != OperationType::Subscription
                || document.root_field() != Some(CHANGES)
            {
                return Err(refused(
                    "expected a subscription to `changes`, as in subscription { changes { cursor recordId } }",
                ));
            }
            let caller = Caller {
                viewer: viewer.clone(),
                address: None,
            };
            let (cost, most) = (
                document.cost(),
                self.max_cost(super::Origin::Client, &caller),
            );
            if cost > most {
                let message = format!("the document costs {cost}; at most {most} is allowed");
                return Err(DocumentFault::Refused(vec![message]));
            }
            let view = self.view().await.map_err(|error| faults(vec![error]))?;
            let slot = ArgumentSlot::default();
            let (request, _, batches) = self.prepare(document.clone().request(), caller, view);
            let answers = self.0.schema.execute_stream(request.data(slot.clone()));
            let mut answers = batches.stream(answers.boxed());
            let mut errors = Vec::new();
            while let Some(response) = answers.next().await {
                errors.extend(coded(response).errors);
            }
            if !errors.is_empty() {
                return Err(faults(errors));
            }
            let args = slot.take().ok_or(DocumentFault::Failed(Error::Internal))?;
            if args.names_after {
                return Err(refused(
                    "the document must not contain `after`: the webhook stores its position; `after` of the input sets it",
                ));
            }
            Ok((document, args))
        }
        .boxed()
    }
}

impl CheckWebhook for Service {
    fn check_document<'a>(
        &'a self,
        text: &'a str,
        viewer: &'a Viewer,
    ) -> BoxFuture<'a, Result<(), DocumentFault>> {
        async move { self.read_subscription(text, viewer).await.map(drop) }.boxed()
    }

    fn targets(&self) -> &Targets {
        Self::targets(self)
    }
}

/// The faults of a document: each error with its place in the text.
fn faults(errors: Vec<ServerError>) -> DocumentFault {
    let has = |code: &str| {
        errors.iter().any(|error| {
            let given = error.extensions.as_ref().and_then(|set| set.get("code"));
            given == Some(&Value::from(code))
        })
    };
    if has("UNAVAILABLE") || has("TIMEOUT") {
        return DocumentFault::Failed(Error::Unavailable);
    }
    if has("INTERNAL") {
        return DocumentFault::Failed(Error::Internal);
    }
    let told = errors
        .into_iter()
        .map(|error| match error.locations.first() {
            Some(at) => format!("line {}, column {}: {}", at.line, at.column, error.message),
            // A request can name one of several operations, a webhook cannot.
            None if error.message == SEVERAL_OPERATIONS => ONE_OPERATION.to_owned(),
            None => error.message,
        });
    DocumentFault::Refused(told.collect())
}
