//! The head of the change log: the row from which writers take sequence numbers.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::UpdateStatement;
use sea_orm::{ActiveValue, ConnectionTrait, QuerySelect, QueryTrait};

use super::chain;
use super::error::Error;
use super::moment::Moment;
use super::wal_index::WalStamp;
use super::write::Write;
use domain::date::Date;

/// The only row. It contains the id of the database, the last sequence number and its commit time, the counter of
/// touched contributions, and the last day whose effects are in the log.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "head")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub database: String,
    pub sequence: i64,
    pub committed_at: Option<DateTime<Utc>>,
    pub touched: i64,
    /// The last day whose effects are in the log.
    pub effects_through: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The end of the change log.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The moment after the last change.
    pub moment: Moment,
    /// The commit time of that change; `None` before the first.
    pub committed_at: Option<DateTime<Utc>>,
}

impl Head {
    /// Reads the end of the log from the row.
    pub(super) fn of(row: &Model) -> Self {
        Self {
            moment: Moment(row.sequence),
            committed_at: row.committed_at,
        }
    }
}

/// The sequence numbers of one commit, and its time.
pub struct SequenceBlock {
    /// The first sequence number.
    pub first: i64,
    /// The number of changes.
    pub size: i32,
    /// The commit time. It is never earlier than that of the previous commit.
    pub committed_at: DateTime<Utc>,
}

/// Reads the row.
pub async fn read<C: ConnectionTrait>(db: &C) -> Result<Model, Error> {
    Entity::find().one(db).await?.ok_or_else(missing)
}

fn missing() -> Error {
    Error::Unreadable("the head of the change log is missing".to_owned())
}

/// Reads the id of the database and its last sequence number. Every migration since the first has both.
pub async fn position<C: ConnectionTrait>(db: &C) -> Result<(String, i64), Error> {
    let query = Entity::find()
        .select_only()
        .columns([Column::Database, Column::Sequence]);
    let row: Option<(String, i64)> = query.into_tuple().one(db).await?;
    row.ok_or_else(missing)
}

/// Gives the database a new id.
pub async fn rename<C: ConnectionTrait>(db: &C) -> Result<(), Error> {
    let next = ActiveModel {
        id: ActiveValue::Unchanged(1),
        database: ActiveValue::Set(new_id()),
        ..Default::default()
    };
    Entity::update(next).exec(db).await?;
    Ok(())
}

fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Inserts the row of a new database, unless another process has inserted it.
pub async fn insert_first<C: ConnectionTrait>(db: &C) -> Result<(), Error> {
    let first = ActiveModel {
        id: ActiveValue::Set(1),
        database: ActiveValue::Set(new_id()),
        sequence: ActiveValue::Set(0),
        committed_at: ActiveValue::Set(None),
        touched: ActiveValue::Set(0),
        effects_through: ActiveValue::Set(None),
    };
    Entity::insert(first)
        .on_conflict_do_nothing()
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The sequence number of the last change in the log, and the time of its commit. After a failover that lost the end of
/// the log, another change may have the same number.
pub(super) type LogEnd = (i64, Option<DateTime<Utc>>);

/// The row in a write transaction: as it is stored, and as the transaction leaves it.
#[derive(Clone)]
pub(super) struct LockedHead {
    stored: Model,
    /// The row that will be written.
    pub now: Model,
    /// The end of the chain; `None` if it is not known without a query.
    pub chain_end: Option<chain::Model>,
    /// The header of the WAL index while the row is locked.
    pub stamp: Option<WalStamp>,
    /// True if the transaction writes tokens.
    pub writes_tokens: bool,
}

impl LockedHead {
    /// The row after the commit of the transaction. `stamp` is the header of the WAL index then.
    pub fn committed(self, stamp: WalStamp) -> Self {
        Self {
            stored: self.now.clone(),
            stamp: Some(stamp),
            writes_tokens: false,
            ..self
        }
    }

    /// Reads and locks the row, so that other writers wait until this transaction ends. On `SQLite` they wait already.
    pub async fn read<C: ConnectionTrait>(db: &C, stamp: Option<WalStamp>) -> Result<Self, Error> {
        let row = Entity::find().lock_exclusive().one(db).await?;
        let stored = row.ok_or_else(missing)?;
        Ok(Self {
            now: stored.clone(),
            stored,
            chain_end: None,
            stamp,
            writes_tokens: false,
        })
    }

    /// The end of the log; `None` if the transaction has added changes.
    pub fn committed_end(&self) -> Option<LogEnd> {
        let end = |row: &Model| (row.sequence, row.committed_at);
        (self.now.sequence == self.stored.sequence).then(|| end(&self.stored))
    }

    /// The statement that writes the row; `None` if it has not changed.
    pub fn update(&self) -> Option<UpdateStatement> {
        if self.now == self.stored {
            return None;
        }
        let next = ActiveModel {
            id: ActiveValue::Unchanged(self.now.id),
            sequence: ActiveValue::Set(self.now.sequence),
            committed_at: ActiveValue::Set(self.now.committed_at),
            touched: ActiveValue::Set(self.now.touched),
            effects_through: ActiveValue::Set(self.now.effects_through),
            ..Default::default()
        };
        Some(Entity::update_many().set(next).into_query())
    }
}

/// Raises the counter of touched contributions and returns it.
pub(super) async fn touch(tx: &Write) -> Result<i64, Error> {
    tx.change_head(|head| {
        head.touched = head.touched.saturating_add(1);
        head.touched
    })
    .await
}

/// Records the last day whose effects are in the log.
pub(super) async fn written_through(tx: &Write, day: Date) -> Result<(), Error> {
    tx.change_head(|head| head.effects_through = Some(day))
        .await
}

/// The number of changes of one commit.
pub fn block_size(changes: usize) -> Result<i32, Error> {
    i32::try_from(changes)
        .map_err(|_| Error::Unreadable("too many changes for one commit".to_owned()))
}

/// Takes the next sequence numbers. They are gapless and in commit order, because a rollback returns them and the
/// locked row makes writers wait for each other.
pub(super) async fn take(
    tx: &Write,
    size: usize,
    now: DateTime<Utc>,
) -> Result<SequenceBlock, Error> {
    let size = block_size(size)?;
    tx.change_head(|head| {
        let block = head.next(size, now);
        head.sequence = head.sequence.saturating_add(size.into());
        head.committed_at = Some(block.committed_at);
        block
    })
    .await
}

impl Model {
    /// The sequence numbers of a commit that follows, and its time.
    pub fn next(&self, size: i32, now: DateTime<Utc>) -> SequenceBlock {
        // A commit after the effects of a day were written must not appear to belong to an earlier day.
        let through = self.effects_through.map(Date::begins);
        let earliest = self.committed_at.max(through);
        SequenceBlock {
            first: self.sequence.saturating_add(1),
            size,
            committed_at: earliest.map_or(now, |earliest| earliest.max(now)),
        }
    }
}
