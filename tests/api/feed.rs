//! Feeds: every change once and in order through the archive pages, also beside writes; caching, and invalid input.

use std::collections::HashSet;
use std::fmt::Write as _;

use cyberprofiles::graphql::limits::Limits;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::edge::header_text;
use crate::harness::{Api, retitle, roomy};

const PUBLIC: &str = "http://localhost:8000";

async fn seeded() -> Api {
    Api::builder().limits(roomy()).start().await
}

/// One document of a feed, as far as the tests need it.
#[derive(Debug)]
struct Document {
    text: String,
    entries: Vec<Entry>,
}

/// An entry: its id, and the first line of its content, which names operation, record and version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Entry {
    id: String,
    line: String,
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found)
}

impl Document {
    fn of(text: String) -> Self {
        let entries = text.split("<entry>\n").skip(1).map(|entry| Entry {
            id: between(entry, "<id>", "</id>").unwrap().to_owned(),
            line: between(entry, "<content type=\"text\">", "</content>")
                .unwrap()
                .lines()
                .next()
                .unwrap()
                .to_owned(),
        });
        let entries = entries.collect();
        Self { text, entries }
    }

    /// The path of a link.
    fn link(&self, relation: &str) -> Option<String> {
        let start = format!("<link rel=\"{relation}\" type=\"application/atom+xml\" href=\"");
        let address = between(&self.text, &start, "\"")?.replace("&amp;", "&");
        Some(address.strip_prefix(PUBLIC).unwrap().to_owned())
    }

    fn is_archive(&self) -> bool {
        self.text.contains("<fh:archive/>")
    }
}

async fn get(api: &Api, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = api.request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn read(api: &Api, path: &str) -> Document {
    let response = get(api, path, &[]).await;
    let status = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(status, 200, "{path}: {text}");
    Document::of(text)
}

/// Follows the archive pages from the newest to the first one. Returns all documents.
async fn walk(api: &Api, path: &str) -> Vec<Document> {
    let mut documents = vec![read(api, path).await];
    while let Some(previous) = documents.last().unwrap().link("prev-archive") {
        documents.push(read(api, &previous).await);
    }
    documents
}

fn entries(documents: &[Document]) -> Vec<Entry> {
    let all = documents.iter().flat_map(|one| one.entries.clone());
    all.collect()
}

/// The first lines of the content of all changes that pass a filter, newest first.
async fn changes(api: &Api, filter: Value) -> Vec<String> {
    let query = "query($filter: ChangeFilter!, $after: Cursor) {
        changes(filter: $filter, first: 250, after: $after) { pageInfo { hasNextPage endCursor }
            nodes { operation recordId effect { kind } record { version } } } }";
    let (mut lines, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "filter": filter, "after": after });
        let page = api.anyone().ask(query, variables).await.data()["changes"].take();
        for change in page["nodes"].as_array().unwrap() {
            let word = match change["operation"].as_str().unwrap() {
                "CREATE" => "Created",
                "UPDATE" => "Updated",
                "RETIRE" => "Retired",
                other => panic!("{other}"),
            };
            let record = change["recordId"].as_str().unwrap();
            lines.push(format!(
                "{word}: {record} (version {})",
                change["record"]["version"]
            ));
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    lines.reverse();
    lines
}

