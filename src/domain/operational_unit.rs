//! Operational units: those that do the work, within a body.

use sea_orm::ActiveEnum;

use super::citation::CitationInput;
use super::date::PartialDate;
use super::institution::{
    InstitutionFunction, InstitutionNoun, InstitutionStatus, institution, institutional,
};
use super::link::Link;
use super::localized_text::LocalizedText;
use super::noun::noun;
use super::record::{RecordField, RecordId};
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
institutional!(OperationalUnit);

impl InstitutionNoun for OperationalUnit {
    fn unnamed(&self) -> String {
        self.kind.to_value()
    }

    fn lacks(&self) -> Option<(RecordField, &'static str)> {
        let message = "name the body or unit that it is part of";
        self.parent
            .is_none()
            .then_some((RecordField::Parent, message))
    }
}
