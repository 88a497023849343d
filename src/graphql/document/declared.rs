//! The variables that an operation declares: each has the value that is given, else its default, else none. Source:
//! GraphQL, October 2021, section 6.1.2 (`CoerceVariableValues`). The library knows defaults in arguments only.

use async_graphql::parser::types::OperationDefinition;
use async_graphql::{Name, ServerError, Variables};
use async_graphql_value::ConstValue;

use super::refused;

/// A variable.
pub struct Declared {
    /// Its name.
    pub name: Name,
    default: Option<ConstValue>,
    is_nullable: bool,
}

impl Declared {
    /// The variables of an operation.
    pub fn of(operation: &OperationDefinition) -> Vec<Self> {
        let declared = operation.variable_definitions.iter();
        declared
            .map(|variable| &variable.node)
            .map(|variable| Self {
                name: variable.name.node.clone(),
                default: variable
                    .default_value
                    .as_ref()
                    .map(|value| value.node.clone()),
                is_nullable: variable.var_type.node.nullable,
            })
            .collect()
    }

    /// Whether it may be left out, and then has no value.
    pub fn is_omittable(&self) -> bool {
        self.default.is_none() && self.is_nullable
    }
}

/// Gives variables their defaults.
///
/// # Errors
/// `BAD_USER_INPUT` where one that must have a value has none.
pub fn complete(declared: &[Declared], given: &mut Variables) -> Result<(), ServerError> {
    for Declared {
        name,
        default,
        is_nullable,
    } in declared
    {
        if !given.contains_key(name)
            && let Some(default) = default
        {
            given.insert(name.clone(), default.clone());
        }
        let is_none = given
            .get(name)
            .is_none_or(|value| *value == ConstValue::Null);
        if is_none && !is_nullable {
            let message = format!("the variable ${name} needs a value");
            return Err(refused("BAD_USER_INPUT", message));
        }
    }
    Ok(())
}
