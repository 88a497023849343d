//! A database that goes away and comes back.

use std::time::{Duration, Instant};

use cyberprofiles::graphql::limits::Limits;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use crate::database::{connect, is_postgresql};
use crate::harness::{Api, retitle, roomy};
use crate::postgresql::Server;

#[tokio::test]
async fn a_lost_database_is_unavailable_until_it_is_back() {
    // The test starts a server, so one run of the suite is enough.
    if !is_postgresql() {
        return;
    }
    let mut server = Server::start().unwrap();
    let api = Api::builder()
        .database(server.create("outage", None).await)
        .load()
        .start()
        .await;
    let query = "{ country(code: \"AZ\") { name treatyStatus { status } } }";
    let before = api.query(query).await;
    // Lost connections are opened again.
    let admin = connect(&server.create("admin", None).await).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'outage%'";
    admin.execute_unprepared(cut).await.unwrap();
    assert_eq!(api.query(query).await, before);
    drop(admin);
    server.stop();
    let away = api.fails(query).await;
    assert_eq!(away.code(), "UNAVAILABLE", "{:#}", away.body);
    assert_eq!(away.status, 503);
    let live = api.request(reqwest::Method::GET, "/livez").send().await;
    assert_eq!(live.unwrap().status(), 200);
    let ready = api.request(reqwest::Method::GET, "/readyz").send().await;
    assert_eq!(ready.unwrap().status(), 503);
    let _server = server.run();
    assert_eq!(api.query(query).await, before);
    api.editor("eva").await.publish(retitle(1, "After")).await;
    let after = api
        .query("{ treaty(reference: \"ETS 185\") { version } }")
        .await;
    assert_eq!(after, json!({ "treaty": { "version": 2 } }));
}

#[tokio::test]
async fn a_blocked_database_ends_requests_at_the_request_timeout() {
    // Readers of SQLite do not wait for locks.
    if !is_postgresql() {
        return;
    }
    let api = Api::builder()
        .limits(Limits {
            request_timeout_ms: 1_000,
            ..roomy()
        })
        .start()
        .await;
    let eva = api.editor("eva").await;
    let query = "{ country(code: \"AZ\") { name } }";
    eva.ask(query, json!({})).await.data();
    for (table, code) in [("head", "TIMEOUT"), ("token", "UNAVAILABLE")] {
        let db = connect(&api.url).await;
        let transaction = db.begin().await.unwrap();
        let lock = format!("LOCK TABLE \"{table}\" IN ACCESS EXCLUSIVE MODE");
        transaction.execute_unprepared(&lock).await.unwrap();
        let begun = Instant::now();
        // Requests that queue behind the first wait no longer than it does.
        let asked = (0..5).map(|_| eva.ask(query, json!({})));
        for answer in join_all(asked).await {
            assert_eq!((answer.status, answer.code()), (503, code), "{table}");
        }
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(8), "{table}: {took:?}");
        transaction.rollback().await.unwrap();
        eva.ask(query, json!({})).await.data();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_when_postgresql_has_closed_connections_that_were_just_used() {
    if !is_postgresql() {
        return;
    }
    let api = Api::seeded().await;
    let admin = connect(&api.url).await;
    let eva = api.editor("eva").await;
    let close = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    // Pages of different sizes, so that each is read from the database.
    let page = |size: i32| {
        let query = format!("{{ changes(last: {size}) {{ nodes {{ id }} }} }}");
        let api = &api;
        async move { api.query_once(&query).await }
    };
    for round in 1..=10 {
        join_all((1..=8).map(|size| page(16 * round + size))).await;
        eva.publish(retitle(2 * round - 1, "Before")).await;
        admin.execute_unprepared(close).await.unwrap();
        eva.publish(retitle(2 * round, "After")).await;
        join_all((9..=16).map(|size| page(16 * round + size))).await;
    }
}
