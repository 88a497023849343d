//! Repeats every read at two other moments in one request. Each moment must give its own answer.

use std::collections::HashSet;
use std::sync::LazyLock;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{OperationType, Selection, TypeKind, TypeSystemDefinition};
use cyberprofiles::domain::record::RecordId;
use cyberprofiles::store::moment::Moment;
use serde_json::{Value, json};

use crate::harness::Api;

/// Root fields that `Snapshot` has too.
static READS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let schema = async_graphql::parser::parse_schema(cyberprofiles::graphql::sdl()).unwrap();
    let snapshot = schema.definitions.into_iter().find_map(|one| match one {
        TypeSystemDefinition::Type(found) if found.node.name.node == "Snapshot" => Some(found.node),
        _ => None,
    });
    let TypeKind::Object(snapshot) = snapshot.unwrap().kind else {
        panic!("Snapshot is an object")
    };
    let fields = snapshot.fields.iter();
    let fields = fields.map(|field| field.node.name.node.to_string());
    let own = ["asOf", "cursor", "knownAt"];
    fields
        .filter(|name| !own.contains(&name.as_str()))
        .collect()
});

/// Splits a query that only reads into its selection and its fragments.
fn reads(query: &str) -> Option<(&str, &str)> {
    let document = parse_query(query).ok()?;
    let mut operations = document.operations.iter();
    let (_, operation) = operations.next()?;
    let only_reads = operation.node.selection_set.node.items.iter().all(|item| {
        matches!(&item.node, Selection::Field(field) if READS.contains(field.node.name.node.as_str()))
    });
    let is_query = operation.node.ty == OperationType::Query;
    let has_variables = !operation.node.variable_definitions.is_empty();
    if operations.next().is_some() || !only_reads || !is_query || has_variables {
        return None;
    }
    let begin = query.find('{')?;
    let mut depth = 0;
    let mut is_text = false;
    for (at, letter) in query.char_indices().skip(begin) {
        match letter {
            '"' => is_text = !is_text,
            '{' if !is_text => depth += 1,
            '}' if !is_text => {
                depth -= 1;
                if depth == 0 {
                    return Some((&query[begin + 1..at], &query[at + 1..]));
                }
            }
            _ => {}
        }
    }
    None
}

#[test]
fn only_queries_that_a_snapshot_can_answer_are_repeated_at_other_moments() {
    let read = "{ a: country(code: \"}\") { name } ...f } ";
    assert_eq!(
        reads(read),
        None,
        "a fragment at the root may select any root field"
    );
    let read = "query { a: country(code: \"}\") { ...f } } fragment f on Country { name }";
    let found = (
        " a: country(code: \"}\") { ...f } ",
        " fragment f on Country { name }",
    );
    assert_eq!(reads(read), Some(found));
    for other in [
        "{ head { sequence } }",
        "mutation { x }",
        "query($code: CountryCode!) { country(code: $code) { name } }",
    ] {
        assert_eq!(reads(other), None, "{other}");
    }
}

/// Returns the answer with ids without moments.
fn plain(answer: &Value) -> Value {
    match answer {
        Value::String(text) => match text.split_once('@') {
            Some((id, _)) if id.parse::<RecordId>().is_ok() => Value::from(id),
            _ => answer.clone(),
        },
        Value::Array(all) => all.iter().map(plain).collect(),
        Value::Object(all) => all
            .iter()
            .map(|(key, one)| (key.clone(), plain(one)))
            .collect(),
        other => other.clone(),
    }
}

/// Repeats a query now, at the newest cursor, and at the commit before it on another as-of date. Compares the answers.
pub async fn check(api: &Api, query: &str, answer: &Value) {
    let Some((selection, fragments)) = reads(query) else {
        return;
    };
    let ask = async |query: String| api.anyone().ask(&query, json!({})).await.data();
    let last =
        ask("{ changes(last: 1) { nodes { sequence transaction { index } } } }".to_owned()).await;
    let last = &last["changes"]["nodes"][0];
    let number = |value: &Value| value.as_i64().unwrap_or_default();
    let [newest, earlier] = [
        number(&last["sequence"]),
        number(&last["sequence"]) - number(&last["transaction"]["index"]) - 1,
    ]
    .map(|sequence| api.store.cursors().write(Moment(sequence.max(0))));
    let then = format!("then: at(asOf: \"2012-06-30\", cursor: \"{earlier}\") {{ {selection} }}");
    let alone = ask(format!("{{ {then} }} {fragments}")).await;
    let beside = ask(format!(
        "{{ {selection} same: at(cursor: \"{newest}\") {{ {selection} }} {then} }} {fragments}"
    ))
    .await;
    assert_eq!(beside["then"], alone["then"], "{query}");
    assert_eq!(plain(&beside["same"]), plain(answer), "{query}");
    for (key, value) in answer.as_object().unwrap() {
        assert_eq!(beside[key], *value, "{query}");
    }
}
