//! Institutions: the fields that cybersecurity bodies and operational units share, and the rules for them.

use serde_json::{Value, json};

use super::check::{Code, Finding, Path};
use super::date::{Date, PartialDate};
use super::field::Content;
use super::localized_text::{LocalizedText, localized};
use super::noun::{Described, Identified};
use super::record::{Kind, RecordField, RecordId, camel_case};
use super::reference::{AcyclicReference, IndexedReference, Reference};
use super::subdivision;
use super::text::{CountryCode, slug, sort_key};
use super::url::Url;
use super::value_type::field_enum;

/// The kinds of record that are institutions.
pub const KINDS: &[Kind] = &[Kind::CybersecurityBody, Kind::OperationalUnit];

field_enum! {
    /// Stage of an institution. The list may grow.
    InstitutionStatus {
        /// Announced; nothing exists yet.
        Planned,
        /// Being set up; not working yet.
        BeingSetUp,
        /// Working.
        Operational,
        /// Dissolved: it does not exist any more.
        Dissolved,
        /// Its stage is not known: no source states it.
        Unknown,
    }
}

field_enum! {
    /// Function of an institution, or function for which a treaty asks a country to designate an authority. The list
    /// may grow.
    InstitutionFunction {
        /// Lead authority for cybersecurity in the whole country.
        NationalCybersecurityAuthority,
        /// Computer security incident response team (CSIRT) for the whole country.
        NationalCsirt,
        /// CSIRT for the government.
        GovernmentCsirt,
        /// CSIRT for one sector, such as banking.
        SectoralCsirt,
        /// Investigation of cybercrime.
        CybercrimeInvestigation,
        /// Prosecution.
        Prosecution,
        /// Adjudication: decisions in court.
        Adjudication,
        /// Digital forensics: securing and examining electronic evidence.
        DigitalForensics,
        /// Intelligence.
        Intelligence,
        /// Military defence in cyberspace.
        CyberDefence,
        /// Protection of critical infrastructure.
        CriticalInfrastructureProtection,
        /// Point of contact available 24 hours a day, 7 days a week, as in ETS 185 Article 35.
        #[graphql(name = "POINT_OF_CONTACT_24_7")]
        #[serde(rename = "POINT_OF_CONTACT_24_7")]
        #[sea_orm(string_value = "POINT_OF_CONTACT_24_7")]
        PointOfContact247,
        /// Central authority for mutual legal assistance, as in ETS 185 Article 27(2).
        #[graphql(name = "CENTRAL_AUTHORITY_MLA")]
        #[serde(rename = "CENTRAL_AUTHORITY_MLA")]
        #[sea_orm(string_value = "CENTRAL_AUTHORITY_MLA")]
        CentralAuthorityMla,
        /// Authority that makes or receives requests for extradition, as in ETS 185 Article 24(7).
        ExtraditionAuthority,
        /// Regulation of electronic communications.
        CommunicationsRegulation,
        /// Supervision of financial services.
        FinancialSupervision,
        /// Supervision of the protection of personal data.
        DataProtection,
        /// Reception of reports of cybercrime from the public.
        ReportingPoint,
        /// Information technology of the government.
        #[graphql(name = "GOVERNMENT_ICT")]
        #[serde(rename = "GOVERNMENT_ICT")]
        #[sea_orm(string_value = "GOVERNMENT_ICT")]
        GovernmentIct,
        /// Coordination of policy between institutions.
        PolicyCoordination,
        /// Training of practitioners, such as investigators, prosecutors and judges.
        Training,
        /// Raising of public awareness.
        Awareness,
        /// Standards for security, and audits of their application.
        StandardsAndAudit,
        /// Licensing of providers and services.
        Licensing,
        /// Supervision of trust services, such as electronic signatures.
        TrustServicesSupervision,
        /// Financial intelligence: analysis of reports of suspicious transactions.
        FinancialIntelligence,
        /// Exchange of information on threats and incidents.
        InformationSharing,
        /// Protection of children online.
        ChildProtectionOnline,
        /// Oversight of other institutions, such as of the use of powers of investigation.
        Oversight,
        /// Statistics on cybercrime.
        Statistics,
    }
}

