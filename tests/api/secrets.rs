//! Passwords in settings: no output contains them, whatever is wrong with the setting.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::database;
use crate::program::{address, program};
use crate::transcript;

/// Less than the time for which the program waits for a database.
const AT_ONCE: Duration = Duration::from_secs(3);
/// Part of each password here; no message may contain it.
const SECRET: &str = "hush";

fn output_text(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

fn run(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    program(folder)
        .env("CYBERPROFILES_LOG_LEVEL", "trace")
        .envs(variables.iter().copied())
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn errors_about_a_database_url_do_not_contain_its_password() {
    if !transcript::is_tried_once() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pgpass"), "127.0.0.1:hush\nhush\n").unwrap();
    for (url, why) in [
        ("postgres://u:/hush@127.0.0.1:1/x", "not understood"),
        ("postgres://u:hu/hush@127.0.0.1:1/x", "not understood"),
        ("postgres://u:1/hush@127.0.0.1:1/x", "not understood"),
        ("postgres://u:1?hush@127.0.0.1:1/x", "not understood"),
        ("postgres://u:1#hush@127.0.0.1:1/x", "not understood"),
        ("postgres://u:hush%ff@127.0.0.1:1/x", "not understood"),
        ("postgres://u:hush@127.0.0.1:http/x", "not understood"),
        ("postgres://u:hush@[127.0.0.1/x", "not understood"),
        ("postgres://u@127.0.0.1:1/x?sslmode=hush", "sslmode"),
        (
            "postgres://u@127.0.0.1:1/x?password=hush#hush",
            "not understood",
        ),
        ("postgres:/u:hush@127.0.0.1/x", "not understood"),
        ("mysql://u:hush@127.0.0.1/x", "not understood"),
        ("hush", "not understood"),
        ("sqlite://x.db?password=hush", "not understood"),
        ("sqlite://x.db?mode=hush", "not understood"),
        (
            "postgres://u:hu sh@127.0.0.1:1/hush",
            "127.0.0.1:1 cannot be reached: connection refused",
        ),
        ("postgres://u:hush@hush@127.0.0.1:1/x", "connection refused"),
        (
            "postgres://u:hush%2F%40%23%3F%25@127.0.0.1:1/x",
            "connection refused",
        ),
        ("postgres://u:%zzhush@127.0.0.1:1/x", "connection refused"),
        (
            "postgres://127.0.0.1:1/x?user=u&password=hush",
            "connection refused",
        ),
        (
            "postgresql://u@127.0.0.1:1/x?pasword=hush&password=hush",
            "connection refused",
        ),
        (
            "postgres://u:hush@nowhere.invalid/x",
            "nowhere.invalid:5432 cannot be reached: ",
        ),
        (
            "postgres://u:hush@%2Fnowhere/x",
            "PostgreSQL at /nowhere cannot be reached",
        ),
        ("postgres://u@127.0.0.1:1/x", "connection refused"),
    ] {
        for command in ["serve", "export"] {
            let set = [
                ("CYBERPROFILES_DATABASE_URL", url),
                ("PGPASSFILE", "pgpass"),
            ];
            let tried = || {
                let begun = Instant::now();
                let output = run(folder.path(), &set, &[command]);
                (output, begun.elapsed())
            };
            let (output, mut took) = tried();
            // A name lookup takes as long as the machine likes, and a busy machine may be slow once.
            for _ in 0..2 {
                if took >= AT_ONCE && !url.contains("nowhere.invalid") {
                    took = tried().1;
                }
            }
            let output_text = output_text(&output);
            assert_eq!(output.status.code(), Some(1), "{url}: {output_text}");
            assert!(!output_text.contains(SECRET), "{url}: {output_text}");
            assert!(output_text.contains(why), "{url}: {output_text}");
            let is_at_once = took < AT_ONCE || url.contains("nowhere.invalid");
            assert!(is_at_once, "{url}: {took:?}");
        }
    }
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "the file of passwords alone");
}

#[test]
fn help_and_usage_errors_contain_no_configured_address() {
    if !transcript::is_tried_once() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let variables = [
        (
            "CYBERPROFILES_DATABASE_URL",
            "postgres://u:hush@127.0.0.1/x",
        ),
        ("CYBERPROFILES_NATS_URL", "nats://u:hush@127.0.0.1"),
        ("CYBERPROFILES_OTLP_ENDPOINT", "http://u:hush@127.0.0.1"),
        ("CYBERPROFILES_OIDC_ISSUER", "https://u:hush@127.0.0.1"),
        ("CYBERPROFILES_OIDC_AUDIENCE", "hush"),
        ("CYBERPROFILES_TRUSTED_DOCUMENTS", "hush"),
    ];
    for help in [
        &["--help"][..],
        &["-h"],
        &["serve", "--help"],
        &["help", "migrate", "down"],
        &["token", "create", "--help"],
    ] {
        let output_text = output_text(&run(folder, &variables, help));
        assert!(
            output_text.contains("Usage: cyberprofiles"),
            "{help:?}: {output_text}"
        );
        assert!(!output_text.contains(SECRET), "{help:?}: {output_text}");
    }
    let variables = [(
        "CYBERPROFILES_ALLOW_ORIGINS",
        "https://a.example,https://u:hush@b.example",
    )];
    let wrong = output_text(&run(folder, &variables, &["serve"]));
    assert!(wrong.contains("--allow-origins"), "{wrong}");
    assert!(!wrong.contains(SECRET), "{wrong}");
    for wrong in [
        &["postgres://u:hush@127.0.0.1/x"][..],
        &["serve", "postgres://u:hush@127.0.0.1/x"],
        &["--database", "postgres://u:hush@127.0.0.1/x"],
        &["--database=postgres://u:hush@127.0.0.1/x"],
        &["migrate", "down", "postgres://u:hush@127.0.0.1/x"],
        &["postgres://127.0.0.1/x?user=u&password=hush"],
        &["--listen", "http://u:hush@127.0.0.1"],
        &["--listen=http://u:hush@127.0.0.1"],
        &["--log-format", "http://u:hush@127.0.0.1"],
    ] {
        let output = run(folder, &[], wrong);
        let output_text = output_text(&output);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {output_text}");
        assert!(
            output_text.starts_with("error: "),
            "{wrong:?}: {output_text}"
        );
        assert!(!output_text.contains(SECRET), "{wrong:?}: {output_text}");
    }
}

#[test]
fn errors_about_other_addresses_do_not_contain_their_passwords() {
    if !transcript::is_tried_once() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (setting, address, why) in [
        (
            "--nats-url",
            "nats://u:hu/hush@127.0.0.1:1",
            "the NATS URL is not understood",
        ),
        (
            "--nats-url",
            "nats://u:1/hush@127.0.0.1:1",
            "the NATS URL is not understood",
        ),
        (
            "--nats-url",
            "nats://u:1?hush@127.0.0.1:1",
            "the NATS URL is not understood",
        ),
        (
            "--nats-url",
            "nats://u:1#hush@127.0.0.1:1",
            "the NATS URL is not understood",
        ),
        (
            "--nats-url",
            "nats://u:1,hush@127.0.0.1:1",
            "the NATS URL is not understood",
        ),
        (
            "--nats-url",
            "nats://u:hush@127.0.0.1:99999",
            "the NATS URL is not understood",
        ),
        ("--nats-url", "hush", "the NATS URL is not understood"),
        (
            "--otlp-endpoint",
            "http://u:hu/hush@127.0.0.1:1",
            "the OTLP endpoint cannot be used",
        ),
        (
            "--otlp-endpoint",
            "http://u:1/hush@127.0.0.1:1",
            "the OTLP endpoint cannot be used",
        ),
        (
            "--otlp-endpoint",
            "http://u:1#hush@127.0.0.1:1",
            "the OTLP endpoint cannot be used",
        ),
        (
            "--otlp-endpoint",
            "hush",
            "the OTLP endpoint cannot be used",
        ),
        (
            "--oidc-issuer",
            "http://u:hush@id.example.org",
            "the issuer is not valid",
        ),
        (
            "--oidc-issuer",
            "https://u:hush@id.example.org",
            "the issuer is not valid",
        ),
        (
            "--oidc-issuer",
            "https://u:1/hush@id.example.org",
            "the issuer is not valid",
        ),
        ("--oidc-issuer", "hush", "the issuer is not valid"),
    ] {
        let output = run(
            folder.path(),
            &[
                ("CYBERPROFILES_OIDC_AUDIENCE", "a"),
                ("CYBERPROFILES_OIDC_ISSUER", "https://id.example.org"),
            ],
            &[setting, address],
        );
        let output_text = output_text(&output);
        assert_eq!(output.status.code(), Some(1), "{address}: {output_text}");
        assert!(output_text.contains(why), "{address}: {output_text}");
        assert!(!output_text.contains(SECRET), "{address}: {output_text}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_running_server_shows_no_password_of_its_settings() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let url = database::seeded(folder.path()).await;
    let url = url.replace("postgres@", "postgres:hush%2F%40@");
    let mut server = program(folder.path())
        .env("CYBERPROFILES_DATABASE_URL", url)
        .env("CYBERPROFILES_LOG_LEVEL", "trace")
        .env(
            "CYBERPROFILES_NATS_URL",
            "nats://u:hush@127.0.0.1:1,nats://hush@localhost:1",
        )
        .env(
            "CYBERPROFILES_OTLP_ENDPOINT",
            "http://u:hush@127.0.0.1:1/?key=hush",
        )
        .env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer hush")
        .env("OTEL_BSP_SCHEDULE_DELAY", "100")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let address = address(&mut server);
    let client = crate::harness::client();
    let mut seen = String::new();
    let query = "{ serviceConfig { __typename limits { name value } } }";
    for query in [query, "{ head { sequence } }", "{ nothing }"] {
        let request = client.post(format!("{address}/graphql"));
        let request = request.json(&json!({ "query": query }));
        seen += &request.send().await.unwrap().text().await.unwrap();
    }
    for path in ["/metrics", "/readyz", "/schema.graphql", "/nothing"] {
        let answer = client.get(format!("{address}{path}")).send().await.unwrap();
        seen += &answer.text().await.unwrap();
    }
    // Wait until the program has tried each of them and failed.
    let is_tried = |logged: &str| {
        logged.contains("NATS is unavailable") && logged.contains("connect error for 127.0.0.1:1")
    };
    let begun = Instant::now();
    loop {
        let logged = std::fs::read_to_string(&log).unwrap();
        if is_tried(&logged) || begun.elapsed() > Duration::from_mins(1) {
            assert!(is_tried(&logged), "{logged}");
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.kill().unwrap();
    server.wait().unwrap();
    seen += &std::fs::read_to_string(&log).unwrap();
    assert!(seen.contains("DEBUG"), "{seen}");
    let found: Vec<&str> = seen.lines().filter(|line| line.contains(SECRET)).collect();
    assert_eq!(found, [""; 0]);
    for encoded in ["aHVzaA", "Omh1c2g"] {
        assert!(!seen.contains(encoded), "a password in base64");
    }
}
