//! Unmodified third-party clients from npm and PyPI: they understand each answer, the audit of GraphQL over HTTP
//! passes, and their caches separate past and present.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;

use crate::harness::{Api, retitle, roomy};
use crate::installed::{self, done};
use crate::transcript;

/// Number of npm tests that must pass, the 61 audits included.
const TESTS: &str = "pass 84";

/// Number of tests in the comparison with graphql-js: its sections, and the check that no accepted deviation is
/// obsolete.
const DIFFERENTIAL_TESTS: &str = "pass 11";

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

fn command(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(clients())
        .args(arguments)
        .stdin(Stdio::null());
    command
}

/// True if a program is installed and can do what the test needs. Panics if it is missing and required.
fn is_possible(program: &str, check: &[&str]) -> bool {
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

#[tokio::test(flavor = "multi_thread")]
async fn npm_clients_and_the_graphql_over_http_audit_pass() {
    if !is_possible("npm", &["--version"]) {
        return;
    }
    let api = Api::seeded().await;
    let head = api.query("{ head { cursor } }").await;
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Renamed")).await;
    installed::npm(&clients());
    let cursor = head["head"]["cursor"].as_str().unwrap();
    let said = done(
        command("npm", &["test"])
            .env("CYBERPROFILES_URL", format!("http://{}", api.address))
            .env("CYBERPROFILES_CURSOR", cursor),
    );
    assert!(said.contains(TESTS), "{said}");
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
