//! Documents and their variables: what is validated before execution.

use reqwest::Method;
use serde_json::{Value, json};

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
async fn twenty_short_errors_and_one_that_there_are_more_are_returned_for_one_request() {
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
        assert!((1..=21).contains(&errors.len()), "{}", errors.len());
        if errors.len() > 1 {
            let last = errors.last().unwrap();
            let message = last["message"].as_str().unwrap();
            assert!(message.starts_with("there are more faults"), "{message}");
            assert!(last["locations"][0]["line"].is_u64(), "{last}");
        }
        assert!(answer.to_string().len() < 20_000);
    }
}

/// The messages of the errors of a request.
async fn messages(api: &Api, body: Value) -> Vec<String> {
    let (status, answer) = ask(api, body).await;
    assert_eq!(status, 400, "{answer}");
    let errors = answer["errors"].as_array().unwrap();
    let messages = errors
        .iter()
        .map(|error| error["message"].as_str().unwrap());
    messages.map(str::to_owned).collect()
}

#[tokio::test]
async fn all_faults_of_a_document_are_told_at_once() {
    let api = Api::seeded().await;
    let document = "query ($unused: Int, $c: CountryCode) {
        country(code: $c) { foo treatyStatus(reference: \"ETS 185\") { status { id } } names }
        countries(orderBy: NAMES, filter: { kinds: [STATE, PLANET], codes: [1, \"AZ\", 2], foo: 1, treatyStatus: {} }) { totalCount }
        ...Missing
    }
    fragment Spare on Country { bar }";
    let found = messages(&api, json!({ "query": document })).await;
    for fault in [
        "Country has no field `foo`",
        "`treatyStatus` has no argument `reference`",
        "TreatyStatus! has no fields: expected no selection set",
        "`names` is [LocalizedText!]!: expected a selection",
        "CountryOrder has no value `NAMES`: expected one of ",
        "CountryKind has no value `PLANET`: expected one of ",
        "expected CountryCode: a string with two letters of ISO 3166-1 alpha-2, like \u{201c}AZ\u{201d}, found 1",
        "expected CountryCode: a string with two letters of ISO 3166-1 alpha-2, like \u{201c}AZ\u{201d}, found 2",
        "CountryFilter has no field `foo`",
        "TreatyStatusFilter needs `status` and `treaty`",
        "the document has no fragment `Missing`",
        "the fragment `Spare` is never spread",
        "Country has no field `bar`",
        "the variable $unused is never used",
        "the variable $c has type CountryCode, but CountryCode! is expected here",
    ] {
        let count = found
            .iter()
            .filter(|message| message.starts_with(fault))
            .count();
        assert_eq!(count, 1, "{fault}: {found:#?}");
    }
    assert_eq!(found.len(), 15, "{found:#?}");
    let fields = |count: usize| {
        let fields: Vec<String> = (0..count).map(|at| format!("z{at}")).collect();
        json!({ "query": format!("{{ head {{ {} }} }}", fields.join(" ")) })
    };
    assert_eq!(messages(&api, fields(20)).await.len(), 20);
    let more = messages(&api, fields(21)).await;
    assert_eq!(more.len(), 21);
    assert_eq!(
        more[20],
        "there are more faults, here and perhaps elsewhere: correct the first 20"
    );
}

#[tokio::test]
async fn all_faults_of_variables_are_told_at_once_each_with_its_path() {
    let api = Api::seeded().await;
    let document = "query ($f: CountryFilter, $n: Int!, $o: CountryOrder) {
        countries(filter: $f, first: $n, orderBy: $o) { totalCount } }";
    let filter = json!({ "kinds": ["STATE", "PLANET"], "codes": [1, "AZ", null], "foo": 1,
        "treatyStatus": { "treaty": 185 }, "hasProfile": "yes" });
    let body = json!({ "query": document, "variables": { "f": filter, "o": "NAMES" } });
    let found = messages(&api, body).await;
    for fault in [
        "$f: CountryFilter has no field `foo`",
        "$f.kinds[1]: expected CountryKind!, found \"PLANET\": expected one of ",
        "$f.codes[0]: expected CountryCode: a string with two letters",
        "$f.codes[2]: expected CountryCode!, found null",
        "$f.treatyStatus.treaty: expected TreatyReference: a string with a series and a number or word, like \u{201c}ETS 185\u{201d}, found 185",
        "$f.treatyStatus: TreatyStatusFilter needs `status`",
        "$f.hasProfile: expected Boolean, found \"yes\"",
        "$n: expected Int!, found no value",
        "$o: expected CountryOrder, found \"NAMES\": expected one of ",
    ] {
        let count = found
            .iter()
            .filter(|message| message.starts_with(fault))
            .count();
        assert_eq!(count, 1, "{fault}: {found:#?}");
    }
    assert_eq!(found.len(), 9, "{found:#?}");
    let codes = |count: usize| json!({ "query": document, "variables": { "n": 1, "f": { "codes": vec![1; count] } } });
    assert_eq!(messages(&api, codes(20)).await.len(), 20);
    let more = messages(&api, codes(5_000)).await;
    assert_eq!(more.len(), 21);
    assert!(
        more[20].starts_with("there are more faults"),
        "{}",
        more[20]
    );
}

#[tokio::test]
async fn an_unknown_value_of_an_enum_leads_to_its_values_or_to_the_nearest_three() {
    let api = Api::seeded().await;
    let few = "CountryOrder has no value `NAMES`: expected one of ";
    let many = ": expected one of its ";
    let near = ", like RATIFICATION, ";
    let events =
        |kind: &str| format!("{{ treatyEvents(filter: {{ kinds: {kind} }}) {{ totalCount }} }}");
    let by_variable =
        "query ($k: [TreatyEventKind!]) { treatyEvents(filter: { kinds: $k }) { totalCount } }";
    for (body, parts) in [
        (
            json!({ "query": "{ countries(orderBy: NAMES) { totalCount } }" }),
            vec![few, "NAME"],
        ),
        (json!({ "query": events("RATIFIED") }), vec![many, near]),
        (json!({ "query": events("\"RATIFIED\"") }), vec![many, near]),
        (
            json!({ "query": events("\"RATIFICATION\"") }),
            vec!["write it without quotes"],
        ),
        (json!({ "query": events("7") }), vec![many]),
        (
            json!({ "query": by_variable, "variables": { "k": ["ratified"] } }),
            vec!["$k[0]: ", many, near],
        ),
        (
            json!({ "query": by_variable, "variables": { "k": 7 } }),
            vec!["$k: ", many],
        ),
        (
            json!({ "query": "query ($o: CountryOrder) { countries(orderBy: $o) { totalCount } }", "variables": { "o": "NAMES" } }),
            vec![
                "$o: expected CountryOrder, found \"NAMES\": expected one of ",
                "NAME",
            ],
        ),
    ] {
        let found = messages(&api, body).await;
        assert_eq!(found.len(), 1, "{found:#?}");
        for part in parts {
            assert!(found[0].contains(part), "{part}: {}", found[0]);
        }
    }
}

#[tokio::test]
async fn names_similar_to_an_unknown_input_field_are_told_for_literals_and_variables() {
    let api = Api::seeded().await;
    let editor = api.editor("eva").await;
    let literal = "{ countries(filter: { kind: STATE }) { totalCount } }";
    let variable = "query ($f: CountryFilter) { countries(filter: $f) { totalCount } }";
    for (query, variables) in [
        (literal, json!({})),
        (variable, json!({ "f": { "kind": "STATE" } })),
    ] {
        let answer = editor.ask(query, variables).await;
        let message = answer.message();
        let expected = "CountryFilter has no field `kind`; similar names: `kinds`";
        assert!(message.ends_with(expected), "{message}");
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