/// The records that a search finds.
async fn found(api: &Api, query: &str) -> Vec<Value> {
    let document = "query($query: String!, $after: String) { search(query: $query, first: 250, after: $after) {
        nodes { record { recordId } } pageInfo { hasNextPage endCursor } } }";
    let (mut records, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "query": query, "after": after });
        let page = api.anyone().ask(document, variables).await.data()["search"].take();
        let nodes = page["nodes"].as_array().unwrap().iter();
        records.extend(nodes.map(|hit| hit["record"]["recordId"].clone()));
        if page["pageInfo"]["hasNextPage"] == false {
            return records;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Each feed with the filter of its changes.
async fn feeds(api: &Api) -> Vec<(&'static str, Value)> {
    let records = found(api, "cybercrime police").await;
    vec![
        ("/feed.atom", json!({})),
        ("/countries/fr/feed.atom", json!({ "countries": ["FR"] })),
        (
            "/treaties/ets-185/feed.atom",
            json!({ "treaties": ["ETS 185"] }),
        ),
        (
            "/search/feed.atom?q=cybercrime+police",
            json!({ "records": records }),
        ),
    ]
}

#[tokio::test]
async fn every_change_is_in_the_archive_pages_once_and_in_order() {
    let api = seeded().await;
    for (path, filter) in feeds(&api).await {
        let documents = walk(&api, path).await;
        let expected = changes(&api, filter).await;
        let entries = entries(&documents);
        let lines: Vec<String> = entries.iter().map(|entry| entry.line.clone()).collect();
        assert_eq!(lines.len(), expected.len(), "{path}");
        assert_eq!(lines, expected, "{path}");
        let ids: HashSet<&String> = entries.iter().map(|entry| &entry.id).collect();
        assert_eq!(ids.len(), entries.len(), "{path}");
        let (current, archives) = documents.split_first().unwrap();
        assert!(!current.is_archive() && !archives.is_empty(), "{path}");
        assert!((50..100).contains(&current.entries.len()), "{path}");
        for archive in archives {
            assert!(
                archive.is_archive() && archive.entries.len() == 50,
                "{path}"
            );
            assert_eq!(archive.link("current"), current.link("self"));
        }
        // The links to newer pages lead back.
        for pair in archives.windows(2) {
            assert_eq!(pair[1].link("next-archive"), pair[0].link("self"), "{path}");
        }
        assert_eq!(archives.last().unwrap().link("prev-archive"), None);
    }
}

#[tokio::test]
async fn a_walk_beside_writes_reads_every_earlier_change_once_and_in_order() {
    let api = seeded().await;
    let eva = api.editor("eva").await;
    let country = |version: i32| {
        json!([{ "updateCountry": { "id": "Country:fr", "baseVersion": version,
            "set": { "designationNote": format!("Note {version}") } } }])
    };
    let data = api
        .query_once("{ country(code: \"FR\") { version } }")
        .await;
    let mut fr = i32::try_from(data["country"]["version"].as_i64().unwrap()).unwrap();
    let mut treaty = 1;
    for (path, filter) in feeds(&api).await {
        // The newest changes of the feed when the walk begins.
        let expected = changes(&api, filter.clone()).await;
        let mut documents = vec![read(&api, path).await];
        while let Some(previous) = documents.last().unwrap().link("prev-archive") {
            if documents.len() < 4 {
                eva.publish(retitle(treaty, &format!("Title {treaty}")))
                    .await;
                eva.publish(country(fr)).await;
                treaty += 1;
                fr += 1;
            }
            documents.push(read(&api, &previous).await);
        }
        let lines: Vec<String> = entries(&documents)
            .into_iter()
            .map(|entry| entry.line)
            .collect();
        assert_eq!(lines, expected, "{path}");
        // The feed itself has the new changes, too.
        let current = read(&api, path).await;
        let newest = changes(&api, filter).await;
        for (entry, line) in current.entries.iter().zip(&newest) {
            assert_eq!(entry.line, *line, "{path}");
        }
    }
}

#[tokio::test]
async fn a_source_has_a_feed_of_its_changes() {
    let api = seeded().await;
    let documents = walk(&api, "/sources/coe-chart-185-2004/feed.atom").await;
    let filter = json!({ "records": ["Source:coe-chart-185-2004"] });
    let lines: Vec<String> = entries(&documents)
        .iter()
        .map(|entry| entry.line.clone())
        .collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines, changes(&api, filter).await);
}

#[tokio::test]
async fn archive_pages_are_equal_for_ever() {
    let api = seeded().await;
    let mut before = Vec::new();
    for (path, _) in feeds(&api).await {
        let archive = read(&api, path).await.link("prev-archive").unwrap();
        let response = get(&api, &archive, &[]).await;
        let cache = header_text(response.headers(), "cache-control");
        assert_eq!(cache, "public, max-age=31536000, immutable");
        before.push((archive, response.text().await.unwrap()));
    }
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Renamed")).await;
    let mut lines = String::new();
    for number in 0..120 {
        let fields = json!({ "kind": "NEWS", "title": format!("Source {number}") });
        let line =
            json!({ "createSource": { "key": format!("later-{number}"), "fields": fields } });
        writeln!(lines, "{line}").unwrap();
    }
    api.import(&lines, false).await.unwrap();
    let other = Api::builder().database(api.url.clone()).limits(roomy());
    let other = other.start().await;
    for (archive, text) in before {
        assert_eq!(read(&api, &archive).await.text, text, "{archive}");
        assert_eq!(read(&other, &archive).await.text, text, "{archive}");
    }
}

