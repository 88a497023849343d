//! The command `propose`, and the example contributions: each is sent by the program, accepted, and seen in the answers.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use cyberprofiles::domain::viewer::Role;
use serde_json::{Value, json};

use crate::harness::{Api, cite};
use crate::program::program;

/// The example contributions: the file, a query, and its answer after the acceptance.
fn examples() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (
            "add-a-country.json",
            "{ country(code: \"YU\") { name kind } note: country(code: \"AX\") { designationNote } }",
            json!({ "country": { "name": "Yugoslavia", "kind": "OTHER" },
                "note": { "designationNote": "A self-governing region of Finland." } }),
        ),
        (
            "add-a-treaty.json",
            "{ treaty(reference: \"ETS 30\") { shortTitle openedOn { edtf } }
                other: treaty(reference: \"CETS 224\") { eventsCompleteAsOf } }",
            json!({ "treaty": { "shortTitle": "Mutual Assistance Convention", "openedOn": { "edtf": "1959-04-20" } },
                "other": { "eventsCompleteAsOf": "2026-11-01" } }),
        ),
        (
            "add-treaty-acts.json",
            "{ at(asOf: \"2027-03-01\") { country(code: \"IE\") { treatyStatus(treaty: \"ETS 185\") {
                status reservations { articles } declarations { articles } } } } }",
            json!({ "at": { "country": { "treatyStatus": { "status": "PARTY",
                "reservations": [{ "articles": ["29"] }], "declarations": [{ "articles": ["27(9)(e)"] }] } } } }),
        ),
        (
            "add-a-strategy.json",
            "{ country(code: \"IE\") { coverage(topics: [CYBERSECURITY_STRATEGY]) { value via { title } } } }",
            json!({ "country": { "coverage": [{ "value": "PRESENT",
                "via": { "title": "National Cyber Security Strategy 2019–2024" } }] } }),
        ),
        (
            "replace-a-document.json",
            "{ old: node(id: \"PolicyDocument:az-information-society-strategy-2014-2020\") {
                ... on PolicyDocument { effectiveStatus } }
              new: node(id: \"PolicyDocument:az-cybersecurity-strategy-2023-2027\") {
                ... on PolicyDocument { relations { kind document { recordId } } } } }",
            json!({ "old": { "effectiveStatus": "SUPERSEDED" },
                "new": { "relations": [{ "kind": "REPLACES",
                    "document": { "recordId": "PolicyDocument:az-information-society-strategy-2014-2020" } }] } }),
        ),
        (
            "add-a-body.json",
            "{ node(id: \"CybersecurityBody:az-example-agency\") { ... on CybersecurityBody {
                name functions predecessors { name status successors { name } } } } }",
            json!({ "node": { "name": "Example Cybersecurity Agency",
                "functions": ["NATIONAL_CYBERSECURITY_AUTHORITY", "NATIONAL_CSIRT"],
                "predecessors": [{ "name": "Electronic Security Centre", "status": "DISSOLVED",
                    "successors": [{ "name": "Example Cybersecurity Agency" }] }] } }),
        ),
        (
            "add-a-unit.json",
            "{ node(id: \"CybersecurityBody:az-ministry-of-the-interior\") { ... on CybersecurityBody {
                units { nodes { name status } } } } }",
            json!({ "node": { "units": { "nodes": [
                { "name": "Digital Forensics Division", "status": "OPERATIONAL" },
                { "name": "Main Department on Combating Cybercrime", "status": "OPERATIONAL" } ] } } }),
        ),
        (
            "mend-a-date.json",
            "{ act: node(id: \"TreatyEvent:az-ets-185-domestic-approval\") {
                ... on TreatyEvent { date { edtf precision } } }
              plan: node(id: \"PolicyDocument:az-information-society-action-plan\") {
                ... on PolicyDocument { period { edtf } } }
              source: node(id: \"Source:dig-watch-az-2023\") { ... on Source { publishedOn { edtf } } } }",
            json!({ "act": { "date": { "edtf": "2009-09", "precision": "MONTH" } },
                "plan": { "period": { "edtf": "2014/2020" } }, "source": { "publishedOn": { "edtf": "2023-08" } } }),
        ),
        (
            "state-an-absence.json",
            "{ ireland: country(code: \"IE\") { coverage(topics: [CYBERCRIME_STRATEGY]) { value } }
              azerbaijan: country(code: \"AZ\") { coverage(topics: [CYBERCRIME_POLICY]) { statement } } }",
            json!({ "ireland": { "coverage": [{ "value": "ABSENT" }] }, "azerbaijan": { "coverage": [{ "statement":
                "No policy document is dedicated to cybercrime, and none was being developed in April 2020." }] } }),
        ),
        (
            "complete-a-legal-profile.json",
            "{ country(code: \"AL\") {
                articleImplementations(articles: [\"2\", \"22\"]) { nodes { article degree } }
                courtDecisions { nodes { number outcome } } }
              node(id: \"CourtDecision:ar-cncrim-28537-2014\") { ... on CourtDecision { outcome } } }",
            json!({ "country": { "articleImplementations": { "nodes": [
                    { "article": "2", "degree": "PARTIAL" }, { "article": "22", "degree": "GENERAL_LAW" }] },
                "courtDecisions": { "nodes": [{ "number": "12/2024", "outcome": "Conviction" }] } },
                "node": { "outcome": "The indictment was confirmed." } }),
        ),
        (
            "rewrite-a-section.json",
            "{ country(code: \"AZ\") { sections(topics: [LEGISLATION, CASE_LAW]) { topic state } } }",
            json!({ "country": { "sections": [{ "topic": "LEGISLATION", "state": "FILLED" },
                { "topic": "CASE_LAW", "state": "FILLED" }] } }),
        ),
        (
            "merge-two-records.json",
            "{ body: node(id: \"CybersecurityBody:az-electronic-security-centre\") {
                ... on CybersecurityBody { legalBasis { recordId } } }
              decree: node(id: \"PolicyDocument:az-decree-833\") {
                ... on PolicyDocument { retired { reason } } }
              links: node(id: \"ProfileSection:az-links\") { ... on ProfileSection { retired { reason } } } }",
            json!({ "body": { "legalBasis": [{ "recordId": "PolicyDocument:az-decree-708" }] },
                "decree": { "retired": { "reason": "It is the decree of PolicyDocument:az-decree-708." } },
                "links": { "retired": null } }),
        ),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/contributions")
}

/// Runs `propose` against a server, with a token in the environment.
async fn propose(api: &Api, token: &str, arguments: &[&str], input: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path());
    command
        .env("CYBERPROFILES_URL", format!("http://{}", api.address))
        .arg("propose")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if !token.is_empty() {
        command.env("CYBERPROFILES_TOKEN", token);
    }
    let input = input.to_owned();
    tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        // A program that fails early does not read its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    })
    .await
    .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The standard output of a command that succeeded.
fn done(output: &Output) -> &str {
    assert!(output.status.success(), "{output:?}");
    assert_eq!(text(&output.stderr), "");
    text(&output.stdout)
}

/// The error lines of a command that failed.
fn refused(output: &Output) -> Vec<&str> {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(text(&output.stdout), "");
    let lines = text(&output.stderr).lines();
    lines
        .map(|line| line.strip_prefix("error: ").unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_example_is_proposed_by_the_program_accepted_and_seen() {
    let api = Api::seeded().await;
    let token = api.token(Role::Contributor, "carla").await;
    let eva = api.editor("eva").await;
    // One of the examples restores a section that was retired.
    let retire = json!([{ "retire": { "id": "ProfileSection:az-links", "baseVersion": 1, "reason": "By mistake." } }]);
    eva.publish(retire).await;
    for (name, query, expected) in examples() {
        let path = folder().join(name);
        let path = path.to_str().unwrap();
        let before = api.query_once(query).await;
        assert_ne!(before, expected, "{name}");
        let checked = propose(&api, &token, &[path, "--validate-only"], "").await;
        let said = done(&checked);
        assert!(
            said.starts_with("the contribution is valid; nothing was stored\n"),
            "{said}"
        );
        let proposed = propose(&api, &token, &[path], "").await;
        let said = done(&proposed);
        let first = said.lines().next().unwrap();
        let id = first.strip_suffix(" SUBMITTED: it waits for an editor");
        let id = id.unwrap_or_else(|| panic!("{said}"));
        let text = std::fs::read_to_string(path).unwrap();
        let input: Value = serde_json::from_str(&text).unwrap();
        // A new source in a citation becomes one more change.
        let count = input["changes"].as_array().unwrap().len();
        let count = count + text.matches("\"newSource\"").count();
        assert_eq!(said.lines().count(), 1 + count, "no warnings: {said}");
        let accepted = eva.accept(id).await;
        assert_eq!(
            accepted["contribution"]["state"], "ACCEPTED",
            "{name}: {accepted:#}"
        );
        assert_eq!(api.query_once(query).await, expected, "{name}");
    }
}

#[test]
fn the_examples_have_every_kind_of_change() {
    let sdl = cyberprofiles::graphql::sdl();
    let (_, changes) = sdl.split_once("\ninput ChangeInput @oneOf {\n").unwrap();
    let (changes, _) = changes.split_once("\n}\n").unwrap();
    let members = changes.lines().filter_map(|line| line.split_once(": "));
    let wanted: BTreeSet<String> = members
        .map(|(name, _)| name.trim().to_owned())
        .filter(|name| name.chars().all(char::is_alphanumeric))
        .collect();
    assert_eq!(wanted.len(), 24, "{wanted:?}");
    let mut found = BTreeSet::new();
    let examples = examples();
    for (name, ..) in &examples {
        let text = std::fs::read_to_string(folder().join(name)).unwrap();
        let input: Value = serde_json::from_str(&text).unwrap();
        for change in input["changes"].as_array().unwrap() {
            found.extend(change.as_object().unwrap().keys().cloned());
        }
    }
    assert_eq!(found, wanted);
    // The files of the walk-through are tried by other tests.
    let files = std::fs::read_dir(folder()).unwrap();
    let others = files.filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        let name = name.to_str().unwrap();
        !name.starts_with("20") && examples.iter().all(|(known, ..)| *known != name)
    });
    assert_eq!(others.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contribution_from_standard_input_is_told_with_its_warnings() {
    let api = Api::seeded().await;
    let token = api.token(Role::Contributor, "carla").await;
    let mut sure = cite();
    sure[0]["certainty"] = json!("CONFIRMED");
    let change = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1,
        "set": { "shortTitle": "New" }, "cite": sure } }]);
    let input = json!({ "title": "T", "rationale": "R.", "changes": change });
    // A file may begin with a byte order mark.
    let proposed = propose(&api, &token, &["-"], &format!("\u{feff}{input}")).await;
    let lines: Vec<&str> = done(&proposed).lines().collect();
    let (id, state) = lines[0].split_once(' ').unwrap();
    assert!(id.starts_with("Contribution:"), "{id}");
    assert_eq!(
        state,
        "DRAFT: only its authors see it until submitContribution"
    );
    assert_eq!(lines[1], "update Treaty:ets-185");
    let is_told = |line: &&str| {
        line.starts_with("warning: changes.0.updateTreaty.cite.0: ")
            && line.ends_with(" (CITATION_REQUIRED)")
    };
    assert!(lines[2..].iter().any(is_told), "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_proposal_is_told_with_its_place() {
    let api = Api::seeded().await;
    let token = api.token(Role::Contributor, "carla").await;
    let sent = async |text: &str| propose(&api, &token, &["-"], text).await;
    let change = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 9,
        "set": { "shortTitle": "New" }, "cite": [] } }, { "retire": { "id": "x", "baseVersion": 1, "reason": "" } }]);
    let input = json!({ "title": "", "rationale": "R.", "changes": change });
    let output = sent(&input.to_string()).await;
    let lines = refused(&output);
    for place in ["title", "changes.0.updateTreaty", "changes.1.retire.id"] {
        let begin = format!("standard input: {place}");
        assert!(
            lines.iter().any(|line| line.starts_with(&begin)),
            "{lines:#?}"
        );
    }
    for (text, expected) in [
        (
            "{\n  \"title\": oops }",
            "standard input, line 2, column 12: expected value",
        ),
        (
            "",
            "standard input, line 1, column 0: EOF while parsing a value",
        ),
        (
            "[]",
            "standard input: expected a JSON object with title, rationale and changes",
        ),
    ] {
        assert_eq!(refused(&sent(text).await), [expected]);
    }
    let output = sent("{ \"titel\": \"T\", \"rationale\": \"R.\", \"changes\": [] }").await;
    assert!(refused(&output).concat().contains("titel"), "{output:?}");
    let long = json!({ "title": "T", "rationale": "x".repeat(1_100_000), "changes": [] });
    let output = sent(&long.to_string()).await;
    let lines = refused(&output);
    let begin = "standard input is too large for the server (413): ";
    assert!(lines[0].starts_with(begin), "{lines:#?}");
    let output = propose(&api, &token, &["missing.json"], "").await;
    assert!(
        refused(&output)[0].starts_with("cannot read missing.json: "),
        "{output:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_or_a_wrong_address_is_told() {
    let api = Api::seeded().await;
    let token = api.token(Role::Contributor, "carla").await;
    let input = "{ \"title\": \"T\", \"rationale\": \"R.\", \"changes\": [] }";
    let server = format!("http://{}/graphql", api.address);
    let output = propose(&api, "cp_unknown", &["-"], input).await;
    let expected = format!("{server} refuses the token (401): it is unknown, revoked or expired");
    assert_eq!(refused(&output), [expected]);
    let output = propose(&api, "a\nb", &["-"], input).await;
    assert!(refused(&output)[0].starts_with("the token is empty or has a character"));
    let output = propose(&api, "", &["-"], input).await;
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(
        text(&output.stderr).contains("--token <TOKEN>"),
        "{output:?}"
    );
    // Nothing listens on port 9 of this machine.
    let closed = ["-", "--url", "http://127.0.0.1:9"];
    let output = propose(&api, &token, &closed, input).await;
    let expected = "cannot reach http://127.0.0.1:9/graphql: the connection was refused";
    assert_eq!(refused(&output), [expected]);
    let elsewhere = format!("http://{}/records", api.address);
    let output = propose(&api, &token, &["-", "--url", &elsewhere], input).await;
    let said = refused(&output)[0];
    assert!(
        said.ends_with("not as this service does: is --url right?"),
        "{said}"
    );
    let output = propose(&api, &token, &["-", "--url", "ftp://a.example"], input).await;
    assert_eq!(
        refused(&output),
        ["--url: expected an address that begins with http:// or https://"]
    );
    // The token is in no message.
    let output = propose(&api, "s3cret", &["-", "--token", &token], input).await;
    let said = refused(&output).concat();
    assert!(said.contains("changes: "), "{said}");
    assert!(!said.contains(&token) && !said.contains("s3cret"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_says_nothing_is_told_and_control_characters_are_escaped() {
    let api = Api::empty().await;
    let none = "the server stored no contribution, and does not say why";
    let finding = json!({ "code": "INVALID", "message": "\u{1b}[31mRed\nline", "path": ["title"] });
    for (answer, expected) in [
        (json!({ "data": null }), none),
        (
            json!({ "data": { "createContribution": { "contribution": null, "userErrors": [] } } }),
            none,
        ),
        (
            json!({ "data": { "createContribution": { "contribution": null, "userErrors": [finding] } } }),
            "standard input: title: \\u{1b}[31mRed",
        ),
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let respond = axum::routing::post(async move || axum::Json(answer));
        let router = axum::Router::new().route("/graphql", respond);
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let output = propose(&api, "cp_any", &["-", "--url", &url], "{}").await;
        server.abort();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = text(&output.stderr);
        assert!(said.starts_with(&format!("error: {expected}")), "{said}");
    }
}
