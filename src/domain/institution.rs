//! What bodies and units share: most of their fields, and the rules between them.

use serde_json::{Value, json};

use super::check::{Code, Finding, Path};
use super::date::{Day, PartialDate};
use super::field::Content;
use super::link::Link;
use super::localized_text::{LocalizedText, localized};
use super::noun::{Described, Identified};
use super::record::{Kind, RecordField, RecordId, camel_case};
use super::reference::{Mention, Reference, Upward};
use super::text::{CountryCode, slug, sort_key};
use super::value_type::words;

/// The kinds of record that are institutions.
pub const KINDS: &[Kind] = &[Kind::CybersecurityBody, Kind::OperationalUnit];

words! {
    /// How far an institution has come. The list may grow.
    InstitutionStatus {
        /// Announced; nothing exists yet.
        Planned,
        /// It is being set up.
        BeingSetUp,
        /// It does its work.
        Operational,
        /// It no longer exists.
        Dissolved,
        /// No source tells.
        Unknown,
    }
}

words! {
    /// What an institution does, or what a treaty asks somebody to do. The list may grow.
    InstitutionFunction {
        /// Leads on cybersecurity for the whole country.
        NationalCybersecurityAuthority,
        /// Computer security incident response for the whole country.
        NationalCsirt,
        /// Computer security incident response for the government.
        GovernmentCsirt,
        /// Computer security incident response for one sector.
        SectoralCsirt,
        /// Investigates cybercrime.
        CybercrimeInvestigation,
        /// Prosecutes.
        Prosecution,
        /// Decides in court.
        Adjudication,
        /// Secures and examines electronic evidence.
        DigitalForensics,
        /// Gathers intelligence.
        Intelligence,
        /// Defends in cyberspace by military means.
        CyberDefence,
        /// Protects critical infrastructure.
        CriticalInfrastructureProtection,
        /// Point of contact at every hour, as in ETS 185 Article 35.
        #[graphql(name = "POINT_OF_CONTACT_24_7")]
        #[serde(rename = "POINT_OF_CONTACT_24_7")]
        #[sea_orm(string_value = "POINT_OF_CONTACT_24_7")]
        PointOfContact247,
        /// Central authority for mutual legal assistance, as in ETS 185 Article 27(2).
        #[graphql(name = "CENTRAL_AUTHORITY_MLA")]
        #[serde(rename = "CENTRAL_AUTHORITY_MLA")]
        #[sea_orm(string_value = "CENTRAL_AUTHORITY_MLA")]
        CentralAuthorityMla,
        /// Makes or receives requests for extradition, as in ETS 185 Article 24(7).
        ExtraditionAuthority,
        /// Regulates electronic communications.
        CommunicationsRegulation,
        /// Supervises financial services.
        FinancialSupervision,
        /// Supervises data protection.
        DataProtection,
        /// Takes reports of cybercrime.
        ReportingPoint,
        /// Runs information technology for the government.
        #[graphql(name = "GOVERNMENT_ICT")]
        #[serde(rename = "GOVERNMENT_ICT")]
        #[sea_orm(string_value = "GOVERNMENT_ICT")]
        GovernmentIct,
        /// Coordinates policy.
        PolicyCoordination,
        /// Trains those who do the work.
        Training,
    }
}

/// The fields of an institution, with a kind of its own: what is done with them is up to `$then`.
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
                /// Its names by language.
                names: List<LocalizedText>,
                /// What it is called for short.
                acronym: Option<String>,
                /// What kind of institution it is.
                kind: $kind,
                /// How far it has come.
                status: InstitutionStatus,
                /// The country it belongs to.
                country: CountryCode,
                /// The body or unit that it is part of.
                parent: Option<RecordId>,
                /// What it does.
                functions: List<InstitutionFunction>,
                /// From when until when it exists, or existed.
                period: Option<PartialDate>,
                /// The bodies or units whose work it took over.
                predecessors: List<RecordId>,
                /// Its own pages.
                website: Option<Link>,
                /// Where anybody can report cybercrime to it.
                reporting_url: Option<Link>,
                /// What it is there for.
                mandate: Option<String>,
                /// The documents that set it up or give it its powers.
                legal_basis: List<RecordId>,
            } keeping { sort_name: String, begins: String, }
        }
    };
}
pub use institution;

/// The fields that all institutions share, of one of them.
#[derive(Clone, Copy)]
pub struct Institution<'a> {
    /// Its names by language.
    pub names: &'a [LocalizedText],
    /// What it is called for short.
    pub acronym: Option<&'a str>,
    /// How far it has come.
    pub status: InstitutionStatus,
    /// The country it belongs to.
    pub country: &'a CountryCode,
    /// What it is part of.
    pub parent: Option<&'a RecordId>,
    /// What it does.
    pub functions: &'a [InstitutionFunction],
    /// From when until when it exists.
    pub period: Option<PartialDate>,
    /// Whose work it took over.
    pub predecessors: &'a [RecordId],
    /// Its own pages.
    pub website: Option<&'a Link>,
    /// Where anybody can report cybercrime to it.
    pub reporting_url: Option<&'a Link>,
    /// What it is there for.
    pub mandate: Option<&'a str>,
    /// What gives it its powers.
    pub legal_basis: &'a [RecordId],
}

