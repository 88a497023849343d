//! Tips: messages from readers without an account to the editors.

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;
use serde_json::{Value, json};

use crate::database::connect;
use crate::harness::{Api, Person, roomy};

const CONTACT: &str = "reader-7341@example.org";

fn tip(message: &str) -> Value {
    json!({ "country": "AZ", "message": message, "link": "https://example.org/news", "contact": CONTACT })
}

const SEND: &str = "mutation($input: SubmitTipInput!) { submitTip(input: $input) {
    contribution { id state revision isTip title rationale message link contact author { id } authors { id }
        changes { id } comments { body } decision reviewer { id } countries { code } }
    userErrors { code message path } } }";

async fn send(person: &Person<'_>, input: Value) -> Value {
    let answer = person.ask(SEND, json!({ "input": input })).await;
    answer.data()["submitTip"].clone()
}

fn id(payload: &Value) -> String {
    payload["contribution"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{payload:#}"))
        .to_owned()
}

/// A contribution in every query through which a person might see it.
async fn seen(person: &Person<'_>, id: &str) -> Value {
    let query = "query($id: ID!, $ids: [ID!]) {
        contribution(id: $id) { message contact }
        node(id: $id) { ... on Contribution { message contact } }
        nodes(ids: [$id]) { ... on Contribution { message contact } }
        contributions(filter: { ids: $ids }) { totalCount nodes { message contact } } }";
    let answer = person.ask(query, json!({ "id": id, "ids": [id] })).await;
    answer.data()
}

fn completed(message: &str) -> Value {
    json!([{ "createSource": { "fields": { "kind": "NEWS", "title": message } } }])
}

#[tokio::test]
async fn only_editors_see_a_tip_until_one_completes_it() {
    let api = Api::seeded().await;
    let sent = send(&api.anyone(), tip("The agency was renamed.")).await;
    let id = id(&sent);
    assert_eq!(
        sent,
        json!({ "userErrors": [], "contribution": { "id": id, "state": "SUBMITTED", "revision": 1,
            "isTip": true, "title": "Tip about AZ", "rationale": null,
            "message": "The agency was renamed.", "link": "https://example.org/news", "contact": null,
            "author": null, "authors": [], "changes": [], "comments": [], "decision": null,
            "reviewer": null, "countries": [{ "code": "AZ" }] } })
    );
    let (eva, rita) = (api.editor("eva").await, api.editor("rita").await);
    let carla = api.contributor().await;
    let hidden = json!({ "contribution": null, "node": null, "nodes": [null],
        "contributions": { "totalCount": 0, "nodes": [] } });
    assert_eq!(seen(&api.anyone(), &id).await, hidden);
    assert_eq!(seen(&carla, &id).await, hidden);
    for step in ["commentOnContribution", "updateContribution"] {
        let input = json!({ "id": id, "body": "?" });
        let input = if step == "updateContribution" {
            json!({ "id": id, "revision": 1, "title": "?" })
        } else {
            input
        };
        assert_eq!(carla.outcome(step, input).await, "NOT_FOUND");
    }
    let said = json!({ "id": id, "body": "Between us." });
    assert_eq!(
        rita.outcome("commentOnContribution", said).await,
        "SUBMITTED"
    );
    let one = json!({ "message": "The agency was renamed.", "contact": CONTACT });
    assert_eq!(seen(&eva, &id).await["node"], one);
    // A tip without changes cannot be accepted.
    assert_eq!(eva.accept(&id).await["userErrors"][0]["code"], "REQUIRED");
    let edit = json!({ "id": id, "revision": 1, "title": "Renamed", "rationale": "A reader says so.",
        "changes": completed("The agency was renamed") });
    assert_eq!(eva.outcome("updateContribution", edit).await, "SUBMITTED");
    let about = "{ contributions(filter: { countries: [\"AZ\"] }) { totalCount } }";
    let found = api.query(about).await["contributions"]["totalCount"].clone();
    assert_eq!(
        found, 1,
        "it is still about the country that the reader named"
    );
    let public = json!({ "message": "The agency was renamed.", "contact": null });
    assert_eq!(seen(&api.anyone(), &id).await["contribution"], public);
    assert_eq!(seen(&eva, &id).await["contribution"]["contact"], CONTACT);
    let comments = "query($id: ID!) { contribution(id: $id) { comments { body } } }";
    let said = async |person: &Person<'_>| {
        let answer = person.ask(comments, json!({ "id": id })).await.data();
        answer["contribution"]["comments"].clone()
    };
    assert_eq!(said(&carla).await, json!([]));
    assert_eq!(said(&eva).await, json!([{ "body": "Between us." }]));
    let accept = json!({ "id": id, "revision": 2 });
    assert_eq!(
        eva.outcome("acceptContribution", accept.clone()).await,
        "OWN_CONTRIBUTION",
        "the editor who completed it is an author"
    );
    assert_eq!(rita.outcome("acceptContribution", accept).await, "ACCEPTED");
    assert_eq!(
        seen(&rita, &id).await["contribution"]["contact"],
        Value::Null,
        "the contact is deleted with the decision"
    );
}