#[tokio::test]
async fn the_feed_of_a_search_that_finds_much_follows_its_best_hits() {
    let api = seeded().await;
    let response = get(&api, "/search/feed.atom?q=convention+185", &[]).await;
    assert_eq!(response.status(), 200);
    let feed = response.text().await.unwrap();
    assert!(
        feed.contains(": convention 185 (the first 1000 of "),
        "{feed:.500}"
    );
}

#[tokio::test]
async fn the_archive_of_a_search_ends_when_it_finds_other_records() {
    let api = seeded().await;
    let path = "/search/feed.atom?q=cybercrime+police";
    let archive = read(&api, path).await.link("prev-archive").unwrap();
    let eva = api.editor("eva").await;
    let source = json!({ "kind": "NEWS", "title": "Cybercrime police of Ruritania" });
    eva.publish(json!([{ "createSource": { "key": "x", "fields": source } }]))
        .await;
    let gone = get(&api, &archive, &[]).await;
    assert_eq!(gone.status(), 410);
    assert!(
        gone.text()
            .await
            .unwrap()
            .contains("the search finds other records now")
    );
    let current = read(&api, path).await;
    assert_eq!(current.entries[0].line, "Created: Source:x (version 1)");
    assert!(
        current
            .link("prev-archive")
            .is_some_and(|now| now != archive)
    );
}

#[tokio::test]
async fn an_entry_says_what_changed_in_which_record_and_when() {
    let api = seeded().await;
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "<b>Budapest</b> & \"more\"")).await;
    let data = api
        .query_once(
            "{ treaty(reference: \"ETS 185\") { permalink updatedAt } head { committedAt } }",
        )
        .await;
    let link = data["treaty"]["permalink"].as_str().unwrap();
    let at = data["treaty"]["updatedAt"].as_str().unwrap();
    let document = read(&api, "/treaties/ETS185/feed.atom").await;
    let entry = between(&document.text, "<entry>\n", "</entry>").unwrap();
    for expected in [
        "<title>Updated: &lt;b&gt;Budapest&lt;/b&gt; &amp; &quot;more&quot;</title>",
        &format!("<updated>{at}</updated>"),
        &format!("<link rel=\"alternate\" href=\"{link}\"/>"),
        "<name>eva</name>",
        "<category term=\"UPDATE\" scheme=\"http://localhost:8000/schema.graphql#ChangeOperation\" label=\"Updated\"/>",
        "<category term=\"TREATY\" scheme=\"http://localhost:8000/schema.graphql#RecordKind\" label=\"Treaty\"/>",
        "<summary type=\"text\">Treaty, version 2: Short title</summary>",
        "Updated: Treaty:ets-185 (version 2)\nShort title: Budapest Convention → &lt;b&gt;Budapest&lt;/b&gt;",
    ] {
        assert!(entry.contains(expected), "{expected}\n{entry}");
    }
    assert_eq!(
        document.link("self").unwrap(),
        "/treaties/ETS-185/feed.atom"
    );
    assert!(
        document
            .text
            .contains(&format!("<updated>{at}</updated>\n<link rel=\"self\""))
    );
    // The same change has the same id in every feed.
    let all = read(&api, "/feed.atom").await;
    assert_eq!(all.entries[0], document.entries[0]);
    // Another public address leaves ids as they are.
    let limits = Limits {
        public_url: "https://example.org/p".parse().unwrap(),
        ..roomy()
    };
    let other = Api::builder()
        .database(api.url.clone())
        .limits(limits)
        .start()
        .await;
    let moved = get(&other, "/feed.atom", &[]).await.text().await.unwrap();
    assert!(moved.contains("href=\"https://example.org/p/feed.atom?archive="));
    assert_eq!(Document::of(moved).entries[0], all.entries[0]);
}

