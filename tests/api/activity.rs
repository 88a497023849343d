//! The activity of a contribution: who did what, in which order, and who sees it.

use cyberprofiles::store;
use serde_json::{Value, json};

use crate::harness::{Api, Person, cite, retitle};

fn source(title: &str) -> Value {
    json!([{ "createSource": { "fields": { "kind": "NEWS", "title": title } } }])
}

/// The activity that a person sees: step, person, revision and comment. Checks the order and the instants.
async fn activity(person: &Person<'_>, id: &str) -> Vec<(String, String, i64, String)> {
    let query = "query($id: ID!) { contribution(id: $id) { createdAt updatedAt
        activity { at actor { id } step revision comment } } }";
    let answer = person.ask(query, json!({ "id": id })).await.data();
    let found = &answer["contribution"];
    let all = found["activity"].as_array().unwrap();
    let mut before = found["createdAt"].as_str().unwrap();
    for one in all {
        let at = one["at"].as_str().unwrap();
        assert!(before <= at, "{all:#?}");
        before = at;
    }
    assert!(before <= found["updatedAt"].as_str().unwrap());
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let one = |one: &Value| {
        (
            word(&one["step"]),
            word(&one["actor"]["id"]),
            one["revision"].as_i64().unwrap(),
            word(&one["comment"]),
        )
    };
    all.iter().map(one).collect()
}

fn lines(expected: &[(&str, &str, i64, &str)]) -> Vec<(String, String, i64, String)> {
    let line = |(step, actor, revision, comment): &(&str, &str, i64, &str)| {
        let (step, actor) = ((*step).to_owned(), (*actor).to_owned());
        (step, actor, *revision, (*comment).to_owned())
    };
    expected.iter().map(line).collect()
}

async fn draft(person: &Person<'_>) -> String {
    let input = json!({ "title": "T", "rationale": "R.", "changes": source("T") });
    let payload = person.create(input).await;
    payload["contribution"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_activity_tells_each_step_and_comment_once_and_edits_of_a_draft_to_authors_alone() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let (eva, rita) = (api.editor("eva").await, api.editor("rita").await);
    let id = draft(&carla).await;
    let of = |revision: i64| json!({ "id": id, "revision": revision });
    let with = |mut input: Value, member: &str, text: &str| {
        input[member] = json!(text);
        input
    };
    let say = |body: &str| json!({ "id": id, "body": body });
    carla
        .step("commentOnContribution", say("For myself."))
        .await;
    carla
        .step("updateContribution", with(of(1), "title", "Two"))
        .await;
    carla.step("submitContribution", of(2)).await;
    eva.step("commentOnContribution", say("Nice.")).await;
    eva.step("startReview", json!({ "id": id })).await;
    eva.step("requestChanges", with(of(2), "comment", "More."))
        .await;
    carla.step("commentOnContribution", say("Yes.")).await;
    carla
        .step("updateContribution", with(of(2), "title", "Three"))
        .await;
    carla.step("submitContribution", of(3)).await;
    rita.step("acceptContribution", with(of(3), "comment", "Good."))
        .await;
    let as_draft = lines(&[
        ("UPDATE", "carla", 1, "-"),
        ("COMMENT", "carla", 1, "For myself."),
        ("UPDATE", "carla", 2, "-"),
    ]);
    let as_submitted = lines(&[
        ("SUBMIT", "carla", 2, "-"),
        ("COMMENT", "eva", 2, "Nice."),
        ("START_REVIEW", "eva", 2, "-"),
        ("REQUEST_CHANGES", "eva", 2, "More."),
        ("COMMENT", "carla", 2, "Yes."),
        ("UPDATE", "carla", 3, "-"),
        ("SUBMIT", "carla", 3, "-"),
        ("ACCEPT", "rita", 3, "Good."),
    ]);
    assert_eq!(activity(&api.anyone(), &id).await, as_submitted);
    assert_eq!(activity(&eva, &id).await, as_submitted);
    assert_eq!(
        activity(&carla, &id).await,
        [as_draft, as_submitted].concat()
    );
    // A step that is refused, or only checked, leaves nothing.
    let other = carla.proposed(source("Other")).await;
    let checked = json!({ "id": other, "revision": 1, "title": "No", "validateOnly": true });
    carla.step("updateContribution", checked).await;
    carla.accept_refused(&other).await;
    let made = lines(&[("UPDATE", "carla", 1, "-"), ("SUBMIT", "carla", 1, "-")]);
    assert_eq!(activity(&api.anyone(), &other).await, made);
    carla
        .step("withdrawContribution", json!({ "id": other }))
        .await;
    let made = [made, lines(&[("WITHDRAW", "carla", 1, "-")])].concat();
    assert_eq!(activity(&api.anyone(), &other).await, made);
}

#[tokio::test]
async fn resolving_and_reverting_are_steps_of_the_activity() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let change = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1,
        "set": { "shortTitle": "One" }, "cite": cite() } }]);
    let id = carla.proposed(change).await;
    eva.publish(retitle(1, "Two")).await;
    let choice =
        json!({ "recordId": "Treaty:ets-185", "field": "SHORT_TITLE", "take": "PROPOSED" });
    let resolve = json!({ "id": id, "revision": 1, "choices": [choice] });
    carla.step("resolveConflicts", resolve).await;
    eva.step("acceptContribution", json!({ "id": id, "revision": 2 }))
        .await;
    let revert = json!({ "id": id, "rationale": "Wrong." });
    let reverted = eva.outcome("revertContribution", revert).await;
    assert_eq!(reverted, "SUBMITTED");
    let expected = lines(&[
        ("UPDATE", "carla", 1, "-"),
        ("SUBMIT", "carla", 1, "-"),
        ("RESOLVE_CONFLICTS", "carla", 2, "-"),
        ("ACCEPT", "eva", 2, "-"),
        ("REVERT", "eva", 2, "-"),
    ]);
    assert_eq!(activity(&api.anyone(), &id).await, expected);
}

