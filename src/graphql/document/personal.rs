//! Whether an answer may depend on who asks, or change without the log: where it tells of contributions, of the
//! viewer, or of whatever has an id, which may be a contribution's.

use async_graphql::parser::types::{Selection, SelectionSet};

/// The fields that tell of them.
const FIELDS: [&str; 3] = ["contribution", "contributions", "viewer"];
/// The fields that tell of whatever has an id, where they are asked for one: those of a page are not.
const BY_ID: [&str; 2] = ["node", "nodes"];

/// Whether what a normal form selects is of one person.
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
