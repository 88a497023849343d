//! The list filter of cybersecurity bodies and operational units, written once for both tables.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use sea_orm::ActiveEnum;
use sea_orm::sea_query::{Condition, ExprTrait, Order};

use super::list::Listed;
use super::moment::{At, column};
use super::record::Noun;
use super::reference_index;
use domain::institution::{InstitutionFunction, InstitutionStatus};
use domain::record::RecordField;
use domain::text::CountryCode;

/// Filter of bodies or units; the list is sorted by name. A field that is `None` does not restrict the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Institutions of one of these countries.
    pub countries: Option<Vec<CountryCode>>,
    /// Institutions with one of these functions.
    pub functions: Option<Vec<InstitutionFunction>>,
    /// Institutions with one of these statuses.
    pub status: Option<Vec<InstitutionStatus>>,
}

/// The list of the bodies or units that pass a filter. Institutions that begin after the as-of date are not in it.
pub struct Institutions<E> {
    filter: Filter,
    noun: PhantomData<fn() -> E>,
}

impl<E> Institutions<E> {
    /// The list of those that pass `filter`.
    pub fn new(filter: Filter) -> Self {
        Self {
            filter,
            noun: PhantomData,
        }
    }

    /// The filter of the list.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }
}

impl<E> Clone for Institutions<E> {
    fn clone(&self) -> Self {
        Self::new(self.filter.clone())
    }
}

impl<E> Debug for Institutions<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.filter.fmt(f)
    }
}

impl<E> PartialEq for Institutions<E> {
    fn eq(&self, other: &Self) -> bool {
        self.filter == other.filter
    }
}

impl<E> Eq for Institutions<E> {}

impl<E> Hash for Institutions<E> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.filter.hash(state);
    }
}

impl<E: Noun> Listed for Institutions<E> {
    type Noun = E;

    fn condition(&self, at: At) -> Condition {
        let filter = &self.filter;
        let mut all = Condition::all().add(column::<E>("begins").lte(at.as_of));
        if let Some(countries) = &filter.countries {
            all = all.add(column::<E>("country").is_in(countries.clone()));
        }
        if let Some(functions) = &filter.functions {
            let words = functions.iter().map(ActiveEnum::to_value);
            let named = reference_index::naming(RecordField::Functions, words, at);
            all = all.add(column::<E>("id").in_subquery(named));
        }
        if let Some(status) = &filter.status {
            all = all.add(column::<E>("status").is_in(status.clone()));
        }
        all
    }

    fn order(&self) -> (&'static str, Order) {
        ("sort_name", Order::Asc)
    }

    fn is_own(&self) -> bool {
        true
    }
}
