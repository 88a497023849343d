//! A line of the log.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::moment::Moment;
use domain::change::Operation;
use domain::date::Day;
use domain::effect::Effect;
use domain::record::{Kind, RecordId};
use domain::viewer::{Actor, Role};

/// One change of one record.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    /// Counted from 1, without gaps, in the order of commits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// The first change of the same commit.
    pub first: i64,
    /// How many changes the commit has.
    pub size: i32,
    /// When it was committed.
    pub committed_at: DateTime<Utc>,
    /// Who did it.
    pub actor: String,
    /// What to call them.
    pub actor_name: String,
    /// What they might do then.
    pub actor_role: Role,
    /// The contribution that it comes from.
    pub contribution: Option<String>,
    /// The noun.
    pub kind: Kind,
    /// The record.
    pub record: RecordId,
    /// What it did.
    pub operation: Operation,
    /// Why, where a reason was asked for.
    pub reason: Option<String>,
    /// The day a `VERIFY` is about.
    pub verified_on: Option<Day>,
    /// What time changed, for an `EFFECT`.
    pub effect: Option<Effect>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The moment just after the whole commit: nobody sees half of one.
    pub fn commit(&self) -> Moment {
        Moment(
            self.first
                .saturating_add(i64::from(self.size))
                .saturating_sub(1),
        )
    }

    /// Who did it.
    pub fn actor(&self) -> Actor {
        Actor {
            id: self.actor.clone(),
            name: self.actor_name.clone(),
            role: self.actor_role,
        }
    }
}
