//! Operational units: those that do the work, within a body.

use serde_json::Value;

use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::date::{Day, PartialDate};
use super::field::Content;
use super::institution::{InstitutionFunction, InstitutionStatus, institution, shown};
use super::link::Link;
use super::localized_text::LocalizedText;
use super::noun::{Identified, noun};
use super::record::{RecordField, RecordId};
use super::reference::{Mention, Reference, Upward};
use super::text::CountryCode;
use super::value_type::{List, words};

words! {
    /// What kind of unit it is. The list may grow.
    UnitKind {
        /// Investigates cybercrime.
        CybercrimeUnit,
        /// Prosecutes cybercrime.
        SpecialisedProsecutionUnit,
        /// A court, or a chamber of one, for cybercrime.
        SpecialisedCourt,
        /// Examines electronic evidence.
        DigitalForensicsUnit,
        /// Gathers intelligence.
        IntelligenceUnit,
        /// A computer security incident response team within a body.
        Csirt,
        /// People of several bodies who work together.
        WorkingGroup,
        /// A level between a body and its units.
        Department,
        /// Anything else.
        Other,
    }
}

/// The fields of a unit: what is done with them is up to `$then`.
#[macro_export]
macro_rules! operational_unit_fields {
    ($then:ident) => {
        institution! { $then
            /// What is known of an operational unit. A create must have: kind status country parent.
            OperationalUnit in "operational_unit" as OperationalUnitFields, CreateOperationalUnit, UpdateOperationalUnit of UnitKind
        }
    };
}
pub use operational_unit_fields as fields;
fields!(noun);
shown!(OperationalUnit);

impl Identified for OperationalUnit {
    fn key(&self) -> String {
        self.shown().key(&sea_orm::ActiveEnum::to_value(&self.kind))
    }

    fn faults(&self) -> Vec<Finding> {
        let mut found = self.shown().faults();
        if self.parent.is_none() {
            let at = Path::default().then(RecordField::Parent.camel());
            found.push(at.finding(Code::Required, "name the body or unit that it is part of"));
        }
        found
    }

    fn references(&self) -> Vec<(RecordField, Reference)> {
        self.shown().references()
    }

    fn upward(&self) -> Vec<Upward> {
        self.shown().upward()
    }

    fn read_back(
        &self,
        field: RecordField,
        given: &Value,
        is_same: &dyn Fn(RecordField) -> bool,
        _: Day,
    ) -> Option<Value> {
        self.shown().read_back(field, given, is_same)
    }

    fn elements(&self) -> Vec<Mention> {
        self.shown().elements()
    }

    fn country(&self) -> Option<CountryCode> {
        Some(self.country.clone())
    }

    fn kept(&self) -> Content {
        self.shown().kept()
    }
}
