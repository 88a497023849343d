//! The mutations: a contribution's life, and confirming a record.

use async_graphql::{Context, ID, Object};

use super::input::{
    AcceptContributionInput, CommentOnContributionInput, RejectContributionInput,
    RequestChangesInput, RevertChangeInput, StartReviewInput, SubmitContributionInput,
    VerifyRecordInput, WithdrawContributionInput,
};
use super::payload::{ContributionPayload, Undone, VerifyRecordPayload};
use super::{Contribution, bare};
use crate::engine::context::{Asks, View};
use crate::engine::error::Error;
use crate::object::record::Record;
use domain::check::{Code, Looked, Path};
use domain::contribution::{
    CreateContributionInput, Remark, SubmitTipInput, UpdateContributionInput,
};
use domain::idempotency::Once;
use domain::text::Markdown;
use domain::value_type::Known;
use store::contribution::Named;

/// What can be changed: nothing at once, all by contributions that a second person accepts.
pub struct Mutation;

/// What can be changed: nothing at once, all by contributions that a second person accepts. What is wrong
/// with a step on a contribution is told in this order: that the viewer may not know of it (`NOT_FOUND`),
/// has too little right (`UNAUTHENTICATED`, `FORBIDDEN`), is or is not among its authors
/// (`OWN_CONTRIBUTION`, `FORBIDDEN`), looked at an older revision (`STALE_REVISION`), that its state does
/// not allow it (`ILLEGAL_TRANSITION`), and at last what is wrong with its changes.
#[Object]
impl Mutation {
    /// Proposes changes. The profiles stay as they are until an editor who is not among its authors
    /// accepts it. Takes the role CONTRIBUTOR.
    async fn create_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is proposed, and why.")] input: CreateContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let author = ctx.viewer().contributor()?;
            ctx.quotas().proposal(author.actor())?;
            match input.checked() {
                Ok(proposal) => Ok(ctx
                    .store()
                    .contributions()
                    .create(&author, proposal)
                    .await?),
                Err(unfit) => Err(ctx.store().contributions().findings(unfit).await?.into()),
            }
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Edits what a contribution proposes, which raises its revision; one in review waits for an editor
    /// again. Its changes are written anew against what stands now, as far as nothing conflicts. Takes
    /// to be its author, or the role EDITOR for a tip: who edits it becomes an author.
    async fn update_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be different.")] input: UpdateContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let named = known(ctx, &input.id, Some(input.revision)).await?;
            let author = ctx.viewer().contributor()?;
            ctx.quotas().proposal(author.actor())?;
            let edit = input.checked();
            Ok(ctx
                .store()
                .contributions()
                .update(&author, &named, edit)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Shows a contribution to the editors: a draft, or one for which changes were requested. Takes
    /// the role CONTRIBUTOR, and to be its author.
    async fn submit_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contribution.")] input: SubmitContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let named = known(ctx, &input.id, Some(input.revision)).await?;
            let author = ctx.viewer().contributor()?;
            Ok(ctx.store().contributions().submit(&author, &named).await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Takes a contribution back, for good. Takes the role CONTRIBUTOR, and to be its author.
    async fn withdraw_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contribution.")] input: WithdrawContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let named = known(ctx, &input.id, None).await?;
            let author = ctx.viewer().contributor()?;
            Ok(ctx
                .store()
                .contributions()
                .withdraw(&author, &named)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Says that the viewer looks at a contribution. Takes the role EDITOR, and not to be among its
    /// authors.
    async fn start_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contribution.")] input: StartReviewInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let named = known(ctx, &input.id, None).await?;
            let editor = ctx.viewer().editor()?;
            Ok(ctx
                .store()
                .contributions()
                .start_review(&editor, &named)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Gives a contribution back to its authors, with a comment on what should be different. Takes the
    /// role EDITOR, and not to be among its authors.
    async fn request_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contribution, and what is asked for.")] input: RequestChangesInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let named = known(ctx, &input.id, Some(input.revision)).await?;
            let editor = ctx.viewer().editor()?;
            let asked = said("comment", input.comment).map(Remark::plain);
            Ok(ctx
                .store()
                .contributions()
                .request_changes(&editor, &named, asked)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Takes a contribution over into the profiles: all its changes in one commit, or none. Takes
    /// the role EDITOR, and not to be among its authors.
    async fn accept_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contribution.")] input: AcceptContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let named = known(ctx, &input.id, Some(input.revision)).await?;
            let editor = ctx.viewer().editor()?;
            let comment = input.comment.map(|text| said("comment", text));
            let comment = comment.transpose();
            Ok(ctx
                .store()
                .contributions()
                .accept(&editor, &named, comment)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Decides against a contribution. Takes the role EDITOR, and not to be among its authors.
    async fn reject_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contribution, and why.")] input: RejectContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let named = known(ctx, &input.id, Some(input.revision)).await?;
            let editor = ctx.viewer().editor()?;
            let reason = said("reason", input.reason);
            Ok(ctx
                .store()
                .contributions()
                .reject(&editor, &named, reason)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Says something about a contribution, one of its records, or one field of that. Takes the role
    /// CONTRIBUTOR.
    async fn comment_on_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to say, and about what.")] input: CommentOnContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let named = known(ctx, &input.id, None).await?;
            let author = ctx.viewer().contributor()?;
            ctx.quotas().proposal(author.actor())?;
            let remark = Remark::checked(
                &input.id,
                input.body,
                input.record_id.as_ref(),
                input.field,
                input.idempotency_key.as_deref(),
            )?;
            Ok(ctx
                .store()
                .contributions()
                .comment(&author, &named.id, remark)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Proposes to turn one change of the log back, with the citations that held before it: a new
    /// contribution, submitted, that somebody else accepts. Takes the role CONTRIBUTOR.
    async fn revert_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which change, and why.")] input: RevertChangeInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let author = ctx.viewer().contributor()?;
            ctx.quotas().proposal(author.actor())?;
            let mut found = Vec::new();
            let content = (input.sequence.0, &input.rationale);
            let key = input.idempotency_key.as_deref();
            let once = Once::of("revertChange", key, &content, &mut found);
            let rationale = input.rationale.composed();
            rationale.faults(&Path::default().then("rationale"), &mut found);
            if !found.is_empty() {
                return Err(found.into());
            }
            let sequence = input.sequence.0;
            Ok(ctx
                .store()
                .contributions()
                .revert(&author, sequence, rationale, once)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Tells the editors what is new or wrong; for readers without an account. Editors alone see it,
    /// until one of them completes it. So many an hour from one address: see `serviceConfig`.
    async fn submit_tip(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is new or wrong.")] input: SubmitTipInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            ctx.quotas().tip(ctx.address())?;
            Ok(ctx
                .store()
                .contributions()
                .tip(ctx.viewer(), input.checked()?)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Confirms that a record held on a day: a line of the log (`VERIFY`), and nothing else changes.
    /// Takes the role EDITOR.
    async fn verify_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which record, and when it was seen to hold.")] input: VerifyRecordInput,
    ) -> Result<VerifyRecordPayload, Error> {
        let done = async {
            let editor = ctx.viewer().editor()?;
            let (id, on) = input.read(ctx.store().clock().today())?;
            let note = input.note.composed();
            ctx.store().verify(&editor, &id, on, note).await?;
            let view = View::now(ctx.store()).await?;
            Ok(Record::find(ctx, id, view).await?)
        };
        VerifyRecordPayload::of(done.await)
    }
}

/// The contribution that an input names, where the viewer may know of it: what they may not know of is
/// as if it did not exist.
async fn known(ctx: &Context<'_>, id: &ID, revision: Option<i32>) -> Result<Named, Undone> {
    let at = Path::default().then("id");
    let id = bare(id).map_err(|text| at.finding(Code::Invalid, text))?;
    if Contribution::find(ctx, &id).await?.is_none() {
        return Err(at
            .finding(Code::NotFound, "there is no such contribution")
            .into());
    }
    Ok(Named { id, revision })
}

/// A text that goes with a step; what is wrong with it is told after what is wrong with the step.
fn said(member: &str, text: Markdown) -> Looked<String> {
    let mut found = Vec::new();
    let text = text.composed();
    text.faults(&Path::default().then(member), &mut found);
    if found.is_empty() {
        Ok(text.0)
    } else {
        Err(found)
    }
}
