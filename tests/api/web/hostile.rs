//! Texts of records that would be markup, scripts or other addresses: pages show them as text. And requests that no
//! browser sends: each answer is a page that says what would be right.

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;
use reqwest::{Method, Response};
use serde_json::json;

use super::addresses::{EMBEDDED, PAGES};
use super::html::Html;
use super::pages::open;
use crate::harness::{Api, Builder, roomy};

/// A text that runs in a page that does not escape it.
const HOSTILE: &str = "<script>hostile()</script>\"'><img src=x onerror=hostile()>{{7*7}}";
/// Markdown that would run, load or lead elsewhere.
const MARKDOWN: &str = "# Hostile\n\n<script>hostile()</script> <img src=x onerror=hostile()> \
    ![x](https://example.org/x.png) [go](javascript:hostile()) [data](data:text/html,x) <b onclick=hostile()>b</b>";

/// Records of Andorra with hostile texts in each field that pages show.
fn records() -> serde_json::Value {
    let cite = json!([{ "source": "Source:hostile", "locator": HOSTILE, "quote": HOSTILE }]);
    json!([
        { "createSource": { "key": "hostile", "fields": {
            "kind": "WEB_PAGE", "title": HOSTILE, "publisher": HOSTILE, "licence": HOSTILE,
            "url": "https://example.org/?\"><script>hostile()</script>"
        } } },
        { "createCybersecurityBody": { "key": "hostile", "fields": {
            "kind": "OTHER", "status": "OPERATIONAL", "country": "AD", "names": [{ "text": HOSTILE, "language": "en" }],
            "mandate": HOSTILE
        }, "cite": cite } },
        { "createProfileSection": { "key": "hostile", "fields": {
            "topic": "POLICIES", "state": "FILLED", "body": MARKDOWN, "language": "en", "country": "AD"
        }, "cite": cite } },
        { "updateCountry": { "id": "Country:ad", "baseVersion": 1, "set": { "disclaimer": HOSTILE }, "cite": cite } },
        { "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": 1, "set": { "shortTitle": HOSTILE }, "cite": cite } },
    ])
}

#[tokio::test]
async fn hostile_texts_are_shown_and_never_markup() {
    let api = Api::seeded().await;
    let eva = api.editor("eva").await;
    eva.publish(records()).await;
    for path in [
        "/",
        "/treaties",
        "/treaties/ETS-185",
        "/treaties/ETS-185/events",
        "/embed/treaties/ETS-185",
        "/countries/AD",
        "/countries/AD/history",
        "/compare?country=AD&country=AZ",
        "/changes",
        "/search?q=hostile",
        "/search?q=%3Cscript%3Ehostile()",
        "/sources/hostile",
        "/records/CybersecurityBody:hostile",
        "/records/ProfileSection:hostile",
        "/records/Country:ad/history",
        "/contribute?country=AD&record=ProfileSection:hostile",
        "/sign-in?back=%22%3E%3Cscript%3Ehostile()%3C/script%3E",
        "/countries",
        "/countries?%22%3E%3Cscript%3Ehostile()%3C/script%3E=1",
        "/%3Cscript%3Ehostile()%3C/script%3E",
        "/graphiql?run=1&query=%3Cscript%3Ehostile()%3C/script%3E",
    ] {
        let page = open(&api, path, "en").await.text().await.unwrap();
        for markup in [
            "<script>hostile",
            "<img src=x",
            "<b onclick",
            "\"javascript:",
            "{{7*7}}\"49",
        ] {
            assert!(
                !page.to_lowercase().contains(markup),
                "{markup} in {path}: {page}"
            );
        }
        assert_eq!(Html::read(&page).faults(), [""; 0], "{path}");
    }
}

/// The header of a response.
fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

/// Expects a page that is whole, and returns it.
async fn whole(response: Response, what: &str) -> String {
    assert!(
        header(&response, "content-type").starts_with("text/html"),
        "{what}: {:?}",
        response.headers()
    );
    let text = response.text().await.unwrap();
    assert_eq!(Html::read(&text).faults(), [""; 0], "{what}: {text}");
    assert!(!text.contains('\0'), "{what}");
    text
}

