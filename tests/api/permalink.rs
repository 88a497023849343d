//! Permalinks, bibliographic references, and the pages of records.

use cyberprofiles::graphql::limits::Limits;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::edge::header_text;
use crate::harness::{Api, cite, retitle, roomy};

/// The public address of a service that has no other.
const PUBLIC: &str = "http://localhost:8000";

/// Requests the page of a permalink from a server.
async fn page(api: &Api, permalink: &str, headers: &[(&str, &str)]) -> Response {
    let path = permalink.strip_prefix(PUBLIC).unwrap_or(permalink);
    let mut request = api.request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn text(api: &Api, permalink: &str) -> String {
    let response = page(api, permalink, &[]).await;
    let status = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(status, 200, "{text}");
    text
}

/// The message of a refused request, with its status.
async fn refused(api: &Api, path: &str) -> (u16, String) {
    let response = page(api, path, &[]).await;
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let message = body["errors"][0]["message"].as_str().unwrap();
    (status, message.to_owned())
}

async fn value(api: &Api, query: &str, pointer: &str) -> String {
    let data = api.query_once(query).await;
    let found = data.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{data:#}")).to_owned()
}

async fn permalink(api: &Api, id: &str) -> String {
    let query = format!("{{ node(id: \"{id}\") {{ ... on Record {{ permalink }} }} }}");
    value(api, &query, "/node/permalink").await
}

#[tokio::test]
async fn a_permalink_answers_the_same_bytes_after_a_thousand_changes_and_in_another_process() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "Convention of 2001")).await;
    // One record of each kind.
    let query = "{ treaty(reference: \"ETS 185\") { permalink } country(code: \"AZ\") { permalink }
        treatyEvents(first: 1) { nodes { permalink } } policyDocuments(first: 1) { nodes { permalink } }
        cybersecurityBodies(first: 1) { nodes { permalink } } operationalUnits(first: 1) { nodes { permalink } }
        articleImplementations(first: 1) { nodes { permalink } } courtDecisions(first: 1) { nodes { permalink } }
        sources(first: 1) { nodes { permalink } }
        records(first: 1, kinds: [COVERAGE_ASSERTION]) { nodes { permalink } }
        sections: records(first: 1, kinds: [PROFILE_SECTION]) { nodes { permalink } } }";
    let data = api.query_once(query).await;
    let of = |one: &Value| {
        let found = one.get("permalink").or(one.pointer("/nodes/0/permalink"));
        found.and_then(Value::as_str).unwrap().to_owned()
    };
    let permalinks: Vec<String> = data.as_object().unwrap().values().map(of).collect();
    assert_eq!(permalinks.len(), 11);
    let mut before = Vec::new();
    for permalink in &permalinks {
        before.push(text(&api, permalink).await);
    }
    eva.publish(retitle(2, "Convention of Budapest")).await;
    let renamed = json!([{ "updateCountry": { "id": "Country:az", "baseVersion": 2,
        "set": { "names": [{ "text": "Another name", "language": "en" }] } } }]);
    eva.publish(renamed).await;
    let lines: Vec<String> = (0..1_000)
        .map(|number| {
            let fields = json!({ "kind": "NEWS", "title": format!("Source {number}") });
            json!({ "createSource": { "key": format!("later-{number}"), "fields": fields } })
                .to_string()
        })
        .collect();
    api.import(&lines.join("\n"), false).await.unwrap();
    let other = Api::builder().database(api.url.clone()).start().await;
    for (permalink, before) in permalinks.iter().zip(&before) {
        assert_eq!(text(&api, permalink).await, *before, "{permalink}");
        assert_eq!(text(&other, permalink).await, *before, "{permalink}");
        let read: Value = serde_json::from_str(before).unwrap();
        // The page of a version names itself.
        assert_eq!(read["record"]["permalink"], **permalink);
        assert!(permalink.ends_with(read["record"]["id"].as_str().unwrap()));
    }
    let now = text(&api, "/records/Treaty:ets-185").await;
    assert!(
        now.contains("Convention of Budapest") && !before[0].contains("Convention of Budapest")
    );
}

