//! Contributions: every state × step × role × own or not, with the outcome or the code of the refusal.

use std::collections::HashMap;

use cyberprofiles::domain::viewer::Role;
use serde_json::{Value, json};

use crate::harness::{Api, Person, retitle};

const STATES: [&str; 7] = [
    "DRAFT",
    "SUBMITTED",
    "IN_REVIEW",
    "CHANGES_REQUESTED",
    "ACCEPTED",
    "REJECTED",
    "WITHDRAWN",
];

/// Steps: name; the side that takes it (author or editor); `true` if it names a revision; the state after it, from each
/// of the first four of `STATES`. From the other states no step is possible.
const STEPS: [(&str, By, bool, [Option<&str>; 4]); 7] = [
    (
        "submitContribution",
        By::Author,
        true,
        [Some("SUBMITTED"), None, None, Some("SUBMITTED")],
    ),
    (
        "startReview",
        By::Editor,
        false,
        [None, Some("IN_REVIEW"), None, None],
    ),
    (
        "requestChanges",
        By::Editor,
        true,
        [
            None,
            Some("CHANGES_REQUESTED"),
            Some("CHANGES_REQUESTED"),
            None,
        ],
    ),
    (
        "acceptContribution",
        By::Editor,
        true,
        [None, Some("ACCEPTED"), Some("ACCEPTED"), None],
    ),
    (
        "rejectContribution",
        By::Editor,
        true,
        [None, Some("REJECTED"), Some("REJECTED"), None],
    ),
    (
        "withdrawContribution",
        By::Author,
        false,
        [Some("WITHDRAWN"); 4],
    ),
    (
        "updateContribution",
        By::Author,
        true,
        [
            Some("DRAFT"),
            Some("SUBMITTED"),
            Some("SUBMITTED"),
            Some("CHANGES_REQUESTED"),
        ],
    ),
];

#[derive(Clone, Copy, PartialEq)]
enum By {
    Author,
    Editor,
}

/// The caller: anonymous or with a role, and `true` if the contribution is their own.
#[derive(Clone, Copy, Debug)]
struct Actor {
    role: Role,
    is_own: bool,
}

fn expected(state: usize, step: usize, actor: Actor, is_newest: bool) -> &'static str {
    let (_, by, has_revision, after) = STEPS[step];
    let Actor { role, is_own } = actor;
    if STATES[state] == "DRAFT" && !is_own {
        return "NOT_FOUND";
    }
    match (role, by) {
        (Role::Anonymous, _) => return "UNAUTHENTICATED",
        (Role::Contributor, By::Editor) => return "FORBIDDEN",
        _ => {}
    }
    match (by, is_own) {
        (By::Author, false) => return "FORBIDDEN",
        (By::Editor, true) => return "OWN_CONTRIBUTION",
        _ => {}
    }
    if has_revision && !is_newest {
        return "STALE_REVISION";
    }
    let after = after.get(state).copied().flatten();
    after.unwrap_or("ILLEGAL_TRANSITION")
}

/// The value of `ContributionStep` for a mutation.
fn step_of(mutation: &str) -> &'static str {
    let steps = [
        ("updateContribution", "UPDATE"),
        ("submitContribution", "SUBMIT"),
        ("withdrawContribution", "WITHDRAW"),
        ("startReview", "START_REVIEW"),
        ("requestChanges", "REQUEST_CHANGES"),
        ("acceptContribution", "ACCEPT"),
        ("rejectContribution", "REJECT"),
        ("resolveConflicts", "RESOLVE_CONFLICTS"),
        ("revertContribution", "REVERT"),
        ("commentOnContribution", "COMMENT"),
    ];
    let found = steps.iter().find(|(name, _)| *name == mutation);
    found.unwrap_or_else(|| panic!("{mutation}")).1
}

/// `Contribution.steps` for a person; empty if the person does not see the contribution.
async fn steps(person: &Person<'_>, id: &str) -> Vec<String> {
    let query = "query($id: ID!) { contribution(id: $id) { steps } }";
    let answer = person.ask(query, json!({ "id": id })).await.data();
    let steps = answer["contribution"]["steps"].as_array();
    let steps = steps.into_iter().flatten();
    steps
        .map(|step| step.as_str().unwrap().to_owned())
        .collect()
}

/// The steps whose mutations the message of a refusal names.
fn named_in(message: &str) -> Vec<&'static str> {
    let (_, list) = message.split_once("possible for you now: ").unwrap();
    list.split(", ").map(step_of).collect()
}

fn source(title: &str) -> Value {
    json!([{ "createSource": { "fields": { "kind": "NEWS", "title": title } } }])
}

