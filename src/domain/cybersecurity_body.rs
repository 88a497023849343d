//! Cybersecurity bodies: agencies, ministries, security services, CSIRTs, regulators, courts.

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
    /// What kind of body it is. The list may grow.
    BodyKind {
        /// A head of State and their office.
        HeadOfState,
        /// A parliament.
        Parliament,
        /// A government or cabinet.
        Government,
        /// A ministry.
        Ministry,
        /// An agency under a government or ministry.
        Agency,
        /// A security or intelligence service.
        SecurityService,
        /// A computer security incident response team.
        Csirt,
        /// A regulator.
        Regulator,
        /// The police, or another service that enforces the law.
        LawEnforcement,
        /// A prosecution service.
        Prosecution,
        /// A court.
        Court,
        /// A council or committee in which others coordinate.
        CoordinationBody,
        /// Anything else.
        Other,
    }
}

/// The fields of a body: what is done with them is up to `$then`.
#[macro_export]
macro_rules! cybersecurity_body_fields {
    ($then:ident) => {
        institution! { $then
            /// What is known of a cybersecurity body. A create must have: names kind status country.
            CybersecurityBody in "cybersecurity_body" as CybersecurityBodyFields, CreateCybersecurityBody, UpdateCybersecurityBody of BodyKind
        }
    };
}
pub use cybersecurity_body_fields as fields;
fields!(noun);
institutional!(CybersecurityBody);

impl InstitutionNoun for CybersecurityBody {
    fn unnamed(&self) -> String {
        "body".to_owned()
    }

    fn lacks(&self) -> Option<(RecordField, &'static str)> {
        let message = "a body has a name";
        self.names
            .is_empty()
            .then_some((RecordField::Names, message))
    }
}
