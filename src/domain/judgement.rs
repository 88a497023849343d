//! Asks a noun by its kind: for its fields, and what it says of its own content.

use serde_json::Value;

use super::check::{Code, Finding, Path};
use super::date::Day;
use super::field::{Content, Field};
use super::noun::{Described, Identified, Novelty};
use super::record::{Kind, RecordField, nouns};
use super::reference::{Mention, Reference, Upward};
use super::text::CountryCode;

/// Asks the same of any noun, by its kind.
macro_rules! of_kind {
    (
        [$kind:expr, $alias:ident => $answer:expr]
        $( $(#[$doc:meta])* $noun:ident $module:ident { $($inputs:tt)* } )+
    ) => {
        match $kind {
            $(
                Kind::$noun => {
                    type $alias = $crate::$module::$noun;
                    $answer
                }
            )+
        }
    };
    ($kind:expr, $alias:ident => $answer:expr) => { nouns!(of_kind $kind, $alias => $answer) };
}

impl Kind {
    /// The fields of the noun.
    pub fn fields(self) -> &'static [Field] {
        of_kind!(self, Noun => Noun::fields())
    }

    /// The field that no two records of the noun may share.
    pub fn unique(self) -> Option<RecordField> {
        of_kind!(self, Noun => Noun::UNIQUE)
    }

    /// Whether each field of the noun must be cited.
    pub fn is_cited(self) -> bool {
        of_kind!(self, Noun => Noun::CITED)
    }

    /// What only the noun can say of its whole content.
    ///
    /// # Errors
    /// What is missing or wrong in it; paths start at a field.
    pub fn judge(self, content: &Content) -> Result<Judgement, Vec<Finding>> {
        let mut found = Vec::new();
        for field in self.fields() {
            if field.required && !content.contains_key(&field.name.camel()) {
                let at = Path::default().then(field.name.camel());
                found.push(at.finding(Code::Required, format!("a {self} must have it")));
            }
        }
        if !found.is_empty() {
            return Err(found);
        }
        of_kind!(self, Noun => {
            let noun = Noun::from_content(content).map_err(|error| {
                vec![Path::default().finding(Code::Invalid, error.to_string())]
            })?;
            let found = noun.faults();
            if !found.is_empty() {
                return Err(found);
            }
            Ok(Judgement {
                key: noun.key(),
                references: noun.references(),
                upward: noun.upward(),
                novelties: noun.novelties(),
                elements: noun.elements(),
                country: noun.country(),
                kept: noun.kept(),
            })
        })
    }
}

impl Kind {
    /// Why a record cannot be what a field of one with this content refers to.
    pub fn misfits(
        self,
        content: &Content,
        field: RecordField,
        other: &Content,
    ) -> Vec<(RecordField, String)> {
        of_kind!(self, Noun => Noun::from_content(content)
            .map(|noun| noun.misfits(field, other))
            .unwrap_or_default())
    }

    /// The value to keep for one that is given and that the field of a record with this content reads as.
    pub(super) fn read_back(
        self,
        content: &Content,
        field: RecordField,
        given: &Value,
        is_same: &dyn Fn(RecordField) -> bool,
        today: Day,
    ) -> Option<Value> {
        of_kind!(self, Noun => Noun::from_content(content)
            .ok()
            .and_then(|noun| noun.read_back(field, given, is_same, today)))
    }
}

/// What a noun says of its own content.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The readable key of a new record.
    pub key: String,
    /// What it refers to, and by which field.
    pub references: Vec<(RecordField, Reference)>,
    /// Those of the references that must not lead back.
    pub upward: Vec<Upward>,
    /// What is wrong with it, as far as that is new.
    pub novelties: Vec<Novelty>,
    /// What else it can be found by.
    pub elements: Vec<Mention>,
    /// The country it belongs to.
    pub country: Option<CountryCode>,
    /// What is kept beside its fields.
    pub kept: Content,
}

impl Judgement {
    /// All that the record names: what it refers to, and the elements it can be found by.
    pub fn mentions(&self) -> Vec<Mention> {
        let references = self.references.iter();
        let mut mentions: Vec<Mention> = references
            .map(|(field, reference)| Mention::always(*field, reference.named()))
            .chain(self.elements.iter().cloned())
            .collect();
        mentions.sort_unstable();
        mentions.dedup();
        mentions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_field_has_a_name_in_the_vocabulary() {
        for kind in Kind::all() {
            let declared = of_kind!(kind, Noun => Noun::DECLARED);
            assert_eq!(kind.fields().len(), declared, "{kind}");
        }
    }
}