/// Passes the declaration of an institution to the macro `$then`: the shared fields, and the type `$kind` of its
/// `kind`.
#[macro_export]
macro_rules! institution {
    (
        $then:ident
        $(#[$doc:meta])*
        $noun:ident in $table:literal as $fields:ident, $create:ident, $update:ident of $kind:ident
    ) => {
        $then! {
            $(#[$doc])*
            $noun in $table as $fields, $create, $update citing Vec<CitationInput> {
                /// Names by language.
                names: List<LocalizedText>,
                /// Acronym or short name.
                acronym: Option<String>,
                /// Type of institution.
                kind: $kind,
                /// Stage. Once the period has ended, readers see `DISSOLVED`.
                status: InstitutionStatus,
                /// Code of the country to which the institution belongs.
                country: CountryCode,
                /// Id of the body or unit of which the institution is a part. It belongs to the same country.
                parent: Option<RecordId>,
                /// Functions of the institution, each once.
                functions: List<InstitutionFunction>,
                /// Period in which the institution exists or existed, as in `2011/..`.
                period: Option<PartialDate>,
                /// Ids of the bodies or units whose work the institution took over, each once.
                predecessors: List<RecordId>,
                /// Address of the institution's website.
                website: Option<Url>,
                /// Address at which anybody can report cybercrime to the institution.
                reporting_url: Option<Url>,
                /// Mandate: the task for which the institution exists.
                mandate: Option<String>,
                /// Ids of the policy documents that establish the institution or give it powers, each once.
                legal_basis: List<RecordId>,
                /// Ids of the other bodies or units that run the institution together with its parent, each once.
                jointly_with: List<RecordId>,
                /// ISO 3166-2 code of the part of the country to which the institution is limited, as in `US-CA`.
                /// Absent if it is of the whole country.
                subdivision: Option<String>,
            } derived { sort_name: String, begins: String, }
        }
    };
}
pub use institution;

/// The shared fields of one institution, borrowed.
#[derive(Clone, Copy)]
pub struct Institution<'a> {
    /// Names by language.
    pub names: &'a [LocalizedText],
    /// Acronym or short name.
    pub acronym: Option<&'a str>,
    /// Stored stage.
    pub status: InstitutionStatus,
    /// Code of the country to which it belongs.
    pub country: &'a CountryCode,
    /// Id of the institution of which it is a part.
    pub parent: Option<&'a RecordId>,
    /// Functions.
    pub functions: &'a [InstitutionFunction],
    /// Period in which it exists or existed.
    pub period: Option<PartialDate>,
    /// Ids of the institutions whose work it took over.
    pub predecessors: &'a [RecordId],
    /// Address of its website.
    pub website: Option<&'a Url>,
    /// Address at which anybody can report cybercrime to it.
    pub reporting_url: Option<&'a Url>,
    /// Mandate.
    pub mandate: Option<&'a str>,
    /// Ids of the policy documents that establish it.
    pub legal_basis: &'a [RecordId],
    /// Ids of the institutions that run it together with its parent.
    pub jointly_with: &'a [RecordId],
    /// ISO 3166-2 code of the part of the country to which it is limited.
    pub subdivision: Option<&'a str>,
}

/// A type that has the fields of [`institution!`]: the content of an institution, or a row of its table.
pub trait Institutional {
    /// Borrows the fields that all institutions share.
    fn institution(&self) -> Institution<'_>;
}

/// Implements [`Institutional`] for a type that has the fields of [`institution!`].
#[macro_export]
macro_rules! institutional {
    ($type:ty) => {
        impl $crate::institution::Institutional for $type {
            fn institution(&self) -> $crate::institution::Institution<'_> {
                $crate::institution::Institution {
                    names: &self.names,
                    acronym: self.acronym.as_deref(),
                    status: self.status,
                    country: &self.country,
                    parent: self.parent.as_ref(),
                    functions: &self.functions,
                    period: self.period,
                    predecessors: &self.predecessors,
                    website: self.website.as_ref(),
                    reporting_url: self.reporting_url.as_ref(),
                    mandate: self.mandate.as_deref(),
                    legal_basis: &self.legal_basis,
                    jointly_with: &self.jointly_with,
                    subdivision: self.subdivision.as_deref(),
                }
            }
        }
    };
}
pub use institutional;

/// A noun that is an institution: adds the rules that differ between bodies and units.
pub trait InstitutionNoun: Described + Institutional + 'static {
    /// The fields of list types in which every record has at least one element.
    const NEEDS: &[RecordField] = &[];

    /// Returns the word that replaces the name in the key of an institution without a name.
    fn unnamed(&self) -> String;
}

impl<N: InstitutionNoun> Identified for N {
    const NOT_EMPTY: &[RecordField] = N::NEEDS;

    fn key(&self) -> String {
        self.institution().key(&self.unnamed())
    }

    fn validate(&self) -> Vec<Finding> {
        self.institution().validate()
    }

    fn references(&self) -> Vec<(RecordField, Reference)> {
        self.institution().references()
    }

    fn acyclic_references(&self) -> Vec<AcyclicReference> {
        self.institution().acyclic_references()
    }

    fn read_back(
        &self,
        field: RecordField,
        given: &Value,
        is_same: &dyn Fn(RecordField) -> bool,
        _: Date,
    ) -> Option<Value> {
        self.institution().read_back(field, given, is_same)
    }

    fn search_terms(&self) -> Vec<IndexedReference> {
        self.institution().search_terms()
    }

    fn country(&self) -> Option<CountryCode> {
        Some(self.institution().country.clone())
    }

    fn derived_columns(&self) -> Content {
        self.institution().derived_columns()
    }
}

/// Sort key of institutions without a name: after every letter.
const UNNAMED: &str = "~";

