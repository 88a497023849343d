//! The result of the mutations of webhooks.

use async_graphql::{Context, Object};

use super::Webhook;
use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use crate::engine::objects::Objects;
use crate::object::contribution::payload::MutationFailure;
use crate::object::contribution::user_error::UserError;
use domain::check::Finding;
use store::webhook::Model;

/// The result of an edit of a webhook.
pub struct WebhookPayload {
    webhook: Option<Webhook>,
    secret: Option<String>,
    found: Vec<Finding>,
}

/// The result of an edit of a webhook: the webhook, or the reasons why nothing was stored.
#[Object]
impl WebhookPayload {
    /// The webhook after the mutation; after `deleteWebhook` as it was. Null if there are `userErrors`.
    async fn webhook(&self) -> Option<&Webhook> {
        self.webhook.as_ref()
    }

    /// The secret that verifies the signatures, as in `whsec_…`. It is shown this once: null unless the mutation made
    /// it.
    async fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    /// All findings at once. Empty if the mutation was carried out.
    async fn user_errors(&self) -> Objects<UserError> {
        self.found.iter().cloned().map(Into::into).collect()
    }
}

impl WebhookPayload {
    pub(super) async fn of(
        ctx: &Context<'_>,
        done: Result<(Model, Option<String>), MutationFailure>,
    ) -> Result<Self, Error> {
        match done {
            Ok((row, secret)) => {
                let newest = View::now(ctx.store()).await?.moment;
                Ok(Self {
                    webhook: Some(Webhook::new(row, newest)),
                    secret,
                    found: Vec::new(),
                })
            }
            Err(MutationFailure::Found(found)) => Ok(Self {
                webhook: None,
                secret: None,
                found,
            }),
            Err(MutationFailure::Failed(error)) => Err(error),
        }
    }
}
