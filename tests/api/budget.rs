//! Number of SQL statements of the usual queries: it does not grow with the number of rows.

use serde_json::{Value, json};

use crate::database::is_postgresql;
use crate::harness::{Api, cite, retitle, until};

async fn cost(api: &Api, query: &str) -> usize {
    api.statements();
    api.query_once(query).await;
    let mut statements = api.statements();
    // A background task also reads the head of the log.
    statements.retain(|sql| !sql.contains("FROM \"head\""));
    assert!(
        statements.iter().all(|sql| sql.starts_with("SELECT")),
        "{statements:#?}"
    );
    statements.len()
}

#[tokio::test]
async fn fifty_countries_with_treaty_data_cost_six_more_statements_than_two_at_most() {
    let api = Api::seeded().await;
    let query = |first: i32| {
        format!(
            "{{ countries(first: {first}, orderBy: CODE) {{ totalCount nodes {{ name updatedAt
                administeredBy {{ name }} citations {{ source {{ title }} }} freshness {{ editedAt isStale }}
                treatyEvents {{ totalCount nodes {{ label treaty {{ shortTitle parent {{ title }} }}
                    citations {{ source {{ title }} certainty }} }} }}
                treatyParticipations {{ status certainty basis {{ id citations {{ locator }} }} }}
                treatyStatus(treaty: \"ETS 189\") {{ status certainty }} }} }} }}"
        )
    };
    let two = cost(&api, &query(2)).await;
    let fifty = cost(&api, &query(50)).await;
    // The first two countries have no administering country and are no territories: fewer kinds of records are loaded.
    assert!(
        fifty <= two + 6,
        "{two} statements for 2 countries, {fifty} for 50"
    );
    assert!(fifty <= 26, "{fifty}");
}

#[tokio::test]
async fn a_page_of_treaties_with_events_costs_three_statements() {
    let api = Api::seeded().await;
    let query = "{ treaties { totalCount nodes { shortTitle events { nodes { kind } } } } }";
    assert_eq!(cost(&api, query).await, 3, "list, total, events");
}

#[tokio::test]
async fn a_hundred_log_entries_cost_four_more_statements_than_two_entries_at_most() {
    let api = Api::seeded().await;
    let query = |last: i32| {
        format!(
            "{{ changes(last: {last}, filter: {{ kinds: [TREATY_EVENT] }}) {{ nodes {{ sequence
                record {{ label }} before {{ recordId }} fields {{ field after }}
                citations {{ source {{ title }} }} countries {{ name }} }} }} }}"
        )
    };
    let few = cost(&api, &query(2)).await;
    let many = cost(&api, &query(100)).await;
    // The page is read in steps; and loads that are requested a moment apart may take a statement each.
    assert!(
        many <= few + 4,
        "{few} statements for 2 changes, {many} for 100"
    );
}

#[tokio::test]
async fn a_hundred_edits_of_six_nouns_cost_four_more_statements_than_five_edits_at_most() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    // Each edit is in another commit, of six nouns in turn.
    for version in 1..=20 {
        let update = |noun: &str, id: &str, base: i32, set: Value| json!([{ format!("update{noun}"): { "id": id, "baseVersion": base, "set": set, "cite": cite() } }]);
        let text = format!("Note {version}");
        let country = json!({ "disclaimer": text });
        eva.publish(retitle(version, &text)).await;
        eva.publish(update("Country", "Country:fr", version, country))
            .await;
        let act = "TreatyEvent:fr-ets-185-signature";
        eva.publish(update("TreatyEvent", act, version, json!({ "text": text })))
            .await;
        let body = "CybersecurityBody:az-ministry-of-the-interior";
        eva.publish(update(
            "CybersecurityBody",
            body,
            version,
            json!({ "mandate": text }),
        ))
        .await;
        let law = "PolicyDocument:az-decree-833";
        eva.publish(update(
            "PolicyDocument",
            law,
            version,
            json!({ "publication": text }),
        ))
        .await;
    }
    let query = |last: i32| {
        format!(
            "{{ changes(last: {last}) {{ nodes {{ sequence record {{ label version citations {{ source {{ title }} }} }}
                before {{ recordId version label }} fields {{ field before after }}
                citations {{ source {{ title }} }} countries {{ name }} contribution {{ title }} }} }} }}"
        )
    };
    let few = cost(&api, &query(5)).await;
    let many = cost(&api, &query(100)).await;
    // Loads that are requested a moment apart may take a statement each.
    assert!(
        many <= few + 4,
        "{few} statements for 5 changes, {many} for 100"
    );
}

