//! The command `doctor`: one line for each check, and nothing is changed.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::database::{Own, empty_postgresql};
use crate::nats::Nats;
use crate::program::{address, program};
use crate::transcript;

fn doctor(folder: &Path, arguments: &[&str]) -> Output {
    let mut doctor = program(folder);
    doctor.arg("doctor").args(arguments).output().unwrap()
}

/// The standard output, after a check of the exit code.
fn lines(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line of a check.
fn line<'a>(lines: &'a str, check: &str) -> &'a str {
    let found: Vec<&str> = lines
        .lines()
        .filter(|line| line.get(8..).is_some_and(|line| line.starts_with(check)))
        .collect();
    assert_eq!(found.len(), 1, "{check}: {lines}");
    found[0]
}

/// Names and contents of all files of a folder, without the WAL index: each reader of a journal writes into that.
fn files(folder: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let entries = entries.filter(|entry| !entry.path().to_string_lossy().ends_with("-shm"));
    let mut files: Vec<_> = entries
        .map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn the_doctor_changes_nothing_and_finds_nothing_wrong_with_the_defaults() {
    if !transcript::is_tried_once() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let found = lines(&doctor(folder.path(), &[]), 0);
    assert!(line(&found, "database: ").contains("does not exist yet"));
    assert!(line(&found, "locks: ").starts_with("ok      "), "{found}");
    assert!(line(&found, "listen: ").ends_with(" is free"), "{found}");
    assert!(line(&found, "public-url: ").starts_with("warning "));
    assert_eq!(line(&found, "nats: "), "ok      nats: not used");
    assert_eq!(line(&found, "oidc: "), "ok      oidc: not used");
    assert!(line(&found, "webhooks: ").starts_with("ok      "));
    assert!(files(folder.path()).is_empty());

    let mut migrate = program(folder.path());
    assert!(migrate.args(["migrate", "up"]).status().unwrap().success());
    let before = files(folder.path());
    let found = lines(&doctor(folder.path(), &[]), 0);
    assert!(line(&found, "database: ").contains("SQLite 3."), "{found}");
    assert!(
        line(&found, "migrations: ").ends_with(" are applied"),
        "{found}"
    );
    assert!(line(&found, "users: ").contains("no process"), "{found}");
    assert!(before == files(folder.path()), "a file was changed");

    // Fewer migrations: they are pending, and stay so.
    let down = ["migrate", "down", "1", "--yes"];
    assert!(
        program(folder.path())
            .args(down)
            .status()
            .unwrap()
            .success()
    );
    for _ in 0..2 {
        let found = lines(&doctor(folder.path(), &[]), 0);
        let pending = line(&found, "migrations: ");
        assert!(
            pending.starts_with("warning migrations: 1 pending"),
            "{found}"
        );
    }
}

#[test]
fn the_doctor_names_the_server_that_uses_the_database() {
    if !transcript::is_tried_once() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut server = program(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let address = address(&mut server);
    let address = address.strip_prefix("http://").unwrap();
    let output = doctor(folder.path(), &["--listen", address]);
    server.kill().unwrap();
    server.wait().unwrap();
    let found = lines(&output, 0);
    let users = format!("a server uses the database: process {}", server.id());
    assert!(line(&found, "users: ").ends_with(&users), "{found}");
    let runs = format!("ok      listen: a server of this kind runs at {address}");
    assert_eq!(line(&found, "listen: "), runs);
    assert!(line(&found, "clock: ").starts_with("ok      "), "{found}");
}

#[test]
fn the_doctor_tells_each_fault_with_its_cause_and_what_would_help() {
    if !transcript::is_tried_once() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("text.db"),
        "this is no database\n".repeat(100),
    )
    .unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (arguments, check, cause, help) in [
        (
            ["--database-url", "postgres://u:hush@127.0.0.1:1/x"],
            "database: ",
            "PostgreSQL at 127.0.0.1:1 cannot be reached: connection refused",
            "start PostgreSQL",
        ),
        (
            ["--database-url", "postgres://u:hush@nowhere.invalid/x"],
            "database: ",
            "PostgreSQL at nowhere.invalid:5432 cannot be reached: ",
            "correct the name of the host",
        ),
        (
            ["--database-url", "sqlite://text.db"],
            "database: ",
            "file is not a database",
            "--database-url",
        ),
        (
            ["--database-url", "sqlite://none/x.db"],
            "database: ",
            "does not exist",
            "--database-url",
        ),
        (
            ["--database-url", "mysql://u:hush@h/x"],
            "database: ",
            "the database URL is not understood",
            "correct --database-url",
        ),
        (
            ["--listen", &taken],
            "listen: ",
            "cannot listen on",
            "choose another --listen",
        ),
        (
            ["--listen", "nowhere.invalid:80"],
            "listen: ",
            "the name nowhere.invalid is not found",
            "choose another --listen",
        ),
        (
            ["--nats-url", "nats://u:hush@127.0.0.1:1"],
            "nats: ",
            "it cannot be reached: ",
            "start it",
        ),
        (
            ["--nats-url", "hush"],
            "nats: ",
            "the NATS URL is not understood",
            "correct --nats-url",
        ),
        (
            ["--oidc-issuer=http://127.0.0.1:1", "--oidc-audience=a"],
            "oidc: ",
            "Connection refused",
            "correct --oidc-issuer",
        ),
        (
            ["--only-trusted-documents", "--federation"],
            "settings: ",
            "--only-trusted-documents needs --trusted-documents",
            "correct the setting",
        ),
    ] {
        let output = doctor(folder.path(), &arguments);
        let found = lines(&output, 1);
        let fault = line(&found, check);
        assert!(fault.starts_with("fault   "), "{arguments:?}: {fault}");
        assert!(fault.contains(cause), "{arguments:?}: {fault}");
        assert!(
            fault.contains(&format!(". To do: {help}")) || fault.contains(help),
            "{fault}"
        );
        assert!(!format!("{output:?}").contains("hush"), "{output:?}");
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(errors, "error: 1 fault found\n", "{arguments:?}: {found}");
    }
    assert_eq!(files(folder.path()).len(), 1);
}

#[tokio::test]
async fn the_doctor_finds_a_log_from_the_future() {
    use cyberprofiles::bundle;
    use cyberprofiles::store::{Clock, Options, Store};
    if !transcript::is_tried_once() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("x.db").display());
    let options = Options {
        clock: Clock::new(|| "2199-01-01T00:00:00Z".parse().unwrap()),
        ..Options::default()
    };
    let store = Store::open(&url, &options).await.unwrap();
    bundle::load(&store).await.unwrap();
    store.close().await;
    let output = doctor(folder.path(), &["--database-url", &url]);
    let found = lines(&output, 1);
    let clock = line(&found, "clock: ");
    assert!(clock.starts_with("fault   "), "{found}");
    assert!(
        clock.contains("2199-01-01") && clock.contains("in the future"),
        "{found}"
    );
}

