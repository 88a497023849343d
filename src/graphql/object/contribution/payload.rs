//! The results of mutations.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};

use super::Contribution;
use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;
use crate::object::contribution::user_error::UserError;
use crate::object::record::Record;
use domain::check::Finding;
use domain::viewer::Denied;
use store::contribution::{ImportedPage, Model};

/// The result of a mutation of a contribution.
pub struct ContributionPayload {
    contribution: Option<Contribution>,
    found: Vec<Finding>,
}

/// The result of a mutation of a contribution: the contribution, or the reasons why nothing was stored.
#[Object]
impl ContributionPayload {
    /// The contribution after the mutation; null if there are `userErrors`. With `validateOnly`: as it would be.
    async fn contribution(&self) -> Option<&Contribution> {
        self.contribution.as_ref()
    }

    /// The findings. Empty if the mutation was carried out.
    async fn user_errors(&self) -> Objects<UserError> {
        self.found.iter().cloned().map(Into::into).collect()
    }
}

/// The result of a verification.
pub struct VerifyRecordPayload {
    record: Option<Inline<Record>>,
    found: Vec<Finding>,
}

/// The result of a verification: the record, or the reasons why nothing was stored.
#[Object]
impl VerifyRecordPayload {
    /// The record after the verification; null if there are `userErrors`.
    async fn record(&self) -> Option<&Inline<Record>> {
        self.record.as_ref()
    }

    /// The findings. Empty if the mutation was carried out.
    async fn user_errors(&self) -> Objects<UserError> {
        self.found.iter().cloned().map(Into::into).collect()
    }
}

/// The result of the import of a profile page.
#[derive(Default)]
pub struct ImportProfilePagePayload {
    contribution: Option<Contribution>,
    unmapped: Vec<UnmappedText>,
    found: Vec<Finding>,
}

/// The result of the import of a profile page: a draft, and the texts that it does not contain.
#[Object]
impl ImportProfilePagePayload {
    /// The draft with the proposed changes. Null if the page tells nothing new, or if there are `userErrors`. If an open
    /// contribution of the viewer proposes the same changes, it is that one.
    async fn contribution(&self) -> Option<&Contribution> {
        self.contribution.as_ref()
    }

    /// Texts of the page that could not be placed or understood, in the order of their lines. Bounded: the lines of the
    /// page.
    async fn unmapped(&self) -> Objects<UnmappedText> {
        self.unmapped.clone().into()
    }

    /// The findings. Empty if the page was read.
    async fn user_errors(&self) -> Objects<UserError> {
        self.found.iter().cloned().map(Into::into).collect()
    }
}

/// A text of a profile page that could not be placed or understood.
#[derive(Clone, SimpleObject)]
pub struct UnmappedText {
    /// The number of its line, counted from 1.
    line: i32,
    /// The text; if it was not understood, with the reason in parentheses.
    text: String,
}

impl ImportProfilePagePayload {
    /// The payload of an outcome.
    ///
    /// # Errors
    /// An error that the sender cannot correct.
    pub async fn of(
        ctx: &Context<'_>,
        done: Result<ImportedPage, MutationFailure>,
    ) -> Result<Self, Error> {
        match done {
            Ok(imported) => {
                let view = View::now(ctx.store()).await?;
                let row = imported.contribution.map(Arc::new);
                let unmapped = imported.proposal.unmapped.into_iter();
                let unmapped = unmapped.map(|unmapped| UnmappedText {
                    line: i32::try_from(unmapped.line).unwrap_or(i32::MAX),
                    text: unmapped.text,
                });
                Ok(Self {
                    contribution: row.map(|row| Contribution::new(row, view)),
                    unmapped: unmapped.collect(),
                    found: Vec::new(),
                })
            }
            Err(MutationFailure::Found(found)) => Ok(Self {
                found,
                ..Self::default()
            }),
            Err(MutationFailure::Failed(error)) => Err(error),
        }
    }
}

/// The reason why a mutation stored nothing.
pub enum MutationFailure {
    /// Findings that the sender can correct.
    Found(Vec<Finding>),
    /// Any other error.
    Failed(Error),
}

impl From<Vec<Finding>> for MutationFailure {
    fn from(found: Vec<Finding>) -> Self {
        Self::Found(found)
    }
}

impl From<Finding> for MutationFailure {
    fn from(finding: Finding) -> Self {
        Self::Found(vec![finding])
    }
}

impl From<Error> for MutationFailure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Denied> for MutationFailure {
    fn from(denied: Denied) -> Self {
        Self::Failed(denied.into())
    }
}

impl From<store::Error> for MutationFailure {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Refused(found) => Self::Found(found),
            error => Self::Failed(error.into()),
        }
    }
}

impl ContributionPayload {
    /// The payload of an outcome.
    ///
    /// # Errors
    /// An error that the sender cannot correct.
    pub async fn of(
        ctx: &Context<'_>,
        done: Result<Model, MutationFailure>,
    ) -> Result<Self, Error> {
        match done {
            Ok(row) => {
                let view = View::now(ctx.store()).await?;
                Ok(Self {
                    contribution: Some(Contribution::new(Arc::new(row), view)),
                    found: Vec::new(),
                })
            }
            Err(MutationFailure::Found(found)) => Ok(Self {
                contribution: None,
                found,
            }),
            Err(MutationFailure::Failed(error)) => Err(error),
        }
    }
}

impl VerifyRecordPayload {
    /// The payload of an outcome.
    ///
    /// # Errors
    /// An error that the sender cannot correct.
    pub fn of(done: Result<Option<Record>, MutationFailure>) -> Result<Self, Error> {
        match done {
            Ok(record) => Ok(Self {
                record: record.map(Inline),
                found: Vec::new(),
            }),
            Err(MutationFailure::Found(found)) => Ok(Self {
                record: None,
                found,
            }),
            Err(MutationFailure::Failed(error)) => Err(error),
        }
    }
}