#[tokio::test]
async fn fifty_whole_profiles_cost_four_more_statements_than_two_at_most() {
    let api = Api::seeded().await;
    let query = |codes: &str| {
        format!(
            "{{ countries(first: 50, filter: {{ {codes} }}) {{ nodes {{
                policyDocuments(first: 2) {{ totalCount nodes {{ title issuer {{ name }} relations {{ document {{ title }} }} }} }}
                cybersecurityBodies(first: 2, filter: {{ status: [OPERATIONAL] }}) {{ totalCount nodes {{ name predecessors {{ name }}
                    successors {{ name }} legalBasis {{ title }} units(first: 2) {{ totalCount nodes {{ name }} }} }} }}
                operationalUnits(last: 2) {{ totalCount nodes {{ label ancestors {{ name }} }} }}
                coverage {{ topic value via {{ title }} }} sections {{ topic state }}
                sources(first: 3) {{ totalCount nodes {{ title }} }} }} }} }}"
        )
    };
    let two = cost(&api, &query("codes: [\"AZ\", \"FR\"]")).await;
    let fifty = cost(&api, &query("regions: [\"Europe\", \"Western Asia\"]")).await;
    // Loads that are requested a moment apart may take a statement each.
    assert!(
        fifty <= two + 4,
        "{two} statements for 2 countries, {fifty} for 50"
    );
    assert!(fifty <= 24, "{fifty}");
}

#[tokio::test]
async fn participations_at_sixty_moments_cost_two_more_statements_than_at_two_at_most() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    for version in 1..=60 {
        let note = json!({ "disclaimer": format!("Note {version}") });
        eva.publish(json!([{ "updateCountry": { "id": "Country:fr", "baseVersion": version, "set": note, "cite": cite() } }]))
            .await;
    }
    let query = |last: i32| {
        format!(
            "{{ changes(last: {last}, filter: {{ kinds: [COUNTRY] }}) {{ nodes {{ record {{ ... on Country {{
                treatyParticipations {{ status treaty {{ shortTitle }} declarations {{ id }} designations {{ id }} }} }} }} }} }} }}"
        )
    };
    let few = cost(&api, &query(2)).await;
    let many = cost(&api, &query(60)).await;
    assert!(
        many <= few + 2,
        "{few} statements for 2 moments, {many} for 60"
    );
}

#[tokio::test]
async fn legal_profiles_and_decisions_of_fifty_countries_cost_six_more_statements_than_of_two_at_most()
 {
    let api = Api::seeded().await;
    let query = |first: i32| {
        format!(
            "{{ countries(first: {first}, filter: {{ hasProfile: true }}, orderBy: CODE) {{ nodes {{ recordCounts {{ kind count }}
                articleImplementations(articles: [\"2\", \"29\"]) {{ nodes {{ label provisions {{ document {{ title }} }}
                    reservations {{ recordId }} }} }}
                courtDecisions(first: 3) {{ nodes {{ title provisions {{ number }} relatesTo {{ title }} }} }} }} }} }}"
        )
    };
    let two = cost(&api, &query(2)).await;
    let fifty = cost(&api, &query(50)).await;
    assert!(
        fifty <= two + 6,
        "{two} statements for 2 countries, {fifty} for 50"
    );
    assert!(fifty <= 24, "{fifty}");
}

