//! One database file under several names: it has one server, and one name at a time.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::json;

use crate::program::{address, program};
use crate::transcript;

/// True if this run tests file names; they do not depend on the database, so one run is enough.
fn is_tried() -> bool {
    transcript::is_tried_once()
}

fn run(folder: &Path, url: &str, arguments: &[&str]) -> Output {
    program(folder)
        .args(["--database-url", url])
        .args(arguments)
        .output()
        .unwrap()
}

/// Standard error of a refused command.
fn refusal(output: &Output) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    said
}

/// A server, stopped when the test ends.
struct Served(Child, String);

impl Served {
    fn start(folder: &Path, url: &str) -> Self {
        let mut server = program(folder)
            .args(["--database-url", url])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = address(&mut server);
        Self(server, address)
    }

    fn end(&mut self, signal: &str) {
        let id = self.0.id().to_string();
        let signalled = Command::new("kill").args([signal, &id]).status();
        assert!(signalled.unwrap().success());
        self.0.wait().unwrap();
    }

    async fn sequence(&self) -> i64 {
        let request = crate::harness::client().post(format!("{}/graphql", self.1));
        let request = request.json(&json!({ "query": "{ head { sequence } }" }));
        let answer: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
        answer["data"]["head"]["sequence"].as_i64().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Names of the entries of a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_second_server_on_one_database_file_is_refused_under_every_name() {
    if !is_tried() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let here = folder.canonicalize().unwrap();
    let here = here.display();
    let server = Served::start(folder, "sqlite:a b.db");
    let elsewhere = folder.join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::hard_link(folder.join("a b.db"), elsewhere.join("hard.db")).unwrap();
    std::fs::hard_link(folder.join("a b.db"), folder.join("hard.db")).unwrap();
    std::os::unix::fs::symlink("a b.db", folder.join("soft.db")).unwrap();
    std::os::unix::fs::symlink(folder, elsewhere.join("folder")).unwrap();
    let before = names(folder);
    for url in [
        "sqlite:a b.db",
        "sqlite://a b.db",
        "sqlite://a%20b.db",
        "sqlite:%61%20b.db?mode=rwc",
        "sqlite://./a b.db?mode=rw",
        "sqlite://elsewhere/../a b.db",
        "sqlite://soft.db",
        "sqlite://elsewhere/folder/a b.db",
        "sqlite://hard.db",
        "sqlite://elsewhere/hard.db",
        &format!("sqlite://{here}/a%20b.db"),
        &format!("sqlite:{here}/hard.db"),
    ] {
        for command in [&["serve"][..], &["migrate", "down", "--yes"]] {
            let said = refusal(&run(folder, url, command));
            assert!(said.contains("another server is using"), "{url}: {said}");
        }
    }
    assert_eq!(names(folder), before, "no file is left behind");
    assert_eq!(names(&elsewhere), ["folder", "hard.db"]);
    assert_eq!(server.sequence().await, crate::harness::bundled());
}

#[tokio::test]
async fn a_bind_mounted_database_file_counts_as_the_same_file() {
    let can_mount = Command::new("unshare").args(["-m", "true"]).status();
    if !is_tried() || !can_mount.is_ok_and(|status| status.success()) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let _server = Served::start(folder, "sqlite:a.db");
    let other = folder.join("other");
    std::fs::create_dir_all(other.join("within")).unwrap();
    std::fs::write(other.join("alone.db"), "").unwrap();
    let script = "mount --bind a.db other/alone.db && mount --bind . other/within && exec \"$@\"";
    let mounted = |url: &str, arguments: &[&str]| {
        Command::new("unshare")
            .args([
                "-m",
                "sh",
                "-c",
                script,
                "sh",
                env!("CARGO_BIN_EXE_cyberprofiles"),
            ])
            .args(["--listen", "127.0.0.1:0", "--database-url", url])
            .args(arguments)
            .current_dir(folder)
            .output()
            .unwrap()
    };
    for url in ["sqlite://other/alone.db", "sqlite://other/within/a.db"] {
        let said = refusal(&mounted(url, &["serve"]));
        assert!(said.contains("another server is using"), "{url}: {said}");
    }
    let said = refusal(&mounted("sqlite://other/alone.db", &["token", "list"]));
    assert!(said.contains("in use under another name"), "{said}");
    // The journal of a folder that is mounted elsewhere is the same journal.
    let listed = mounted("sqlite://other/within/a.db", &["token", "list"]);
    assert!(listed.status.success(), "{listed:?}");
    assert_eq!(names(&other), ["alone.db", "within"]);
}

#[tokio::test]
async fn a_command_beside_a_server_must_use_the_servers_file_name() {
    if !is_tried() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut server = Served::start(folder, "sqlite:a b.db");
    std::fs::hard_link(folder.join("a b.db"), folder.join("hard.db")).unwrap();
    std::os::unix::fs::symlink("a b.db", folder.join("soft.db")).unwrap();
    let source = |key: &str| {
        format!(
            "{{\"createSource\":{{\"key\":\"{key}\",\"fields\":{{\"kind\":\"OTHER\",\"title\":\"T\"}}}}}}\n"
        )
    };
    let mut sequence = server.sequence().await;
    let create = ["token", "create", "--role", "EDITOR", "--name", "Eva"];
    for (number, url) in [
        "sqlite:a b.db",
        "sqlite://a%20b.db?mode=rw",
        "sqlite://soft.db",
    ]
    .into_iter()
    .enumerate()
    {
        std::fs::write(folder.join("more.jsonl"), source(&format!("s{number}"))).unwrap();
        for command in [
            &["import", "more.jsonl"][..],
            &["export", "out.jsonl"],
            &create,
            &["token", "list"],
            &["migrate", "up"],
            &["migrate", "status"],
        ] {
            let output = run(folder, url, command);
            assert!(output.status.success(), "{url} {command:?}: {output:?}");
        }
        sequence += 1;
        assert_eq!(server.sequence().await, sequence, "{url}");
    }
    std::fs::write(folder.join("more.jsonl"), source("lost")).unwrap();
    for command in [
        &["import", "more.jsonl"][..],
        &["export"],
        &create,
        &["token", "list"],
        &["token", "revoke", "x"],
        &["migrate", "up"],
    ] {
        let said = refusal(&run(folder, "sqlite://hard.db", command));
        assert!(
            said.contains("in use under another name"),
            "{command:?}: {said}"
        );
    }
    assert_eq!(server.sequence().await, sequence);
    // After an orderly stop the file is complete, under each of its names.
    server.end("-TERM");
    let mut server = Served::start(folder, "sqlite:hard.db");
    assert_eq!(server.sequence().await, sequence);
    // After a crash the journal beside the last name has changes that the file lacks.
    std::fs::write(folder.join("last.jsonl"), source("last")).unwrap();
    let last = run(folder, "sqlite:hard.db", &["import", "last.jsonl"]);
    assert!(last.status.success(), "{last:?}");
    sequence += 1;
    server.end("-KILL");
    for command in [&["serve"][..], &["import", "more.jsonl"]] {
        let said = refusal(&run(folder, "sqlite:a b.db", command));
        assert!(said.contains("was used last as"), "{command:?}: {said}");
    }
    server = Served::start(folder, "sqlite:hard.db");
    assert_eq!(server.sequence().await, sequence);
    server.end("-TERM");
    let server = Served::start(folder, "sqlite:a b.db");
    assert_eq!(server.sequence().await, sequence);
}

#[test]
fn a_refused_start_leaves_no_file() {
    if !is_tried() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("text.db"), "no database ".repeat(99)).unwrap();
    std::fs::create_dir(folder.join("sub")).unwrap();
    for (url, arguments, why) in [
        ("sqlite::memory:", &["serve"][..], "in memory"),
        ("sqlite://x.db?mode=memory", &["serve"], "in memory"),
        (
            "sqlite://x.db?mode=ro",
            &["serve"],
            "writes to its database",
        ),
        ("sqlite://x.db?moode=rw", &["serve"], "after ? only mode"),
        ("sqlite://x.db?mode=rw", &["serve"], "there is no database"),
        ("sqlite:file:x.db", &["serve"], "without file:"),
        ("sqlite://", &["serve"], "expected sqlite://FILE"),
        ("sqlite://sub", &["serve"], "it is a folder"),
        ("sqlite://none/x.db", &["serve"], "does not exist"),
        ("sqlite://text.db", &["serve"], "cannot open the database"),
        ("sqlite://x.db", &["export"], "there is no database"),
        ("sqlite://x.db", &["token", "list"], "there is no database"),
        (
            "sqlite://x.db",
            &["token", "revoke", "x"],
            "there is no database",
        ),
        (
            "sqlite://x.db",
            &["migrate", "down"],
            "there is no database",
        ),
        (
            "sqlite://x.db",
            &["serve", "--nats-url", "nats:"],
            "the NATS URL",
        ),
        (
            "sqlite://x.db",
            &["serve", "--only-trusted-documents"],
            "--trusted-documents",
        ),
        (
            "sqlite://x.db",
            &["serve", "--allow-credentials"],
            "--allow-origins",
        ),
        (
            "sqlite://x.db",
            &[
                "serve",
                "--oidc-issuer",
                "http://example.org",
                "--oidc-audience",
                "a",
            ],
            "expected an https address",
        ),
        (
            "sqlite://x.db",
            &["serve", "--trusted-documents", "none"],
            "none",
        ),
    ] {
        let said = refusal(&run(folder, url, arguments));
        assert!(said.contains(why), "{url} {arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{url} {arguments:?}: {said}");
        assert_eq!(names(folder), ["sub", "text.db"], "{url} {arguments:?}");
    }
    // In a database that does not exist yet all migrations are pending, and `status` does not create it.
    let status = run(folder, "sqlite://x.db", &["migrate", "status"]);
    let status = String::from_utf8(status.stdout).unwrap();
    assert!(status.lines().all(|line| line.starts_with("pending ")));
    assert_eq!(names(folder), ["sub", "text.db"]);
}

#[test]
fn a_file_that_cannot_become_a_database_is_removed() {
    if !is_tried() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // No block may be written.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" migrate up"])
        .arg(env!("CARGO_BIN_EXE_cyberprofiles"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = refusal(&output);
    assert!(said.contains("cannot open the database"), "{said}");
    assert_eq!(names(folder.path()), [""; 0]);
}