#[tokio::test]
async fn a_record_that_leaves_a_treaty_stays_in_the_feeds_of_its_changes() {
    let api = seeded().await;
    let eva = api.editor("eva").await;
    let fields = json!({ "country": "IE", "titles": [{ "text": "A case", "language": "en" }], "treaty": "ETS 189" });
    let cite = json!([{ "source": "Source:coe-chart-185-2015" }]);
    eva.publish(
        json!([{ "createCourtDecision": { "key": "ie-a", "fields": fields, "cite": cite } }]),
    )
    .await;
    let update = |version: i32, set: Value| {
        json!([{ "updateCourtDecision": { "id": "CourtDecision:ie-a", "baseVersion": version, "set": set,
            "cite": cite } }])
    };
    eva.publish(update(1, json!({ "number": "1" }))).await;
    eva.publish(update(2, json!({ "treaty": "CETS 224" })))
        .await;
    eva.publish(update(3, json!({ "number": "2" }))).await;
    for (treaty, versions) in [("ETS-189", vec![3, 2, 1]), ("CETS-224", vec![4, 3])] {
        let document = read(&api, &format!("/treaties/{treaty}/feed.atom")).await;
        let of_case = document
            .entries
            .iter()
            .filter(|entry| entry.line.contains("CourtDecision:ie-a"));
        let lines: Vec<&str> = of_case.map(|entry| entry.line.as_str()).collect();
        let expected: Vec<String> = versions
            .iter()
            .map(|version| {
                let word = if *version == 1 { "Created" } else { "Updated" };
                format!("{word}: CourtDecision:ie-a (version {version})")
            })
            .collect();
        assert_eq!(lines, expected, "{treaty}");
    }
}

#[tokio::test]
async fn a_feed_is_revalidated_by_its_content_and_compressed() {
    let api = seeded().await;
    let path = "/countries/FR/feed.atom";
    let first = get(&api, path, &[]).await;
    let headers = first.headers().clone();
    assert_eq!(
        header_text(&headers, "content-type"),
        "application/atom+xml; charset=utf-8"
    );
    assert_eq!(
        header_text(&headers, "cache-control"),
        "public, max-age=0, must-revalidate"
    );
    assert!(!headers.contains_key("last-modified"));
    let tag = header_text(&headers, "etag").to_owned();
    let eva = api.editor("eva").await;
    // A change that is not in the feed leaves it as it is.
    eva.publish(retitle(1, "Renamed")).await;
    let known = [("if-none-match", &*tag)];
    let same = get(&api, path, &known).await;
    assert_eq!(same.status(), 304);
    assert_eq!(same.text().await.unwrap(), "");
    assert_eq!(get(&api, "/feed.atom", &known).await.status(), 200);
    let data = api
        .query_once("{ country(code: \"FR\") { version } }")
        .await;
    let version = &data["country"]["version"];
    let note = json!({ "designationNote": "A note." });
    eva.publish(
        json!([{ "updateCountry": { "id": "Country:fr", "baseVersion": version, "set": note } }]),
    )
    .await;
    assert_eq!(get(&api, path, &known).await.status(), 200);
    let head = api.request(Method::HEAD, path).send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_ne!(header_text(head.headers(), "etag"), tag);
    assert_eq!(head.text().await.unwrap(), "");
    let packed = get(&api, path, &[("accept-encoding", "gzip")]).await;
    assert_eq!(header_text(packed.headers(), "content-encoding"), "gzip");
}

#[tokio::test]
async fn a_feed_of_few_changes_or_none_has_no_archive() {
    let api = Api::empty().await;
    let none = read(&api, "/feed.atom").await;
    assert!(
        none.entries.is_empty()
            && none
                .text
                .contains("<updated>1970-01-01T00:00:00Z</updated>")
    );
    let redirected = get(&api, "/feed.atom?archive=0", &[]).await;
    // The client of the tests follows the redirect to the feed itself.
    assert_eq!(redirected.url().path(), "/feed.atom");
    assert_eq!(
        (redirected.status().as_u16(), redirected.url().query()),
        (200, None)
    );
    let fields = json!({ "kind": "NEWS", "title": "X" });
    let line = json!({ "createSource": { "key": "x", "fields": fields } }).to_string();
    api.import(&line, false).await.unwrap();
    let one = read(&api, "/feed.atom").await;
    assert_eq!((one.entries.len(), one.link("prev-archive")), (1, None));
}

