//! Downloads: caches, compression, ranges, slow clients, and a database that fails.

use std::io::ErrorKind::{TimedOut, WouldBlock};
use std::io::{Error, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cyberprofiles::graphql::limits::Limits;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{get, permanent, refusal, text};
use crate::edge::header_text;
use crate::harness::{Api, cite, roomy};

#[tokio::test]
async fn a_download_is_cached_compressed_and_continued_as_any_file() {
    let api = Api::seeded().await;
    let path = "/export/treaty-events.csv";
    let response = get(&api, path, &[]).await;
    let tag = header_text(response.headers(), "etag").to_owned();
    assert!(tag.starts_with('"'), "{tag}");
    assert_eq!(header_text(response.headers(), "accept-ranges"), "bytes");
    let whole = response.bytes().await.unwrap();

    let head = api.request(Method::HEAD, path).send().await.unwrap();
    assert_eq!(
        (head.status(), header_text(head.headers(), "etag")),
        (StatusCode::OK, tag.as_str())
    );
    assert!(
        !head.headers().contains_key("content-length"),
        "the size is not 0"
    );
    assert!(head.headers().contains_key("cyberprofiles-cursor"));
    assert!(head.bytes().await.unwrap().is_empty());

    for (accepted, known) in [
        ("identity", tag.clone()),
        ("gzip", format!("W/{tag}")),
        ("br", format!("\"x\", {tag}")),
    ] {
        let headers = [("accept-encoding", accepted), ("if-none-match", &known)];
        let unchanged = get(&api, path, &headers).await;
        assert_eq!(unchanged.status(), StatusCode::NOT_MODIFIED);
        assert!(unchanged.headers().contains_key("etag"));
    }
    for encoding in ["gzip", "br"] {
        let compressed = get(
            &api,
            path,
            &[("accept-encoding", encoding), ("range", "bytes=0-9")],
        )
        .await;
        assert_eq!(
            compressed.status(),
            StatusCode::OK,
            "ranges are of the bytes without compression"
        );
        assert_eq!(
            header_text(compressed.headers(), "content-encoding"),
            encoding
        );
        assert_eq!(
            header_text(compressed.headers(), "etag"),
            format!("W/{tag}")
        );
        assert!(!compressed.headers().contains_key("accept-ranges"));
        let bytes = compressed.bytes().await.unwrap();
        assert!(bytes.len() < whole.len() / 3);
        if encoding == "gzip" {
            let mut text = Vec::new();
            flate2::read::GzDecoder::new(&*bytes)
                .read_to_end(&mut text)
                .unwrap();
            assert!(text == whole);
        }
    }
    let size = whole.len();
    for (range, part) in [
        ("bytes=0-0".to_owned(), 0..1),
        ("bytes=1000-2999".to_owned(), 1000..3000),
        (format!("bytes={}-", size - 7), size - 7..size),
        ("bytes=-5".to_owned(), size - 5..size),
        (format!("bytes=70000-{}", size * 2), 70_000..size),
    ] {
        for condition in [None, Some(tag.as_str())] {
            let mut headers = vec![("range", range.as_str())];
            headers.extend(condition.map(|tag| ("if-range", tag)));
            let response = get(&api, path, &headers).await;
            assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT, "{range}");
            let expected = format!("bytes {}-{}/{size}", part.start, part.end - 1);
            assert_eq!(header_text(response.headers(), "content-range"), expected);
            assert_eq!(
                header_text(response.headers(), "content-length"),
                part.len().to_string()
            );
            assert!(
                response.bytes().await.unwrap() == whole[part.clone()],
                "{range}"
            );
        }
    }
    for headers in [
        [("range", "bytes=0-9"), ("if-range", "\"other\"")],
        [("range", "bytes=0-9"), ("if-range", &format!("W/{tag}"))],
        [("range", "bytes=0-1,5-6"), ("x", "y")],
        [("range", "lines=0-1"), ("x", "y")],
    ] {
        let response = get(&api, path, &headers).await;
        assert_eq!(response.status(), StatusCode::OK, "{headers:?}");
        assert!(response.bytes().await.unwrap() == whole);
    }
    let beyond = get(&api, path, &[("range", &format!("bytes={size}-"))]).await;
    assert_eq!(
        header_text(beyond.headers(), "content-range"),
        format!("bytes */{size}")
    );
    assert_eq!(refusal(beyond).await.0, 416);
    // A download that began before a change continues at its moment.
    let link = get(&api, path, &[]).await;
    let link = header_text(link.headers(), "link").to_owned();
    let permanent = permanent(&link);
    let eva = api.editor("eva").await;
    let event = json!([{ "createTreatyEvent": { "fields": { "kind": "SIGNATURE", "date": "2020", "country": "IE",
        "treaty": "ETS 189" }, "cite": cite() } }]);
    eva.publish(event).await;
    let rest = get(
        &api,
        permanent,
        &[("range", "bytes=5000-"), ("if-range", &tag)],
    )
    .await;
    assert_eq!(rest.status(), StatusCode::PARTIAL_CONTENT);
    assert!(rest.bytes().await.unwrap() == whole[5000..]);
    let anew = get(&api, path, &[("range", "bytes=5000-"), ("if-range", &tag)]).await;
    assert_eq!(
        anew.status(),
        StatusCode::OK,
        "the newest version is another one"
    );
}