#[tokio::test]
async fn equal_versions_have_equal_permalinks_and_the_chosen_day_is_kept() {
    let api = Api::seeded().await;
    let first = permalink(&api, "Treaty:ets-185").await;
    let eva = api.editor("eva").await;
    eva.publish(
        json!([{ "createSource": { "key": "x", "fields": { "kind": "NEWS", "title": "X" } } }]),
    )
    .await;
    assert_eq!(permalink(&api, "Treaty:ets-185").await, first);
    let head = value(&api, "{ head { cursor } }", "/head/cursor").await;
    let at = format!(
        "{{ at(cursor: \"{head}\") {{ treaty(reference: \"ETS 185\") {{ permalink }} }} }}"
    );
    assert_eq!(value(&api, &at, "/at/treaty/permalink").await, first);
    let on = "{ at(asOf: \"2010-03-15\") { treaty(reference: \"ETS 185\") { permalink } } }";
    let on = value(&api, on, "/at/treaty/permalink").await;
    let (moment, _) = first.rsplit_once(',').unwrap();
    assert_eq!(on, format!("{moment},2010-03-15"));
    eva.publish(retitle(1, "Renamed")).await;
    let second = permalink(&api, "Treaty:ets-185").await;
    assert_ne!(second, first);
    // A change leads to the version that it made.
    let change = "{ changes(last: 1) { nodes { record { id permalink } } } }";
    assert_eq!(
        value(&api, change, "/changes/nodes/0/record/permalink").await,
        second
    );
    assert_eq!(
        format!(
            "{PUBLIC}/records/{}",
            value(&api, change, "/changes/nodes/0/record/id").await
        ),
        second
    );
}

#[tokio::test]
async fn addresses_without_a_record_are_refused_with_the_reason() {
    let api = Api::seeded().await;
    let other = Api::empty().await;
    let before = value(&api, "{ head { cursor } }", "/head/cursor").await;
    let eva = api.editor("eva").await;
    eva.publish(
        json!([{ "createSource": { "key": "x", "fields": { "kind": "NEWS", "title": "X" } } }]),
    )
    .await;
    let later = api
        .store
        .cursors()
        .write(cyberprofiles::store::moment::Moment(1_000_000));
    let foreign = value(&other, "{ head { cursor } }", "/head/cursor").await;
    for (path, status, said) in [
        (
            "/records/Source:y".to_owned(),
            404,
            "there is no record Source:y",
        ),
        (
            format!("/records/Source:x@{before},2026-01-01"),
            404,
            "Source:x did not exist at that moment: /records/Source:x is the record as it stands",
        ),
        (
            format!("/records/Source:x@{before}"),
            404,
            "Source:x did not exist at that moment",
        ),
        (
            "/records/Planet:x".to_owned(),
            400,
            "after one of these kinds: Source, Country",
        ),
        ("/records/Country:AZ".to_owned(), 400, "lower-case letters"),
        (
            "/records/Source:x@".to_owned(),
            400,
            "this is not a cursor of the change log; cursors go from",
        ),
        (
            "/records/Source:x@abc,2020-01-01".to_owned(),
            400,
            "this is not a cursor of the change log",
        ),
        (
            format!("/records/Source:x@{later}"),
            400,
            "this cursor is after the newest change",
        ),
        (
            format!("/records/Source:x@{foreign}"),
            400,
            "this is a cursor of another database",
        ),
        (
            format!("/records/Country:az@{before},2020-02-30"),
            400,
            "a day as YYYY-MM-DD",
        ),
        (
            "/records/Country:az?form=json".to_owned(),
            400,
            "there is no parameter `form`: expected format=",
        ),
        (
            "/records/Country:az?format=xml".to_owned(),
            400,
            "expected one of json, csl-json, bibtex, text",
        ),
    ] {
        let found = refused(&api, &path).await;
        assert_eq!(found.0, status, "{path}: {found:?}");
        assert!(found.1.contains(said), "{path}: {found:?}");
    }
    let wrong = api
        .request(Method::POST, "/records/Country:az")
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 405);
}

#[tokio::test]
async fn a_retired_record_has_a_page_that_says_so() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    eva.publish(
        json!([{ "createSource": { "key": "x", "fields": { "kind": "NEWS", "title": "X" } } }]),
    )
    .await;
    let current = permalink(&api, "Source:x").await;
    eva.publish(
        json!([{ "retire": { "id": "Source:x", "baseVersion": 1, "reason": "It was wrong." } }]),
    )
    .await;
    let retired = permalink(&api, "Source:x").await;
    assert_ne!(retired, current);
    let read =
        async |path: &str| -> Value { serde_json::from_str(&text(&api, path).await).unwrap() };
    assert_eq!(read(&current).await["record"]["retired"], Value::Null);
    for path in [&*retired, "/records/Source:x"] {
        assert_eq!(
            read(path).await["record"]["retired"]["reason"],
            "It was wrong."
        );
    }
}

