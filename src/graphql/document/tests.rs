use std::time::{Duration, Instant};

use async_graphql::parser::types::Selection;
use async_graphql::{Pos, ServerError};

use super::*;

fn document(query: &str) -> Result<Document, Vec<ServerError>> {
    let read = Documents::of([0; 32]).read(Request::new(query), &Limits::default(), false);
    read.map_err(|refused| refused.errors)
}

fn read(query: &str) -> Result<OperationType, String> {
    let read = document(query);
    read.map(|document| document.operation)
        .map_err(|errors| errors.first().unwrap().message.clone())
}

/// The normal form of a document as text.
fn form(query: &str) -> String {
    let document = document(query).map_err(|errors| errors.first().unwrap().message.clone());
    written(&document.unwrap().form.root.selection_set.node)
}

fn written(set: &async_graphql::parser::types::SelectionSet) -> String {
    let items = set.items.iter().map(|item| match &item.node {
        Selection::Field(field) => {
            let field = &field.node;
            let key = field.response_key().node.as_str();
            match written(&field.selection_set.node).as_str() {
                "" => key.to_owned(),
                below => format!("{key} {{ {below} }}"),
            }
        }
        Selection::InlineFragment(inline) => {
            let on = &inline.node.type_condition.as_ref().unwrap().node.on.node;
            format!(
                "... on {on} {{ {} }}",
                written(&inline.node.selection_set.node)
            )
        }
        Selection::FragmentSpread(_) => panic!("a normal form has no fragment spreads"),
    });
    items.collect::<Vec<_>>().join(" ")
}

