//! Certainty by rule: a field is `CONFIRMED` by two sources of different publishers.

use std::collections::BTreeSet;

use super::change::Proposed;
use super::check::{Code, Finding, Path};
use super::citation::{Certainty, FieldCitation};
use super::record::{RecordField, RecordId};

/// A field that a change cites as `CONFIRMED`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// The field.
    pub field: RecordField,
    /// The sources that confirm its value after the change, earlier citations included.
    pub sources: BTreeSet<RecordId>,
    /// Path of the change's first citation that calls the field `CONFIRMED`.
    pub path: Path,
}

impl Confirmation {
    /// Returns the confirmations of a change. `valid` are the citations of its record after the change.
    pub fn of(change: &Proposed, valid: &[FieldCitation]) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for (at, cite) in change.cites.iter().enumerate() {
            if cite.certainty != Certainty::Confirmed {
                continue;
            }
            for one in cite.by_field() {
                // A citation of an older value is left out of the record.
                let is_new = valid.contains(&one) && !found.iter().any(|it| it.field == one.field);
                if is_new {
                    found.push(Self {
                        field: one.field,
                        sources: sources(one.field, valid),
                        path: change.path.then("cite").then(at),
                    });
                }
            }
        }
        found
    }

    /// Returns the same confirmation with the sources of other valid citations; `None` if none of them calls the field
    /// `CONFIRMED`.
    pub fn with(&self, valid: &[FieldCitation]) -> Option<Self> {
        let is_confirmed = valid.iter().any(|one| confirms(one, self.field));
        is_confirmed.then(|| Self {
            sources: sources(self.field, valid),
            ..self.clone()
        })
    }

    /// Returns a finding unless the sources have at least two publishers. A source without a publisher counts as a
    /// publisher of its own; names are compared without regard to case and surrounding space.
    pub fn warning<'a>(&self, publisher: &dyn Fn(&RecordId) -> Option<&'a str>) -> Option<Finding> {
        let mut origins = BTreeSet::new();
        let mut name = "";
        for source in &self.sources {
            let own = publisher(source).map(str::trim).unwrap_or_default();
            if own.is_empty() {
                origins.insert(source.to_string());
            } else {
                if name.is_empty() {
                    name = own;
                }
                origins.insert(own.to_lowercase());
            }
        }
        if origins.len() > 1 {
            return None;
        }
        let field = self.field.screaming();
        let so_far = match (self.sources.first(), self.sources.len()) {
            (Some(source), 1) => format!("by {source} alone"),
            (Some(_), number) => format!("by {number} sources of one publisher, {name}"),
            (None, _) => "without a source".to_owned(),
        };
        let message = format!(
            "{field} is CONFIRMED {so_far}: cite sources of two publishers as CONFIRMED, or call it REPORTED"
        );
        Some(self.path.finding(Code::CitationRequired, message))
    }
}

/// Returns the sources that confirm a field.
fn sources(field: RecordField, valid: &[FieldCitation]) -> BTreeSet<RecordId> {
    let confirming = valid
        .iter()
        .filter(|one| confirms(one, field) && !one.is_unsourced());
    confirming.map(|one| one.source.clone()).collect()
}

