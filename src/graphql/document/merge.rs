//! Whether all that is selected under one name is one thing, however deep: the library answers with the first
//! of several otherwise. Source: GraphQL, October 2021, section 5.3.2 (Field Selection Merging).

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, Field, OperationDefinition, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Pos, Positioned, ServerError};
use async_graphql_value::Value;

use super::types::{Types, named, root};
use super::{Digest, Fragments, digest, failed};

/// Refuses an operation that selects different things under one name.
pub fn check(
    operation: &OperationDefinition,
    fragments: &Fragments,
    types: &Types,
) -> Result<(), ServerError> {
    let merge = Merge {
        fragments,
        types,
        left: Cell::new(MOST),
        arguments: RefCell::default(),
    };
    merge.same_fields(&[Scope {
        of: Some(root(operation.ty)),
        set: &operation.selection_set.node,
    }])
}

/// A selection set, and the type that it is of, where that is known.
#[derive(Clone, Copy)]
struct Scope<'a> {
    of: Option<&'a str>,
    set: &'a SelectionSet,
}

/// A field, and the type that it is selected of.
#[derive(Clone, Copy)]
struct Selected<'a> {
    of: Option<&'a str>,
    field: &'a Positioned<Field>,
}

type ByName<'a> = BTreeMap<&'a str, Vec<Selected<'a>>>;

struct Merge<'a> {
    fragments: &'a Fragments,
    types: &'a Types,
    /// How many fields may still be compared.
    left: Cell<usize>,
    /// The arguments of fields that were compared, by where in the text they stand: they may be long, and are
    /// compared again and again.
    arguments: RefCell<HashMap<Pos, Digest>>,
}

/// How many fields are compared at most: those of an interface are compared once for each object beside them.
const MOST: usize = 200_000;

