//! Profile pages: the seed page becomes a draft and is accepted, known facts are no change, and pages that are refused.

use std::io::Write as _;
use std::process::Stdio;

use cyberprofiles::bundle;
use cyberprofiles::domain::viewer::Role;
use serde_json::{Value, json};

use crate::harness::{Api, Person, bundled_files};
use crate::program::program;

const SEED: &str = include_str!("../../src/page/tests/profile_pages/pages/azerbaijan-2020.txt");
const URL: &str = "https://www.coe.int/en/web/octopus/country-wiki-ap/-/azerbaijan";

const IMPORT: &str = "mutation($input: ImportProfilePageInput!) { importProfilePage(input: $input) {
    contribution { id state title rationale warnings { code } countries { code }
        changes { operation recordKind recordId baseVersion fields { name after } citations { certainty locator } } }
    unmapped { line text } userErrors { code message path } } }";

/// A server with sources, countries and treaties alone.
async fn without_profiles() -> Api {
    let api = Api::empty().await;
    for (name, lines) in bundled_files() {
        if [
            "01-sources.jsonl",
            "02-countries.jsonl",
            "03-treaties.jsonl",
        ]
        .contains(&name)
        {
            let lines = lines.lines().map(|line| Ok(line.to_owned()));
            api.store.import(lines, false, &mut |_| {}).await.unwrap();
        }
    }
    api
}

async fn import(person: &Person<'_>, input: Value) -> Value {
    let answer = person.ask(IMPORT, json!({ "input": input })).await.data();
    answer["importProfilePage"].clone()
}

fn seed() -> Value {
    json!({ "country": "AZ", "text": SEED, "url": URL, "retrievedOn": "2026-01-01" })
}

/// Kind and one telling value of each proposed change.
fn told(payload: &Value) -> Vec<String> {
    let changes = payload["contribution"]["changes"].as_array().unwrap();
    let told = changes.iter().map(|change| {
        let after = |name: &str| {
            let fields = change["fields"].as_array().unwrap().iter();
            let mut named = fields.filter(|field| field["name"] == name);
            named
                .next()
                .map(|field| field["after"].clone())
                .unwrap_or_default()
        };
        let texts = [
            "kind",
            "topic",
            "value",
            "state",
            "date",
            "reportedLabel",
            "period",
            "status",
        ];
        let texts = texts
            .iter()
            .filter_map(|name| after(name).as_str().map(str::to_owned));
        let texts: Vec<String> = texts.collect();
        format!(
            "{} {}",
            change["recordKind"].as_str().unwrap(),
            texts.join(" ")
        )
    });
    told.collect()
}

#[tokio::test]
async fn the_seed_page_becomes_a_draft_with_all_that_it_tells() {
    let api = without_profiles().await;
    let author = api.contributor().await;
    let payload = import(&author, seed()).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    assert_eq!(payload["unmapped"], json!([]), "{payload:#}");
    assert_eq!(payload["contribution"]["state"], "DRAFT");
    assert_eq!(
        payload["contribution"]["countries"],
        json!([{ "code": "AZ" }])
    );
    assert_eq!(
        told(&payload),
        [
            "SOURCE OFFICIAL_WEBSITE",
            "TREATY_EVENT SIGNATURE 2008-06-30",
            "TREATY_EVENT RATIFICATION 2010-03-15",
            "TREATY_EVENT REPORTED_STATUS 2020-04-16 Party",
            "COVERAGE_ASSERTION CYBERCRIME_STRATEGY ABSENT",
            "COVERAGE_ASSERTION CYBERCRIME_POLICY ABSENT",
            "POLICY_DOCUMENT STRATEGY 2014/2020 UNKNOWN",
            "CYBERSECURITY_BODY AGENCY OPERATIONAL",
            "CYBERSECURITY_BODY OTHER OPERATIONAL",
            "CYBERSECURITY_BODY SECURITY_SERVICE UNKNOWN",
            "OPERATIONAL_UNIT CYBERCRIME_UNIT OPERATIONAL",
            "CYBERSECURITY_BODY MINISTRY UNKNOWN",
            "OPERATIONAL_UNIT CYBERCRIME_UNIT BEING_SET_UP",
            "PROFILE_SECTION TREATY_STATUS FILLED",
            "PROFILE_SECTION POLICIES FILLED",
            "PROFILE_SECTION INSTITUTIONS FILLED",
            "PROFILE_SECTION CASE_LAW EMPTY_ON_SOURCE",
            "PROFILE_SECTION TOOLS EMPTY_ON_SOURCE",
            "PROFILE_SECTION LINKS EMPTY_ON_SOURCE",
        ]
    );
    let changes = payload["contribution"]["changes"]
        .as_array()
        .unwrap()
        .iter();
    let cited = changes.filter(|change| change["recordKind"] != "SOURCE");
    for change in cited {
        let citations = change["citations"].as_array().unwrap();
        assert!(!citations.is_empty(), "{change:#}");
        assert!(
            citations
                .iter()
                .all(|citation| citation["certainty"] == "REPORTED")
        );
    }
}

