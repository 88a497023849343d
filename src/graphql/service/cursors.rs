//! Tests that cursors and names of answers stay valid: clients store them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use store::Options;

use super::*;

/// Each list with all its arguments, the hash of the list in its cursors, and the sort key of a row. Clients store
/// cursors: a line that fails means that a rename in the code has changed the cursors that clients have.
const LISTS: [(&str, &str, &str); 26] = [
    (
        "countries(filter: { codes: [\"AZ\"], kinds: [STATE], regions: [\"Asia\"], memberships: [COMMONWEALTH], updatedSince: \"2999-01-01T00:00:00Z\", treatyStatus: { treaty: \"ETS 185\", status: [FORMER_PARTY] } }, orderBy: CODE, after: $c) { nodes { __typename } }",
        "3395ca6ff2db",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "countries(after: $c) { nodes { __typename } }",
        "850e539962c0",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "treaties(after: $c) { nodes { __typename } }",
        "d03a51b5c225",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "treatyEvents(filter: { treaty: \"ETS 185\", countries: [\"AZ\"], kinds: [SIGNATURE, ACCESSION], from: \"2000-01-01\", to: \"2020-12-31\" }, after: $c) { nodes { __typename } }",
        "f29ad2a8a11c",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "policyDocuments(filter: { countries: [\"AZ\"], subjects: [CHILD_PROTECTION], kinds: [CODE], status: [ADOPTED], adoptedFrom: \"2000-01-01\", adoptedTo: \"2020-12-31\" }, orderBy: TITLE, after: $c) { nodes { __typename } }",
        "e3f5929aa34a",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "cybersecurityBodies(filter: { countries: [\"AZ\"], functions: [CENTRAL_AUTHORITY_MLA], status: [OPERATIONAL] }, after: $c) { nodes { __typename } }",
        "484aee8b4ef1",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "operationalUnits(filter: { countries: [\"AZ\"], functions: [CENTRAL_AUTHORITY_MLA], status: [OPERATIONAL] }, after: $c) { nodes { __typename } }",
        "4cfee97b1c94",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "records(kinds: [TREATY, COUNTRY], countries: [\"AZ\"], after: $c) { nodes { __typename } }",
        "7d859fb30204",
        "[\"Country:az\"]",
    ),
    (
        "contributions(filter: { ids: [\"Contribution:a\"], state: [DRAFT], countries: [\"AZ\"], records: [\"Country:az\"], mine: true }, orderBy: OLDEST, after: $c) { nodes { __typename } }",
        "2cb9aa857fb4",
        "[\"a\"]",
    ),
    (
        "contributions(filter: { awaitingViewer: true }, after: $c) { nodes { __typename } }",
        "66a32d6e4dd6",
        "[\"a\"]",
    ),
    (
        "country(code: \"AZ\") { treatyEvents(filter: { treaty: \"ETS 185\", countries: [\"AZ\"], kinds: [SIGNATURE, ACCESSION], from: \"2000-01-01\", to: \"2020-12-31\" }, after: $c) { nodes { __typename } } }",
        "b7a9b4e3a286",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "country(code: \"AZ\") { policyDocuments(filter: { countries: [\"AZ\"], subjects: [CHILD_PROTECTION], kinds: [CODE], status: [ADOPTED], adoptedFrom: \"2000-01-01\", adoptedTo: \"2020-12-31\" }, after: $c) { nodes { __typename } } }",
        "c03a24a05d56",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "country(code: \"AZ\") { cybersecurityBodies(filter: { countries: [\"AZ\"], functions: [CENTRAL_AUTHORITY_MLA], status: [OPERATIONAL] }, after: $c) { nodes { __typename } } }",
        "5ddc08034939",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "country(code: \"AZ\") { operationalUnits(filter: { countries: [\"AZ\"], functions: [CENTRAL_AUTHORITY_MLA], status: [OPERATIONAL] }, after: $c) { nodes { __typename } } }",
        "4a9adf9d3e45",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "country(code: \"AZ\") { sources(after: $c) { nodes { __typename } } }",
        "9ae0a0e115b2",
        "[\"a\"]",
    ),
    (
        "country(code: \"AZ\") { history(after: $c) { nodes { __typename } } }",
        "fc73072d002a",
        "[1]",
    ),
    (
        "treaty(reference: \"ETS 185\") { participations(filter: { status: [FORMER_PARTY], regions: [\"Asia\"] }, after: $c) { nodes { __typename } } }",
        "ba7f5d2b50cc",
        "[\"AZ\"]",
    ),
    (
        "treaty(reference: \"ETS 185\") { events(filter: { treaty: \"ETS 185\", countries: [\"AZ\"], kinds: [SIGNATURE, ACCESSION], from: \"2000-01-01\", to: \"2020-12-31\" }, after: $c) { nodes { __typename } } }",
        "8b10c1ab4375",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "node(id: \"CybersecurityBody:az-electronic-security-centre\") { ... on CybersecurityBody { units(after: $c) { nodes { __typename } } } }",
        "ac735f1945b2",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "articleImplementations(filter: { treaty: \"ETS 185\", countries: [\"AZ\"], articles: [\"2\"], degrees: [FULL] }, after: $c) { nodes { __typename } }",
        "c98070b287bb",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "courtDecisions(filter: { countries: [\"AZ\"], treaty: \"ETS 185\", articles: [\"2\"], from: \"2000-01-01\", to: \"2020-12-31\" }, after: $c) { nodes { __typename } }",
        "372bdfab2b56",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "sources(filter: { kinds: [NEWS], url: \"https://example.org/\", publisher: \"P\" }, after: $c) { nodes { __typename } }",
        "662b5926e1fb",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "country(code: \"AZ\") { articleImplementations(articles: [\"2\"], after: $c) { nodes { __typename } } }",
        "adf159ccd363",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "country(code: \"AZ\") { courtDecisions(filter: { articles: [\"2\"] }, after: $c) { nodes { __typename } } }",
        "eebc22858da3",
        "[\"a\",\"Country:az\"]",
    ),
    (
        "treaty(reference: \"ETS 185\") { participations(filter: { reservedArticles: [\"29\"] }, after: $c) { nodes { __typename } } }",
        "434621b79b00",
        "[\"AZ\"]",
    ),
    (
        "search(query: \"police\", kinds: [TREATY, COUNTRY], countries: [\"AZ\"], after: $c) { nodes { __typename } }",
        "9e43a165dadd",
        "[2,1,3,\"Country:az\"]",
    ),
];

