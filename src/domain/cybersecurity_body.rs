//! Cybersecurity bodies: agencies, ministries, security services, CSIRTs, regulators, courts.

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
shown!(CybersecurityBody);

impl Identified for CybersecurityBody {
    fn key(&self) -> String {
        self.shown().key("body")
    }

    fn faults(&self) -> Vec<Finding> {
        let mut found = self.shown().faults();
        if self.names.is_empty() {
            let at = Path::default().then(RecordField::Names.camel());
            found.push(at.finding(Code::Required, "a body has a name"));
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
