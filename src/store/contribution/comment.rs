//! Comments on contributions.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, PaginatorTrait, QueryOrder};

use super::entity::Model as Contribution;
use super::handle::Contributions;
use super::write::{touch, visible};
use crate::error::Error;
use crate::load::Key;
use crate::write::Write;
use crate::{Store, idempotency};
use domain::check::{Checked, Code, Path};
use domain::contribution::{Audience, NewComment};
use domain::record::{RecordField, RecordId};
use domain::viewer::{Actor, Contributor};

/// A comment on a contribution.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "comment")]
pub struct Model {
    /// The id. Ids of later comments sort after those of earlier ones.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The contribution.
    pub contribution: String,
    /// The author of the comment.
    pub author: Actor,
    /// The text, in Markdown.
    pub body: String,
    /// The time of the comment, in UTC.
    pub created_at: DateTime<Utc>,
    /// The record to which the comment refers, if any.
    pub record: Option<RecordId>,
    /// The field of that record to which the comment refers, if any.
    pub field: Option<RecordField>,
    /// The audience of the contribution, besides its authors, when the comment was written.
    pub audience: Audience,
}

/// Empty: no relations are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The most comments on one contribution.
const MAX_COMMENTS: u64 = 500;

impl Contributions<'_> {
    /// Adds a comment to a contribution.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub fn comment<'a>(
        &'a self,
        author: &'a Contributor,
        id: &'a str,
        comment: Checked<NewComment>,
    ) -> BoxFuture<'a, Result<Contribution, Error>> {
        let work = async move |tx: &Write| {
            let mut comment = comment.into_inner();
            let actor = author.actor();
            let now = self.store.clock().now();
            let row = visible(tx, actor, id).await?;
            let once = comment.once.take();
            if idempotency::seen(tx, &actor.id, once.as_ref(), now)
                .await?
                .is_some()
            {
                return Ok(row);
            }
            insert_comment(tx, &row, actor, comment, now).await?;
            idempotency::store_key(tx, &actor.id, once, &row.id, now).await?;
            touch(tx, &row, row.clone(), now).await
        };
        self.store.write(work).boxed()
    }
}

/// Writes a comment. Returns its id.
pub(super) async fn insert_comment(
    tx: &Write,
    about: &Contribution,
    author: &Actor,
    comment: NewComment,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    let root = Path::default();
    if let Some(record) = &comment.record
        && !about.records().contains(record)
    {
        let message =
            format!("the contribution does not change {record}: expected one of its records");
        return Err(root.then("recordId").finding(Code::Invalid, message).into());
    }
    let existing = Entity::find()
        .filter(Column::Contribution.eq(&about.id))
        .count(tx)
        .await?;
    if existing >= MAX_COMMENTS {
        let message =
            format!("a contribution has at most {MAX_COMMENTS} comments: no more can be added");
        return Err(root.then("id").finding(Code::Invalid, message).into());
    }
    let row = Model {
        id: uuid::Uuid::now_v7().simple().to_string(),
        contribution: about.id.clone(),
        author: author.clone(),
        body: comment.body,
        created_at: now,
        record: comment.record,
        field: comment.field,
        audience: about.audience,
    };
    let id = row.id.clone();
    tx.insert_later([row.into_active_model()]);
    Ok(id)
}

/// Loader key for the comments on a contribution, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CommentsOf(pub String);

#[async_trait::async_trait]
impl Key for CommentsOf {
    type Value = Vec<Arc<Model>>;
    const FOLLOWS_THE_LOG: bool = false;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let rows = Entity::find()
            .filter(Column::Contribution.is_in(keys.iter().map(|key| key.0.clone())))
            .order_by_asc(Column::Id)
            .all(store.reader())
            .await?;
        let mut found: HashMap<CommentsOf, Self::Value> = HashMap::new();
        for row in rows {
            let key = CommentsOf(row.contribution.clone());
            found.entry(key).or_default().push(Arc::new(row));
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }
}