/// The limits of a service, as the name of an answer contains them.
const LIMITS: &str = "{\"maxPageSize\":250,\"maxDepth\":20,\"maxComplexity\":100000,\"maxAnonymousComplexity\":50000,\
    \"maxCostPerSecond\":20000,\"maxAnonymousCostPerSecond\":5000,\"maxRootFields\":30,\"maxAliases\":200,\
    \"maxDirectives\":100,\"maxTokens\":10000,\"maxBodyBytes\":1048576,\"maxBatch\":1,\
    \"requestTimeoutMs\":10000,\"maxSubscriptionsPerConnection\":100,\"connectionInitTimeoutMs\":10000,\
    \"maxSilenceMs\":30000,\"maxUnreadMs\":30000,\"maxTipsPerHour\":60,\"maxProposalsPerSecond\":40,\"maxWebhooksPerPerson\":20,\
    \"maxSearchMebibytes\":512,\"maxNesting\":64,\"maxSelections\":10000,\"maxConnections\":20000,\"maxConcurrentRequests\":1000,\
    \"headerTimeoutMs\":30000,\"bodyTimeoutMs\":10000,\
    \"publicUrl\":\"http://localhost:8000\"}";

/// The errors of a query with a cursor.
async fn errors(service: &Service, field: &str, cursor: &[u8]) -> Value {
    let cursor = URL_SAFE_NO_PAD.encode(cursor);
    let request = Request::new(format!("query Q($c: String) {{ {field} }}"));
    let variables = async_graphql::Variables::from_json(json!({ "c": cursor }));
    let caller = Caller {
        viewer: Viewer::Anonymous,
        address: None,
    };
    let reply = service.answer(request.variables(variables), caller, false);
    let mut answer: Value = serde_json::from_slice(&reply.await.body).unwrap();
    answer["errors"].take()
}

#[tokio::test]
async fn renames_in_the_code_leave_stored_cursors_valid() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("profiles.db").display());
    let store = Store::open(&url, &Options::default()).await.unwrap();
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data");
    for file in [
        "01-sources",
        "02-countries",
        "03-treaties",
        "05-azerbaijan-2020",
    ] {
        let text = std::fs::read_to_string(format!("{data}/{file}.jsonl")).unwrap();
        let lines = text.lines().map(|line| Ok(line.to_owned()));
        store.import(lines, false, &mut |_| {}).await.unwrap();
    }
    let limits = Limits {
        max_anonymous_cost_per_second: 0,
        ..Limits::default()
    };
    let service = Service::new(store, limits);
    let mut wrong = Vec::new();
    for (field, tag, key) in LISTS {
        let number = u64::from_str_radix(tag, 16).unwrap();
        let cursor = |number: u64| [&number.to_be_bytes()[2..], key.as_bytes()].concat();
        let kept = errors(&service, field, &cursor(number)).await;
        let another = errors(&service, field, &cursor(number ^ 1))
            .await
            .to_string();
        if !kept.is_null() || !another.contains("to another list, filter or order") {
            wrong.push(format!("{field}: {kept}, {another}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn renames_in_the_code_leave_names_of_answers_equal() {
    let limits = Limits::default();
    let others = Limits {
        max_depth: limits.max_depth + 1,
        ..limits.clone()
    };
    assert_ne!(
        service_hash("a database", &limits),
        service_hash("a database", &others)
    );
    assert_ne!(
        service_hash("a database", &limits),
        service_hash("another", &limits)
    );
    let limits_json = serde_json::to_string(&limits).unwrap();
    assert_eq!(limits_json, LIMITS);
}
