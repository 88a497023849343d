//! The description of a subgraph for a program that composes subgraphs. Source: Apollo Federation, version 2.9.

use async_graphql::TypeDirective;
use async_graphql::registry::{MetaType, Registry};

use crate::object::federation::{FIELDS, TYPES, keys};

/// The end of the SDL of a subgraph: the directives that it uses. Version 2.9 is the first with `@cost`.
pub const LINK: &str = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@cost", "@key", "@listSize", "@shareable"])
"#;

/// The types that other subgraphs may define too, with the same meaning.
const SHARED: [&str; 1] = ["PageInfo"];

/// Identifies an entity by fields.
#[TypeDirective(location = "Object")]
fn key(fields: String) {}

/// Allows other subgraphs to define the same fields.
#[TypeDirective(location = "Object")]
fn shareable() {}

/// Removes the fields of gateways, and their types.
pub fn hide(registry: &mut Registry) {
    if let Some(MetaType::Object { fields, .. }) = registry.types.get_mut(&registry.query_type) {
        fields.retain(|name, _| !FIELDS.contains(&name.as_str()));
    }
    registry
        .types
        .retain(|name, _| !TYPES.contains(&name.as_str()));
}

/// Adds the keys of all records, and marks the types that other subgraphs may share.
pub fn mark(registry: &mut Registry) {
    for (name, one) in &mut registry.types {
        if let MetaType::Object {
            directive_invocations,
            ..
        } = one
        {
            let keys = keys(name).map(|field| key::apply(field.to_owned()));
            directive_invocations.extend(keys);
            if SHARED.contains(&name.as_str()) {
                directive_invocations.push(shareable::apply());
            }
        }
    }
}
