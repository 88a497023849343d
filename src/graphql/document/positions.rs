//! Whether what may be left out at the time of a request would be in order if it were given: an omitted variable takes
//! its argument with it before the library validates, and the rule of the library for variables in positions never
//! refuses one. Sources: GraphQL, October 2021, sections 5.4.1, 5.4.2, 5.6.1, 5.6.2, 5.8.1, 5.8.2 and 5.8.5.

use std::collections::{HashMap, HashSet};

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    BaseType, Directive, Field, OperationDefinition, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Pos, Positioned, ServerError};
use async_graphql_value::{ConstValue, Value};

use super::types::{Input, Place, Types, named, root};
use super::{Fragments, failed};
use crate::domain::text::cut;

/// Refuses an operation with a variable where its type does not fit, or under a name that there is not. What else is
/// not known of the schema is for the validation to name; of introspection nothing is known here.
pub fn check(
    operation: &OperationDefinition,
    fragments: &Fragments,
    types: &Types,
) -> Result<(), ServerError> {
    let mut positions = Positions {
        declared: HashMap::new(),
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
    for one in &operation.variable_definitions {
        let (name, ty) = (&one.node.name.node, &one.node.var_type.node);
        if !types.is_input(named(ty)) {
            let message = format!("${name} is of no type that there is for input: {ty}");
            return Err(at(one.pos, &message));
        }
        let default = one.node.default_value.as_ref();
        let variable = Variable {
            ty,
            has_default: default.is_some_and(|value| value.node != ConstValue::Null),
        };
        if positions.declared.insert(name, variable).is_some() {
            return Err(at(one.pos, &format!("${name} is declared twice")));
        }
    }
    positions.directives(&operation.directives)?;
    positions.set(&operation.selection_set.node, Some(root(operation.ty)))
}

fn at(pos: Pos, message: &str) -> ServerError {
    ServerError {
        locations: vec![pos],
        ..failed("BAD_USER_INPUT", message)
    }
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
        let places = of.and_then(|of| self.types.arguments(of, name));
        let mut given = HashSet::new();
        for (argument, value) in &field.arguments {
            let called = &argument.node;
            if !given.insert(called) {
                let message = format!("`{called}` of `{name}` is given twice");
                return Err(at(argument.pos, &message));
            }
            let Some(places) = places else { continue };
            let Some(place) = places.get(called) else {
                let message = format!("`{name}` has no argument `{called}`");
                return Err(at(argument.pos, &message));
            };
            self.value(value.pos, &value.node, place)?;
        }
        let below = of.and_then(|of| self.types.field(of, name));
        self.set(&field.selection_set.node, below.map(named))
    }

    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<(), ServerError> {
        for directive in directives.iter().map(|one| &one.node) {
            if let Some(value) = directive.get_argument("if")
                && matches!(directive.name.node.as_str(), "skip" | "include")
            {
                self.value(value.pos, &value.node, &self.condition)?;
            }
        }
        Ok(())
    }

    fn value(&self, pos: Pos, value: &Value, place: &Place) -> Result<(), ServerError> {
        let wanted = &place.ty;
        match (value, &wanted.base) {
            (Value::Variable(name), _) => match self.declared.get(name) {
                Some(variable) if !fits_at(variable, place) => {
                    let is = variable.ty;
                    let message = format!(
                        "the variable ${name} is {is}, and stands where {wanted} is expected"
                    );
                    Err(at(pos, &message))
                }
                _ => Ok(()),
            },
            (Value::List(elements), BaseType::List(of)) => {
                let place = Place {
                    ty: (**of).clone(),
                    has_default: false,
                };
                let mut elements = elements.iter();
                elements.try_for_each(|element| self.value(pos, element, &place))
            }
            (Value::Object(members), _) => match self.types.input(named(wanted)) {
                Some(input) => self.members(pos, members, input, wanted),
                None => Ok(()),
            },
            (Value::String(text), _) if self.types.values(named(wanted)).is_some() => {
                let text = cut(text);
                let message =
                    format!("\"{text}\" is a string, and {wanted} is expected: without quotes");
                Err(at(pos, &message))
            }
            _ => Ok(()),
        }
    }

    fn members(
        &self,
        pos: Pos,
        members: &IndexMap<Name, Value>,
        input: &Input,
        wanted: &Type,
    ) -> Result<(), ServerError> {
        for (name, member) in members {
            let Some(place) = input.fields.get(name) else {
                let message = format!("{wanted} has no field `{name}`");
                return Err(at(pos, &message));
            };
            if input.is_one_of {
                let mut ty = place.ty.clone();
                ty.nullable = false;
                let has_default = false;
                self.value(pos, member, &Place { ty, has_default })?;
            } else {
                self.value(pos, member, place)?;
            }
        }
        Ok(())
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
    use super::super::Known;
    use crate::graphql::limits::Limits;

    fn read(query: &str) -> Result<(), String> {
        let read = Known::read(query, None, &Limits::default());
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

    #[test]
    fn what_is_left_out_is_in_order_too() {
        for (query, why) in [
            ("query($f: Int) { treaties(frist: $f) { totalCount } }", "no argument `frist`"),
            (
                "query($f: Int) { treaties(first: $f, first: 1) { totalCount } }",
                "given twice",
            ),
            ("query($f: Foo) { treaties(first: $f) { totalCount } }", "of no type"),
            ("query($f: Country) { treaties(first: $f) { totalCount } }", "of no type"),
            (
                "query($f: Int, $f: Int) { treaties(first: $f) { totalCount } }",
                "declared twice",
            ),
            (
                "query($f: Int) { treatyEvents(filter: { zzz: $f }) { totalCount } }",
                "no field `zzz`",
            ),
            (
                "mutation($f: CreateSource) { createContribution(input: { title: \"T\", rationale: \"R\",
                    changes: [{ createSource: $f }] }) { contribution { id } } }",
                "is expected",
            ),
            ("{ countries(orderBy: \"NAME\") { totalCount } }", "without quotes"),
            (
                "{ treatyEvents(filter: { kinds: [\"SIGNATURE\"] }) { totalCount } }",
                "without quotes",
            ),
        ] {
            let said = read(query).unwrap_err();
            assert!(said.contains(why), "{query}: {said}");
        }
    }
}
