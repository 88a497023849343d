//! Variables that were declared and not given: what has them as its value was not given either.

use std::collections::HashSet;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Selection, SelectionSet,
};
use async_graphql::{Name, Variables};
use async_graphql_value::Value;

use super::declared::Declared;

/// Removes arguments whose value is a variable that was declared and not given, and the declaration
/// with them: the argument then has its default, as the specification says (`CoerceArgumentValues`).
pub fn drop_omitted(document: &mut ExecutableDocument, declared: &[Declared], given: &Variables) {
    let DocumentOperations::Single(operation) = &mut document.operations else {
        return;
    };
    let operation = &mut operation.node;
    let omittable = declared.iter().filter(|variable| variable.is_omittable());
    let names = omittable
        .map(|variable| &variable.name)
        .filter(|name| !given.contains_key(*name));
    let mut omitted = Omitted {
        names: names.cloned().collect(),
        used: HashSet::new(),
    };
    if omitted.names.is_empty() {
        return;
    }
    for fragment in document.fragments.values_mut() {
        omitted.strip(&mut fragment.node.selection_set.node);
    }
    omitted.strip(&mut operation.selection_set.node);
    operation
        .variable_definitions
        .retain(|variable| !omitted.used.contains(&variable.node.name.node));
}

/// The variables that were declared and not given.
struct Omitted {
    names: HashSet<Name>,
    /// Those that stood somewhere: one that stands nowhere is for the validation to name.
    used: HashSet<Name>,
}

impl Omitted {
    fn strip(&mut self, set: &mut SelectionSet) {
        for selection in &mut set.items {
            match &mut selection.node {
                Selection::Field(field) => {
                    field
                        .node
                        .arguments
                        .retain_mut(|(_, value)| self.keeps(&mut value.node));
                    self.strip(&mut field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => {
                    self.strip(&mut inline.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    /// Whether a value stays: an omitted variable does not, and members of objects that are one go.
    fn keeps(&mut self, value: &mut Value) -> bool {
        match value {
            Value::Variable(name) if self.names.contains(name) => {
                self.used.insert(name.clone());
                return false;
            }
            Value::Object(members) => members.retain(|_, member| self.keeps(member)),
            Value::List(elements) => {
                for element in elements {
                    if !self.keeps(element) {
                        *element = Value::Null;
                    }
                }
            }
            _ => {}
        }
        true
    }
}
