//! Treaty events: the entity, and what it is looked up by.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait};
use serde::{Deserialize, Serialize};

use super::load::Of;
use super::moment::column;
use super::record::{Noun, entity};
use crate::domain::date::{Day, PartialDate};
use crate::domain::noun::List;
use crate::domain::record::{Kind, RecordId};
use crate::domain::text::{CountryCode, TreatyReference};
use crate::domain::treaty_event::{TreatyEventKind, fields};

fields!(entity);

impl Noun for Entity {
    const KIND: Kind = Kind::TreatyEvent;
    const COUNTRY: Option<&str> = Some("country");
}

/// Which events are wanted; what is left out does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Under this treaty.
    pub treaty: Option<TreatyReference>,
    /// Of one of these countries.
    pub countries: Option<Vec<CountryCode>>,
    /// Of one of these kinds.
    pub kinds: Option<Vec<TreatyEventKind>>,
    /// Done on this day or later, as far as its date tells.
    pub from: Option<Day>,
    /// Done on this day or earlier, as far as its date tells.
    pub to: Option<Day>,
}

impl Filter {
    /// The same as SQL.
    pub fn condition(&self) -> Condition {
        let mut all = Condition::all();
        if let Some(treaty) = &self.treaty {
            all = all.add(column::<Entity>("treaty").eq(treaty.clone()));
        }
        if let Some(countries) = &self.countries {
            all = all.add(column::<Entity>("country").is_in(countries.clone()));
        }
        if let Some(kinds) = &self.kinds {
            all = all.add(column::<Entity>("kind").is_in(kinds.clone()));
        }
        if let Some(from) = self.from {
            all = all.add(column::<Entity>("latest").gte(from.to_string()));
        }
        if let Some(to) = self.to {
            all = all.add(column::<Entity>("earliest").lte(to.to_string()));
        }
        all
    }
}

/// The events of a country.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OfCountry(pub Filter);

impl Of for OfCountry {
    type Noun = Entity;
    type Key = CountryCode;
    const COLUMN: &str = "country";
    fn key(row: &Model) -> Option<CountryCode> {
        Some(row.country.clone())
    }
    fn narrowed(&self) -> Condition {
        self.0.condition()
    }
}

/// The events of a treaty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OfTreaty(pub Filter);

impl Of for OfTreaty {
    type Noun = Entity;
    type Key = TreatyReference;
    const COLUMN: &str = "treaty";
    fn key(row: &Model) -> Option<TreatyReference> {
        Some(row.treaty.clone())
    }
    fn narrowed(&self) -> Condition {
        self.0.condition()
    }
}
