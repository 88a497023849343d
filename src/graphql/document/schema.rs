//! The schema against which documents are validated. It is a second form of the schema that executes: the service
//! prints its own SDL and parses it once, together with the definitions of introspection.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use async_graphql::ServerError;
use bluejay_core::definition::{
    EnumTypeDefinition as _, EnumValueDefinition, FieldDefinition as _, InputValueDefinition as _,
    InterfaceImplementation as _, ObjectTypeDefinition as _, OutputType as _,
    ScalarTypeDefinition as _, SchemaDefinition as _, TypeDefinitionReference,
    UnionMemberType as _, UnionTypeDefinition as _,
};
use bluejay_core::{AsIter, Value, ValueReference};
use bluejay_parser::ast::Parse as _;
use bluejay_parser::ast::definition::{
    Context, CustomScalarTypeDefinition, DefinitionDocument, SchemaDefinition,
};

use super::parts::each;
use crate::engine::error::failed;
use crate::schema::printed;
use crate::type_system::Audience;
use domain::scalar;

/// The definitions of a schema.
pub type Definitions = SchemaDefinition<'static, Scalars>;
/// A type of the schema.
pub type Definition = TypeDefinitionReference<'static, Definitions>;

type EnumDefinition = bluejay_parser::ast::definition::EnumTypeDefinition<'static, Scalars>;
type FieldDefinition = bluejay_parser::ast::definition::FieldDefinition<'static, Scalars>;

/// The parsed schema.
pub struct Schema {
    /// Its definitions.
    pub definitions: &'static Definitions,
    /// The object types that a value of each composite type may have, sorted by name.
    possible: BTreeMap<&'static str, Vec<&'static str>>,
    /// The fields of each composite type, by name.
    fields: HashMap<&'static str, HashMap<&'static str, &'static FieldDefinition>>,
}

/// Returns the schema of this service; parses it on the first call.
///
/// # Errors
/// `INTERNAL` if the SDL of the service cannot be parsed.
pub fn schema() -> Result<&'static Schema, ServerError> {
    static SCHEMA: LazyLock<Option<Schema>> = LazyLock::new(|| Schema::parse(Audience::Clients));
    SCHEMA.as_ref().ok_or_else(unreadable)
}

/// Returns the schema of this service as a subgraph; parses it on the first call.
///
/// # Errors
/// `INTERNAL` if the SDL of the service cannot be parsed.
pub fn subgraph() -> Result<&'static Schema, ServerError> {
    static SCHEMA: LazyLock<Option<Schema>> =
        LazyLock::new(|| Schema::parse(Audience::SubgraphClients));
    SCHEMA.as_ref().ok_or_else(unreadable)
}

fn unreadable() -> ServerError {
    failed("INTERNAL", "the schema cannot be read")
}

impl Schema {
    /// Prints and parses the schema for an audience. `None` if it cannot be parsed.
    fn parse(audience: Audience) -> Option<Self> {
        // Kept until the process ends, because documents refer to it.
        let text: &'static str = Box::leak(printed(audience).into_boxed_str());
        let parsed: &'static DefinitionDocument<'static, Scalars> =
            Box::leak(Box::new(DefinitionDocument::parse(text).result.ok()?));
        let definitions = Box::leak(Box::new(Definitions::try_from(parsed).ok()?));
        Some(Self::of(definitions))
    }

    fn of(definitions: &'static Definitions) -> Self {
        let mut possible: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut may_be = |of, name| possible.entry(of).or_default().push(name);
        for definition in definitions.type_definitions() {
            let name = definition.name();
            match definition {
                TypeDefinitionReference::Object(object) => {
                    may_be(name, name);
                    let interfaces = object.interface_implementations();
                    for interface in each(interfaces) {
                        may_be(interface.name(), name);
                    }
                }
                TypeDefinitionReference::Union(union) => {
                    for member in union.union_member_types().iter() {
                        may_be(name, member.name());
                    }
                }
                _ => {}
            }
        }
        for names in possible.values_mut() {
            names.sort_unstable();
        }
        let fields = definitions.type_definitions().filter_map(|definition| {
            let all = definition.fields_definition()?.iter();
            let all = all.map(|field| (field.name(), field)).collect();
            Some((definition.name(), all))
        });
        Self {
            definitions,
            possible,
            fields: fields.collect(),
        }
    }

    /// The type with a name.
    pub fn definition(&self, name: &str) -> Option<Definition> {
        self.definitions.get_type_definition(name)
    }

    /// The object types that a value of a type may have, sorted by name; none for a type that is not composite.
    pub fn possible(&self, name: &str) -> &[&'static str] {
        self.possible
            .get(name)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The name of a composite type with a static lifetime; `None` if there is no such type.
    pub fn composite(&self, name: &str) -> Option<&'static str> {
        self.possible.get_key_value(name).map(|(name, _)| *name)
    }

    /// The abstract types, sorted by name, with the object types that their values may have.
    pub fn abstract_types(&self) -> impl Iterator<Item = (&'static str, &[&'static str])> {
        let all = self.possible.iter();
        let all = all.filter(|(name, objects)| objects.first() != Some(name));
        all.map(|(name, objects)| (*name, objects.as_slice()))
    }

    /// True if a field is a page of a list: it has an argument `last`.
    pub fn is_page(&self, of: &str, field: &str) -> bool {
        let arguments = self
            .field(of, field)
            .and_then(|field| field.arguments_definition());
        let mut arguments = each(arguments);
        arguments.any(|argument| argument.name() == "last")
    }

    /// The type of a field of a composite type; for a list, the type of its elements.
    pub fn type_of(&self, of: &str, field: &str) -> Option<&'static str> {
        Some(self.field(of, field)?.r#type().base_name())
    }

    fn field(&self, of: &str, field: &str) -> Option<&'static FieldDefinition> {
        self.fields.get(of)?.get(field).copied()
    }
}

/// The scalar whose values are any values: representations of records in a subgraph.
pub const ANY: &str = "_Any";

/// The custom scalars of this service, as the validator checks their literals: a string, or an integer that is not
/// negative; any value for [`ANY`].
#[derive(Debug)]
pub struct Scalars;

impl Context for Scalars {
    fn coerce_custom_scalar_input<const CONST: bool>(
        of: &CustomScalarTypeDefinition<'_, Self>,
        value: &impl Value<CONST>,
    ) -> Result<(), Cow<'static, str>> {
        if of.name() == ANY {
            return Ok(());
        }
        let is_text = match value.as_ref() {
            ValueReference::String(_) => true,
            ValueReference::Integer(number) if number.as_i64().is_some_and(|at| at >= 0) => false,
            _ => return Err(expected(of.name()).into()),
        };
        if is_text == scalar::is_text(of.name()) {
            Ok(())
        } else {
            Err(expected(of.name()).into())
        }
    }
}

/// The beginning of the message for a value that a scalar does not accept.
pub fn expected(scalar: &str) -> String {
    format!("expected {scalar}: {}", scalar::expected(scalar))
}

/// The values of an enum.
pub fn values_of(of: &'static EnumDefinition) -> Vec<&'static str> {
    let values = of.enum_value_definitions().iter();
    values.map(EnumValueDefinition::name).collect()
}

/// The message for a value of a `@oneOf` input object that does not have exactly one field.
pub fn just_one(of: &str) -> String {
    format!("{of} needs exactly one of its fields, with a value that is not null")
}