fn many(count: usize, make: &dyn Fn(usize) -> String) -> String {
    (0..count).map(make).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_raw_text_is_bounded_before_it_is_parsed() {
    let brackets = |count: usize| {
        format!(
            "{{ node(id: {}1{}) {{ id }} }}",
            "[".repeat(count),
            "]".repeat(count)
        )
    };
    let message = read(&brackets(62)).unwrap_err();
    assert!(message.starts_with("expected ID!, found [[["), "{message}");
    let too_deep = Err("the request has more than 64 nested brackets".to_owned());
    assert_eq!(read(&brackets(63)), too_deep);
    assert_eq!(read(&brackets(100_000)), too_deep);
    let hidden =
        "{ a: node(id: \"[[[\\\"[\") { id } b: node(id: \"\"\"[\\\"\"\"[\"\"\") { id } } # [[[";
    assert_eq!(read(hidden), Ok(OperationType::Query));
    let tokens = |count: usize| format!("{{ head {{ {} }} }}", "cursor ".repeat(count));
    assert_eq!(read(&tokens(9_995)), Ok(OperationType::Query));
    let too_many = Err("the request has more than 10000 tokens".to_owned());
    assert_eq!(read(&tokens(9_996)), too_many);
}

#[test]
fn brackets_after_an_unterminated_string_are_not_hidden() {
    let nest = "[".repeat(100_000);
    for hidden in ["\"\"\"x\"", "\"x\n", "\"\\\\\\\"", "\"\"\"\\\"\"\""] {
        let refused = read(&format!("{{ node(id: [{hidden}{nest}")).unwrap_err();
        assert!(refused.contains("has no end"), "{hidden}: {refused}");
    }
    for whole in ["\"\"\"[[\"[[\"\"\"", "\"[\\\"[\"", "\"\"", "\"\\\\\""] {
        let text = format!("{{ node(id: {whole}) {{ id }} }}");
        assert_eq!(read(&text), Ok(OperationType::Query));
    }
}

#[test]
fn fragments_are_counted_wherever_they_are_spread() {
    let spreads = many(40, &|at| {
        let next = at + 1;
        format!("fragment f{at} on Query {{ ...f{next} ...f{next} }}")
    });
    let bomb = format!("{{ ...f0 }} {spreads} fragment f40 on Query {{ head {{ sequence }} }}");
    assert!(read(&bomb).unwrap_err().contains("more than"));
    let hollow = format!("{{ ...f0 }} {spreads}");
    assert!(read(&hollow).unwrap_err().contains("selections"));
    let beside = format!("query a {{ head {{ cursor }} }} query b {{ ...f0 }} {spreads}");
    assert!(read(&beside).unwrap_err().contains("selections"));
    let cycle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
    assert_eq!(read(cycle).unwrap_err(), "the fragment `a` contains itself");
    let aliases = many(201, &|at| format!("a{at}: cursor"));
    let refused = read(&format!("{{ head {{ {aliases} }} }}")).unwrap_err();
    assert!(refused.contains("200 aliases"), "{refused}");
    let roots = many(31, &|at| format!("x{at}: head {{ cursor }}"));
    let refused = read(&format!("{{ {roots} }}")).unwrap_err();
    assert!(refused.contains("30 fields at its root"), "{refused}");
}

/// The shortest of three times that it takes to read a text.
fn time(text: &str) -> Duration {
    let one = || {
        let begun = Instant::now();
        drop(read(text));
        begun.elapsed()
    };
    (0..3).map(|_| one()).min().unwrap_or_default()
}

#[test]
fn reading_time_does_not_depend_on_the_content_of_strings() {
    let tail = "a".repeat(800_000);
    let strings = format!(
        "{{ node(id: \"\"\"{}{tail}\"\"\") {{ id }} }}",
        "\\\"\"\"\n".repeat(3_000)
    );
    assert!(time(&strings) < 5 * time(&format!("{{ node(id: \"\"\"{tail}\"\"\") {{ id }} }}")));
    let argument = "s".repeat(100_000);
    let field = format!("node(id: \"{argument}\") {{ id }}");
    let spreads: Vec<String> = (0..100)
        .map(|at| format!("a{at}: at(asOf: \"2020-01-01\") {{ ...f }}"))
        .collect();
    let spread = |twice: &str| {
        let spreads = spreads.get(..20).unwrap().join(" ");
        format!("{{ {spreads} }} fragment f on Snapshot {{ {field} {twice} }}")
    };
    assert_eq!(read(&spread(&field)), Ok(OperationType::Query));
    assert!(time(&spread(&field)) < 5 * time(&spread("")));
}

#[test]
fn a_document_with_several_operations_needs_an_operation_name() {
    let two = "query a { head { cursor } } mutation b { withdrawContribution(input: { id: \"x\" }) { contribution { id } } }";
    assert!(read(two).unwrap_err().contains("operationName"));
    let request = Request::new(two).operation_name("b");
    let document = Documents::of([0; 32]).read(request, &Limits::default(), false);
    let operation = document.map(|document| document.operation);
    assert!(matches!(operation, Ok(OperationType::Mutation)));
    let long = Request::new(two).operation_name("n".repeat(1_000_000));
    let refused = Documents::of([0; 32]).read(long, &Limits::default(), false);
    let refused = refused.err().unwrap().errors.pop().unwrap().message;
    assert!(refused.len() < 200, "{}", refused.len());
}

#[test]
fn equal_fields_are_merged() {
    let merged = [
        (
            "{ head { cursor } head { sequence cursor } }",
            "head { cursor sequence }",
        ),
        (
            "{ ...F ...F } fragment F on Query { head { cursor } ... { head { sequence } } }",
            "head { cursor sequence }",
        ),
        (
            "{ node(id: \"x\") { id ... on Country { code } ... on Country { version code } } }",
            "node { id ... on Country { code version } }",
        ),
    ];
    for (query, expected) in merged {
        assert_eq!(form(query), expected, "{query}");
    }
}

#[test]
fn a_field_of_some_object_types_keeps_its_type_condition() {
    let query = "{ node(id: \"x\") { ... on Country { x: id } y: id ... on Treaty { x: id } } }";
    assert_eq!(
        form(query),
        "node { ... on Country { x } y ... on Treaty { x } }"
    );
    // A condition that all objects of an interface share yields one field.
    let query = "{ node(id: \"x\") { ... on Record { version } } }";
    assert_eq!(form(query), "node { ... on Record { version } }");
    let query = "{ node(id: \"x\") { id ... on Country { code names { text } } ... on Country { names { language } } } }";
    assert_eq!(
        form(query),
        "node { id ... on Country { code names { text language } } }"
    );
}

#[test]
fn skip_and_include_are_evaluated() {
    let query = "{ head { cursor @skip(if: true) sequence @include(if: true) ... @include(if: false) { cursor } } }";
    assert_eq!(form(query), "head { sequence }");
    let query = "query ($a: Boolean!, $b: Boolean = true) { head { cursor @skip(if: $a) ... @include(if: $b) { sequence } } }";
    let documents = Documents::of([0; 32]);
    let of = |a: bool, b: Option<bool>| {
        let mut variables = serde_json::json!({ "a": a });
        if let Some(b) = b {
            variables["b"] = b.into();
        }
        let request = Request::new(query).variables(Variables::from_json(variables));
        let document = documents
            .read(request, &Limits::default(), false)
            .map_err(|_| "refused");
        written(&document.unwrap().form.root.selection_set.node)
    };
    assert_eq!(of(false, None), "head { cursor sequence }");
    assert_eq!(of(true, None), "head { sequence }");
    assert_eq!(of(false, Some(false)), "head { cursor }");
    assert_eq!(of(true, Some(false)), "head");
}

#[test]
fn no_abstract_type_has_more_than_128_object_types() {
    let schema = schema().unwrap();
    let most = schema
        .abstract_types()
        .map(|(_, objects)| objects.len())
        .max();
    assert!(
        most.is_some_and(|most| (2..=128).contains(&most)),
        "{most:?}"
    );
}

#[test]
fn a_field_that_an_interface_lacks_is_selected_on_one_that_has_it() {
    // Each object of `Institution` is a `Record`; `Institution` has no `citations`.
    let query = "{ records(kinds: [OPERATIONAL_UNIT]) { nodes { ... on OperationalUnit {
        parent { ... on Record { citations { certainty } } id } } } } }";
    assert_eq!(
        form(query),
        "records { nodes { ... on OperationalUnit { parent { ... on Record { citations { certainty } } id } } } }"
    );
}