#[tokio::test]
async fn counts_and_reserved_articles_cost_a_few_statements_for_all_countries() {
    let api = Api::seeded().await;
    for (query, most) in [
        ("{ coverageCounts { topic value count } }", 2),
        ("{ regions }", 1),
        ("{ treaty(reference: \"ETS 185\") { implementationCounts { article degree count } } }", 3),
        (
            "{ treaty(reference: \"ETS 185\") { participations(filter: { reservedArticles: [\"29\"] }, first: 50) {
                totalCount nodes { country { code } reservations(articles: [\"29\"]) { articles } } } } }",
            8,
        ),
    ] {
        let statements = cost(&api, query).await;
        assert!(statements <= most, "{statements} for {query}");
    }
}

/// The statements of a write in words, for each the commands and their tables. Background tasks also read the head of the
/// log, and note the use of a token.
fn in_words(statements: &[String]) -> Vec<Vec<String>> {
    let word = |sql: &str| {
        let command = sql.split_whitespace().next().unwrap_or_default();
        let table = sql.split('"').nth(1).unwrap_or_default();
        format!("{command} {table}")
    };
    let words = |sql: &String| sql.split("; ").map(word).collect();
    let words = statements.iter().map(words);
    let is_of_task =
        |words: &Vec<String>| ["SELECT head", "UPDATE token"].contains(&words[0].as_str());
    words.filter(|words| !is_of_task(words)).collect()
}

#[tokio::test]
async fn a_write_has_few_statements_and_reads_nothing_twice() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let mutation = "mutation($m: String!) { submitTip(input: { country: \"AZ\", message: $m }) {
        contribution { id } userErrors { message } } }";
    let source =
        |title: &str| json!([{ "createSource": { "fields": { "kind": "NEWS", "title": title } } }]);
    // The end of the chain is known from the last change of this process, and a token from the last request of its bearer
    // after its use was noted.
    eva.accept(&carla.proposed(source("Old")).await).await;
    until("the use of a token is not noted", async || {
        let tokens = api.store.tokens().await.unwrap();
        tokens.iter().all(|token| token.last_used_at.is_some())
    })
    .await;
    eva.accept(&carla.proposed(source("Older")).await).await;
    api.statements();
    let tip = async |message: &str| {
        let sent = api.anyone().ask(mutation, json!({ "m": message })).await;
        assert_eq!(sent.data()["submitTip"]["userErrors"], json!([]));
        in_words(&api.statements())
    };
    let (tip, next_tip) = (tip("News").await, tip("More").await);
    let id = carla.proposed(source("News")).await;
    let proposal = in_words(&api.statements());
    let accepted = eva.accept(&id).await;
    assert_eq!(accepted["contribution"]["state"], "ACCEPTED");
    let acceptance = in_words(&api.statements());
    if !is_postgresql() {
        // What is written is one statement.
        let numbers = [&tip, &proposal, &acceptance].map(|words| words.last().map(Vec::len));
        assert_eq!(numbers, [Some(4), Some(5), Some(6)], "{acceptance:#?}");
    }
    let [tip, mut proposal, mut acceptance] =
        [tip, proposal, acceptance].map(|words| words.concat());
    if is_postgresql() {
        // Another process may have changed the token.
        for words in [&mut proposal, &mut acceptance] {
            assert_eq!(words.remove(0), "SELECT token");
        }
    }
    assert_eq!(
        tip,
        [
            "SELECT country",
            "INSERT contribution",
            "INSERT contribution_subject",
            "INSERT contribution_step",
            "UPDATE head"
        ]
    );
    // No record has changed since the country was looked for.
    assert_eq!(next_tip.concat(), tip[1..]);
    assert_eq!(
        proposal,
        [
            // The id of the source, whether an open contribution proposes it, its address, and the record.
            "SELECT source",
            "SELECT contribution_subject",
            "SELECT source",
            "SELECT source",
            "INSERT contribution",
            "INSERT contribution_subject",
            "INSERT contribution_author",
            "INSERT contribution_step",
            "UPDATE head"
        ]
    );
    if is_postgresql() {
        // Another process may have written the last link.
        let chain = acceptance.iter().position(|word| word == "SELECT chain");
        acceptance.remove(chain.unwrap());
    }
    assert_eq!(
        acceptance,
        [
            "SELECT contribution",
            "SELECT source",
            "SELECT source",
            "INSERT change",
            "INSERT source",
            "INSERT chain",
            "UPDATE contribution",
            "INSERT contribution_step",
            "UPDATE head"
        ]
    );
}
