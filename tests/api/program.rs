//! The program as it is started from a shell.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use cyberprofiles::bundle;
use cyberprofiles::store::{Clock, Options, Store};
use sea_orm::{ConnectionTrait, TransactionTrait};

use crate::database::connect;
use crate::harness::{Api, Socket, bundled};

/// The program, in a folder, on a free port.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cyberprofiles"));
    command
        .current_dir(folder)
        .env_clear()
        .env("CYBERPROFILES_LISTEN", "127.0.0.1:0");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder).args(arguments).output().unwrap()
}

/// The one error line of a failed command.
fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    let errors: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert_eq!(errors.len(), 1, "{said}");
    errors[0].to_owned()
}

#[test]
fn the_schema_command_prints_the_schema_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["schema"]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        cyberprofiles::graphql::sdl()
    );
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is written"
    );
}

/// The address on which a server prints that it listens.
pub fn address(server: &mut std::process::Child) -> String {
    use std::io::{BufRead, BufReader};
    let mut said = String::new();
    let out = server.stdout.as_mut().unwrap();
    BufReader::new(out).read_line(&mut said).unwrap();
    said.trim()
        .strip_prefix("listening on ")
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_server_logs_effects_missed_while_it_was_down() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cyberprofiles.db");
    let options = Options {
        clock: Clock::new(|| "2026-01-10T08:00:00Z".parse().unwrap()),
        ..Options::default()
    };
    let url = format!("sqlite://{}", file.display());
    let store = Store::open(&url, &options).await.unwrap();
    bundle::load(&store).await.unwrap();
    store.close().await;
    let mut server = program(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let address = address(&mut server);
    let query = "{ changes(filter: { operations: [EFFECT], records: [\"TreatyEvent:hu-cets-224-ratification\"] }) { nodes { sequence effect { on after } } } }";
    let mut found = serde_json::Value::Null;
    for _ in 0..600 {
        let request = crate::harness::client().post(format!("{address}/graphql"));
        let request = request.json(&serde_json::json!({ "query": query }));
        let answer: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
        found = answer["data"]["changes"]["nodes"][0].clone();
        if !found.is_null() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.kill().unwrap();
    server.wait().unwrap();
    // Hungary ratified after that day.
    assert!(found["sequence"].as_i64() > Some(bundled()), "{found}");
    assert_eq!(
        found["effect"],
        serde_json::json!({ "on": "2026-02-05", "after": "CONTRACTING_STATE" })
    );
}

#[tokio::test]
async fn a_first_start_in_an_empty_folder_loads_the_bundled_data() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = program(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let address = address(&mut server);
    let ask = async |token: Option<&str>, query: &str| {
        let request = crate::harness::client().post(format!("{address}/graphql"));
        let request = request.json(&serde_json::json!({ "query": query }));
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        request
            .send()
            .await
            .unwrap()
            .json::<serde_json::Value>()
            .await
            .unwrap()
    };
    let head = ask(None, "{ head { sequence } }").await;
    assert_eq!(head["data"]["head"]["sequence"], bundled());
    let made = run(
        folder.path(),
        &[
            "token",
            "create",
            "--role",
            "EDITOR",
            "--name",
            "Eva Editor",
            "--person",
            "eva",
        ],
    );
    let made = String::from_utf8(made.stdout).unwrap();
    let token = made.split_whitespace().last().unwrap();
    let viewer = ask(Some(token), "{ viewer { id name role } }").await;
    assert_eq!(
        viewer["data"]["viewer"],
        serde_json::json!({ "id": "eva", "name": "Eva Editor", "role": "EDITOR" })
    );
    let kept = std::fs::read(folder.path().join("cyberprofiles.db")).unwrap();
    let secret = token.as_bytes();
    assert!(
        !kept.windows(secret.len()).any(|window| window == secret),
        "only a hash of the token is stored"
    );
    let forged = refusal(&run(
        folder.path(),
        &[
            "token", "create", "--role", "ADMIN", "--name", "X", "--person", "system",
        ],
    ));
    assert!(forged.contains("reserved for the program"), "{forged}");
    let second = refusal(&run(folder.path(), &["serve"]));
    assert!(second.contains("another server is using"), "{second}");
    let port = address.strip_prefix("http://").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let taken = refusal(&run(elsewhere.path(), &["serve", "--listen", port]));
    assert!(taken.contains("cannot listen on"), "{taken}");
    // The server shows an import made beside it.
    std::fs::write(
        folder.path().join("more.jsonl"),
        r#"{"createSource":{"key":"more","fields":{"kind":"OTHER","title":"More"}}}"#,
    )
    .unwrap();
    let imported = run(folder.path(), &["import", "more.jsonl"]);
    assert_eq!(
        String::from_utf8(imported.stdout).unwrap(),
        "more.jsonl: 1 created, 0 updated, 0 unchanged\n"
    );
    let found = ask(None, "{ node(id: \"Source:more\") { id } }").await;
    assert_eq!(found["data"]["node"]["id"], "Source:more");
    let stopped = Command::new("kill")
        .args(["-TERM", &server.id().to_string()])
        .status()
        .unwrap();
    assert!(stopped.success());
    let mut waited = 0;
    while server.try_wait().unwrap().is_none() && waited < 600 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        waited += 1;
    }
    assert_eq!(
        server.wait().unwrap().code(),
        Some(0),
        "it stops gracefully"
    );
}

#[tokio::test]
async fn a_failed_start_prints_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |url: &str| refusal(&run(folder.path(), &["--database-url", url, "serve"]));
    assert!(at("mysql://localhost/x").contains("not understood"));
    let unwritable = at("sqlite:///proc/nothing/profiles.db");
    assert!(
        unwritable.contains("cannot write /proc/nothing/profiles.db"),
        "{unwritable}"
    );
    std::fs::write(
        folder.path().join("text.db"),
        "not a database, but a text that is long enough".repeat(9),
    )
    .unwrap();
    let strange = at("sqlite://text.db");
    assert!(strange.contains("cannot open the database"), "{strange}");
    for (arguments, why) in [
        (
            ["--log-level", "inof"],
            "the log level \"inof\" cannot be read",
        ),
        (
            ["--log-level", "info,cyberprofiles::store=debgu"],
            "cannot be read",
        ),
        (
            ["--allow-origins", "https://example.org/app"],
            "without a path",
        ),
        (["--allow-origins", "example.org"], "expected an origin"),
        (
            ["--allow-origins", "wss://example.org"],
            "expected an origin",
        ),
        (["--allow-credentials", "serve"], "--allow-origins"),
    ] {
        let output = run(folder.path(), &arguments);
        assert!(!output.status.success(), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
    let postgres = at("postgres://nobody@127.0.0.1:1/none");
    assert!(postgres.contains("cannot open the database"), "{postgres}");
    let api = Api::empty().await;
    let url = api.url.clone();
    let db = connect(&url).await;
    db.execute_unprepared("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_create_time_machine', 1)")
        .await
        .unwrap();
    db.close().await.unwrap();
    let newer = at(&url);
    assert!(
        newer.contains("newer version") && newer.contains("time_machine"),
        "{newer}"
    );
}

#[test]
fn an_import_names_each_bad_line_of_a_data_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("bad.jsonl"),
        "{\"createSource\":{\"fields\":{\"kind\":\"OTHER\",\"title\":\"\"}}}\nnonsense\n",
    )
    .unwrap();
    let output = run(folder.path(), &["import", "bad.jsonl"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("error: bad.jsonl line 1: createSource.fields.title: must not be blank"),
        "{said}"
    );
    assert!(said.contains("error: bad.jsonl line 2: "), "{said}");
    assert!(
        said.contains("\nnothing of bad.jsonl was imported\n"),
        "{said}"
    );
    let missing = refusal(&run(folder.path(), &["import", "missing.jsonl"]));
    assert!(missing.contains("cannot read missing.jsonl"), "{missing}");
}

#[test]
fn tokens_are_created_listed_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let create = ["token", "create", "--role", "editor", "--name", "Eva"];
    said(&create);
    said(&[&create[..], &["--person", "eva", "--expires-in", "30"]].concat());
    let listed = said(&["token", "list"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert!(lines[0].contains("  EDITOR  token:"), "{listed}");
    assert!(lines[0].contains("until revoked  never used"), "{listed}");
    assert!(lines[1].contains("  EDITOR  eva  "), "{listed}");
    assert!(lines[1].contains("  until 20"), "{listed}");
    let unfit = [&create[..5], &["Eva \u{1b}[2J"]].concat();
    let refused = refusal(&run(folder.path(), &unfit));
    assert!(
        refused.contains("must not contain control characters") && !refused.contains('\u{1b}'),
        "no part of the name reaches the terminal: {refused}"
    );
    let id = lines[1].split_whitespace().next().unwrap();
    assert_eq!(
        said(&["token", "revoke", id]),
        format!("revoked {id} of eva\n")
    );
    let listed = said(&["token", "list"]);
    assert!(
        listed.lines().nth(1).unwrap().contains("  revoked 20"),
        "{listed}"
    );
    let unknown = refusal(&run(folder.path(), &["token", "revoke", "none"]));
    assert!(unknown.contains("there is no token none"), "{unknown}");
}

#[test]
fn an_unsafe_openid_provider_prevents_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let open = [
        "--oidc-issuer",
        "http://id.example.org",
        "--oidc-audience",
        "cyberprofiles",
    ];
    let refused = refusal(&run(folder.path(), &open));
    assert!(refused.contains("expected an https address"), "{refused}");
    let half = run(folder.path(), &["--oidc-issuer", "https://id.example.org"]);
    assert_eq!(half.status.code(), Some(2));
    let file = [&open[..], &["--oidc-jwks", "none.json"]].concat();
    let refused = refusal(&run(folder.path(), &file));
    assert!(refused.contains("cannot read none.json"), "{refused}");
}

#[tokio::test]
async fn the_log_contains_no_token_and_no_contact_at_any_level() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut server = program(folder.path())
        .env("CYBERPROFILES_LOG_LEVEL", "trace")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut said = String::new();
    {
        use std::io::{BufRead, BufReader};
        let out = server.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut said).unwrap();
    }
    let address = said
        .trim()
        .strip_prefix("listening on ")
        .unwrap()
        .to_owned();
    let made = run(
        folder.path(),
        &["token", "create", "--role", "EDITOR", "--name", "Eva"],
    );
    let made = String::from_utf8(made.stdout).unwrap();
    let token = made.split_whitespace().last().unwrap().to_owned();
    let contact = "contact-5129@example.org";
    let tip = |country: &str| {
        format!(
            "mutation {{ submitTip(input: {{ country: \"{country}\", message: \"M\", contact: \"{contact}\" }}) {{
                contribution {{ id }} userErrors {{ message }} }} }}"
        )
    };
    for query in [
        tip("AZ"),
        tip("ZZ"),
        tip("AZ").replace("message", "massage"),
        "{".to_owned(),
    ] {
        for token in [&token, "cp_wrong-and-unmistakable"] {
            let request = crate::harness::client().post(format!("{address}/graphql"));
            let request = request.json(&serde_json::json!({ "query": query }));
            let answer = request.bearer_auth(token).send().await.unwrap();
            let text = answer.text().await.unwrap();
            assert!(!text.contains(contact), "{text}");
        }
    }
    let socket = address.replace("http://", "ws://");
    let bearer = |token: &str| serde_json::json!({ "Authorization": format!("Bearer {token}") });
    let mut socket = Socket::open(&socket, bearer(&token)).await;
    socket
        .subscribe("tip", &tip("AZ"), serde_json::json!({}))
        .await;
    let message = socket.next().await;
    assert_eq!(message["type"], "next", "{message}");
    server.kill().unwrap();
    server.wait().unwrap();
    let logged = std::fs::read_to_string(log).unwrap();
    assert!(logged.contains("TRACE"), "{logged}");
    for secret in [contact, token.as_str(), "unmistakable"] {
        assert!(!logged.contains(secret), "{secret}");
    }
}

