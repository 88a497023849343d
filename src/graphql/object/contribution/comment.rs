//! Comments on contributions.

use std::sync::Arc;

use async_graphql::{ID, Object};
use cyberprofiles_graphql_macros::at_once;

use crate::object::value::Actor;
use domain::record::RecordField;
use domain::scalar::DateTime;
use domain::text::Markdown;
use store::contribution::comment::Model;

/// A comment on a contribution.
pub struct Comment(Arc<Model>);

impl From<Arc<Model>> for Comment {
    fn from(row: Arc<Model>) -> Self {
        Self(row)
    }
}

/// A comment on a contribution, on one of its records, or on one field of a record.
#[at_once]
#[Object]
impl Comment {
    /// Identifies the comment.
    async fn id(&self) -> ID {
        format!("Comment:{}", self.0.id).into()
    }

    /// The person who wrote it.
    async fn author(&self) -> Actor {
        Actor(self.0.author.clone())
    }

    /// The text.
    async fn body(&self) -> Markdown {
        Markdown(self.0.body.clone())
    }

    /// The instant at which it was written.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// The record to which it refers; null if it refers to the whole contribution.
    async fn record_id(&self) -> Option<ID> {
        self.0
            .record
            .as_ref()
            .map(|record| record.to_string().into())
    }

    /// The field of that record; null if it refers to the whole record or contribution.
    async fn field(&self) -> Option<RecordField> {
        self.0.field
    }
}
