//! Whether variables stand only where values of their types may: the rule of the library never refuses one. Source:
//! GraphQL, October 2021, section 5.8.5 (All Variable Usages Are Allowed).

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, Directive, Field, OperationDefinition, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Positioned, ServerError};
use async_graphql_value::{ConstValue, Value};

use super::types::{Place, Types, named, root};
use super::{Fragments, refused};

/// Refuses an operation with a variable where its type does not fit. What is not known of the schema is for the
/// validation to name; of introspection nothing is known here.
pub fn check(
    operation: &OperationDefinition,
    fragments: &Fragments,
    types: &Types,
) -> Result<(), ServerError> {
    let declared = operation.variable_definitions.iter();
    let declared = declared.map(|one| &one.node).map(|one| {
        let default = one.default_value.as_ref();
        let variable = Variable {
            ty: &one.var_type.node,
            has_default: default.is_some_and(|value| value.node != ConstValue::Null),
        };
        (&one.name.node, variable)
    });
    let mut positions = Positions {
        declared: declared.collect(),
        fragments,
        types,
        condition: Place {
            ty: Type {
                base: BaseType::Named(Name::new("Boolean")),
                nullable: false,
            },
            has_default: false,
        },
        spread: HashSet::new(),
    };
    if positions.declared.is_empty() {
        return Ok(());
    }
    positions.directives(&operation.directives)?;
    positions.set(&operation.selection_set.node, Some(root(operation.ty)))
}

/// A variable as it is declared.
struct Variable<'a> {
    ty: &'a Type,
    has_default: bool,
}

struct Positions<'a> {
    declared: HashMap<&'a Name, Variable<'a>>,
    fragments: &'a Fragments,
    types: &'a Types,
    /// What `@skip` and `@include` take.
    condition: Place,
    spread: HashSet<&'a Name>,
}

impl<'a> Positions<'a> {
    fn set(&mut self, set: &'a SelectionSet, of: Option<&'a str>) -> Result<(), ServerError> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, of)?,
                Selection::InlineFragment(inline) => {
                    let inline = &inline.node;
                    self.directives(&inline.directives)?;
                    let condition = inline.type_condition.as_ref();
                    let of = condition.map_or(of, |on| Some(on.node.on.node.as_str()));
                    self.set(&inline.selection_set.node, of)?;
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives)?;
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.fragments.get(name)
                        && self.spread.insert(name)
                    {
                        let of = fragment.node.type_condition.node.on.node.as_str();
                        self.set(&fragment.node.selection_set.node, Some(of))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &'a Field, of: Option<&'a str>) -> Result<(), ServerError> {
        let name = &field.name.node;
        self.directives(&field.directives)?;
        for (argument, value) in &field.arguments {
            let place = of.and_then(|of| self.types.argument(of, name, &argument.node));
            if let Some(place) = place {
                self.value(value, &value.node, place)?;
            }
        }
        let below = of.and_then(|of| self.types.field(of, name));
        self.set(&field.selection_set.node, below.map(named))
    }

    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<(), ServerError> {
        for directive in directives.iter().map(|one| &one.node) {
            if let Some(value) = directive.get_argument("if")
                && matches!(directive.name.node.as_str(), "skip" | "include")
            {
                self.value(value, &value.node, &self.condition)?;
            }
        }
        Ok(())
    }

    fn value(
        &self,
        at: &Positioned<Value>,
        value: &Value,
        place: &Place,
    ) -> Result<(), ServerError> {
        match (value, &place.ty.base) {
            (Value::Variable(name), _) => match self.declared.get(name) {
                Some(variable) if !fits_at(variable, place) => {
                    let (is, wanted) = (variable.ty, &place.ty);
                    let message = format!(
                        "the variable ${name} is {is}, and stands where {wanted} is expected"
                    );
                    Err(ServerError {
                        locations: vec![at.pos],
                        ..refused("BAD_USER_INPUT", message)
                    })
                }
                _ => Ok(()),
            },
            (Value::List(elements), BaseType::List(of)) => {
                let place = Place {
                    ty: (**of).clone(),
                    has_default: false,
                };
                elements
                    .iter()
                    .try_for_each(|element| self.value(at, element, &place))
            }
            (Value::Object(members), _) => members.iter().try_for_each(|(name, member)| match self
                .types
                .input(named(&place.ty), name)
            {
                Some(place) => self.value(at, member, place),
                None => Ok(()),
            }),
            _ => Ok(()),
        }
    }
}

