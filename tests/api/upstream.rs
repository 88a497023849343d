//! Faults of libraries for which the program has a workaround, described in `docs/upstream.md`. A test fails once a new
//! version of the library no longer has the fault; its message names the code to remove.

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

    async fn sum(&self, #[graphql(default = 1)] of: i32) -> Option<i32> {
        Some(of)
    }
}

/// Answer of the library, with its errors as `message at path`.
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
async fn async_graphql_ends_the_path_of_an_error_at_the_list_above_it() {
    let (_, errors) = answer("{ dogs { name } }").await;
    assert_eq!(
        errors,
        ["no name at [\"dogs\",0]"],
        "lists keep the path of an error: `graphql::engine::objects::Objects` may become `Vec`"
    );
}

#[tokio::test]
async fn async_graphql_gives_no_path_to_an_error_in_a_field_of_an_interface() {
    let (_, errors) = answer("{ pet { name } }").await;
    assert_eq!(
        errors,
        ["no name at []"],
        "errors of fields of interfaces have a path: `graphql::engine::inline_resolve::Concrete` may lose its part for interfaces"
    );
}

#[test]
fn async_graphql_names_a_reference_to_an_interface_after_the_interface() {
    let pet = Pet::from(Dog);
    let through = <&Pet as OutputType>::introspection_type_name(&&pet);
    assert_eq!(
        (OutputType::introspection_type_name(&pet), through),
        ("Dog".into(), "Pet".into()),
        "references forward the name of the object: `graphql::page::Edge` may hold a bare node"
    );
}

#[tokio::test]
async fn async_graphql_introspects_null_as_the_interfaces_of_an_interface() {
    let (data, _) = answer("{ __type(name: \"Pet\") { interfaces { name } } }").await;
    assert_eq!(
        data,
        value!({ "__type": { "interfaces": null } }),
        "an interface has a list of interfaces: `graphql::object::introspection` need not correct it"
    );
}

#[tokio::test]
async fn async_graphql_introspects_the_reason_of_deprecation_as_nullable() {
    let (data, _) = answer("{ __schema { directives { name args { type { kind } } } } }").await;
    let data = data.into_json().unwrap();
    let directives = data["__schema"]["directives"].as_array().unwrap();
    let deprecated = directives.iter().find(|one| one["name"] == "deprecated");
    assert_eq!(
        deprecated.unwrap()["args"],
        serde_json::json!([{ "type": { "kind": "SCALAR" } }]),
        "the reason may not be null: the deviation in `tests/clients/differential` can be removed"
    );
}

#[tokio::test]
async fn async_graphql_introspects_a_description_of_a_schema_that_has_none() {
    let (data, _) = answer("{ __schema { description } }").await;
    let described = data.into_json().unwrap()["__schema"]["description"].is_string();
    assert!(
        described,
        "a schema without a description has none: `graphql::object::introspection` need not remove it"
    );
}

#[tokio::test]
async fn async_graphql_resolves_a_field_twice_if_it_is_selected_twice() {
    let (data, _) = answer("{ calls calls last: calls }").await;
    assert_eq!(
        data,
        value!({ "calls": 0, "last": 2 }),
        "equal fields are resolved once: a document need not be normal to be executed"
    );
}

#[tokio::test]
async fn async_graphql_reports_an_error_twice_if_its_field_is_selected_twice() {
    let (_, errors) = answer("{ fails fails }").await;
    assert_eq!(
        errors,
        ["it fails at [\"fails\"]", "it fails at [\"fails\"]"],
        "a field fails once: a document need not be normal to be executed"
    );
}

/// True if the parser of async-graphql accepts a document.
fn reads(document: &str) -> bool {
    async_graphql::parser::parse_query(document).is_ok()
}

#[test]
fn async_graphql_rejects_documents_that_the_specification_allows() {
    for document in [
        r#"{ a(s: "\u{1F600}") }"#,
        r#"{ a(s: "\ud83d\ude00") }"#,
        "query ($v: [ Int! ]) { a(l: $v) }",
        "{ ...f } fragment f on # a comment\n Query { a }",
        "\"A description.\" query Q { a }",
    ] {
        let message = "is read: `document::parse` may use the parser of the library, once it reads all of these";
        assert!(!reads(document), "{document} {message}");
    }
}

#[test]
fn async_graphql_parses_texts_that_are_no_documents() {
    for document in [
        "queryFoo { a }",
        "{ a(b: nullc: null) }",
        "query Q() { a }",
        "{ a(l: [00]) }",
    ] {
        let message = "is not read: `document::parse` may use the parser of the library, once it refuses all of these";
        assert!(reads(document), "{document} {message}");
    }
}

