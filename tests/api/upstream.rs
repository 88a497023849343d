//! Faults of async-graphql that we work around: `docs/upstream.md` tells of each. A test fails once a new version of
//! the library no longer shows the fault, and says what may go.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::{
    EmptyMutation, EmptySubscription, Error, Interface, Object, OutputType, Schema, Value, value,
};

struct Dog;

#[Object]
impl Dog {
    async fn name(&self) -> Result<String, Error> {
        Err(Error::new("no name"))
    }
}

#[derive(Interface)]
#[graphql(field(name = "name", ty = "String"))]
enum Pet {
    Dog(Dog),
}

#[derive(Default)]
struct Query {
    calls: AtomicUsize,
}

#[Object]
impl Query {
    async fn dogs(&self) -> Option<Vec<Dog>> {
        Some(vec![Dog])
    }

    async fn pet(&self) -> Option<Pet> {
        Some(Dog.into())
    }

    async fn calls(&self) -> usize {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }

    async fn fails(&self) -> Option<Result<i32, Error>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Some(Err(Error::new("it fails")))
    }

    async fn pair(&self) -> Pair {
        Pair
    }
}

struct Pair;

#[Object]
impl Pair {
    async fn one(&self) -> i32 {
        1
    }

    async fn other(&self) -> Option<Result<i32, Error>> {
        Some(Err(Error::new("no other")))
    }
}

/// What the library answers, with its errors as `message at path`.
async fn answer(document: &str) -> (Value, Vec<String>) {
    let schema = Schema::new(Query::default(), EmptyMutation, EmptySubscription);
    let response = schema.execute(document).await;
    let errors = response.errors.iter().map(|error| {
        let path = serde_json::to_string(&error.path).unwrap();
        format!("{} at {path}", error.message)
    });
    let errors = errors.collect();
    (response.data, errors)
}

#[tokio::test]
async fn the_path_of_an_error_ends_at_the_list_above_it() {
    let (_, errors) = answer("{ dogs { name } }").await;
    assert_eq!(
        errors,
        ["no name at [\"dogs\",0]"],
        "lists keep the path of an error: `graphql::objects::Objects` may become `Vec`"
    );
}

#[tokio::test]
async fn an_error_of_a_field_of_an_interface_has_no_path() {
    let (_, errors) = answer("{ pet { name } }").await;
    assert_eq!(
        errors,
        ["no name at []"],
        "errors of fields of interfaces have a path: `graphql::in_place::Concrete` may lose its part for interfaces"
    );
}

#[test]
fn a_reference_to_an_interface_goes_by_the_name_of_the_interface() {
    let pet = Pet::from(Dog);
    let through = <&Pet as OutputType>::introspection_type_name(&&pet);
    assert_eq!(
        (OutputType::introspection_type_name(&pet), through),
        ("Dog".into(), "Pet".into()),
        "references forward the name of the object: `graphql::page::Edge` may hold a bare node"
    );
}

#[tokio::test]
async fn introspection_tells_null_for_the_interfaces_of_an_interface() {
    let (data, _) = answer("{ __type(name: \"Pet\") { interfaces { name } } }").await;
    assert_eq!(
        data,
        value!({ "__type": { "interfaces": null } }),
        "an interface has a list of interfaces: `graphql::introspection` need not mend it"
    );
}

#[tokio::test]
async fn introspection_tells_of_float_where_nothing_uses_it() {
    let (data, _) = answer("{ __type(name: \"Float\") { kind } }").await;
    assert_eq!(
        data,
        value!({ "__type": { "kind": "SCALAR" } }),
        "`Float` is told of where it is used: `graphql::introspection` need not leave it out"
    );
}

#[tokio::test]
async fn introspection_tells_a_description_of_a_schema_that_has_none() {
    let (data, _) = answer("{ __schema { description } }").await;
    let described = data.into_json().unwrap()["__schema"]["description"].is_string();
    assert!(
        described,
        "a schema without a description has none: `graphql::introspection` need not take it away"
    );
}

#[tokio::test]
async fn a_field_that_is_selected_twice_is_resolved_twice() {
    let (data, _) = answer("{ calls calls last: calls }").await;
    assert_eq!(
        data,
        value!({ "calls": 0, "last": 2 }),
        "equal fields are resolved once: a document need not be normal to be executed"
    );
}

#[tokio::test]
async fn a_field_that_is_selected_twice_fails_twice() {
    let (_, errors) = answer("{ fails fails }").await;
    assert_eq!(
        errors,
        ["it fails at [\"fails\"]", "it fails at [\"fails\"]"],
        "a field fails once: a document need not be normal to be executed"
    );
}
