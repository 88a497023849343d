//! Court decisions: entity and list filter.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait, Order};
use serde::{Deserialize, Serialize};

use super::list::Listed;
use super::moment::{At, column};
use super::record::{Noun, entity};
use super::reference_index;
use domain::court_decision::fields;
use domain::date::{Date, PartialDate};
use domain::localized_text::LocalizedText;
use domain::provision_reference::ProvisionReference;
use domain::record::{Kind, RecordField, RecordId};
use domain::text::{CountryCode, Markdown, TreatyReference};
use domain::url::Url;
use domain::value_type::List;

fields!(entity);

impl Noun for Entity {
    const KIND: Kind = Kind::CourtDecision;
    const COUNTRY: Option<&str> = Some("country");
}

/// Filter of court decisions; the list is sorted by the latest possible date, newest first. A field that is `None` does
/// not restrict the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Decisions of one of these countries.
    pub countries: Option<Vec<CountryCode>>,
    /// Decisions about articles of this treaty.
    pub treaty: Option<TreatyReference>,
    /// Decisions about one of these articles or a part of one.
    pub articles: Option<Vec<String>>,
    /// Decisions that may have been made on this day or later.
    pub from: Option<Date>,
    /// Decisions that may have been made on this day or earlier.
    pub to: Option<Date>,
}

impl Listed for Filter {
    type Noun = Entity;

    fn condition(&self, at: At) -> Condition {
        let mut all = Condition::all();
        if let Some(countries) = &self.countries {
            all = all.add(column::<Entity>("country").is_in(countries.clone()));
        }
        if let Some(treaty) = &self.treaty {
            all = all.add(column::<Entity>("treaty").eq(treaty.clone()));
        }
        if let Some(articles) = &self.articles {
            let named =
                reference_index::naming(RecordField::Articles, articles.iter().cloned(), at);
            all = all.add(column::<Entity>("id").in_subquery(named));
        }
        if let Some(from) = self.from {
            all = all.add(column::<Entity>("latest").gte(from));
        }
        if let Some(to) = self.to {
            all = all.add(column::<Entity>("earliest").lte(to));
        }
        all
    }

    fn order(&self) -> (&'static str, Order) {
        ("latest", Order::Desc)
    }

    fn is_own(&self) -> bool {
        true
    }
}
