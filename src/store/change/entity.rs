//! A change: one line of the change log.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::moment::Moment;
use domain::change::Operation;
use domain::date::Date;
use domain::effect::Effect;
use domain::record::{Kind, RecordId};
use domain::viewer::{Actor, Role};

/// One change of one record.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    /// The sequence number: counted from 1, without gaps, in commit order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// The sequence number of the first change of the same commit.
    pub first: i64,
    /// The number of changes in the commit.
    pub size: i32,
    /// The time of the commit, in UTC.
    pub committed_at: DateTime<Utc>,
    /// The id of the actor who made the change.
    pub actor: String,
    /// The name of the actor.
    pub actor_name: String,
    /// The role of the actor at that time.
    pub actor_role: Role,
    /// The contribution that the change comes from; `None` for imports, verifications and effects.
    pub contribution: Option<String>,
    /// The kind of the record.
    pub kind: Kind,
    /// The record.
    pub record: RecordId,
    /// The operation.
    pub operation: Operation,
    /// The reason, for operations that take one.
    pub reason: Option<String>,
    /// The day on which the record was confirmed, for the operation VERIFY.
    pub verified_on: Option<Date>,
    /// The effect, for the operation EFFECT.
    pub effect: Option<Effect>,
}

/// Empty: no relations are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The moment after the whole commit, so that no reader sees a part of a commit.
    pub fn commit(&self) -> Moment {
        Moment(
            self.first
                .saturating_add(i64::from(self.size))
                .saturating_sub(1),
        )
    }

    /// The actor who made the change.
    pub fn actor(&self) -> Actor {
        Actor {
            id: self.actor.clone(),
            name: self.actor_name.clone(),
            role: self.actor_role,
        }
    }
}
