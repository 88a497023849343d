//! Implementations of articles: entity, loader key and list filter.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait, Order};
use serde::{Deserialize, Serialize};

use super::list::Listed;
use super::load::Of;
use super::moment::{At, column};
use super::record::{Noun, entity};
use super::reference_index;
use domain::article_implementation::{ImplementationDegree, MappedBy, fields};
use domain::date::PartialDate;
use domain::provision_reference::ProvisionReference;
use domain::record::{Kind, RecordField, RecordId};
use domain::text::{CountryCode, TreatyReference};
use domain::value_type::List;

fields!(entity);

impl Noun for Entity {
    const KIND: Kind = Kind::ArticleImplementation;
    const COUNTRY: Option<&str> = Some("country");
}

/// Loader key for the implementations of a treaty's articles.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OfTreaty;

impl Of for OfTreaty {
    type Noun = Entity;
    type Key = TreatyReference;
    const COLUMN: &str = "treaty";
    fn key(row: &Model) -> Option<TreatyReference> {
        Some(row.treaty.clone())
    }
}

/// Filter of implementations; the list is sorted by treaty, and by article in the order of the treaty. A field that is
/// `None` does not restrict the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Implementations of articles of this treaty.
    pub treaty: Option<TreatyReference>,
    /// Implementations by one of these countries.
    pub countries: Option<Vec<CountryCode>>,
    /// Implementations of one of these articles or of a part of one.
    pub articles: Option<Vec<String>>,
    /// Implementations to one of these degrees.
    pub degrees: Option<Vec<ImplementationDegree>>,
}

impl Listed for Filter {
    type Noun = Entity;

    fn condition(&self, at: At) -> Condition {
        let mut all = Condition::all();
        if let Some(treaty) = &self.treaty {
            all = all.add(column::<Entity>("treaty").eq(treaty.clone()));
        }
        if let Some(countries) = &self.countries {
            all = all.add(column::<Entity>("country").is_in(countries.clone()));
        }
        if let Some(articles) = &self.articles {
            let named = reference_index::naming(RecordField::Article, articles.iter().cloned(), at);
            all = all.add(column::<Entity>("id").in_subquery(named));
        }
        if let Some(degrees) = &self.degrees {
            all = all.add(column::<Entity>("degree").is_in(degrees.clone()));
        }
        all
    }

    fn order(&self) -> (&'static str, Order) {
        ("place", Order::Asc)
    }

    fn is_own(&self) -> bool {
        true
    }
}
