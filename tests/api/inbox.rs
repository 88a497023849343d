//! The contributions that wait for a viewer, and the counts of contributions by state.

use cyberprofiles::domain::viewer::Role;
use serde_json::{Value, json};

use crate::harness::{Api, Person, cite, retitle};

const STATES: [&str; 7] = [
    "DRAFT",
    "SUBMITTED",
    "IN_REVIEW",
    "CHANGES_REQUESTED",
    "ACCEPTED",
    "REJECTED",
    "WITHDRAWN",
];

fn source(title: &str) -> Value {
    json!([{ "createSource": { "fields": { "kind": "NEWS", "title": title } } }])
}

/// An update of a field of the Budapest Convention, based on its first version.
fn update(set: Value) -> Value {
    json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1, "set": set, "cite": cite() } }])
}

/// Proposes changes under a title.
async fn proposes(person: &Person<'_>, title: &str, changes: Value, submit: bool) -> String {
    let input = json!({ "title": title, "rationale": "So.", "changes": changes, "submit": submit });
    let payload = person.create(input).await;
    let id = payload["contribution"]["id"].as_str();
    id.unwrap_or_else(|| panic!("{payload:#}")).to_owned()
}

/// The titles that pass a filter, first created first. Reads page by page, and checks the count and the cursors.
async fn titles(person: &Person<'_>, filter: Value) -> Vec<String> {
    let query = "query($filter: ContributionFilter, $after: String) {
        contributions(filter: $filter, orderBy: OLDEST, first: 2, after: $after) {
            totalCount nodes { title } pageInfo { hasNextPage endCursor } } }";
    let (mut found, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "filter": filter, "after": after });
        let page = person.ask(query, variables).await.data()["contributions"].clone();
        let nodes = page["nodes"].as_array().unwrap().iter();
        found.extend(nodes.map(|node| node["title"].as_str().unwrap().to_owned()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            assert_eq!(page["totalCount"], json!(found.len()));
            return found;
        }
    }
}

async fn counts(person: &Person<'_>, filter: Value) -> Vec<(String, usize)> {
    let query = "query($filter: ContributionFilter) { contributionCounts(filter: $filter) { state count } }";
    let answer = person.ask(query, json!({ "filter": filter })).await.data();
    let counts = answer["contributionCounts"].as_array().unwrap().iter();
    let count = |one: &Value| {
        let count = usize::try_from(one["count"].as_u64().unwrap()).unwrap();
        (one["state"].as_str().unwrap().to_owned(), count)
    };
    counts.map(count).collect()
}

#[tokio::test]
async fn a_filter_selects_what_waits_for_the_viewer_and_the_counts_agree_with_the_lists() {
    let api = Api::seeded().await;
    let (carla, zoe) = (
        api.contributor().await,
        api.person(Role::Contributor, "zoe").await,
    );
    let (eva, rita) = (api.editor("eva").await, api.editor("rita").await);
    let admin = api.person(Role::Admin, "anna").await;
    let retitled = || update(json!({ "shortTitle": "One" }));
    proposes(&carla, "draft", source("Draft"), false).await;
    proposes(&carla, "draft that will conflict", retitled(), false).await;
    proposes(&carla, "submitted", source("New"), true).await;
    proposes(&carla, "submitted that will conflict", retitled(), true).await;
    let place = update(json!({ "openedAt": "Strasbourg" }));
    proposes(&carla, "about the same record", place, true).await;
    let id = proposes(&carla, "in review", source("Seen"), true).await;
    rita.step("startReview", json!({ "id": id })).await;
    let id = proposes(&carla, "to answer", source("More"), true).await;
    let more = json!({ "id": id, "revision": 1, "comment": "More." });
    rita.step("requestChanges", more).await;
    let id = proposes(&carla, "withdrawn that conflicts", retitled(), true).await;
    carla
        .step("withdrawContribution", json!({ "id": id }))
        .await;
    let id = proposes(&carla, "rejected", source("No"), true).await;
    let reason = json!({ "id": id, "revision": 1, "reason": "No." });
    rita.step("rejectContribution", reason).await;
    proposes(&eva, "of an editor", source("Own"), true).await;
    let tip = "mutation { submitTip(input: { country: \"AZ\", message: \"M\" }) { contribution { id } } }";
    api.anyone().ask(tip, json!({})).await.data();
    rita.publish(retitle(1, "Two")).await;

    let waiting = json!({ "awaitingViewer": true });
    let own = [
        "draft that will conflict",
        "submitted that will conflict",
        "to answer",
    ];
    assert_eq!(titles(&carla, waiting.clone()).await, own);
    let review = [
        "submitted",
        "submitted that will conflict",
        "about the same record",
        "in review",
    ];
    let of_eva = [review.as_slice(), &["Tip about AZ"]].concat();
    assert_eq!(titles(&eva, waiting.clone()).await, of_eva);
    let of_rita = [review.as_slice(), &["of an editor", "Tip about AZ"]].concat();
    assert_eq!(titles(&rita, waiting.clone()).await, of_rita);
    assert_eq!(titles(&admin, waiting.clone()).await, of_rita);
    for nobody in [&zoe, &api.anyone()] {
        assert!(titles(nobody, waiting.clone()).await.is_empty());
    }
    // What waits can be restricted further, and `false` does not restrict.
    let submitted = json!({ "awaitingViewer": true, "state": ["SUBMITTED"] });
    assert_eq!(titles(&carla, submitted).await, [own[1]]);
    let mine = json!({ "awaitingViewer": true, "mine": true });
    assert!(titles(&eva, mine).await.is_empty());
    let all = titles(&eva, json!({ "awaitingViewer": false })).await;
    assert_eq!(all, titles(&eva, json!({})).await);
    assert_eq!(all.len(), 10);

    let filters = [
        Value::Null,
        json!({ "awaitingViewer": true }),
        json!({ "mine": true }),
        json!({ "state": ["DRAFT", "ACCEPTED"] }),
        json!({ "countries": ["AZ"] }),
        json!({ "records": ["Treaty:ets-185"] }),
        json!({ "ids": [] }),
    ];
    for person in [&carla, &zoe, &eva, &rita, &admin, &api.anyone()] {
        for filter in &filters {
            let counted = counts(person, filter.clone()).await;
            let states: Vec<&str> = counted.iter().map(|(state, _)| state.as_str()).collect();
            assert_eq!(states, STATES);
            for (state, count) in counted {
                let mut one = json!({ "state": [state] });
                let others = filter.as_object().cloned().unwrap_or_default();
                let asked = others.get("state").and_then(Value::as_array).cloned();
                one.as_object_mut().unwrap().extend(others);
                if asked.is_some_and(|asked| !asked.contains(&json!(state))) {
                    assert_eq!(count, 0);
                    continue;
                }
                one["state"] = json!([state]);
                assert_eq!(titles(person, one).await.len(), count, "{state} {filter}");
            }
        }
    }
}

