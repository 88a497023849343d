//! Contributions: proposed by one person, accepted by another, merged field by field.

use cyberprofiles::domain::viewer::Role;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::harness::{Api, bundled, cite, retitle};

fn ireland_ratifies() -> Value {
    json!([{ "createTreatyEvent": {
        "fields": { "kind": "RATIFICATION", "date": "2026-11-20", "country": "IE", "treaty": "ETS 185" },
        "cite": [{ "source": "Source:new-notice", "locator": "p. 1", "certainty": "CONFIRMED" }] } },
        { "createSource": { "key": "new-notice", "fields": { "kind": "OFFICIAL_GAZETTE", "title": "Notice" } } }])
}

#[tokio::test]
async fn an_accepted_contribution_changes_the_profile_with_its_citations() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let id = carla.proposed(ireland_ratifies()).await;
    let query = "query($id: ID!) { contribution(id: $id) { revision state title rationale
        author { id role } authors { id } reviewer { id } countries { code } decision
        changes { operation recordKind recordId baseVersion fields { field before after }
            citations { sourceId source { id } fields locator certainty } } conflicts { field } } }";
    let proposed = api.anyone().ask(query, json!({ "id": id })).await.data();
    assert_json_snapshot!("proposed", proposed["contribution"]);
    assert_eq!(
        api.query("{ head { sequence } }").await["head"]["sequence"],
        bundled()
    );
    let eva = api.editor("eva").await;
    let input = json!({ "id": id, "revision": 1, "comment": "Seen in the gazette." });
    let accepted = eva.step("acceptContribution", input).await;
    assert_json_snapshot!("accepted", accepted);
    let found = api
        .query(
            "{ node(id: \"TreatyEvent:ie-ets-185-ratification\") { ... on TreatyEvent { version
                citations { source { id title } fields locator certainty } } }
            changes(last: 2) { nodes { recordId transaction { index size } contribution { state } actor { id } } } }",
        )
        .await;
    assert_json_snapshot!("found", found);
}

#[tokio::test]
async fn an_author_cannot_accept_or_reject_their_own_contribution() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let id = eva.proposed(retitle(1, "Mine")).await;
    let second_token = api.editor("eva").await;
    let admin = api.token(Role::Admin, "eva").await;
    for (token, step) in [
        (None, "acceptContribution"),
        (Some(admin), "acceptContribution"),
    ] {
        let person = match token {
            None => {
                second_token
                    .step(step, json!({ "id": id, "revision": 1 }))
                    .await
            }
            Some(token) => {
                let query = "mutation($input: AcceptContributionInput!) { acceptContribution(input: $input) {
                    contribution { id } userErrors { code } } }";
                let body = json!({ "query": query, "variables": { "input": { "id": id, "revision": 1 } } });
                let request = api
                    .request(reqwest::Method::POST, "/graphql")
                    .bearer_auth(token)
                    .json(&body);
                let answer: Value = request.send().await.unwrap().json().await.unwrap();
                answer["data"]["acceptContribution"].clone()
            }
        };
        assert_eq!(person["contribution"], Value::Null);
        assert_eq!(person["userErrors"][0]["code"], "OWN_CONTRIBUTION");
    }
    let reason = json!({ "id": id, "revision": 1, "reason": "No." });
    assert_eq!(
        second_token.step("rejectContribution", reason).await["userErrors"][0]["code"],
        "OWN_CONTRIBUTION"
    );
    assert_eq!(
        api.editor("otto").await.accept(&id).await["contribution"]["state"],
        "ACCEPTED"
    );
}

#[tokio::test]
async fn only_its_author_sees_a_draft() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let eva = api.editor("eva").await;
    let input =
        json!({ "title": "Draft", "rationale": "Not yet.", "changes": retitle(1, "Draft title") });
    let payload = carla.create(input).await;
    let id = payload["contribution"]["id"].as_str().unwrap();
    assert_eq!(payload["contribution"]["state"], "DRAFT");
    let query = "query($id: ID!, $ids: [ID!]) { contribution(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id }
        contributions(filter: { ids: $ids }) { totalCount } mine: contributions(filter: { mine: true }) { totalCount } }";
    let variables = json!({ "id": id, "ids": [id] });
    let hidden = json!({ "contribution": null, "node": null, "nodes": [null],
        "contributions": { "totalCount": 0 }, "mine": { "totalCount": 0 } });
    assert_eq!(eva.ask(query, variables.clone()).await.data(), hidden);
    assert_eq!(
        api.anyone().ask(query, variables.clone()).await.data(),
        hidden
    );
    let own = carla.ask(query, variables.clone()).await.data();
    assert_eq!(
        (&own["contribution"]["id"], &own["mine"]["totalCount"]),
        (&json!(id), &json!(1))
    );
    let step = json!({ "id": id, "revision": 1 });
    assert_eq!(
        eva.step("acceptContribution", step.clone()).await["userErrors"][0]["code"],
        "NOT_FOUND"
    );
    assert_eq!(
        eva.step("submitContribution", step.clone()).await["userErrors"][0]["code"],
        "NOT_FOUND"
    );
    assert_eq!(
        carla.step("submitContribution", step.clone()).await["contribution"]["state"],
        "SUBMITTED"
    );
    assert_eq!(
        eva.ask(query, variables).await.data()["contribution"]["id"],
        json!(id)
    );
    assert_eq!(
        carla.step("submitContribution", step).await["userErrors"][0]["code"],
        "ILLEGAL_TRANSITION"
    );
}

