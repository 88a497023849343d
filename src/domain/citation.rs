//! Citations: the links from fields of a record to a source.

use std::collections::HashSet;

use async_graphql::{ID, InputObject};
use serde::{Deserialize, Serialize};

use super::change::Proposed;
use super::check::{Code, Finding, Path};
use super::field::Field;
use super::record::{Kind, RecordField, RecordId};
use super::source::SourceFields;
use super::text::Raw;
use super::url::Url;
use super::value_type::{FieldValue, field_enum};

field_enum! {
    /// Degree to which sources support a recorded value. The order from strongest to weakest is: `CONFIRMED`,
    /// `REPORTED`, `UNVERIFIED`, `DISPUTED`.
    Certainty {
        /// Two independent sources agree on the value.
        Confirmed,
        /// One source states the value.
        Reported,
        /// No source was found yet, or the recorded value was computed and no source states it. Computed answers,
        /// such as a treaty status, are not meant: their certainty is that of the values from which they follow.
        Unverified,
        /// Sources disagree on the value.
        Disputed,
    }
}

impl Certainty {
    /// Returns the weakest of all; `None` if there is none. The variants are declared strongest first.
    pub fn weakest(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().max()
    }
}

/// A source for fields of a record. It names the source by exactly one of `source`, `sourceUrl` and `newSource`.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CitationInput {
    /// Id of the source; it can be created in the same contribution. `Source:unsourced` states that no source was
    /// found yet: its citation ends when a later change cites another source for the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<ID>,
    /// Address of the source, if exactly one source has it: a recorded one, or one that the same contribution creates.
    /// It is looked for as written, and in its normal form: small letters in the host, no default port. The
    /// contribution keeps the id of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_url: Option<Raw<Url>>,
    /// A source that is not recorded yet. It becomes one more change of the contribution, after those given, and its
    /// key is derived from its title. Give a source once; cite it elsewhere in the contribution by `sourceUrl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_source: Option<SourceFields>,
    /// Fields that the source supports. Absent means all fields that the change sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<RecordField>>,
    /// Place in the source: page, article, paragraph or as-of date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locator: Option<String>,
    /// Short quotation, word for word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Certainty of the values of these fields, as you judge it now, other sources included. Absent means `REPORTED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certainty: Option<Certainty>,
}

/// A checked citation. The existence of its source is not checked yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedCitation {
    /// Id of the source.
    pub source: RecordId,
    /// Fields that it supports.
    pub fields: Vec<RecordField>,
    /// Place in the source.
    pub locator: Option<String>,
    /// Quotation.
    pub quote: Option<String>,
    /// Degree to which the source supports the fields.
    pub certainty: Certainty,
}

/// A checked citation whose source has to be found or created first.
#[derive(Clone, Debug)]
pub struct OpenCitation {
    /// Position among the citations of its change.
    pub position: usize,
    /// The source.
    pub source: OpenSource,
    fields: Vec<RecordField>,
    locator: Option<String>,
    quote: Option<String>,
    certainty: Certainty,
}

/// A source that a citation does not name by its id.
#[derive(Clone, Debug)]
pub enum OpenSource {
    /// The only source with this address.
    Address(Url),
    /// A source that is created together with the citation.
    New(Box<Proposed>),
}

impl OpenCitation {
    /// Returns the fields that the source supports.
    pub fn fields(&self) -> &[RecordField] {
        &self.fields
    }

    /// Returns the citation of the source that was found or created.
    pub fn of(self, source: RecordId) -> CheckedCitation {
        CheckedCitation {
            source,
            fields: self.fields,
            locator: self.locator,
            quote: self.quote,
            certainty: self.certainty,
        }
    }
}

/// A checked citation.
pub(super) enum Cited {
    /// One that names its source by the id.
    ById(CheckedCitation),
    /// One whose source has to be found or created first.
    Open(OpenCitation),
}

/// The source of a citation, as it was given.
enum GivenSource {
    Id(RecordId),
    Open(OpenSource),
}

