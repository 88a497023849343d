//! What ties a field of a record to a source.

use std::collections::HashSet;

use async_graphql::{ID, InputObject};
use serde::{Deserialize, Serialize};

use super::check::{Code, Finding, Path};
use super::field::Field;
use super::record::{Kind, RecordField, RecordId};
use super::value_type::{Known, words};

words! {
    /// How well a value is supported.
    Certainty {
        /// Two sources of different origin agree.
        Confirmed,
        /// One source says so.
        Reported,
        /// No source has been found yet, or the value was computed.
        Unverified,
        /// Sources disagree.
        Disputed,
    }
}

impl Certainty {
    /// The weaker of all, where there is one: the variants are declared strongest first.
    pub fn weakest(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().max()
    }
}

/// Where values come from.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CitationInput {
    /// The id of the source; it may be created in the same contribution. `Source:unsourced` says that none
    /// has been found yet: its citation ends when a later change cites another source for the field.
    pub source: ID,
    /// The fields that it supports. Left out: all that the change sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<RecordField>>,
    /// Where in the source: page, article, paragraph, as-of date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locator: Option<String>,
    /// A short quote, word for word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// How well it supports them. Left out: `REPORTED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certainty: Option<Certainty>,
}

/// A citation that was checked, but for the existence of its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cite {
    /// The source.
    pub source: RecordId,
    /// What it supports.
    pub fields: Vec<RecordField>,
    /// Where in the source.
    pub locator: Option<String>,
    /// Its words.
    pub quote: Option<String>,
    /// How well.
    pub certainty: Certainty,
}

impl CitationInput {
    /// The citation, for a change of a noun with `fields` that sets `set`.
    pub(super) fn checked(
        self,
        fields: &[Field],
        set: &[RecordField],
        path: &Path,
        found: &mut Vec<Finding>,
    ) -> Option<Cite> {
        let before = found.len();
        let at_source = path.then("source");
        let source = match self.source.parse::<RecordId>() {
            Ok(id) if id.kind() == Kind::Source => Some(id),
            Ok(id) => {
                let message = format!("{id} is not a source");
                found.push(at_source.finding(Code::Invalid, message));
                None
            }
            Err(error) => {
                found.push(at_source.finding(Code::Invalid, error.to_string()));
                None
            }
        };
        let (locator, quote) = (self.locator.composed(), self.quote.composed());
        locator.faults(&path.then("locator"), found);
        quote.faults(&path.then("quote"), found);
        let mut cited = self.fields.unwrap_or_else(|| set.to_vec());
        let mut seen = HashSet::new();
        cited.retain(|field| seen.insert(*field));
        if cited.is_empty() && before == 0 {
            let message = "name the fields that the source supports: the change sets none";
            found.push(path.then("fields").finding(Code::Required, message));
        }
        for (at, name) in cited.iter().enumerate() {
            if !fields.iter().any(|field| field.name == *name) {
                let message = format!("this noun has no field {}", name.screaming());
                found.push(path.then("fields").then(at).finding(Code::Invalid, message));
            }
        }
        (found.len() == before).then_some(Cite {
            source: source?,
            fields: cited,
            locator,
            quote,
            certainty: self.certainty.unwrap_or(Certainty::Reported),
        })
    }
}

/// The source that stands for none.
const UNSOURCED: &str = "Source:unsourced";

/// What one source is cited for, of one field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldCitation {
    /// The field.
    pub field: RecordField,
    /// The source.
    pub source: RecordId,
    /// Where in the source.
    pub locator: Option<String>,
    /// Its words.
    pub quote: Option<String>,
    /// How well it supports the value.
    pub certainty: Certainty,
}

impl FieldCitation {
    /// Whether it says that no source has been found yet.
    fn is_unsourced(&self) -> bool {
        self.source.as_str() == UNSOURCED
    }
}

