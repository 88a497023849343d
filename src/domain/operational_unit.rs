//! Operational units: the units within a body that do the work.

use sea_orm::ActiveEnum;

use super::citation::CitationInput;
use super::date::PartialDate;
use super::institution::{
    InstitutionFunction, InstitutionNoun, InstitutionStatus, institution, institutional,
};
use super::localized_text::LocalizedText;
use super::noun::noun;
use super::record::{RecordField, RecordId};
use super::text::CountryCode;
use super::url::Url;
use super::value_type::{List, field_enum};

field_enum! {
    /// Type of operational unit. The list may grow.
    UnitKind {
        /// Unit that investigates cybercrime.
        CybercrimeUnit,
        /// Unit that prosecutes cybercrime.
        SpecialisedProsecutionUnit,
        /// Court, or chamber of a court, for cybercrime.
        SpecialisedCourt,
        /// Unit that secures and examines electronic evidence.
        DigitalForensicsUnit,
        /// Unit that gathers intelligence.
        IntelligenceUnit,
        /// Computer security incident response team (CSIRT) within a body.
        Csirt,
        /// Working group of people from several bodies.
        WorkingGroup,
        /// Department: a level between a body and its units.
        Department,
        /// Any other kind of unit.
        Other,
    }
}

/// Passes the declaration of `OperationalUnit` to the macro `$then`.
#[macro_export]
macro_rules! operational_unit_fields {
    ($then:ident) => {
        institution! { $then
            /// The fields of an operational unit. A create must have `kind`, `status`, `country` and `parent`.
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

    fn missing_field(&self) -> Option<(RecordField, &'static str)> {
        let message = "a unit needs a parent: name the body or unit of which it is a part";
        self.parent
            .is_none()
            .then_some((RecordField::Parent, message))
    }
}