impl Person<'_> {
    /// Submits a contribution that is submitted already.
    async fn accept_refused(&self, id: &str) {
        let input = json!({ "id": id, "revision": 1 });
        let code = self.outcome("submitContribution", input).await;
        assert_eq!(code, "ILLEGAL_TRANSITION");
    }
}

#[tokio::test]
async fn the_activity_of_a_tip_shows_readers_only_what_followed_its_completion() {
    let api = Api::seeded().await;
    let (carla, eva, rita) = (
        api.contributor().await,
        api.editor("eva").await,
        api.editor("rita").await,
    );
    let contact = "reader@example.org";
    let tip =
        "mutation($input: SubmitTipInput!) { submitTip(input: $input) { contribution { id } } }";
    let input = json!({ "country": "AZ", "message": "New.", "contact": contact });
    let sent = async |person: &Person<'_>| {
        let answer = person.ask(tip, json!({ "input": input })).await.data();
        answer["submitTip"]["contribution"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for (reader, name) in [(&api.anyone(), "-"), (&carla, "carla")] {
        let id = sent(reader).await;
        let say = json!({ "id": id, "body": format!("Ask {contact}.") });
        eva.step("commentOnContribution", say).await;
        let edit = json!({ "id": id, "revision": 1, "changes": source("Tip") });
        eva.step("updateContribution", edit).await;
        let reason = json!({ "id": id, "revision": 2, "reason": "Not so." });
        rita.step("rejectContribution", reason).await;
        let public = lines(&[("UPDATE", "eva", 2, "-"), ("REJECT", "rita", 2, "Not so.")]);
        assert_eq!(activity(&api.anyone(), &id).await, public);
        let whole = [
            lines(&[
                ("SUBMIT", name, 1, "-"),
                ("COMMENT", "eva", 1, "Ask reader@example.org."),
            ]),
            public,
        ];
        assert_eq!(activity(&rita, &id).await, whole.concat());
    }
}

#[tokio::test]
async fn an_upgrade_fills_in_the_steps_and_base_versions_that_contributions_still_tell() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let (eva, rita) = (api.editor("eva").await, api.editor("rita").await);
    let drafted = draft(&carla).await;
    let reviewed = carla.proposed(source("Seen")).await;
    eva.step("startReview", json!({ "id": reviewed })).await;
    let withdrawn = carla.proposed(source("Back")).await;
    carla
        .step("withdrawContribution", json!({ "id": withdrawn }))
        .await;
    let rejected = carla.proposed(source("No")).await;
    let reason = json!({ "id": rejected, "revision": 1, "reason": "No." });
    rita.step("rejectContribution", reason).await;
    let change = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1,
        "set": { "shortTitle": "One" }, "cite": cite() } }]);
    let conflicting = carla.proposed(change).await;
    let tip = "mutation { submitTip(input: { country: \"AZ\", message: \"M\" }) { contribution { id } } }";
    let tip = api.query(tip).await["submitTip"]["contribution"]["id"].clone();
    let tip = tip.as_str().unwrap();
    eva.publish(retitle(1, "Two")).await;

    api.store.close().await;
    let all = store::migrations(&api.url).await.unwrap();
    let later = all
        .iter()
        .filter(|(name, _)| name.as_str() >= "m20260110_000003");
    let later = u32::try_from(later.count()).unwrap();
    store::revert(&api.url, Some(later)).await.unwrap();
    let again = Api::builder().database(api.url.clone()).start().await;
    let carla = again.contributor().await;
    let (eva, anyone) = (again.editor("eva").await, again.anyone());
    let created = [("UPDATE", "carla", 1, "-")];
    assert_eq!(activity(&carla, &drafted).await, lines(&created));
    let submitted = [created[0], ("SUBMIT", "carla", 1, "-")];
    for (id, last) in [
        (&reviewed, ("START_REVIEW", "eva", 1, "-")),
        (&withdrawn, ("WITHDRAW", "carla", 1, "-")),
        (&rejected, ("REJECT", "rita", 1, "No.")),
    ] {
        let expected = [submitted[0], submitted[1], last];
        assert_eq!(activity(&anyone, id).await, lines(&expected));
    }
    assert_eq!(activity(&anyone, &conflicting).await, lines(&submitted));
    assert_eq!(activity(&eva, tip).await, lines(&[("SUBMIT", "-", 1, "-")]));
    let waiting = "{ contributions(filter: { awaitingViewer: true }) { nodes { id } } }";
    let waiting = carla.ask(waiting, json!({})).await.data();
    assert_eq!(
        waiting["contributions"]["nodes"],
        json!([{ "id": conflicting }])
    );
    // Steps go on after those that were filled in.
    eva.step(
        "acceptContribution",
        json!({ "id": reviewed, "revision": 1 }),
    )
    .await;
    let told = activity(&anyone, &reviewed).await;
    assert_eq!(told.last(), lines(&[("ACCEPT", "eva", 1, "-")]).first());
}
