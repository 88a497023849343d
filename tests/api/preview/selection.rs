//! A selection of everything that a snapshot shows, written from the schema.

use std::collections::HashMap;

use async_graphql::parser::types::{FieldDefinition, TypeKind, TypeSystemDefinition};

/// The names of fields whose values only an acceptance can give, or that lead to contributions.
const DIFFERING: [&str; 11] = [
    "actor",
    "committedAt",
    "contribution",
    "citeAs",
    "cursor",
    "editedAt",
    "hash",
    "id",
    "permalink",
    "transaction",
    "updatedAt",
];

/// The types of the schema with their fields; a type without fields is a leaf.
pub struct Selections(HashMap<String, Vec<FieldDefinition>>);

impl Selections {
    /// Reads the schema.
    pub fn new() -> Self {
        let schema = async_graphql::parser::parse_schema(cyberprofiles::graphql::sdl()).unwrap();
        let types = schema.definitions.into_iter().filter_map(|one| match one {
            TypeSystemDefinition::Type(found) => Some(found.node),
            _ => None,
        });
        let types = types.filter_map(|one| {
            let fields = match one.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => return None,
            };
            let fields = fields.into_iter().map(|field| field.node);
            Some((one.name.node.to_string(), fields.collect()))
        });
        Self(types.collect())
    }

    /// The names of the fields of a type.
    pub fn fields(&self, of: &str) -> Vec<String> {
        let fields = self.0[of].iter();
        fields.map(|field| field.name.node.to_string()).collect()
    }

    /// All fields of a type, and of the objects below it to a depth. Pages have `first` edges.
    pub fn of(&self, name: &str, depth: usize) -> String {
        let mut selected = vec!["__typename".to_owned()];
        for field in &self.0[name] {
            let field_name = field.name.node.as_str();
            let is_required = |given: &async_graphql::Positioned<
                async_graphql::parser::types::InputValueDefinition,
            >| {
                !given.node.ty.node.nullable && given.node.default_value.is_none()
            };
            let is_at = name == "Retirement" && field_name == "at";
            if DIFFERING.contains(&field_name) || is_at || field.arguments.iter().any(is_required) {
                continue;
            }
            let below = field.ty.node.to_string();
            let below = below.trim_matches(|letter| "[]!".contains(letter));
            let arguments = field.arguments.iter();
            let is_page = arguments
                .clone()
                .any(|given| given.node.name.node == "last");
            if !self.0.contains_key(below) {
                selected.push(field_name.to_owned());
            } else if is_page && depth > 0 {
                let node = below.trim_end_matches("Connection");
                let page = self.page(node, depth - 1);
                selected.push(format!("{field_name}(first: 30) {page}"));
            } else if !is_page && depth > 0 {
                selected.push(format!("{field_name} {{ {} }}", self.of(below, depth - 1)));
            }
        }
        selected.join(" ")
    }

    /// A whole page of a type.
    pub fn page(&self, node: &str, depth: usize) -> String {
        format!(
            "{{ totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
                edges {{ cursor node {{ {} }} }} }}",
            self.of(node, depth)
        )
    }
}
