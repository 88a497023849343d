//! Equivalent selections of the same objects: each gets the same answer.

use serde_json::{Value, json};

use crate::harness::{Api, retitle};

/// A query of treaty events with a selection and fragments.
fn events(selected: &str, fragments: &str) -> String {
    format!(
        "{{ treatyEvents(first: 40, filter: {{ treaty: \"ETS 185\" }}) {{ nodes {{ {selected} }} edges {{ node {{ {selected} }} }} }} }} {fragments}"
    )
}

#[tokio::test]
async fn equivalent_selections_return_the_same_object() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let whole = "__typename kind date { edtf __typename } treaty { organisation parent { title } } country { name }";
    let fragment = format!("fragment f on TreatyEvent {{ {whole} }}");
    let many: Vec<String> = (0..30).map(|at| format!("k{at}: kind")).collect();
    let ways = [
        (whole.to_owned(), String::new()),
        ("...f".to_owned(), fragment.clone()),
        (format!("... {{ {whole} }}"), String::new()),
        (format!("... on TreatyEvent {{ {whole} }}"), String::new()),
        (
            "... on Record { __typename } kind ...g".to_owned(),
            "fragment g on TreatyEvent { date { edtf __typename } treaty { organisation parent { title } } country { name } }".to_owned(),
        ),
        (
            format!("{whole} kind date {{ edtf }} treaty {{ parent {{ title }} }}"),
            String::new(),
        ),
        (
            format!("{whole} recordId @include(if: false) label @skip(if: true)"),
            String::new(),
        ),
        (format!("{whole} {}", many.join(" ")), String::new()),
    ];
    let mut expected: Option<Value> = None;
    for (number, (selected, fragments)) in ways.iter().enumerate() {
        let query = events(selected, fragments);
        // A cached answer is equal to one that has to be read.
        eva.publish(retitle(
            i32::try_from(number).unwrap() + 1,
            &format!("Title {number}"),
        ))
        .await;
        for _ in 0..2 {
            let mut answer = api.query(&query).await;
            let found = answer["treatyEvents"].take();
            let nodes = found["nodes"].as_array().unwrap();
            let edges = found["edges"].as_array().unwrap();
            assert_eq!((nodes.len(), edges.len()), (40, 40));
            let mut nodes: Vec<Value> = nodes.clone();
            for (node, edge) in nodes.iter_mut().zip(edges) {
                assert_eq!(*node, edge["node"]);
                let kind = node["kind"].clone();
                let members = node.as_object_mut().unwrap();
                for at in 0..30 {
                    if let Some(other) = members.remove(&format!("k{at}")) {
                        assert_eq!(other, kind);
                    }
                }
                assert_eq!(members["__typename"], json!("TreatyEvent"));
            }
            let nodes = Value::Array(nodes);
            assert_eq!(
                *expected.get_or_insert_with(|| nodes.clone()),
                nodes,
                "{query}"
            );
        }
    }
}

#[tokio::test]
async fn an_error_names_its_path_and_leaves_other_nullable_fields_intact() {
    let api = Api::seeded().await;
    let query = "{ countries(first: 2, orderBy: CODE) { nodes { code bad: name(language: [\"english\"]) } } }";
    let answer = api.anyone().ask(query, json!({})).await;
    assert_eq!(answer.body["data"]["countries"], Value::Null);
    assert_eq!(
        answer.body["errors"][0]["path"],
        json!(["countries", "nodes", 0, "bad"])
    );
    let query = "{ countries(first: 2, orderBy: CODE) { nodes { code bad: treatyStatus(treaty: \"?\") { status } } } }";
    let answer = api.anyone().ask(query, json!({})).await;
    let nodes = answer.body["data"]["countries"]["nodes"]
        .as_array()
        .unwrap();
    assert_eq!(nodes.len(), 2);
    for (at, node) in nodes.iter().enumerate() {
        assert!(node["code"].is_string() && node["bad"].is_null(), "{node}");
        let path = json!(["countries", "nodes", at, "bad"]);
        let errors = answer.body["errors"].as_array().unwrap();
        assert!(
            errors.iter().any(|error| error["path"] == path),
            "{errors:?}"
        );
    }
}
