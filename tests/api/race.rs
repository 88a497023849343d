//! Concurrent writes: in whichever order they arrive, the outcome is that of executing them one after the other.

use cyberprofiles::domain::viewer::Role;
use serde_json::{Value, json};

use crate::harness::{Api, Person, bundled, retitle};

#[tokio::test(flavor = "multi_thread")]
async fn of_two_concurrent_accepts_that_conflict_exactly_one_succeeds() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let (eva, otto) = (api.editor("eva").await, api.editor("otto").await);
    for round in 1..=200 {
        let one = carla
            .proposed(retitle(round, &format!("One {round}")))
            .await;
        let two = carla
            .proposed(retitle(round, &format!("Two {round}")))
            .await;
        let (one, two) = tokio::join!(eva.accept(&one), otto.accept(&two));
        let codes = [&one, &two].map(|payload| {
            payload["userErrors"][0]["code"]
                .as_str()
                .unwrap_or("none")
                .to_owned()
        });
        let mut sorted = codes.to_vec();
        sorted.sort();
        assert_eq!(sorted, ["CONFLICT", "none"], "{one} {two}");
        let treaty = api
            .query("{ treaty(reference: \"ETS 185\") { version shortTitle } }")
            .await;
        let winner = if codes[0] == "none" { "One" } else { "Two" };
        assert_eq!(
            treaty["treaty"],
            json!({ "version": round + 1, "shortTitle": format!("{winner} {round}") })
        );
    }
    assert_eq!(
        api.query("{ head { sequence } }").await["head"]["sequence"],
        bundled() + 200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_beside_two_acceptances_shows_one_state_with_its_changes() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let (eva, otto) = (api.editor("eva").await, api.editor("otto").await);
    let event = json!([{ "createTreatyEvent": {
        "fields": { "kind": "RATIFICATION", "date": "2020-01-01", "country": "IE", "treaty": "ETS 185" },
        "cite": [{ "source": "Source:coe-chart-185-2015" }] } }]);
    let third = carla.proposed(event).await;
    let query = "query($id: ID!) { contribution(id: $id) { state preview { cursor
        treaty(reference: \"ETS 185\") { shortTitle version history(last: 1) { nodes { version } } }
        country(code: \"IE\") { treatyStatus(treaty: \"ETS 185\") { status } } } } }";
    let shown = async |id: &str| {
        let answer = api.anyone().ask(query, json!({ "id": id })).await.data();
        answer["contribution"].clone()
    };
    let mut title = "Budapest Convention".to_owned();
    for round in 1..=60 {
        let (first, second) = (format!("One {round}"), format!("Two {round}"));
        let one = carla.proposed(retitle(round, &first)).await;
        let two = carla.proposed(retitle(round, &second)).await;
        let (accepted, refused, of_one, of_third) = tokio::join!(
            eva.accept(&one),
            otto.accept(&two),
            shown(&one),
            shown(&third)
        );
        let winner = if accepted["contribution"].is_null() {
            &second
        } else {
            &first
        };
        assert_ne!(
            accepted["contribution"].is_null(),
            refused["contribution"].is_null()
        );
        // Either it was decided already, or its own title applies, or the other one was accepted and conflicts with it.
        let treaty = &of_one["preview"]["treaty"];
        let is_decided = of_one["preview"].is_null() && of_one["state"] == "ACCEPTED";
        let of_either = [&first, &second].map(|title| {
            json!({ "shortTitle": title, "version": round + 1,
            "history": { "nodes": [{ "version": round + 1 }] } })
        });
        assert!(is_decided || of_either.contains(treaty), "{of_one:#}");
        // The third one changes other records: it lies over the state before or after.
        let preview = &of_third["preview"];
        assert_eq!(preview["country"]["treatyStatus"]["status"], "PARTY");
        let over = [(&title, round), (winner, round + 1)].map(|(title, version)| {
            json!({ "shortTitle": title, "version": version, "history": { "nodes": [{ "version": version }] } })
        });
        assert!(over.contains(&preview["treaty"]), "{preview:#}");
        title = winner.clone();
    }
}

fn source(title: &str) -> Value {
    json!([{ "createSource": { "fields": { "kind": "NEWS", "title": title } } }])
}

/// Checks in all contributions that no author accepted their own. Returns the number of accepted ones.
async fn nobody_decided_on_their_own(person: &Person<'_>) -> usize {
    let mut accepted = 0;
    let mut after = Value::Null;
    loop {
        let query = "query($after: String) { contributions(first: 100, after: $after) {
            nodes { state authors { id } reviewer { id } } pageInfo { hasNextPage endCursor } } }";
        let answer = person.ask(query, json!({ "after": after })).await.data();
        let page = &answer["contributions"];
        for one in page["nodes"].as_array().unwrap() {
            let authors = one["authors"].as_array().unwrap();
            if one["state"] == "ACCEPTED" {
                assert!(!authors.contains(&one["reviewer"]), "{one:#}");
                accepted += 1;
            }
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return accepted;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_who_completes_and_accepts_a_tip_at_once_only_completes_it() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let second_token = api.person(Role::Admin, "eva").await;
    for round in 0..40 {
        let input = json!({ "country": "AZ", "message": format!("News {round}") });
        let mutation = "mutation($input: SubmitTipInput!) { submitTip(input: $input) { contribution { id } } }";
        let sent = api
            .anyone()
            .ask(mutation, json!({ "input": input }))
            .await
            .data();
        let id = &sent["submitTip"]["contribution"]["id"];
        let edit = json!({ "id": id, "revision": 1, "changes": source(&format!("News {round}")) });
        let accept = json!({ "id": id, "revision": 2 });
        let (edited, first, second) = tokio::join!(
            eva.outcome("updateContribution", edit),
            second_token.outcome("acceptContribution", accept.clone()),
            eva.outcome("acceptContribution", accept),
        );
        assert_eq!(edited, "SUBMITTED");
        for outcome in [first, second] {
            assert!(
                ["STALE_REVISION", "OWN_CONTRIBUTION"].contains(&outcome.as_str()),
                "{outcome}"
            );
        }
    }
    assert_eq!(nobody_decided_on_their_own(&eva).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concurrent_edit_and_acceptance_never_accept_unreviewed_content() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let mut accepted = 0;
    for round in 0..40 {
        let looked_at = format!("Looked at {round}");
        let id = carla.proposed(source(&looked_at)).await;
        let edit = json!({ "id": id, "revision": 1, "changes": source(&format!("Other {round}")) });
        let accept = json!({ "id": id, "revision": 1 });
        let (edited, decided) = tokio::join!(
            carla.outcome("updateContribution", edit),
            eva.outcome("acceptContribution", accept),
        );
        match (edited.as_str(), decided.as_str()) {
            ("SUBMITTED", "STALE_REVISION") => {}
            // The revision is checked before the state, and no edit has raised it.
            ("ILLEGAL_TRANSITION", "ACCEPTED") => accepted += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(nobody_decided_on_their_own(&eva).await, accepted);
    let sources =
        "{ changes(filter: { kinds: [SOURCE] }, last: 100) { nodes { contribution { id } record {
        ... on Source { title } } } } }";
    let logged = api.query(sources).await;
    for change in logged["changes"]["nodes"].as_array().unwrap() {
        if change["contribution"] != Value::Null {
            let title = change["record"]["title"].as_str().unwrap();
            assert!(title.starts_with("Looked at"), "{title}");
        }
    }
}

#[tokio::test]
async fn mutations_in_one_request_are_executed_in_order() {
    let api = Api::seeded().await;
    let (eva, otto) = (api.editor("eva").await, api.editor("otto").await);
    let id = eva.proposed(source("Mine")).await;
    let mutation = "mutation($id: ID!) {
        update: updateContribution(input: { id: $id, revision: 1, title: \"Ours\" }) { userErrors { code } }
        accept: acceptContribution(input: { id: $id, revision: 2 }) { userErrors { code } contribution { state } }
        again: acceptContribution(input: { id: $id, revision: 2 }) { userErrors { code } contribution { state } } }";
    let own = eva.ask(mutation, json!({ "id": id })).await.data();
    assert_eq!(own["update"]["userErrors"], json!([]));
    for alias in ["accept", "again"] {
        assert_eq!(
            own[alias]["userErrors"],
            json!([{ "code": "OWN_CONTRIBUTION" }])
        );
    }
    let mutation = "mutation($id: ID!) {
        accept: acceptContribution(input: { id: $id, revision: 2 }) { userErrors { code } contribution { state } }
        again: acceptContribution(input: { id: $id, revision: 2 }) { userErrors { code } contribution { state } } }";
    let others = otto.ask(mutation, json!({ "id": id })).await.data();
    assert_eq!(
        others["accept"]["contribution"],
        json!({ "state": "ACCEPTED" })
    );
    assert_eq!(
        others["again"]["userErrors"],
        json!([{ "code": "ILLEGAL_TRANSITION" }])
    );
}
