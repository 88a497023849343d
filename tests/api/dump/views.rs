//! Dumps at a cursor and a day, and requests that are refused.

use cyberprofiles::store::moment::Moment;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{get, permanent, refusal, text};
use crate::database::connect;
use crate::edge::header_text;
use crate::harness::{Api, retitle};
use crate::triggers::lift_triggers;

#[tokio::test]
async fn an_export_at_a_cursor_gives_the_same_bytes_after_later_changes() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Earlier name")).await;
    let paths = [
        "/export.jsonl",
        "/export/treaties.csv",
        "/export/treaty-status.csv",
        "/export/citations.csv",
        "/export/datapackage.json",
    ];
    let mut before = Vec::new();
    for path in paths {
        let response = get(&api, path, &[]).await;
        let headers = response.headers().clone();
        let cursor = header_text(&headers, "cyberprofiles-cursor").to_owned();
        let link = header_text(&headers, "link").to_owned();
        let permanent = permanent(&link);
        assert!(
            permanent.starts_with(&format!("{path}?at={cursor}")),
            "{link}"
        );
        let tag = header_text(&headers, "etag").to_owned();
        let sequence = header_text(&headers, "cyberprofiles-sequence").to_owned();
        let name = header_text(&headers, "content-disposition");
        assert!(
            name.starts_with("attachment; filename=\"cyberprofiles-")
                && name.contains(&format!("-{sequence}.")),
            "{name}"
        );
        assert!(!headers.contains_key("last-modified"));
        before.push((permanent.to_owned(), tag, response.text().await.unwrap()));
    }
    let unit = "OperationalUnit:az-moi-cybercrime-unit";
    eva.publish(
        json!([{ "retire": { "id": unit, "baseVersion": 1, "reason": "For this test." } }]),
    )
    .await;
    for version in 2..5 {
        eva.publish(retitle(version, &format!("Later {version}")))
            .await;
    }
    for (permanent, tag, text) in before {
        let response = get(&api, &permanent, &[]).await;
        assert_eq!(header_text(response.headers(), "etag"), tag);
        assert!(header_text(response.headers(), "cache-control").contains("max-age=86400"));
        assert!(response.text().await.unwrap() == text, "{permanent}");
    }
    let now = text(&api, "/export/treaties.csv").await;
    assert!(now.contains("Later 4") && !now.contains("Earlier name"));
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_with_what_would_be_right() {
    let api = Api::seeded().await;
    let other = Api::empty().await;
    let cursor = |api: &Api, sequence| api.store.cursors().write(Moment(sequence));
    let newest = api.store.head().await.unwrap().moment.0;
    let (oldest, last) = (cursor(&api, 0), cursor(&api, newest));
    let anew = "begin again from an export, and follow the changes after its cursor";
    let range = format!("cursors go from {oldest} to {last}");
    for (query, message) in [
        (
            "at=nonsense".to_owned(),
            format!("at: this is not a cursor of the change log; {range}"),
        ),
        (
            "at=".to_owned(),
            format!("at: this is not a cursor of the change log; {range}"),
        ),
        (
            format!("at={}", cursor(&other, 0)),
            format!("at: this is a cursor of another database: {anew}; {range}"),
        ),
        (
            format!("at={}", cursor(&api, newest + 1)),
            format!("at: this cursor is after the newest change: {anew}; {range}"),
        ),
        (
            "asOf=2020-02-30".to_owned(),
            "asOf: “2020-02-30” does not fit: expected a day as YYYY-MM-DD, like “2010-03-15”"
                .to_owned(),
        ),
        (
            "asof=2020-02-03".to_owned(),
            "there is no parameter `asof`: expected at=CURSOR or asOf=YYYY-MM-DD".to_owned(),
        ),
        (
            "asOf=2020-02-03&asOf=2020-02-03".to_owned(),
            "`asOf` is given twice".to_owned(),
        ),
        ("at=%ff".to_owned(), "at: expected UTF-8".to_owned()),
    ] {
        for path in [
            "/export.jsonl",
            "/export/treaty-status.csv",
            "/export/datapackage.json",
        ] {
            let found = refusal(get(&api, &format!("{path}?{query}"), &[]).await).await;
            assert_eq!(found, (400, message.clone()), "{query}");
        }
    }
    for path in [
        "/export/treaty-event.csv",
        "/export/treaty-events",
        "/export/x.json",
        "/export/..%2f.csv",
    ] {
        let (status, message) = refusal(get(&api, path, &[]).await).await;
        assert_eq!(status, 404, "{path}");
        for name in [
            "/export.jsonl",
            "datapackage.json",
            "treaty-events.csv",
            "treaty-status.csv",
        ] {
            assert!(message.contains(name), "{message}");
        }
    }
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let response = api
            .request(method, "/export/countries.csv")
            .send()
            .await
            .unwrap();
        assert_eq!(header_text(response.headers(), "allow"), "GET,HEAD");
        assert_eq!(refusal(response).await.0, 405);
    }
    let token = get(&api, "/export.jsonl", &[("authorization", "Bearer nobody")]).await;
    assert_eq!(refusal(token).await.0, 401);
    // The moment before the first change is a moment.
    let none = text(&api, &format!("/export/countries.csv?at={oldest}")).await;
    assert_eq!(none.lines().count(), 1);
}

#[tokio::test]
async fn a_moment_whose_hash_is_lost_gives_no_dump_with_another_hash() {
    let api = Api::builder().empty().start().await;
    let fields = json!({ "kind": "NEWS", "title": "X" });
    let line = json!({ "createSource": { "key": "x", "fields": fields } }).to_string();
    api.import(&line, false).await.unwrap();
    let db = connect(&api.url).await;
    lift_triggers(&db, &["chain"]).await;
    db.execute_unprepared("DELETE FROM chain").await.unwrap();
    let oldest = api.store.cursors().write(Moment(0));
    text(&api, &format!("/export.jsonl?at={oldest}")).await;
    let lost = refusal(get(&api, "/export.jsonl", &[]).await).await;
    assert_eq!(lost.0, 500);
    assert!(lost.1.starts_with("internal error"), "{}", lost.1);
}