/// Whether each value of a variable may stand in a place: null may where a default takes its place.
fn fits_at(variable: &Variable<'_>, place: &Place) -> bool {
    let is_filled = variable.has_default || place.has_default;
    if place.ty.nullable || !variable.ty.nullable {
        fits(variable.ty, &place.ty)
    } else {
        is_filled && fits_base(&variable.ty.base, &place.ty.base)
    }
}

fn fits(one: &Type, place: &Type) -> bool {
    (place.nullable || !one.nullable) && fits_base(&one.base, &place.base)
}

fn fits_base(one: &BaseType, place: &BaseType) -> bool {
    match (one, place) {
        (BaseType::List(one), BaseType::List(place)) => fits(one, place),
        (BaseType::Named(one), BaseType::Named(place)) => one == place,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Documents;
    use crate::graphql::limits::Limits;

    fn read(query: &str) -> Result<(), String> {
        let variables = serde_json::json!({ "v": [] });
        let request = async_graphql::Request::new(query)
            .variables(async_graphql::Variables::from_json(variables));
        let read = Documents::default().read(request, &Limits::default());
        read.map(drop).map_err(|error| error.message)
    }

    #[test]
    fn a_variable_stands_where_its_type_fits() {
        for query in [
            "query($v: CountryCode!) { country(code: $v) { id } }",
            "query($v: CountryCode = \"AZ\") { country(code: $v) { id } }",
            "query($v: Int) { treaties(first: $v) { nodes { id } } }",
            "query($v: Int!) { treaties(first: $v) { nodes { id } } }",
            "query($v: Boolean!) { head { sequence @include(if: $v) } }",
            "query($v: Boolean = true) { head { ...f @skip(if: $v) } } fragment f on Head { sequence }",
            "query($v: [CountryCode!]!) { treatyEvents(filter: { countries: $v }) { totalCount } }",
            "query($v: CountryCode!) { treatyEvents(filter: { countries: [$v] }) { totalCount } }",
            "query($v: ID!) { node(id: $v) { ... on Country { treaties: names { text } } } }",
        ] {
            assert_eq!(read(query), Ok(()), "{query}");
        }
    }

    #[test]
    fn a_variable_of_another_type_is_refused_wherever_it_stands() {
        for query in [
            "query($v: String!) { country(code: $v) { id } }",
            "query($v: CountryCode) { country(code: $v) { id } }",
            "query($v: CountryCode = null) { country(code: $v) { id } }",
            "query($v: String) { treaties(first: $v) { nodes { id } } }",
            "query($v: Boolean) { head { sequence @include(if: $v) } }",
            "query($v: Boolean) { ... @skip(if: $v) { head { sequence } } }",
            "query($v: String!) { head { ...f } } fragment f on Head { sequence @skip(if: $v) }",
            "query($v: [CountryCode]!) { treatyEvents(filter: { countries: $v }) { totalCount } }",
            "query($v: CountryCode!) { treatyEvents(filter: { countries: $v }) { totalCount } }",
            "query($v: String!) { treatyEvents(filter: { countries: [\"AZ\", $v] }) { totalCount } }",
            "query($v: Int!) { country(code: \"AZ\") { treatyEvents(first: 1, after: $v) { nodes { id } } } }",
        ] {
            let said = read(query).unwrap_err();
            assert!(said.contains("is expected"), "{query}: {said}");
        }
    }
}
