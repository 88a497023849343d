//! Treaties: entity, loader keys and list.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Order};
use serde::{Deserialize, Serialize};

use super::list::Listed;
use super::load::Of;
use super::moment::At;
use super::record::{Noun, entity};
use domain::date::{Date, PartialDate};
use domain::record::{Kind, RecordId};
use domain::text::TreatyReference;
use domain::treaty::{EntryIntoForceRule, fields};

fields!(entity);

impl Noun for Entity {
    const KIND: Kind = Kind::Treaty;
}

/// Loader key for the treaty with a reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OfReference;

impl Of for OfReference {
    type Noun = Entity;
    type Key = TreatyReference;
    const COLUMN: &str = "reference";
    fn key(row: &Model) -> Option<TreatyReference> {
        Some(row.reference.clone())
    }
}

/// Loader key for the protocols to a treaty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OfParent;

impl Of for OfParent {
    type Noun = Entity;
    type Key = TreatyReference;
    const COLUMN: &str = "parent";
    fn key(row: &Model) -> Option<TreatyReference> {
        row.parent.clone()
    }
}

/// The list of all treaties, sorted by reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct All;

impl Listed for All {
    type Noun = Entity;

    fn condition(&self, _at: At) -> Condition {
        Condition::all()
    }

    fn order(&self) -> (&'static str, Order) {
        ("reference", Order::Asc)
    }

    fn is_own(&self) -> bool {
        true
    }
}
