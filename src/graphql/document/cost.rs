//! The cost of an operation, computed before its execution: 1 for each field, times the number of objects on which it
//! may be selected.

use std::collections::HashMap;

use async_graphql::Variables;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql_value::{ConstValue, Value};

use super::schema::Schema;
use crate::engine::cost_table::Cost::{Of, Own};
use crate::engine::cost_table::{expected_edges, listed_cost};
use crate::engine::limits::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, size};

/// The arguments that contain one element for each object, or for this number of objects.
const ELEMENTS: [(&str, usize); 3] = [("enums", 15), ("ids", 1), ("representations", 1)];

/// The name of the filter member that lists the countries of a list of the root.
const COUNTRIES: [&str; 2] = ["codes", "countries"];

/// Computes the cost of selections.
pub struct Costs<'a> {
    /// The schema.
    pub schema: &'a Schema,
    /// The values of variables.
    pub variables: &'a Variables,
    /// True if pages count with their expected size, because longer ones count during execution. False: with the most
    /// that they can have.
    pub is_metered: bool,
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
            let own = match listed_cost(of, name) {
                Some(Own(own)) => *own,
                _ => 0,
            };
            return self
                .page(of, field)
                .saturating_mul(below)
                .saturating_add(own);
        }
        let mut elements = ELEMENTS.iter();
        let elements = elements.find_map(|(argument, objects)| {
            let given = self.length(&field.get_argument(argument)?.node)?;
            Some(given.saturating_mul(*objects))
        });
        if let Some(elements) = elements {
            return elements.saturating_mul(below);
        }
        match listed_cost(of, name) {
            Some(Own(own)) => own.saturating_add(below),
            Some(Of(objects)) => objects.saturating_mul(below),
            None => below.saturating_add(1),
        }
    }

    /// Number of edges of a page. Sizes out of bounds are refused later, when the field is resolved.
    fn page(&self, of: &str, field: &Field) -> usize {
        let given = |name| self.number(&field.get_argument(name)?.node);
        let edges = given("first").or_else(|| given("last"));
        let edges = edges.unwrap_or_else(|| DEFAULT_PAGE_SIZE.into());
        let most = i64::from(MAX_PAGE_SIZE);
        let edges = usize::try_from(edges.clamp(1, most)).unwrap_or_else(|_| size(MAX_PAGE_SIZE));
        match self.expected(of, field) {
            Some(expected) if self.is_metered => edges.min(expected.max(1)),
            _ => edges,
        }
    }

    /// The expected number of edges of a whole list; `None` if nothing is known of it.
    fn expected(&self, of: &str, field: &Field) -> Option<usize> {
        let name = field.name.node.as_str();
        if let Some(expected) = expected_edges(of, name) {
            return Some(expected);
        }
        // A list of the root, of some countries.
        let filter = &field.get_argument("filter")?.node;
        let countries = COUNTRIES
            .iter()
            .find_map(|member| self.member(filter, member))?;
        let each = match name {
            "countries" => 1,
            _ => expected_edges("Country", name)?,
        };
        Some(countries.saturating_mul(each))
    }

    /// The length of a list that is a member of an input object.
    fn member(&self, object: &Value, name: &str) -> Option<usize> {
        match object {
            Value::Object(members) => self.length(members.get(name)?),
            Value::Variable(variable) => match self.variables.get(variable)? {
                ConstValue::Object(members) => length(members.get(name)?),
                _ => None,
            },
            _ => None,
        }
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

    /// The number of elements of a list; `None` if it is left out.
    fn length(&self, value: &Value) -> Option<usize> {
        match value {
            Value::Null => None,
            Value::List(elements) => Some(elements.len()),
            Value::Variable(name) => length(self.variables.get(name)?),
            _ => Some(1),
        }
    }
}

/// The number of elements of a list; `None` if it is null.
fn length(value: &ConstValue) -> Option<usize> {
    match value {
        ConstValue::Null => None,
        ConstValue::List(elements) => Some(elements.len()),
        _ => Some(1),
    }
}

#[cfg(test)]
mod tests {
    use bluejay_core::definition::SchemaDefinition as _;

    use crate::document::schema::schema;
    use crate::engine::cost_table::listed;

    #[test]
    fn every_listed_field_is_in_the_schema() {
        let schema = schema().unwrap();
        for (on, field) in listed() {
            let types = schema.definitions.type_definitions();
            let is_there = types
                .map(|of| of.name())
                .any(|of| on.is_none_or(|on| on == of) && schema.type_of(of, field).is_some());
            assert!(is_there, "{on:?}.{field}");
        }
    }
}