impl Institution<'_> {
    /// Returns the key: the country, and the name or else `kind`.
    fn key(&self, kind: &str) -> String {
        let name = localized(self.names, &[]).map_or(kind, |name| name.text.as_str());
        slug(&format!("{} {name}", self.country))
    }

    /// Returns the faults between the shared fields.
    fn validate(&self) -> Vec<Finding> {
        let at = |field: RecordField| Path::default().then(field.camel());
        let mut found = repeated(self.functions, &at(RecordField::Functions));
        found.extend(repeated(self.predecessors, &at(RecordField::Predecessors)));
        found.extend(repeated(self.legal_basis, &at(RecordField::LegalBasis)));
        let at_jointly = at(RecordField::JointlyWith);
        found.extend(repeated(self.jointly_with, &at_jointly));
        let jointly = self.jointly_with.iter();
        if let Some(place) = jointly.map(Some).position(|id| id == self.parent) {
            let message = "the list contains the parent: name the other institutions only";
            found.push(at_jointly.then(place).finding(Code::Duplicate, message));
        }
        found.extend(subdivision::check(self.subdivision, self.country));
        found
    }

    /// Returns the references to other records, each with its field.
    fn references(&self) -> Vec<(RecordField, Reference)> {
        let country = Reference::Country(self.country.clone());
        let mut references = vec![(RecordField::Country, country)];
        references.extend(self.parent.map(|parent| {
            let parent = Reference::within(self.country, KINDS, parent);
            (RecordField::Parent, parent)
        }));
        references.extend(self.predecessors.iter().map(|id| {
            let predecessor = Reference::record(KINDS, id);
            (RecordField::Predecessors, predecessor)
        }));
        references.extend(self.legal_basis.iter().map(|id| {
            let document = Reference::record(&[Kind::PolicyDocument], id);
            (RecordField::LegalBasis, document)
        }));
        references.extend(self.jointly_with.iter().map(|id| {
            let institution = Reference::record(KINDS, id);
            (RecordField::JointlyWith, institution)
        }));
        references
    }

    /// Returns the references that must not lead back to the institution.
    fn acyclic_references(&self) -> Vec<AcyclicReference> {
        let references = self.references().into_iter();
        references
            .filter_map(|(field, to)| match field {
                RecordField::Parent | RecordField::Predecessors => {
                    Some(AcyclicReference::of(field, to))
                }
                // Two institutions that run each other jointly name each other.
                RecordField::JointlyWith => Some(AcyclicReference {
                    is_mutual: true,
                    ..AcyclicReference::of(field, to)
                }),
                _ => None,
            })
            .collect()
    }

    /// Returns the stored status in place of a `given` one that readers see on some day because of the period, if
    /// the change leaves the period as it is.
    fn read_back(
        &self,
        field: RecordField,
        given: &Value,
        is_same: &dyn Fn(RecordField) -> bool,
    ) -> Option<Value> {
        let is_status = field == RecordField::Status && is_same(RecordField::Period);
        let given: InstitutionStatus = serde_json::from_value(given.clone()).ok()?;
        let shown = [Date::FIRST, Date::LAST].map(|day| status_on(self.status, self.period, day));
        (is_status && shown.contains(&given)).then(|| json!(self.status))
    }

    /// Returns the list elements by which the institution can be found.
    fn search_terms(&self) -> Vec<IndexedReference> {
        IndexedReference::words(RecordField::Functions, self.functions).collect()
    }

    /// Returns the day from which the institution is listed. One in preparation is listed at once.
    pub fn begins(&self) -> Date {
        let prepared = matches!(
            self.status,
            InstitutionStatus::Planned | InstitutionStatus::BeingSetUp
        );
        let begins = self.period.and_then(|period| period.earliest());
        begins.filter(|_| !prepared).unwrap_or(Date::FIRST)
    }

    /// Returns the derived columns for sorting and filtering: the sort key of the name, and the day from which it is
    /// listed.
    fn derived_columns(&self) -> Content {
        let name = localized(self.names, &[]).map(|name| sort_key(&name.text));
        let name = name.unwrap_or_else(|| UNNAMED.to_owned());
        Content::from_iter([
            (camel_case("sort_name"), name.into()),
            ("begins".to_owned(), self.begins().to_string().into()),
        ])
    }
}

/// Returns the stage of an institution on the day `as_of`: the stored one, unless its period tells otherwise.
pub fn status_on(
    status: InstitutionStatus,
    period: Option<PartialDate>,
    as_of: Date,
) -> InstitutionStatus {
    use InstitutionStatus::{Dissolved, Operational};
    let last = period.and_then(|period| period.latest());
    match (status, last) {
        (_, Some(last)) if last < as_of => Dissolved,
        (Dissolved, Some(last)) if as_of <= last => Operational,
        (status, _) => status,
    }
}

/// Returns a finding for each list element that occurs earlier in the list.
pub(super) fn repeated<T: PartialEq>(list: &[T], path: &Path) -> Vec<Finding> {
    let again = list.iter().enumerate().filter(|(at, element)| {
        let mut before = list.iter().take(*at);
        before.any(|other| other == *element)
    });
    again
        .map(|(at, _)| {
            path.then(at).finding(
                Code::Duplicate,
                "the list already contains this element: name it once",
            )
        })
        .collect()
}
