//! Certainty by rule: warnings about fields that are cited as `CONFIRMED` though fewer than two publishers confirm them.

use serde_json::{Value, json};

use crate::harness::{Api, Person};

/// Two charts of the Council of Europe, and the gazette of Austria, which has no publisher in the data.
const CHART_2004: &str = "Source:coe-chart-185-2004";
const CHART_2015: &str = "Source:coe-chart-185-2015";
const GAZETTE: &str = "Source:at-bgbl-2012-140";

const ALONE: &str = "TITLE is CONFIRMED by Source:coe-chart-185-2015 alone: \
    cite sources of two publishers as CONFIRMED, or call it REPORTED";
const ONE_PUBLISHER: &str = "TITLE is CONFIRMED by 2 sources of one publisher, Council of Europe: \
    cite sources of two publishers as CONFIRMED, or call it REPORTED";

fn cite(source: &str, certainty: &str) -> Value {
    json!({ "source": source, "fields": ["TITLE"], "certainty": certainty })
}

fn confirmed(source: &str) -> Value {
    cite(source, "CONFIRMED")
}

/// An update of the source `own`: its title, if one is given, and citations.
fn update(base_version: i32, title: Option<&str>, cites: &[Value]) -> Value {
    let set = title.map_or(json!({}), |title| json!({ "title": title }));
    json!({ "updateSource": { "id": "Source:own", "baseVersion": base_version, "set": set, "cite": cites } })
}

/// A server with the bundled data and a source `own` without citations.
async fn with_own_source() -> Api {
    let api = Api::seeded().await;
    let own =
        json!({ "createSource": { "key": "own", "fields": { "kind": "OTHER", "title": "Own" } } });
    api.import(&own.to_string(), false).await.unwrap();
    api
}

/// The warnings about changes that a person would propose: path and message.
async fn warned(person: &Person<'_>, changes: Value) -> Vec<(String, String)> {
    let mutation =
        "mutation($input: CreateContributionInput!) { createContribution(input: $input) {
        contribution { warnings { code path message } } userErrors { path message } } }";
    let input =
        json!({ "title": "T", "rationale": "R.", "changes": changes, "validateOnly": true });
    let answer = person.ask(mutation, json!({ "input": input })).await.data();
    let payload = &answer["createContribution"];
    assert_eq!(payload["userErrors"], json!([]));
    let warnings = payload["contribution"]["warnings"].as_array().unwrap();
    let said = warnings.iter().map(|one| {
        assert_eq!(one["code"], "CITATION_REQUIRED");
        let path: Vec<String> = serde_json::from_value(one["path"].clone()).unwrap();
        (path.join("."), one["message"].as_str().unwrap().to_owned())
    });
    said.collect()
}

#[tokio::test]
async fn a_field_that_one_publisher_confirms_is_a_warning_of_the_contribution() {
    let api = with_own_source().await;
    let carla = api.contributor().await;
    let warned = async |cites: &[Value]| {
        let found = warned(&carla, json!([update(1, Some("New"), cites)])).await;
        found
            .into_iter()
            .map(|(path, said)| format!("{path}: {said}"))
            .collect::<Vec<_>>()
    };
    let path = "changes.0.updateSource.cite";
    let one = warned(&[confirmed(CHART_2015)]).await;
    assert_eq!(one, [format!("{path}.0: {ALONE}")]);
    let two = warned(&[
        cite(GAZETTE, "REPORTED"),
        confirmed(CHART_2015),
        confirmed(CHART_2004),
    ])
    .await;
    assert_eq!(two, [format!("{path}.1: {ONE_PUBLISHER}")]);
    let none: [String; 0] = [];
    assert_eq!(
        warned(&[confirmed(CHART_2015), confirmed(GAZETTE)]).await,
        none
    );
    assert_eq!(warned(&[cite(CHART_2015, "REPORTED")]).await, none);
    let beside = warned(&[confirmed(CHART_2015), cite(GAZETTE, "DISPUTED")]).await;
    assert_eq!(beside, [format!("{path}.0: {ALONE}")]);
}

#[tokio::test]
async fn a_source_that_is_proposed_counts_with_its_proposed_publisher() {
    let api = with_own_source().await;
    let carla = api.contributor().await;
    let with = |publisher: &str| {
        let source = json!({ "createSource": { "key": "new", "fields": { "kind": "OFFICIAL_GAZETTE",
            "title": "New", "publisher": publisher } } });
        let cites = [confirmed(CHART_2015), confirmed("Source:new")];
        json!([update(1, Some("New"), &cites), source])
    };
    assert_eq!(warned(&carla, with("Republic of Austria")).await, []);
    let same = warned(&carla, with(" COUNCIL OF EUROPE ")).await;
    assert_eq!(same.len(), 1, "{same:?}");
    // So does a stored source whose publisher the contribution changes.
    let renamed = json!({ "updateSource": { "id": GAZETTE, "baseVersion": 1, "set": { "publisher": "Council of Europe" } } });
    let cites = [confirmed(CHART_2015), confirmed(GAZETTE)];
    let found = warned(&carla, json!([renamed, update(1, Some("New"), &cites)])).await;
    assert_eq!(found[0].0, "changes.1.updateSource.cite.0");
}

