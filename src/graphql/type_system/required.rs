//! The fields that a create must contain, in the descriptions of the inputs of fields. In the schema these fields are
//! optional, because an update uses the same inputs.

use async_graphql::registry::{MetaType, Registry};

use domain::record::Kind;

/// Adds the required fields to the descriptions, after the first paragraph.
pub fn describe(registry: &mut Registry) {
    for kind in Kind::all() {
        let input = registry.types.get_mut(&format!("{kind}Fields"));
        if let Some(MetaType::InputObject { description, .. }) = input {
            let written = description.take().unwrap_or_default();
            let (first, rest) = written.split_once("\n\n").unwrap_or((&written, ""));
            let required = kind.required_fields();
            *description = Some(format!("{first} {required}\n\n{rest}"));
        }
    }
}
