//! Internal errors and outages: told apart by their status, counted, and logged.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use cyberprofiles::store::{Options, Store};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::database::{self, connect, is_postgresql};
use crate::harness::{Api, Socket, retitle, until};
use crate::kill::tokens;
use crate::postgresql::Server;
use crate::program::{address, program};

const VERIFY: &str =
    "mutation { verifyRecord(input: { id: \"Treaty:ets-185\", verifiedOn: \"2026-01-10\" }) {
    userErrors { message } } }";

#[tokio::test(flavor = "multi_thread")]
async fn an_internal_error_is_a_500_counted_and_logged() {
    let folder = tempfile::tempdir().unwrap();
    let url = database::seeded(folder.path()).await;
    let [_, eva] = tokens(&url).await;
    let mut server = program(folder.path())
        .args([
            "--database-url",
            &url,
            "--max-batch",
            "5",
            "--log-format",
            "json",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let base = address(&mut server);
    let database = connect(&url).await;
    let hide = "ALTER TABLE treaty RENAME TO hidden";
    database.execute_unprepared(hide).await.unwrap();
    let client = crate::harness::client();
    let ask = async |accept: &str, body: Value| {
        let request = client.post(format!("{base}/graphql")).bearer_auth(&eva);
        let request = request
            .header("accept", accept)
            .header("x-request-id", "here-it-is");
        let response = request.json(&body).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.text().await.unwrap())
    };
    let modern = "application/graphql-response+json";
    let body = json!({ "query": VERIFY });
    let (status, text) = ask(modern, body.clone()).await;
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 500, "{answer:#}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL");
    assert_eq!(answer.get("data"), Some(&Value::Null), "it was executed");
    // For clients of the older media type every answer has the status 200.
    assert_eq!(ask("application/json", body.clone()).await.0, 200);
    assert_eq!(ask(modern, json!([body, body])).await.0, 500);
    // An answer with partial data has the status 200, and counts as a fault all the same.
    let partial = "{ head { sequence } treaty(reference: \"ETS 185\") { id } }";
    let (status, text) = ask(modern, json!({ "query": partial })).await;
    assert_eq!(status, 200, "{text}");
    assert!(
        text.contains("INTERNAL") && text.contains("sequence"),
        "{text}"
    );
    let (_, text) = ask("text/event-stream", body.clone()).await;
    assert!(text.contains("INTERNAL"), "{text}");
    let mut socket = Socket::open(
        &base.replace("http://", "ws://"),
        json!({ "Authorization": format!("Bearer {eva}") }),
    )
    .await;
    socket.subscribe("s", VERIFY, json!({})).await;
    assert!(socket.next().await.to_string().contains("INTERNAL"));
    let metrics = client.get(format!("{base}/metrics")).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let counted = "cyberprofiles_requests_total{operation=\"(unnamed)\",outcome=\"fault\"} 7";
    assert!(metrics.lines().any(|line| line == counted), "{metrics}");
    server.kill().unwrap();
    let log = BufReader::new(server.stderr.take().unwrap()).lines();
    let log_lines = log.map(Result::unwrap).filter(|line| {
        ["\"ERROR\"", "a request failed", "here-it-is"]
            .iter()
            .all(|part| line.contains(part))
    });
    assert_eq!(
        log_lines.count(),
        6,
        "one line for each request except that of the WebSocket"
    );
    server.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_postgresql_makes_the_server_unready_and_writes_unavailable() {
    // The test starts a server, so one run of the suite is enough.
    if !is_postgresql() {
        return;
    }
    let server = Server::start().unwrap();
    let api = Api::builder()
        .database(server.create("reads", None).await)
        .load()
        .start()
        .await;
    let admin = connect(&server.create("admin", None).await).await;
    let eva = api.editor("eva").await;
    let run = async |statement: &str| {
        admin.execute_unprepared(statement).await.unwrap();
    };
    let is_ready = async || {
        let ready = api.request(reqwest::Method::GET, "/readyz").send().await;
        ready.unwrap().status() == 200
    };
    let everywhere = [
        "ALTER SYSTEM SET default_transaction_read_only = on",
        "ALTER SYSTEM RESET default_transaction_read_only",
        "SELECT pg_reload_conf()",
    ];
    // Only new connections get this setting.
    let here = [
        "ALTER DATABASE reads_0 SET default_transaction_read_only = on",
        "ALTER DATABASE reads_0 RESET default_transaction_read_only",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'reads_0'",
    ];
    for [demote, promote, sender] in [everywhere, here] {
        assert!(is_ready().await);
        run(demote).await;
        run(sender).await;
        // Readiness is checked without a failed write.
        until("the server stays ready", async || !is_ready().await).await;
        let answer = eva.ask(VERIFY, json!({})).await;
        assert_eq!((answer.status, answer.code()), (503, "UNAVAILABLE"));
        api.query_once("{ country(code: \"AZ\") { name } }").await;
        let again = Store::open(&api.url, &Options::default()).await;
        again
            .expect("an instance starts on a read-only database")
            .close()
            .await;
        run(promote).await;
        if demote == everywhere[0] {
            run(sender).await;
        }
        until("the server stays unready", is_ready).await;
        eva.ask(VERIFY, json!({})).await.data();
    }
    eva.publish(retitle(1, "After")).await;
}
