//! The variables that an operation declares: each has the value that is given, else its default, else none, and is of
//! its type. Source: GraphQL, October 2021, section 6.1.2 (`CoerceVariableValues`). The library knows defaults in
//! arguments only, and tells what is wrong with a value, all of it, wherever its variable stands.

use async_graphql::parser::types::{BaseType, OperationDefinition, Type};
use async_graphql::{Name, ServerError, Variables};
use async_graphql_value::ConstValue;

use super::failed;
use super::types::{Input, Types};
use crate::domain::text::cut;

/// A variable.
pub struct Declared {
    /// Its name.
    pub name: Name,
    ty: Type,
    default: Option<ConstValue>,
}

impl Declared {
    /// The variables of an operation.
    pub fn of(operation: &OperationDefinition) -> Vec<Self> {
        let declared = operation.variable_definitions.iter();
        declared
            .map(|variable| &variable.node)
            .map(|variable| Self {
                name: variable.name.node.clone(),
                ty: variable.var_type.node.clone(),
                default: variable
                    .default_value
                    .as_ref()
                    .map(|value| value.node.clone()),
            })
            .collect()
    }

    /// Whether it may be left out, and then has no value.
    pub fn is_omittable(&self) -> bool {
        self.default.is_none() && self.ty.nullable
    }
}

/// Gives variables their defaults.
///
/// # Errors
/// `BAD_USER_INPUT` where one that must have a value has none, or one of another type.
pub fn complete(
    declared: &[Declared],
    given: &mut Variables,
    types: &Types,
) -> Result<(), ServerError> {
    for Declared { name, ty, default } in declared {
        if !given.contains_key(name)
            && let Some(default) = default
        {
            given.insert(name.clone(), default.clone());
        }
        match given.get(name) {
            None | Some(ConstValue::Null) if !ty.nullable => {
                let message = format!("the variable ${name} needs a value");
                return Err(failed("BAD_USER_INPUT", message));
            }
            Some(value) => check(value, ty, types)
                .map_err(|why| failed("BAD_USER_INPUT", format!("the variable ${name}: {why}")))?,
            None => {}
        }
    }
    Ok(())
}

/// Says what keeps a value from being one of a type. What scalars of our own take is for them to say.
fn check(value: &ConstValue, ty: &Type, types: &Types) -> Result<(), String> {
    let wrong = || {
        let found = cut(&value.to_string());
        Err(format!("expected {ty}, found {found}"))
    };
    match (value, &ty.base) {
        (ConstValue::Null, _) if ty.nullable => Ok(()),
        (ConstValue::Null, _) => wrong(),
        (ConstValue::List(elements), BaseType::List(of)) => {
            let mut elements = elements.iter();
            elements.try_for_each(|element| check(element, of, types))
        }
        // One value is a list of one.
        (_, BaseType::List(of)) => check(value, of, types),
        (_, BaseType::Named(name)) => {
            if let Some(input) = types.input(name) {
                let ConstValue::Object(_) = value else {
                    return wrong();
                };
                return check_members(value, name, input, types);
            }
            if let Some(values) = types.values(name) {
                let is_one = match value {
                    ConstValue::String(text) => values.contains(text.as_str()),
                    ConstValue::Enum(text) => values.contains(text),
                    _ => false,
                };
                return if is_one { Ok(()) } else { wrong() };
            }
            let fits = match (name.as_str(), value) {
                ("Int", ConstValue::Number(number)) => number
                    .as_i64()
                    .is_some_and(|number| i32::try_from(number).is_ok()),
                ("Float", ConstValue::Number(_))
                | ("Boolean", ConstValue::Boolean(_))
                | ("String" | "ID", ConstValue::String(_)) => true,
                ("ID", ConstValue::Number(number)) => !number.is_f64(),
                ("Int" | "Float" | "Boolean" | "String" | "ID", _) => false,
                _ => true,
            };
            if fits { Ok(()) } else { wrong() }
        }
    }
}

fn check_members(
    value: &ConstValue,
    of: &Name,
    input: &Input,
    types: &Types,
) -> Result<(), String> {
    let ConstValue::Object(members) = value else {
        return Ok(());
    };
    if let Some(unknown) = members
        .keys()
        .find(|name| !input.fields.contains_key(*name))
    {
        return Err(format!("{of} has no field `{}`", cut(unknown)));
    }
    for (name, place) in &input.fields {
        match members.get(name) {
            Some(member) => {
                check(member, &place.ty, types).map_err(|why| format!("`{name}`: {why}"))?;
            }
            None if place.ty.nullable || place.has_default => {}
            None => return Err(format!("`{name}` of {of} is missing")),
        }
    }
    Ok(())
}