#[tokio::test]
async fn an_address_that_nobody_types_is_answered_with_a_short_page() {
    let api = Api::seeded().await;
    let long = "a".repeat(20_000);
    let many: Vec<String> = (0..300).map(|number| format!("x{number}=1&")).collect();
    let many = many.concat();
    for (path, status) in [
        (format!("/{long}"), 414),
        (format!("/countries/{long}"), 414),
        (format!("/countries/{}", "%41".repeat(5_000)), 414),
        (format!("/countries/AZ?{long}"), 414),
        ("/countries/%00".to_owned(), 400),
        ("/%00".to_owned(), 400),
        ("/search?q=%00".to_owned(), 400),
        ("/search?q=a%0Ab%09c".to_owned(), 200),
        ("/search?q=%FF%FE".to_owned(), 200),
        ("/treaties/ETS-185?status=%1B".to_owned(), 400),
        ("/countries/AZ%0d%0aSet-Cookie:x=y".to_owned(), 400),
        ("/countries/%".to_owned(), 404),
        ("/countries/%zz".to_owned(), 404),
        ("/countries/%ff%fe".to_owned(), 404),
        ("/countries/%2e%2e/%2e%2e/etc/passwd".to_owned(), 404),
        ("//evil.example".to_owned(), 404),
        ("/countries//AZ".to_owned(), 404),
        ("/countries/AZ;x=1".to_owned(), 404),
        ("/countries/AZ?%=%&%ff=%ff".to_owned(), 200),
        (format!("/compare?{many}"), 200),
        ("/countries?on=2020-01-01&on=2021-01-01".to_owned(), 200),
        ("/countries/AZ?lang=fr&lang=en".to_owned(), 200),
        ("/countries/AZ?lang=xx".to_owned(), 200),
        ("/countries/AZ?access_token=x".to_owned(), 401),
        ("/sign-in?back=//evil.example".to_owned(), 200),
    ] {
        for language in ["en", "fr"] {
            let response = open(&api, &path, language).await;
            assert_eq!(response.status(), status, "{path}");
            assert!(!response.headers().contains_key("set-cookie"));
            let challenge = header(&response, "www-authenticate");
            assert_eq!(challenge.is_empty(), status != 401, "{path}");
            let text = whole(response, &path).await;
            assert!(
                status == 200 || text.len() < 6_000,
                "{path}: {}",
                text.len()
            );
        }
    }
}

#[tokio::test]
async fn a_page_tells_which_methods_it_takes() {
    let api = Api::builder().empty().start().await;
    for (method, path, status, allow) in [
        ("PUT", "/about", 405, "GET, HEAD"),
        ("POST", "/about", 405, "GET, HEAD"),
        ("DELETE", "/countries/AZ", 405, "GET, HEAD"),
        ("TRACE", "/", 405, "GET, HEAD"),
        ("get", "/about", 405, "GET, HEAD"),
        ("FOO", "/graphiql", 405, "GET, HEAD, POST"),
        ("GET", "/sign-out", 405, "POST"),
        ("PATCH", "/nothing", 404, ""),
        ("OPTIONS", "/about", 204, "GET, HEAD, OPTIONS"),
        ("OPTIONS", "/contribute", 204, "GET, HEAD, POST, OPTIONS"),
        ("OPTIONS", "/schema.graphql", 204, "GET,HEAD, OPTIONS"),
        ("OPTIONS", "/graphql", 204, "GET,HEAD,POST, OPTIONS"),
        ("OPTIONS", "/nothing", 404, ""),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = api.request(method.clone(), path);
        let response = request.header("accept", "text/html").send().await.unwrap();
        let told = (response.status().as_u16(), header(&response, "allow"));
        assert_eq!(told, (status, allow), "{method} {path}");
        if status == 204 {
            assert_eq!(response.text().await.unwrap(), "");
        } else {
            whole(response, path).await;
        }
    }
    let style = open(&api, "/about", "en").await.text().await.unwrap();
    let style = Html::read(&style);
    let style = style
        .all("link")
        .find_map(|tag| tag.get("href").filter(|href| href.contains(".css")));
    let posted = api
        .request(Method::POST, style.unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        (posted.status().as_u16(), header(&posted, "allow")),
        (405, "GET, HEAD")
    );
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let api = Api::seeded().await;
    let absent = [
        "/nothing",
        "/countries/ZZ",
        "/countries.csv",
        "/treaties/ETS-185.svg",
    ];
    let pages = PAGES.iter().chain(EMBEDDED).map(|page| page.path);
    for path in pages.chain(absent) {
        let ask = async |method: Method| {
            let request = api.request(method, path).header("accept", "text/html");
            request
                .header("accept-language", "en")
                .send()
                .await
                .unwrap()
        };
        let (get, head) = (ask(Method::GET).await, ask(Method::HEAD).await);
        assert_eq!(head.status(), get.status(), "{path}");
        for name in [
            "content-type",
            "etag",
            "cache-control",
            "vary",
            "content-security-policy",
        ] {
            assert_eq!(header(&head, name), header(&get, name), "{path}: {name}");
        }
        assert_eq!(head.text().await.unwrap(), "", "{path}");
    }
}

