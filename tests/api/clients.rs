//! Unmodified third-party clients from npm and PyPI: they understand each answer, the audit of GraphQL over HTTP
//! passes, their caches separate past and present, and a gateway joins this service with another subgraph. Programs for
//! references and feeds read what it writes for them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;

use serde_json::{Value, json};

use crate::harness::{Api, retitle, roomy};
use crate::installed::{self, done};
use crate::transcript;

/// Number of npm tests that must pass, the 61 audits included.
const TESTS: &str = "pass 96";

/// Number of tests in the comparison with graphql-js: its sections, and the check that no accepted deviation is
/// obsolete.
const DIFFERENTIAL_TESTS: &str = "pass 11";

pub fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

pub fn command(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(clients())
        .args(arguments)
        .stdin(Stdio::null());
    command
}

/// True if a program is installed and can do what the test needs. Panics if it is missing and required.
pub fn is_possible(program: &str, check: &[&str]) -> bool {
    if !transcript::is_tried_once() {
        // The behaviour of clients does not depend on the database.
        return false;
    }
    let checked = command(program, check).output();
    let is_possible = checked.is_ok_and(|output| output.status.success());
    let required = std::env::var_os("CYBERPROFILES_REQUIRE_SERVICES").is_some();
    assert!(
        is_possible || !required,
        "{program} is required and not installed"
    );
    if !is_possible {
        // Written to standard error directly, because the test harness captures printed text.
        let _ = writeln!(std::io::stderr(), "skipped: {program} is not installed");
    }
    is_possible
}

/// Limits that no document of the comparison reaches: a refusal by a limit shows nothing about the language.
fn wide() -> Limits {
    Limits {
        max_depth: 100,
        max_complexity: i32::MAX,
        max_anonymous_complexity: i32::MAX,
        max_root_fields: 10_000,
        max_aliases: 100_000,
        max_directives: 100_000,
        max_tokens: 1_000_000,
        max_nesting: 200,
        max_selections: 1_000_000,
        request_timeout_ms: 60_000,
        ..roomy()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_validates_and_executes_documents_as_graphql_js_does() {
    if !is_possible("npm", &["--version"]) {
        return;
    }
    let api = Api::builder().limits(wide()).start().await;
    let token = api.token(Role::Editor, "eva").await;
    installed::npm(&clients());
    let said = done(
        command("npm", &["run", "differential"])
            .env("CYBERPROFILES_URL", format!("http://{}", api.address))
            .env("CYBERPROFILES_EDITOR_TOKEN", token),
    );
    assert!(said.contains(DIFFERENTIAL_TESTS), "{said}");
}

/// Sources whose titles contain characters that BibTeX, LaTeX or JSON reserve.
fn awkward_titles() -> Value {
    let titles = [
        "100 % of \u{201c}A & B\u{201d}, $5 #1: a_b ~c ^d",
        "Braces {like} {these and \\commands{x} and \"quotes\"",
        "\u{642}\u{627}\u{646}\u{648}\u{646} \u{645}\u{643}\u{627}\u{641}\u{62d}\u{629} @article{x, title = 1}",
        "K\u{131}b\u{131}r C\u{259}za \u{2013} 1/2; (a) [b] 'c' `d` \u{65e5}\u{672c}",
    ];
    let sources = titles.iter().enumerate().map(|(number, title)| {
        let fields = json!({ "kind": "REPORT", "title": title });
        json!({ "createSource": { "key": format!("awkward-{number}"), "fields": fields } })
    });
    sources.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn npm_clients_and_the_graphql_over_http_audit_pass() {
    if !is_possible("npm", &["--version"]) {
        return;
    }
    let api = Api::seeded().await;
    let subgraph = Api::builder().subgraph().start().await;
    let head = api.query("{ head { cursor } }").await;
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Renamed")).await;
    eva.publish(awkward_titles()).await;
    installed::npm(&clients());
    let cursor = head["head"]["cursor"].as_str().unwrap();
    let said = done(
        command("npm", &["test"])
            .env("CYBERPROFILES_URL", format!("http://{}", api.address))
            .env(
                "CYBERPROFILES_SUBGRAPH_URL",
                format!("http://{}", subgraph.address),
            )
            .env("CYBERPROFILES_CURSOR", cursor),
    );
    assert!(said.contains(TESTS), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pandas_and_frictionless_read_every_csv_file() {
    if !is_possible("python3", &["-c", "import ensurepip"]) {
        return;
    }
    let api = Api::seeded().await;
    let python = installed::python(&clients().join("python/requirements.txt"));
    done(
        command(python, &["python/try_export.py"])
            .env("CYBERPROFILES_URL", format!("http://{}", api.address)),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_gql_works() {
    if !is_possible("python3", &["-c", "import ensurepip"]) {
        return;
    }
    let api = Api::seeded().await;
    let python = installed::python(&clients().join("python/requirements.txt"));
    done(
        command(python, &["python/try_gql.py"])
            .env("CYBERPROFILES_URL", format!("http://{}", api.address)),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parser_of_prometheus_reads_all_metrics_with_their_types_and_units() {
    if !is_possible("python3", &["-c", "import ensurepip"]) {
        return;
    }
    let api = Api::seeded().await;
    let tip = "mutation { submitTip(input: { country: \"AZ\", message: \"M\" }) { contribution { id } } }";
    let request = api.request(reqwest::Method::POST, "/graphql");
    let response = request.json(&json!({ "query": tip })).send();
    assert_eq!(response.await.unwrap().status(), 200);
    for value in ["Bearer wrong", "Basic eA=="] {
        let request = api.request(reqwest::Method::POST, "/graphql");
        let request = request.header("authorization", value);
        let response = request.json(&json!({ "query": "{ __typename }" })).send();
        assert_eq!(response.await.unwrap().status(), 401);
    }
    let python = installed::python(&clients().join("python/requirements.txt"));
    done(
        command(python, &["python/try_metrics.py"])
            .env("CYBERPROFILES_URL", format!("http://{}", api.address)),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_are_valid_for_feedparser_and_the_grammar_of_atom() {
    if !is_possible("python3", &["-c", "import ensurepip"]) {
        return;
    }
    let limits = Limits {
        request_timeout_ms: 120_000,
        ..roomy()
    };
    let api = Api::builder().limits(limits).start().await;
    let python = installed::python(&clients().join("python/requirements.txt"));
    done(
        command(python, &["python/try_feeds.py"])
            .env("CYBERPROFILES_URL", format!("http://{}", api.address)),
    );
}
