//! Whether an answer may depend on who asks, or change without the log: where it tells of contributions, and of
//! the viewer.

use async_graphql::Positioned;
use async_graphql::parser::types::{Field, OperationDefinition, Selection, SelectionSet};

use super::Fragments;

/// The fields that tell of them.
const FIELDS: [&str; 3] = ["contribution", "contributions", "viewer"];
/// The fields that tell of whatever has an id.
const BY_ID: [&str; 2] = ["node", "nodes"];
/// What the ids of contributions begin with.
const CONTRIBUTION: &str = "Contribution";

/// Whether an answer is of one person.
pub enum Personal {
    /// It never is.
    Never,
    /// Where the variables name one.
    ByVariables,
    /// It is.
    Always,
}

impl Personal {
    /// What is known before there are variables.
    pub fn of(operation: &OperationDefinition, fragments: &Fragments) -> Self {
        let mut found = Self::Never;
        for field in fields(operation, fragments) {
            let name = field.name.node.as_str();
            let is_by_id = BY_ID.contains(&name);
            if FIELDS.contains(&name) || (is_by_id && names_contribution(field)) {
                return Self::Always;
            }
            if is_by_id {
                found = Self::ByVariables;
            }
        }
        found
    }

    /// Whether it is, with variables as JSON.
    pub fn is_of(&self, variables: &str) -> bool {
        match self {
            Self::Never => false,
            Self::ByVariables => variables.contains(CONTRIBUTION),
            Self::Always => true,
        }
    }
}

fn names_contribution(field: &Field) -> bool {
    let mut values = field.arguments.iter().map(|(_, value)| &value.node);
    values.any(|value| value.to_string().contains(CONTRIBUTION))
}

/// Every field of an operation, and of its fragments.
fn fields<'a>(operation: &'a OperationDefinition, fragments: &'a Fragments) -> Vec<&'a Field> {
    let fragments = fragments.values().map(|one| &one.node.selection_set.node);
    let mut open: Vec<&SelectionSet> = fragments.collect();
    open.push(&operation.selection_set.node);
    let mut found = Vec::new();
    while let Some(set) = open.pop() {
        for Positioned { node, .. } in &set.items {
            match node {
                Selection::Field(field) => {
                    open.push(&field.node.selection_set.node);
                    found.push(&field.node);
                }
                Selection::InlineFragment(inline) => open.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    found
}
