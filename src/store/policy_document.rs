//! Policy documents: entity and list filter.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait, Order};
use serde::{Deserialize, Serialize};

use super::list::Listed;
use super::moment::{At, column};
use super::record::{Noun, entity};
use super::reference_index;
use domain::date::{Date, PartialDate};
use domain::localized_text::LocalizedText;
use domain::order::PolicyDocumentOrder;
use domain::policy_document::{
    DocumentRelation, DocumentSubject, DocumentText, PolicyDocumentKind, PolicyDocumentStatus,
    Provision, fields,
};
use domain::record::{Kind, RecordField, RecordId};
use domain::text::{CountryCode, Markdown, TreatyReference};
use domain::value_type::List;

fields!(entity);

impl Noun for Entity {
    const KIND: Kind = Kind::PolicyDocument;
    const COUNTRY: Option<&str> = Some("country");
}

/// Filter and order of a list of policy documents. A field that is `None` does not restrict the list.
/// Documents that begin after the as-of date are not in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Documents of one of these countries.
    pub countries: Option<Vec<CountryCode>>,
    /// Documents about one of these subjects.
    pub subjects: Option<Vec<DocumentSubject>>,
    /// Documents of one of these kinds.
    pub kinds: Option<Vec<PolicyDocumentKind>>,
    /// Documents with one of these statuses, as reported by the source.
    pub status: Option<Vec<PolicyDocumentStatus>>,
    /// Documents that may have been adopted on this day or later.
    pub adopted_from: Option<Date>,
    /// Documents that may have been adopted on this day or earlier.
    pub adopted_to: Option<Date>,
    /// The order of the list.
    pub order: PolicyDocumentOrder,
}

impl Listed for Filter {
    type Noun = Entity;

    fn condition(&self, at: At) -> Condition {
        let mut all = Condition::all().add(column::<Entity>("begins").lte(at.as_of));
        if let Some(countries) = &self.countries {
            all = all.add(column::<Entity>("country").is_in(countries.clone()));
        }
        if let Some(subjects) = &self.subjects {
            let words = subjects.iter().map(ActiveEnum::to_value);
            let named = reference_index::naming(RecordField::Subjects, words, at);
            all = all.add(column::<Entity>("id").in_subquery(named));
        }
        if let Some(kinds) = &self.kinds {
            all = all.add(column::<Entity>("kind").is_in(kinds.clone()));
        }
        if let Some(status) = &self.status {
            all = all.add(column::<Entity>("status").is_in(status.clone()));
        }
        if let Some(from) = self.adopted_from {
            all = all.add(column::<Entity>("adopted_latest").gte(from));
        }
        if let Some(to) = self.adopted_to {
            all = all.add(column::<Entity>("adopted_earliest").lte(to));
        }
        all
    }

    fn order(&self) -> (&'static str, Order) {
        match self.order {
            PolicyDocumentOrder::AdoptedNewest => ("adopted_latest", Order::Desc),
            PolicyDocumentOrder::AdoptedOldest => ("adopted_earliest", Order::Asc),
            PolicyDocumentOrder::Title => ("sort_title", Order::Asc),
        }
    }

    fn is_own(&self) -> bool {
        true
    }
}
