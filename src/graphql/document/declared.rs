//! Variables of an operation: gives each its supplied value or its default, and checks the value against its type.
//! Source: GraphQL, section 6.1.2 (`CoerceVariableValues`).

use std::fmt::Display;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{BaseType, Type};
use async_graphql::{Name, Pos, ServerError, Variables};
use async_graphql_value::ConstValue;
use bluejay_core::definition::{
    EnumTypeDefinition as _, EnumValueDefinition as _, HasDirectives as _,
    InputFieldsDefinition as _, InputObjectTypeDefinition as _, InputType as _,
    InputValueDefinition, ScalarTypeDefinition as _, TypeDefinitionReference,
};
use bluejay_core::executable::VariableType as _;
use bluejay_core::{AsIter, BuiltinScalarDefinition, Directive as _};
use bluejay_parser::HasSpan as _;
use bluejay_parser::ast::executable::VariableDefinition;

use super::fault::{MAX_FAULTS, bounded, invalid};
use super::normal::value_of;
use super::parts::each;
use super::schema::{ANY, Schema, expected, just_one, values_of};
use super::source::SourceText;
use super::verdict::similar;
use domain::scalar;
use domain::spelling::choices;
use domain::text_rules::truncate;

/// A declared variable.
pub struct Declared {
    /// Its name.
    pub name: Name,
    ty: Type,
    default: Option<ConstValue>,
    /// The position of its declaration.
    pub place: Pos,
}

impl Declared {
    /// Reads a definition from a valid document.
    pub fn of(definition: &VariableDefinition<'_>, source: &SourceText<'_>) -> Option<Self> {
        let default = definition.default_value();
        let default = default.and_then(|value| value_of(value).into_const());
        let variable = definition.variable();
        Some(Self {
            name: Name::new(variable.as_str()),
            ty: Type::new(&definition.r#type().as_ref().display_name())?,
            default,
            place: source.position(variable.span().byte_range().start),
        })
    }
}

/// Adds the defaults of variables, and coerces values to their types. With `suggests`, errors list names similar to an
/// unknown one.
///
/// # Errors
/// `BAD_USER_INPUT` for each required variable without a value, and for each fault of a value, as [`bounded`].
pub fn complete(
    declared: &[Declared],
    given: &mut Variables,
    schema: &Schema,
    suggests: bool,
) -> Result<(), Vec<ServerError>> {
    let mut faults = Vec::new();
    for variable in declared {
        let name = &variable.name;
        if !given.contains_key(name)
            && let Some(default) = &variable.default
        {
            given.insert(name.clone(), default.clone());
        }
        let mut coercion = Coercion {
            schema,
            suggests,
            path: format!("${}", truncate(name)),
            faults: Vec::new(),
        };
        match given.get_mut(name) {
            Some(value) => coercion.coerce(value, &variable.ty),
            None if variable.ty.nullable => {}
            None => coercion.add_fault(format!("expected {}, found no value", variable.ty)),
        }
        let messages = coercion.faults.into_iter();
        faults.extend(messages.map(|message| invalid(message, [variable.place])));
    }
    let faults = bounded(faults);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// Coerces the value of one variable, and collects its faults.
struct Coercion<'a> {
    schema: &'a Schema,
    suggests: bool,
    /// The path of the current part, for messages.
    path: String,
    faults: Vec<String>,
}

impl Coercion<'_> {
    fn add_fault(&mut self, what: impl Display) {
        // One more than are listed: it tells that there are others.
        if self.faults.len() <= MAX_FAULTS {
            self.faults
                .push(format!("{}: {what}", truncate(&self.path)));
        }
    }

    fn wrong(&mut self, expected: impl Display, found: &ConstValue) {
        let found = truncate(&found.to_string());
        self.add_fault(format!("expected {expected}, found {found}"));
    }

    fn wrong_value(&mut self, ty: &Type, values: &[&str], found: &ConstValue) {
        if self.faults.len() > MAX_FAULTS {
            return;
        }
        let found = found.to_string();
        let choices = choices(found.trim_matches('"'), values);
        let found = truncate(&found);
        self.add_fault(format!("expected {ty}, found {found}: expected {choices}"));
    }

    /// Coerces a part of the value, with `part` appended to the path.
    fn within(&mut self, part: impl Display, coerce: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str(&part.to_string());
        coerce(self);
        self.path.truncate(length);
    }

    fn coerce(&mut self, value: &mut ConstValue, ty: &Type) {
        match (&mut *value, &ty.base) {
            (ConstValue::Null, _) if ty.nullable => {}
            (ConstValue::Null, _) => self.wrong(ty, value),
            (ConstValue::List(elements), BaseType::List(of)) => {
                for (at, element) in elements.iter_mut().enumerate() {
                    self.within(format!("[{at}]"), |inner| inner.coerce(element, of));
                }
            }
            // A single value is a list of one element.
            (_, BaseType::List(of)) => self.coerce(value, of),
            (_, BaseType::Named(name)) => self.named(value, name, ty),
        }
    }

