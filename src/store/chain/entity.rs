//! A link: the hash of one line of the log, and the digests that belong to it.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder};

use crate::Store;
use crate::error::Error;
use crate::load::Key;
use domain::digest::Digest;

/// The hash of one line of the change log.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chain")]
pub struct Model {
    /// The sequence number of the line.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// The hash over this line and all before it.
    pub hash: Digest,
    /// The digest of the version that the change wrote; `None` if it wrote none.
    pub digest: Option<Digest>,
    /// The sum of the digests of all records that are current after the change.
    pub state: Digest,
}

/// Empty: no relations are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The end of the chain at a line: the hash, and the digest of the state. Both are zero before the first line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The hash over the line and all before it.
    pub hash: Digest,
    /// The digest of the version that the change wrote; `None` if it wrote none.
    pub digest: Option<Digest>,
    /// The sum of the digests of all records that are current after the change.
    pub state: Digest,
}

impl From<Model> for Link {
    fn from(row: Model) -> Self {
        Self {
            hash: row.hash,
            digest: row.digest,
            state: row.state,
        }
    }
}

impl Link {
    /// The row of the link at a line.
    pub(super) fn at(self, sequence: i64) -> Model {
        Model {
            sequence,
            hash: self.hash,
            digest: self.digest,
            state: self.state,
        }
    }
}

/// Loader key for the link of a line, by its sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OfChange(pub i64);

#[async_trait::async_trait]
impl Key for OfChange {
    type Value = Link;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let rows = of_lines(store.reader(), keys.iter().map(|key| key.0)).await?;
        let links = rows.into_iter();
        Ok(links
            .map(|(sequence, link)| (Self(sequence), link))
            .collect())
    }

    fn rows(_: &Self::Value) -> usize {
        1
    }
}

/// Reads the links of lines.
pub async fn of_lines<C: ConnectionTrait>(
    db: &C,
    lines: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, Link>, Error> {
    let rows = Entity::find().filter(Column::Sequence.is_in(lines));
    let rows = rows.all(db).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.sequence, row.into()))
        .collect())
}

/// Reads the last link: its line, or 0 if there is none.
pub async fn last<C: ConnectionTrait>(db: &C) -> Result<(i64, Link), Error> {
    let last = Entity::find().order_by_desc(Column::Sequence).one(db);
    Ok(last
        .await?
        .map_or_else(Default::default, |row| (row.sequence, row.into())))
}
