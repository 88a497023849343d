//! Policy documents: strategies, action plans, policies, laws, bills, decrees.

use serde_json::json;

use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::date::{self, Date, PartialDate};
use super::field::Content;
use super::institution::{self, repeated};
use super::language::Language;
use super::localized_text::{LocalizedText, localized};
use super::noun::{Identified, noun, value};
use super::record::{Kind, RecordField, RecordId, camel_case};
use super::reference::{AcyclicReference, IndexedReference, Reference};
use super::subdivision;
use super::text::{CountryCode, Markdown, TreatyReference, slug, sort_key, truncate};
use super::url::Url;
use super::value_type::{List, field_enum};

field_enum! {
    /// Type of policy document. The list may grow.
    PolicyDocumentKind {
        /// A strategy: aims and priorities for several years.
        Strategy,
        /// An action plan: measures that carry out a strategy or policy.
        ActionPlan,
        /// A policy that is not a strategy.
        Policy,
        /// A programme of measures.
        Programme,
        /// A white paper.
        WhitePaper,
        /// A constitution.
        Constitution,
        /// A code of law, such as a criminal code.
        Code,
        /// A law: an act of parliament.
        Law,
        /// A bill: a law that is proposed and not adopted.
        Bill,
        /// A decree of a head of State or government.
        Decree,
        /// A regulation under a law.
        Regulation,
        /// A directive, such as one of the European Union: it binds as to the result.
        Directive,
        /// A resolution of a parliament, government or council.
        Resolution,
        /// Guidelines: advice that does not bind.
        Guidelines,
        /// An agreement between States or institutions.
        Agreement,
        /// A report.
        Report,
        /// Any other kind of document.
        Other,
    }
}

field_enum! {
    /// Stage of a policy document. The list may grow.
    PolicyDocumentStatus {
        /// In preparation; no draft is known.
        InDevelopment,
        /// A draft exists, and is not adopted.
        Draft,
        /// Submitted to the body that decides on it, such as a bill to parliament.
        Submitted,
        /// Adopted by the competent body; not known to be in force.
        Adopted,
        /// Enacted; its entry into force is outstanding.
        NotYetInForce,
        /// In force.
        InForce,
        /// Fell before it was adopted, such as a bill at the end of a parliament's term.
        Lapsed,
        /// Its period has ended.
        Expired,
        /// Replaced by another document.
        Superseded,
        /// Repealed.
        Repealed,
        /// Annulled by a court.
        Annulled,
        /// Its stage is not known: no source states it.
        Unknown,
    }
}

field_enum! {
    /// Subject of a policy document. The list may grow.
    DocumentSubject {
        /// Cybercrime.
        Cybercrime,
        /// Cybersecurity.
        Cybersecurity,
        /// Defence in cyberspace.
        CyberDefence,
        /// National security.
        NationalSecurity,
        /// Information society and digital government.
        DigitalAgenda,
        /// Protection of critical infrastructure.
        CriticalInfrastructure,
        /// Substantive criminal law: offences, as in ETS 185 Articles 2 to 13.
        SubstantiveCriminalLaw,
        /// Criminal procedure: powers of investigation, as in ETS 185 Articles 14 to 21.
        CriminalProcedure,
        /// Electronic evidence.
        ElectronicEvidence,
        /// Interception of communications.
        Interception,
        /// Mutual legal assistance between States in criminal matters.
        MutualLegalAssistance,
        /// Protection of personal data.
        DataProtection,
        /// Protection of children.
        ChildProtection,
        /// Financial crime.
        FinancialCrime,
        /// Electronic communications.
        ElectronicCommunications,
        /// Electronic commerce and electronic transactions.
        ElectronicCommerce,
        /// Safety online: harmful content, and the duties of platforms.
        OnlineSafety,
        /// Organised crime.
        OrganisedCrime,
        /// Conditions and safeguards for powers of investigation, as in ETS 185 Article 15.
        Safeguards,
        /// Any other subject.
        Other,
    }
}

field_enum! {
    /// Relation of a document to another. The list may grow.
    DocumentRelationKind {
        /// It implements the other document.
        Implements,
        /// It supplements the other document.
        Supplements,
        /// It amends the other document.
        Amends,
        /// It replaces the other document, or the provisions that are named.
        Replaces,
        /// It repeals the other document. With `provisions` it has the meaning of `PARTLY_REPEALS`.
        Repeals,
        /// It repeals a part of the other document: `provisions` names it, if it is known.
        PartlyRepeals,
        /// It brings the other document into force, or the provisions that are named.
        BringsIntoForce,
        /// It approves the other document.
        Approves,
        /// It transposes the other document into national law.
        Transposes,
        /// It is based on the other document.
        BasedOn,
    }
}

