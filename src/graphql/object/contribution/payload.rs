//! What mutations answer.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::Contribution;
use crate::engine::context::{Asks, View};
use crate::engine::error::Error;
use crate::engine::in_place::InPlace;
use crate::engine::objects::Objects;
use crate::object::contribution::user_error::UserError;
use crate::object::record::Record;
use domain::check::Finding;
use domain::viewer::Denied;
use store::contribution::Model;

/// What a mutation of a contribution did. It did nothing where `contribution` is null.
pub struct ContributionPayload {
    contribution: Option<Contribution>,
    found: Vec<Finding>,
}

/// What a mutation of a contribution did. It did nothing where `contribution` is null.
#[Object]
impl ContributionPayload {
    /// The contribution after it; null where nothing was done. With `validateOnly`: as it would be.
    async fn contribution(&self) -> Option<&Contribution> {
        self.contribution.as_ref()
    }

    /// Why nothing was done, all at once.
    async fn user_errors(&self) -> Objects<UserError> {
        self.found.iter().cloned().map(Into::into).collect()
    }
}

/// What confirming a record did. It did nothing where `record` is null.
pub struct VerifyRecordPayload {
    record: Option<InPlace<Record>>,
    found: Vec<Finding>,
}

/// What confirming a record did. It did nothing where `record` is null.
#[Object]
impl VerifyRecordPayload {
    /// The record after it; null where nothing was done.
    async fn record(&self) -> Option<&InPlace<Record>> {
        self.record.as_ref()
    }

    /// Why nothing was done, all at once.
    async fn user_errors(&self) -> Objects<UserError> {
        self.found.iter().cloned().map(Into::into).collect()
    }
}

/// Why a mutation did nothing.
pub enum Undone {
    /// What its author can mend.
    Found(Vec<Finding>),
    /// Everything else.
    Failed(Error),
}

impl From<Vec<Finding>> for Undone {
    fn from(found: Vec<Finding>) -> Self {
        Self::Found(found)
    }
}

impl From<Finding> for Undone {
    fn from(finding: Finding) -> Self {
        Self::Found(vec![finding])
    }
}

impl From<Error> for Undone {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Denied> for Undone {
    fn from(denied: Denied) -> Self {
        Self::Failed(denied.into())
    }
}

impl From<store::Error> for Undone {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Refused(found) => Self::Found(found),
            error => Self::Failed(error.into()),
        }
    }
}

impl ContributionPayload {
    /// What came of it.
    ///
    /// # Errors
    /// What its author cannot mend.
    pub async fn of(ctx: &Context<'_>, done: Result<Model, Undone>) -> Result<Self, Error> {
        match done {
            Ok(row) => {
                let view = View::now(ctx.store()).await?;
                Ok(Self {
                    contribution: Some(Contribution::new(Arc::new(row), view)),
                    found: Vec::new(),
                })
            }
            Err(Undone::Found(found)) => Ok(Self {
                contribution: None,
                found,
            }),
            Err(Undone::Failed(error)) => Err(error),
        }
    }
}

impl VerifyRecordPayload {
    /// What came of it.
    ///
    /// # Errors
    /// What its author cannot mend.
    pub fn of(done: Result<Option<Record>, Undone>) -> Result<Self, Error> {
        match done {
            Ok(record) => Ok(Self {
                record: record.map(InPlace),
                found: Vec::new(),
            }),
            Err(Undone::Found(found)) => Ok(Self {
                record: None,
                found,
            }),
            Err(Undone::Failed(error)) => Err(error),
        }
    }
}