/// The citations of an input, which some inputs require and others do not.
pub(super) trait Citations {
    fn as_citations(&self) -> &[CitationInput];
    fn as_citations_mut(&mut self) -> &mut [CitationInput];
}

impl Citations for Vec<CitationInput> {
    fn as_citations(&self) -> &[CitationInput] {
        self
    }
    fn as_citations_mut(&mut self) -> &mut [CitationInput] {
        self
    }
}

impl Citations for Option<Vec<CitationInput>> {
    fn as_citations(&self) -> &[CitationInput] {
        self.as_deref().unwrap_or_default()
    }
    fn as_citations_mut(&mut self) -> &mut [CitationInput] {
        self.as_deref_mut().unwrap_or_default()
    }
}

impl CitationInput {
    /// Reads the source; adds all faults to `found`.
    fn source(&self, path: &Path, found: &mut Vec<Finding>) -> Option<GivenSource> {
        match (&self.source, &self.source_url, &self.new_source) {
            (Some(id), None, None) => {
                let message = match id.parse::<RecordId>() {
                    Ok(id) if id.kind() == Kind::Source => return Some(GivenSource::Id(id)),
                    Ok(id) => format!("{id} is not a source: expected an id like `Source:…`"),
                    Err(error) => error.to_string(),
                };
                found.push(path.then("source").finding(Code::Invalid, message));
                None
            }
            (None, Some(url), None) => match url.read() {
                Ok(url) => Some(GivenSource::Open(OpenSource::Address(url))),
                Err(error) => {
                    let at = path.then("sourceUrl");
                    found.push(at.finding(Code::Invalid, error.to_string()));
                    None
                }
            },
            (None, None, Some(fields)) => {
                match Proposed::new_source(fields, &path.then("newSource")) {
                    Ok(source) => Some(GivenSource::Open(OpenSource::New(Box::new(source)))),
                    Err(more) => {
                        found.extend(more);
                        None
                    }
                }
            }
            (None, None, None) => {
                let message = "name the source: give `source`, `sourceUrl` or `newSource`";
                found.push(path.finding(Code::Required, message));
                None
            }
            _ => {
                let message = "give only one of `source`, `sourceUrl` and `newSource`";
                found.push(path.finding(Code::Invalid, message));
                None
            }
        }
    }

    /// Returns the checked citation, for a change that sets `set` of a noun with `fields`; adds all faults to
    /// `found`.
    pub(super) fn checked(
        self,
        fields: &[Field],
        set: &[RecordField],
        position: usize,
        path: &Path,
        found: &mut Vec<Finding>,
    ) -> Option<Cited> {
        let before = found.len();
        let source = self.source(path, found);
        let (locator, quote) = (self.locator.composed(), self.quote.composed());
        locator.validate(&path.then("locator"), found);
        quote.validate(&path.then("quote"), found);
        let mut cited = self.fields.unwrap_or_else(|| set.to_vec());
        let mut seen = HashSet::new();
        cited.retain(|field| seen.insert(*field));
        if cited.is_empty() && before == 0 {
            let message = "name the fields that the source supports: the change sets no field";
            found.push(path.then("fields").finding(Code::Required, message));
        }
        for (at, name) in cited.iter().enumerate() {
            if !fields.iter().any(|field| field.name == *name) {
                let message = format!(
                    "the record has no field {}: expected a field of its kind",
                    name.screaming()
                );
                found.push(path.then("fields").then(at).finding(Code::Invalid, message));
            }
        }
        if found.len() > before {
            return None;
        }
        let certainty = self.certainty.unwrap_or(Certainty::Reported);
        Some(match source? {
            GivenSource::Id(source) => Cited::ById(CheckedCitation {
                source,
                fields: cited,
                locator,
                quote,
                certainty,
            }),
            GivenSource::Open(source) => Cited::Open(OpenCitation {
                position,
                source,
                fields: cited,
                locator,
                quote,
                certainty,
            }),
        })
    }
}

/// Id of the source that states that no source was found yet.
const UNSOURCED: &str = "Source:unsourced";