#[tokio::test]
async fn the_same_page_twice_is_one_contribution_and_no_change_once_it_is_accepted() {
    let api = without_profiles().await;
    let author = api.contributor().await;
    let first = import(&author, seed()).await;
    let again = import(&author, seed()).await;
    let id = first["contribution"]["id"].clone();
    assert_eq!(again["contribution"]["id"], id);
    let mut later = seed();
    later["retrievedOn"] = "2026-01-09".into();
    assert_eq!(import(&author, later).await["contribution"]["id"], id);
    // Nobody sees the draft of another person.
    let other = import(&api.person(Role::Contributor, "otto").await, seed()).await;
    assert_ne!(other["contribution"]["id"], id);
    let submitted = author
        .step("submitContribution", json!({ "id": id, "revision": 1 }))
        .await;
    assert_eq!(
        submitted["contribution"]["state"], "SUBMITTED",
        "{submitted:#}"
    );
    let editor = api.editor("erik").await;
    let seen = import(&editor, seed()).await;
    assert_eq!(seen["contribution"]["id"], id);
    let accepted = editor.accept(id.as_str().unwrap()).await;
    assert_eq!(
        accepted["contribution"]["state"], "ACCEPTED",
        "{accepted:#}"
    );
    let after = import(&author, seed()).await;
    assert_eq!(after["contribution"], Value::Null, "{after:#}");
    assert_eq!(after["userErrors"], json!([]));
    let status =
        "{ country(code: \"AZ\") { treatyStatus { status reportedLabels { label agrees } } } }";
    let status = api.query(status).await["country"].clone();
    assert_eq!(status["treatyStatus"]["status"], "PARTY");
    assert_eq!(
        status["treatyStatus"]["reportedLabels"],
        json!([{ "label": "Party", "agrees": true }])
    );
}

#[tokio::test]
async fn facts_that_the_records_have_are_no_change() {
    let api = Api::seeded().await;
    let payload = import(&api.contributor().await, seed()).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    if !payload["contribution"].is_null() {
        let told = told(&payload);
        let known = [
            "TREATY_EVENT SIGNATURE",
            "TREATY_EVENT RATIFICATION",
            "CYBERSECURITY_BODY",
            "POLICY_DOCUMENT",
        ];
        assert!(
            told.iter()
                .all(|one| known.iter().all(|known| !one.starts_with(known))),
            "{told:#?}"
        );
    }
}

#[tokio::test]
async fn a_printed_status_that_disagrees_with_the_computed_one_is_told() {
    let api = Api::seeded().await;
    let text = "Back Ireland\nLast updated : 16/04/2020\n\nStatus regarding Budapest Convention\n\nStatus : Party\n";
    let input = json!({ "country": "IE", "text": text });
    let payload = import(&api.contributor().await, input).await;
    let rationale = payload["contribution"]["rationale"].as_str().unwrap();
    assert!(
        rationale.contains(
            "The page prints the status “Party”. The status computed for 2020-04-16 is SIGNATORY."
        ),
        "{payload:#}"
    );
}

#[tokio::test]
async fn french_labels_and_pages_of_territories_give_no_disagreement() {
    let api = Api::seeded().await;
    let author = api.contributor().await;
    for (country, text) in [
        (
            "FR",
            "Statut regarding Budapest Convention\nStatut : Partie\n",
        ),
        (
            "GL",
            "Status regarding Budapest Convention\nStatus : Party\n",
        ),
    ] {
        let text = format!("Last updated : 16/04/2020\n\n{text}");
        let payload = import(&author, json!({ "country": country, "text": text })).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
        let rationale = payload["contribution"]["rationale"]
            .as_str()
            .unwrap_or_default();
        assert!(
            !rationale.contains("The status computed for"),
            "{payload:#}"
        );
    }
}

