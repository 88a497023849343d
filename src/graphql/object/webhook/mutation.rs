//! The mutations of webhooks.

use async_graphql::{Context, ID};

use super::checks::{check_document, read_after, read_url};
use super::{
    CreateWebhookInput, DeleteWebhookInput, UpdateWebhookInput, Webhook, WebhookPayload, bare,
};
use crate::engine::context::RequestContext;
use crate::engine::error::Error;
use crate::object::contribution::payload::MutationFailure;
use domain::check::{Code, Path};
use domain::idempotency::Once;
use domain::text::Raw;
use store::webhook::{NewWebhook, WebhookEdit, not_found};

/// Carries out `createWebhook`.
///
/// # Errors
/// An error that the sender cannot correct.
pub async fn create(ctx: &Context<'_>, input: CreateWebhookInput) -> Result<WebhookPayload, Error> {
    let done = async {
        let owner = ctx.viewer().contributor()?;
        ctx.quotas().proposal(owner.actor())?;
        let mut found = Vec::new();
        let after = input.after.as_ref();
        let content = (input.url.text(), &input.document, after.map(Raw::text));
        let key = input.idempotency_key.as_deref();
        let once = Once::of("createWebhook", key, &content, &mut found);
        let url = read_url(ctx, &input.url, &mut found).await?;
        check_document(ctx, &input.document, &mut found).await?;
        let after = read_after(ctx, after, &mut found).await?;
        let Some(url) = url.filter(|_| found.is_empty()) else {
            return Err(found.into());
        };
        let limit = ctx.limits().max_webhooks_per_person;
        let new = NewWebhook {
            url,
            document: input.document,
            after,
            once,
            limit: u64::try_from(limit).unwrap_or_default(),
        };
        Ok(ctx.store().webhooks().create(&owner, new).await?)
    };
    WebhookPayload::of(ctx, done.await).await
}

/// Carries out `updateWebhook`.
///
/// # Errors
/// An error that the sender cannot correct.
pub async fn update(ctx: &Context<'_>, input: UpdateWebhookInput) -> Result<WebhookPayload, Error> {
    let done = async {
        let owner = ctx.viewer().contributor()?;
        ctx.quotas().proposal(owner.actor())?;
        let id = own(ctx, &input.id).await?;
        let mut found = Vec::new();
        let url = match &input.url {
            Some(url) => read_url(ctx, url, &mut found).await?,
            None => None,
        };
        if let Some(document) = &input.document {
            check_document(ctx, document, &mut found).await?;
        }
        let resumes = input.resume.unwrap_or(false);
        let after = read_after(ctx, input.after.as_ref(), &mut found).await?;
        if input.after.is_some() && !resumes {
            let message = "`after` needs `resume`: true, because posts begin again there";
            let at = Path::default().then("after");
            found.push(at.finding(Code::Invalid, message));
        }
        if !found.is_empty() {
            return Err(found.into());
        }
        let edit = WebhookEdit {
            url,
            document: input.document,
            resumes,
            after,
            rotates: input.rotate_secret.unwrap_or(false),
        };
        Ok(ctx.store().webhooks().update(&owner, &id, edit).await?)
    };
    WebhookPayload::of(ctx, done.await).await
}

/// Carries out `deleteWebhook`.
///
/// # Errors
/// An error that the sender cannot correct.
pub async fn delete(
    ctx: &Context<'_>,
    input: &DeleteWebhookInput,
) -> Result<WebhookPayload, Error> {
    let done = async {
        let owner = ctx.viewer().contributor()?;
        let id = own(ctx, &input.id).await?;
        let row = ctx.store().webhooks().delete(&owner, &id).await?;
        Ok((row, None))
    };
    WebhookPayload::of(ctx, done.await).await
}

/// The bare id of a webhook of the viewer. One of another person is treated as if it did not exist.
async fn own(ctx: &Context<'_>, id: &ID) -> Result<String, MutationFailure> {
    let at = Path::default().then("id");
    let id = bare(id).map_err(|text| at.finding(Code::Invalid, text))?;
    if Webhook::find(ctx, id).await?.is_none() {
        return Err(not_found().into());
    }
    Ok(id.to_owned())
}
