//! The types of the schema, as far as documents are judged by them before the library sees them.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, OperationType, Type, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::{Name, Positioned};

/// The types that have fields, and those of inputs that have.
pub struct Types {
    composites: HashMap<Name, Composite>,
    inputs: HashMap<Name, Places>,
}

struct Composite {
    is_object: bool,
    fields: HashMap<Name, Field>,
}

struct Field {
    ty: Type,
    arguments: Places,
}

type Places = HashMap<Name, Place>;

/// Where a value may stand: an argument, or a field of an input.
pub struct Place {
    /// Of which type it is there.
    pub ty: Type,
    /// Whether there is a value where none is given.
    pub has_default: bool,
}

impl Types {
    /// Those of this schema.
    pub fn known() -> &'static Self {
        static KNOWN: LazyLock<Types> = LazyLock::new(|| Types::read(&crate::graphql::sdl()));
        &KNOWN
    }

    fn read(sdl: &str) -> Self {
        let mut found = Self {
            composites: HashMap::new(),
            inputs: HashMap::new(),
        };
        let document = parse_schema(sdl).map(|document| document.definitions);
        for definition in document.unwrap_or_default() {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let (is_object, fields) = match definition.node.kind {
                TypeKind::Object(object) => (true, fields(object.fields)),
                TypeKind::Interface(interface) => (false, fields(interface.fields)),
                TypeKind::Union(_) => (false, HashMap::new()),
                TypeKind::InputObject(input) => {
                    let name = definition.node.name.node;
                    found.inputs.insert(name, places(input.fields));
                    continue;
                }
                TypeKind::Scalar | TypeKind::Enum(_) => continue,
            };
            let composite = Composite { is_object, fields };
            found
                .composites
                .insert(definition.node.name.node, composite);
        }
        found
    }

    /// Whether a type is one whose values are of no other.
    pub fn is_object(&self, name: &str) -> bool {
        self.composites.get(name).is_some_and(|of| of.is_object)
    }

    /// Whether values of a type have fields of their own.
    pub fn has_fields(&self, name: &str) -> bool {
        self.composites.contains_key(name)
    }

    /// The type of a field, where both are known.
    pub fn field(&self, of: &str, field: &str) -> Option<&Type> {
        Some(&self.composites.get(of)?.fields.get(field)?.ty)
    }

    /// An argument of a field, where all three are known.
    pub fn argument(&self, of: &str, field: &str, name: &str) -> Option<&Place> {
        let field = self.composites.get(of)?.fields.get(field)?;
        field.arguments.get(name)
    }

    /// A field of an input, where both are known.
    pub fn input(&self, of: &str, field: &str) -> Option<&Place> {
        self.inputs.get(of)?.get(field)
    }
}

/// The type that an operation selects from.
pub fn root(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

/// The name of a type, or of that of the elements of a list.
pub fn named(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(of) => named(of),
    }
}

fn fields(of: Vec<Positioned<FieldDefinition>>) -> HashMap<Name, Field> {
    let of = of.into_iter().map(|field| field.node);
    of.map(|field| {
        let ty = field.ty.node;
        let arguments = places(field.arguments);
        (field.name.node, Field { ty, arguments })
    })
    .collect()
}

fn places(of: Vec<Positioned<InputValueDefinition>>) -> Places {
    let of = of.into_iter().map(|place| place.node);
    of.map(|place| {
        let has_default = place.default_value.is_some();
        let ty = place.ty.node;
        (place.name.node, Place { ty, has_default })
    })
    .collect()
}
