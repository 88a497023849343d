//! Recognizes documents that select `Change.latest`: the same change gives another answer when the log has grown.

use async_graphql::parser::types::{Selection, SelectionSet};

/// True if a normal form selects `Change.latest`. `PartialDate.latest` has no selections of its own.
pub fn selects_latest(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => {
            let below = &field.node.selection_set.node;
            let is_latest = field.node.name.node == "latest" && !below.items.is_empty();
            is_latest || selects_latest(below)
        }
        Selection::InlineFragment(inline) => selects_latest(&inline.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}
