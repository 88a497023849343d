//! What is said about contributions.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, PaginatorTrait, QueryOrder};

use super::entity::Model as Contribution;
use super::handle::Contributions;
use super::write::{save, unchanged, visible};
use crate::error::Error;
use crate::load::Key;
use crate::write::Write;
use crate::{Store, idempotency};
use domain::check::{Checked, Code, Path};
use domain::contribution::{Audience, Remark};
use domain::record::{RecordField, RecordId};
use domain::viewer::{Actor, Contributor};

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "comment")]
pub struct Model {
    /// A name that grows with the time it was given.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The contribution.
    pub contribution: String,
    /// Who says it.
    pub author: Actor,
    /// What.
    pub body: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// The record that it is about.
    pub record: Option<RecordId>,
    /// The field of it.
    pub field: Option<RecordField>,
    /// Who could know of the contribution when it was said, beside its authors.
    pub audience: Audience,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The most comments that one contribution may have.
const MOST: u64 = 500;

impl Contributions<'_> {
    /// Says something about a contribution.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub fn comment<'a>(
        &'a self,
        author: &'a Contributor,
        id: &'a str,
        remark: Checked<Remark>,
    ) -> BoxFuture<'a, Result<Contribution, Error>> {
        async move {
            let mut remark = remark.into_inner();
            let actor = author.actor();
            let tx = self.store.begin().await?;
            let now = self.store.clock().now();
            let row = visible(&tx, actor, id).await?;
            let once = remark.once.take();
            if idempotency::seen(&tx, &actor.id, once.as_ref(), now)
                .await?
                .is_some()
            {
                tx.rollback().await?;
                return Ok(row);
            }
            say(&tx, &row, actor, remark, now).await?;
            idempotency::keep(&tx, &actor.id, once, &row.id, now).await?;
            let row = save(&tx, unchanged(&row), now).await?;
            self.store.commit(tx).await?;
            Ok(row)
        }
        .boxed()
    }
}

/// Writes a comment.
pub(super) async fn say(
    tx: &Write<'_>,
    about: &Contribution,
    author: &Actor,
    remark: Remark,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let root = Path::default();
    if let Some(record) = &remark.record
        && !about.records().contains(record)
    {
        let message = format!("the contribution proposes nothing for {record}");
        return Err(root.then("recordId").finding(Code::Invalid, message).into());
    }
    let said = Entity::find()
        .filter(Column::Contribution.eq(&about.id))
        .count(tx)
        .await?;
    if said >= MOST {
        let message = format!("a contribution has {MOST} comments at most");
        return Err(root.then("id").finding(Code::Invalid, message).into());
    }
    let row = Model {
        id: uuid::Uuid::now_v7().simple().to_string(),
        contribution: about.id.clone(),
        author: author.clone(),
        body: remark.body,
        created_at: now,
        record: remark.record,
        field: remark.field,
        audience: about.audience,
    };
    Entity::insert(row.into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What was said about a contribution, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct About(pub String);

impl Key for About {
    type Value = Vec<Arc<Model>>;
    const FOLLOWS_THE_LOG: bool = false;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let rows = Entity::find()
            .filter(Column::Contribution.is_in(keys.iter().map(|key| key.0.clone())))
            .order_by_asc(Column::Id)
            .all(store.reader())
            .await?;
        let mut found: HashMap<About, Self::Value> = HashMap::new();
        for row in rows {
            let key = About(row.contribution.clone());
            found.entry(key).or_default().push(Arc::new(row));
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }
}
