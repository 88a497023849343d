//! The normal form of an operation: fragments, conditions and duplicate keys are resolved, so that no object is asked
//! for one response key twice. Source: GraphQL, section 6.3 (`CollectFields` and `MergeSelectionSets`).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, InlineFragment, Selection, SelectionSet, TypeCondition};
use async_graphql::{Name, Positioned, ServerError};
use async_graphql_value::{Number, Value};
use bluejay_core::executable::{Field as _, Selection as _, SelectionReference};
use bluejay_core::{
    AsIter, Directive as _, ObjectValue as _, Value as _, ValueReference, Variable as _,
};
use bluejay_parser::HasSpan;
use bluejay_parser::ast;
use bluejay_parser::ast::executable as written;

use super::merges::too_many;
use super::parts::{Fragments, each};
use super::schema::Schema;
use super::source::SourceText;
use crate::engine::error::failed;

/// The values of the variables that decide conditions, by name.
pub type Conditions = BTreeMap<Name, bool>;

/// Maximum number of fields of a normal form. A field of an interface may become one field for each object type.
const MAX_FIELDS: usize = 40_000;
/// Length of the arguments of a field that counts as one more field, in bytes.
const ARGUMENT_BYTES_PER_FIELD: usize = 64;
/// Maximum number of selections that are walked to make one normal form.
const MAX_STEPS: usize = 400_000;

/// A set of the object types that a value may have: one bit for each, in order.
type Objects = u128;

/// A selected field, and the object types on which it is selected.
#[derive(Clone, Copy)]
struct SelectedField<'a> {
    objects: Objects,
    field: &'a written::Field<'a>,
    /// Number of fields that were selected before it.
    index: usize,
}

/// Builder of the normal forms of one document.
pub struct Normal<'a> {
    fragments: &'a Fragments<'a>,
    source: &'a SourceText<'a>,
    schema: &'static Schema,
    conditions: Conditions,
    missing: BTreeSet<Name>,
    /// Number of fields made so far.
    made: usize,
    /// Number of selections walked so far.
    walked: usize,
}

impl<'a> Normal<'a> {
    /// Creates a builder for a document that is valid for `schema`.
    pub fn new(
        fragments: &'a Fragments<'a>,
        source: &'a SourceText<'a>,
        schema: &'static Schema,
        conditions: Conditions,
    ) -> Self {
        Self {
            fragments,
            source,
            schema,
            conditions,
            missing: BTreeSet::new(),
            made: 0,
            walked: 0,
        }
    }

    /// Number of fields made so far.
    pub fn made(&self) -> usize {
        self.made
    }

    /// The variables that decide conditions and have no value here, by name. Selections that depend on them were
    /// included.
    pub fn missing(self) -> Vec<Name> {
        self.missing.into_iter().collect()
    }

    /// The normal form of several selection sets on one type, merged into one.
    ///
    /// # Errors
    /// `TOO_COMPLEX` if it has too many fields, or takes too many steps.
    pub fn set(
        &mut self,
        of: &str,
        sets: &[&'a written::SelectionSet<'a>],
    ) -> Result<SelectionSet, ServerError> {
        let objects = self.schema.possible(of);
        let all = every(objects.len());
        let mut collected = Collected::default();
        let mut spread = HashSet::new();
        for set in sets {
            self.collect(set, objects, all, &mut spread, &mut collected)?;
        }
        let mut parts = Vec::new();
        for selected in collected.by_key.values() {
            for (alike, selected) in groups(selected) {
                let index = selected.first().map(|one| one.index);
                let name = selected.first().map(|one| one.field.name().as_str());
                let name = name.unwrap_or_default();
                for on in self.conditions_for((of, name), objects, alike, all) {
                    let field = self.field(on.unwrap_or(of), &selected)?;
                    parts.push((index, on, field));
                }
            }
        }
        parts.sort_by_key(|(index, on, _)| (*index, *on));
        Ok(SelectionSet {
            items: selections(parts),
        })
    }

