//! Notices for pages that are open: none is missed, none told twice, and one address does not take all connections.

use std::time::Duration;

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::html::Html;
use super::pages::open_as;
use crate::harness::{Api, retitle, roomy};

/// Opens a stream of notices as the browser of a person does.
async fn listen(api: &Api, path: &str, token: Option<&str>, last: Option<&str>) -> Response {
    let mut request = api
        .request(Method::GET, path)
        .header("accept", "text/event-stream");
    if let Some(token) = token {
        request = request.header("cookie", format!("cyberprofiles-session={token}"));
    }
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    request.send().await.unwrap()
}

/// Reads so many events: the id and the data of each.
async fn events(response: &mut Response, count: usize) -> Vec<(String, Value)> {
    let mut text = String::new();
    loop {
        let whole = text.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
        let found: Vec<(String, Value)> = whole
            .split("\n\n")
            .filter_map(|event| {
                let of = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                let data = of("data: ")?;
                Some((
                    of("id: ").unwrap().to_owned(),
                    serde_json::from_str(data).unwrap(),
                ))
            })
            .collect();
        if found.len() >= count {
            return found;
        }
        let chunk = tokio::time::timeout(Duration::from_mins(1), response.chunk()).await;
        let chunk = chunk.unwrap().unwrap().unwrap();
        text += std::str::from_utf8(&chunk).unwrap();
    }
}

/// The counter from which the notices of a page begin.
async fn after(api: &Api, path: &str, token: &str) -> String {
    let page = open_as(api, path, "en", Some(token)).await;
    let page = Html::read(&page.text().await.unwrap());
    let after = page.0.iter().find_map(|tag| tag.get("data-after"));
    after.unwrap().to_owned()
}

#[tokio::test]
async fn a_review_page_misses_nothing_and_is_told_nothing_twice() {
    let api = Api::seeded().await;
    let carla = api.contributor().await;
    let eva = api.editor("eva").await;
    let token = api.token(Role::Editor, "eva").await;
    let oldest = carla.proposed(retitle(1, "The oldest")).await;
    let mut expected = Vec::new();
    for number in 0..60 {
        let title = format!("Number {number}");
        expected.push(carla.proposed(retitle(1, &title)).await);
    }
    // A page that was just opened knows all of them.
    let begin = after(&api, "/review", &token).await;
    let path = format!("/review/live?after={begin}");
    let comment = json!({ "id": oldest, "body": "Why?" });
    eva.step("commentOnContribution", comment.clone()).await;
    let mut stream = listen(&api, &path, Some(&token), None).await;
    let told = events(&mut stream, 1).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].1["id"], oldest);
    drop(stream);
    // After a pause with more than 50 changes, the browser tells the last event that it had.
    expected.reverse();
    for id in &expected {
        let comment = json!({ "id": id, "body": "Why?" });
        eva.step("commentOnContribution", comment).await;
    }
    let mut stream = listen(&api, &path, Some(&token), Some(&told[0].0)).await;
    let told = events(&mut stream, expected.len()).await;
    let ids: Vec<&str> = told
        .iter()
        .map(|(_, one)| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, expected);
    // What comes next is told in the same stream, and a stream of one contribution tells that alone.
    eva.step("commentOnContribution", comment).await;
    assert_eq!(events(&mut stream, 1).await[0].1["id"], oldest);
    let alone = format!("/review/live?after={begin}&id={oldest}");
    let mut stream = listen(&api, &alone, Some(&token), None).await;
    let told = events(&mut stream, 1).await;
    assert_eq!((told.len(), &told[0].1["id"]), (1, &json!(oldest)));
    let now = after(
        &api,
        &format!("/review/{}", &oldest["Contribution:".len()..]),
        &token,
    )
    .await;
    assert_eq!(
        now, told[0].0,
        "the page of a contribution knows its newest state"
    );
}

#[tokio::test]
async fn a_page_of_changes_counts_all_since_it_was_opened() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    let head = api.query_once("{ head { cursor } }").await["head"]["cursor"].clone();
    let path = format!("/changes/live?after={}", head.as_str().unwrap());
    let mut version = 1;
    let mut publish = async || {
        let title = format!("Title {version}");
        eva.publish(retitle(version, &title)).await;
        version += 1;
    };
    publish().await;
    let mut stream = listen(&api, &path, None, None).await;
    let told = events(&mut stream, 1).await;
    assert_eq!(told[0].1["count"], 1);
    drop(stream);
    for _ in 0..55 {
        publish().await;
    }
    let mut stream = listen(&api, &path, None, Some(&told[0].0)).await;
    let told = events(&mut stream, 1).await;
    assert_eq!((told.len(), &told[0].1["count"]), (1, &json!(56)));
}

#[tokio::test]
async fn one_address_has_a_hundred_open_pages_at_most() {
    let api = Api::builder().empty().start().await;
    let mut open = Vec::new();
    for _ in 0..100 {
        let response = listen(&api, "/changes/live", None, None).await;
        assert_eq!(response.status(), 200);
        open.push(response);
    }
    let refused = listen(&api, "/changes/live", None, None).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "60");
    let page = open_as(&api, "/changes", "en", None).await;
    assert_eq!(page.status(), 200);
    drop(open);
    let mut last = 429;
    for _ in 0..100 {
        last = listen(&api, "/changes/live", None, None)
            .await
            .status()
            .as_u16();
        if last == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(last, 200);
}

#[tokio::test]
async fn open_pages_leave_half_of_the_connections_to_others() {
    let limits = Limits {
        max_connections: 8,
        ..roomy()
    };
    let api = Api::builder().empty().limits(limits).start().await;
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(listen(&api, "/changes/live", None, None).await);
    }
    let refused = listen(&api, "/changes/live", None, None).await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "60");
    assert!(open.iter().all(|one| one.status() == 200));
}

#[tokio::test]
async fn what_is_wrong_with_a_stream_is_told() {
    let api = Api::builder().empty().start().await;
    let token = api.token(Role::Editor, "eva").await;
    for (path, token, status, says) in [
        ("/changes/live?after=nonsense", None, 400, "cursor"),
        ("/review/live", None, 401, "sign in"),
        (
            "/review/live?after=nonsense",
            Some(&token),
            400,
            "data-after",
        ),
    ] {
        let response = listen(&api, path, token.map(String::as_str), None).await;
        assert_eq!(response.status(), status, "{path}");
        let text = response.text().await.unwrap();
        assert!(text.contains(says), "{path}: {text}");
    }
}
