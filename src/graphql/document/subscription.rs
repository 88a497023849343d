//! What a document that subscribes has of its own: one field, and perhaps a place in the log.

use async_graphql::parser::types::{OperationDefinition, OperationType, Selection};
use async_graphql::{Name, Positioned, ServerError};
use async_graphql_value::Value;

use super::{Fragments, failed};

/// The variable that gives a subscription its place in the log and does nothing else.
pub fn place_variable(operation: &OperationDefinition, text: &str) -> Option<Name> {
    if operation.ty != OperationType::Subscription {
        return None;
    }
    let roots = operation.selection_set.node.items.iter();
    let after = roots.filter_map(|root| match &root.node {
        Selection::Field(field) => field.node.get_argument("after"),
        _ => None,
    });
    let place = after
        .map(|value| &value.node)
        .find_map(|value| match value {
            Value::Variable(name) => Some(name.clone()),
            _ => None,
        })?;
    // Where it is declared, and where it is used: no third time.
    let named = text.split('$').skip(1).filter(|rest| {
        let rest = rest.trim_start_matches([' ', ',', '\t', '\r', '\n', '\u{feff}']);
        let follows = rest.strip_prefix(place.as_str());
        follows.is_some_and(|rest| {
            !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_')
        })
    });
    (named.count() == 2).then_some(place)
}

/// Makes a subscription select one field, and that unconditionally, as the specification says: the library
/// would follow several, and none of a fragment.
pub fn select_one(
    operation: &mut OperationDefinition,
    fragments: &Fragments,
) -> Result<(), ServerError> {
    let mut fields = Vec::new();
    let mut open = std::mem::take(&mut operation.selection_set.node.items);
    while let Some(selection) = open.pop() {
        let (directives, below) = match selection.node {
            Selection::Field(field) => {
                fields.push(field.clone());
                (field.node.directives, None)
            }
            Selection::InlineFragment(inline) => {
                (inline.node.directives, Some(inline.node.selection_set))
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name;
                let fragment = fragments.get(&name.node).ok_or_else(|| {
                    let message = format!("the document has no fragment {}", name.node);
                    failed("BAD_USER_INPUT", message)
                })?;
                let below = fragment.node.selection_set.clone();
                (spread.node.directives, Some(below))
            }
        };
        let is_condition = |name: &str| matches!(name, "skip" | "include");
        if directives
            .iter()
            .any(|one| is_condition(&one.node.name.node))
        {
            let message = "the field of a subscription is selected unconditionally";
            return Err(failed("BAD_USER_INPUT", message));
        }
        open.extend(below.into_iter().flat_map(|set| set.node.items));
    }
    let [field] = fields.as_slice() else {
        let message = "a subscription selects one field: subscribe once for each";
        return Err(failed("BAD_USER_INPUT", message));
    };
    let pos = field.pos;
    let one = Positioned::new(Selection::Field(field.clone()), pos);
    operation.selection_set.node.items = vec![one];
    Ok(())
}