    /// Collects the selected fields by response key, with the object types on which each is selected.
    fn collect(
        &mut self,
        set: &'a written::SelectionSet<'a>,
        of: &[&'static str],
        applies: Objects,
        spread: &mut HashSet<(&'a str, Objects)>,
        found: &mut Collected<'a>,
    ) -> Result<(), ServerError> {
        for selection in set.iter() {
            self.walked = self.walked.saturating_add(1);
            if self.walked > MAX_STEPS {
                return Err(too_many());
            }
            let selection = selection.as_ref();
            if !self.is_included(selection.directives()) {
                continue;
            }
            match selection {
                SelectionReference::Field(field) => found.add(applies, field),
                SelectionReference::InlineFragment(inline) => {
                    let on = inline.type_condition().map(|on| on.named_type().as_str());
                    let applies = on.map_or(applies, |on| applies & self.among(of, on));
                    if applies != 0 {
                        self.collect(inline.selection_set(), of, applies, spread, found)?;
                    }
                }
                SelectionReference::FragmentSpread(one) => {
                    let name = one.name().as_str();
                    let Some(fragment) = self.fragments.get(name) else {
                        continue;
                    };
                    let on = fragment.type_condition().named_type().as_str();
                    let applies = applies & self.among(of, on);
                    // A second spread for the same object types adds nothing.
                    if applies != 0 && spread.insert((name, applies)) {
                        self.collect(fragment.selection_set(), of, applies, spread, found)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The subset of `objects` to which a fragment on the type `on` applies.
    fn among(&self, objects: &[&'static str], on: &str) -> Objects {
        let applies = self.schema.possible(on);
        let bits = objects.iter().enumerate();
        let bits = bits.filter(|(_, object)| applies.binary_search(object).is_ok());
        bits.fold(0, |found, (at, _)| found | bit(at))
    }

    /// Evaluates `@skip` and `@include` of a selection.
    fn is_included(&mut self, conditions: Option<&'a ast::VariableDirectives<'a>>) -> bool {
        let mut is_included = true;
        for directive in each(conditions) {
            let wanted = match directive.name().as_str() {
                "include" => true,
                "skip" => false,
                _ => continue,
            };
            let mut arguments = each(directive.arguments());
            let given = arguments.find(|argument| argument.name().as_str() == "if");
            let holds = match given.map(|argument| argument.value().as_ref()) {
                Some(ValueReference::Boolean(holds)) => holds,
                Some(ValueReference::Variable(variable)) => {
                    let known = self.conditions.get(variable.as_str()).copied();
                    known.unwrap_or_else(|| {
                        self.missing.insert(Name::new(variable.as_str()));
                        wanted
                    })
                }
                _ => wanted,
            };
            is_included &= holds == wanted;
        }
        is_included
    }

    /// The type conditions under which a field is selected for the object types `wanted`. `None` stands for no
    /// fragment: the type `of` has the field, and all its object types select it. Else it is one abstract type that
    /// has the field and exactly these object types, or each object type.
    fn conditions_for(
        &self,
        (of, field): (&str, &str),
        objects: &[&'static str],
        wanted: Objects,
        all: Objects,
    ) -> Vec<Option<&'static str>> {
        let has_field =
            |of: &str| field.starts_with("__") || self.schema.type_of(of, field).is_some();
        if wanted == all && has_field(of) {
            return vec![None];
        }
        if wanted.count_ones() > 1 {
            let types = self.schema.abstract_types();
            let mut types = types.filter(|(name, _)| has_field(name));
            let fits = types.find(|(name, _)| self.among(objects, name) == wanted);
            if let Some((name, _)) = fits {
                return vec![Some(name)];
            }
        }
        let single = objects.iter().enumerate();
        let single = single.filter(|(at, _)| wanted & bit(*at) != 0);
        single.map(|(_, object)| Some(*object)).collect()
    }

    /// Merges selections of an equal field into one field.
    fn field(
        &mut self,
        of: &str,
        selected: &[SelectedField<'a>],
    ) -> Result<Positioned<Field>, ServerError> {
        let first = selected.first().map(|one| one.field);
        let Some(first) = first else {
            return Err(failed("INTERNAL", "a field of the document was lost"));
        };
        let arguments = first.arguments();
        let written = arguments.map_or(0, |all| all.span().byte_range().len());
        self.made = self
            .made
            .saturating_add(1)
            .saturating_add(written / ARGUMENT_BYTES_PER_FIELD);
        if self.made > MAX_FIELDS {
            return Err(too_many());
        }
        let name = first.name().as_str();
        let sets: Vec<_> = selected
            .iter()
            .filter_map(|one| one.field.selection_set())
            .collect();
        let below = match self.schema.type_of(of, name) {
            _ if sets.is_empty() => SelectionSet::default(),
            Some(below) => self.set(below, &sets)?,
            None => return Err(failed("INTERNAL", "a field of the document has no type")),
        };
        let arguments = each(arguments);
        let field = Field {
            alias: first.alias().map(|alias| self.at(first, Name::new(alias))),
            name: self.at(first.name(), Name::new(name)),
            arguments: arguments
                .map(|argument| {
                    let name = Name::new(argument.name().as_str());
                    let value = argument.value();
                    (
                        self.at(argument.name(), name),
                        self.at(value, value_of(value)),
                    )
                })
                .collect(),
            directives: Vec::new(),
            selection_set: self.at(first, below),
        };
        Ok(self.at(first, field))
    }

    fn at<T>(&self, index: &impl HasSpan, node: T) -> Positioned<T> {
        Positioned::new(node, self.source.position(index.span().byte_range().start))
    }
}

/// The collected fields by response key, in the order of selection.
#[derive(Default)]
struct Collected<'a> {
    by_key: IndexMap<&'a str, Vec<SelectedField<'a>>>,
    count: usize,
}

impl<'a> Collected<'a> {
    fn add(&mut self, objects: Objects, field: &'a written::Field<'a>) {
        let selected = SelectedField {
            objects,
            field,
            index: self.count,
        };
        self.count = self.count.saturating_add(1);
        let of_key = self.by_key.entry(field.response_key()).or_default();
        of_key.push(selected);
    }
}

fn bit(at: usize) -> Objects {
    u32::try_from(at)
        .ok()
        .and_then(|at| 1_u128.checked_shl(at))
        .unwrap_or_default()
}

/// The set of the first `count` object types.
fn every(count: usize) -> Objects {
    (0..count).fold(0, |all, at| all | bit(at))
}

/// Splits object types into groups that select the same fields. Returns each group with its fields.
fn groups<'a>(selected: &[SelectedField<'a>]) -> Vec<(Objects, Vec<SelectedField<'a>>)> {
    let together = selected.iter().fold(0, |all, one| all | one.objects);
    if selected.iter().all(|one| one.objects == together) {
        return vec![(together, selected.to_vec())];
    }
    let mut groups: BTreeMap<Vec<usize>, Objects> = BTreeMap::new();
    let objects = (0..128).map(bit).filter(|object| together & object != 0);
    for object in objects {
        let of_object = selected.iter().enumerate();
        let of_object = of_object.filter(|(_, one)| one.objects & object != 0);
        let of_object = of_object.map(|(at, _)| at).collect();
        *groups.entry(of_object).or_default() |= object;
    }
    let groups = groups.into_iter();
    groups
        .map(|(places, objects)| {
            let places = places.iter().filter_map(|at| selected.get(*at).copied());
            (objects, places.collect())
        })
        .collect()
}

/// Builds selections from fields and their type conditions. Consecutive fields under one condition share a fragment.
fn selections(
    parts: Vec<(Option<usize>, Option<&'static str>, Positioned<Field>)>,
) -> Vec<Positioned<Selection>> {
    let mut found: Vec<Positioned<Selection>> = Vec::new();
    for (_, on, field) in parts {
        let pos = field.pos;
        let field = Positioned::new(Selection::Field(field), pos);
        let Some(on) = on else {
            found.push(field);
            continue;
        };
        if let Some(Selection::InlineFragment(last)) = found.last_mut().map(|last| &mut last.node)
            && let Some(condition) = &last.node.type_condition
            && condition.node.on.node == on
        {
            last.node.selection_set.node.items.push(field);
            continue;
        }
        let on = Positioned::new(Name::new(on), pos);
        let fragment = InlineFragment {
            type_condition: Some(Positioned::new(TypeCondition { on }, pos)),
            directives: Vec::new(),
            selection_set: Positioned::new(SelectionSet { items: vec![field] }, pos),
        };
        let fragment = Selection::InlineFragment(Positioned::new(fragment, pos));
        found.push(Positioned::new(fragment, pos));
    }
    found
}

/// Converts a value of the parser.
pub fn value_of<const CONST: bool>(value: &impl bluejay_core::Value<CONST>) -> Value {
    match value.as_ref() {
        ValueReference::Variable(variable) => Value::Variable(Name::new(variable.name())),
        // An integer too large for `i64` is valid only as an `ID`, which is text.
        ValueReference::Integer(number) => number.as_i64().map_or_else(
            || Value::String(number.to_string()),
            |number| Value::Number(number.into()),
        ),
        ValueReference::Float(number) => {
            Number::from_f64(number).map_or(Value::Null, Value::Number)
        }
        ValueReference::String(text) => Value::String(text.to_owned()),
        ValueReference::Boolean(holds) => Value::Boolean(holds),
        ValueReference::Null => Value::Null,
        ValueReference::Enum(name) => Value::Enum(Name::new(name)),
        ValueReference::List(elements) => Value::List(elements.iter().map(value_of).collect()),
        ValueReference::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, member)| (Name::new(name), value_of(member)));
            Value::Object(members.collect())
        }
    }
}