/// The program with a JSON log in a file.
fn logging(folder: &Path, log: &Path, level: &str) -> Command {
    let mut program = program(folder);
    program
        .env("CYBERPROFILES_LOG_LEVEL", level)
        .env("CYBERPROFILES_LOG_FORMAT", "json")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(log).unwrap());
    program
}

#[tokio::test]
async fn a_failed_request_is_logged_with_its_request_id_at_every_level() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut server = logging(folder.path(), &log, "error")
        .env("CYBERPROFILES_REQUEST_TIMEOUT_MS", "100")
        .spawn()
        .unwrap();
    let url = format!("{}/graphql", address(&mut server));
    // Another writer holds the write lock until this transaction ends.
    let file = folder.path().join("cyberprofiles.db");
    let db = connect(&format!("sqlite://{}", file.display())).await;
    let writer = db.begin().await.unwrap();
    writer
        .execute_unprepared("UPDATE head SET sequence = sequence")
        .await
        .unwrap();
    let tip =
        r#"mutation { submitTip(input: { country: "AZ", message: "M" }) { userErrors { code } } }"#;
    let body = serde_json::json!({ "query": tip });
    let request = crate::harness::client().post(&url).json(&body);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 503);
    let id = answer.headers()["x-request-id"].clone();
    writer.rollback().await.unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let logged = std::fs::read_to_string(log).unwrap();
    let found = logged
        .lines()
        .find(|line| line.contains(id.to_str().unwrap()));
    let line: serde_json::Value = serde_json::from_str(found.unwrap()).unwrap();
    assert_eq!(
        (&line["level"], &line["span"]["path"]),
        (&"ERROR".into(), &"/graphql".into())
    );
}

