//! Policy documents: strategies, action plans, policies, laws, decrees.

use serde_json::json;

use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::date::{self, Day, PartialDate};
use super::field::Content;
use super::institution::{self, repeated};
use super::language::Language;
use super::link::Link;
use super::localized_text::{LocalizedText, localized};
use super::noun::{Identified, noun, value};
use super::record::{Kind, RecordField, RecordId, camel_case};
use super::reference::{Mention, Reference, Upward};
use super::text::{CountryCode, Markdown, cut, slug, sort_key};
use super::value_type::{List, words};

words! {
    /// What kind of document it is. The list may grow.
    PolicyDocumentKind {
        /// A strategy.
        Strategy,
        /// A plan of action.
        ActionPlan,
        /// A policy.
        Policy,
        /// A programme.
        Programme,
        /// A white paper.
        WhitePaper,
        /// A constitution.
        Constitution,
        /// A code of law.
        Code,
        /// A law.
        Law,
        /// A decree.
        Decree,
        /// A regulation.
        Regulation,
        /// A report.
        Report,
        /// Anything else.
        Other,
    }
}

words! {
    /// How far a document has come. The list may grow.
    PolicyDocumentStatus {
        /// Somebody works on it.
        InDevelopment,
        /// There is a draft.
        Draft,
        /// It is adopted.
        Adopted,
        /// It is in force.
        InForce,
        /// Its period has ended.
        Expired,
        /// Another has taken its place.
        Superseded,
        /// It was repealed.
        Repealed,
        /// A court annulled it.
        Annulled,
        /// No source tells.
        Unknown,
    }
}

words! {
    /// What a document is about. The list may grow.
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
        /// Critical infrastructure.
        CriticalInfrastructure,
        /// Offences.
        SubstantiveCriminalLaw,
        /// Criminal procedure.
        CriminalProcedure,
        /// Electronic evidence.
        ElectronicEvidence,
        /// Interception.
        Interception,
        /// Mutual legal assistance.
        MutualLegalAssistance,
        /// Data protection.
        DataProtection,
        /// Protection of children.
        ChildProtection,
        /// Financial crime.
        FinancialCrime,
        /// Electronic communications.
        ElectronicCommunications,
        /// Conditions and safeguards.
        Safeguards,
        /// Anything else.
        Other,
    }
}

words! {
    /// How a document stands to another. The list may grow.
    DocumentRelationKind {
        /// It implements the other.
        Implements,
        /// It amends the other.
        Amends,
        /// It takes the place of the other.
        Replaces,
        /// It repeals the other.
        Repeals,
        /// It approves the other.
        Approves,
        /// It transposes the other into national law.
        Transposes,
        /// It rests on the other.
        BasedOn,
    }
}

value! {
    /// Where the text of a document is to be found.
    DocumentText as DocumentTextInput by ["url"] {
        /// Its address.
        url: Link,
        /// Its language.
        language: Option<Language>,
        /// Whether it is a translation. Left out: false.
        #[serde(default, deserialize_with = "crate::value_type::if_true")]
        is_translation: Option<bool>,
    }
}

value! {
    /// A provision of a document. It has at least one of its members.
    Provision as ProvisionInput by ["number"] {
        /// Its number, as in `2.2.9`.
        number: Option<String>,
        /// Its heading.
        heading: Option<String>,
        /// What it says, in our own words.
        summary: Option<String>,
        /// What it says, word for word; short.
        quote: Option<String>,
    }
}

value! {
    /// How a document stands to another.
    DocumentRelation as DocumentRelationInput by ["kind", "document"] {
        /// What it does with the other.
        kind: DocumentRelationKind,
        /// The other document.
        document: RecordId,
        /// The provisions of the other that it concerns, by number; none for the whole.
        provisions: Option<List<String>>,
    }
}

