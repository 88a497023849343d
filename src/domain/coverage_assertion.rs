//! Coverage assertions: explicit findings on a topic, absences included.

use sea_orm::Iterable;
use serde_json::json;

use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::date::{Date, PartialDate};
use super::field::Content;
use super::noun::{Identified, noun};
use super::record::{Kind, RecordField, RecordId};
use super::reference::Reference;
use super::text::{CountryCode, slug};
use super::value_type::field_enum;

field_enum! {
    /// Topic of a coverage assertion. The list may grow.
    CoverageTopic {
        /// A strategy on cybercrime.
        CybercrimeStrategy,
        /// Policy on cybercrime other than a strategy.
        CybercrimePolicy,
        /// A strategy on cybersecurity.
        CybersecurityStrategy,
        /// An action plan that carries out a strategy.
        ActionPlan,
        /// Substantive criminal law: offences against and by means of computers, as in ETS 185 Articles 2 to 13.
        SubstantiveLaw,
        /// Procedural law: powers to secure electronic evidence, as in ETS 185 Articles 14 to 21.
        ProceduralLaw,
        /// Conditions and safeguards for such powers, as in ETS 185 Article 15.
        Safeguards,
        /// Protection of personal data.
        DataProtection,
        /// Reservations to treaties.
        TreatyReservations,
        /// Cooperation with other countries, such as extradition and mutual legal assistance.
        InternationalCooperation,
        /// A national computer security incident response team (CSIRT).
        NationalCsirt,
        /// A point of contact available 24 hours a day, 7 days a week, as in ETS 185 Article 35.
        #[graphql(name = "POINT_OF_CONTACT_24_7")]
        #[serde(rename = "POINT_OF_CONTACT_24_7")]
        #[sea_orm(string_value = "POINT_OF_CONTACT_24_7")]
        PointOfContact247,
        /// A central authority for mutual legal assistance, as in ETS 185 Article 27(2).
        #[graphql(name = "CENTRAL_AUTHORITY_MLA")]
        #[serde(rename = "CENTRAL_AUTHORITY_MLA")]
        #[sea_orm(string_value = "CENTRAL_AUTHORITY_MLA")]
        CentralAuthorityMla,
        /// A unit that investigates cybercrime.
        CybercrimeUnit,
        /// A unit that prosecutes cybercrime.
        SpecialisedProsecutionUnit,
        /// A court, or a chamber of a court, for cybercrime.
        SpecialisedCourt,
        /// Court decisions on cybercrime and electronic evidence.
        CaseLaw,
        /// A channel by which the public can report cybercrime.
        ReportingChannel,
        /// Training of practitioners, such as investigators, prosecutors and judges.
        Training,
        /// Statistics on cybercrime.
        Statistics,
        /// A law on cybersecurity.
        CybersecurityLaw,
        /// Protection of critical infrastructure.
        CriticalInfrastructure,
        /// Interception of communications.
        Interception,
        /// Retention of data by providers.
        DataRetention,
        /// Exchange of information on threats and incidents.
        InformationSharing,
        /// Cooperation of service providers with authorities.
        ProviderCooperation,
        /// Declarations to treaties.
        TreatyDeclarations,
        /// Raising of public awareness.
        Awareness,
    }
}

impl CoverageTopic {
    /// Iterates over all topics, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }
}

field_enum! {
    /// Result of a coverage assertion. A topic that nobody researched has no assertion at all.
    CoverageValue {
        /// It exists.
        Present,
        /// Something else covers a part of it: see `via`.
        Partial,
        /// It is being developed.
        InDevelopment,
        /// It does not exist: somebody looked and found none.
        Absent,
        /// The question does not arise for the country.
        NotApplicable,
        /// Somebody looked and could not tell.
        Unknown,
    }
}

/// Passes the declaration of `CoverageAssertion` to the macro `$then`.
#[macro_export]
macro_rules! coverage_assertion_fields {
    ($then:ident) => {
        $then! {
            /// The fields of a coverage assertion.
            CoverageAssertion in "coverage_assertion" as CoverageAssertionFields, CreateCoverageAssertion, UpdateCoverageAssertion citing Vec<CitationInput> {
                /// Topic of the assertion.
                topic: CoverageTopic,
                /// Result: present, absent or in between.
                value: CoverageValue,
                /// The result in a sentence, as in `No cybercrime strategy exists or is planned.`
                statement: Option<String>,
                /// Id of the policy document that covers the topic, in whole or in part. Not possible with `ABSENT`
                /// and `UNKNOWN`.
                via: Option<RecordId>,
                /// Date at which the result was true. The assertion with the latest date on a topic counts: an interval by its end, so
                /// that one without an end is the latest.
                as_of: PartialDate,
                /// Code of the country of which the assertion is made.
                country: CountryCode,
            } derived { earliest: String, latest: String, }
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

    fn validate(&self) -> Vec<Finding> {
        let nothing = matches!(self.value, CoverageValue::Absent | CoverageValue::Unknown);
        let at = Path::default().then(RecordField::Via.camel());
        let message = "only a value other than ABSENT and UNKNOWN can have `via`";
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

    fn derived_columns(&self) -> Content {
        let earliest = self.as_of.earliest().unwrap_or(Date::FIRST);
        let latest = self.as_of.latest().unwrap_or(Date::LAST);
        Content::from_iter([
            ("earliest".to_owned(), json!(earliest)),
            ("latest".to_owned(), json!(latest)),
        ])
    }
}
