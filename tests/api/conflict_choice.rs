//! `resolveConflicts`: takes the current or the proposed value, field by field.

use cyberprofiles::domain::viewer::Role;
use serde_json::{Value, json};

use crate::harness::{Api, Person, cite, errors, retitle};

const TREATY: &str = "Treaty:ets-185";

const RESOLVE: &str = "mutation($input: ResolveConflictsInput!) { resolveConflicts(input: $input) {
    contribution { revision state reviewer { id } changes { recordId baseVersion input }
        conflicts { recordId field base current proposed } warnings { code path } }
    userErrors { code message path } } }";

async fn resolve(person: &Person<'_>, id: &str, revision: i64, choices: Value) -> Value {
    let input = json!({ "id": id, "revision": revision, "choices": choices });
    let answer = person.ask(RESOLVE, json!({ "input": input })).await;
    answer.data()["resolveConflicts"].clone()
}

fn choice(field: &str, take: &str) -> Value {
    json!({ "recordId": TREATY, "field": field, "take": take })
}

/// An update of the Budapest Convention that cites each field by itself.
fn treaty(base_version: i64, set: Value) -> Value {
    let fields = set.as_object().unwrap().keys();
    let screaming = |name: &String| match name.as_str() {
        "shortTitle" => "SHORT_TITLE",
        "openedAt" => "OPENED_AT",
        _ => "TITLE",
    };
    let cites = fields
        .map(|name| json!({ "source": "Source:coe-chart-185-2015", "fields": [screaming(name)] }));
    let cites: Vec<Value> = cites.collect();
    json!({ "updateTreaty": { "id": TREATY, "baseVersion": base_version, "set": set, "cite": cites } })
}

fn fields(payload: &Value) -> Vec<&str> {
    let conflicts = payload["contribution"]["conflicts"].as_array();
    let conflicts = conflicts.unwrap_or_else(|| panic!("{payload:#}")).iter();
    conflicts
        .map(|conflict| conflict["field"].as_str().unwrap())
        .collect()
}

/// Two fields that conflict and one that does not; the contribution is in review.
async fn contested(api: &Api) -> String {
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let wanted = json!({ "shortTitle": "Short", "title": "Long", "openedAt": "Pest" });
    let id = carla.proposed(json!([treaty(1, wanted)])).await;
    let other = json!({ "shortTitle": "Other short", "title": "Other long" });
    eva.publish(json!([treaty(1, other)])).await;
    assert_eq!(
        eva.outcome("startReview", json!({ "id": id })).await,
        "IN_REVIEW"
    );
    id
}

#[tokio::test]
async fn each_choice_decides_its_field_and_the_rest_stays_a_conflict() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let id = contested(&api).await;
    let first = resolve(&carla, &id, 1, json!([choice("SHORT_TITLE", "PROPOSED")])).await;
    let contribution = &first["contribution"];
    assert_eq!(fields(&first), ["TITLE"]);
    let told = (
        &contribution["revision"],
        &contribution["state"],
        &contribution["reviewer"],
    );
    assert_eq!(told, (&json!(2), &json!("SUBMITTED"), &Value::Null));
    assert_eq!(
        contribution["warnings"],
        json!([{ "code": "CONFLICT", "path": ["changes", "0", "updateTreaty", "set", "title"] }])
    );
    // An edit of the texts keeps the choice.
    let edit = json!({ "id": id, "revision": 2, "title": "Titles" });
    assert_eq!(carla.outcome("updateContribution", edit).await, "SUBMITTED");
    let second = resolve(&carla, &id, 3, json!([choice("TITLE", "CURRENT")])).await;
    assert_eq!(fields(&second), Vec::<&str>::new());
    let change = &second["contribution"]["changes"][0];
    let rest = treaty(2, json!({ "shortTitle": "Short", "openedAt": "Pest" }));
    assert_eq!(change["input"], rest);
    let accept = json!({ "id": id, "revision": 4 });
    assert_eq!(eva.outcome("acceptContribution", accept).await, "ACCEPTED");
    let query = "{ treaty(reference: \"ETS 185\") { version shortTitle title openedAt } }";
    assert_eq!(
        api.query(query).await["treaty"],
        json!({ "version": 3, "shortTitle": "Short", "title": "Other long", "openedAt": "Pest" })
    );
}