impl<'a> Merge<'a> {
    /// Fields of one name that may be of one object are one field with the same arguments; those of
    /// different objects have at least the same shape.
    fn same_fields(&self, scopes: &[Scope<'a>]) -> Result<(), ServerError> {
        for (name, selected) in self.collected(scopes)? {
            if selected.len() < 2 {
                if let [one] = selected.as_slice() {
                    self.same_fields(&[self.below(one)])?;
                }
                continue;
            }
            self.same_shape_here(name, &selected)?;
            let groups = self.groups(&selected);
            let is_split = groups.len() > 1;
            for group in groups {
                let [first, rest @ ..] = group.as_slice() else {
                    continue;
                };
                if let Some(other) = rest.iter().find(|other| !self.is_same(first, other)) {
                    return Err(conflict(name, first, other));
                }
                let below: Vec<_> = group.iter().map(|one| self.below(one)).collect();
                self.same_fields(&below)?;
            }
            if is_split {
                let below: Vec<_> = selected.iter().map(|one| self.below(one)).collect();
                self.same_shapes(&below)?;
            }
        }
        Ok(())
    }

    /// Those that may be of one object: for each object its own, and what is of no one object.
    fn groups(&self, selected: &[Selected<'a>]) -> Vec<Vec<Selected<'a>>> {
        let (objects, others): (Vec<_>, Vec<_>) = selected
            .iter()
            .copied()
            .partition(|one| one.of.is_some_and(|of| self.types.is_object(of)));
        let mut by_object: BTreeMap<Option<&str>, Vec<Selected<'a>>> = BTreeMap::new();
        for one in objects {
            let group = by_object.entry(one.of).or_insert_with(|| others.clone());
            group.push(one);
        }
        if by_object.is_empty() {
            return vec![others];
        }
        by_object.into_values().collect()
    }

    fn same_shapes(&self, scopes: &[Scope<'a>]) -> Result<(), ServerError> {
        for (name, selected) in self.collected(scopes)? {
            self.same_shape_here(name, &selected)?;
            let below: Vec<_> = selected.iter().map(|one| self.below(one)).collect();
            self.same_shapes(&below)?;
        }
        Ok(())
    }

    fn same_shape_here(&self, name: &str, selected: &[Selected<'a>]) -> Result<(), ServerError> {
        let mut typed = selected
            .iter()
            .filter_map(|one| Some((one, self.type_of(one)?)));
        let Some((first, shape)) = typed.next() else {
            return Ok(());
        };
        match typed.find(|(_, other)| !self.is_same_shape(shape, other)) {
            Some((other, _)) => Err(conflict(name, first, other)),
            None => Ok(()),
        }
    }

    fn is_same_shape(&self, one: &Type, other: &Type) -> bool {
        one.nullable == other.nullable
            && match (&one.base, &other.base) {
                (BaseType::List(one), BaseType::List(other)) => self.is_same_shape(one, other),
                (BaseType::Named(one), BaseType::Named(other)) => {
                    one == other || (self.types.has_fields(one) && self.types.has_fields(other))
                }
                _ => false,
            }
    }

    fn is_same(&self, one: &Selected<'_>, other: &Selected<'_>) -> bool {
        let (field, another) = (&one.field.node, &other.field.node);
        field.name.node == another.name.node
            && (field.arguments.is_empty() && another.arguments.is_empty()
                || self.arguments(one.field) == self.arguments(other.field))
    }

    /// What stands for the arguments of a field, in any order.
    fn arguments(&self, field: &Positioned<Field>) -> Digest {
        let mut known = self.arguments.borrow_mut();
        *known.entry(field.pos).or_insert_with(|| {
            let arguments = field.node.arguments.iter();
            let arguments: BTreeMap<&str, String> = arguments
                .map(|(name, value)| (name.node.as_str(), sorted(&value.node)))
                .collect();
            let parts = arguments.iter().flat_map(|(name, value)| [*name, value]);
            digest(parts.map(str::as_bytes))
        })
    }

    fn type_of(&self, one: &Selected<'a>) -> Option<&'a Type> {
        self.types.field(one.of?, &one.field.node.name.node)
    }

    fn below(&self, one: &Selected<'a>) -> Scope<'a> {
        Scope {
            of: self.type_of(one).map(named),
            set: &one.field.node.selection_set.node,
        }
    }

    /// The fields of some selection sets by the names under which they are answered, those of fragments among
    /// them.
    fn collected(&self, scopes: &[Scope<'a>]) -> Result<ByName<'a>, ServerError> {
        let mut found = ByName::new();
        let mut open = scopes.to_vec();
        let mut spread: HashSet<(&Name, Option<&str>)> = HashSet::new();
        while let Some(Scope { of, set }) = open.pop() {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) => {
                        let left = self.left.get().checked_sub(1).ok_or_else(too_many)?;
                        self.left.set(left);
                        let name = field.node.response_key().node.as_str();
                        found.entry(name).or_default().push(Selected { of, field });
                    }
                    Selection::InlineFragment(inline) => {
                        let condition = inline.node.type_condition.as_ref();
                        open.push(Scope {
                            of: condition.map_or(of, |on| Some(on.node.on.node.as_str())),
                            set: &inline.node.selection_set.node,
                        });
                    }
                    Selection::FragmentSpread(one) => {
                        let name = &one.node.fragment_name.node;
                        if let Some(fragment) = self.fragments.get(name)
                            && spread.insert((name, of))
                        {
                            open.push(Scope {
                                of: Some(fragment.node.type_condition.node.on.node.as_str()),
                                set: &fragment.node.selection_set.node,
                            });
                        }
                    }
                }
            }
        }
        Ok(found)
    }
}

fn too_many() -> ServerError {
    let message = "too many fields of the document may be of one object: select less at once";
    failed("TOO_COMPLEX", message)
}

/// A value as text; the order of the members of an object means nothing.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members
                .iter()
                .map(|(name, member)| (name, sorted(member)))
                .collect();
            format!("{members:?}")
        }
        Value::List(elements) => format!("{:?}", elements.iter().map(sorted).collect::<Vec<_>>()),
        other => other.to_string(),
    }
}

fn conflict(name: &str, one: &Selected<'_>, other: &Selected<'_>) -> ServerError {
    let message = format!(
        "`{name}` is selected more than once, as different things: give each an alias of its own"
    );
    ServerError {
        locations: vec![one.field.pos, other.field.pos],
        ..failed("BAD_USER_INPUT", message)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Documents;
    use crate::graphql::limits::Limits;

    fn read(query: &str) -> Result<(), String> {
        let request = async_graphql::Request::new(query);
        let read = Documents::of([0; 32]).read(request, &Limits::default());
        read.map(drop).map_err(|error| error.message)
    }

    #[test]
    fn what_is_one_thing_may_be_selected_again() {
        for query in [
            "{ head { sequence } head { sequence cursor } }",
            "{ node(id: \"x\") { ... on Country { a: code } ... on Treaty { a: number } } }",
            "{ country(code: \"AZ\") { id ...f } } fragment f on Country { id names { text } ...g }
             fragment g on Country { names { text language } }",
            "{ a: treaty(reference: \"x\") { id } b: treaty(reference: \"y\") { id } }",
            "{ node(id: \"x\") { ... on Record { citations { certainty } } ... on Country { citations { p: locator } }
                ... on Treaty { citations { p: quote } } } }",
            "{ c: changes(filter: { kinds: [COUNTRY], operations: [CREATE] }) { nodes { id } }
               c: changes(filter: { operations: [CREATE], kinds: [COUNTRY] }) { nodes { sequence } } }",
            "query($c: CountryCode = \"AZ\") { country(code: $c) { id } country(code: $c) { code } }",
        ] {
            assert_eq!(read(query), Ok(()), "{query}");
        }
    }

    #[test]
    fn what_is_two_things_is_refused_however_deep() {
        for query in [
            "{ country(code: \"AZ\") { x: id x: code } }",
            "{ head { x: sequence } head { x: cursor } }",
            "{ country(code: \"AZ\") { id } country(code: \"FR\") { id } }",
            "{ country(code: \"AZ\") { ...f } country(code: \"AZ\") { ...g } }
             fragment f on Country { n: names { x: text } } fragment g on Country { n: names { x: language } }",
            "{ node(id: \"x\") { x: id ... on Country { x: code } } }",
            "{ node(id: \"x\") { ... on Country { x: code } ... on Treaty { x: openedOn { edtf } } } }",
            "{ node(id: \"x\") { ... on Country { x: names { y: text } } ... on Treaty { x: protocols { y: version } } } }",
            "{ treaties(first: 1) { nodes { id } } treaties(first: 2) { nodes { id } } }",
        ] {
            let said = read(query).unwrap_err();
            assert!(said.contains("more than once"), "{query}: {said}");
        }
    }
}