#[tokio::test]
async fn accepting_checks_role_id_revision_and_state() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let eva = api.editor("eva").await;
    let id = carla.proposed(retitle(1, "New")).await;
    let accept = "mutation($input: AcceptContributionInput!) { acceptContribution(input: $input) { contribution { id } } }";
    let input = json!({ "input": { "id": id, "revision": 1 } });
    assert_eq!(
        api.anyone().ask(accept, input.clone()).await.code(),
        "UNAUTHENTICATED"
    );
    assert_eq!(carla.ask(accept, input).await.code(), "FORBIDDEN");
    let stale = eva
        .step("acceptContribution", json!({ "id": id, "revision": 2 }))
        .await;
    assert_eq!(stale["userErrors"][0]["code"], "STALE_REVISION");
    assert_eq!(stale["userErrors"][0]["path"], json!(["revision"]));
    let unknown = eva
        .step(
            "acceptContribution",
            json!({ "id": "Contribution:none", "revision": 1 }),
        )
        .await;
    assert_eq!(unknown["userErrors"][0]["code"], "NOT_FOUND");
    let malformed = eva
        .step("acceptContribution", json!({ "id": "none", "revision": 1 }))
        .await;
    assert_eq!(malformed["userErrors"][0]["code"], "INVALID");
    let rejected = eva
        .step(
            "rejectContribution",
            json!({ "id": id, "revision": 1, "reason": "Not so." }),
        )
        .await;
    assert_eq!(rejected["contribution"]["state"], "REJECTED");
    assert_eq!(rejected["contribution"]["decision"], "Not so.");
    assert_eq!(
        eva.accept(&id).await["userErrors"][0]["code"],
        "ILLEGAL_TRANSITION"
    );
    let twice = carla.proposed(retitle(1, "Again")).await;
    assert_eq!(
        eva.accept(&twice).await["contribution"]["state"],
        "ACCEPTED"
    );
    assert_eq!(
        eva.accept(&twice).await["userErrors"][0]["code"],
        "ILLEGAL_TRANSITION"
    );
    assert_eq!(
        api.query("{ head { sequence } }").await["head"]["sequence"],
        bundled() + 1
    );
}

#[tokio::test]
async fn edits_of_different_fields_merge_and_edits_of_one_field_conflict() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let eva = api.editor("eva").await;
    let change = |set: Value| json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1, "set": set, "cite": cite() } }]);
    let one = carla.proposed(change(json!({ "shortTitle": "One" }))).await;
    let other_field = carla
        .proposed(change(json!({ "openedAt": "Strasbourg" })))
        .await;
    // Value and citation already exist when it is accepted: no new version.
    let same = carla.proposed(change(json!({ "shortTitle": "One" }))).await;
    let clash = carla
        .proposed(change(
            json!({ "shortTitle": "Two", "organisation": "CoE" }),
        ))
        .await;
    for id in [&one, &other_field, &same] {
        assert_eq!(eva.accept(id).await["contribution"]["state"], "ACCEPTED");
    }
    let refused = eva.accept(&clash).await;
    assert_eq!(refused["contribution"], Value::Null);
    assert_eq!(refused["userErrors"][0]["code"], "CONFLICT");
    let query = "query($id: ID!) { contribution(id: $id) { state conflicts { recordId field base current proposed } }
        treaty(reference: \"ETS 185\") { version shortTitle openedAt organisation } }";
    let answer = api.anyone().ask(query, json!({ "id": clash })).await.data();
    assert_json_snapshot!(answer, @r#"
    {
      "contribution": {
        "conflicts": [
          {
            "base": "Budapest Convention",
            "current": "One",
            "field": "SHORT_TITLE",
            "proposed": "Two",
            "recordId": "Treaty:ets-185"
          }
        ],
        "state": "SUBMITTED"
      },
      "treaty": {
        "openedAt": "Strasbourg",
        "organisation": "Council of Europe",
        "shortTitle": "One",
        "version": 3
      }
    }
    "#);
}

#[tokio::test]
async fn a_citation_is_valid_until_its_field_changes() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let cited = "{ treaty(reference: \"ETS 185\") { version citations(field: OPENED_AT) { source { id } certainty } } }";
    let before = api.query(cited).await["treaty"]["citations"].clone();
    eva.publish(retitle(1, "New")).await;
    assert_eq!(api.query(cited).await["treaty"]["citations"], before);
    // A field that is named twice gets one citation.
    let only_cites = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 2,
        "cite": [{ "source": "Source:trb-2007-10", "fields": ["OPENED_AT", "OPENED_AT"], "certainty": "DISPUTED" }] } }]);
    eva.publish(only_cites).await;
    let after = api.query(cited).await["treaty"].clone();
    assert_eq!(
        after["version"], 3,
        "an update that only cites is a new version"
    );
    assert_eq!(after["citations"].as_array().unwrap().len(), 3);
    let cleared = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 3, "clear": ["OPENED_AT"] } }]);
    eva.publish(cleared).await;
    let gone = api.query("{ treaty(reference: \"ETS 185\") { openedAt citations(field: OPENED_AT) { certainty } } }").await;
    assert_eq!(gone["treaty"], json!({ "openedAt": null, "citations": [] }));
}

