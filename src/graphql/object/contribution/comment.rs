//! What is said about a contribution.

use std::sync::Arc;

use async_graphql::{ID, Object};

use crate::object::value::Actor;
use domain::record::RecordField;
use domain::scalar::Instant;
use domain::text::Markdown;
use store::contribution::comment::Model;

/// Something that was said about a contribution.
pub struct Comment(Arc<Model>);

impl From<Arc<Model>> for Comment {
    fn from(row: Arc<Model>) -> Self {
        Self(row)
    }
}

/// Something that was said about a contribution, about one of its records, or about one field of it.
#[Object]
impl Comment {
    /// Names the comment.
    async fn id(&self) -> ID {
        format!("Comment:{}", self.0.id).into()
    }

    /// Who says it.
    async fn author(&self) -> Actor {
        Actor(self.0.author.clone())
    }

    /// What is said.
    async fn body(&self) -> Markdown {
        Markdown(self.0.body.clone())
    }

    /// When.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// The record that it is about; null where it is about the whole contribution.
    async fn record_id(&self) -> Option<ID> {
        self.0
            .record
            .as_ref()
            .map(|record| record.to_string().into())
    }

    /// The field of that record; null where it is about all of it.
    async fn field(&self) -> Option<RecordField> {
        self.0.field
    }
}
