//! Answers that may depend on who asks, or change without the log: those that tell of contributions, of the viewer, or
//! of an object with a given id, which may be a contribution.

use async_graphql::parser::types::{Selection, SelectionSet};

/// The fields that tell of them.
const FIELDS: [&str; 3] = ["contribution", "contributions", "viewer"];
/// The fields that tell of an object with a given id; a page has fields of the same names without arguments.
const BY_ID: [&str; 2] = ["node", "nodes"];

/// True where a normal form selects something that depends on who asks.
pub fn is_personal(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => {
            let field = &field.node;
            let name = field.name.node.as_str();
            FIELDS.contains(&name)
                || BY_ID.contains(&name) && !field.arguments.is_empty()
                || is_personal(&field.selection_set.node)
        }
        Selection::InlineFragment(inline) => is_personal(&inline.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}