#[tokio::test]
async fn the_json_log_is_one_object_per_line_for_any_request() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut server = logging(folder.path(), &log, "debug").spawn().unwrap();
    let url = format!("{}/graphql", address(&mut server));
    let client = crate::harness::client();
    for body in [
        serde_json::json!({ "query": "query A { head { sequence } }", "operationName": "A\n{\"level\":\"ERROR\"}\n" }),
        serde_json::json!({ "query": "query A { head { sequence } }\n\u{1b}[31m", "operationName": "A" }),
        serde_json::json!({ "query": "{ node(id: \"\\n{}\\u2028\") { id } }" }),
    ] {
        let request = client
            .post(&url)
            .header("x-request-id", "\"}{\"forged\": true");
        request.json(&body).send().await.unwrap();
    }
    let forged = format!("{url}/%0a%7b%7d?query=%0a");
    client
        .get(forged)
        .header("x-request-id", "a b")
        .send()
        .await
        .unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let logged = std::fs::read_to_string(log).unwrap();
    assert!(logged.lines().count() > 10, "{logged}");
    for line in logged.lines() {
        let object: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(
            object["level"].is_string() && object.get("forged").is_none(),
            "{line}"
        );
    }
}

/// The flags that a help text lists.
fn flags(folder: &Path, arguments: &[&str]) -> Vec<String> {
    let help = String::from_utf8(run(folder, arguments).stdout).unwrap();
    let words = help.lines().filter_map(|line| {
        let word = line.trim().split([' ', '[']).next()?;
        word.strip_prefix("--")
    });
    words.map(str::to_owned).collect()
}

