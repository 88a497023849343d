//! Recognizes documents whose answers must not be shared: they may depend on the viewer, or change without the change
//! log. Such answers contain contributions, the viewer, webhooks, or an object with a given id, which may be a contribution.

use async_graphql::parser::types::{Selection, SelectionSet};

/// The fields that return such data.
const FIELDS: [&str; 5] = [
    "contribution",
    "contributionCounts",
    "contributions",
    "viewer",
    "webhooks",
];
/// The fields that return objects by id. Pages have fields of the same names, without arguments.
const BY_ID: [&str; 2] = ["node", "nodes"];

/// True if a normal form selects such a field.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bluejay_core::AsIter;
    use bluejay_core::definition::{FieldDefinition as _, OutputType as _};

    use super::super::schema::subgraph;
    use super::*;

    /// The types whose fields read the viewer, or rows that change without the change log.
    const PERSONAL: [&str; 7] = [
        "Comment",
        "Contribution",
        "ContributionActivity",
        "ContributionStateCount",
        "Viewer",
        "Webhook",
        "WebhookDelivery",
    ];

    /// The types that are reachable from `Query` through the fields that `leads` accepts, and the names of those
    /// fields.
    fn reached(leads: impl Fn(&str, bool) -> bool) -> (BTreeSet<&'static str>, BTreeSet<String>) {
        // The schema of a subgraph has all fields of the other, and more.
        let schema = subgraph().ok().unwrap();
        let (mut types, mut fields) = (BTreeSet::new(), BTreeSet::new());
        let mut open = vec!["Query"];
        while let Some(name) = open.pop() {
            if !types.insert(name) {
                continue;
            }
            open.extend(schema.possible(name));
            let Some(definition) = schema.definition(name) else {
                continue;
            };
            let all = definition.fields_definition().into_iter();
            for field in all.flat_map(AsIter::iter) {
                let takes = field.arguments_definition();
                if leads(field.name(), takes.is_some_and(|all| all.iter().len() > 0)) {
                    fields.insert(field.name().to_owned());
                    open.push(field.r#type().base_name());
                }
            }
        }
        (types, fields)
    }

    #[test]
    fn only_listed_fields_lead_to_personal_types() {
        let is_listed =
            |name: &str, takes: bool| FIELDS.contains(&name) || BY_ID.contains(&name) && takes;
        let (types, _) = reached(|name, takes| !is_listed(name, takes));
        assert!(types.len() > 50 && types.contains("Change") && types.contains("Snapshot"));
        let found: Vec<_> = PERSONAL
            .iter()
            .filter(|name| types.contains(*name))
            .collect();
        assert!(found.is_empty(), "list the fields that lead to {found:?}");
        let (types, fields) = reached(|_, _| true);
        assert!(PERSONAL.iter().all(|name| types.contains(name)));
        assert!(
            FIELDS
                .iter()
                .chain(&BY_ID)
                .all(|name| fields.contains(*name))
        );
    }
}