impl Cite {
    /// The citation of one of its fields.
    fn of(&self, field: RecordField) -> FieldCitation {
        FieldCitation {
            field,
            source: self.source.clone(),
            locator: self.locator.clone(),
            quote: self.quote.clone(),
            certainty: self.certainty,
        }
    }

    /// Its citations, field by field.
    pub fn by_field(&self) -> impl Iterator<Item = FieldCitation> {
        self.fields.iter().map(|field| self.of(*field))
    }
}

/// What a change does to the citations of the fields that keep their values.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The citations that are new.
    pub brought: Vec<Cite>,
    /// The standing ones that end, by their places.
    pub ended: Vec<usize>,
}

/// Settles what the citations of a change come to beside those that stand. What stands already is not
/// brought again. `Source:unsourced` ends where another source is found, unless the change cites it again;
/// of the fields in `joined` it stays, for a part of their values is still without a source. With
/// `is_whole` every standing citation ends that the change does not have.
pub fn settle(
    cites: Vec<Cite>,
    standing: &[FieldCitation],
    joined: &[RecordField],
    is_whole: bool,
) -> Settled {
    let cited: HashSet<FieldCitation> = cites.iter().flat_map(Cite::by_field).collect();
    let is_found = |field: RecordField| {
        let mut sources = cited.iter().filter(|one| one.field == field);
        !joined.contains(&field) && sources.any(|one| !one.is_unsourced())
    };
    let ends = |one: &FieldCitation| {
        !cited.contains(one) && (is_whole || (one.is_unsourced() && is_found(one.field)))
    };
    let places = standing.iter().enumerate();
    let ended = places.filter(|(_, one)| ends(one)).map(|(at, _)| at);
    let mut there: HashSet<FieldCitation> = standing.iter().cloned().collect();
    let mut brought = cites;
    for cite in &mut brought {
        let mut fields = std::mem::take(&mut cite.fields);
        fields.retain(|field| there.insert(cite.of(*field)));
        cite.fields = fields;
    }
    brought.retain(|cite| !cite.fields.is_empty());
    Settled {
        brought,
        ended: ended.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cite(source: &str, fields: &[RecordField]) -> Cite {
        Cite {
            source: source.parse().unwrap(),
            fields: fields.to_vec(),
            locator: None,
            quote: None,
            certainty: Certainty::Reported,
        }
    }

    fn standing(cites: &[Cite]) -> Vec<FieldCitation> {
        cites.iter().flat_map(Cite::by_field).collect()
    }

    #[test]
    fn what_stands_is_not_brought_again() {
        use RecordField::{Kind, Title};
        let before = standing(&[cite("Source:a", &[Title])]);
        let again = vec![cite("Source:a", &[Title, Kind]), cite("Source:a", &[Kind])];
        let settled = settle(again, &before, &[], false);
        assert_eq!(settled.brought, [cite("Source:a", &[Kind])]);
        assert!(settled.ended.is_empty());
    }

    #[test]
    fn a_found_source_ends_that_there_was_none() {
        use RecordField::{Kind, Title};
        let before = standing(&[cite(UNSOURCED, &[Title, Kind]), cite("Source:a", &[Title])]);
        let found = vec![cite("Source:b", &[Title])];
        assert_eq!(settle(found.clone(), &before, &[], false).ended, [0]);
        assert!(
            settle(found.clone(), &before, &[Title], false)
                .ended
                .is_empty()
        );
        // The change says itself that a part is still without one.
        let partly = [found, vec![cite(UNSOURCED, &[Title])]].concat();
        let settled = settle(partly, &before, &[], false);
        assert!(settled.ended.is_empty());
        assert_eq!(settled.brought, [cite("Source:b", &[Title])]);
    }

    #[test]
    fn a_whole_change_ends_what_it_does_not_have() {
        use RecordField::Title;
        let before = standing(&[cite("Source:a", &[Title]), cite("Source:b", &[Title])]);
        let settled = settle(vec![cite("Source:b", &[Title])], &before, &[], true);
        assert_eq!((settled.brought, settled.ended), (vec![], vec![0]));
    }
}
