//! Documents and their variables: what is validated before execution.

use reqwest::Method;
use serde_json::json;

use crate::edge::{QUERY, ask};
use crate::harness::Api;

#[tokio::test]
async fn variable_defaults_apply_in_directives() {
    let api = Api::seeded().await;
    for (query, head) in [
        (
            "query($i: Boolean = true) { head { sequence @include(if: $i) } }",
            "sequence",
        ),
        (
            "query($s: Boolean! = true) { head { sequence @skip(if: $s) cursor } }",
            "cursor",
        ),
        (
            "query($i: Boolean! = true) { ... @include(if: $i) { head { cursor } } }",
            "cursor",
        ),
    ] {
        let answer = api.query_once(query).await;
        let told: Vec<&String> = answer["head"].as_object().unwrap().keys().collect();
        assert_eq!(told, [head], "{query}");
    }
    let missing = "query($i: Boolean!) { head { sequence @include(if: $i) } }";
    for variables in [json!({}), json!({ "i": null })] {
        let (status, answer) = ask(&api, json!({ "query": missing, "variables": variables })).await;
        assert_eq!((status, answer.get("data")), (400, None));
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(
            message.contains("$i: expected Boolean!, found "),
            "{message}"
        );
    }
}

#[tokio::test]
async fn an_empty_operation_name_is_read_as_no_name() {
    let api = Api::seeded().await;
    let nameless = json!({ "query": QUERY, "operationName": "" });
    for body in [nameless.clone(), json!({ "query": QUERY }), nameless] {
        let (status, answer) = ask(&api, body.clone()).await;
        assert_eq!((status, answer.get("errors")), (200, None), "{body}");
    }
}

#[tokio::test]
async fn at_most_twenty_short_errors_are_returned_for_one_request() {
    let api = Api::seeded().await;
    let aliases: Vec<String> = (0..199)
        .map(|at| format!("a{at}: operationalUnits(first: $f) {{ totalCount }}"))
        .collect();
    let aliases = aliases.join(" ");
    let by_variable = format!("query($f: Int) {{ country(code: \"AZ\") {{ {aliases} }} }}");
    let literal = by_variable
        .replace("query($f: Int) ", "")
        .replace("$f", &format!("\"{}\"", "A".repeat(2_000)));
    let fields = format!("{{ head {{ {} }} }}", "z ".repeat(9_000));
    for body in [
        json!({ "query": by_variable, "variables": { "f": "A".repeat(400_000) } }),
        json!({ "query": literal }),
        json!({ "query": fields }),
    ] {
        let (_, answer) = ask(&api, body).await;
        let errors = answer["errors"].as_array().unwrap();
        assert!((1..=20).contains(&errors.len()), "{}", errors.len());
        assert!(answer.to_string().len() < 20_000);
    }
}

#[tokio::test]
async fn variables_of_another_type_are_refused_with_their_path() {
    let api = Api::seeded().await;
    let filter = "query($f: TreatyEventFilter) { treatyEvents(filter: $f) { totalCount } }";
    let size = "query($s: Int) { countries(first: $s) { totalCount } }";
    for (query, variables, why) in [
        (size, json!({ "s": "1" }), "$s: expected Int, found \"1\""),
        (size, json!({ "s": 2_147_483_648_i64 }), "$s: expected Int"),
        (filter, json!({ "f": 1 }), "$f: expected TreatyEventFilter"),
        (filter, json!({ "f": { "zzz": 1 } }), "no field `zzz`"),
        (
            filter,
            json!({ "f": { "kinds": ["NOTHING"] } }),
            "$f.kinds[0]: expected TreatyEventKind!, found",
        ),
        (
            filter,
            json!({ "f": { "kinds": [null] } }),
            "$f.kinds[0]: expected TreatyEventKind!, found null",
        ),
    ] {
        let (status, answer) = ask(&api, json!({ "query": query, "variables": variables })).await;
        assert_eq!(status, 400);
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(why), "{why}: {message}");
    }
    for (query, variables) in [
        (size, json!({ "s": 1 })),
        (size, json!({})),
        (filter, json!({ "f": null })),
        // A single value is coerced to a list of one.
        (filter, json!({ "f": { "kinds": "SIGNATURE" } })),
    ] {
        api.anyone().ask(query, variables).await.data();
    }
}

#[tokio::test]
async fn duplicate_input_fields_and_invalid_utf8_are_refused() {
    let api = Api::seeded().await;
    for (query, why) in [
        (
            "{ treatyEvents(filter: { treaty: \"ETS 185\", treaty: \"ETS 189\" }) { totalCount } }",
            "`treaty` is given twice",
        ),
        (
            "query($f: TreatyEventFilter = { kinds: SIGNATURE kinds: RATIFICATION }) { treatyEvents(filter: $f) { totalCount } }",
            "`kinds` is given twice",
        ),
    ] {
        let (status, answer) = ask(&api, json!({ "query": query })).await;
        assert_eq!(status, 400, "{answer}");
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(why), "{message}");
    }
    // The same field name in two input objects, and the same alias in two selections, is no duplicate.
    let query = "{ a: treatyEvents(filter: { treaty: \"ETS 185\" }) { a: totalCount }
        b: treatyEvents(filter: { treaty: \"ETS 189\" }) { a: totalCount } }";
    assert_eq!(ask(&api, json!({ "query": query })).await.0, 200);
    let address = "/graphql?query=%7Bhead%7Bsequence%7D%7D&operationName=%ff";
    let answer = api.request(Method::GET, address).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("UTF-8"));
    // Parameters of other programs are ignored.
    let address = "/graphql?query=%7Bhead%7Bsequence%7D%7D&utm=%ff";
    let answer = api.request(Method::GET, address).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}