#[tokio::test]
async fn a_field_that_was_decided_conflicts_again_after_yet_another_change() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let id = contested(&api).await;
    let first = resolve(&carla, &id, 1, json!([choice("SHORT_TITLE", "PROPOSED")])).await;
    assert_eq!(fields(&first), ["TITLE"]);
    eva.publish(retitle(2, "Third")).await;
    let both = json!([choice("TITLE", "PROPOSED")]);
    let second = resolve(&carla, &id, 2, both).await;
    assert_eq!(
        second["contribution"]["conflicts"],
        json!([{ "recordId": TREATY, "field": "SHORT_TITLE", "base": "Other short",
            "current": "Third", "proposed": "Short" }])
    );
    let third = resolve(&carla, &id, 3, json!([choice("SHORT_TITLE", "PROPOSED")])).await;
    assert_eq!(fields(&third), Vec::<&str>::new());
    assert_eq!(third["contribution"]["changes"][0]["baseVersion"], 3);
    let accept = json!({ "id": id, "revision": 4 });
    assert_eq!(eva.outcome("acceptContribution", accept).await, "ACCEPTED");
    let query = "{ treaty(reference: \"ETS 185\") { shortTitle title openedAt } }";
    assert_eq!(
        api.query(query).await["treaty"],
        json!({ "shortTitle": "Short", "title": "Long", "openedAt": "Pest" })
    );
}

#[tokio::test]
async fn a_conflict_names_its_field_its_values_and_the_step_that_resolves_it() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let id = contested(&api).await;
    insta::assert_json_snapshot!(errors(&eva.accept(&id).await), @r#"
    [
      "CONFLICT changes.0.updateTreaty.set.shortTitle: SHORT_TITLE of Treaty:ets-185 is \"Other short\" now, and was \"Budapest Convention\" in the base version; proposed is \"Short\"; an author chooses between the values with resolveConflicts",
      "CONFLICT changes.0.updateTreaty.set.title: TITLE of Treaty:ets-185 is \"Other long\" now, and was \"Convention on Cybercrime\" in the base version; proposed is \"Long\"; an author chooses between the values with resolveConflicts"
    ]
    "#);
}

#[tokio::test]
async fn choices_that_do_not_fit_are_refused_with_paths() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let id = contested(&api).await;
    let of = |record: &str| json!({ "recordId": record, "field": "TITLE", "take": "CURRENT" });
    let cases = [
        ("none", json!([])),
        ("no conflict", json!([choice("OPENED_AT", "CURRENT")])),
        (
            "no field of the record",
            json!([choice("ALPHA3", "PROPOSED")]),
        ),
        ("another record", json!([of("Country:az"), of("none")])),
        (
            "twice",
            json!([choice("TITLE", "CURRENT"), choice("TITLE", "PROPOSED")]),
        ),
    ];
    let mut said = Vec::new();
    for (case, choices) in cases {
        let payload = resolve(&carla, &id, 1, choices).await;
        said.push(json!({ case: errors(&payload) }));
    }
    insta::assert_json_snapshot!(said);
    let stale = resolve(&carla, &id, 2, json!([choice("TITLE", "CURRENT")])).await;
    assert_eq!(stale["userErrors"][0]["code"], "STALE_REVISION");
    let own = json!({ "id": id, "revision": 1, "choices": [choice("TITLE", "CURRENT")] });
    for person in [
        api.person(Role::Contributor, "dora").await,
        api.editor("eva").await,
    ] {
        assert_eq!(
            person.outcome("resolveConflicts", own.clone()).await,
            "FORBIDDEN"
        );
    }
    let withdrawn = json!({ "id": id });
    assert_eq!(
        carla.outcome("withdrawContribution", withdrawn).await,
        "WITHDRAWN"
    );
    assert_eq!(
        carla.outcome("resolveConflicts", own).await,
        "ILLEGAL_TRANSITION"
    );
}

