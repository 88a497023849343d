//! Operational units: the units that do the work, most of them within a body.

use sea_orm::ActiveEnum;

use super::citation::CitationInput;
use super::date::PartialDate;
use super::institution::{
    InstitutionFunction, InstitutionNoun, InstitutionStatus, institution, institutional,
};
use super::localized_text::LocalizedText;
use super::noun::noun;
use super::record::RecordId;
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
        /// Military command for cyberspace.
        CyberCommand,
        /// Computer security incident response team (CSIRT) within a body.
        Csirt,
        /// Centre that monitors networks for attacks.
        SecurityOperationsCentre,
        /// Point of contact, such as that of ETS 185 Article 35.
        ContactPoint,
        /// Central authority for mutual legal assistance or extradition.
        CentralAuthority,
        /// Centre to which the public reports cybercrime.
        ReportingCentre,
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
            /// The fields of an operational unit.
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
}