value! {
    /// One place where the text of a document can be read.
    DocumentText as DocumentTextInput by ["url"] of_form Structure {
        /// Address of the text.
        url: Url,
        /// Language of the text.
        language: Option<Language>,
        /// True if the text is a translation. Absent means false.
        #[serde(default, deserialize_with = "crate::value_type::if_true")]
        is_translation: Option<bool>,
    }
}

value! {
    /// A provision of a document. It has at least one of its members.
    Provision as ProvisionInput by ["number"] of_form Structure {
        /// Number of the provision, as in `2.2.9`, or a range, as in `27-31`.
        number: Option<String>,
        /// Heading of the provision.
        heading: Option<String>,
        /// Summary in the words of the editors.
        summary: Option<String>,
        /// Short quotation, word for word.
        quote: Option<String>,
        /// Stage of the provision, where it differs from that of the document.
        status: Option<PolicyDocumentStatus>,
        /// First day on which the provision is in force, where it differs from that of the document.
        in_force_from: Option<PartialDate>,
    }
}

value! {
    /// Relation of a document to another.
    DocumentRelation as DocumentRelationInput by ["kind", "document"] of_form Structure {
        /// Type of relation, from this document to the other.
        kind: DocumentRelationKind,
        /// Id of the other document.
        document: RecordId,
        /// Numbers of the provisions of the other document that the relation concerns. Absent if it concerns the
        /// whole document.
        provisions: Option<List<String>>,
    }
}

/// Passes the declaration of `PolicyDocument` to the macro `$then`.
#[macro_export]
macro_rules! policy_document_fields {
    ($then:ident) => {
        $then! {
            /// The fields of a policy document.
            PolicyDocument in "policy_document" as PolicyDocumentFields, CreatePolicyDocument, UpdatePolicyDocument citing Vec<CitationInput> {
                /// Type of document.
                kind: PolicyDocumentKind,
                /// Titles by language, at least one.
                titles: List<LocalizedText>,
                /// Stage as the source gives it. `effectiveStatus` is computed from it and from the dates.
                status: PolicyDocumentStatus,
                /// Subjects, each once.
                subjects: List<DocumentSubject>,
                /// References of the treaties that the document serves: it approves, transposes or implements them.
                /// Each once.
                treaties: List<TreatyReference>,
                /// Date of adoption.
                adopted_on: Option<PartialDate>,
                /// Date of promulgation: assent, sanction or signature by the head of State.
                promulgated_on: Option<PartialDate>,
                /// Date of publication.
                published_on: Option<PartialDate>,
                /// First day on which the document is in force.
                in_force_from: Option<PartialDate>,
                /// Day on which the document was repealed, not before `adoptedOn` and `inForceFrom`. From that day
                /// `effectiveStatus` is `REPEALED`.
                repealed_on: Option<PartialDate>,
                /// Period for which the document is made, as in `2014/2020`.
                period: Option<PartialDate>,
                /// Official number.
                number: Option<String>,
                /// Place of publication, such as an official gazette with its number.
                publication: Option<String>,
                /// Id of the body or unit that issued the document. It belongs to the same country.
                issuer: Option<RecordId>,
                /// Name of the issuer as the source writes it.
                issuer_named_as: Option<String>,
                /// Ids of the bodies or units that carry the document out, each once. They belong to the same
                /// country.
                responsible: List<RecordId>,
                /// Places where the text can be read.
                texts: List<DocumentText>,
                /// Objectives of the document, one per element.
                objectives: List<String>,
                /// Summary in the words of the editors, in Markdown.
                summary: Option<Markdown>,
                /// Provisions that matter for the profile. Each number occurs once.
                provisions: List<Provision>,
                /// Relations to other documents.
                relations: List<DocumentRelation>,
                /// ISO 3166-2 code of the part of the country to which the document is limited, as in `US-CA`. Absent
                /// if it is of the whole country.
                subdivision: Option<String>,
                /// Code of the country whose document it is.
                country: CountryCode,
            } derived { sort_title: String, begins: String, adopted_earliest: String, adopted_latest: String, }
        }
    };
}
pub use policy_document_fields as fields;
fields!(noun);