#[tokio::test]
async fn a_page_without_a_day_is_of_the_day_of_its_commit() {
    let api = Api::seeded().await;
    let head = value(&api, "{ head { cursor } }", "/head/cursor").await;
    let known = format!("{{ at(cursor: \"{head}\") {{ knownAt }} }}");
    let day = value(&api, &known, "/at/knownAt").await;
    let day = day.split('T').next().unwrap();
    let whole = text(&api, &format!("/records/Country:az@{head},{day}")).await;
    assert_eq!(
        text(&api, &format!("/records/Country:az@{head}")).await,
        whole
    );
    assert_eq!(
        text(&api, &format!("/records/Country%3Aaz%40{head}")).await,
        whole
    );
}

#[tokio::test]
async fn a_page_has_the_digest_of_its_version() {
    let api = Api::seeded().await;
    let query = "{ country(code: \"AZ\") { digest } }";
    let digest = value(&api, query, "/country/digest").await;
    let page = text(&api, "/records/Country:az").await;
    let page: Value = serde_json::from_str(&page).unwrap();
    assert_eq!(page["record"]["digest"], digest);
}

#[tokio::test]
async fn pages_are_cached_for_ever_or_revalidated() {
    let api = Api::seeded().await;
    let fixed = permalink(&api, "Treaty:ets-185").await;
    for (path, cache) in [
        (&*fixed, "public, max-age=31536000, immutable"),
        (
            "/records/Treaty:ets-185",
            "public, max-age=0, must-revalidate",
        ),
    ] {
        let response = page(&api, path, &[]).await;
        let headers = response.headers().clone();
        assert_eq!(header_text(&headers, "cache-control"), cache);
        assert!(
            header_text(&headers, "vary").contains("accept"),
            "{headers:?}"
        );
        let tag = header_text(&headers, "etag").to_owned();
        let again = page(&api, path, &[("if-none-match", &tag)]).await;
        assert_eq!(again.status(), 304);
        assert_eq!(header_text(again.headers(), "etag"), tag);
        assert_eq!(again.text().await.unwrap(), "");
        let path = path.strip_prefix(PUBLIC).unwrap_or(path);
        let head = api.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!(
            (head.status().as_u16(), header_text(head.headers(), "etag")),
            (200, &*tag)
        );
        assert_eq!(head.text().await.unwrap(), "");
    }
    // A change of another record leaves the tag valid.
    let tag = page(&api, "/records/Treaty:ets-185", &[]).await;
    let tag = header_text(tag.headers(), "etag").to_owned();
    let eva = api.editor("eva").await;
    let source =
        json!([{ "createSource": { "key": "x", "fields": { "kind": "NEWS", "title": "X" } } }]);
    eva.publish(source).await;
    let known = [("if-none-match", &*tag)];
    assert_eq!(
        page(&api, "/records/Treaty:ets-185", &known).await.status(),
        304
    );
    eva.publish(retitle(1, "Renamed")).await;
    assert_eq!(
        page(&api, "/records/Treaty:ets-185", &known).await.status(),
        200
    );
    let packed = page(
        &api,
        "/records/Treaty:ets-185",
        &[("accept-encoding", "gzip")],
    )
    .await;
    assert_eq!(header_text(packed.headers(), "content-encoding"), "gzip");
    let token = api
        .token(cyberprofiles::domain::viewer::Role::Editor, "eva")
        .await;
    let bearer = format!("Bearer {token}");
    let own = page(&api, &fixed, &[("authorization", &bearer)]).await;
    assert_eq!(
        header_text(own.headers(), "cache-control"),
        "private, max-age=31536000, immutable"
    );
    let wrong = page(&api, &fixed, &[("authorization", "Bearer nobody")]).await;
    assert_eq!(wrong.status(), 401);
}