#[tokio::test]
async fn headers_that_make_no_sense_are_ignored() {
    let api = Api::seeded().await;
    let ask = async |headers: &[(&str, &[u8])]| {
        let mut request = api.request(Method::GET, "/countries");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    };
    let tag = ask(&[]).await.headers()["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    let listed = format!("\"a\", W/\"b\",,, {tag}, \"c");
    let commas = ",".repeat(4_000);
    for (headers, status, language) in [
        (&[("accept-language", &b"\xff\xfe"[..])][..], 200, "en"),
        (&[("accept-language", b",,;;q=,q=;fr;q=nan")], 200, "en"),
        (&[("accept-language", b"fr;q=inf")], 200, "en"),
        (&[("accept-language", b"*, fr;q=0.5")], 200, "en"),
        (&[("accept-language", b"fr-CA")], 200, "fr"),
        (&[("accept-encoding", b";;;,q=x,gzip;q=nan")], 200, "en"),
        (&[("accept-encoding", b"identity;q=0")], 200, "en"),
        (&[("accept-encoding", b"\xff")], 200, "en"),
        (&[("accept", b"\xff")], 200, "en"),
        (&[("range", b"bytes=0-1")], 200, "en"),
        (&[("cookie", b"cyberprofiles-session=\xff; =;;")], 200, "en"),
        (&[("x-forwarded-for", b"\xff, nonsense")], 200, "en"),
        (&[("if-none-match", b"\xff")], 200, "en"),
        (&[("if-none-match", commas.as_bytes())], 200, "en"),
        (&[("if-none-match", b"\"none\"")], 200, "en"),
        (&[("if-none-match", listed.as_bytes())], 304, ""),
        (&[("if-none-match", b"*")], 304, ""),
        (
            &[
                ("if-none-match", b"\"none\""),
                ("if-none-match", listed.as_bytes()),
            ],
            304,
            "",
        ),
    ] {
        let response = ask(headers).await;
        assert_eq!(response.status(), status, "{headers:?}");
        if status == 200 {
            let text = whole(response, &format!("{headers:?}")).await;
            let found = Html::read(&text);
            assert_eq!(
                found.all("html").find_map(|tag| tag.get("lang")),
                Some(language)
            );
        }
    }
    let absent = api
        .request(Method::GET, "/countries/ZZ")
        .header("if-none-match", "*");
    assert_eq!(absent.send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_form_that_cannot_be_taken_is_refused_with_its_reason() {
    let limits = Limits {
        max_body_bytes: 10_000,
        ..roomy()
    };
    let api = Api::builder().empty().limits(limits).start().await;
    let form = "application/x-www-form-urlencoded";
    let fields = "a=b&".repeat(2_499);
    for (path, kind, body, status) in [
        ("/contribute", form, "x".repeat(10_001), 413),
        ("/graphiql", form, "x".repeat(10_001), 413),
        ("/contribute", "application/json", "{}".to_owned(), 415),
        ("/contribute", "", "a=b".to_owned(), 415),
        ("/contribute", form, "%00=%ff&&&=%".to_owned(), 400),
        ("/contribute", form, fields, 400),
        ("/review/x", form, "a=b".to_owned(), 400),
    ] {
        let request = api.request(Method::POST, path).header("content-type", kind);
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.status(), status, "{path} {kind}");
        whole(response, path).await;
    }
}

#[tokio::test]
async fn every_page_counts_and_tells_what_is_left() {
    let limits = Limits {
        max_anonymous_cost_per_second: 50_000,
        max_cost_per_second: 50_000,
        ..roomy()
    };
    let api = Api::builder().limits(limits).start().await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/about"),
        ("GET", "/privacy"),
        ("GET", "/sign-in"),
        ("GET", "/contribute"),
        ("GET", "/graphiql"),
        ("GET", "/countries/AZ"),
        ("GET", "/countries/ZZ"),
        ("GET", "/countries?on=x"),
        ("GET", "/countries/"),
        ("GET", "/account"),
        ("GET", "/nothing"),
        ("GET", "/nothing/%00"),
        ("PUT", "/about"),
        ("POST", "/sign-in"),
        ("POST", "/sign-out"),
        ("POST", "/contribute"),
        ("HEAD", "/about"),
    ] {
        for accept in ["text/html", "application/json"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let request = api.request(method.clone(), path).header("accept", accept);
            let response = request.send().await.unwrap();
            let told = header(&response, "ratelimit");
            assert!(
                told.starts_with("\"anonymous\";r="),
                "{method} {path}: {told}"
            );
        }
    }
}

