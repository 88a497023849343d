//! The mutations: the steps of a contribution, the verification of a record, and the edits of webhooks.

use async_graphql::{Context, ID, Object};

use super::input::{
    AcceptContributionInput, CommentOnContributionInput, ImportProfilePageInput,
    RejectContributionInput, RequestChangesInput, RevertChangeInput, RevertContributionInput,
    StartReviewInput, SubmitContributionInput, VerifyRecordInput, WithdrawContributionInput,
};
use super::payload::{
    ContributionPayload, ImportProfilePagePayload, MutationFailure, VerifyRecordPayload,
};
use super::{Contribution, bare};
use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use crate::object::record::Record;
use crate::object::webhook::{
    self, CreateWebhookInput, DeleteWebhookInput, UpdateWebhookInput, WebhookPayload,
};
use domain::check::{Code, Finding, Path, Validated};
use domain::contribution::{
    CreateContributionInput, NewComment, ResolveConflictsInput, SubmitTipInput,
    UpdateContributionInput,
};
use domain::idempotency::Once;
use domain::text::Markdown;
use domain::value_type::FieldValue;
use domain::viewer::Denied;
use store::contribution::ContributionRef;

/// The root of mutations.
pub struct Mutation;

/// Changes contributions, verifies records, and manages webhooks. No mutation edits a record directly: edits are proposed in a
/// contribution, and an editor who is not among its authors must accept it.
///
/// A step on a contribution is checked in this order, and the first failure is returned:
/// - The viewer cannot see it: `NOT_FOUND`.
/// - The viewer lacks the role: `UNAUTHENTICATED`, `FORBIDDEN`.
/// - The viewer is an author and must not be, or is none and must be: `OWN_CONTRIBUTION`, `FORBIDDEN`.
/// - The viewer read an older revision: `STALE_REVISION`.
/// - Its state does not allow the step: `ILLEGAL_TRANSITION`.
/// - The input or the proposed changes have faults: all that can be found. The records to which a change refers are
///   looked up once its own fields have no fault.
///
/// `UNAUTHENTICATED` and `FORBIDDEN` are errors of the request; the others are `userErrors`.
#[Object]
impl Mutation {
    /// Creates a contribution: a draft, or with `submit` one that waits for an editor. The profiles stay as they are
    /// until an editor who is not among its authors accepts it. Requires the role CONTRIBUTOR.
    async fn create_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proposal.")] input: CreateContributionInput,
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
                Err(rejected) => Err(ctx.store().contributions().findings(rejected).await?.into()),
            }
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Edits a contribution, which raises its `revision`; from `IN_REVIEW` it goes back to SUBMITTED. Where nothing
    /// conflicts, its changes are based on the current versions of the records again. Requires the role CONTRIBUTOR and
    /// to be an author. An editor may also edit a tip that is not in review, and becomes an author by it.
    ///
    /// An edit of single changes (`replace`, `remove`, `add`) can make another change of the contribution faulty: one
    /// that cites a source whose change is removed, for example. The path of such a user error is the place of that
    /// change before the edit, as in `["changes", "3", "createTreatyEvent", "cite", "0", "source"]`.
    async fn update_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The edit.")] input: UpdateContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let named = contribution_ref(ctx, &input.id, Some(input.revision)).await?;
            let author = ctx.viewer().contributor()?;
            ctx.quotas().proposal(author.actor())?;
            Ok(ctx
                .store()
                .contributions()
                .update(&author, &named, input)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Resolves conflicts: takes the current or the proposed value, for each field that `choices` names. The revision
    /// grows, and the state changes as by `updateContribution`. Requires the same rights.
    ///
    /// - CURRENT removes the field from the proposed change, with the citations of the change for it. A change that
    ///   keeps no field is removed. If no change is left, the user error is `INVALID`: withdraw the contribution.
    /// - PROPOSED keeps the field. It no longer conflicts with the value that the record has now, and conflicts again
    ///   only if the record gets yet another value.
    /// - Conflicts that are not named stay: see `conflicts` of the payload's contribution. A change without further
    ///   conflicts is based on the current version of its record.
    async fn resolve_conflicts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contribution, and the choices.")] input: ResolveConflictsInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let named = contribution_ref(ctx, &input.id, Some(input.revision)).await?;
            let author = ctx.viewer().contributor()?;
            ctx.quotas().proposal(author.actor())?;
            let choices = input.checked();
            Ok(ctx
                .store()
                .contributions()
                .resolve(&author, &named, choices)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Submits a draft, or a contribution for which changes were requested, to the editors. Requires the role
    /// CONTRIBUTOR and to be an author.
    async fn submit_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contribution.")] input: SubmitContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let author = ctx.viewer().contributor();
            let (author, named) = step(ctx, author, &input.id, Some(input.revision)).await?;
            Ok(ctx.store().contributions().submit(&author, &named).await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Withdraws a contribution that is not decided, for good. Requires the role CONTRIBUTOR and to be an author.
    async fn withdraw_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contribution.")] input: WithdrawContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let author = ctx.viewer().contributor();
            let (author, named) = step(ctx, author, &input.id, None).await?;
            Ok(ctx
                .store()
                .contributions()
                .withdraw(&author, &named)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Starts the review of a submitted contribution; the viewer becomes its reviewer. Requires the role EDITOR and not
    /// to be an author.
    async fn start_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contribution.")] input: StartReviewInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let editor = ctx.viewer().editor();
            let (editor, named) = step(ctx, editor, &input.id, None).await?;
            Ok(ctx
                .store()
                .contributions()
                .start_review(&editor, &named)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Returns a submitted contribution to its authors, with a comment on the changes that are asked for. Possible
    /// before and during review. Requires the role EDITOR and not to be an author.
    async fn request_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contribution, and the changes that are asked for.")]
        input: RequestChangesInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let editor = ctx.viewer().editor();
            let (editor, named) = step(ctx, editor, &input.id, Some(input.revision)).await?;
            let request = checked_text("comment", input.comment).map(NewComment::plain);
            Ok(ctx
                .store()
                .contributions()
                .request_changes(&editor, &named, request)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Accepts a submitted contribution: applies all its changes to the profiles in one commit, or none. Possible
    /// before and during review. Requires the role EDITOR and not to be an author.
    async fn accept_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contribution.")] input: AcceptContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let editor = ctx.viewer().editor();
            let (editor, named) = step(ctx, editor, &input.id, Some(input.revision)).await?;
            let comment = input.comment.map(|text| checked_text("comment", text));
            let comment = comment.transpose();
            Ok(ctx
                .store()
                .contributions()
                .accept(&editor, &named, comment)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Rejects a submitted contribution, for good. Possible before and during review. Requires the role EDITOR and not
    /// to be an author.
    async fn reject_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contribution, and the reason.")] input: RejectContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let editor = ctx.viewer().editor();
            let (editor, named) = step(ctx, editor, &input.id, Some(input.revision)).await?;
            let reason = checked_text("reason", input.reason);
            Ok(ctx
                .store()
                .contributions()
                .reject(&editor, &named, reason)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Adds a comment on a contribution, on one of its records, or on one field of a record. Requires the role
    /// CONTRIBUTOR.
    async fn comment_on_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The comment.")] input: CommentOnContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let named = contribution_ref(ctx, &input.id, None).await?;
            let author = ctx.viewer().contributor()?;
            ctx.quotas().proposal(author.actor())?;
            let comment = NewComment::checked(
                &input.id,
                input.body,
                input.record_id.as_ref(),
                input.field,
                input.idempotency_key.as_deref(),
            )?;
            Ok(ctx
                .store()
                .contributions()
                .comment(&author, &named.id, comment)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Proposes to revert one change of the log. Creates a contribution that restores the earlier values and their
    /// citations, and submits it; somebody else must accept it. A CREATE, RETIRE or RESTORE can be reverted, and an
    /// UPDATE that changed a value. Requires the role CONTRIBUTOR.
    ///
    /// If a later change gave a field another value, the contribution is created with a conflict: `conflicts` and
    /// `warnings` of the payload's contribution show it, and `resolveConflicts` resolves it.
    async fn revert_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change, and the reasons.")] input: RevertChangeInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            let author = ctx.viewer().contributor()?;
            ctx.quotas().proposal(author.actor())?;
            let mut found = Vec::new();
            let content = (input.sequence.0, &input.rationale);
            let key = input.idempotency_key.as_deref();
            let once = Once::of("revertChange", key, &content, &mut found);
            let rationale = input.rationale.composed();
            rationale.validate(&Path::default().then("rationale"), &mut found);
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

    /// Proposes to revert an accepted contribution as a whole. Creates one contribution with the inverse of each of its
    /// changes, last change first, and submits it; somebody else must accept it. Later changes of the same fields are
    /// conflicts, as in `revertChange`. Changes that are reverted already are left out. A source that it created stays if
    /// records cite it, retired ones too. Requires the role CONTRIBUTOR.
    ///
    /// - The contribution is not accepted: `ILLEGAL_TRANSITION`.
    /// - It changed no value, or all its changes are reverted already: `INVALID`.
    /// - Other records refer to a record that it created, or all that is left are sources that are cited: `REFERENCED`.
    /// - It updated a record that is retired now: `NOT_FOUND`.
    /// - The changes of an import belong to no contribution: `revertChange` reverts each of them.
    async fn revert_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contribution, and the reasons.")] input: RevertContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let done = async {
            if let Err(text) = bare(&input.id) {
                let message = format!(
                    "{text}; a change of an import belongs to none, and is reverted by revertChange"
                );
                let at = Path::default().then("id");
                return Err(at.finding(Code::Invalid, message).into());
            }
            let named = contribution_ref(ctx, &input.id, None).await?;
            let author = ctx.viewer().contributor()?;
            ctx.quotas().proposal(author.actor())?;
            let mut found = Vec::new();
            let content = (&named.id, &input.rationale);
            let key = input.idempotency_key.as_deref();
            let once = Once::of("revertContribution", key, &content, &mut found);
            let rationale = input.rationale.composed();
            rationale.validate(&Path::default().then("rationale"), &mut found);
            if !found.is_empty() {
                return Err(found.into());
            }
            Ok(ctx
                .store()
                .contributions()
                .revert_contribution(&author, &named, rationale, once)
                .await?)
        };
        ContributionPayload::of(ctx, done.await).await
    }

    /// Sends a tip to the editors: new or wrong information, from a reader who needs no account. Until an editor
    /// completes it, only editors see it, and its sender if signed in. The number an hour from one address is limited:
    /// see `serviceConfig.maxTipsPerHour`.
    async fn submit_tip(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tip.")] input: SubmitTipInput,
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

    /// Makes a draft from a profile page of the Council of Europe's kind: status, sections, and the institutions, documents
    /// and absences that the page names plainly. The page becomes a source that each value cites. A fact that the records
    /// have already is no change. The author reviews the draft and submits it. Requires the role CONTRIBUTOR.
    async fn import_profile_page(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page, and its country.")] input: ImportProfilePageInput,
    ) -> Result<ImportProfilePagePayload, Error> {
        let done = async {
            let author = ctx.viewer().contributor()?;
            ctx.quotas().proposal(author.actor())?;
            let page = input.read(ctx.store().clock().today())?;
            let contributions = ctx.store().contributions();
            Ok(contributions.import_page(&author, page).await?)
        };
        ImportProfilePagePayload::of(ctx, done.await).await
    }

    /// Verifies that a current record held on a day: adds a change with the operation VERIFY to the log, and changes no
    /// value. Requires the role EDITOR.
    async fn verify_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The record, and the day on which it held.")] input: VerifyRecordInput,
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

    /// Creates a webhook: an address to which changes are posted, in order and at least once, with a signature of the
    /// Standard Webhooks specification. `secret` in the payload verifies it and is shown this once. Requires the role
    /// CONTRIBUTOR.
    async fn create_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address, and what is posted.")] input: CreateWebhookInput,
    ) -> Result<WebhookPayload, Error> {
        webhook::create(ctx, input).await
    }

    /// Edits a webhook of the viewer: its address or document, a new beginning, or a new secret. Members that are left
    /// out stay as they are. Requires the role CONTRIBUTOR.
    ///
    /// A new address or document ends a pause after a failure: the next attempt follows at once. A suspended webhook
    /// stays suspended without `resume`.
    async fn update_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The edit.")] input: UpdateWebhookInput,
    ) -> Result<WebhookPayload, Error> {
        webhook::update(ctx, input).await
    }

    /// Deletes a webhook of the viewer, with its deliveries. The payload contains it as it was. A post that is under way
    /// may still arrive. Requires the role CONTRIBUTOR.
    async fn delete_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The webhook.")] input: DeleteWebhookInput,
    ) -> Result<WebhookPayload, Error> {
        webhook::delete(ctx, &input).await
    }
}

/// The person who takes a step, and the contribution that the input names. The store checks whether the person may see
/// it. For a viewer without the right to the step it is checked here, so that `NOT_FOUND` comes before `FORBIDDEN`.
async fn step<P>(
    ctx: &Context<'_>,
    person: Result<P, Denied>,
    id: &ID,
    revision: Option<i32>,
) -> Result<(P, ContributionRef), MutationFailure> {
    match person {
        Ok(person) => Ok((person, named(id, revision)?)),
        Err(error) => {
            contribution_ref(ctx, id, revision).await?;
            Err(error.into())
        }
    }
}

/// The contribution that an input names, if the viewer may see it. One that the viewer may not see is treated as if it
/// did not exist.
async fn contribution_ref(
    ctx: &Context<'_>,
    id: &ID,
    revision: Option<i32>,
) -> Result<ContributionRef, MutationFailure> {
    let named = named(id, revision)?;
    if Contribution::find(ctx, &named.id).await?.is_none() {
        return Err(Path::default()
            .then("id")
            .finding(
                Code::NotFound,
                "there is no such contribution: expected the `id` of one that you may see",
            )
            .into());
    }
    Ok(named)
}

fn named(id: &ID, revision: Option<i32>) -> Result<ContributionRef, Finding> {
    let at = Path::default().then("id");
    let id = bare(id).map_err(|text| at.finding(Code::Invalid, text))?;
    Ok(ContributionRef { id, revision })
}

/// Reads a text that comes with a step. Its faults are reported after those of the step.
fn checked_text(member: &str, text: Markdown) -> Validated<String> {
    let mut found = Vec::new();
    let text = text.composed();
    text.validate(&Path::default().then(member), &mut found);
    if found.is_empty() {
        Ok(text.0)
    } else {
        Err(found)
    }
}