impl Identified for PolicyDocument {
    const NOT_EMPTY: &[RecordField] = &[RecordField::Titles];

    fn key(&self) -> String {
        let title = localized(&self.titles, &[]).map_or("document", |title| title.text.as_str());
        slug(&format!("{} {title}", self.country))
    }

    fn validate(&self) -> Vec<Finding> {
        let at = |field: RecordField| Path::default().then(field.camel());
        let mut found = Vec::new();
        found.extend(repeated(&self.subjects, &at(RecordField::Subjects)));
        found.extend(repeated(&self.treaties, &at(RecordField::Treaties)));
        found.extend(repeated(&self.responsible, &at(RecordField::Responsible)));
        let subdivision = self.subdivision.as_deref();
        found.extend(subdivision::check(subdivision, &self.country));
        for (number, provision) in self.provisions.iter().enumerate() {
            let at = at(RecordField::Provisions).then(number);
            let mut before = self.provisions.iter().take(number);
            let taken = |other: &Provision| other.number == provision.number;
            if let Some(name) = &provision.number
                && before.any(taken)
            {
                let message = format!(
                    "another provision has the number {}: give each its own",
                    truncate(name)
                );
                found.push(at.then("number").finding(Code::Duplicate, message));
            }
            if provision.is_without_text() {
                found.push(at.finding(
                    Code::Required,
                    "is empty: expected at least one of `number`, `heading`, `summary` and `quote`",
                ));
            }
        }
        let at_repealed = at(RecordField::RepealedOn);
        date::check_order(
            self.in_force_from,
            self.repealed_on,
            &at_repealed,
            &mut found,
        );
        date::check_order(self.adopted_on, self.repealed_on, &at_repealed, &mut found);
        found
    }

    fn references(&self) -> Vec<(RecordField, Reference)> {
        let institution = |id| Reference::within(&self.country, institution::KINDS, id);
        let country = Reference::Country(self.country.clone());
        let mut references = vec![(RecordField::Country, country)];
        let issuer = self.issuer.as_ref();
        references.extend(issuer.map(|id| (RecordField::Issuer, institution(id))));
        let treaties = self.treaties.iter();
        references.extend(treaties.map(|treaty| {
            let treaty = Reference::Treaty(treaty.clone());
            (RecordField::Treaties, treaty)
        }));
        let responsible = self.responsible.iter();
        references.extend(responsible.map(|id| (RecordField::Responsible, institution(id))));
        references.extend(self.relations.iter().map(|relation| {
            let document = Reference::record(&[Kind::PolicyDocument], &relation.document);
            (RecordField::Relations, document)
        }));
        references
    }

    fn acyclic_references(&self) -> Vec<AcyclicReference> {
        let relations = self.relations.iter();
        relations
            .map(|relation| {
                let document = Reference::record(&[Kind::PolicyDocument], &relation.document);
                AcyclicReference {
                    line: relation.kind.line(),
                    is_mutual: relation.is_mutual(),
                    ..AcyclicReference::of(RecordField::Relations, document)
                }
            })
            .collect()
    }

    fn search_terms(&self) -> Vec<IndexedReference> {
        IndexedReference::words(RecordField::Subjects, &self.subjects).collect()
    }

    fn country(&self) -> Option<CountryCode> {
        Some(self.country.clone())
    }

    fn derived_columns(&self) -> Content {
        let title = localized(&self.titles, &[]).map(|title| sort_key(&title.text));
        let earliest = self
            .adopted_on
            .map(|date| date.earliest().unwrap_or(Date::FIRST));
        let latest = self
            .adopted_on
            .map(|date| date.latest().unwrap_or(Date::LAST));
        // A document without a date of adoption sorts last in both directions, and is in no range of days.
        Content::from_iter([
            (camel_case("sort_title"), json!(title.unwrap_or_default())),
            ("begins".to_owned(), json!(self.begins())),
            (
                camel_case("adopted_earliest"),
                json!(earliest.unwrap_or(Date::LAST)),
            ),
            (
                camel_case("adopted_latest"),
                json!(latest.unwrap_or(Date::FIRST)),
            ),
        ])
    }
}

impl DocumentRelationKind {
    /// Returns the line of references in which no document may lead back to itself. `REPLACES`, `REPEALS` and
    /// `PARTLY_REPEALS` share one: a document that replaces another is not ended by it.
    fn line(self) -> &'static str {
        match self {
            Self::Implements => "implements",
            Self::Supplements => "supplements",
            Self::Amends => "amends",
            Self::Replaces | Self::Repeals | Self::PartlyRepeals => "ends",
            Self::BringsIntoForce => "brings_into_force",
            Self::Approves => "approves",
            Self::Transposes => "transposes",
            Self::BasedOn => "based_on",
        }
    }
}

