//! Where the change log ends: the row that writers take their numbers from.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue, ConnectionTrait, QuerySelect};

use super::error::Error;
use super::moment::Moment;
use domain::date::Day;

/// The one row: the database's id, the last number given out and when, how often contributions were
/// touched, and how far time was written down.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "head")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub database: String,
    pub sequence: i64,
    pub committed_at: Option<DateTime<Utc>>,
    pub touched: i64,
    /// The last day of which it is written down what time changed.
    pub effects_through: Option<Day>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Where the change log ends.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The last change.
    pub moment: Moment,
    /// When it was committed; `None` before the first.
    pub committed_at: Option<DateTime<Utc>>,
}

impl Head {
    /// Where the row says that it ends.
    pub(super) fn of(row: &Model) -> Self {
        Self {
            moment: Moment(row.sequence),
            committed_at: row.committed_at,
        }
    }
}

/// Numbers that a commit took, and its time.
pub struct Block {
    /// The first number.
    pub first: i64,
    /// How many there are.
    pub size: i32,
    /// Commit times never go back.
    pub committed_at: DateTime<Utc>,
}

pub async fn read<C: ConnectionTrait>(db: &C) -> Result<Model, Error> {
    let head = Entity::find().one(db).await?;
    head.ok_or_else(|| Error::Unreadable("no head of the change log".to_owned()))
}

/// Writes the row of a database that is new, where no other process has.
pub async fn insert_first<C: ConnectionTrait>(db: &C) -> Result<(), Error> {
    let first = ActiveModel {
        id: ActiveValue::Set(1),
        database: ActiveValue::Set(uuid::Uuid::new_v4().to_string()),
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

/// Makes other writers wait until this transaction ends, where the database has not done so already.
pub async fn lock<C: ConnectionTrait>(db: &C) -> Result<Model, Error> {
    let head = Entity::find().lock_exclusive().one(db).await?;
    head.ok_or_else(|| Error::Unreadable("no head of the change log".to_owned()))
}

/// Counts that a contribution is touched.
pub async fn touch<C: ConnectionTrait>(db: &C) -> Result<i64, Error> {
    let touched = lock(db).await?.touched.saturating_add(1);
    let next = ActiveModel {
        id: ActiveValue::Unchanged(1),
        touched: ActiveValue::Set(touched),
        ..Default::default()
    };
    Entity::update(next).exec(db).await?;
    Ok(touched)
}

/// Writes down through which day it is known what time changed.
pub async fn written_through<C: ConnectionTrait>(db: &C, day: Day) -> Result<(), Error> {
    let next = ActiveModel {
        id: ActiveValue::Unchanged(1),
        effects_through: ActiveValue::Set(Some(day)),
        ..Default::default()
    };
    Entity::update(next).exec(db).await?;
    Ok(())
}

/// Takes the next numbers of the log. They are gapless and in commit order, because they are given
/// back with the transaction.
pub async fn take<C: ConnectionTrait>(
    db: &C,
    size: usize,
    now: DateTime<Utc>,
) -> Result<Block, Error> {
    let head = lock(db).await?;
    let size = i32::try_from(size)
        .map_err(|_| Error::Unreadable("too many changes for one commit".to_owned()))?;
    // What is committed after the effects of a day were written is not of an earlier day.
    let through = head.effects_through.map(Day::begins);
    let earliest = head.committed_at.max(through);
    let committed_at = earliest.map_or(now, |earliest| earliest.max(now));
    let next = ActiveModel {
        id: ActiveValue::Unchanged(1),
        sequence: ActiveValue::Set(head.sequence.saturating_add(size.into())),
        committed_at: ActiveValue::Set(Some(committed_at)),
        ..Default::default()
    };
    Entity::update(next).exec(db).await?;
    Ok(Block {
        first: head.sequence.saturating_add(1),
        size,
        committed_at,
    })
}
