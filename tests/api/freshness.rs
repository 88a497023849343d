//! The age of answers: what an operator allows, and what a client was told.

use std::time::{Duration, Instant};

use cyberprofiles::domain::viewer::Role;
use futures_util::future::join_all;
use reqwest::{Method, Response};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use crate::database::{self, connect, is_postgresql};
use crate::edge::header_text;
use crate::harness::{Api, Socket, retitle};

const VERSION: &str = "{ treaty(reference: \"ETS 185\") { version } }";
const AT_LEAST: &str = "cyberprofiles-at-least";
const CURSOR: &str = "cyberprofiles-cursor";

/// Sends a query by POST.
async fn post(api: &Api, query: &str, headers: &[(&str, &str)], extensions: Value) -> Response {
    let body = json!({ "query": query, "extensions": extensions });
    let mut request = api
        .request(Method::POST, "/graphql")
        .header("accept", "application/graphql-response+json")
        .json(&body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn version(response: Response) -> i64 {
    let body: Value = response.json().await.unwrap();
    let version = body["data"]["treaty"]["version"].as_i64();
    version.unwrap_or_else(|| panic!("{body:#}"))
}

async fn code(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let code = body["errors"][0]["extensions"]["code"].as_str();
    (
        status,
        code.unwrap_or_else(|| panic!("{body:#}")).to_owned(),
    )
}

/// Two instances on one database; the second allows answers of some age.
async fn two(max_staleness: Duration) -> (tempfile::TempDir, Api, Api) {
    let folder = tempfile::tempdir().unwrap();
    let url = database::seeded(folder.path()).await;
    let one = Api::builder().database(url.clone()).start().await;
    let other = Api::builder()
        .database(url)
        .max_staleness(max_staleness)
        .start()
        .await;
    (folder, one, other)
}

#[tokio::test]
async fn answers_are_as_old_as_allowed_and_never_older_than_what_the_client_was_told() {
    let (_folder, one, other) = two(Duration::from_mins(10)).await;
    let none = json!({});
    let get = async |headers: &[(&str, &str)]| {
        let mut request = other
            .request(Method::GET, "/graphql")
            .query(&[("query", VERSION)]);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    };
    let first = get(&[]).await;
    let old = header_text(first.headers(), CURSOR).to_owned();
    assert_eq!(version(first).await, 1);
    let eva = one.editor("eva").await;
    eva.publish(retitle(1, "Two")).await;
    let head = one.query_once("{ head { cursor } }").await;
    let told = head["head"]["cursor"].as_str().unwrap();

    // A client that was told nothing, or something older, gets the known state. SQLite always knows the newest.
    let known = if is_postgresql() { 1 } else { 2 };
    for headers in [&[][..], &[(AT_LEAST, &*old)]] {
        assert_eq!(version(get(headers).await).await, known);
        assert_eq!(
            version(post(&other, VERSION, headers, none.clone()).await).await,
            known
        );
    }
    // The same by the cache of bytes.
    assert_eq!(
        version(post(&other, VERSION, &[], none.clone()).await).await,
        known
    );

    // One that was told of the change gets it, by each way.
    let at_least = json!({ "atLeast": told });
    let by_extension = post(&other, VERSION, &[], at_least.clone()).await;
    assert_eq!(header_text(by_extension.headers(), CURSOR), told);
    assert_eq!(version(by_extension).await, 2);
    // From now on this instance knows it, and tells everybody.
    assert_eq!(version(get(&[]).await).await, 2);

    eva.publish(retitle(2, "Three")).await;
    let head = one.query_once("{ head { cursor } }").await;
    let told = head["head"]["cursor"].as_str().unwrap();
    assert_eq!(version(get(&[(AT_LEAST, told)]).await).await, 3);

    eva.publish(retitle(3, "Four")).await;
    let head = one.query_once("{ head { cursor } }").await;
    let told = head["head"]["cursor"].as_str().unwrap();
    let mut socket = Socket::open(&format!("ws://{}", other.address), json!({})).await;
    let payload = json!({ "query": VERSION, "extensions": { "atLeast": told } });
    socket
        .send(json!({ "type": "subscribe", "id": "q", "payload": payload }))
        .await;
    assert_eq!(socket.event().await["treaty"]["version"], 4);

    // Pages, records and feeds take the header, too.
    for (base, path) in [
        (4, "/records/Treaty:ets-185"),
        (5, "/feed.atom"),
        // From a page on, an instance is told of each commit.
        (6, "/treaties/ets-185"),
    ] {
        other.request(Method::GET, path).send().await.unwrap();
        let title = format!("Page at {base}");
        eva.publish(retitle(base, &title)).await;
        let head = one.query_once("{ head { cursor } }").await;
        let told = head["head"]["cursor"].as_str().unwrap();
        let page = other.request(Method::GET, path).header(AT_LEAST, told);
        let page = page.send().await.unwrap();
        assert_eq!(header_text(page.headers(), CURSOR), told, "{path}");
        assert!(
            path == "/feed.atom" || page.text().await.unwrap().contains(&title),
            "{path}"
        );
    }

    // People see what they did on any instance, without a header.
    let token = one.token(Role::Editor, "ada").await;
    let bearer = format!("Bearer {token}");
    eva.publish(retitle(7, "Eight")).await;
    let bearer = [("authorization", &*bearer)];
    assert_eq!(version(post(&other, VERSION, &bearer, none).await).await, 8);

    // An instance that wrote knows it.
    let erik = other.editor("erik").await;
    erik.publish(retitle(8, "Nine")).await;
    assert_eq!(version(get(&[]).await).await, 9);
}

#[tokio::test]
async fn an_instance_knows_its_own_commits_without_a_look_at_the_log() {
    let (_folder, _one, other) = two(Duration::from_mins(10)).await;
    let head = "{ head { sequence } }";
    let before = other.query_once(head).await["head"]["sequence"]
        .as_i64()
        .unwrap();
    let line =
        json!({ "createSource": { "key": "own", "fields": { "kind": "NEWS", "title": "Own" } } });
    let imported = other.import(&format!("{line}\n"), false).await.unwrap();
    assert_eq!(imported.created, 1);
    let after = other.query_once(head).await;
    assert_eq!(after["head"]["sequence"], before + 1);
}

#[tokio::test]
async fn a_cursor_that_another_instance_has_told_is_known_wherever_it_is_named() {
    let (_folder, one, other) = two(Duration::from_mins(10)).await;
    let none = json!({});
    let eva = one.editor("eva").await;
    for (base, document) in [
        (
            1,
            "{ changes(after: \"$\", first: 1) { nodes { sequence } } }",
        ),
        (
            2,
            "{ at(cursor: \"$\") { treaty(reference: \"ETS 185\") { version } } }",
        ),
        (3, "{ node(id: \"Treaty:ets-185@$\") { id } }"),
    ] {
        let known = post(&other, VERSION, &[], none.clone()).await;
        assert_eq!(version(known).await, i64::from(base));
        eva.publish(retitle(base, &format!("Named at {base}")))
            .await;
        let head = one.query_once("{ head { cursor } }").await;
        let told = head["head"]["cursor"].as_str().unwrap();
        let document = document.replace('$', told);
        let named = post(&other, &document, &[], none.clone()).await;
        assert_eq!(header_text(named.headers(), CURSOR), told);
        let named: Value = named.json().await.unwrap();
        assert_eq!(named.get("errors"), None, "{named:#}");
    }
    eva.publish(retitle(4, "Five")).await;
    let head = one.query_once("{ head { cursor } }").await;
    let told = head["head"]["cursor"].as_str().unwrap();
    let permalink = format!("/records/Treaty:ets-185@{told}");
    let permalink = other.request(Method::GET, &permalink).send().await.unwrap();
    assert!(permalink.text().await.unwrap().contains("Five"));
}

#[tokio::test]
async fn a_cursor_that_this_log_does_not_have_is_refused_by_each_way() {
    let foreign = Api::builder().empty().start().await;
    let foreign = foreign
        .store
        .cursors()
        .write(cyberprofiles::store::moment::Moment(7));
    for max_staleness in [Duration::ZERO, Duration::from_secs(5)] {
        let (_folder, one, other) = two(max_staleness).await;
        let end = one.store.head().await.unwrap().moment.0;
        let future = cyberprofiles::store::moment::Moment(end + 1);
        let future = one.store.cursors().write(future);
        for (cursor, expected) in [
            (&*foreign, "UNKNOWN_CURSOR"),
            (&*future, "UNKNOWN_CURSOR"),
            ("7", "BAD_USER_INPUT"),
            ("", "BAD_USER_INPUT"),
        ] {
            let expected = (400, expected.to_owned());
            let extension = json!({ "atLeast": cursor });
            let by_extension = post(&other, VERSION, &[], extension).await;
            assert_eq!(code(by_extension).await, expected, "{cursor}");
            let by_header = post(&other, VERSION, &[(AT_LEAST, cursor)], json!({})).await;
            assert_eq!(code(by_header).await, expected, "{cursor}");
            for path in ["/records/Treaty:ets-185", "/feed.atom", "/treaties"] {
                let page = other.request(Method::GET, path).header(AT_LEAST, cursor);
                assert_eq!(code(page.send().await.unwrap()).await, expected, "{path}");
            }
        }
        let wrong = post(&other, VERSION, &[], json!({ "atLeast": 7 })).await;
        assert_eq!(code(wrong).await, (400, "BAD_USER_INPUT".to_owned()));
        let nothing = post(&other, VERSION, &[], json!({ "atLeast": null })).await;
        assert_eq!(version(nothing).await, 1);
    }
}

#[tokio::test]
async fn an_answer_is_not_older_than_the_operator_allows() {
    let allowed = Duration::from_millis(1_500);
    let (_folder, one, other) = two(allowed).await;
    let eva = one.editor("eva").await;
    for base in 1..4 {
        let none = json!({});
        let before = version(post(&other, VERSION, &[], none.clone()).await).await;
        eva.publish(retitle(base, &format!("Title {base}"))).await;
        let acknowledged = Instant::now();
        let mut seen = before;
        while acknowledged.elapsed() < allowed + Duration::from_millis(100) {
            let begun = Instant::now();
            let read = version(post(&other, VERSION, &[], none.clone()).await).await;
            assert!(read >= seen, "{read} after {seen}");
            seen = read;
            if begun - acknowledged > allowed {
                assert_eq!(read, i64::from(base) + 1);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(seen, i64::from(base) + 1);
    }
}

#[tokio::test]
async fn shared_caches_may_use_what_is_public_for_the_time_that_is_left() {
    let (_folder, one, other) = two(Duration::from_mins(1)).await;
    let token = one.token(Role::Editor, "eva").await;
    let bearer = format!("Bearer {token}");
    let query = "/graphql?query=%7Bcountry(code:%22AZ%22)%7Bname%7D%7D";
    for path in [
        query,
        "/countries/AZ",
        "/records/Country:az",
        "/feed.atom",
        "/countries/AZ.json",
    ] {
        for _ in 0..2 {
            let answer = other.request(Method::GET, path).send().await.unwrap();
            let cache = header_text(answer.headers(), "cache-control");
            let seconds = cache
                .strip_prefix("public, max-age=0, s-maxage=")
                .and_then(|rest| rest.strip_suffix(", must-revalidate"));
            let seconds: u64 = seconds
                .unwrap_or_else(|| panic!("{path}: {cache}"))
                .parse()
                .unwrap();
            assert!((30..60).contains(&seconds), "{path}: {cache}");
            let vary = answer.headers().get_all("vary").iter();
            let vary: Vec<_> = vary.map(|value| value.to_str().unwrap()).collect();
            assert!(vary.join(", ").contains(AT_LEAST), "{path}: {vary:?}");
            assert_ne!(header_text(answer.headers(), CURSOR), "", "{path}");
        }
        // By default, each answer is asked for again, and says nothing else.
        let answer = one.request(Method::GET, path).send().await.unwrap();
        let cache = header_text(answer.headers(), "cache-control");
        assert_eq!(cache, "public, max-age=0, must-revalidate", "{path}");
        assert_eq!(header_text(answer.headers(), CURSOR), "", "{path}");
        let vary = header_text(answer.headers(), "vary");
        assert!(!vary.contains(AT_LEAST), "{path}: {vary}");
    }
    // Answers for one person are for nobody else.
    for (path, expected) in [
        (query, "private, max-age=0, must-revalidate"),
        ("/records/Country:az", "private, max-age=0, must-revalidate"),
        ("/countries/AZ", "no-store"),
    ] {
        let answer = other.request(Method::GET, path);
        let answer = answer
            .header("authorization", &bearer)
            .send()
            .await
            .unwrap();
        let cache = header_text(answer.headers(), "cache-control");
        assert_eq!(cache, expected, "{path}");
    }
    let personal = "/graphql?query=%7Bviewer%7Brole%7D%7D";
    let answer = other.request(Method::GET, personal).send().await.unwrap();
    assert_eq!(header_text(answer.headers(), "cache-control"), "no-store");
}

#[tokio::test]
async fn one_look_at_the_log_serves_all_requests_that_wait() {
    // On SQLite, no request waits for the log.
    if !is_postgresql() {
        return;
    }
    let api = Api::seeded().await;
    api.query_once(VERSION).await;
    let db = connect(&api.url).await;
    let transaction = db.begin().await.unwrap();
    transaction
        .execute_unprepared("LOCK TABLE \"head\" IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    api.statements();
    let first = api.query_once(VERSION);
    // Long enough that all requests have come to where they wait.
    let pause = || tokio::time::sleep(Duration::from_secs(2));
    let others = async {
        pause().await;
        let others = join_all((0..50).map(|_| api.query_once(VERSION)));
        let release = async {
            pause().await;
            transaction.commit().await.unwrap();
        };
        tokio::join!(others, release).0
    };
    let (first, others) = tokio::join!(first, others);
    assert_eq!(others.len(), 50);
    assert!(others.iter().all(|answer| *answer == first));
    let read = api.statements();
    // That of the first request, which may have begun before the others came, and one for all others.
    assert!(
        read.len() <= 2 && read.iter().all(|sql| sql.contains("FROM \"head\"")),
        "{read:#?}"
    );
}
