//! The variable that gives a subscription its place in the log.

use async_graphql::Name;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql_value::Value;

/// The variable of a normal form that says where in the log to go on, where it does nothing else.
pub fn place_variable(root: &SelectionSet) -> Option<Name> {
    let mut fields = root
        .items
        .iter()
        .filter_map(|selection| match &selection.node {
            Selection::Field(field) => Some(&field.node),
            _ => None,
        });
    let after = fields.find_map(|field| field.get_argument("after"))?;
    let Value::Variable(name) = &after.node else {
        return None;
    };
    (uses(root, name) == 1).then(|| name.clone())
}

/// How many times a variable is used in what is selected.
fn uses(set: &SelectionSet, name: &Name) -> usize {
    let each = set.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) => uses_of(&field.node, name),
        Selection::InlineFragment(inline) => uses(&inline.node.selection_set.node, name),
        Selection::FragmentSpread(_) => 0,
    });
    each.sum()
}

fn uses_of(field: &Field, name: &Name) -> usize {
    let arguments = field.arguments.iter();
    let own: usize = arguments.map(|(_, value)| uses_in(&value.node, name)).sum();
    own.saturating_add(uses(&field.selection_set.node, name))
}

fn uses_in(value: &Value, name: &Name) -> usize {
    match value {
        Value::Variable(variable) => usize::from(variable == name),
        Value::List(elements) => elements.iter().map(|one| uses_in(one, name)).sum(),
        Value::Object(members) => members.values().map(|one| uses_in(one, name)).sum(),
        _ => 0,
    }
}
