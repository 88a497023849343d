//! The page of the profile, its JSON, its timeline strip and its references.

use std::collections::{BTreeMap, HashMap, HashSet};

use askama::Template;
use graphql_client::GraphQLQuery;

use super::sentence;
use super::strip::{self, Strip};
use super::tree::{self, Place};
use super::words::Words;
use crate::answer::{Answer, Media};
use crate::ask::Ask;
use crate::countries::region;
use crate::frame::{Frame, Moment};
use crate::refused::Refused;
use crate::value::{
    BodyKind, Certainty, CountryKind, CoverageTopic, CoverageValue, DateOrigin,
    DocumentRelationKind, DocumentSubject, EnumValue, ImplementationDegree, InstitutionFunction,
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
struct Profile;

use profile::{
    Body, Cited, Fresh, Implementation, Name, Paper, ProfileAtCountry as Country,
    ProfileAtCountryPolicyDocumentsNodes as Document, ProfileAtCountrySections as Section,
    ProfileAtCountryTreatyEventsNodes as Event,
    ProfileAtCountryTreatyParticipations as Participation,
    ProfileAtFindingsNodesOnCoverageAssertion as Assertion,
};

/// The function whose holder readers look for first.
const CONTACT: &str = "POINT_OF_CONTACT_24_7";

/// A treaty with the acts of the country under it.
struct Treaty {
    reference: String,
    name: String,
    sentence: Option<String>,
    participation: Option<Participation>,
    /// The acts from which the status follows.
    basis: Vec<Event>,
    /// All other acts that are neither statements nor designations.
    acts: Vec<Event>,
    /// Reservations, declarations and the like; true if in force.
    statements: Vec<(Event, bool)>,
    /// Designations of authorities; true if valid.
    designations: Vec<(Event, bool)>,
}

/// A finding and the record in which it stands.
struct Finding {
    record_id: String,
    assertion: Assertion,
}

/// A body or a unit.
struct Institution {
    record_id: String,
    is_unit: bool,
    kind: String,
    name: Option<String>,
    names: Vec<Name>,
    acronym: Option<String>,
    status: InstitutionStatus,
    period: Option<String>,
    functions: Vec<InstitutionFunction>,
    mandate: Option<String>,
    subdivision: Option<String>,
    website: Option<String>,
    reporting_url: Option<String>,
    parent: Option<Body>,
    jointly_with: Vec<Body>,
    predecessors: Vec<Body>,
    successors: Vec<Body>,
    legal_basis: Vec<Paper>,
    freshness: Fresh,
    citations: Vec<Cited>,
}

/// Makes an [`Institution`] of a body or a unit, which have the same fields.
macro_rules! institution {
    ($node:ident, $kind:expr, $is_unit:literal) => {
        Institution {
            record_id: $node.record_id,
            is_unit: $is_unit,
            kind: $kind,
            name: $node.name,
            names: $node.names,
            acronym: $node.acronym,
            status: $node.status,
            period: $node.period.map(|period| period.edtf),
            functions: $node.functions,
            mandate: $node.mandate,
            subdivision: $node.subdivision,
            website: $node.website,
            reporting_url: $node.reporting_url,
            parent: $node.parent,
            jointly_with: $node.jointly_with,
            predecessors: $node.predecessors,
            successors: $node.successors,
            legal_basis: $node.legal_basis,
            freshness: $node.freshness,
            citations: $node.citations,
        }
    };
}

/// Documents under one heading.
struct Group {
    title: &'static str,
    documents: Vec<Document>,
}

/// The implementations of the articles of one treaty.
struct Matrix {
    reference: String,
    /// The name and the reference of the treaty.
    treaty: String,
    implementations: Vec<Implementation>,
}

/// The freshness of all records of the profile.
#[derive(Default)]
struct Summary {
    records: usize,
    verified: usize,
    edited_at: String,
    verified_on: Option<String>,
    verified_by: Option<String>,
    /// The number of records by reason to review them.
    reasons: BTreeMap<StaleReason, usize>,
}

#[derive(Template)]
#[template(path = "country/profile.html")]
struct Page {
    frame: Frame,
    words: Words,
    as_of: String,
    /// The code of the country, as the links to the form for contributions need it.
    code: String,
    /// The address of the glossary.
    about: String,
    has_profile: bool,
    treaties: Vec<Treaty>,
    /// Treaties without an act: name, reference, and the day as of which the list of acts is complete.
    other_treaties: Vec<(String, String, Option<String>)>,
    strip: Option<Strip>,
    findings: Vec<Finding>,
    earlier: Vec<Finding>,
    never_researched: Vec<(String, String)>,
    groups: Vec<Group>,
    institutions: Vec<Institution>,
    places: Vec<Place>,
    matrices: Vec<Matrix>,
    /// The number of findings, those included that are not shown.
    findings_total: i64,
    /// The number of implementations, those included that are not shown.
    implementations_total: i64,
    missing_sections: Vec<String>,
    summary: Summary,
    country: Country,
}

#[derive(Template)]
#[template(path = "country/strip.svg")]
struct Drawing {
    frame: Frame,
    words: Words,
    name: String,
    as_of: String,
    note: String,
    strip: Strip,
}

/// Answers with the profile of a country.
///
/// # Errors
/// [`Refused`] if there is no such country, or if the profile cannot be read.
pub async fn page(mut frame: Frame, ask: &mut dyn Ask, code: &str) -> Result<Answer, Refused> {
    let words = Words(frame.language);
    let code = country_code(code).ok_or_else(|| Refused::Absent(words.unknown_country(code)))?;
    frame.path = format!("/countries/{code}");
    let variables = profile::Variables {
        on: frame.on(),
        at: frame.at(),
        code: code.clone(),
        languages: Some(frame.languages()),
    };
    if frame.media == Media::Json {
        return frame
            .json_of::<Profile>(ask, variables, "/data/at/country")
            .await;
    }
    let data = frame.query::<Profile>(ask, variables).await?.at;
    frame.moment = Some(Moment {
        as_of: data.as_of.clone(),
        cursor: data.cursor.clone(),
        known_at: data.known_at,
    });
    frame.alternates = vec![
        (Media::Json, "json"),
        (Media::Csv, "csv"),
        (Media::Svg, "svg"),
    ];
    let Some(mut country) = data.country else {
        return Err(Refused::Absent(words.unknown_country(&code)));
    };
    let treaty_names: HashMap<String, String> = data
        .treaties
        .nodes
        .iter()
        .map(|one| (one.reference.clone(), one.short_title.clone()))
        .collect();
    let treaties = treaties(&frame, &mut country, &treaty_names);
    let strip = strip(&frame, words, &data.as_of, &treaties);
    if frame.media == Media::Svg {
        let drawing = Drawing {
            name: country.name,
            note: words.metadata(
                format!("{}{}", frame.public_url, frame.path),
                &data.as_of,
                &data.cursor,
            ) + &format!(" {}: {}/licence", frame.words.licence(), frame.public_url),
            as_of: data.as_of,
            strip: strip.unwrap_or_default(),
            words,
            frame: frame.clone(),
        };
        return frame.drawing(&drawing);
    }
    let other_treaties = other_treaties(&treaties, &data.treaties.nodes);
    let (findings, earlier) = findings(&country, data.findings.nodes);
    let institutions = institutions(&frame, &mut country);
    let parents: Vec<(&str, Option<&str>)> = institutions
        .iter()
        .map(|one| {
            let parent = one.parent.as_ref().map(|parent| parent.record_id.as_str());
            (one.record_id.as_str(), parent)
        })
        .collect();
    let places = tree::order(&parents);
    let page = Page {
        has_profile: country
            .record_counts
            .iter()
            .any(|one| one.kind != "TREATY_EVENT" && one.count > 0),
        never_researched: never_researched(&frame, &findings),
        missing_sections: missing_sections(&frame, &country.sections),
        groups: groups(words, std::mem::take(&mut country.policy_documents.nodes)),
        matrices: matrices(data.article_implementations.nodes, &data.treaties.nodes),
        findings_total: data.findings.total_count,
        implementations_total: data.article_implementations.total_count,
        about: frame.href("/about"),
        frame: frame.clone(),
        words,
        as_of: data.as_of,
        code,
        treaties,
        other_treaties,
        strip,
        findings,
        earlier,
        institutions,
        places,
        summary: Summary::default(),
        country,
    };
    let summary = page.summary();
    frame.page(&Page { summary, ..page })
}

/// The treaties under which the country has no act: title, reference, and the day up to which their acts are complete.
fn other_treaties(
    treaties: &[Treaty],
    all: &[profile::ProfileAtTreatiesNodes],
) -> Vec<(String, String, Option<String>)> {
    let acted: HashSet<&str> = treaties.iter().map(|one| one.reference.as_str()).collect();
    all.iter()
        .filter(|one| !acted.contains(one.reference.as_str()))
        .map(|one| {
            let day = one.events_complete_as_of.clone();
            (one.short_title.clone(), one.reference.clone(), day)
        })
        .collect()
}

/// The code of a country in capitals; `None` if it is not one.
pub fn country_code(text: &str) -> Option<String> {
    let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code.then(|| text.to_ascii_uppercase())
}

/// The treaties under which the country acted, with its acts.
fn treaties(frame: &Frame, country: &mut Country, names: &HashMap<String, String>) -> Vec<Treaty> {
    let mut treaties: Vec<Treaty> = std::mem::take(&mut country.treaty_participations)
        .into_iter()
        .map(|one| Treaty {
            reference: one.treaty.reference.clone(),
            name: one.treaty.short_title.clone(),
            sentence: Some(sentence::status(
                frame,
                &country.name,
                &one.treaty.reference,
                &one.treaty.short_title,
                one.status.value(),
                one.since.as_ref().map(|since| since.edtf.as_str()),
            )),
            participation: Some(one),
            basis: Vec::new(),
            acts: Vec::new(),
            statements: Vec::new(),
            designations: Vec::new(),
        })
        .collect();
    for event in std::mem::take(&mut country.treaty_events.nodes) {
        let reference = &event.treaty.reference;
        let at = treaties.iter().position(|one| one.reference == *reference);
        let at = at.unwrap_or_else(|| {
            treaties.push(Treaty {
                reference: reference.clone(),
                name: names.get(reference).unwrap_or(reference).clone(),
                sentence: None,
                participation: None,
                basis: Vec::new(),
                acts: Vec::new(),
                statements: Vec::new(),
                designations: Vec::new(),
            });
            treaties.len().saturating_sub(1)
        });
        if let Some(treaty) = treaties.get_mut(at) {
            treaty.add(event);
        }
    }
    // The acts of a basis stand in the order of the basis, which differs from that of the acts.
    for treaty in &mut treaties {
        let order: Vec<String> = match &treaty.participation {
            Some(one) => one
                .basis
                .iter()
                .map(|event| event.record_id.clone())
                .collect(),
            None => Vec::new(),
        };
        treaty
            .basis
            .sort_by_key(|event| order.iter().position(|id| *id == event.record_id));
    }
    treaties
}

impl Treaty {
    /// Adds an act where it belongs.
    fn add(&mut self, event: Event) {
        let id = &event.record_id;
        let (mut is_basis, mut holds) = (false, false);
        if let Some(one) = &self.participation {
            is_basis = one.basis.iter().any(|other| other.record_id == *id);
            holds = one.reservations.iter().any(|other| other.record_id == *id)
                || one.declarations.iter().any(|other| other.record_id == *id)
                || one.designations.iter().any(|other| other.record_id == *id);
        }
        match event.kind.value() {
            _ if is_basis => self.basis.push(event),
            "DESIGNATION_OF_AUTHORITY" => self.designations.push((event, holds)),
            "RESERVATION" | "DECLARATION" | "OBJECTION" | "CONFIRMATION" | "COMMUNICATION"
            | "WITHDRAWAL" => self.statements.push((event, holds)),
            _ => self.acts.push(event),
        }
    }

    /// True if acts may be missing, so that the status is unknown.
    fn is_open(&self) -> bool {
        let participation = self.participation.as_ref();
        participation.is_none_or(|one| one.status == "UNKNOWN")
    }

    /// All acts.
    fn events(&self) -> impl Iterator<Item = &Event> {
        let marked = self
            .statements
            .iter()
            .chain(&self.designations)
            .map(|(event, _)| event);
        self.basis.iter().chain(&self.acts).chain(marked)
    }
}

/// The timeline strip of all treaties.
fn strip(frame: &Frame, words: Words, as_of: &str, treaties: &[Treaty]) -> Option<Strip> {
    let acts = |treaty: &Treaty| strip::Lane {
        treaty: format!("{} ({})", treaty.name, treaty.reference),
        acts: treaty
            .events()
            .filter_map(|event| {
                let date = event.date.as_ref()?;
                Some(strip::Act {
                    kind: event.kind.value().to_owned(),
                    label: frame.label(&event.kind),
                    edtf: date.edtf.clone(),
                    earliest: date.earliest.clone(),
                    latest: date.latest.clone(),
                })
            })
            .collect(),
        status: treaty
            .participation
            .as_ref()
            .map(|one| one.status.0.clone())
            .unwrap_or_default(),
        since: treaty
            .participation
            .as_ref()
            .and_then(|one| one.since.as_ref())
            .map(|since| since.edtf.clone()),
        in_force: treaty
            .participation
            .as_ref()
            .and_then(|one| one.in_force_from.as_ref())
            .map(|date| date.date.edtf.clone()),
    };
    let acts: Vec<strip::Lane> = treaties
        .iter()
        .map(acts)
        .filter(|one| !one.acts.is_empty())
        .collect();
    strip::draw(frame, words, as_of, &acts)
}

/// The findings that hold, in the order of the service, and those that a later one replaces.
fn findings(
    country: &Country,
    nodes: Vec<profile::ProfileAtFindingsNodes>,
) -> (Vec<Finding>, Vec<Finding>) {
    let latest: Vec<&str> = country
        .coverage
        .iter()
        .map(|one| one.record_id.as_str())
        .collect();
    let mut all: Vec<Finding> = nodes
        .into_iter()
        .filter_map(|node| match node.on {
            profile::ProfileAtFindingsNodesOn::CoverageAssertion(assertion) => Some(Finding {
                record_id: node.record_id,
                assertion,
            }),
            _ => None,
        })
        .collect();
    let rank = |one: &Finding| latest.iter().position(|id| *id == one.record_id);
    all.sort_by_key(|one| rank(one).unwrap_or(usize::MAX));
    let is_latest = |one: &Finding| rank(one).is_some();
    all.into_iter().partition(is_latest)
}

/// The topics on which there is no finding: value and label.
fn never_researched(frame: &Frame, findings: &[Finding]) -> Vec<(String, String)> {
    let known: HashSet<&str> = findings
        .iter()
        .map(|one| one.assertion.topic.value())
        .collect();
    let topics = frame.values_of(CoverageTopic::ENUM).into_iter();
    topics
        .filter(|(value, _)| !known.contains(value.as_str()))
        .collect()
}

/// The sections of a profile that nobody wrote.
fn missing_sections(frame: &Frame, sections: &[Section]) -> Vec<String> {
    let known: HashSet<&str> = sections.iter().map(|one| one.topic.value()).collect();
    let topics = frame.values_of(ProfileTopic::ENUM).into_iter();
    topics
        .filter(|(value, _)| value != "OTHER" && !known.contains(value.as_str()))
        .map(|(_, label)| label)
        .collect()
}

/// The documents by groups of kinds.
fn groups(words: Words, documents: Vec<Document>) -> Vec<Group> {
    let titles = [words.strategies(), words.laws(), words.other_documents()];
    let mut groups = titles.map(|title| Group {
        title,
        documents: Vec::new(),
    });
    let [strategies, laws, others] = &mut groups;
    for document in documents {
        let group = match document.kind.value() {
            "STRATEGY" | "ACTION_PLAN" | "POLICY" | "PROGRAMME" | "WHITE_PAPER" => &mut *strategies,
            "LAW" | "CODE" | "CONSTITUTION" | "DECREE" | "REGULATION" | "BILL" | "DIRECTIVE"
            | "RESOLUTION" => &mut *laws,
            _ => &mut *others,
        };
        group.documents.push(document);
    }
    groups
        .into_iter()
        .filter(|group| !group.documents.is_empty())
        .collect()
}

/// The bodies and units of the country in one list.
fn institutions(frame: &Frame, country: &mut Country) -> Vec<Institution> {
    let bodies = std::mem::take(&mut country.cybersecurity_bodies.nodes).into_iter();
    let units = std::mem::take(&mut country.operational_units.nodes).into_iter();
    let bodies = bodies.map(|one| institution!(one, frame.label(&one.body_kind), false));
    let units = units.map(|one| institution!(one, frame.label(&one.unit_kind), true));
    bodies.chain(units).collect()
}

/// The legal profiles by treaty, in the order of the treaties.
fn matrices(
    implementations: Vec<Implementation>,
    treaties: &[profile::ProfileAtTreatiesNodes],
) -> Vec<Matrix> {
    let mut matrices: Vec<Matrix> = Vec::new();
    for one in implementations {
        let reference = &one.treaty.reference;
        match matrices
            .iter_mut()
            .find(|known| known.reference == *reference)
        {
            Some(matrix) => matrix.implementations.push(one),
            None => matrices.push(Matrix {
                reference: reference.clone(),
                treaty: reference.clone(),
                implementations: vec![one],
            }),
        }
    }
    let place = |matrix: &Matrix| {
        let mut known = treaties.iter();
        known.position(|treaty| treaty.reference == matrix.reference)
    };
    for matrix in &mut matrices {
        if let Some(treaty) = place(matrix).and_then(|at| treaties.get(at)) {
            matrix.treaty = format!("{} ({})", treaty.short_title, treaty.reference);
        }
    }
    matrices.sort_by_key(|matrix| place(matrix).unwrap_or(usize::MAX));
    matrices
}

impl Body {
    /// The name of the institution; its id if it has none.
    fn named(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.record_id)
    }
}