#[tokio::test]
async fn a_change_without_fields_is_removed_and_a_contribution_without_changes_is_refused() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let id = carla.proposed(retitle(1, "Mine")).await;
    let source =
        json!({ "createSource": { "key": "a", "fields": { "kind": "NEWS", "title": "A" } } });
    let mut with_source = retitle(1, "Mine");
    with_source.as_array_mut().unwrap().push(source.clone());
    let two = carla.proposed(with_source).await;
    eva.publish(retitle(1, "Theirs")).await;
    let current = json!([choice("SHORT_TITLE", "CURRENT")]);
    let refused = resolve(&carla, &id, 1, current.clone()).await;
    insta::assert_json_snapshot!(errors(&refused), @r#"
    [
      "INVALID choices: no change would be left: use withdrawContribution instead"
    ]
    "#);
    let left = resolve(&carla, &two, 1, current).await;
    let changes = left["contribution"]["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0]["input"], source);
    // An editor who completes a tip may choose, and becomes an author by it.
    let tip = "mutation { submitTip(input: { country: \"IE\", message: \"M\" }) { contribution { id } } }";
    let tip = api.query_once(tip).await["submitTip"]["contribution"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let edit = json!({ "id": tip, "revision": 1, "add": retitle(1, "Tip") });
    assert_eq!(eva.outcome("updateContribution", edit).await, "SUBMITTED");
    let otto = api.editor("otto").await;
    let taken = resolve(&otto, &tip, 2, json!([choice("SHORT_TITLE", "PROPOSED")])).await;
    assert_eq!(taken["contribution"]["changes"][0]["baseVersion"], 2);
    let refused = json!({ "id": tip, "revision": 3 });
    assert_eq!(
        otto.outcome("acceptContribution", refused).await,
        "OWN_CONTRIBUTION"
    );
}

#[tokio::test]
async fn a_retirement_of_a_changed_record_is_kept_or_dropped() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let made =
        json!([{ "createSource": { "key": "made", "fields": { "kind": "NEWS", "title": "A" } } }]);
    eva.publish(made).await;
    let retire =
        json!([{ "retire": { "id": "Source:made", "baseVersion": 1, "reason": "Gone." } }]);
    let id = carla.proposed(retire).await;
    let renamed = json!([{ "updateSource": { "id": "Source:made", "baseVersion": 1,
        "set": { "title": "B", "publisher": "P" } } }]);
    eva.publish(renamed).await;
    insta::assert_json_snapshot!(errors(&eva.accept(&id).await), @r#"
    [
      "CONFLICT changes.0.retire.baseVersion: TITLE of Source:made is \"B\" now, and was \"A\" in the base version; proposed is to retire the record; an author chooses between the values with resolveConflicts",
      "CONFLICT changes.0.retire.baseVersion: PUBLISHER of Source:made is \"P\" now, and was empty in the base version; proposed is to retire the record; an author chooses between the values with resolveConflicts"
    ]
    "#);
    let choice = |field: &str, take: &str| json!({ "recordId": "Source:made", "field": field, "take": take });
    let mixed = json!([choice("TITLE", "CURRENT"), choice("PUBLISHER", "PROPOSED")]);
    insta::assert_json_snapshot!(errors(&resolve(&carla, &id, 1, mixed).await), @r#"
    [
      "INVALID choices.1.take: the contribution proposes to retire or restore Source:made as a whole: take the same for each of its fields"
    ]
    "#);
    let half = resolve(&carla, &id, 1, json!([choice("TITLE", "PROPOSED")])).await;
    assert_eq!(fields(&half), ["PUBLISHER"]);
    let whole = resolve(&carla, &id, 2, json!([choice("PUBLISHER", "PROPOSED")])).await;
    assert_eq!(whole["contribution"]["changes"][0]["baseVersion"], 2);
    let accept = json!({ "id": id, "revision": 3 });
    assert_eq!(eva.outcome("acceptContribution", accept).await, "ACCEPTED");
}

#[tokio::test]
async fn a_new_version_with_the_same_values_does_not_prevent_a_retirement() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let made = json!([{ "createTreatyEvent": { "key": "fr-test", "cite": cite(),
        "fields": { "kind": "COMMUNICATION", "country": "FR", "treaty": "ETS 185", "date": "2026" } } }]);
    eva.publish(made).await;
    let retire =
        json!([{ "retire": { "id": "TreatyEvent:fr-test", "baseVersion": 1, "reason": "Gone." } }]);
    let id = carla.proposed(retire).await;
    let cited = json!([{ "updateTreatyEvent": { "id": "TreatyEvent:fr-test", "baseVersion": 1,
        "cite": [{ "source": "Source:trb-2007-10", "fields": ["DATE"] }] } }]);
    eva.publish(cited).await;
    assert_eq!(eva.accept(&id).await["contribution"]["state"], "ACCEPTED");
    // It is restored with the number that follows its last version, on whatever version the restoration is based.
    let restore = json!([{ "restore": { "id": "TreatyEvent:fr-test", "baseVersion": 1, "reason": "Back." } }]);
    eva.publish(restore).await;
    let query = "{ node(id: \"TreatyEvent:fr-test\") { ... on TreatyEvent { version retired { reason } } } }";
    assert_eq!(
        api.query(query).await["node"],
        json!({ "version": 3, "retired": null })
    );
}