/// The fields of a document: what is done with them is up to `$then`.
#[macro_export]
macro_rules! policy_document_fields {
    ($then:ident) => {
        $then! {
            /// What is known of a policy document. A create must have: kind titles status country.
            PolicyDocument in "policy_document" as PolicyDocumentFields, CreatePolicyDocument, UpdatePolicyDocument citing Vec<CitationInput> {
                /// What kind of document it is.
                kind: PolicyDocumentKind,
                /// Its titles by language.
                titles: List<LocalizedText>,
                /// How far it has come, as the source says.
                status: PolicyDocumentStatus,
                /// What it is about.
                subjects: List<DocumentSubject>,
                /// When it was adopted.
                adopted_on: Option<PartialDate>,
                /// When it was published.
                published_on: Option<PartialDate>,
                /// From when it is in force.
                in_force_from: Option<PartialDate>,
                /// When it was repealed.
                repealed_on: Option<PartialDate>,
                /// The time that it is for.
                period: Option<PartialDate>,
                /// Its official number.
                number: Option<String>,
                /// Where it was published.
                publication: Option<String>,
                /// The body or unit that issued it.
                issuer: Option<RecordId>,
                /// The name of the issuer as the source has it.
                issuer_named_as: Option<String>,
                /// The bodies or units that carry it out.
                responsible: List<RecordId>,
                /// Where its text is to be found.
                texts: List<DocumentText>,
                /// What it is for.
                objectives: List<String>,
                /// What it says, in our own words, in Markdown.
                summary: Option<Markdown>,
                /// Its provisions, as far as they matter here. No number twice.
                provisions: List<Provision>,
                /// How it stands to other documents.
                relations: List<DocumentRelation>,
                /// The country it belongs to.
                country: CountryCode,
            } keeping { sort_title: String, begins: String, adopted_earliest: String, adopted_latest: String, }
        }
    };
}
pub use policy_document_fields as fields;
fields!(noun);

impl Identified for PolicyDocument {
    fn key(&self) -> String {
        let title = localized(&self.titles, &[]).map_or("document", |title| title.text.as_str());
        slug(&format!("{} {title}", self.country))
    }