#[tokio::test]
async fn references_are_negotiated_and_equal_those_of_the_schema() {
    let api = Api::seeded().await;
    let title = "100 % {safe} & \u{201c}sound\u{201d}, a_b \\ c";
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, title)).await;
    let query =
        "{ treaty(reference: \"ETS 185\") { permalink text: citeAs bibtex: citeAs(format: BIBTEX)
        csl: citeAs(format: CSL_JSON) } }";
    let treaty = api.query_once(query).await["treaty"].clone();
    let of = |name: &str| treaty[name].as_str().unwrap().to_owned();
    let link = of("permalink");
    assert!(of("text").contains(title) && of("text").ends_with(&link));
    assert!(
        of("bibtex").contains("100 \\% \\textbraceleft{}safe\\textbraceright{} \\& \u{201c}sound")
    );
    let csl: Value = serde_json::from_str(&of("csl")).unwrap();
    assert_eq!(
        (&csl[0]["title"], &csl[0]["URL"]),
        (&json!(title), &json!(link))
    );
    for (accept, format, kind, name) in [
        (
            "application/x-bibtex",
            "bibtex",
            "application/x-bibtex; charset=utf-8",
            "bibtex",
        ),
        (
            "application/vnd.citationstyles.csl+json",
            "csl-json",
            "application/vnd.citationstyles.csl+json",
            "csl",
        ),
        (
            "text/x-bibliography",
            "text",
            "text/x-bibliography; charset=utf-8",
            "text",
        ),
    ] {
        for path in [&*link, "/records/Treaty:ets-185"] {
            let response = page(&api, path, &[("accept", accept)]).await;
            assert_eq!(header_text(response.headers(), "content-type"), kind);
            assert_eq!(response.text().await.unwrap(), of(name));
        }
        let named = format!("{link}?format={format}");
        assert_eq!(text(&api, &named).await, of(name));
    }
    let html = page(&api, &link, &[("accept", "text/html,*/*;q=0.8")]).await;
    let kind = header_text(html.headers(), "content-type");
    assert_eq!(kind, "text/html; charset=utf-8");
    assert!(html.text().await.unwrap().contains("<h1"));
}

#[tokio::test]
async fn the_public_address_begins_every_permalink() {
    let limits = Limits {
        public_url: "https://example.org/profiles/".parse().unwrap(),
        ..roomy()
    };
    let api = Api::builder().limits(limits).start().await;
    let query = "{ serviceConfig { publicUrl } country(code: \"AZ\") { permalink citeAs } }";
    let data = api.query_once(query).await;
    assert_eq!(
        data["serviceConfig"]["publicUrl"],
        "https://example.org/profiles"
    );
    let link = data["country"]["permalink"].as_str().unwrap();
    assert!(
        link.starts_with("https://example.org/profiles/records/Country:az@"),
        "{link}"
    );
    assert!(data["country"]["citeAs"].as_str().unwrap().ends_with(link));
    let path = link.strip_prefix("https://example.org/profiles").unwrap();
    assert!(text(&api, path).await.contains(link));
}

#[tokio::test]
async fn pages_are_answered_beside_limits_on_documents_and_count_against_the_quota() {
    let limits = Limits {
        max_depth: 2,
        max_anonymous_complexity: 3,
        max_anonymous_cost_per_second: 1,
        ..roomy()
    };
    let api = Api::builder().limits(limits).start().await;
    let first = page(&api, "/records/Country:az", &[]).await;
    assert_eq!(first.status(), 200);
    let left = header_text(first.headers(), "ratelimit").to_owned();
    assert!(left.starts_with("\"anonymous\";r="), "{left}");
    let mut last = first;
    for _ in 0..10 {
        last = page(&api, "/records/Country:az", &[]).await;
    }
    assert_eq!(last.status(), 429);
    assert!(last.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn a_citation_adds_a_version_and_a_permalink() {
    let api = Api::seeded().await;
    let first = permalink(&api, "Treaty:ets-185").await;
    let eva = api.editor("eva").await;
    let cited = json!([{ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1,
        "cite": [{ "source": cite()[0]["source"], "fields": ["SHORT_TITLE"], "locator": "p. 9" }] } }]);
    eva.publish(cited).await;
    let second = permalink(&api, "Treaty:ets-185").await;
    assert_ne!(first, second);
    assert!(text(&api, &second).await.contains("p. 9"));
    assert!(!text(&api, &first).await.contains("p. 9"));
}

#[test]
fn an_invalid_public_address_is_refused_at_the_start_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    for address in [
        "https://me:hidden@example.org",
        "example.org",
        "https://example.org/?a",
    ] {
        let output = crate::program::program(folder.path())
            .args(["serve", "--public-url", address])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{address}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("--public-url") && said.contains("expected an http or https address"),
            "{said}"
        );
        assert!(!said.contains("hidden"), "{said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