#[test]
fn async_graphql_keeps_the_backslash_before_quotes_in_a_block_string() {
    let document = async_graphql::parser::parse_query(r#"{ a(s: """a\"""b""") }"#).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    let set = &operation.node.selection_set.node;
    let async_graphql::parser::types::Selection::Field(field) = &set.items[0].node else {
        panic!("a field is selected")
    };
    let value = field.node.get_argument("s").unwrap().node.to_string();
    assert_eq!(
        value, r#""a\\\"\"\"b""#,
        "quotes of a block string lose their backslash: `document::parse` may use the parser of the library"
    );
}

#[tokio::test]
async fn async_graphql_lacks_validation_rules() {
    for document in [
        "{ calls __typename @nothing }",
        "{ calls __typename(x: 1) }",
    ] {
        let schema = Schema::new(Query::default(), EmptyMutation, EmptySubscription);
        let request = async_graphql::Request::new(document);
        let response = schema.execute(request).await;
        assert!(
            response.errors.is_empty(),
            "{document} is refused: `document::validate` may leave more to the library, once it refuses all of these"
        );
    }
}

#[tokio::test]
async fn async_graphql_nulls_the_whole_object_when_an_argument_fails() {
    let schema = Schema::new(Query::default(), EmptyMutation, EmptySubscription);
    let document = "query ($v: Int) { pair { sum(of: $v) } }";
    let variables = async_graphql::Variables::from_json(serde_json::json!({ "v": null }));
    let request = async_graphql::Request::new(document).variables(variables);
    let response = schema.execute(request).await;
    assert_eq!(
        response.data,
        Value::Null,
        "a field whose argument fails is null: the deviation in `tests/clients/differential` can be removed"
    );
}

type Definitions = bluejay_parser::ast::definition::DefinitionDocument<'static>;

const SDL: &str =
    "type Query { a: Int query: Query node: Node } type Subscription { a: Int b: Int }
    interface Node { a: Int node: Node } type One implements Node { a: Int node: Node }
    type Other implements Node { a: Int node: Node }";

/// Number of faults that bluejay finds in a document.
fn faults(document: &str) -> usize {
    use bluejay_parser::ast::Parse as _;
    use bluejay_parser::ast::definition::SchemaDefinition;
    use bluejay_parser::ast::executable::ExecutableDocument;
    use bluejay_validator::executable::Cache;
    use bluejay_validator::executable::document::BuiltinRulesValidator;

    let definitions = Definitions::parse(SDL).result.unwrap();
    let schema = SchemaDefinition::try_from(&definitions).ok().unwrap();
    match ExecutableDocument::parse(document).result {
        Err(faults) => faults.len(),
        Ok(parsed) => {
            let cache = Cache::new(&parsed, &schema);
            BuiltinRulesValidator::validate(&parsed, &schema, &cache).count()
        }
    }
}

/// Shortest time in which bluejay finds a document valid.
fn shortest(document: &str) -> std::time::Duration {
    let one = || {
        let begun = std::time::Instant::now();
        assert_eq!(faults(document), 0);
        begun.elapsed()
    };
    (0..3).map(|_| one()).min().unwrap()
}

#[test]
fn bluejay_pairs_the_escapes_of_a_string_from_its_beginning() {
    let document = r#"query ($v: String = "\u0041\ud83d\ude00") { a @skip(if: $v) }"#;
    let other = r#"query ($v: String = "A\ud83d\ude00") { a @skip(if: $v) }"#;
    assert_eq!(
        (faults(document), faults(other)),
        (1, 1),
        "the condition is wrong in both"
    );
    let parses = |document| {
        use bluejay_parser::ast::Parse as _;
        bluejay_parser::ast::executable::ExecutableDocument::parse(document)
            .result
            .is_ok()
    };
    assert_eq!(
        (parses(document), parses(other)),
        (false, true),
        "each pair of surrogates is read: `document::scan` need not write it as one escape"
    );
}

#[test]
fn bluejay_rejects_a_dollar_separated_from_its_name() {
    assert_eq!(faults("query ($v: Boolean!) { a @skip(if: $v) }"), 0);
    assert_ne!(
        faults("query ($ v: Boolean!) { a @skip(if: $ v) }"),
        0,
        "a dollar may stand apart: `document::scan` need not move it"
    );
}

#[test]
fn bluejay_counts_selections_and_not_fields_of_a_subscription() {
    assert_ne!(
        faults("subscription { a a }"),
        0,
        "equal fields are one: `document::validate` may leave the rule to the validator"
    );
    for document in [
        "subscription { __typename }",
        "subscription ($v: Boolean!) { a @skip(if: $v) }",
        "subscription { ... { ... { a b } } }",
    ] {
        assert_eq!(
            faults(document),
            0,
            "{document} is refused: `document::validate` may leave the rule to the validator, once it refuses all of these"
        );
    }
}

#[test]
fn bluejay_lacks_fields_of_introspection() {
    assert_eq!(faults("{ __type(name: \"Query\") { name } }"), 0);
    for document in [
        "{ __type(name: \"Query\") { isOneOf } }",
        "{ __type(name: \"Query\") { inputFields { isDeprecated } } }",
        "{ __type(name: \"Query\") { inputFields { deprecationReason } } }",
    ] {
        assert_ne!(
            faults(document),
            0,
            "{document} is valid: `document::validate` need not let it pass"
        );
    }
}

#[test]
fn bluejay_takes_twice_as_long_for_each_fragment_that_spreads_the_next_one_twice() {
    let time = |levels: usize| {
        let fragment = |at: usize| format!("fragment f{at} on Query {{ ...f{0} ...f{0} }}", at + 1);
        let fragments: Vec<_> = (0..levels).map(fragment).collect();
        let fragments = fragments.join(" ");
        let document = format!("{{ ...f0 }} {fragments} fragment f{levels} on Query {{ a }}");
        shortest(&document)
    };
    assert!(
        time(12) > 8 * time(6),
        "fragments are walked once: `document::measure` need not count before the validation"
    );
}

#[test]
fn bluejay_merges_the_fields_of_an_interface_again_for_each_object_type() {
    let time = |levels: usize| {
        let mut below = "a".to_owned();
        for _ in 0..levels {
            below = format!(
                "node {{ {below} }} ... on One {{ node {{ a }} }} ... on Other {{ node {{ a }} }}"
            );
        }
        let document = format!("{{ node {{ {below} }} }}");
        shortest(&document)
    };
    assert!(
        time(12) > 8 * time(6),
        "fields are merged once: `document::merges` can be removed"
    );
}
