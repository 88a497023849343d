//! `revertContribution`: an accepted contribution is reverted as one.

use serde_json::{Value, json};

use crate::harness::{Api, Person, bundled, cite, errors, retitle};

const REVERT: &str =
    "mutation($input: RevertContributionInput!) { revertContribution(input: $input) {
    contribution { id state title rationale changes { operation recordId baseVersion }
        conflicts { recordId field base current proposed } warnings { code path message } }
    userErrors { code message path } } }";

async fn revert(person: &Person<'_>, id: &str) -> Value {
    let input = json!({ "id": id, "rationale": "It was wrong." });
    let answer = person.ask(REVERT, json!({ "input": input })).await;
    answer.data()["revertContribution"].clone()
}

/// A new source, an event that cites it, an update and a retirement, accepted in one contribution.
async fn accepted(api: &Api) -> String {
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let old =
        json!([{ "createSource": { "key": "old", "fields": { "kind": "NEWS", "title": "Old" } } }]);
    eva.publish(old).await;
    let changes = json!([
        { "createSource": { "key": "new", "fields": { "kind": "NEWS", "title": "New" } } },
        { "createTreatyEvent": { "key": "ie-note", "cite": [{ "source": "Source:new" }],
            "fields": { "kind": "COMMUNICATION", "country": "IE", "treaty": "ETS 185", "date": "2026" } } },
        { "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1, "set": { "shortTitle": "Wrong" },
            "clear": ["OPENED_AT"], "cite": [{ "source": "Source:trb-2007-10" }] } },
        { "retire": { "id": "Source:old", "baseVersion": 1, "reason": "Gone." } }]);
    let id = carla.proposed(changes).await;
    assert_eq!(eva.accept(&id).await["contribution"]["state"], "ACCEPTED");
    id
}

