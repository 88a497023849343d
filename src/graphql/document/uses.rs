//! Uses of variables in a normal form.

use async_graphql::Name;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql_value::{ConstValue, Value};

/// The variable in the argument `after` of a root field, if it is used only there: the cursor after which a
/// subscription continues.
pub fn cursor_variable(root: &SelectionSet) -> Option<Name> {
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

/// Number of uses of a variable in a selection set.
pub fn uses(set: &SelectionSet, name: &Name) -> usize {
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

/// Size of a value, approximate, in bytes.
pub fn length(value: &ConstValue) -> usize {
    match value {
        ConstValue::String(text) => text.len().saturating_add(size_of::<ConstValue>()),
        ConstValue::List(elements) => {
            let elements = elements.iter().map(length);
            elements.fold(0, usize::saturating_add)
        }
        ConstValue::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, member)| name.len().saturating_add(length(member)));
            members.fold(0, usize::saturating_add)
        }
        _ => size_of::<ConstValue>(),
    }
}