#[test]
fn the_help_of_a_command_shows_its_own_flags_and_the_settings_that_matter_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let of_database = ["database-url", "log-format", "log-level"];
    let common = [
        "listen",
        "public-url",
        "database-url",
        "log-format",
        "log-level",
    ];
    assert_eq!(flags(folder, &["--help"]), common);
    assert!(flags(folder, &["serve", "--help"]).len() > 50);
    assert_eq!(
        flags(folder, &["schema", "--help"]),
        ["log-format", "log-level", "federation"]
    );
    for (command, own) in [
        (&["verify", "--help"][..], &["expect"][..]),
        (&["migrate", "--help"], &[]),
        (&["help", "migrate", "down"], &["all", "yes"]),
        (
            &["token", "create", "--help"],
            &["role", "name", "person", "expires-in"],
        ),
        (
            &["import", "--help"],
            &[
                "bundled",
                "page",
                "country",
                "url",
                "retrieved",
                "update",
                "dry-run",
            ],
        ),
    ] {
        let expected = [own, &of_database].concat();
        assert_eq!(flags(folder, command), expected, "{command:?}");
    }
    // Every command accepts every setting, before and after its name.
    for arguments in [
        &["--max-depth", "9", "schema", "--nats-url", "nats://h:1"][..],
        &["schema", "--graphiql", "false", "--max-batch=3"],
        &["migrate", "status", "--webhook-retry-ms", "7"],
        &["migrate", "--listen", "127.0.0.1:0", "status"],
    ] {
        let output = run(folder, arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
}

#[test]
fn an_error_has_the_format_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, code, message) in [
        (
            &["--log-format", "json", "verify"][..],
            1,
            "there is no database ",
        ),
        (
            &["--log-format=json", "--log-level", "loud", "schema"],
            1,
            "the log level \"loud\" cannot be read",
        ),
        (
            &["serve", "--log-format", "json", "--listen", "8000"],
            2,
            "invalid value '8000' for '--listen <LISTEN>': expected HOST:PORT",
        ),
        (
            &["--log-format", "json", "--unknown"],
            2,
            "unexpected argument '--unknown' found",
        ),
        (
            &["token", "--log-format", "json"],
            2,
            "'cyberprofiles token' requires a subcommand",
        ),
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let errors = String::from_utf8(output.stderr).unwrap();
        let event: serde_json::Value =
            serde_json::from_str(&errors).unwrap_or_else(|error| panic!("{error}: {errors}"));
        assert_eq!(event["level"], "ERROR", "{errors}");
        assert!(event["timestamp"].is_string() && event["target"].is_string());
        let said = event["fields"]["message"].as_str().unwrap();
        assert!(said.starts_with(message), "{said}");
        assert_eq!(errors.lines().count(), 1);
    }
    let by_variable = program(folder.path())
        .env("CYBERPROFILES_LOG_FORMAT", "json")
        .arg("--unknown")
        .output()
        .unwrap();
    assert!(by_variable.stderr.starts_with(b"{\"timestamp\""));
    let as_text = run(folder.path(), &["verify"]);
    assert!(as_text.stderr.starts_with(b"error: there is no database "));
}

