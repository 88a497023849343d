//! Inputs of the mutations of webhooks.

use async_graphql::{ID, InputObject};

use domain::scalar::Cursor;
use domain::text::Raw;
use domain::url::Url;

/// Creates a webhook.
#[derive(InputObject)]
pub struct CreateWebhookInput {
    /// The address to which changes are posted. Its host must have a public network address, unless the operator of the
    /// service allows others. It has no fragment, and its port is not 0. It need not answer yet.
    pub(super) url: Raw<Url>,
    /// A GraphQL document with one subscription to `changes`, without `after` and without required variables. At most
    /// 20,000 bytes.
    pub(super) document: String,
    /// The cursor after which posts begin. Left out: only new changes are posted.
    pub(super) after: Option<Raw<Cursor>>,
    /// A name that the client chooses for this request, at most 200 characters. A request with the same key and content
    /// within a day returns the same webhook, without its secret.
    pub(super) idempotency_key: Option<String>,
}

/// Edits a webhook. Members that are left out stay as they are.
#[derive(InputObject)]
pub struct UpdateWebhookInput {
    /// The `id` of the webhook.
    pub(super) id: ID,
    /// The new address, as in `CreateWebhookInput.url`.
    pub(super) url: Option<Raw<Url>>,
    /// The new document, as in `CreateWebhookInput.document`.
    pub(super) document: Option<String>,
    /// True: posts begin again at once, after `Webhook.cursor` or after `after`. It ends a suspension, and the pause
    /// after a failure. Left out: false.
    pub(super) resume: Option<bool>,
    /// The cursor after which posts begin again. Only with `resume`.
    pub(super) after: Option<Raw<Cursor>>,
    /// True: replaces the secret; the payload contains the new one. For 24 hours each post is signed with both. Left
    /// out: false.
    pub(super) rotate_secret: Option<bool>,
}

/// Deletes a webhook.
#[derive(InputObject)]
pub struct DeleteWebhookInput {
    /// The `id` of the webhook.
    pub(super) id: ID,
}