#[tokio::test]
async fn pages_that_cannot_be_read_are_refused_with_the_reason() {
    let api = Api::seeded().await;
    let author = api.contributor().await;
    let refused = async |country: &str, text: &str, more: Value| {
        let mut input = json!({ "country": country, "text": text });
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let payload = import(&author, input).await;
        assert_eq!(payload["contribution"], Value::Null, "{payload:#}");
        let found = payload["userErrors"][0].clone();
        (
            found["path"].clone(),
            found["message"].as_str().unwrap().to_owned(),
        )
    };
    let (path, message) = refused("FR", SEED, json!({})).await;
    assert_eq!(path, json!(["text"]));
    assert!(
        message.contains("Azerbaijan (AZ)") && message.contains("France"),
        "{message}"
    );
    let (path, message) = refused("AZ", " \n\t", json!({})).await;
    assert_eq!(
        (path, message.contains("no text")),
        (json!(["text"]), true),
        "{message}"
    );
    let (path, message) = refused("ZZ", SEED, json!({})).await;
    assert_eq!(path, json!(["country"]));
    assert!(message.contains("ZZ"), "{message}");
    let (path, _) = refused("AZ", SEED, json!({ "retrievedOn": "2999-01-01" })).await;
    assert_eq!(path, json!(["retrievedOn"]));
    let (path, _) = refused("AZ", SEED, json!({ "url": "nowhere" })).await;
    assert_eq!(path, json!(["url"]));
    let (_, message) = refused("AZ", "%PDF-1.7 and so on", json!({})).await;
    assert!(message.contains("PDF"), "{message}");
    let deep = format!("<html>{}<p>Back Azerbaijan", "<div>".repeat(10_000));
    let payload = import(&author, json!({ "country": "AZ", "text": deep })).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
}

#[tokio::test]
async fn the_command_makes_a_contribution_that_waits_for_review() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.txt");
    std::fs::write(&file, SEED).unwrap();
    let run = |arguments: &[&str], input: &str| {
        let mut command = program(folder.path());
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut running = command.spawn().unwrap();
        // A command that does not read its input closes the pipe.
        let _ = running.stdin.take().unwrap().write_all(input.as_bytes());
        let output = running.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        (output.status.success(), text, error)
    };
    for file in bundle::FILES.iter().take(3) {
        let data = format!("{}/data/{}", env!("CARGO_MANIFEST_DIR"), file.name);
        let (is_done, _, error) = run(&["import", &data], "");
        assert!(is_done, "{error}");
    }
    let page = [
        "import",
        "--page",
        "page.txt",
        "--country",
        "AZ",
        "--url",
        URL,
        "--retrieved",
        "2026-01-01",
    ];
    let (is_done, text, error) = run(&[&page[..], &["--dry-run"]].concat(), "");
    assert!(
        is_done && text.contains("19 changes") && text.contains("nothing was stored"),
        "{text}{error}"
    );
    let (is_done, text, error) = run(&page, "");
    assert!(
        is_done && text.contains("waits for review"),
        "{text}{error}"
    );
    let standard = [
        "import",
        "--page",
        "-",
        "--country",
        "AZ",
        "--url",
        URL,
        "--retrieved",
        "2026-01-01",
    ];
    let (is_done, text, error) = run(&standard, SEED);
    assert!(
        is_done && text.contains("proposes the same changes: no other was made"),
        "{text}{error}"
    );
    let (is_done, _, error) = run(&["import", "--page", "page.txt", "--country", "FR"], "");
    assert!(
        !is_done && error.contains("Azerbaijan (AZ), not about France"),
        "{error}"
    );
    let (is_done, _, error) = run(&["import", "--page", "page.txt"], "");
    assert!(!is_done && error.contains("--country"), "{error}");
    let (is_done, _, error) = run(&["import", "--page", "none.txt", "--country", "AZ"], "");
    assert!(
        !is_done && error.contains("cannot read none.txt"),
        "{error}"
    );
}