#[tokio::test]
async fn a_resolved_conflict_waits_no_longer() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let waiting = json!({ "awaitingViewer": true });
    let id = carla.proposed(update(json!({ "shortTitle": "One" }))).await;
    assert!(titles(&carla, waiting.clone()).await.is_empty());
    eva.publish(retitle(1, "Two")).await;
    assert_eq!(titles(&carla, waiting.clone()).await, ["A change"]);
    let steps = "query($id: ID!) { contribution(id: $id) { steps } }";
    let steps = async |person: &Person<'_>| {
        let answer = person.ask(steps, json!({ "id": id })).await.data();
        answer["contribution"]["steps"].clone()
    };
    let with_conflict = ["UPDATE", "WITHDRAW", "RESOLVE_CONFLICTS", "COMMENT"];
    assert_eq!(steps(&carla).await, json!(with_conflict));
    let review = ["START_REVIEW", "REQUEST_CHANGES", "REJECT", "COMMENT"];
    assert_eq!(steps(&eva).await, json!(review));
    let refused = eva.accept(&id).await;
    assert_eq!(refused["userErrors"][0]["code"], "CONFLICT");
    let choice =
        json!({ "recordId": "Treaty:ets-185", "field": "SHORT_TITLE", "take": "PROPOSED" });
    let resolve = json!({ "id": id, "revision": 1, "choices": [choice] });
    carla.step("resolveConflicts", resolve).await;
    assert!(titles(&carla, waiting.clone()).await.is_empty());
    assert_eq!(
        steps(&carla).await,
        json!(["UPDATE", "WITHDRAW", "COMMENT"])
    );
    let accept = json!({ "id": id, "revision": 2 });
    let accepted = eva.step("acceptContribution", accept).await;
    assert_eq!(accepted["contribution"]["state"], "ACCEPTED");
    assert_eq!(steps(&eva).await, json!(["REVERT", "COMMENT"]));
    assert_eq!(steps(&api.anyone()).await, json!([]));
}

#[tokio::test]
async fn the_statements_of_an_inbox_do_not_depend_on_the_number_of_contributions() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let query =
        "{ contributions(filter: { awaitingViewer: true }) { totalCount nodes { title steps } }
        contributionCounts(filter: { awaitingViewer: true }) { state count } }";
    carla.proposed(update(json!({ "shortTitle": "One" }))).await;
    eva.publish(retitle(1, "Two")).await;
    let statements = async || {
        api.statements();
        let answer = carla.ask(query, json!({})).await.data();
        let mut statements = api.statements();
        statements.retain(|sql| !sql.contains("FROM \"head\"") && !sql.contains("\"token\""));
        let count = answer["contributions"]["totalCount"].as_u64().unwrap();
        (count, statements.len())
    };
    // The first request also loads the versions that later ones find in the row cache.
    statements().await;
    let (one, few) = statements().await;
    for at in 0..20 {
        let title = format!("One {at}");
        carla.proposed(update(json!({ "shortTitle": title }))).await;
    }
    let (many, same) = statements().await;
    assert_eq!((one, many), (1, 21));
    assert_eq!(few, same);
}

#[tokio::test]
async fn a_subscription_to_what_waits_is_sent_what_waits_after_a_step() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let token = api.token(Role::Editor, "eva").await;
    let mut socket = api
        .socket(json!({ "Authorization": format!("Bearer {token}") }))
        .await;
    let follow = "subscription { contributions(filter: { awaitingViewer: true }) { title steps } }";
    socket.subscribe("1", follow, json!({})).await;
    api.contributions_followed_by(1).await;
    proposes(&eva, "of the viewer", source("Own"), true).await;
    proposes(&carla, "draft", source("Draft"), false).await;
    proposes(&carla, "submitted", source("New"), true).await;
    let steps = [
        "START_REVIEW",
        "REQUEST_CHANGES",
        "ACCEPT",
        "REJECT",
        "COMMENT",
    ];
    let expected = json!({ "contributions": { "title": "submitted", "steps": steps } });
    assert_eq!(socket.event().await, expected);
}