fn confirms(citation: &FieldCitation, field: RecordField) -> bool {
    citation.field == field && citation.certainty == Certainty::Confirmed
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::change::ChangeInput;
    use crate::citation::CheckedCitation;
    use crate::date::Date;
    use crate::field::Content;

    const TODAY: Date = Date::FIRST;

    fn proposed(change: Value) -> Proposed {
        let input: ChangeInput = serde_json::from_value(change).unwrap();
        let path = Path::default().then("changes").then(0);
        input.checked(&path).unwrap().into_inner()
    }

    fn event(cites: &Value) -> Proposed {
        proposed(
            json!({ "createTreatyEvent": { "key": "hu", "cite": cites, "fields": { "kind": "RATIFICATION",
            "date": "2026-02-05", "country": "HU", "treaty": "CETS 224" } } }),
        )
    }

    fn cite(source: &str, certainty: &str) -> Value {
        json!({ "source": source, "fields": ["DATE"], "certainty": certainty })
    }

    /// The other fields, so that each field has a citation.
    fn rest() -> Value {
        json!({ "source": "Source:rest", "fields": ["KIND", "COUNTRY", "TREATY"] })
    }

    fn publisher(source: &RecordId) -> Option<&'static str> {
        match source.as_str() {
            "Source:chart-2015" => Some("Council of Europe"),
            "Source:chart-2025" => Some(" council of europe "),
            "Source:gazette" => Some("Hungary"),
            _ => None,
        }
    }

    fn warnings(change: &Proposed, valid: &[FieldCitation]) -> Vec<String> {
        let confirmations = Confirmation::of(change, valid).into_iter();
        let warnings = confirmations.filter_map(|one| one.warning(&publisher));
        let said = |one: Finding| format!("{}: {}", one.path.0.join("."), one.message);
        warnings.map(said).collect()
    }

    fn of_create(cites: &Value) -> Vec<String> {
        let change = event(cites);
        let none = Content::new();
        warnings(&change, &change.valid_citations(&none, &none, &[], TODAY))
    }

    #[test]
    fn two_publishers_confirm_a_field_and_one_does_not() {
        let (old, new) = (
            cite("Source:chart-2015", "CONFIRMED"),
            cite("Source:chart-2025", "CONFIRMED"),
        );
        assert_eq!(
            of_create(&json!([rest(), old])),
            [
                "changes.0.createTreatyEvent.cite.1: DATE is CONFIRMED by Source:chart-2015 alone: \
              cite sources of two publishers as CONFIRMED, or call it REPORTED"
            ]
        );
        assert_eq!(
            of_create(&json!([rest(), old, new])),
            [
                "changes.0.createTreatyEvent.cite.1: DATE is CONFIRMED by 2 sources of one publisher, Council of Europe: \
              cite sources of two publishers as CONFIRMED, or call it REPORTED"
            ]
        );
        let none: [&str; 0] = [];
        for other in ["Source:gazette", "Source:news"] {
            assert_eq!(
                of_create(&json!([rest(), old, cite(other, "CONFIRMED")])),
                none
            );
        }
        let two = [
            cite("Source:news", "CONFIRMED"),
            cite("Source:blog", "CONFIRMED"),
        ];
        assert_eq!(of_create(&json!([rest(), two[0], two[1]])), none);
        assert_eq!(
            of_create(&json!([rest(), cite("Source:news", "REPORTED")])),
            none
        );
    }

    #[test]
    fn other_certainties_and_the_source_unsourced_confirm_nothing() {
        let old = cite("Source:chart-2015", "CONFIRMED");
        for other in [
            cite("Source:gazette", "DISPUTED"),
            cite("Source:gazette", "REPORTED"),
            cite("Source:unsourced", "CONFIRMED"),
        ] {
            assert_eq!(of_create(&json!([old, other, rest()])).len(), 1, "{other}");
        }
        let alone = of_create(&json!([rest(), cite("Source:unsourced", "CONFIRMED")]));
        assert!(
            alone[0].contains("DATE is CONFIRMED without a source: "),
            "{alone:?}"
        );
    }

    #[test]
    fn valid_citations_of_the_record_count_while_its_value_stays() {
        let standing: Vec<FieldCitation> =
            event(&json!([rest(), cite("Source:chart-2015", "CONFIRMED")]))
                .cites
                .iter()
                .flat_map(CheckedCitation::by_field)
                .collect();
        let content = event(&json!([rest(), cite("Source:x", "REPORTED")])).content();
        let update = |set: Value| {
            let change = proposed(
                json!({ "updateTreatyEvent": { "id": "TreatyEvent:hu", "baseVersion": 1, "set": set,
                "cite": [cite("Source:gazette", "CONFIRMED")] } }),
            );
            let valid = change.valid_citations(&content, &content, &standing, TODAY);
            warnings(&change, &valid).len()
        };
        assert_eq!(update(json!({})), 0);
        assert_eq!(update(json!({ "date": "2026-02-05" })), 0);
        assert_eq!(update(json!({ "date": "2026-02-06" })), 1);
    }
}