    fn faults(&self) -> Vec<Finding> {
        let at = |field: RecordField| Path::default().then(field.camel());
        let mut found = Vec::new();
        if self.titles.is_empty() {
            found.push(at(RecordField::Titles).finding(Code::Required, "a document has a title"));
        }
        found.extend(repeated(&self.subjects, &at(RecordField::Subjects)));
        found.extend(repeated(&self.responsible, &at(RecordField::Responsible)));
        for (number, provision) in self.provisions.iter().enumerate() {
            let at = at(RecordField::Provisions).then(number);
            let mut before = self.provisions.iter().take(number);
            let taken = |other: &Provision| other.number == provision.number;
            if let Some(name) = &provision.number
                && before.any(taken)
            {
                let message = format!("another provision has the number {}", cut(name));
                found.push(at.then("number").finding(Code::Duplicate, message));
            }
            if provision.says_nothing() {
                found.push(at.finding(Code::Required, "say something of the provision"));
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
        let responsible = self.responsible.iter();
        references.extend(responsible.map(|id| (RecordField::Responsible, institution(id))));
        references.extend(self.relations.iter().map(|relation| {
            let document = Reference::record(&[Kind::PolicyDocument], &relation.document);
            (RecordField::Relations, document)
        }));
        references
    }

    fn upward(&self) -> Vec<Upward> {
        let relations = self.relations.iter();
        relations
            .map(|relation| {
                let document = Reference::record(&[Kind::PolicyDocument], &relation.document);
                Upward {
                    line: relation.kind.line(),
                    is_mutual: relation.is_mutual(),
                    ..Upward::of(RecordField::Relations, document)
                }
            })
            .collect()
    }

    fn elements(&self) -> Vec<Mention> {
        Mention::words(RecordField::Subjects, &self.subjects).collect()
    }

    fn country(&self) -> Option<CountryCode> {
        Some(self.country.clone())
    }

    fn kept(&self) -> Content {
        let title = localized(&self.titles, &[]).map(|title| sort_key(&title.text));
        let earliest = self
            .adopted_on
            .map(|date| date.earliest().unwrap_or(Day::FIRST));
        let latest = self
            .adopted_on
            .map(|date| date.latest().unwrap_or(Day::LAST));
        // Without a date of adoption a document sorts last either way, and lies in no range of days.
        Content::from_iter([
            (camel_case("sort_title"), json!(title.unwrap_or_default())),
            ("begins".to_owned(), json!(self.begins())),
            (
                camel_case("adopted_earliest"),
                json!(earliest.unwrap_or(Day::LAST)),
            ),
            (
                camel_case("adopted_latest"),
                json!(latest.unwrap_or(Day::FIRST)),
            ),
        ])
    }
}

impl DocumentRelationKind {
    /// The line in which no document leads back to itself: who takes the place of a document does not end
    /// by it.
    fn line(self) -> &'static str {
        match self {
            Self::Implements => "implements",
            Self::Amends => "amends",
            Self::Replaces | Self::Repeals => "ends",
            Self::Approves => "approves",
            Self::Transposes => "transposes",
            Self::BasedOn => "based_on",
        }
    }
}

impl DocumentRelation {
    /// Whether two documents can stand so to each other: laws amend each other, and end parts of each
    /// other.
    fn is_mutual(&self) -> bool {
        let is_partial = self.provisions.is_some();
        match self.kind {
            DocumentRelationKind::Amends => true,
            DocumentRelationKind::Replaces | DocumentRelationKind::Repeals => is_partial,
            _ => false,
        }
    }
}

impl Provision {
    fn says_nothing(&self) -> bool {
        let members = [&self.number, &self.heading, &self.summary, &self.quote];
        members.into_iter().all(Option::is_none)
    }
}

impl PolicyDocument {
    /// The day from which it is listed: that of its first known step, else the beginning of its
    /// period. One that is being prepared is listed at once.
    fn begins(&self) -> Day {
        let prepared = matches!(
            self.status,
            PolicyDocumentStatus::InDevelopment | PolicyDocumentStatus::Draft
        );
        if prepared {
            return Day::FIRST;
        }
        let steps = [self.adopted_on, self.published_on, self.in_force_from];
        let first = steps
            .into_iter()
            .flatten()
            .map(|date| date.earliest())
            .min();
        let period = || self.period.map(|period| period.earliest());
        first.or_else(period).flatten().unwrap_or(Day::FIRST)
    }
}

/// How far a document has come on a day: what its dates tell, else what the source says.
pub fn effective_status(
    status: PolicyDocumentStatus,
    in_force_from: Option<PartialDate>,
    repealed_on: Option<PartialDate>,
    period: Option<PartialDate>,
    as_of: Day,
) -> PolicyDocumentStatus {
    use PolicyDocumentStatus::{Adopted, Expired, InForce, Repealed, Unknown};
    let passed = |date: Option<PartialDate>| date.and_then(|date| date.latest());
    if passed(repealed_on).is_some_and(|day| day <= as_of) {
        return Repealed;
    }
    let lives = matches!(status, Adopted | InForce | Unknown);
    if lives && passed(period).is_some_and(|last| last < as_of) {
        return Expired;
    }
    let begins = in_force_from.and_then(|date| date.earliest());
    match status {
        InForce if begins.is_some_and(|first| as_of < first) => Adopted,
        Adopted if passed(in_force_from).is_some_and(|first| first <= as_of) => InForce,
        status => status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_alone_ends_a_period() {
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
            on(InForce, None, date("2022-03-01"), None, "2022-03-01"),
            Repealed
        );
        assert_eq!(
            on(InForce, None, date("2022-03-01"), None, "2022-02-28"),
            InForce
        );
    }
}
