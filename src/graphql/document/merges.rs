//! Bounds the work of validation where equal fields are merged. bluejay-validator walks the fields of an interface
//! again for each object type that is selected next to them, and the fields below again for each of these.

use std::collections::BTreeMap;

use async_graphql::ServerError;
use bluejay_core::AsIter;
use bluejay_core::executable::{OperationDefinition as _, Selection as _, SelectionReference};
use bluejay_parser::ast::executable::{ExecutableDocument, Field, SelectionSet};

use super::parts::{Fragments, root_of};
use super::schema::Schema;
use crate::engine::error::failed;

/// Maximum number of selections that are walked to merge fields.
const MAX_STEPS: usize = 200_000;

/// The error for a document that needs more.
pub fn too_many() -> ServerError {
    let message = "the document has too many fields, counted once for each object type that they may belong to: select less";
    failed("TOO_COMPLEX", message)
}

/// A field, and the type on which it is selected.
type FieldOnType<'a> = (&'static str, &'a Field<'a>);

/// Walks a document as validation does to merge its fields, without comparing them.
///
/// # Errors
/// `TOO_COMPLEX` if that takes too many steps.
pub fn bounded<'a>(
    document: &'a ExecutableDocument<'a>,
    fragments: &Fragments<'a>,
    schema: &'static Schema,
) -> Result<(), ServerError> {
    let mut merges = Merges {
        fragments,
        schema,
        left: MAX_STEPS,
    };
    for operation in document.operation_definitions() {
        let of = root_of(operation.as_ref().operation_type());
        merges.whole(of, operation.selection_set())?;
    }
    for fragment in document.fragment_definitions() {
        let on = fragment.type_condition().named_type().as_str();
        if let Some(of) = schema.composite(on) {
            merges.whole(of, fragment.selection_set())?;
        }
    }
    Ok(())
}

struct Merges<'f, 'a> {
    fragments: &'f Fragments<'a>,
    schema: &'static Schema,
    /// Number of selections that may still be walked.
    left: usize,
}

impl<'a> Merges<'_, 'a> {
    /// Walks a selection set and all selection sets inside it.
    fn whole(&mut self, of: &'static str, set: &'a SelectionSet<'a>) -> Result<(), ServerError> {
        let mut found = BTreeMap::new();
        self.collect(of, set, &mut found)?;
        for fields in found.values() {
            self.merge(fields)?;
        }
        for selection in set.iter() {
            match selection.as_ref() {
                SelectionReference::Field(field) => {
                    let below = self.schema.type_of(of, field.name().as_str());
                    if let Some((below, set)) = below.zip(field.selection_set()) {
                        self.whole(below, set)?;
                    }
                }
                SelectionReference::InlineFragment(inline) => {
                    let on = inline.type_condition().map(|on| on.named_type().as_str());
                    if let Some(of) = on.map_or(Some(of), |on| self.schema.composite(on)) {
                        self.whole(of, inline.selection_set())?;
                    }
                }
                SelectionReference::FragmentSpread(_) => {}
            }
        }
        Ok(())
    }

    /// Walks the selections below fields with one response key: once for their shapes, all together, and once for
    /// their names, in groups of fields that one object may have.
    fn merge(&mut self, fields: &[FieldOnType<'a>]) -> Result<(), ServerError> {
        if fields.len() < 2 {
            return Ok(());
        }
        self.shapes(fields)?;
        self.names(fields)
    }

    fn shapes(&mut self, fields: &[FieldOnType<'a>]) -> Result<(), ServerError> {
        for below in self.below(fields)?.values().filter(|below| below.len() > 1) {
            self.shapes(below)?;
        }
        Ok(())
    }

    fn names(&mut self, fields: &[FieldOnType<'a>]) -> Result<(), ServerError> {
        let (of_objects, others): (Vec<_>, Vec<_>) = fields
            .iter()
            .copied()
            .partition(|(of, _)| self.schema.possible(of) == [*of]);
        let mut groups: BTreeMap<&str, Vec<FieldOnType<'a>>> = BTreeMap::new();
        for one in of_objects {
            groups
                .entry(one.0)
                .or_insert_with(|| others.clone())
                .push(one);
        }
        if groups.is_empty() {
            groups.insert("", others);
        }
        for group in groups.values() {
            for below in self.below(group)?.values().filter(|below| below.len() > 1) {
                self.names(below)?;
            }
        }
        Ok(())
    }

    /// The fields below some fields, by response key.
    fn below(
        &mut self,
        fields: &[FieldOnType<'a>],
    ) -> Result<BTreeMap<&'a str, Vec<FieldOnType<'a>>>, ServerError> {
        let mut found = BTreeMap::new();
        for (of, field) in fields {
            let below = self.schema.type_of(of, field.name().as_str());
            if let Some((below, set)) = below.zip(field.selection_set()) {
                self.collect(below, set, &mut found)?;
            }
        }
        Ok(found)
    }

    fn collect(
        &mut self,
        of: &'static str,
        set: &'a SelectionSet<'a>,
        found: &mut BTreeMap<&'a str, Vec<FieldOnType<'a>>>,
    ) -> Result<(), ServerError> {
        for selection in set.iter() {
            self.left = self.left.checked_sub(1).ok_or_else(too_many)?;
            let (on, set) = match selection.as_ref() {
                SelectionReference::Field(field) => {
                    let of_key = found.entry(field.response_key()).or_default();
                    of_key.push((of, field));
                    continue;
                }
                SelectionReference::InlineFragment(inline) => {
                    let on = inline.type_condition();
                    let on = on.map(|on| on.named_type().as_str());
                    (on, inline.selection_set())
                }
                SelectionReference::FragmentSpread(spread) => {
                    let Some(fragment) = self.fragments.get(spread.name().as_str()) else {
                        continue;
                    };
                    let on = fragment.type_condition().named_type().as_str();
                    (Some(on), fragment.selection_set())
                }
            };
            if let Some(of) = on.map_or(Some(of), |on| self.schema.composite(on)) {
                self.collect(of, set, found)?;
            }
        }
        Ok(())
    }
}
