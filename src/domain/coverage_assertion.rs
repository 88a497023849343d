//! Coverage assertions: explicit findings on a topic, absences included.

use serde_json::json;

use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::date::{Day, PartialDate};
use super::field::Content;
use super::noun::{Identified, noun};
use super::record::{Kind, RecordField, RecordId};
use super::reference::Reference;
use super::text::{CountryCode, slug};
use super::value_type::words;

words! {
    /// What a finding is about. The list may grow.
    CoverageTopic {
        /// A strategy on cybercrime.
        CybercrimeStrategy,
        /// Other policy on cybercrime.
        CybercrimePolicy,
        /// A strategy on cybersecurity.
        CybersecurityStrategy,
        /// A plan of action for a strategy.
        ActionPlan,
        /// Offences against and by means of computers.
        SubstantiveLaw,
        /// Powers to secure electronic evidence.
        ProceduralLaw,
        /// Conditions and safeguards for such powers.
        Safeguards,
        /// Data protection.
        DataProtection,
        /// Reservations and declarations to treaties.
        TreatyReservations,
        /// Cooperation with other countries.
        InternationalCooperation,
        /// A national computer security incident response team.
        NationalCsirt,
        /// A point of contact at every hour.
        #[graphql(name = "POINT_OF_CONTACT_24_7")]
        #[serde(rename = "POINT_OF_CONTACT_24_7")]
        #[sea_orm(string_value = "POINT_OF_CONTACT_24_7")]
        PointOfContact247,
        /// A central authority for mutual legal assistance.
        #[graphql(name = "CENTRAL_AUTHORITY_MLA")]
        #[serde(rename = "CENTRAL_AUTHORITY_MLA")]
        #[sea_orm(string_value = "CENTRAL_AUTHORITY_MLA")]
        CentralAuthorityMla,
        /// A unit that investigates cybercrime.
        CybercrimeUnit,
        /// A unit that prosecutes cybercrime.
        SpecialisedProsecutionUnit,
        /// A court for cybercrime.
        SpecialisedCourt,
        /// Decisions of courts.
        CaseLaw,
        /// A channel by which the public reports cybercrime.
        ReportingChannel,
        /// Training of those who do the work.
        Training,
        /// Statistics on cybercrime.
        Statistics,
    }
}

words! {
    /// What was found. Where nobody looked there is no finding.
    CoverageValue {
        /// It exists.
        Present,
        /// Something else covers a part of it: see `via`.
        Partial,
        /// It is being developed.
        InDevelopment,
        /// It does not exist.
        Absent,
        /// Somebody looked and could not tell.
        Unknown,
    }
}

/// The fields of a finding: what is done with them is up to `$then`.
#[macro_export]
macro_rules! coverage_assertion_fields {
    ($then:ident) => {
        $then! {
            /// What is known of a finding. A create must have: topic value asOf country.
            CoverageAssertion in "coverage_assertion" as CoverageAssertionFields, CreateCoverageAssertion, UpdateCoverageAssertion citing Vec<CitationInput> {
                /// What it is about.
                topic: CoverageTopic,
                /// What was found.
                value: CoverageValue,
                /// The finding in a sentence.
                statement: Option<String>,
                /// The document that covers the topic, in whole or in part.
                via: Option<RecordId>,
                /// When it was so.
                as_of: PartialDate,
                /// The country it belongs to.
                country: CountryCode,
            } keeping { earliest: String, latest: String, }
        }
    };
}
pub use coverage_assertion_fields as fields;
fields!(noun);

impl Identified for CoverageAssertion {
    fn key(&self) -> String {
        let topic = sea_orm::ActiveEnum::to_value(&self.topic);
        slug(&format!("{} {topic}", self.country))
    }

    fn faults(&self) -> Vec<Finding> {
        let nothing = matches!(self.value, CoverageValue::Absent | CoverageValue::Unknown);
        let at = Path::default().then(RecordField::Via.camel());
        let message = "what is absent or unknown is covered by nothing";
        let wrong = nothing && self.via.is_some();
        wrong
            .then(|| at.finding(Code::Invalid, message))
            .into_iter()
            .collect()
    }

    fn references(&self) -> Vec<(RecordField, Reference)> {
        let country = Reference::Country(self.country.clone());
        let mut references = vec![(RecordField::Country, country)];
        references.extend(self.via.as_ref().map(|document| {
            let document = Reference::record(&[Kind::PolicyDocument], document);
            (RecordField::Via, document)
        }));
        references
    }

    fn country(&self) -> Option<CountryCode> {
        Some(self.country.clone())
    }

    fn kept(&self) -> Content {
        let earliest = self.as_of.earliest().unwrap_or(Day::FIRST);
        let latest = self.as_of.latest().unwrap_or(Day::LAST);
        Content::from_iter([
            ("earliest".to_owned(), json!(earliest)),
            ("latest".to_owned(), json!(latest)),
        ])
    }
}