#[tokio::test]
async fn the_contact_of_a_tip_is_shown_to_editors_only_and_deleted_with_the_decision() {
    let api = Api::seeded().await;
    let (eva, rita) = (api.editor("eva").await, api.editor("rita").await);
    let id = id(&send(&api.anyone(), tip("New.")).await);
    let db = connect(&api.url).await;
    let kept = async || {
        use sea_orm::{ConnectionTrait, Statement};
        let asked = Statement::from_string(
            db.get_database_backend(),
            "SELECT count(*) AS kept FROM contribution WHERE contact IS NOT NULL",
        );
        let row = db.query_one_raw(asked).await.unwrap().unwrap();
        row.try_get::<i64>("", "kept").unwrap()
    };
    assert_eq!(kept().await, 1);
    let mut socket = api.socket(json!({})).await;
    let follow = "subscription { contributions { id message contact } }";
    socket.subscribe("1", follow, json!({})).await;
    api.contributions_followed_by(1).await;
    let edit = json!({ "id": id, "revision": 1, "changes": completed("New") });
    assert_eq!(eva.outcome("updateContribution", edit).await, "SUBMITTED");
    let heard = socket.event().await;
    assert_eq!(
        heard["contributions"],
        json!({ "id": id, "message": "New.", "contact": null })
    );
    let reason = json!({ "id": id, "revision": 2, "reason": "Not so." });
    assert_eq!(rita.outcome("rejectContribution", reason).await, "REJECTED");
    assert_eq!(kept().await, 0);
    assert!(!api.export().await.contains(CONTACT));
    // Errors about a contact do not repeat it.
    let mut input = tip("Again.");
    input["contact"] = json!(format!("{CONTACT}\n{CONTACT}"));
    let refused = send(&api.anyone(), input).await;
    assert_eq!(refused["userErrors"][0]["path"], json!(["contact"]));
    assert!(!refused.to_string().contains(CONTACT), "{refused}");
}

#[tokio::test]
async fn a_withdrawn_or_rejected_tip_stays_hidden() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let spam = id(&send(&api.anyone(), tip("Buy this.")).await);
    let reason = json!({ "id": spam, "revision": 1, "reason": "Advertising." });
    assert_eq!(eva.outcome("rejectContribution", reason).await, "REJECTED");
    assert_eq!(
        seen(&api.anyone(), &spam).await["contribution"],
        Value::Null
    );
    assert_eq!(
        seen(&eva, &spam).await["contribution"]["contact"],
        Value::Null
    );
    // A signed-in sender is an author: they see their tip, and can withdraw it.
    let carla = api.contributor().await;
    let own = id(&send(&carla, tip("Mine.")).await);
    let one = seen(&carla, &own).await["contribution"].clone();
    assert_eq!(one, json!({ "message": "Mine.", "contact": null }));
    let taken_back = carla.outcome("withdrawContribution", json!({ "id": own }));
    assert_eq!(taken_back.await, "WITHDRAWN");
    let otto = api.person(Role::Editor, "otto").await;
    let mine = id(&send(&otto, tip("Also mine.")).await);
    assert_eq!(
        otto.outcome("startReview", json!({ "id": mine })).await,
        "OWN_CONTRIBUTION"
    );
}

#[tokio::test]
async fn an_editor_cannot_complete_a_tip_that_another_reviews() {
    let api = Api::seeded().await;
    let (eva, rita) = (api.editor("eva").await, api.editor("rita").await);
    let id = id(&send(&api.anyone(), tip("New.")).await);
    assert_eq!(
        rita.outcome("startReview", json!({ "id": id })).await,
        "IN_REVIEW"
    );
    let edit = json!({ "id": id, "revision": 1, "changes": completed("New") });
    assert_eq!(
        eva.outcome("updateContribution", edit.clone()).await,
        "FORBIDDEN"
    );
    let back = json!({ "id": id, "revision": 1, "comment": "Somebody please." });
    assert_eq!(
        rita.outcome("requestChanges", back).await,
        "CHANGES_REQUESTED"
    );
    assert_eq!(
        eva.outcome("updateContribution", edit).await,
        "CHANGES_REQUESTED"
    );
    let submit = json!({ "id": id, "revision": 2 });
    assert_eq!(
        rita.outcome("submitContribution", submit.clone()).await,
        "FORBIDDEN"
    );
    assert_eq!(eva.outcome("submitContribution", submit).await, "SUBMITTED");
}