    fn named(&mut self, value: &mut ConstValue, name: &str, ty: &Type) {
        match self.schema.definition(name) {
            Some(TypeDefinitionReference::InputObject(of)) => match value {
                ConstValue::Object(members) => self.members(members, of),
                _ => self.wrong(ty, value),
            },
            Some(TypeDefinitionReference::Enum(of)) => {
                let text = match &*value {
                    ConstValue::String(text) => Some(text.as_str()),
                    ConstValue::Enum(name) => Some(name.as_str()),
                    _ => None,
                };
                let mut values = of.enum_value_definitions().iter();
                if !values.any(|one| Some(one.name()) == text) {
                    self.wrong_value(ty, &values_of(of), value);
                }
            }
            Some(TypeDefinitionReference::BuiltinScalar(scalar)) => {
                whole(value);
                if let (BuiltinScalarDefinition::ID, ConstValue::Number(number)) = (scalar, &*value)
                    && !number.is_f64()
                {
                    *value = ConstValue::String(number.to_string());
                }
                if !fits(value, scalar) {
                    self.wrong(ty, value);
                }
            }
            Some(TypeDefinitionReference::CustomScalar(of)) if of.name() == ANY => {}
            Some(TypeDefinitionReference::CustomScalar(of)) => {
                whole(value);
                let fits = match &*value {
                    ConstValue::String(_) => scalar::is_text(of.name()),
                    ConstValue::Number(number) => {
                        !scalar::is_text(of.name()) && number.as_i64().is_some_and(|at| at >= 0)
                    }
                    _ => false,
                };
                if !fits {
                    let found = truncate(&value.to_string());
                    self.add_fault(format!("{}, found {found}", expected(of.name())));
                }
            }
            _ => self.wrong(ty, value),
        }
    }

    fn members(&mut self, members: &mut IndexMap<Name, ConstValue>, of: &'static InputObject) {
        let fields = of.input_field_definitions();
        for unknown in members.keys().filter(|name| fields.get(name).is_none()) {
            if self.faults.len() > MAX_FAULTS {
                break;
            }
            let known = fields.iter().map(InputValueDefinition::name);
            let similar = similar(self.suggests, unknown, known);
            self.add_fault(format!(
                "{} has no field `{}`{similar}",
                of.name(),
                truncate(unknown)
            ));
        }
        for field in fields.iter() {
            let name = field.name();
            match members.get_mut(name) {
                Some(member) => {
                    let ty = Type::new(&field.r#type().display_name());
                    if let Some(ty) = ty {
                        self.within(format!(".{name}"), |inner| inner.coerce(member, &ty));
                    }
                }
                None if field.is_required() => {
                    self.add_fault(format!("{} needs `{name}`", of.name()));
                }
                None => {}
            }
        }
        let mut directives = each(of.directives());
        if directives.any(|one| one.name() == "oneOf") {
            let given: Vec<_> = members
                .iter()
                .filter(|(name, _)| fields.get(name).is_some())
                .collect();
            match given.as_slice() {
                [(name, ConstValue::Null)] => {
                    self.within(format!(".{name}"), |inner| {
                        inner.add_fault(just_one(of.name()));
                    });
                }
                [_] => {}
                _ => self.add_fault(just_one(of.name())),
            }
        }
    }
}

type InputObject =
    bluejay_parser::ast::definition::InputObjectTypeDefinition<'static, super::schema::Scalars>;

/// True if a value fits one of the five built-in scalars.
fn fits(value: &ConstValue, scalar: BuiltinScalarDefinition) -> bool {
    use BuiltinScalarDefinition as Scalar;
    match (scalar, value) {
        (Scalar::Int, ConstValue::Number(number)) => number
            .as_i64()
            .is_some_and(|number| i32::try_from(number).is_ok()),
        (Scalar::Float, ConstValue::Number(_))
        | (Scalar::Boolean, ConstValue::Boolean(_))
        | (Scalar::String | Scalar::ID, ConstValue::String(_)) => true,
        _ => false,
    }
}

/// Converts a number without fraction to an integer: JSON does not distinguish `1.0` from `1`.
fn whole(value: &mut ConstValue) {
    if let ConstValue::Number(number) = value
        && number.is_f64()
        && let Some(digits) = number.as_f64().filter(|number| number.fract() == 0.0)
        && let Ok(whole) = format!("{digits:.0}").parse::<i64>()
    {
        *number = whole.into();
    }
}