#[tokio::test]
async fn under_a_small_quota_a_page_can_be_read_after_the_wait_that_is_told() {
    let limits = Limits {
        max_anonymous_cost_per_second: 2,
        ..roomy()
    };
    let api = Builder::default().limits(limits).start().await;
    let mut refused = None;
    for _ in 0..60 {
        let response = open(&api, "/countries/AZ", "en").await;
        if response.status() == 429 {
            refused = Some(response);
            break;
        }
        assert_eq!(response.status(), 200);
    }
    let refused = refused.unwrap();
    let wait: u64 = header(&refused, "retry-after").parse().unwrap();
    assert!((1..=10).contains(&wait), "{wait}");
    whole(refused, "429").await;
    tokio::time::sleep(std::time::Duration::from_secs(wait)).await;
    assert_eq!(open(&api, "/countries/AZ", "en").await.status(), 200);
}

#[tokio::test]
async fn the_session_cannot_be_used_by_pages_of_other_origins() {
    let http = cyberprofiles::http::Settings {
        allow_origins: vec!["https://app.example.org".parse().unwrap()],
        allow_credentials: true,
        ..cyberprofiles::http::Settings::default()
    };
    let api = Api::builder().empty().http(http).start().await;
    let token = api.token(Role::Editor, "eva").await;
    let ask = async |method: Method, path: &str, site: Option<(&str, &str)>| {
        let mut request = api.request(method, path);
        request = request.header("cookie", format!("cyberprofiles-session={token}"));
        request = request.header("origin", "https://app.example.org");
        if let Some((site, mode)) = site {
            request = request
                .header("sec-fetch-site", site)
                .header("sec-fetch-mode", mode);
        }
        request
    };
    let same_site = Some(("same-site", "cors"));
    for site in [same_site, Some(("cross-site", "cors")), None] {
        for path in ["/account", "/review/live"] {
            let response = ask(Method::GET, path, site).await.send().await.unwrap();
            assert_eq!(response.status(), 401, "{path} {site:?}");
        }
        let form = ask(Method::POST, "/account", site)
            .await
            .form(&[("a", "b")]);
        assert_eq!(form.send().await.unwrap().status(), 403, "{site:?}");
    }
    // The GraphQL endpoint reads no cookie, wherever the request comes from.
    for site in [same_site, Some(("same-origin", "cors"))] {
        let query = json!({ "query": "{ viewer { role } }" });
        let asked = ask(Method::POST, "/graphql", site).await.json(&query);
        let answer: serde_json::Value = asked.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["data"]["viewer"]["role"], "ANONYMOUS", "{site:?}");
    }
    for site in [
        ("same-origin", "cors"),
        ("none", "navigate"),
        ("same-site", "navigate"),
    ] {
        let response = ask(Method::GET, "/account", Some(site))
            .await
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{site:?}");
    }
}
