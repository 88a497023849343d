//! The mutations of a contribution's life.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object};

use super::{Contribution, bare};
use crate::domain::check::{Code, Finding, Path};
use crate::domain::contribution::CreateContributionInput;
use crate::domain::noun::Known;
use crate::domain::text::Markdown;
use crate::graphql::context::{Asks, View};
use crate::graphql::error::{Error, UserError};
use crate::store;
use crate::store::contribution::{Model, Named};

/// Shows a contribution to the editors.
#[derive(InputObject)]
pub struct SubmitContributionInput {
    /// The contribution.
    id: ID,
    /// The revision that is meant.
    revision: i32,
}

/// Takes a contribution over into the profiles.
#[derive(InputObject)]
pub struct AcceptContributionInput {
    /// The contribution.
    id: ID,
    /// The revision that was looked at.
    revision: i32,
    /// What to say with the decision.
    comment: Option<Markdown>,
}

/// Decides against a contribution.
#[derive(InputObject)]
pub struct RejectContributionInput {
    /// The contribution.
    id: ID,
    /// The revision that was looked at.
    revision: i32,
    /// Why.
    reason: Markdown,
}

/// What a mutation of a contribution did. It did nothing where `contribution` is null.
pub struct ContributionPayload {
    contribution: Option<Contribution>,
    found: Vec<Finding>,
}

/// What a mutation of a contribution did. It did nothing where `contribution` is null.
#[Object]
impl ContributionPayload {
    /// The contribution after it; null where nothing was done.
    async fn contribution(&self) -> Option<&Contribution> {
        self.contribution.as_ref()
    }

    /// Why nothing was done, all at once.
    async fn user_errors(&self) -> Vec<UserError> {
        self.found.iter().cloned().map(Into::into).collect()
    }
}

impl ContributionPayload {
    fn refused(found: Vec<Finding>) -> Self {
        Self {
            contribution: None,
            found,
        }
    }

    async fn of(ctx: &Context<'_>, done: Result<Model, store::Error>) -> Result<Self, Error> {
        match done {
            Ok(row) => {
                let view = View::now(ctx.store().head().await?.moment);
                let contribution = Contribution {
                    row: Arc::new(row),
                    view,
                };
                Ok(Self {
                    contribution: Some(contribution),
                    found: Vec::new(),
                })
            }
            Err(store::Error::Refused(found)) => Ok(Self::refused(found)),
            Err(error) => Err(error.into()),
        }
    }
}

/// What can be changed: nothing at once, all by contributions that a second person accepts.
pub struct Mutation;

/// What can be changed: nothing at once, all by contributions that a second person accepts.
#[Object]
impl Mutation {
    /// Proposes changes. The profiles stay as they are until an editor who is not among its authors
    /// accepts it. Takes the role CONTRIBUTOR.
    async fn create_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is proposed, and why.")] input: CreateContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let author = ctx.viewer().contributor()?;
        let proposal = match input.checked() {
            Ok(proposal) => proposal,
            Err(found) => return Ok(ContributionPayload::refused(found)),
        };
        let done = ctx.store().create(&author, proposal).await;
        ContributionPayload::of(ctx, done).await
    }

    /// Shows a draft to the editors. Takes the role CONTRIBUTOR, and to be its author.
    async fn submit_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contribution.")] input: SubmitContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let author = ctx.viewer().contributor()?;
        let done = match named(&input.id, input.revision) {
            Ok(named) => ctx.store().submit(&author, &named).await,
            Err(found) => Err(found.into()),
        };
        ContributionPayload::of(ctx, done).await
    }

    /// Takes a contribution over into the profiles: all its changes in one commit, or none. Takes
    /// the role EDITOR, and not to be among its authors.
    async fn accept_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contribution.")] input: AcceptContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let editor = ctx.viewer().editor()?;
        let said = said("comment", input.comment);
        let done = match (named(&input.id, input.revision), said) {
            (Ok(named), Ok(comment)) => ctx.store().accept(&editor, &named, comment).await,
            (Err(found), _) | (_, Err(found)) => Err(found.into()),
        };
        ContributionPayload::of(ctx, done).await
    }

    /// Decides against a contribution. Takes the role EDITOR, and not to be among its authors.
    async fn reject_contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contribution, and why.")] input: RejectContributionInput,
    ) -> Result<ContributionPayload, Error> {
        let editor = ctx.viewer().editor()?;
        let said = said("reason", Some(input.reason));
        let done = match (named(&input.id, input.revision), said) {
            (Ok(named), Ok(reason)) => {
                ctx.store()
                    .reject(&editor, &named, reason.unwrap_or_default())
                    .await
            }
            (Err(found), _) | (_, Err(found)) => Err(found.into()),
        };
        ContributionPayload::of(ctx, done).await
    }
}

fn named(id: &ID, revision: i32) -> Result<Named, Finding> {
    let at = Path::default().then("id");
    let id = bare(id).map_err(|text| at.finding(Code::Invalid, text))?;
    Ok(Named { id, revision })
}

fn said(member: &str, text: Option<Markdown>) -> Result<Option<String>, Finding> {
    let mut found = Vec::new();
    text.faults(&Path::default().then(member), &mut found);
    match found.pop() {
        Some(finding) => Err(finding),
        None => Ok(text.map(|text| text.0)),
    }
}