#[tokio::test]
async fn a_create_without_a_key_gets_the_next_free_readable_key() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let declares = json!([{ "createTreatyEvent": { "cite": cite(), "fields":
        { "kind": "DECLARATION", "date": "2026-01", "country": "AL", "treaty": "ETS 185" } } }]);
    // The bundled data has two declarations of Albania; keys in open proposals count as taken.
    for expected in ["al-ets-185-declaration-3", "al-ets-185-declaration-4"] {
        let payload = carla.propose(declares.clone()).await;
        let record = &payload["contribution"]["changes"][0]["recordId"];
        assert_eq!(
            record,
            &json!(format!("TreatyEvent:{expected}")),
            "{payload}"
        );
    }
    let treaty = json!([{ "createTreaty": { "key": "other-key", "cite": cite(), "fields":
        { "reference": "ETS 999", "shortTitle": "Test", "title": "A test", "organisation": "Council of Europe", "parent": "ets-185" } } }]);
    api.editor("eva").await.publish(treaty).await;
    let found = api
        .query("{ treaty(reference: \"ETS999\") { id reference parent { reference } } }")
        .await;
    assert_eq!(
        found["treaty"],
        json!({ "id": "Treaty:other-key", "reference": "ETS 999", "parent": { "reference": "ETS 185" } })
    );
}

#[tokio::test]
async fn contributions_are_listed_by_country_record_and_state() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let first = carla.proposed(ireland_ratifies()).await;
    let second = carla.proposed(retitle(1, "New")).await;
    let list = async |arguments: &str| {
        let query = format!("{{ contributions({arguments}) {{ totalCount nodes {{ id }} }} }}");
        let answer = api.query(&query).await["contributions"]["nodes"].clone();
        answer
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(list("first: 10").await, [second.clone(), first.clone()]);
    assert_eq!(
        list("orderBy: OLDEST").await,
        [first.clone(), second.clone()]
    );
    assert_eq!(list("filter: { countries: [\"IE\"] }").await, [&*first]);
    assert_eq!(
        list("filter: { records: [\"Treaty:ets-185\"] }").await,
        [&*second]
    );
    assert!(list("filter: { state: [ACCEPTED] }").await.is_empty());
    assert_eq!(list("last: 1").await, [first]);
}

#[tokio::test]
async fn a_comment_refers_to_the_contribution_one_of_its_records_or_a_field() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let id = carla.proposed(retitle(1, "New")).await;
    let step = "commentOnContribution";
    let about = |about: Value| {
        let mut input = json!({ "id": id, "body": "Is it?" });
        for (name, value) in about.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let record = json!({ "recordId": "Treaty:ets-185" });
    let field = json!({ "recordId": "Treaty:ets-185", "field": "SHORT_TITLE" });
    for right in [json!({}), record, field] {
        assert_eq!(eva.outcome(step, about(right)).await, "SUBMITTED");
    }
    for (wrong, code, member) in [
        (json!({ "field": "SHORT_TITLE" }), "REQUIRED", "recordId"),
        (
            json!({ "recordId": "Treaty:ets-185", "field": "ACRONYM" }),
            "INVALID",
            "field",
        ),
        (
            json!({ "recordId": "Treaty:ets-189" }),
            "INVALID",
            "recordId",
        ),
        (json!({ "recordId": "none" }), "INVALID", "recordId"),
        (json!({ "body": "  " }), "REQUIRED", "body"),
        (json!({ "body": "x".repeat(20_001) }), "INVALID", "body"),
    ] {
        let refused = eva.step(step, about(wrong)).await;
        assert_eq!(refused["userErrors"][0]["code"], code, "{refused:#}");
        assert_eq!(refused["userErrors"][0]["path"], json!([member]));
    }
    let query = "query($id: ID!) { contribution(id: $id) { revision comments { author { id } body recordId field } } }";
    let answer = api.anyone().ask(query, json!({ "id": id })).await.data();
    let said = |record: Option<&str>, field: Option<&str>| json!({ "author": { "id": "eva" }, "body": "Is it?", "recordId": record, "field": field });
    let treaty = Some("Treaty:ets-185");
    assert_eq!(
        answer["contribution"],
        json!({ "revision": 1, "comments": [
            said(None, None), said(treaty, None), said(treaty, Some("SHORT_TITLE")) ] })
    );
}

