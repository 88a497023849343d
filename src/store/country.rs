//! Countries: the entity, and what it is looked up by.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait};
use serde::{Deserialize, Serialize};

use super::load::Of;
use super::moment::{Moment, column};
use super::record::{Noun, entity};
use super::{Error, Store};
use crate::domain::country::{
    CountryKind, InternationalOrganisation, LocalizedText, Membership, fields,
};
use crate::domain::date::Day;
use crate::domain::noun::List;
use crate::domain::record::{Kind, RecordId};
use crate::domain::text::CountryCode;

fields!(entity);

impl Noun for Entity {
    const KIND: Kind = Kind::Country;
    const COUNTRY: Option<&str> = Some("code");
}

/// The country with a code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OfCode;

impl Of for OfCode {
    type Noun = Entity;
    type Key = CountryCode;
    const COLUMN: &str = "code";
    fn key(row: &Model) -> Option<CountryCode> {
        Some(row.code.clone())
    }
}

/// Which countries are wanted; what is left out does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// With one of these codes.
    pub codes: Option<Vec<CountryCode>>,
    /// Of one of these kinds.
    pub kinds: Option<Vec<CountryKind>>,
    /// In one of these regions or subregions.
    pub regions: Option<Vec<String>>,
    /// Written by this change or a later one.
    pub since: Option<i64>,
}

impl Filter {
    /// The same as SQL.
    pub fn condition(self) -> Condition {
        let mut all = Condition::all();
        if let Some(codes) = self.codes {
            all = all.add(column::<Entity>("code").is_in(codes));
        }
        if let Some(kinds) = self.kinds {
            all = all.add(column::<Entity>("kind").is_in(kinds));
        }
        if let Some(regions) = self.regions {
            let region = column::<Entity>("region").is_in(regions.clone());
            all = all.add(region.or(column::<Entity>("subregion").is_in(regions)));
        }
        if let Some(since) = self.since {
            all = all.add(column::<Entity>("since").gte(since));
        }
        all
    }
}

impl Store {
    /// The codes of the countries that belong to one of some organisations on a day, as known at a
    /// moment.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn members(
        &self,
        moment: Moment,
        organisations: &[InternationalOrganisation],
        day: Day,
    ) -> Result<Vec<CountryCode>, Error> {
        let rows = Entity::find()
            .filter(moment.filter::<Entity>())
            .all(self.reader())
            .await?;
        let belongs = |row: &Model| {
            row.memberships.iter().any(|membership| {
                organisations.contains(&membership.organisation) && membership.lasts_on(day)
            })
        };
        Ok(rows
            .into_iter()
            .filter(belongs)
            .map(|row| row.code)
            .collect())
    }
}
