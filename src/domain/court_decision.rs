//! Court decisions on cybercrime and electronic evidence.

use serde_json::json;

use super::article;
use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::date::{Date, PartialDate};
use super::field::Content;
use super::institution;
use super::localized_text::{LocalizedText, localized};
use super::noun::{Identified, noun};
use super::provision_reference::{self, ProvisionReference};
use super::record::{Kind, RecordField, RecordId};
use super::reference::{AcyclicReference, IndexedReference, Reference};
use super::required::RequiredIf;
use super::text::{CountryCode, Markdown, TreatyReference, slug, truncate};
use super::url::Url;
use super::value_type::List;

/// Passes the declaration of `CourtDecision` to the macro `$then`.
#[macro_export]
macro_rules! court_decision_fields {
    ($then:ident) => {
        $then! {
            /// The fields of a court decision.
            CourtDecision in "court_decision" as CourtDecisionFields, CreateCourtDecision, UpdateCourtDecision citing Vec<CitationInput> {
                /// Code of the country whose court decided.
                country: CountryCode,
                /// Titles by language, at least one. They name no private persons.
                titles: List<LocalizedText>,
                /// Number of the case or decision, as the court writes it.
                number: Option<String>,
                /// European Case Law Identifier, as in `ECLI:NL:HR:2011:BN9287`.
                ecli: Option<String>,
                /// Name of the court.
                court: Option<String>,
                /// Id of the body or unit that is the court. It belongs to the same country.
                institution: Option<RecordId>,
                /// Date of the decision, as exact as the source.
                decided_on: Option<PartialDate>,
                /// Reference of the treaty whose `articles` the decision is about. Required with `articles`.
                treaty: Option<TreatyReference>,
                /// Articles of the treaty that the decision is about, as in `2`, each once.
                articles: List<String>,
                /// Provisions of law that the court applied, each once.
                provisions: List<ProvisionReference>,
                /// Outcome in a sentence, such as the sentence or the remedy.
                outcome: Option<String>,
                /// Id of the earlier decision to which it relates, such as the one that it reviews.
                relates_to: Option<RecordId>,
                /// Summary in the words of the editors, in Markdown.
                summary: Option<Markdown>,
                /// Address at which the decision can be read.
                url: Option<Url>,
            } derived { earliest: String, latest: String, }
        }
    };
}
pub use court_decision_fields as fields;
fields!(noun);

impl Identified for CourtDecision {
    const NOT_EMPTY: &[RecordField] = &[RecordField::Titles];
    const REQUIRED_IF: &[RequiredIf<Self>] = &[RequiredIf {
        field: RecordField::Treaty,
        condition: "with `articles`",
        is_missing: |decision| decision.treaty.is_none() && !decision.articles.is_empty(),
    }];

    fn key(&self) -> String {
        let title = localized(&self.titles, &[]).map_or("decision", |title| title.text.as_str());
        slug(&format!("{} {title}", self.country))
    }

    fn validate(&self) -> Vec<Finding> {
        let at = |field: RecordField| Path::default().then(field.camel());
        let mut found = Vec::new();
        if let Some(ecli) = self.ecli.as_deref().filter(|ecli| !is_ecli(ecli)) {
            let given = truncate(ecli);
            let message = format!(
                "{given} does not fit: expected a European Case Law Identifier, as in \
                 \u{201c}ECLI:NL:HR:2011:BN9287\u{201d}"
            );
            found.push(at(RecordField::Ecli).finding(Code::Invalid, message));
        }
        let at_articles = at(RecordField::Articles);
        found.extend(institution::repeated(&self.articles, &at_articles));
        if let Some(treaty) = &self.treaty {
            let articles = self.articles.iter().enumerate();
            found.extend(articles.filter_map(|(place, article)| {
                let message = article::fault(treaty, article)?;
                Some(at_articles.then(place).finding(Code::Invalid, message))
            }));
        }
        found.extend(provision_reference::repeated(&self.provisions));
        found
    }

    fn references(&self) -> Vec<(RecordField, Reference)> {
        let country = Reference::Country(self.country.clone());
        let mut references = vec![(RecordField::Country, country)];
        references.extend(self.treaty.iter().map(|treaty| {
            let treaty = Reference::Treaty(treaty.clone());
            (RecordField::Treaty, treaty)
        }));
        references.extend(self.institution.iter().map(|id| {
            let institution = Reference::within(&self.country, institution::KINDS, id);
            (RecordField::Institution, institution)
        }));
        let provisions = provision_reference::references(&self.country, &self.provisions);
        references.extend(provisions);
        references.extend(self.related());
        references
    }

    fn acyclic_references(&self) -> Vec<AcyclicReference> {
        let related = self.related().into_iter();
        related
            .map(|(field, to)| AcyclicReference::of(field, to))
            .collect()
    }

    fn search_terms(&self) -> Vec<IndexedReference> {
        let articles = self.articles.iter();
        let articles = articles.flat_map(|article| article::with_wholes(article));
        articles
            .map(|article| IndexedReference::always(RecordField::Articles, article))
            .collect()
    }

    fn country(&self) -> Option<CountryCode> {
        Some(self.country.clone())
    }

    fn derived_columns(&self) -> Content {
        let decided = self.decided_on;
        let earliest = decided.map(|date| date.earliest().unwrap_or(Date::FIRST));
        let latest = decided.map(|date| date.latest().unwrap_or(Date::LAST));
        // A decision without a date sorts last and is in no range of days.
        Content::from_iter([
            ("earliest".to_owned(), json!(earliest.unwrap_or(Date::LAST))),
            ("latest".to_owned(), json!(latest.unwrap_or(Date::FIRST))),
        ])
    }
}

impl CourtDecision {
    fn related(&self) -> Option<(RecordField, Reference)> {
        let id = self.relates_to.as_ref()?;
        let decision = Reference::record(&[Kind::CourtDecision], id);
        Some((RecordField::RelatesTo, decision))
    }
}

/// True if the text has the five parts of a European Case Law Identifier: `ECLI`, country or organisation, court, year
/// and number. Source: Council conclusions 2011/C 127/01.
fn is_ecli(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let [prefix, of, court, year, number] = parts.as_slice() else {
        return false;
    };
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |part: &str, most: usize| {
        let is_character = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
        (1..=most).contains(&part.len()) && part.bytes().all(is_character)
    };
    *prefix == "ECLI" && is_word(of, 7) && is_word(court, 7) && is_year && is_word(number, 25)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ecli_has_five_parts() {
        for text in [
            "ECLI:NL:HR:2011:BN9287",
            "ECLI:DE:BGH:2015:210715B1STR16.15.0",
        ] {
            assert!(is_ecli(text), "{text}");
        }
        for text in [
            "",
            "NL:HR:2011:BN9287",
            "ECLI:NL:HR:11:BN9287",
            "ECLI:NL:HR:2011:",
            "ECLI NL HR 2011 1",
        ] {
            assert!(!is_ecli(text), "{text}");
        }
    }
}
