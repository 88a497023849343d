//! The types of the schema, as far as documents are judged by them before the library sees them.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, OperationType, Type, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::{Name, Positioned};

/// The types of the schema, but for those of introspection.
pub struct Types {
    composites: HashMap<Name, Composite>,
    inputs: HashMap<Name, Input>,
    enums: HashMap<Name, HashSet<Name>>,
    scalars: HashSet<Name>,
}

/// An input object.
pub struct Input {
    /// Its fields.
    pub fields: Places,
    /// Whether just one of them is given.
    pub is_one_of: bool,
}

/// The scalars that are not in the text of a schema.
const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

struct Composite {
    is_object: bool,
    fields: HashMap<Name, Field>,
}

struct Field {
    ty: Type,
    arguments: Places,
}

/// Where values may stand, by name.
pub type Places = HashMap<Name, Place>;

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
            enums: HashMap::new(),
            scalars: BUILT_IN.map(Name::new).into(),
        };
        let document = parse_schema(sdl).map(|document| document.definitions);
        for definition in document.unwrap_or_default() {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = definition.node.name.node;
            let directives = &definition.node.directives;
            let (is_object, fields) = match definition.node.kind {
                TypeKind::Object(object) => (true, fields(object.fields)),
                TypeKind::Interface(interface) => (false, fields(interface.fields)),
                TypeKind::Union(_) => (false, HashMap::new()),
                TypeKind::InputObject(input) => {
                    let mut directives = directives.iter();
                    let input = Input {
                        fields: places(input.fields),
                        is_one_of: directives.any(|one| one.node.name.node == "oneOf"),
                    };
                    found.inputs.insert(name, input);
                    continue;
                }
                TypeKind::Enum(values) => {
                    let values = values.values.into_iter().map(|value| value.node.value.node);
                    found.enums.insert(name, values.collect());
                    continue;
                }
                TypeKind::Scalar => {
                    found.scalars.insert(name);
                    continue;
                }
            };
            found
                .composites
                .insert(name, Composite { is_object, fields });
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

    /// The arguments of a field, where both are known.
    pub fn arguments(&self, of: &str, field: &str) -> Option<&Places> {
        Some(&self.composites.get(of)?.fields.get(field)?.arguments)
    }

    /// An input object, where it is one.
    pub fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.get(name)
    }

    /// The values of an enum, where it is one.
    pub fn values(&self, name: &str) -> Option<&HashSet<Name>> {
        self.enums.get(name)
    }

    /// Whether a variable may be of a type.
    pub fn is_input(&self, name: &str) -> bool {
        self.inputs.contains_key(name)
            || self.enums.contains_key(name)
            || self.scalars.contains(name)
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
