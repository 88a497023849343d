//! The document of the profile, and names for its parts.

use graphql_client::GraphQLQuery;

use super::later::is_later;
use crate::treaty::order;
use crate::value::{
    BodyKind, Certainty, CountryKind, CoverageTopic, CoverageValue, DateOrigin,
    DocumentRelationKind, DocumentSubject, ImplementationDegree, InstitutionFunction,
    InstitutionStatus, InternationalOrganisation, MappedBy, MembershipRole, PolicyDocumentKind,
    PolicyDocumentStatus, ProfileTopic, RecordField, RecordKind, SectionState, SourceKind,
    StaleReason, TreatyEventKind, TreatyStatus, UnitKind,
};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "country/profile.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums(
        "BodyKind",
        "Certainty",
        "CountryKind",
        "CoverageTopic",
        "CoverageValue",
        "DateOrigin",
        "DocumentRelationKind",
        "DocumentSubject",
        "ImplementationDegree",
        "InstitutionFunction",
        "InstitutionStatus",
        "InternationalOrganisation",
        "MappedBy",
        "MembershipRole",
        "PolicyDocumentKind",
        "PolicyDocumentStatus",
        "ProfileTopic",
        "RecordField",
        "RecordKind",
        "SectionState",
        "SourceKind",
        "StaleReason",
        "TreatyEventKind",
        "TreatyStatus",
        "UnitKind"
    ),
    response_derives = "Debug, Clone",
    variables_derives = "Debug, Clone"
)]
pub struct Profile;

pub use profile::{
    Body, Cited, Fresh, Implementation, Name, Paper, ProfileAtCountry as Country,
    ProfileAtCountryPolicyDocumentsNodes as Document, ProfileAtCountrySections as Section,
    ProfileAtCountryTreatyEventsNodes as Event,
    ProfileAtCountryTreatyParticipations as Participation, ProfileAtFindingsNodes as FindingNode,
    ProfileAtFindingsNodesOn as FindingKind,
    ProfileAtFindingsNodesOnCoverageAssertion as Assertion, ProfileAtTreatiesNodes as KnownTreaty,
    Variables,
};

impl KnownTreaty {
    /// True if the treaty is opened for signature after the day of the view; false if its date is not known.
    pub fn opens_later(&self, as_of: &str) -> bool {
        let opened_on = self.opened_on.as_ref();
        is_later(opened_on.and_then(|date| date.earliest.as_deref()), as_of)
    }

    /// The place of the treaty in lists.
    pub fn place(&self) -> order::Place {
        let parent = self.parent.as_ref();
        order::place(
            (&self.reference, &self.short_title),
            parent.map(|one| (one.reference.as_str(), one.short_title.as_str())),
            self.opened_on.as_ref().map(|date| date.edtf.as_str()),
        )
    }
}
