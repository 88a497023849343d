//! Clients of others, as they come from npm: that their caches keep what is past apart from what is now.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::{Api, retitle};
use crate::transcript;

fn npm(arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients"))
        .args(arguments)
        .stdin(Stdio::null());
    npm
}

fn is_possible() -> bool {
    let version = npm(&["--version"]).output();
    version.is_ok_and(|output| output.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn normalised_caches_never_mix_past_and_present() {
    if transcript::folder().is_some() {
        // What clients keep depends on no database.
        return;
    }
    if !is_possible() {
        let required = std::env::var_os("CYBERPROFILES_REQUIRE_SERVICES").is_some();
        assert!(!required, "npm is needed to try the clients");
        // Written past the harness, which would keep it to itself.
        let _ = writeln!(std::io::stderr(), "skipped: npm is not installed");
        return;
    }
    let api = Api::seeded().await;
    let head = api.query("{ head { cursor } }").await;
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Renamed")).await;
    let installed = npm(&["ci", "--no-audit", "--no-fund"]).output().unwrap();
    assert!(
        installed.status.success(),
        "{}",
        String::from_utf8_lossy(&installed.stderr)
    );
    let tried = npm(&["test"])
        .env("CYBERPROFILES_URL", format!("http://{}", api.address))
        .env(
            "CYBERPROFILES_CURSOR",
            head["head"]["cursor"].as_str().unwrap(),
        )
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&tried.stdout);
    assert!(
        tried.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&tried.stderr)
    );
    assert!(said.contains("pass 3"), "{said}");
}
