//! Replacement of variables by their values in a normal form.

use async_graphql::Variables;
use async_graphql::parser::types::{Selection, SelectionSet};
use async_graphql_value::Value;

/// Replaces variables by their values. An argument or input field whose variable has no value is removed, so that its
/// default applies; a list element becomes null. Source: GraphQL, section 6.4.1 (`CoerceArgumentValues`).
pub fn fill(set: &mut SelectionSet, given: &Variables) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                let field = &mut field.node;
                field
                    .arguments
                    .retain_mut(|(_, value)| fill_value(&mut value.node, given));
                fill(&mut field.selection_set.node, given);
            }
            Selection::InlineFragment(inline) => fill(&mut inline.node.selection_set.node, given),
            Selection::FragmentSpread(_) => {}
        }
    }
}

/// Replaces variables in one value. Returns false if the value is a variable without a value.
fn fill_value(value: &mut Value, given: &Variables) -> bool {
    match value {
        Value::Variable(name) => match given.get(name) {
            Some(given) => *value = given.clone().into_value(),
            None => return false,
        },
        Value::Object(members) => members.retain(|_, member| fill_value(member, given)),
        Value::List(elements) => {
            for element in elements {
                if !fill_value(element, given) {
                    *element = Value::Null;
                }
            }
        }
        _ => {}
    }
    true
}