impl Summary {
    fn add(&mut self, one: &Fresh) {
        self.records = self.records.saturating_add(1);
        if one.edited_at > self.edited_at {
            self.edited_at.clone_from(&one.edited_at);
        }
        if one.verified_on.is_some() {
            self.verified = self.verified.saturating_add(1);
        }
        if one.verified_on > self.verified_on {
            self.verified_on.clone_from(&one.verified_on);
            self.verified_by = one.verified_by.as_ref().map(|actor| actor.name.clone());
        }
        for reason in &one.reasons {
            let count = self.reasons.entry(reason.clone()).or_default();
            *count = count.saturating_add(1);
        }
    }
}

impl Page {
    /// The freshness of all records.
    fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        summary.add(&self.country.freshness);
        let events = self
            .treaties
            .iter()
            .flat_map(Treaty::events)
            .map(|one| &one.freshness);
        let findings = self
            .findings
            .iter()
            .chain(&self.earlier)
            .map(|one| &one.assertion.freshness);
        let documents = self
            .groups
            .iter()
            .flat_map(|group| &group.documents)
            .map(|one| &one.freshness);
        let implementations = self.matrices.iter().flat_map(|one| &one.implementations);
        events
            .chain(findings)
            .chain(documents)
            .chain(self.institutions.iter().map(|one| &one.freshness))
            .chain(implementations.map(|one| &one.freshness))
            .chain(
                self.country
                    .court_decisions
                    .nodes
                    .iter()
                    .map(|one| &one.freshness),
            )
            .chain(self.country.sections.iter().map(|one| &one.freshness))
            .for_each(|one| summary.add(one));
        summary
    }

    /// The address of a record.
    fn record_href(&self, record_id: &str) -> String {
        self.frame.href(format!("/records/{record_id}"))
    }

    /// The address of a source.
    fn source_href(&self, record_id: &str) -> String {
        self.frame
            .href(format!("/sources/{}", self.frame.key(record_id)))
    }

    /// The address of a page of a country.
    fn country_href(&self, code: &str, page: &str) -> String {
        self.frame.href(format!("/countries/{code}{page}"))
    }

    /// The address of a treaty.
    fn treaty_href(&self, reference: &str) -> String {
        self.frame.href(self.frame.treaty_path(reference))
    }

    /// The address of the comparison with this country.
    fn compare_href(&self) -> String {
        self.frame.href(format!("/compare?country={}", self.code))
    }

    /// The links of the table of contents: anchor and text.
    fn contents(&self) -> [(&'static str, &'static str); 12] {
        let words = self.words;
        [
            ("status", words.status()),
            ("contact-24-7", words.contact()),
            ("findings", words.findings()),
            ("policies", words.policies()),
            ("institutions", words.institutions()),
            ("legal", words.legal()),
            ("decisions", words.decisions()),
            ("authorities", words.authorities()),
            ("statements", words.statements()),
            ("narrative", words.narrative()),
            ("sources", words.sources()),
            ("about", words.about()),
        ]
    }

    /// Institutions in the order of the tree.
    fn tree(&self) -> impl Iterator<Item = (&Place, &Institution)> {
        let institutions = self.places.iter();
        institutions.filter_map(|place| Some((place, self.institutions.get(place.index)?)))
    }

    /// Valid designations of the 24/7 point of contact, with the names of their treaties.
    fn contacts(&self) -> Vec<(&Treaty, &Event)> {
        let is_contact = |event: &Event| {
            event
                .designated_function
                .as_ref()
                .is_some_and(|one| *one == CONTACT)
        };
        let mut contacts = Vec::new();
        for treaty in &self.treaties {
            let valid = treaty
                .designations
                .iter()
                .filter(|(event, holds)| *holds && is_contact(event));
            contacts.extend(valid.map(|(event, _)| (treaty, event)));
        }
        contacts
    }

    /// Institutions that are the 24/7 point of contact.
    fn contact_institutions(&self) -> Vec<&Institution> {
        let is_contact = |one: &&Institution| one.functions.iter().any(|one| *one == CONTACT);
        self.institutions.iter().filter(is_contact).collect()
    }

    /// The finding about the 24/7 point of contact.
    fn contact_finding(&self) -> Option<&Finding> {
        self.findings
            .iter()
            .find(|one| one.assertion.topic == CONTACT)
    }

    /// The name of a reservation: its kind and its articles.
    fn reservation(&self, record_id: &str) -> String {
        let mut events = self.treaties.iter().flat_map(Treaty::events);
        match events.find(|event| event.record_id == record_id) {
            Some(event) => {
                let articles = self.words.article(event.articles.join(", "));
                format!("{}, {articles}", self.frame.label(&event.kind))
            }
            None => record_id.to_owned(),
        }
    }

    /// True if a source supports a field of the country itself. All other records need a source for each field.
    fn has_source(&self, field: &str) -> bool {
        let mut citations = self.country.citations.iter();
        citations.any(|one| one.fields.is_empty() || one.fields.iter().any(|known| *known == field))
    }

    /// The language of a name, if it is another one than that of the page.
    fn language_of<'a>(&self, text: &str, names: &'a [Name]) -> Option<&'a str> {
        let own = self.frame.language.code();
        let mut languages = names
            .iter()
            .filter(|name| name.text == text)
            .map(|name| name.language.as_str());
        let first = languages.next()?;
        let is_own = |language: &str| language.split('-').next() == Some(own);
        (!is_own(first) && !languages.any(is_own)).then_some(first)
    }

    /// True if an authority was ever designated.
    fn has_designations(&self) -> bool {
        self.treaties.iter().any(|one| !one.designations.is_empty())
    }

    /// True if there is a reservation, a declaration or the like.
    fn has_statements(&self) -> bool {
        self.treaties.iter().any(|one| !one.statements.is_empty())
    }

    /// The name of a region.
    fn region<'a>(&self, region: &'a str) -> &'a str {
        region::label(region, self.frame.language)
    }

    /// The address of the form for contributions about a part of the profile.
    fn contribute(&self, topic: &str) -> String {
        let path = format!("/contribute?country={}&topic={topic}", self.code);
        self.frame.href(path)
    }

    /// Reasons to review a record, other than that nobody verified it, which the foot of the page tells once.
    fn reasons(&self, one: &Fresh) -> Vec<String> {
        let reasons = one
            .reasons
            .iter()
            .filter(|reason| **reason != "NEVER_VERIFIED");
        reasons.map(|reason| self.frame.label(reason)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_countries_are_two_letters_in_any_case() {
        assert_eq!(country_code("az").as_deref(), Some("AZ"));
        for wrong in ["", "A", "AZE", "A1", "é", "А3"] {
            assert_eq!(country_code(wrong), None, "{wrong}");
        }
    }
}