#[test]
fn a_server_logs_its_version_its_database_and_the_changed_settings_before_it_listens() {
    use std::io::{BufRead, BufReader};
    let folder = tempfile::tempdir().unwrap();
    for is_json in [false, true] {
        let mut server = program(folder.path())
            .args(["serve", "--listen", "localhost:0", "--max-depth", "30"])
            .args(["--log-format", if is_json { "json" } else { "text" }])
            .env("CYBERPROFILES_NATS_URL", "nats://u:hush@127.0.0.1:1")
            .env("CYBERPROFILES_MAX_BATCH", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = server.stderr.take().unwrap();
        let mut first = String::new();
        BufReader::new(log).read_line(&mut first).unwrap();
        let address = address(&mut server);
        server.kill().unwrap();
        server.wait().unwrap();
        assert!(address.starts_with("http://127.0.0.1:"), "{address}");
        assert!(!first.contains("hush"), "{first}");
        let version = env!("CARGO_PKG_VERSION");
        let file = folder
            .path()
            .canonicalize()
            .unwrap()
            .join("cyberprofiles.db");
        let format = if is_json { " log-format=json" } else { "" };
        let settings = format!("listen=localhost:0 nats-url=set{format} max-depth=30");
        if is_json {
            let event: serde_json::Value = serde_json::from_str(&first).unwrap();
            let expected = serde_json::json!({
                "message": "starting", "version": version, "settings": settings,
                "database": format!("SQLite {}", file.display()),
            });
            assert_eq!(event["fields"], expected);
        } else {
            let expected = format!(
                "starting version=\"{version}\" database=\"SQLite {}\" settings=\"{settings}\"",
                file.display()
            );
            assert!(first.contains(&expected), "{first}");
        }
    }
}