/// Sources with long titles, 40 MB as JSON Lines: far more than sockets buffer.
async fn import_many(api: &Api) -> usize {
    let title = "So. ".repeat(4_000);
    let line = |number: usize| {
        let fields = json!({ "kind": "NEWS", "title": title });
        json!({ "createSource": { "key": format!("many-{number:05}"), "fields": fields } })
            .to_string()
    };
    let lines: Vec<String> = (0..2_600).map(line).collect();
    api.import(&lines.join("\n"), false).await.unwrap().created
}

/// Requests an export and reads only the beginning of the response.
fn stalled(api: &Api) -> TcpStream {
    let mut stream = TcpStream::connect(&api.address).unwrap();
    let request = format!(
        "GET /export.jsonl HTTP/1.1\r\nHost: {}\r\n\r\n",
        api.address
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut some = [0; 1_000];
    stream.read_exact(&mut some).unwrap();
    assert!(some.starts_with(b"HTTP/1.1 200 OK"));
    stream
}

/// Waits until no more statements are executed, and returns how many read sources since the last call.
async fn pages_read(api: &Api) -> usize {
    let mut pages = 0;
    let mut quiet = 0;
    while quiet < 5 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let found = api.statements();
        let of_sources = found.iter().filter(|sql| sql.contains("FROM \"source\""));
        pages += of_sources.count();
        quiet = if found.is_empty() { quiet + 1 } else { 0 };
    }
    pages
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_stops_reading_stops_the_work_and_holds_nothing_that_writers_need() {
    let limits = Limits {
        max_concurrent_requests: 4,
        ..roomy()
    };
    let api = Api::builder().empty().limits(limits).start().await;
    let created = import_many(&api).await;
    // Those of the import read sources, too.
    api.statements();
    let whole = text(&api, "/export.jsonl").await;
    assert_eq!(whole.lines().count(), created + 1);
    let needed = pages_read(&api).await;
    assert!(needed > 5, "{needed}");

    let stalled = tokio::task::block_in_place(|| stalled(&api));
    let read = pages_read(&api).await;
    assert!(
        read < needed,
        "{read} of {needed} pages were read for a client that reads nothing"
    );
    // One of four requests may be an export.
    let second = get(&api, "/export/countries.csv", &[]).await;
    assert_eq!(header_text(second.headers(), "retry-after"), "10");
    assert_eq!(refusal(second).await.0, 503);
    // A connection returns to the pool a little later than its last row.
    let begun = Instant::now();
    let is_idle = || {
        let pool = api.store.pool();
        pool.idle == pool.open
    };
    while !is_idle() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "a connection is in use"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let source = json!({ "createSource": { "key": "later", "fields": { "kind": "NEWS", "title": "Later" } } });
    api.import(&source.to_string(), false).await.unwrap();
    api.query_once("{ head { sequence } }").await;

    drop(stalled);
    let begun = Instant::now();
    while get(&api, "/export/countries.csv", &[]).await.status() != StatusCode::OK {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "the export does not end"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    pages_read(&api).await;
    assert_eq!(pages_read(&api).await, 0, "the work ended with the client");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_is_cut_when_the_database_fails_and_one_address_takes_four_places() {
    let api = Api::builder().empty().start().await;
    import_many(&api).await;
    let clients: Vec<TcpStream> =
        tokio::task::block_in_place(|| (0..4).map(|_| stalled(&api)).collect());
    let fifth = get(&api, "/export/countries.csv", &[]).await;
    assert_eq!(header_text(fifth.headers(), "retry-after"), "10");
    assert_eq!(refusal(fifth).await.0, 429);
    api.store.close().await;
    for mut client in clients {
        let (rest, read) = tokio::task::block_in_place(|| {
            let mut rest = Vec::new();
            let limit = Some(Duration::from_secs(30));
            client.set_read_timeout(limit).unwrap();
            let read = client.read_to_end(&mut rest);
            (rest, read)
        });
        let is_late = |error: &Error| matches!(error.kind(), WouldBlock | TimedOut);
        assert!(!read.is_err_and(|error| is_late(&error)), "it is not cut");
        assert!(rest.len() < 30_000_000, "{} bytes", rest.len());
        assert!(!rest.ends_with(b"\r\n0\r\n\r\n"), "it looks complete");
    }
}

#[tokio::test]
async fn the_rows_of_an_export_count_against_the_quota_of_its_client() {
    let limits = Limits {
        max_anonymous_cost_per_second: 1,
        ..roomy()
    };
    let api = Api::builder().empty().limits(limits).start().await;
    let lines = (0..1_200).map(|number| {
        let fields = json!({ "kind": "NEWS", "title": "X" });
        json!({ "createSource": { "key": format!("x-{number}"), "fields": fields } }).to_string()
    });
    let lines: Vec<String> = lines.collect();
    api.import(&lines.join("\n"), false).await.unwrap();
    let begun = Instant::now();
    let sources = text(&api, "/export/sources.csv").await;
    assert_eq!(sources.lines().count(), 1_201);
    // 1 point for the request and 12 for its rows, of which 10 may be spent at once.
    let took = begun.elapsed();
    assert!(took > Duration::from_secs(2), "{took:?}");
}