#[test]
fn the_doctor_finds_jetstream() {
    if !transcript::is_tried_once() || !Nats::is_possible() {
        return;
    }
    let mut nats = Nats::prepared();
    nats.run();
    let folder = tempfile::tempdir().unwrap();
    let output = doctor(folder.path(), &["--nats-url", &nats.url()]);
    let found = lines(&output, 0);
    let told = line(&found, "nats: ");
    assert!(
        told.starts_with("ok ") && told.ends_with("with JetStream"),
        "{found}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_reads_postgresql_and_creates_no_tables() {
    let Some(url) = empty_postgresql().await else {
        return;
    };
    let _own = Own::new(&url);
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let found = lines(&doctor(folder.path(), &["--database-url", &url]), 0);
        let database = line(&found, "database: ");
        assert!(
            database.starts_with("ok ") && database.contains("(PostgreSQL 1"),
            "{found}"
        );
        let migrations = line(&found, "migrations: ");
        assert!(migrations.contains("the database is empty"), "{found}");
        assert!(
            line(&found, "users: ").contains("other connections"),
            "{found}"
        );
        assert!(line(&found, "clock: ").starts_with("ok "), "{found}");
    }
    let none = format!("{url}_none");
    let found = lines(&doctor(folder.path(), &["--database-url", &none]), 1);
    let database = line(&found, "database: ");
    assert!(
        database.contains("does not exist") && database.contains("CREATE DATABASE"),
        "{found}"
    );
}