/// The treaty with its citations, and what is left of the other records.
async fn state(api: &Api) -> Value {
    let query = "{ treaty(reference: \"ETS 185\") { shortTitle openedAt
            short: citations(field: SHORT_TITLE) { source { id } } opened: citations(field: OPENED_AT) { source { id } } }
        nodes(ids: [\"Source:new\", \"TreatyEvent:ie-note\", \"Source:old\"]) { ... on Record { retired { reason } } } }";
    api.query(query).await
}

#[tokio::test]
async fn an_accepted_contribution_is_reverted_as_one() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let treaty = state(&api).await["treaty"].clone();
    let id = accepted(&api).await;
    let payload = revert(&carla, &id).await;
    let reverting = &payload["contribution"];
    assert_eq!(payload["userErrors"], json!([]));
    assert_eq!(
        (&reverting["state"], &reverting["title"]),
        (&json!("SUBMITTED"), &json!("Revert: A change"))
    );
    assert_eq!(
        (&reverting["conflicts"], &reverting["warnings"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(
        reverting["changes"],
        json!([
            { "operation": "RESTORE", "recordId": "Source:old", "baseVersion": 1 },
            { "operation": "UPDATE", "recordId": "Treaty:ets-185", "baseVersion": 2 },
            { "operation": "RETIRE", "recordId": "TreatyEvent:ie-note", "baseVersion": 1 }])
    );
    let second = reverting["id"].as_str().unwrap();
    assert_eq!(
        eva.accept(second).await["contribution"]["state"],
        "ACCEPTED"
    );
    let after = state(&api).await;
    assert_eq!(after["treaty"], treaty);
    let retired = json!({ "retired": { "reason": "It was wrong." } });
    assert_eq!(
        after["nodes"],
        json!([{ "retired": null }, retired, { "retired": null }])
    );
    insta::assert_json_snapshot!(errors(&revert(&carla, &id).await), @r#"
    [
      "REFERENCED id: nothing is left to revert: records cite Source:new, and what is cited stays"
    ]
    "#);
    // The retired event still cites the new source. The reversal is a contribution like others, and can be reverted too.
    let again = revert(&carla, second).await;
    assert_eq!(
        again["contribution"]["changes"].as_array().unwrap().len(),
        3,
        "{again:#}"
    );
}

#[tokio::test]
async fn changes_that_are_reverted_already_are_left_out() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let id = accepted(&api).await;
    let one = "mutation($input: RevertChangeInput!) { revertChange(input: $input) {
        contribution { id } userErrors { message } } }";
    // The update of the treaty is the third change of the contribution, after one of another.
    let input = json!({ "sequence": bundled() + 4, "rationale": "Wrong." });
    let one = carla.ask(one, json!({ "input": input })).await.data();
    let one = one["revertChange"]["contribution"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{one:#}"))
        .to_owned();
    assert_eq!(eva.accept(&one).await["contribution"]["state"], "ACCEPTED");
    let rest = revert(&carla, &id).await;
    let changes = rest["contribution"]["changes"].as_array().unwrap().iter();
    let records: Vec<&Value> = changes.map(|change| &change["recordId"]).collect();
    assert_eq!(records, ["Source:old", "TreatyEvent:ie-note"]);
}

#[tokio::test]
async fn a_revert_that_conflicts_says_so_when_it_is_proposed() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let id = carla.proposed(retitle(1, "Two")).await;
    assert_eq!(eva.accept(&id).await["contribution"]["state"], "ACCEPTED");
    eva.publish(retitle(2, "Three")).await;
    let payload = revert(&carla, &id).await;
    let reverting = &payload["contribution"];
    assert_eq!(
        reverting["conflicts"],
        json!([{ "recordId": "Treaty:ets-185", "field": "SHORT_TITLE",
            "base": "Two", "current": "Three", "proposed": "Budapest Convention" }])
    );
    let message = "SHORT_TITLE of Treaty:ets-185 is \"Three\" now, and was \"Two\" in the base version; \
        proposed is \"Budapest Convention\"; an author chooses between the values with resolveConflicts";
    assert_eq!(
        reverting["warnings"],
        json!([{ "code": "CONFLICT", "message": message,
            "path": ["changes", "0", "updateTreaty", "set", "shortTitle"] }])
    );
    let one = "mutation($input: RevertChangeInput!) { revertChange(input: $input) {
        contribution { warnings { code } } } }";
    let input = json!({ "sequence": bundled() + 1, "rationale": "Wrong." });
    let one = carla.ask(one, json!({ "input": input })).await.data();
    assert_eq!(
        one["revertChange"]["contribution"]["warnings"],
        json!([{ "code": "CONFLICT" }])
    );
    let second = reverting["id"].as_str().unwrap();
    let choices =
        json!([{ "recordId": "Treaty:ets-185", "field": "SHORT_TITLE", "take": "PROPOSED" }]);
    let resolved = json!({ "id": second, "revision": 1, "choices": choices });
    assert_eq!(
        carla.outcome("resolveConflicts", resolved).await,
        "SUBMITTED"
    );
    let accept = json!({ "id": second, "revision": 2 });
    assert_eq!(eva.outcome("acceptContribution", accept).await, "ACCEPTED");
    let query = "{ treaty(reference: \"ETS 185\") { shortTitle } }";
    assert_eq!(
        api.query(query).await["treaty"]["shortTitle"],
        "Budapest Convention"
    );
}

#[tokio::test]
async fn new_records_that_refer_to_each_other_are_reverted_after_one_was_edited() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let body = |key: &str| {
        json!({ "createCybersecurityBody": { "key": key, "cite": cite(), "fields": { "kind": "OTHER",
            "status": "UNKNOWN", "country": "IE", "names": [{ "text": key, "language": "en" }] } } })
    };
    let (parent, child) = ("CybersecurityBody:ma", "CybersecurityBody:mb");
    let mut both = json!([body("ma"), body("mb")]);
    both[1]["createCybersecurityBody"]["fields"]["parent"] = Value::from(parent);
    let id = carla.proposed(both).await;
    assert_eq!(eva.accept(&id).await["contribution"]["state"], "ACCEPTED");
    let edit = json!([{ "updateCybersecurityBody": { "id": child, "baseVersion": 1, "set": { "acronym": "MB" }, "cite": cite() } }]);
    eva.publish(edit).await;
    let payload = revert(&carla, &id).await;
    assert_eq!(payload["userErrors"], json!([]));
    let reverting = &payload["contribution"];
    assert_eq!(
        reverting["conflicts"],
        json!([{ "recordId": child, "field": "ACRONYM", "base": null, "current": "MB", "proposed": null }])
    );
    let second = reverting["id"].as_str().unwrap();
    let refused = eva.accept(second).await;
    let errors = refused["userErrors"].as_array().unwrap().iter();
    let codes: Vec<&Value> = errors.map(|error| &error["code"]).collect();
    assert_eq!(codes, ["CONFLICT"]);
    let choices = json!([{ "recordId": child, "field": "ACRONYM", "take": "PROPOSED" }]);
    let resolved = json!({ "id": second, "revision": 1, "choices": choices });
    assert_eq!(
        carla.outcome("resolveConflicts", resolved).await,
        "SUBMITTED"
    );
    let accept = json!({ "id": second, "revision": 2 });
    assert_eq!(eva.outcome("acceptContribution", accept).await, "ACCEPTED");
    let query = format!(
        "{{ nodes(ids: [\"{parent}\", \"{child}\"]) {{ ... on Record {{ retired {{ reason }} }} }} }}"
    );
    let retired = json!({ "retired": { "reason": "It was wrong." } });
    assert_eq!(api.query(&query).await["nodes"], json!([retired, retired]));
}

