//! Countries: entity, loader key and list filter.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait, Order};
use serde::{Deserialize, Serialize};

use super::list::Listed;
use super::load::Of;
use super::moment::{At, column};
use super::record::{Noun, entity};
use super::reference_index;
use domain::country::{Administration, CountryKind, InternationalOrganisation, Membership, fields};
use domain::localized_text::LocalizedText;
use domain::order::CountryOrder;
use domain::record::{Kind, RecordField, RecordId};
use domain::text::CountryCode;
use domain::value_type::List;

fields!(entity);

impl Noun for Entity {
    const KIND: Kind = Kind::Country;
    const COUNTRY: Option<&str> = Some("code");
}

/// Loader key for the country with a code.
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

/// Filter and order of a list of countries. A field that is `None` does not restrict the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Countries with one of these codes.
    pub codes: Option<Vec<CountryCode>>,
    /// Countries of one of these kinds.
    pub kinds: Option<Vec<CountryKind>>,
    /// Countries in one of these regions or subregions.
    pub regions: Option<Vec<String>>,
    /// Countries that are members of one of these organisations on the as-of date.
    pub memberships: Option<Vec<InternationalOrganisation>>,
    /// True: countries to which records other than treaty events belong. False: the others.
    pub has_profile: Option<bool>,
    /// Rows written by this change or a later one.
    pub since: Option<i64>,
    /// The order of the list.
    pub order: CountryOrder,
}

impl Default for Filter {
    /// All countries, by name.
    fn default() -> Self {
        Self {
            codes: None,
            kinds: None,
            regions: None,
            memberships: None,
            has_profile: None,
            since: None,
            order: CountryOrder::Name,
        }
    }
}

impl Listed for Filter {
    type Noun = Entity;

    fn condition(&self, at: At) -> Condition {
        let mut all = Condition::all();
        if let Some(codes) = &self.codes {
            all = all.add(column::<Entity>("code").is_in(codes.clone()));
        }
        if let Some(kinds) = &self.kinds {
            all = all.add(column::<Entity>("kind").is_in(kinds.clone()));
        }
        if let Some(regions) = &self.regions {
            let region = column::<Entity>("region").is_in(regions.clone());
            all = all.add(region.or(column::<Entity>("subregion").is_in(regions.clone())));
        }
        if let Some(organisations) = &self.memberships {
            let words = organisations.iter().map(ActiveEnum::to_value);
            let named = reference_index::naming(RecordField::Memberships, words, at);
            all = all.add(column::<Entity>("id").in_subquery(named));
        }
        if let Some(has_profile) = self.has_profile {
            let code = column::<Entity>("code");
            let described = reference_index::described_countries(at);
            all = all.add(if has_profile {
                code.in_subquery(described)
            } else {
                code.not_in_subquery(described)
            });
        }
        if let Some(since) = self.since {
            all = all.add(column::<Entity>("since").gte(since));
        }
        all
    }

    fn order(&self) -> (&'static str, Order) {
        match self.order {
            CountryOrder::Name => ("sort_name", Order::Asc),
            CountryOrder::Code => ("code", Order::Asc),
            CountryOrder::LastChanged => ("since", Order::Desc),
        }
    }

    fn is_own(&self) -> bool {
        self.has_profile.is_none()
    }
}
