//! Dispatch from a kind to its noun: the noun's fields, and its rules for a content.

use serde_json::Value;

use super::check::{Code, Finding, Path};
use super::date::Date;
use super::field::{Content, Field};
use super::noun::{Described, Identified, NewValueFault};
use super::record::{Kind, RecordField};
use super::reference::{AcyclicReference, IndexedReference, Reference};
use super::required::missing_under_conditions;
use super::text::CountryCode;

/// Evaluates an expression with the noun of a kind as the type `$alias`.
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
    ($kind:expr, $alias:ident => $answer:expr) => { $crate::record::nouns!(of_kind $kind, $alias => $answer) };
}
pub(crate) use of_kind;

impl Kind {
    /// Returns the fields of the noun.
    pub fn fields(self) -> &'static [Field] {
        of_kind!(self, Noun => Noun::fields())
    }

    /// Returns the field whose value no two records can share.
    pub fn unique(self) -> Option<RecordField> {
        of_kind!(self, Noun => Noun::UNIQUE)
    }

    /// Returns the fields that identify a record of the noun and give its key; empty if a key can be chosen.
    pub fn key_fields(self) -> &'static [RecordField] {
        of_kind!(self, Noun => Noun::KEY_FIELDS)
    }

    /// True if each field that is set needs a citation.
    pub fn is_cited(self) -> bool {
        of_kind!(self, Noun => Noun::CITED)
    }

    /// Applies the rules of the noun to a whole content.
    ///
    /// # Errors
    /// Missing fields and faults; their paths start at a field.
    pub fn evaluate(self, content: &Content) -> Result<Evaluation, Vec<Finding>> {
        let mut found = self.missing_fields(content);
        let lacks = |field: &Field| !content.contains_key(&field.name.camel());
        if self
            .fields()
            .iter()
            .any(|field| field.required && lacks(field))
        {
            return Err(found);
        }
        of_kind!(self, Noun => {
            let noun = Noun::from_content(content).map_err(|error| {
                vec![Path::default().finding(Code::Invalid, error.to_string())]
            })?;
            found.extend(missing_under_conditions(&noun));
            found.extend(noun.validate());
            if !found.is_empty() {
                return Err(found);
            }
            Ok(Evaluation {
                key: noun.key(),
                references: noun.references(),
                acyclic_references: noun.acyclic_references(),
                new_value_faults: noun.new_value_faults(),
                search_terms: noun.search_terms(),
                country: noun.country(),
                derived_columns: noun.derived_columns(),
            })
        })
    }
}

impl Kind {
    /// Returns the reasons why `field` of a record with `content` cannot refer to a record with content `other`.
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

    /// Returns the stored value that a `given` one stands for, for a record with `content`.
    pub(super) fn read_back(
        self,
        content: &Content,
        field: RecordField,
        given: &Value,
        is_same: &dyn Fn(RecordField) -> bool,
        today: Date,
    ) -> Option<Value> {
        of_kind!(self, Noun => Noun::from_content(content)
            .ok()
            .and_then(|noun| noun.read_back(field, given, is_same, today)))
    }
}

/// Values that a noun derives from its content.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Readable key of a new record.
    pub key: String,
    /// References to other records, each with its field.
    pub references: Vec<(RecordField, Reference)>,
    /// References that must not lead back to the record.
    pub acyclic_references: Vec<AcyclicReference>,
    /// Faults in values, as far as a change sets them.
    pub new_value_faults: Vec<NewValueFault>,
    /// List elements by which the record can be found.
    pub search_terms: Vec<IndexedReference>,
    /// Country to which the record belongs.
    pub country: Option<CountryCode>,
    /// Derived columns.
    pub derived_columns: Content,
}

impl Evaluation {
    /// Returns all values by which the record can be found: its references and list elements, sorted and without
    /// duplicates.
    pub fn indexed_references(&self) -> Vec<IndexedReference> {
        let references = self.references.iter();
        let mut references: Vec<IndexedReference> = references
            .map(|(field, reference)| IndexedReference::always(*field, reference.named()))
            .chain(self.search_terms.iter().cloned())
            .collect();
        references.sort_unstable();
        references.dedup();
        references
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_field_is_a_record_field() {
        for kind in Kind::all() {
            let declared = of_kind!(kind, Noun => Noun::DECLARED);
            assert_eq!(kind.fields().len(), declared, "{kind}");
        }
    }
}
