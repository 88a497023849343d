//! Whether an answer may depend on who asks, or change without the log: where it tells of contributions, of the
//! viewer, or of whatever has an id, which may be a contribution's.

use async_graphql::Positioned;
use async_graphql::parser::types::{OperationDefinition, Selection, SelectionSet};

use super::Fragments;

/// The fields that tell of them.
const FIELDS: [&str; 3] = ["contribution", "contributions", "viewer"];
/// The fields that tell of whatever has an id, where they are asked for one: those of a page are not.
const BY_ID: [&str; 2] = ["node", "nodes"];

/// Whether an answer to an operation is of one person.
pub fn is_personal(operation: &OperationDefinition, fragments: &Fragments) -> bool {
    let fragments = fragments.values().map(|one| &one.node.selection_set.node);
    let mut open: Vec<&SelectionSet> = fragments.collect();
    open.push(&operation.selection_set.node);
    while let Some(set) = open.pop() {
        for Positioned { node, .. } in &set.items {
            match node {
                Selection::Field(field) => {
                    let name = field.node.name.node.as_str();
                    let is_by_id = BY_ID.contains(&name) && !field.node.arguments.is_empty();
                    if is_by_id || FIELDS.contains(&name) {
                        return true;
                    }
                    open.push(&field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => open.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    false
}