/// A type that has the fields of [`institution!`]: the content of an institution, or a row of its table.
pub trait Institutional {
    /// The fields that all institutions share.
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
                }
            }
        }
    };
}
pub use institutional;

/// A noun that is an institution: the rules of its own, beside those of all institutions.
pub trait InstitutionNoun: Described + Institutional {
    /// The word that stands in its key where it has no name.
    fn unnamed(&self) -> String;

    /// The field that it must have and lacks, and a sentence about it.
    fn lacks(&self) -> Option<(RecordField, &'static str)>;
}

impl<N: InstitutionNoun> Identified for N {
    fn key(&self) -> String {
        self.institution().key(&self.unnamed())
    }

    fn faults(&self) -> Vec<Finding> {
        let mut found = self.institution().faults();
        if let Some((field, message)) = self.lacks() {
            let at = Path::default().then(field.camel());
            found.push(at.finding(Code::Required, message));
        }
        found
    }

    fn references(&self) -> Vec<(RecordField, Reference)> {
        self.institution().references()
    }

    fn upward(&self) -> Vec<Upward> {
        self.institution().upward()
    }

    fn read_back(
        &self,
        field: RecordField,
        given: &Value,
        is_same: &dyn Fn(RecordField) -> bool,
        _: Day,
    ) -> Option<Value> {
        self.institution().read_back(field, given, is_same)
    }

    fn elements(&self) -> Vec<Mention> {
        self.institution().elements()
    }

    fn country(&self) -> Option<CountryCode> {
        Some(self.institution().country.clone())
    }

    fn kept(&self) -> Content {
        self.institution().kept()
    }
}

/// Where those without a name sort: after every letter.
const UNNAMED: &str = "~";

impl Institution<'_> {
    /// Its key: the country, and its name or else `kind`.
    fn key(&self, kind: &str) -> String {
        let name = localized(self.names, &[]).map_or(kind, |name| name.text.as_str());
        slug(&format!("{} {name}", self.country))
    }

    /// What is wrong between the fields that all institutions have.
    fn faults(&self) -> Vec<Finding> {
        let at = |field: RecordField| Path::default().then(field.camel());
        let mut found = repeated(self.functions, &at(RecordField::Functions));
        found.extend(repeated(self.predecessors, &at(RecordField::Predecessors)));
        found.extend(repeated(self.legal_basis, &at(RecordField::LegalBasis)));
        found
    }

    /// What it refers to.
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
        references
    }

    /// Those of its references that must not lead back to it.
    fn upward(&self) -> Vec<Upward> {
        let above =
            |field: &RecordField| matches!(field, RecordField::Parent | RecordField::Predecessors);
        let references = self.references().into_iter();
        references
            .filter(|(field, _)| above(field))
            .map(|(field, to)| Upward::of(field, to))
            .collect()
    }

    /// The status that is kept, for one that is shown while a period that ends says the same of both.
    fn read_back(
        &self,
        field: RecordField,
        given: &Value,
        is_same: &dyn Fn(RecordField) -> bool,
    ) -> Option<Value> {
        let is_status = field == RecordField::Status && is_same(RecordField::Period);
        let given: InstitutionStatus = serde_json::from_value(given.clone()).ok()?;
        let shown = [Day::FIRST, Day::LAST].map(|day| status_on(self.status, self.period, day));
        (is_status && shown.contains(&given)).then(|| json!(self.status))
    }

    /// What else it can be found by.
    fn elements(&self) -> Vec<Mention> {
        Mention::words(RecordField::Functions, self.functions).collect()
    }

    /// The day from which it is listed. One that is yet to come is listed while it is prepared.
    pub fn begins(&self) -> Day {
        let prepared = matches!(
            self.status,
            InstitutionStatus::Planned | InstitutionStatus::BeingSetUp
        );
        let begins = self.period.and_then(|period| period.earliest());
        begins.filter(|_| !prepared).unwrap_or(Day::FIRST)
    }

    /// What is kept for sorting and filtering: its name, and the day from which it is listed.
    fn kept(&self) -> Content {
        let name = localized(self.names, &[]).map(|name| sort_key(&name.text));
        let name = name.unwrap_or_else(|| UNNAMED.to_owned());
        Content::from_iter([
            (camel_case("sort_name"), name.into()),
            ("begins".to_owned(), self.begins().to_string().into()),
        ])
    }
}

/// How far an institution has come on a day: what is kept of it, unless its period tells otherwise.
pub fn status_on(
    status: InstitutionStatus,
    period: Option<PartialDate>,
    as_of: Day,
) -> InstitutionStatus {
    use InstitutionStatus::{Dissolved, Operational};
    let last = period.and_then(|period| period.latest());
    match (status, last) {
        (_, Some(last)) if last < as_of => Dissolved,
        (Dissolved, Some(last)) if as_of <= last => Operational,
        (status, _) => status,
    }
}

/// The elements of a list that say again what another has said.
pub(super) fn repeated<T: PartialEq>(list: &[T], path: &Path) -> Vec<Finding> {
    let again = list.iter().enumerate().filter(|(at, element)| {
        let mut before = list.iter().take(*at);
        before.any(|other| other == *element)
    });
    again
        .map(|(at, _)| path.then(at).finding(Code::Duplicate, "is there already"))
        .collect()
}