impl DocumentRelation {
    /// True if two documents can have this relation to each other. Laws amend each other, and end parts of each
    /// other.
    fn is_mutual(&self) -> bool {
        let is_partial = self.provisions.is_some();
        match self.kind {
            DocumentRelationKind::Amends | DocumentRelationKind::PartlyRepeals => true,
            DocumentRelationKind::Replaces | DocumentRelationKind::Repeals => is_partial,
            _ => false,
        }
    }
}

impl Provision {
    fn is_without_text(&self) -> bool {
        let members = [&self.number, &self.heading, &self.summary, &self.quote];
        members.into_iter().all(Option::is_none)
    }
}

impl PolicyDocument {
    /// Returns the day from which the document is listed: the first of its known steps, else the beginning of its
    /// period. A document in preparation is listed at once.
    fn begins(&self) -> Date {
        let prepared = matches!(
            self.status,
            PolicyDocumentStatus::InDevelopment
                | PolicyDocumentStatus::Draft
                | PolicyDocumentStatus::Submitted
        );
        if prepared {
            return Date::FIRST;
        }
        // A document whose entry into force is outstanding exists before that day.
        let is_outstanding = self.status == PolicyDocumentStatus::NotYetInForce;
        let steps = [
            self.adopted_on,
            self.promulgated_on,
            self.published_on,
            self.in_force_from.filter(|_| !is_outstanding),
        ];
        let first = steps
            .into_iter()
            .flatten()
            .map(|date| date.earliest())
            .min();
        let period = || self.period.map(|period| period.earliest());
        first.or_else(period).flatten().unwrap_or(Date::FIRST)
    }
}

/// Returns the stage of a document on the day `as_of`: as its dates give it, else as the source does.
pub fn effective_status(
    status: PolicyDocumentStatus,
    in_force_from: Option<PartialDate>,
    repealed_on: Option<PartialDate>,
    period: Option<PartialDate>,
    as_of: Date,
) -> PolicyDocumentStatus {
    use PolicyDocumentStatus::{Adopted, Expired, InForce, NotYetInForce, Repealed, Unknown};
    let passed = |date: Option<PartialDate>| date.and_then(|date| date.latest());
    if passed(repealed_on).is_some_and(|day| day <= as_of) {
        return Repealed;
    }
    let lives = matches!(status, Adopted | NotYetInForce | InForce | Unknown);
    if lives && passed(period).is_some_and(|last| last < as_of) {
        return Expired;
    }
    let begins = in_force_from.and_then(|date| date.earliest());
    match status {
        InForce if begins.is_some_and(|first| as_of < first) => Adopted,
        Adopted | NotYetInForce if passed(in_force_from).is_some_and(|first| first <= as_of) => {
            InForce
        }
        status => status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_document_follows_its_dates() {
        use PolicyDocumentStatus::*;
        let date = |text: &str| Some(text.parse::<PartialDate>().unwrap());
        let on = |status, from, repealed, period, day: &str| {
            effective_status(status, from, repealed, period, day.parse().unwrap())
        };
        let period = date("2014/2020");
        assert_eq!(on(Adopted, None, None, period, "2020-12-31"), Adopted);
        assert_eq!(on(Adopted, None, None, period, "2021-01-01"), Expired);
        assert_eq!(on(Superseded, None, None, period, "2021-01-01"), Superseded);
        assert_eq!(
            on(Adopted, date("2020-05"), None, None, "2020-05-30"),
            Adopted
        );
        assert_eq!(
            on(Adopted, date("2020-05"), None, None, "2020-05-31"),
            InForce
        );
        assert_eq!(
            on(InForce, date("2020-05"), None, None, "2020-04-30"),
            Adopted
        );
        assert_eq!(
            on(NotYetInForce, date("2020-05"), None, None, "2020-05-30"),
            NotYetInForce
        );
        assert_eq!(
            on(NotYetInForce, date("2020-05"), None, None, "2020-05-31"),
            InForce
        );
        assert_eq!(
            on(InForce, None, date("2022-03-01"), None, "2022-03-01"),
            Repealed
        );
        assert_eq!(
            on(InForce, None, date("2022-03-01"), None, "2022-02-28"),
            InForce
        );
    }
}