#[tokio::test]
async fn a_contribution_that_cannot_be_reverted_is_refused() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let open = carla.proposed(retitle(1, "Open")).await;
    let draft = json!({ "title": "D", "rationale": "D.", "changes": retitle(1, "Draft") });
    let draft = carla.create(draft).await["contribution"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let cites = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1,
        "cite": [{ "source": "Source:trb-2007-10", "fields": ["OPENED_AT"] }] } }]);
    let made = json!([
        { "createSource": { "key": "made", "fields": { "kind": "NEWS", "title": "A" } } }]);
    let loose = json!([
        { "createSource": { "key": "loose", "fields": { "kind": "NEWS", "title": "A" } } }]);
    let renamed = json!([
        { "updateSource": { "id": "Source:loose", "baseVersion": 1, "set": { "title": "B" } } }]);
    let retired = json!([
        { "retire": { "id": "Source:loose", "baseVersion": 2, "reason": "Gone." } }]);
    let event = json!([{ "createTreatyEvent": { "key": "fr-test", "cite": [{ "source": "Source:made" }],
        "fields": { "kind": "COMMUNICATION", "country": "FR", "treaty": "ETS 185", "date": "2026" } } }]);
    let mut ids = Vec::new();
    for changes in [cites, made, event, loose, renamed, retired] {
        let id = carla.proposed(changes).await;
        assert_eq!(eva.accept(&id).await["contribution"]["state"], "ACCEPTED");
        ids.push(id);
    }
    let mut said = Vec::new();
    for (case, person, id) in [
        ("open", &carla, open.as_str()),
        ("a draft of somebody else", &eva, &draft),
        ("unknown", &carla, "Contribution:none"),
        ("a change of an import", &carla, "Change:1"),
        ("citations alone", &carla, &ids[0]),
        ("a source that an event cites", &carla, &ids[1]),
        ("a record that is retired already", &carla, &ids[3]),
        ("an update of a retired record", &carla, &ids[4]),
    ] {
        said.push(json!({ case: errors(&revert(person, id).await) }));
    }
    insta::assert_json_snapshot!(said);
}

#[tokio::test]
async fn a_repeated_key_proposes_one_reversal() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let id = accepted(&api).await;
    let ask = async |rationale: &str| {
        let input = json!({ "id": id, "rationale": rationale, "idempotencyKey": "k" });
        let answer = carla.ask(REVERT, json!({ "input": input })).await.data();
        answer["revertContribution"].clone()
    };
    let first = ask("Wrong.").await;
    assert_ne!(first["contribution"]["id"], Value::Null);
    assert_eq!(
        ask("Wrong.").await["contribution"]["id"],
        first["contribution"]["id"]
    );
    assert_eq!(
        ask("Other.").await["userErrors"][0]["code"],
        "IDEMPOTENCY_MISMATCH"
    );
    let blank = json!({ "id": id, "rationale": " " });
    let blank = carla.ask(REVERT, json!({ "input": blank })).await.data();
    assert_eq!(
        blank["revertContribution"]["userErrors"][0]["path"],
        json!(["rationale"])
    );
}
