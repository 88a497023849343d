//! Execution of selections: on objects, on the interfaces they implement, and after a field error.

use serde_json::{Value, json};

use crate::harness::{Api, retitle};

#[tokio::test]
async fn a_fragment_on_an_object_type_applies_wherever_an_interface_is_returned() {
    let api = Api::seeded().await;
    let az = json!({ "__typename": "Country", "code": "AZ", "recordId": "Country:az" });
    let on_country = "... on Country { code }";
    let on_record = "... on Node { __typename ... on Record { recordId } }";
    for selection in [
        format!("__typename {on_country} recordId"),
        format!("{on_country} {on_record}"),
        format!("{on_record} ... {{ {on_country} }} ... on Treaty {{ reference }}"),
        "...Names ...Code".to_owned(),
        format!("__typename {on_country} {on_country} recordId"),
        format!("__typename @include(if: true) {on_country} recordId"),
    ] {
        let named =
            "fragment Names on Record { __typename recordId } fragment Code on Country { code }";
        let named = if selection.contains("...Names") {
            named
        } else {
            ""
        };
        let page = "records(first: 1, kinds: [COUNTRY], countries: [\"AZ\"])";
        let all = format!(
            "{page} {{ nodes {{ {selection} }} edges {{ node {{ {selection} }} }} }}
             node(id: \"Country:az\") {{ ... on Record {{ {selection} }} }}
             nodes(ids: [\"Country:az\"]) {{ ... on Record {{ {selection} }} }}"
        );
        let answer = api
            .query(&format!("{{ {all} at {{ {all} }} }} {named}"))
            .await;
        for found in [&answer, &answer["at"]] {
            for object in [
                &found["records"]["nodes"][0],
                &found["records"]["edges"][0]["node"],
                &found["node"],
                &found["nodes"][0],
            ] {
                let same: Value = object.clone();
                assert_eq!(same, az, "{selection}");
            }
        }
    }
    let ids = "ancestors { __typename recordId ... on CybersecurityBody { kind } }";
    let units =
        format!("{{ country(code: \"AZ\") {{ operationalUnits {{ nodes {{ {ids} }} }} }} }}");
    let answer = api.query(&units).await;
    let above = &answer["country"]["operationalUnits"]["nodes"][0]["ancestors"][0];
    assert_eq!(above["__typename"], "CybersecurityBody");
    assert!(above["kind"].is_string(), "{above}");
}

/// Paths of the errors of an answer; each error must have a location in the document.
fn paths(answer: &Value) -> Vec<String> {
    let errors = answer["errors"].as_array().unwrap().iter();
    errors
        .map(|error| {
            assert!(error["locations"][0]["line"].is_number(), "{error}");
            error["path"].to_string()
        })
        .collect()
}

#[tokio::test]
async fn an_error_has_its_full_path_below_lists_and_interfaces() {
    let api = Api::seeded().await;
    let editor = api.editor("eva").await;
    editor.publish(retitle(1, "Cybercrime Convention")).await;
    let bad = "language: [\"!\"]";
    for (query, path) in [
        (
            "{ country(code: \"AZ\") { coverage { label(BAD) } } }",
            json!(["country", "coverage", 0, "label"]),
        ),
        (
            "{ country(code: \"AZ\") { sections { a: label(BAD) } } }",
            json!(["country", "sections", 0, "a"]),
        ),
        (
            "{ records(first: 1) { nodes { label(BAD) } } }",
            json!(["records", "nodes", 0, "label"]),
        ),
        (
            "{ records(first: 1) { edges { node { version label(BAD) } } } }",
            json!(["records", "edges", 0, "node", "label"]),
        ),
        (
            "{ node(id: \"Country:az\") { ... on Record { label(BAD) } } }",
            json!(["node", "label"]),
        ),
        (
            "{ nodes(ids: [\"Treaty:none\", \"Country:az\"]) { ... on Record { label(BAD) } } }",
            json!(["nodes", 1, "label"]),
        ),
        (
            "{ changes(last: 1) { nodes { before { label(BAD) } } } }",
            json!(["changes", "nodes", 0, "before", "label"]),
        ),
        (
            "{ treaty(reference: \"ETS 185\") { history(last: 1) { nodes { record { label(BAD) } } } } }",
            json!(["treaty", "history", "nodes", 0, "record", "label"]),
        ),
        (
            "{ treaty(reference: \"ETS 185\") { statuses { basis { country { name(BAD) } } } } }",
            json!(["treaty", "statuses", 0, "basis", 0, "country", "name"]),
        ),
        (
            "{ country(code: \"AZ\") { cybersecurityBodies { nodes { legalBasis { label(BAD) } } } } }",
            json!([
                "country",
                "cybersecurityBodies",
                "nodes",
                0,
                "legalBasis",
                0,
                "label"
            ]),
        ),
        (
            "{ contributions { nodes { overlapping { id } changes { id fields { field } } countries { name(BAD) } authors { id } reviewer { id } } } treaties { nodes { label(BAD) } } }",
            json!(["treaties", "nodes", 0, "label"]),
        ),
    ] {
        let answer = editor.ask(&query.replace("BAD", bad), json!({})).await.body;
        assert_eq!(paths(&answer), [path.to_string()], "{query}");
    }
}

#[tokio::test]
async fn an_error_in_a_subscription_event_has_its_full_path() {
    let api = Api::seeded().await;
    let mut socket = api.socket(json!({})).await;
    let query = "subscription { told: changes { record { label(language: [\"!\"]) } } }";
    socket.subscribe("1", query, json!({})).await;
    api.editor("eva")
        .await
        .publish(retitle(1, "Cybercrime Convention"))
        .await;
    let event = socket.next().await;
    assert_eq!(event["type"], "next", "{event}");
    let answer = &event["payload"];
    assert_eq!(answer["data"], Value::Null);
    assert_eq!(paths(answer), ["[\"told\",\"record\",\"label\"]"]);
}

#[tokio::test]
async fn an_error_nulls_the_nearest_nullable_field_only() {
    let api = Api::seeded().await;
    let query = "{ az: country(code: \"AZ\") { code coverage { label(language: [\"!\"]) } }
        ad: country(code: \"AD\") { code }
        nodes(ids: [\"Country:az\", \"x\", \"Country:ad\"]) { id } }";
    let answer = api.fails(query).await.body;
    let found = json!({
        "az": null,
        "ad": { "code": "AD" },
        "nodes": [{ "id": "Country:az" }, null, { "id": "Country:ad" }],
    });
    assert_eq!(answer["data"], found);
    let mut error_paths = paths(&answer);
    error_paths.sort_unstable();
    assert_eq!(
        error_paths,
        ["[\"az\",\"coverage\",0,\"label\"]", "[\"nodes\",1]"]
    );
}