#[tokio::test]
async fn a_repeated_tip_gets_the_first_answer_and_reveals_no_decision() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let mut input = tip("Once.");
    input["idempotencyKey"] = json!("key-1");
    let first = send(&api.anyone(), input.clone()).await;
    let id = id(&first);
    let comment = json!({ "id": id, "body": "Known to us." });
    eva.outcome("commentOnContribution", comment).await;
    let edit = json!({ "id": id, "revision": 1, "title": "Internal" });
    eva.outcome("updateContribution", edit).await;
    let reason = json!({ "id": id, "revision": 2, "reason": "A hoax." });
    let rita = api.editor("rita").await;
    assert_eq!(rita.outcome("rejectContribution", reason).await, "REJECTED");
    assert_eq!(send(&api.anyone(), input.clone()).await, first);
    input["message"] = json!("Other.");
    let other = send(&api.anyone(), input).await;
    assert_eq!(other["contribution"], Value::Null);
    assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_MISMATCH");
    let count = "{ contributions(filter: { state: [REJECTED, SUBMITTED] }) { totalCount } }";
    let all = eva.ask(count, json!({})).await.data();
    assert_eq!(all["contributions"]["totalCount"], 1);
}

#[tokio::test]
async fn all_findings_about_a_tip_are_returned_together() {
    let api = Api::seeded().await;
    let input = json!({ "country": "A", "message": " ", "link": "javascript:alert(1)" });
    let refused = send(&api.anyone(), input).await;
    let paths: Vec<&str> = refused["userErrors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"][0].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["country", "message", "link"]);
    let nowhere = json!({ "country": "ZZ", "message": "New." });
    let refused = send(&api.anyone(), nowhere).await;
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND");
    assert_eq!(refused["userErrors"][0]["path"], json!(["country"]));
}

#[tokio::test]
async fn max_tips_per_hour_and_max_proposals_per_second_are_enforced() {
    let limits = Limits {
        max_tips_per_hour: 3,
        max_proposals_per_second: 5,
        ..roomy()
    };
    let api = Api::builder().empty().limits(limits).start().await;
    let send = async || {
        let input = json!({ "input": { "country": "AZ", "message": "New." } });
        api.anyone().ask(SEND, input).await
    };
    for _ in 0..3 {
        assert_eq!(
            send().await.data()["submitTip"]["userErrors"][0]["code"],
            "NOT_FOUND"
        );
    }
    let refused = send().await;
    assert_eq!(refused.code(), "RATE_LIMITED");
    let wait = &refused.body["errors"][0]["extensions"]["retryAfterSeconds"];
    assert!((1..=1_200).contains(&wait.as_i64().unwrap()), "{wait}");
    let carla = api.contributor().await;
    let changes = json!([{ "createSource": { "fields": { "kind": "NEWS", "title": "A" } } }]);
    let input = json!({ "title": "A", "rationale": "B.", "changes": changes });
    let requests = (0..100).map(|_| carla.outcome("createContribution", input.clone()));
    let outcomes = futures_util::future::join_all(requests).await;
    let stored = outcomes
        .iter()
        .filter(|outcome| *outcome == "DRAFT")
        .count();
    let limited = outcomes
        .iter()
        .filter(|outcome| *outcome == "RATE_LIMITED")
        .count();
    assert_eq!(stored + limited, 100, "{outcomes:?}");
    assert!(limited > 50, "{limited}");
    let query =
        "{ contributions(filter: { mine: true }) { totalCount } serviceConfig { maxTipsPerHour } }";
    let answer = carla.ask(query, json!({})).await.data();
    assert_eq!(answer["contributions"]["totalCount"], stored);
    assert_eq!(answer["serviceConfig"]["maxTipsPerHour"], 3);
}

#[tokio::test]
async fn a_tip_about_a_country_is_refused_as_soon_as_any_process_has_retired_it() {
    let api = Api::seeded().await;
    let other = Api::builder().database(api.url.clone()).start().await;
    let country = json!([{ "createCountry": { "key": "su", "fields": { "kind": "OTHER", "code": "SU",
        "names": [{ "text": "Soviet Union", "language": "en" }], "designationNote": "ISO 3166-3: SUHH" } } }]);
    api.editor("eva").await.publish(country).await;
    let outcome = async |through: &Api| {
        let about = json!({ "country": "SU", "message": "It has gone." });
        let sent = send(&through.anyone(), about).await;
        sent["userErrors"][0]["code"].clone()
    };
    for (version, by) in (1..).zip([&api, &other]) {
        for _ in 0..2 {
            assert_eq!(outcome(&api).await, Value::Null);
            assert_eq!(outcome(&other).await, Value::Null);
        }
        let eva = by.editor("eva").await;
        let retire = json!({ "id": "Country:su", "baseVersion": version, "reason": "Gone." });
        eva.publish(json!([{ "retire": retire }])).await;
        assert_eq!(outcome(&api).await, "NOT_FOUND");
        assert_eq!(outcome(&other).await, "NOT_FOUND");
        let restore = json!({ "id": "Country:su", "baseVersion": version, "reason": "Back." });
        eva.publish(json!([{ "restore": restore }])).await;
    }
}
