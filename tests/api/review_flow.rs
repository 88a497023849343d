//! The news of 2022 and of June 2026 enter the profile of Azerbaijan as reviewed contributions.

use cyberprofiles::domain::viewer::Role;
use serde_json::{Value, json};

use crate::harness::{Api, bundled_files};

const OF_2022: &str =
    include_str!("../../examples/contributions/2022-strategy-in-development.json");
const OF_2026: &str =
    include_str!("../../examples/contributions/2026-national-cybersecurity-agency.json");

/// A server with the profile as the page of 2020 has it, and the decree of April 2021.
async fn page_of_2020() -> Api {
    let api = Api::empty().await;
    let mut lines = String::new();
    for (name, text) in bundled_files() {
        let is_decree = |line: &&str| {
            line.contains("\"createPolicyDocument\"")
                && line.contains("az-decree-critical-infrastructure-2021")
        };
        if name.starts_with("06") {
            lines.push_str(text.lines().find(is_decree).unwrap());
            lines.push('\n');
        } else {
            lines.push_str(&text);
        }
    }
    api.import(&lines, false).await.unwrap();
    api
}

#[tokio::test]
async fn the_strategy_of_2022_enters_the_profile_after_review() {
    let api = page_of_2020().await;
    let coverage =
        "{ country(code: \"AZ\") { coverage(topics: [CYBERSECURITY_STRATEGY]) { value asOf { edtf }
        statement citations(field: VALUE) { source { id } locator certainty }
        via { title status relations { kind document { adoptedOn { edtf } } } } } } }";
    let before = api.query(coverage).await;
    assert_eq!(before["country"]["coverage"][0]["value"], "PARTIAL");
    let author = api.person(Role::Contributor, "ada").await;
    let reviewer = api.editor("rita").await;
    let input: Value = serde_json::from_str(OF_2022).unwrap();
    let proposed = author.create(input).await;
    assert_eq!(proposed["userErrors"], json!([]));
    let id = proposed["contribution"]["id"].as_str().unwrap();
    assert_eq!(
        api.query(coverage).await,
        before,
        "nothing changes before review"
    );
    let review = reviewer.outcome("startReview", json!({ "id": id })).await;
    assert_eq!(review, "IN_REVIEW");
    let accepted = reviewer.accept(id).await;
    assert_eq!(accepted["contribution"]["state"], "ACCEPTED");
    insta::assert_json_snapshot!("strategy_of_2022", api.query(coverage).await);
    let record = "CoverageAssertion:az-cybersecurity-strategy-2022";
    let query = "query($records: [ID!]) { changes(filter: { records: $records }) { nodes { operation actor { id role }
        contribution { title author { id role } reviewer { id } decidedAt } } } }";
    let logged = api
        .anyone()
        .ask(query, json!({ "records": [record] }))
        .await
        .data();
    let change = &logged["changes"]["nodes"][0];
    assert_eq!(change["actor"], json!({ "id": "rita", "role": "EDITOR" }));
    assert_eq!(
        change["contribution"]["author"],
        json!({ "id": "ada", "role": "CONTRIBUTOR" })
    );
    assert_eq!(change["contribution"]["reviewer"], json!({ "id": "rita" }));
    // The bundled data of later years can still be imported; it contains the strategy of 2023.
    let files = bundled_files();
    let later = files.iter().find(|(name, _)| name.starts_with("06"));
    api.import(&later.unwrap().1, false).await.unwrap();
    let now = api.query(coverage).await;
    assert_eq!(now["country"]["coverage"][0]["value"], "PRESENT");
}

#[tokio::test]
async fn the_agency_of_2026_goes_from_a_tip_to_the_profile_and_the_followers() {
    let api = Api::seeded().await;
    let head = api.query("{ head { cursor } }").await["head"]["cursor"].clone();
    let mut socket = api.socket(json!({})).await;
    let follow = "subscription($after: Cursor) { changes(after: $after, filter: { countries: [\"AZ\"] }) {
        operation recordId actor { name } contribution { isTip title author { name } authors { name } reviewer { name } } } }";
    socket
        .subscribe("1", follow, json!({ "after": head }))
        .await;
    let tip = "mutation { submitTip(input: { country: \"AZ\", contact: \"reader@example.org\",
        message: \"There is a National Cybersecurity Agency now.\",
        link: \"https://www.trend.az/azerbaijan/politics/4193500.html\" }) { contribution { id } } }";
    let sent = api.anyone().ask(tip, json!({})).await.data();
    let id = sent["submitTip"]["contribution"]["id"].as_str().unwrap();
    let (eva, rita) = (api.editor("eva").await, api.editor("rita").await);
    let mut input: Value = serde_json::from_str(OF_2026).unwrap();
    input["id"] = json!(id);
    input["revision"] = json!(1);
    assert_eq!(eva.outcome("updateContribution", input).await, "SUBMITTED");
    let accept = json!({ "id": id, "revision": 2, "comment": "Seen at the source." });
    assert_eq!(
        eva.outcome("acceptContribution", accept.clone()).await,
        "OWN_CONTRIBUTION"
    );
    assert_eq!(rita.outcome("acceptContribution", accept).await, "ACCEPTED");
    assert_eq!(
        socket.event().await["changes"],
        json!({ "operation": "CREATE", "recordId": "CybersecurityBody:az-national-cybersecurity-agency",
            "actor": { "name": "rita" },
            "contribution": { "isTip": true, "title": "Azerbaijan: the National Cybersecurity Agency",
                "author": { "name": "eva" }, "authors": [{ "name": "eva" }], "reviewer": { "name": "rita" } } })
    );
    let profile = api
        .query("{ country(code: \"AZ\") { cybersecurityBodies { nodes { recordId name status
            citations(field: NAMES) { source { title publishedOn { edtf uncertain } } locator certainty } } } } }")
        .await;
    let bodies = profile["country"]["cybersecurityBodies"]["nodes"]
        .as_array()
        .unwrap()
        .clone();
    let agency = bodies
        .iter()
        .find(|body| body["recordId"] == "CybersecurityBody:az-national-cybersecurity-agency");
    insta::assert_json_snapshot!("agency_of_2026", agency.unwrap());
}
