//! The types of the schema, as far as documents are judged by them before the library sees them.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{FieldDefinition, Type, TypeKind, TypeSystemDefinition};
use async_graphql::{Name, Positioned};

/// The types that have fields.
pub struct Types(HashMap<Name, Composite>);

struct Composite {
    is_object: bool,
    fields: HashMap<Name, Type>,
}

impl Types {
    /// Those of this schema.
    pub fn known() -> &'static Self {
        static KNOWN: LazyLock<Types> = LazyLock::new(|| Types::read(&crate::graphql::sdl()));
        &KNOWN
    }

    fn read(sdl: &str) -> Self {
        let mut found = HashMap::new();
        let document = parse_schema(sdl).map(|document| document.definitions);
        for definition in document.unwrap_or_default() {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let of = |fields: Vec<Positioned<FieldDefinition>>| -> HashMap<Name, Type> {
                let fields = fields.into_iter().map(|field| field.node);
                fields
                    .map(|field| (field.name.node, field.ty.node))
                    .collect()
            };
            let (is_object, fields) = match definition.node.kind {
                TypeKind::Object(object) => (true, of(object.fields)),
                TypeKind::Interface(interface) => (false, of(interface.fields)),
                TypeKind::Union(_) => (false, HashMap::new()),
                TypeKind::Scalar | TypeKind::Enum(_) | TypeKind::InputObject(_) => continue,
            };
            found.insert(definition.node.name.node, Composite { is_object, fields });
        }
        Self(found)
    }

    /// Whether a type is one whose values are of no other.
    pub fn is_object(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|of| of.is_object)
    }

    /// Whether values of a type have fields of their own.
    pub fn has_fields(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The type of a field, where both are known.
    pub fn field(&self, of: &str, field: &str) -> Option<&Type> {
        self.0.get(of)?.fields.get(field)
    }
}
