//! The cost of an operation, computed before its execution: 1 for each field, times the number of objects on which it
//! may be selected.

use std::collections::HashMap;

use async_graphql::Variables;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql_value::{ConstValue, Value};

use super::schema::Schema;
use crate::engine::limits::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, size};

/// The cost of a field, in relation to the cost of its selections.
enum Cost {
    /// This much for the field itself; its selections count once.
    Own(usize),
    /// This number of objects, approximate; the selections count once for each.
    Of(usize),
}

use Cost::{Of, Own};

/// The fields that cost more than 1 and are not pages: on one type, or on all types that have the field. A page costs
/// its selections times its maximum number of edges. A field with an argument `ids` costs its selections times the
/// number of ids.
const COSTS: [(Option<&str>, &str, Cost); 36] = [
    (None, "administrations", Of(3)),
    (None, "ancestors", Of(3)),
    (Some("TreatyParticipation"), "basis", Of(3)),
    (Some("TreatyParticipation"), "certainty", Own(5)),
    (Some("Contribution"), "changes", Of(10)),
    (None, "citations", Of(5)),
    (Some("Contribution"), "comments", Of(20)),
    (Some("Contribution"), "conflicts", Own(20)),
    (Some("Change"), "countries", Of(2)),
    (Some("Contribution"), "countries", Of(5)),
    (Some("Country"), "coverage", Of(20)),
    (None, "coverageCounts", Own(100)),
    (None, "declarations", Of(5)),
    (None, "designations", Of(5)),
    (None, "implementationCounts", Own(100)),
    (None, "jointlyWith", Of(3)),
    (None, "legalBasis", Of(3)),
    (None, "overlapping", Of(10)),
    (None, "predecessors", Of(3)),
    (None, "protocols", Of(5)),
    (Some("ArticleImplementation"), "provisions", Of(3)),
    (Some("CourtDecision"), "provisions", Of(3)),
    (None, "recordCounts", Own(10)),
    (None, "regions", Own(20)),
    (Some("PolicyDocument"), "relations", Of(3)),
    (None, "reservations", Of(5)),
    (Some("PolicyDocument"), "responsible", Of(3)),
    (Some("Country"), "sections", Of(10)),
    (None, "statusCounts", Own(50)),
    (None, "statuses", Of(100)),
    (None, "successors", Of(3)),
    (None, "timeline", Of(100)),
    (Some("PolicyDocument"), "treaties", Of(2)),
    (None, "treatyParticipations", Of(10)),
    (None, "treatyStatus", Own(5)),
    (Some("Contribution"), "warnings", Own(20)),
];

/// Computes the cost of selections.
pub struct Costs<'a> {
    /// The schema.
    pub schema: &'a Schema,
    /// The values of variables.
    pub variables: &'a Variables,
}

impl Costs<'_> {
    /// The cost of a selection set in normal form on a type. For an abstract type, the most expensive object type
    /// counts.
    pub fn of(&self, of: &str, set: &SelectionSet) -> usize {
        let mut always = 0_usize;
        let mut by_object: HashMap<&str, usize> = HashMap::new();
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    always = always.saturating_add(self.field(of, &field.node));
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    let on = on.map_or(of, |on| on.node.on.node.as_str());
                    let cost = self.of(on, &inline.node.selection_set.node);
                    for object in self.schema.possible(on) {
                        let sum = by_object.entry(object).or_default();
                        *sum = sum.saturating_add(cost);
                    }
                }
                Selection::FragmentSpread(_) => {}
            }
        }
        let dearest = by_object.into_values().max().unwrap_or_default();
        always.saturating_add(dearest)
    }

    fn field(&self, of: &str, field: &Field) -> usize {
        let name = field.name.node.as_str();
        let below = self.schema.type_of(of, name);
        let below = below.map_or(0, |below| self.of(below, &field.selection_set.node));
        if self.schema.is_page(of, name) {
            return self.page(field).saturating_mul(below);
        }
        if let Some(ids) = field.get_argument("ids") {
            return self.length(&ids.node).saturating_mul(below);
        }
        let mut costs = COSTS.iter();
        let found = costs.find(|(on, field, _)| *field == name && on.is_none_or(|on| on == of));
        match found {
            Some((_, _, Own(own))) => own.saturating_add(below),
            Some((_, _, Of(objects))) => objects.saturating_mul(below),
            None => below.saturating_add(1),
        }
    }

    /// Maximum number of edges of a page. Sizes out of bounds are refused later, when the field is resolved.
    fn page(&self, field: &Field) -> usize {
        let given = |name| self.number(&field.get_argument(name)?.node);
        let edges = given("first").or_else(|| given("last"));
        let edges = edges.unwrap_or_else(|| DEFAULT_PAGE_SIZE.into());
        let most = i64::from(MAX_PAGE_SIZE);
        usize::try_from(edges.clamp(1, most)).unwrap_or_else(|_| size(MAX_PAGE_SIZE))
    }

    fn number(&self, value: &Value) -> Option<i64> {
        match value {
            Value::Number(number) => number.as_i64(),
            Value::Variable(name) => match self.variables.get(name)? {
                ConstValue::Number(number) => number.as_i64(),
                _ => None,
            },
            _ => None,
        }
    }

    fn length(&self, value: &Value) -> usize {
        match value {
            Value::List(elements) => elements.len(),
            Value::Variable(name) => match self.variables.get(name) {
                Some(ConstValue::List(elements)) => elements.len(),
                _ => 1,
            },
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use bluejay_core::definition::SchemaDefinition as _;

    use super::*;
    use crate::document::schema::schema;

    #[test]
    fn every_listed_cost_belongs_to_a_field_of_the_schema() {
        let schema = schema().unwrap();
        for (on, field, _) in &COSTS {
            let types = schema.definitions.type_definitions();
            let is_there = types
                .map(|of| of.name())
                .any(|of| on.is_none_or(|on| on == of) && schema.type_of(of, field).is_some());
            assert!(is_there, "{on:?}.{field}");
        }
    }
}
