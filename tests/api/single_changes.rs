//! Edits of single changes of a contribution: `replace`, `remove` and `add` of `updateContribution`.

use cyberprofiles::domain::viewer::Role;
use serde_json::{Value, json};

use crate::harness::{Api, Person, cite, errors};

const UPDATE: &str =
    "mutation($input: UpdateContributionInput!) { updateContribution(input: $input) {
    contribution { id revision state changes { recordId baseVersion input } conflicts { field } }
    userErrors { code message path } } }";

async fn update(person: &Person<'_>, input: Value) -> Value {
    let answer = person.ask(UPDATE, json!({ "input": input })).await;
    answer.data()["updateContribution"].clone()
}

fn source(key: &str, title: &str) -> Value {
    json!({ "createSource": { "key": key, "fields": { "kind": "NEWS", "title": title } } })
}

fn event(source: &str) -> Value {
    json!({ "createTreatyEvent": { "key": "ie-note", "cite": [{ "source": source }],
        "fields": { "kind": "COMMUNICATION", "country": "IE", "treaty": "ETS 185", "date": "2026" } } })
}

fn records(payload: &Value) -> Vec<&str> {
    let changes = payload["contribution"]["changes"].as_array();
    let changes = changes.unwrap_or_else(|| panic!("{payload:#}")).iter();
    changes
        .map(|change| change["recordId"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn one_change_of_many_is_edited_without_the_others() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let changes = json!([source("a", "A"), event("Source:a"), source("b", "B")]);
    let id = carla.proposed(changes).await;
    let review = json!({ "id": id });
    assert_eq!(eva.outcome("startReview", review).await, "IN_REVIEW");
    // A key that is left out stays as it is, so that the event still finds its source.
    let renamed = json!({ "createSource": { "fields": { "kind": "NEWS", "title": "Second" } } });
    let edit = json!({ "id": id, "revision": 1,
        "replace": [{ "recordId": "Source:a", "change": renamed }],
        "remove": ["Source:b"], "add": [source("c", "C")] });
    let mut tried = edit.clone();
    tried["validateOnly"] = json!(true);
    let tried = update(&carla, tried).await;
    assert_eq!(
        records(&tried),
        ["Source:a", "TreatyEvent:ie-note", "Source:c"]
    );
    let done = update(&carla, edit.clone()).await;
    assert_eq!(records(&done), records(&tried));
    let contribution = &done["contribution"];
    assert_eq!(
        (&contribution["revision"], &contribution["state"]),
        (&json!(2), &json!("SUBMITTED"))
    );
    assert_eq!(contribution["changes"][0]["input"], source("a", "Second"));
    assert_eq!(contribution["changes"][1]["input"], event("Source:a"));
    assert_eq!(
        errors(&update(&carla, edit).await)[0].split(' ').next(),
        Some("STALE_REVISION")
    );
    // A change may make way for one of another record.
    let other = json!({ "id": id, "revision": 2,
        "replace": [{ "recordId": "Source:c", "change": source("d", "D") }] });
    let done = update(&carla, other).await;
    assert_eq!(
        records(&done),
        ["Source:a", "TreatyEvent:ie-note", "Source:d"]
    );
    let accept = json!({ "id": id, "revision": 3 });
    assert_eq!(eva.outcome("acceptContribution", accept).await, "ACCEPTED");
}

#[tokio::test]
async fn an_edit_of_single_changes_that_does_not_fit_is_refused_with_paths() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let changes = json!([source("a", "A"), event("Source:a"), source("b", "B")]);
    let id = carla.proposed(changes).await;
    let replace = |record: &str, change: Value| json!({ "recordId": record, "change": change });
    let many: Vec<Value> = (0..98).map(|at| source(&format!("x{at}"), "X")).collect();
    let cases = [
        (
            "both ways",
            json!({ "changes": [source("a", "A")], "remove": ["Source:b"] }),
        ),
        ("nothing", json!({ "replace": [], "remove": [], "add": [] })),
        (
            "not there",
            json!({ "replace": [replace("Source:none", source("a", "A"))], "remove": ["Country:az"] }),
        ),
        (
            "malformed",
            json!({ "replace": [replace("none", source("e", "E"))], "remove": [""] }),
        ),
        (
            "twice",
            json!({ "replace": [replace("Source:a", source("a", "A")), replace("Source:a", source("a", "B"))],
                "remove": ["Source:b", "Source:b", "Source:a"] }),
        ),
        (
            "added again",
            json!({ "add": [source("b", "B"), source("e", "E"), source("e", "E")] }),
        ),
        (
            "replaced by another's record",
            json!({ "replace": [replace("Source:a", source("b", "B"))] }),
        ),
        (
            "everything removed",
            json!({ "remove": ["Source:a", "Source:b", "TreatyEvent:ie-note"] }),
        ),
        (
            "a source that a change cites",
            json!({ "remove": ["Source:a"] }),
        ),
        ("too many", json!({ "add": many })),
        (
            "faults in the new changes",
            json!({ "title": " ", "replace": [replace("Source:b", source("b", " "))],
                "add": [{ "createSource": { "key": "Not A Key", "fields": { "kind": "NEWS" } } }] }),
        ),
    ];
    let mut said = Vec::new();
    for (case, edit) in cases {
        let mut input = json!({ "id": id, "revision": 1 });
        input
            .as_object_mut()
            .unwrap()
            .extend(edit.as_object().unwrap().clone());
        let payload = update(&carla, input).await;
        said.push(json!({ case: errors(&payload) }));
    }
    insta::assert_json_snapshot!(said);
    let query = "query($id: ID!) { contribution(id: $id) { revision changes { recordId } } }";
    let kept = api.anyone().ask(query, json!({ "id": id })).await.data();
    assert_eq!(kept["contribution"]["revision"], 1);
    assert_eq!(
        records(&kept),
        ["Source:a", "TreatyEvent:ie-note", "Source:b"]
    );
}

#[tokio::test]
async fn an_editor_completes_a_tip_change_by_change() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let tip = "mutation { submitTip(input: { country: \"IE\", message: \"M\" }) { contribution { id } } }";
    let id = api.query_once(tip).await["submitTip"]["contribution"]["id"].clone();
    let none = update(
        &eva,
        json!({ "id": id, "revision": 1, "remove": ["Source:a"] }),
    )
    .await;
    insta::assert_json_snapshot!(errors(&none), @r#"
    [
      "NOT_FOUND remove.0: the contribution has no change of Source:a: it has no changes"
    ]
    "#);
    let first = update(
        &eva,
        json!({ "id": id, "revision": 1, "add": [source("a", "A")] }),
    )
    .await;
    assert_eq!(records(&first), ["Source:a"]);
    let second = json!({ "id": id, "revision": 2, "add": [event("Source:a")] });
    let second = update(&eva, second).await;
    assert_eq!(records(&second), ["Source:a", "TreatyEvent:ie-note"]);
    let dora = api.person(Role::Contributor, "dora").await;
    let edit = json!({ "id": id, "revision": 3, "remove": ["Source:a"] });
    assert_eq!(dora.outcome("updateContribution", edit).await, "FORBIDDEN");
}

#[tokio::test]
async fn an_edit_of_one_change_rebases_the_others() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let treaty = |set: Value| json!({ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1, "set": set, "cite": cite() } });
    let id = carla
        .proposed(json!([
            treaty(json!({ "openedAt": "Pest" })),
            source("a", "A")
        ]))
        .await;
    eva.publish(json!([treaty(json!({ "shortTitle": "Else" }))]))
        .await;
    let edit = json!({ "id": id, "revision": 1, "replace": [{ "recordId": "Source:a", "change": source("a", "B") }] });
    let done = update(&carla, edit).await;
    assert_eq!(done["contribution"]["changes"][0]["baseVersion"], 2);
    assert_eq!(done["contribution"]["conflicts"], json!([]));
}