/// A citation of one field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldCitation {
    /// The field.
    pub field: RecordField,
    /// Id of the source.
    pub source: RecordId,
    /// Place in the source.
    pub locator: Option<String>,
    /// Quotation.
    pub quote: Option<String>,
    /// Degree to which the source supports the value.
    pub certainty: Certainty,
}

impl FieldCitation {
    /// True if it states that no source was found yet.
    pub(super) fn is_unsourced(&self) -> bool {
        self.source.as_str() == UNSOURCED
    }
}

impl CheckedCitation {
    /// Returns the citation of one field.
    fn of(&self, field: RecordField) -> FieldCitation {
        FieldCitation {
            field,
            source: self.source.clone(),
            locator: self.locator.clone(),
            quote: self.quote.clone(),
            certainty: self.certainty,
        }
    }

    /// Iterates over the citations of the single fields.
    pub fn by_field(&self) -> impl Iterator<Item = FieldCitation> {
        self.fields.iter().map(|field| self.of(*field))
    }
}

/// Effect of a change on the citations of the fields that keep their values.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CitationChanges {
    /// New citations.
    pub brought: Vec<CheckedCitation>,
    /// Indices of the valid citations that end.
    pub ended: Vec<usize>,
}

/// Compares the citations of a change with the valid ones (`standing`), and returns the new and the ended ones.
///
/// A citation that is valid already is not added again. `Source:unsourced` ends if another source is found, unless
/// the change cites it again. For fields in `joined` it stays, because part of their values still has no source.
/// With `is_whole`, every valid citation ends that the change does not contain.
pub fn reconcile(
    cites: Vec<CheckedCitation>,
    standing: &[FieldCitation],
    joined: &[RecordField],
    is_whole: bool,
) -> CitationChanges {
    let cited: HashSet<FieldCitation> = cites.iter().flat_map(CheckedCitation::by_field).collect();
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
    CitationChanges {
        brought,
        ended: ended.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cite(source: &str, fields: &[RecordField]) -> CheckedCitation {
        CheckedCitation {
            source: source.parse().unwrap(),
            fields: fields.to_vec(),
            locator: None,
            quote: None,
            certainty: Certainty::Reported,
        }
    }

    fn standing(cites: &[CheckedCitation]) -> Vec<FieldCitation> {
        cites.iter().flat_map(CheckedCitation::by_field).collect()
    }

    #[test]
    fn a_valid_citation_is_not_added_again() {
        use RecordField::{Kind, Title};
        let before = standing(&[cite("Source:a", &[Title])]);
        let again = vec![cite("Source:a", &[Title, Kind]), cite("Source:a", &[Kind])];
        let changes = reconcile(again, &before, &[], false);
        assert_eq!(changes.brought, [cite("Source:a", &[Kind])]);
        assert!(changes.ended.is_empty());
    }

    #[test]
    fn a_found_source_ends_the_citation_of_unsourced() {
        use RecordField::{Kind, Title};
        let before = standing(&[cite(UNSOURCED, &[Title, Kind]), cite("Source:a", &[Title])]);
        let found = vec![cite("Source:b", &[Title])];
        assert_eq!(reconcile(found.clone(), &before, &[], false).ended, [0]);
        assert!(
            reconcile(found.clone(), &before, &[Title], false)
                .ended
                .is_empty()
        );
        // The change itself states that part of the value still has no source.
        let partly = [found, vec![cite(UNSOURCED, &[Title])]].concat();
        let changes = reconcile(partly, &before, &[], false);
        assert!(changes.ended.is_empty());
        assert_eq!(changes.brought, [cite("Source:b", &[Title])]);
    }

    #[test]
    fn a_whole_change_ends_the_citations_that_it_lacks() {
        use RecordField::Title;
        let before = standing(&[cite("Source:a", &[Title]), cite("Source:b", &[Title])]);
        let changes = reconcile(vec![cite("Source:b", &[Title])], &before, &[], true);
        assert_eq!((changes.brought, changes.ended), (vec![], vec![0]));
    }
}