#[test]
fn nesting_counts_through_spread_fragments() {
    let nested = |levels: usize, below: &str| {
        format!("{}{below}{}", "...{".repeat(levels), "}".repeat(levels))
    };
    let fragment = |at: usize| {
        let below = if at == 0 {
            "id".to_owned()
        } else {
            format!("...f{}", at - 1)
        };
        format!("fragment f{at} on Country {{ {} }}", nested(60, &below))
    };
    let fragments = many(30, &fragment);
    let document = format!("{fragments} {{ countries(first: 1) {{ nodes {{ ...f29 }} }} }}");
    let refused = read(&document).unwrap_err();
    assert!(refused.contains("levels of nested selections"), "{refused}");
}

#[test]
fn every_fragment_of_one_name_is_measured() {
    let doubled = many(12, &|at| {
        format!("fragment d{} on Country {{ ...d{at} ...d{at} }}", at + 1)
    });
    let document = format!(
        "{{ countries(first: 1) {{ nodes {{ ...G }} }} }} fragment d0 on Country {{ id }} {doubled}
         fragment G on Country {{ {} }} fragment G on Country {{ id }}",
        "...d12 ".repeat(1_000)
    );
    let refused = read(&document).unwrap_err();
    assert!(refused.contains("selections"), "{refused}");
}

#[test]
fn a_long_value_cannot_be_used_in_many_places() {
    let ids = "$v ".repeat(1_000);
    let query = format!("query ($v: ID!) {{ nodes(ids: [{ids}]) {{ id }} }}");
    let read = |length: usize| {
        let variables = serde_json::json!({ "v": "x".repeat(length) });
        let request = Request::new(&query).variables(Variables::from_json(variables));
        let read = Documents::of([0; 32]).read(request, &Limits::default(), false);
        read.map(drop)
            .map_err(|refused| refused.errors[0].message.clone())
    };
    assert_eq!(read(100), Ok(()));
    assert!(read(400_000).unwrap_err().contains("several places"));
}

#[test]
fn introspection_fields_unknown_to_the_validator_have_no_subfields() {
    let query = |field: &str| {
        format!(
            "query ($v: Boolean = true) {{ __type(name: \"Country\") {{ {field} name @include(if: $v) }} }}"
        )
    };
    assert_eq!(read(&query("isOneOf")), Ok(OperationType::Query));
    assert_eq!(
        read(&query("isOneOf @skip(if: $v)")),
        Ok(OperationType::Query)
    );
    for field in ["isOneOf { a }", "isOneOf(x: 1)", "isOneOf @nothing"] {
        assert!(read(&query(field)).is_err(), "{field}");
    }
}

#[test]
fn a_syntax_error_has_the_position_of_the_token() {
    let document = "# \u{2028} a comment\n{ countries(first: 1 { totalCount } }";
    let errors = document_of(document);
    let error = errors.first().unwrap();
    assert_eq!(
        error.locations,
        [Pos {
            line: 2,
            column: 22
        }]
    );
    assert!(error.message.contains("found `{`"), "{}", error.message);
}

fn document_of(query: &str) -> Vec<ServerError> {
    document(query).map(drop).unwrap_err()
}

#[test]
fn validation_takes_less_than_a_second() {
    let split = |levels: usize, fields: usize| {
        let mut below = "id ".repeat(fields);
        for _ in 0..levels {
            below = format!(
                "parent {{ {below} }} ... on CybersecurityBody {{ parent {{ id }} }} ... on OperationalUnit {{ parent {{ id }} }}"
            );
        }
        format!("{{ policyDocuments(first: 1) {{ nodes {{ issuer {{ {below} }} }} }} }}")
    };
    let documents = [
        format!("{{ head {{ {} }} }}", "cursor ".repeat(5_000)),
        format!(
            "{{ {} }} {}",
            many(1_000, &|at| format!("...f{at}")),
            many(1_000, &|at| format!(
                "fragment f{at} on Query {{ head {{ cursor }} }}"
            ))
        ),
        split(12, 1_000),
        split(12, 8_000),
        split(15, 10),
        format!(
            "{{ ...f0 }} {} fragment f9 on Query {{ head {{ cursor }} }}",
            many(9, &|at| format!(
                "fragment f{at} on Query {{ ...f{0} ...f{0} }}",
                at + 1
            ))
        ),
    ];
    for text in documents {
        let took = time(&text);
        assert!(
            took < Duration::from_secs(1),
            "{took:?} for {}",
            text.get(..60).unwrap()
        );
    }
}

#[test]
fn long_comments_and_strings_do_not_exhaust_the_stack() {
    let documents = [
        format!("{} {{ head {{ cursor }} }}", "#\n".repeat(9_000)),
        format!("#{}\n{{ head {{ cursor }} }}", "é".repeat(100_000)),
        format!("{} {{ head {{ cursor }} }}", "\u{feff}".repeat(100_000)),
        format!("{{ node(id: \"{}\") {{ id }} }}", "中".repeat(100_000)),
        format!(
            "{{ node(id: \"\"\"{}\"\"\") {{ id }} }}",
            "é\n".repeat(100_000)
        ),
    ];
    for text in documents {
        assert_eq!(read(&text), Ok(OperationType::Query));
    }
}