#[tokio::test]
async fn the_warnings_of_an_open_contribution_follow_the_records() {
    let api = with_own_source().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let proposed = carla
        .proposed(json!([update(1, None, &[confirmed(CHART_2015)])]))
        .await;
    let warnings = async || {
        let query = "query($id: ID!) { contribution(id: $id) { state warnings { message } } }";
        let answer = carla.ask(query, json!({ "id": proposed })).await.data();
        answer["contribution"]["warnings"].clone()
    };
    assert_eq!(warnings().await, json!([{ "message": ALONE }]));
    // Another contribution cites a second publisher. A citation that the record has already counts.
    eva.publish(json!([update(1, None, &[confirmed(GAZETTE)])]))
        .await;
    assert_eq!(warnings().await, json!([]));
    // With a new value, the citations of the old one do not count any more.
    eva.publish(json!([update(
        2,
        Some("New"),
        &[cite(GAZETTE, "REPORTED")]
    )]))
    .await;
    let of_old_value = warnings().await;
    assert_eq!(
        of_old_value,
        json!([]),
        "the citation supports an older value"
    );
    let again = json!([update(3, None, &[confirmed(CHART_2015)])]);
    assert_eq!(warned(&carla, again.clone()).await[0].1, ALONE);
    // A warning stops nothing, and a decided contribution has none.
    let id = carla.proposed(again).await;
    assert_eq!(eva.accept(&id).await["contribution"]["state"], "ACCEPTED");
    let query = "query($id: ID!) { contribution(id: $id) { warnings { message } } }";
    let decided = carla.ask(query, json!({ "id": id })).await.data();
    assert_eq!(decided["contribution"]["warnings"], json!([]));
}

#[tokio::test]
async fn an_import_names_the_lines_whose_fields_one_publisher_confirms() {
    let api = Api::seeded().await;
    let file = |changes: &[Value]| {
        let lines: Vec<String> = changes.iter().map(ToString::to_string).collect();
        lines.join("\n")
    };
    let body = |key: &str, cites: &[Value]| json!({ "createSource": { "key": key, "fields": { "kind": "OTHER", "title": key }, "cite": cites } });
    let title =
        |source: &str| json!({ "source": source, "fields": ["TITLE"], "certainty": "CONFIRMED" });
    let later = json!({ "createSource": { "key": "later", "fields": { "kind": "NEWS", "title": "Later", "publisher": "P" } } });
    let lines = [
        body("one", &[title(CHART_2015)]),
        body("two", &[title(CHART_2015), title(CHART_2004)]),
        body("good", &[title(CHART_2015), title(GAZETTE)]),
        // The second source comes in a later line.
        body("early", &[title(CHART_2015), title("Source:later")]),
        later,
        // A later line cites the second source.
        body("added", &[title(CHART_2015)]),
        json!({ "updateSource": { "id": "Source:added", "baseVersion": 1, "cite": [title(GAZETTE)] } }),
    ];
    let report = api.import(&file(&lines), false).await.unwrap();
    let said = |id: &str, why: &str| {
        format!(
            "{id}: TITLE is CONFIRMED {why}: cite sources of two publishers as CONFIRMED, or call it REPORTED"
        )
    };
    let two = "by 2 sources of one publisher, Council of Europe";
    assert_eq!(
        report.warnings,
        [
            said("line 1: Source:one", &format!("by {CHART_2015} alone")),
            said("line 2: Source:two", two),
        ]
    );
    assert_eq!((report.created, report.updated), (6, 1));
    let again = api.import(&file(&lines), false).await.unwrap();
    assert_eq!((again.unchanged, again.warnings.len()), (7, 0));
    let second = json!({ "updateSource": { "id": "Source:one", "baseVersion": 1, "cite": [title(GAZETTE)] } });
    let report = api.import(&second.to_string(), false).await.unwrap();
    assert_eq!((report.updated, report.warnings.len()), (1, 0));
    let alone = json!({ "updateSource": { "id": "Source:two", "baseVersion": 1, "cite": [title("Source:later")] } });
    let report = api.import(&alone.to_string(), false).await.unwrap();
    assert_eq!(report.warnings.len(), 0);
}