#[tokio::test]
async fn invalid_addresses_of_feeds_are_refused_with_the_reason() {
    let api = seeded().await;
    for (path, status, said) in [
        (
            "/countries/zz/feed.atom",
            404,
            "there is no country with the code ZZ",
        ),
        ("/countries/uk/feed.atom", 400, "GB"),
        (
            "/countries/francia/feed.atom",
            400,
            ":\"\u{201c}FRANCIA\u{201d} does not fit: expected two letters of ISO 3166-1 alpha-2",
        ),
        (
            "/treaties/ETS-999/feed.atom",
            404,
            "there is no treaty with the reference ETS 999",
        ),
        (
            "/treaties/x/feed.atom",
            400,
            ":\"\u{201c}x\u{201d} does not fit: expected a series and a number or word",
        ),
        (
            "/sources/nothing/feed.atom",
            404,
            "there is no source with the key nothing",
        ),
        (
            "/search/feed.atom",
            400,
            "`q`: expected the words to search for",
        ),
        (
            "/search/feed.atom?q=%20",
            400,
            "`q`: expected the words to search for",
        ),
        ("/search/feed.atom?q=a&q=b", 400, "`q` is given twice"),
        (
            "/search/feed.atom?q=a&kind=planet",
            400,
            "`kind`: expected one of COUNTRY, TREATY,",
        ),
        (
            "/search/feed.atom?q=a&country=az,zzz",
            400,
            "`country`: \u{201c}ZZZ\u{201d} does not fit: expected two letters of ISO 3166-1 alpha-2",
        ),
        (
            "/search/feed.atom?q=a&kind=TREATY&kind=SOURCE",
            400,
            "`kind` is given twice",
        ),
        (
            "/feed.atom?page=2",
            400,
            "there is no parameter `page`: expected q=WORDS",
        ),
        (
            "/feed.atom?archive=123",
            404,
            "no archive page of this feed begins after the change 123: /feed.atom links to its pages",
        ),
        (
            "/feed.atom?archive=x",
            400,
            "`archive`: expected the number in a link of this feed",
        ),
        (
            "/feed.atom?archive=999999999",
            404,
            "`archive`: the log ends with the change",
        ),
        (
            "/feed.atom?archive=7",
            404,
            "no archive page of this feed begins after the change 7",
        ),
        (
            "/countries/fr/feed.atom?archive=1",
            404,
            "no archive page of this feed begins after the change 1",
        ),
    ] {
        let response = get(&api, path, &[]).await;
        let found = response.status().as_u16();
        let text = response.text().await.unwrap();
        assert_eq!(found, status, "{path}: {text}");
        assert!(text.contains(said), "{path}: {text}");
    }
    let long = format!("/search/feed.atom?q={}", "a".repeat(201));
    let long = get(&api, &long, &[]).await;
    assert_eq!(long.status(), 400);
    let text = long.text().await.unwrap();
    assert!(
        text.contains("`q`: expected at most 200 characters"),
        "{text}"
    );
    let secret = get(&api, "/feed.atom?access_token=x", &[]).await;
    assert_eq!(secret.status(), 401);
    let wrong = get(&api, "/feed.atom", &[("authorization", "Bearer nobody")]).await;
    assert_eq!(wrong.status(), 401);
}

#[tokio::test]
async fn a_feed_counts_against_the_quota_of_its_reader_and_not_against_limits_on_documents() {
    let limits = Limits {
        max_page_size: 1,
        max_depth: 2,
        max_anonymous_complexity: 3,
        max_anonymous_cost_per_second: 1,
        ..roomy()
    };
    let api = Api::builder().limits(limits).start().await;
    let first = get(&api, "/feed.atom", &[]).await;
    assert_eq!(first.status(), 200);
    assert!(header_text(first.headers(), "ratelimit").contains("cyberprofiles-points="));
    let mut last = first;
    for _ in 0..100 {
        last = get(&api, "/feed.atom", &[]).await;
        if last.status() == 429 {
            break;
        }
    }
    assert_eq!(last.status(), 429);
    assert!(last.headers().contains_key("retry-after"));
}
