//! The results of mutations.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::Contribution;
use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;
use crate::object::contribution::user_error::UserError;
use crate::object::record::Record;
use domain::check::Finding;
use domain::viewer::Denied;
use store::contribution::Model;

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

    /// All findings at once. Empty if the mutation was carried out.
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

    /// All findings at once. Empty if the mutation was carried out.
    async fn user_errors(&self) -> Objects<UserError> {
        self.found.iter().cloned().map(Into::into).collect()
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