#[tokio::test]
async fn a_follower_of_contributions_receives_only_those_visible_to_it() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let token = api.token(Role::Contributor, "carla").await;
    let own = json!({ "Authorization": format!("Bearer {token}") });
    let mut own = api.socket(own).await;
    let mut others = api.socket(json!({})).await;
    let mut of_ireland = api.socket(json!({})).await;
    let query = "subscription($filter: ContributionFilter) { contributions(filter: $filter) { id state revision } }";
    own.subscribe("1", query, json!({})).await;
    others.subscribe("1", query, json!({})).await;
    let filter = json!({ "filter": { "countries": ["IE"] } });
    of_ireland.subscribe("1", query, filter).await;
    api.contributions_followed_by(3).await;
    let input = json!({ "title": "D", "rationale": "D.", "changes": retitle(1, "New") });
    let id = carla.create(input).await["contribution"]["id"].clone();
    let event =
        |state: &str| json!({ "contributions": { "id": id, "state": state, "revision": 1 } });
    assert_eq!(own.event().await, event("DRAFT"));
    let submit = json!({ "id": id, "revision": 1 });
    carla.step("submitContribution", submit).await;
    assert_eq!(own.event().await, event("SUBMITTED"));
    assert_eq!(others.event().await, event("SUBMITTED"));
    eva.accept(id.as_str().unwrap()).await;
    assert_eq!(own.event().await, event("ACCEPTED"));
    assert_eq!(others.event().await, event("ACCEPTED"));
    let ireland = carla.proposed(ireland_ratifies()).await;
    assert_eq!(of_ireland.event().await["contributions"]["id"], ireland);
}

#[tokio::test]
async fn updating_a_contribution_replaces_given_fields_and_keeps_the_others() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let payload = carla
        .create(json!({ "title": "T", "rationale": "R.", "changes": ireland_ratifies() }))
        .await;
    let id = payload["contribution"]["id"].as_str().unwrap().to_owned();
    let before = payload["contribution"]["changes"].clone();
    let update = async |more: Value| {
        let mut input = json!({ "id": id });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        let mutation = "mutation($input: UpdateContributionInput!) { updateContribution(input: $input) {
            contribution { revision title rationale changes { recordId } } userErrors { code path } } }";
        let answer = carla.ask(mutation, json!({ "input": input })).await.data();
        answer["updateContribution"].clone()
    };
    let nothing = update(json!({ "revision": 1 })).await;
    assert_eq!(
        nothing["userErrors"],
        json!([{ "code": "REQUIRED", "path": [] }])
    );
    let validated = update(json!({ "revision": 1, "title": "V", "validateOnly": true })).await;
    assert_eq!(validated["contribution"]["title"], "V");
    // The same changes without keys get the same new ids.
    let again =
        update(json!({ "revision": 1, "title": "T2", "changes": ireland_ratifies() })).await;
    assert_eq!(
        again["contribution"],
        json!({ "revision": 2, "title": "T2", "rationale": "R.", "changes": before })
    );
    let wrong = update(
        json!({ "revision": 2, "title": "", "changes": [{ "updateTreaty": {
        "id": "Treaty:none", "baseVersion": 1, "clear": ["OPENED_AT"] } }] }),
    )
    .await;
    assert_eq!(
        wrong["userErrors"],
        json!([{ "code": "REQUIRED", "path": ["title"] },
            { "code": "NOT_FOUND", "path": ["changes", "0", "updateTreaty", "id"] }])
    );
    let missing = update(json!({ "revision": 2, "changes": [{ "updateTreaty": {
        "id": "Treaty:none", "baseVersion": 1, "clear": ["OPENED_AT"] } }] }))
    .await;
    assert_eq!(
        missing["userErrors"],
        json!([{ "code": "NOT_FOUND", "path": ["changes", "0", "updateTreaty", "id"] }])
    );
}
