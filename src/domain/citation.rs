//! What ties a field of a record to a source.

use async_graphql::{ID, InputObject};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

use super::check::{Code, Finding, Path};
use super::noun::{Field, Known};
use super::record::{Kind, RecordField, RecordId};

/// How well a value is supported.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    async_graphql::Enum,
    DeriveActiveEnum,
    EnumIter,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Certainty {
    /// Two sources of different origin agree.
    Confirmed,
    /// One source says so.
    Reported,
    /// No source has been found yet, or the value was computed.
    Unverified,
    /// Sources disagree.
    Disputed,
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
    /// The id of the source; it may be created in the same contribution.
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
        let mut seen = std::collections::HashSet::new();
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
