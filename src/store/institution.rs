//! What the tables of bodies and units have in common: their rows, and which are wanted.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use sea_orm::ActiveEnum;
use sea_orm::sea_query::{Condition, ExprTrait, Order};

use super::list::Listed;
use super::mention;
use super::moment::{At, column};
use super::record::{Noun, Row};
use domain::date::PartialDate;
use domain::institution::{InstitutionFunction, InstitutionStatus};
use domain::link::Link;
use domain::localized_text::LocalizedText;
use domain::record::{RecordField, RecordId};
use domain::text::CountryCode;

/// The row of a body or unit.
pub trait InstitutionRow: Row {
    /// Its names by language.
    fn names(&self) -> &[LocalizedText];
    /// What it is called for short.
    fn acronym(&self) -> Option<&str>;
    /// How far it has come.
    fn status(&self) -> InstitutionStatus;
    /// The country it belongs to.
    fn country(&self) -> &CountryCode;
    /// What it is part of.
    fn parent(&self) -> Option<&RecordId>;
    /// What it does.
    fn functions(&self) -> &[InstitutionFunction];
    /// From when until when it exists.
    fn period(&self) -> Option<PartialDate>;
    /// The day from which it is listed.
    fn begins(&self) -> &str;
    /// Whose work it took over.
    fn predecessors(&self) -> &[RecordId];
    /// Its own pages.
    fn website(&self) -> Option<&Link>;
    /// Where anybody can report cybercrime to it.
    fn reporting_url(&self) -> Option<&Link>;
    /// What it is there for.
    fn mandate(&self) -> Option<&str>;
    /// What gives it its powers.
    fn legal_basis(&self) -> &[RecordId];
}

/// Shows the row of a table as that of an institution.
macro_rules! institution_row {
    ($model:ty) => {
        impl $crate::institution::InstitutionRow for $model {
            fn names(&self) -> &[LocalizedText] {
                &self.names
            }
            fn acronym(&self) -> Option<&str> {
                self.acronym.as_deref()
            }
            fn status(&self) -> InstitutionStatus {
                self.status
            }
            fn country(&self) -> &CountryCode {
                &self.country
            }
            fn parent(&self) -> Option<&RecordId> {
                self.parent.as_ref()
            }
            fn functions(&self) -> &[InstitutionFunction] {
                &self.functions
            }
            fn period(&self) -> Option<PartialDate> {
                self.period
            }
            fn begins(&self) -> &str {
                &self.begins
            }
            fn predecessors(&self) -> &[RecordId] {
                &self.predecessors
            }
            fn website(&self) -> Option<&Link> {
                self.website.as_ref()
            }
            fn reporting_url(&self) -> Option<&Link> {
                self.reporting_url.as_ref()
            }
            fn mandate(&self) -> Option<&str> {
                self.mandate.as_deref()
            }
            fn legal_basis(&self) -> &[RecordId] {
                &self.legal_basis
            }
        }
    };
}
pub(super) use institution_row;

/// Which bodies or units are wanted, by name; what is left out does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Of one of these countries.
    pub countries: Option<Vec<CountryCode>>,
    /// With one of these functions.
    pub functions: Option<Vec<InstitutionFunction>>,
    /// With one of these statuses.
    pub status: Option<Vec<InstitutionStatus>>,
}

/// The bodies or the units that a filter lets through.
pub struct Institutions<E> {
    filter: Filter,
    noun: PhantomData<fn() -> E>,
}

impl<E> Institutions<E> {
    /// Those that `filter` lets through.
    pub fn new(filter: Filter) -> Self {
        Self {
            filter,
            noun: PhantomData,
        }
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
            let named = mention::naming(RecordField::Functions, words, at);
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
}