fn input(step: &str, id: &str, revision: i64) -> Value {
    let named = json!({ "id": id, "revision": revision });
    let mut input = named.as_object().unwrap().clone();
    match step {
        "startReview" | "withdrawContribution" => drop(input.remove("revision")),
        "requestChanges" => drop(input.insert("comment".to_owned(), json!("More."))),
        "rejectContribution" => drop(input.insert("reason".to_owned(), json!("No."))),
        "commentOnContribution" => {
            input.remove("revision");
            input.insert("body".to_owned(), json!("Why?"));
        }
        "resolveConflicts" => {
            let choice =
                json!({ "recordId": "Treaty:ets-185", "field": "SHORT_TITLE", "take": "PROPOSED" });
            input.insert("choices".to_owned(), json!([choice]));
        }
        "revertContribution" => {
            input.remove("revision");
            input.insert("rationale".to_owned(), json!("Wrong."));
        }
        "updateContribution" => drop(input.insert("title".to_owned(), json!("Other"))),
        _ => {}
    }
    input.into()
}

/// Brings a contribution of an author into a state. Returns its id.
async fn in_state(state: &str, author: &Person<'_>, editor: &Person<'_>) -> String {
    with_changes(source("Some"), state, author, editor).await
}

/// Brings a contribution with some changes into a state. Returns its id.
async fn with_changes(
    changes: Value,
    state: &str,
    author: &Person<'_>,
    editor: &Person<'_>,
) -> String {
    let wanted = json!({ "title": "Some", "rationale": "So.", "changes": changes });
    let created = author.create(wanted).await;
    let id = created["contribution"]["id"].as_str().unwrap().to_owned();
    let steps: &[(&Person<'_>, &str)] = match state {
        "DRAFT" => &[],
        "SUBMITTED" => &[(author, "submitContribution")],
        "IN_REVIEW" => &[(author, "submitContribution"), (editor, "startReview")],
        "CHANGES_REQUESTED" => &[(author, "submitContribution"), (editor, "requestChanges")],
        "ACCEPTED" => &[
            (author, "submitContribution"),
            (editor, "acceptContribution"),
        ],
        "REJECTED" => &[
            (author, "submitContribution"),
            (editor, "rejectContribution"),
        ],
        _ => &[
            (author, "submitContribution"),
            (author, "withdrawContribution"),
        ],
    };
    let mut reached = "DRAFT".to_owned();
    for (person, step) in steps {
        reached = person.outcome(step, input(step, &id, 1)).await;
    }
    assert_eq!(reached, state);
    id
}

#[tokio::test]
async fn every_step_in_every_state_by_every_role_has_the_expected_outcome() {
    let api = Api::empty().await;
    let (ada, rita) = (
        api.person(Role::Contributor, "ada").await,
        api.editor("rita").await,
    );
    let people = [
        (Role::Anonymous, api.anyone()),
        (
            Role::Contributor,
            api.person(Role::Contributor, "carla").await,
        ),
        (Role::Editor, api.editor("eva").await),
        (Role::Admin, api.person(Role::Admin, "anna").await),
    ];
    let mut ready: HashMap<(usize, usize, bool), String> = HashMap::new();
    let mut looked = 0;
    for (state, name) in STATES.iter().enumerate() {
        for (who, (role, person)) in people.iter().enumerate() {
            for is_own in [false, true] {
                if is_own && *role == Role::Anonymous {
                    continue;
                }
                let author = if is_own { person } else { &ada };
                let actor = Actor {
                    role: *role,
                    is_own,
                };
                for (at, (step, ..)) in STEPS.iter().enumerate() {
                    for is_newest in [false, true] {
                        // A contribution on which a step failed is used again; one of somebody else, by all callers.
                        let key = (state, if is_own { who } else { 0 }, is_own);
                        let id = match ready.remove(&key) {
                            Some(id) => id,
                            None => in_state(name, author, &rita).await,
                        };
                        let revision = if is_newest { 1 } else { 7 };
                        let possible = steps(person, &id).await;
                        let outcome = person.outcome(step, input(step, &id, revision)).await;
                        let right = expected(state, at, actor, is_newest);
                        assert_eq!(outcome, right, "{name} {step} {actor:?} {is_newest}");
                        let is_done = STATES.contains(&right);
                        let is_possible = possible.iter().any(|one| one == step_of(step));
                        if is_newest {
                            assert_eq!(is_possible, is_done, "{name} {step} {actor:?}");
                        }
                        if right == "ILLEGAL_TRANSITION" {
                            let refused = person.step(step, input(step, &id, revision)).await;
                            let message = refused["userErrors"][0]["message"].as_str().unwrap();
                            assert_eq!(named_in(message), possible, "{message}");
                        }
                        if !is_done {
                            ready.insert(key, id);
                        }
                        looked += 1;
                    }
                }
            }
        }
    }
    assert_eq!(looked, 7 * 7 * 7 * 2);
}

#[tokio::test]
async fn steps_that_depend_on_conflicts_and_reversals_are_listed_where_their_mutations_succeed() {
    let api = Api::seeded().await;
    let (ada, rita) = (
        api.person(Role::Contributor, "ada").await,
        api.editor("rita").await,
    );
    let people = [
        ("author", &ada),
        ("contributor", &api.contributor().await),
        ("editor", &api.editor("eva").await),
        ("anonymous", &api.anyone()),
    ];
    rita.publish(retitle(1, "Another")).await;
    let mut done = 0;
    for state in STATES {
        let is_final = ["ACCEPTED", "REJECTED", "WITHDRAWN"].contains(&state);
        for (who, person) in people {
            for step in [
                "resolveConflicts",
                "acceptContribution",
                "revertContribution",
                "commentOnContribution",
            ] {
                for conflicts in [false, true] {
                    let changes = if conflicts && !is_final {
                        retitle(1, "Some")
                    } else {
                        source("Some")
                    };
                    let id = with_changes(changes, state, &ada, &rita).await;
                    let possible = steps(person, &id).await;
                    let refused = person.outcome(step, input(step, &id, 1)).await;
                    let is_possible = possible.iter().any(|one| one == step_of(step));
                    assert_eq!(
                        is_possible,
                        STATES.contains(&refused.as_str()),
                        "{who} {step} {state}, conflicts: {conflicts}: {refused}"
                    );
                    done += usize::from(is_possible);
                }
            }
        }
    }
    // Four states with conflicts; two in which an editor accepts; an accepted one, for three people, twice; comments.
    assert_eq!(done, 4 + 2 + 3 * 2 + (7 * 3 - 2) * 2);
}

#[tokio::test]
async fn anybody_signed_in_who_sees_a_contribution_may_comment_in_any_state() {
    let api = Api::empty().await;
    let (ada, rita) = (
        api.person(Role::Contributor, "ada").await,
        api.editor("rita").await,
    );
    let carla = api.contributor().await;
    for state in STATES {
        let id = in_state(state, &ada, &rita).await;
        let comment = json!({ "id": id, "body": "Why?" });
        let step = "commentOnContribution";
        assert_eq!(ada.outcome(step, comment.clone()).await, state);
        let can_comment =
            async |person: &Person<'_>| steps(person, &id).await.iter().any(|one| one == "COMMENT");
        assert!(can_comment(&ada).await);
        assert_eq!(can_comment(&carla).await, state != "DRAFT");
        assert!(!can_comment(&api.anyone()).await);
        let is_draft = state == "DRAFT";
        let others = if is_draft { "NOT_FOUND" } else { state };
        assert_eq!(carla.outcome(step, comment.clone()).await, others);
        let nobody = if is_draft {
            "NOT_FOUND"
        } else {
            "UNAUTHENTICATED"
        };
        assert_eq!(api.anyone().outcome(step, comment).await, nobody);
    }
}

#[tokio::test]
async fn a_withdrawn_draft_stays_visible_to_its_author_only() {
    let api = Api::empty().await;
    let ada = api.person(Role::Contributor, "ada").await;
    let rita = api.editor("rita").await;
    let id = in_state("DRAFT", &ada, &rita).await;
    let taken_back = ada
        .outcome("withdrawContribution", json!({ "id": id }))
        .await;
    assert_eq!(taken_back, "WITHDRAWN");
    let query = "query($id: ID!) { contribution(id: $id) { state } contributions { totalCount } }";
    let hidden = json!({ "contribution": null, "contributions": { "totalCount": 0 } });
    assert_eq!(rita.ask(query, json!({ "id": id })).await.data(), hidden);
    let own = ada.ask(query, json!({ "id": id })).await.data();
    assert_eq!(own["contribution"]["state"], "WITHDRAWN");
}

#[tokio::test]
async fn a_contribution_names_its_reviewer_until_the_author_updates_it() {
    let api = Api::empty().await;
    let ada = api.person(Role::Contributor, "ada").await;
    let rita = api.editor("rita").await;
    let id = in_state("IN_REVIEW", &ada, &rita).await;
    let query = "query($id: ID!) { contribution(id: $id) {
        state revision title reviewer { id } comments { author { id } body } } }";
    let asked = async || {
        let answer = api.anyone().ask(query, json!({ "id": id })).await.data();
        answer["contribution"].clone()
    };
    assert_eq!(asked().await["reviewer"]["id"], "rita");
    let input = json!({ "id": id, "revision": 1, "title": "Better", "changes": source("Better") });
    assert_eq!(ada.outcome("updateContribution", input).await, "SUBMITTED");
    let after = asked().await;
    assert_eq!(
        (&after["reviewer"], &after["revision"], &after["title"]),
        (&Value::Null, &json!(2), &json!("Better"))
    );
    let more = json!({ "id": id, "revision": 2, "comment": "And the date?" });
    assert_eq!(
        rita.outcome("requestChanges", more).await,
        "CHANGES_REQUESTED"
    );
    assert_eq!(
        asked().await["comments"],
        json!([{ "author": { "id": "rita" }, "body": "And the date?" }])
    );
}
