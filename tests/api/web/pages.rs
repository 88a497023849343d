//! Every page over HTTP: status, structure, headers, links, caches, refusals.

use std::collections::BTreeSet;

use reqwest::{Method, Response};

use super::addresses::{EMBEDDED, FORMS, PAGES, Personal, REFUSED, WEIGHTS, WIDEST, personal};
use super::html::{Html, PUBLIC};
use crate::effect::Time;
use crate::harness::Api;
use cyberprofiles::domain::viewer::Role;
use cyberprofiles::http::Settings;

/// The number of addresses that are followed from the pages of the table, at most.
const CRAWLED: usize = 400;

/// Opens an address as a browser does.
pub async fn open(api: &Api, path: &str, language: &str) -> Response {
    open_as(api, path, language, None).await
}

/// Opens an address as the browser of a person who signed in does.
pub async fn open_as(api: &Api, path: &str, language: &str, token: Option<&str>) -> Response {
    let request = api.request(Method::GET, path);
    let mut request = request.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    if let Some(token) = token {
        request = request.header("cookie", format!("cyberprofiles-session={token}"));
    }
    request
        .header("accept-language", language)
        .send()
        .await
        .unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

/// Reads a page, and adds to the faults what is not as it is on every page.
async fn whole(
    api: &Api,
    (path, language, says): (&str, &str, &str),
    token: Option<&str>,
    faults: &mut Vec<String>,
) -> Html {
    let response = open_as(api, path, language, token).await;
    let mut expect = |is_right: bool, fault: &str| {
        if !is_right {
            let person = if token.is_some() { " (signed in)" } else { "" };
            faults.push(format!("{path}{person} in {language}: {fault}"));
        }
    };
    expect(
        response.status() == 200,
        &format!("status {}", response.status()),
    );
    expect(header(&response, "set-cookie").is_empty(), "a cookie");
    // Embedded pages allow no scripts at all.
    let is_embedded = path.starts_with("/embed/");
    let (parts, old): (&[&str], &str) = if is_embedded {
        (&["frame-ancestors *"], "")
    } else {
        let parts = &[
            "script-src 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ];
        (parts, "DENY")
    };
    let policy = header(&response, "content-security-policy");
    let shared = ["default-src 'none'", "style-src 'self'"];
    for part in parts.iter().copied().chain(shared) {
        expect(policy.contains(part), &format!("no {part} in {policy}"));
    }
    expect(!policy.contains("unsafe"), policy);
    for (name, value) in [
        ("x-frame-options", old),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        let found = header(&response, name);
        expect(found == value, &format!("{name} is {found:?}"));
    }
    if token.is_none() {
        let vary = header(&response, "vary");
        expect(vary.contains("accept-language"), "vary");
    } else {
        expect(
            header(&response, "cache-control").contains("no-store"),
            "is stored",
        );
    }
    let text = response.text().await.unwrap();
    let html = Html::read(&text);
    for fault in html.faults() {
        expect(false, &fault);
    }
    let found = html.all("html").find_map(|tag| tag.get("lang"));
    expect(found == Some(language), "another language");
    expect(
        html.text_of("main").contains(says),
        &format!("does not say {says:?}"),
    );
    html
}

#[tokio::test]
async fn every_page_is_whole_in_both_languages_and_its_links_lead_to_pages() {
    let api = Api::seeded().await;
    let mut faults = Vec::new();
    let mut links = BTreeSet::new();
    let mut alternates = BTreeSet::new();
    for page in PAGES.iter().chain(EMBEDDED) {
        for (language, says) in ["en", "fr"].into_iter().zip(page.says) {
            let html = whole(&api, (page.path, language, says), None, &mut faults).await;
            links.extend(html.inner_links());
            let others = html
                .all("link")
                .filter(|tag| tag.get("rel") == Some("alternate"));
            let others = others.filter_map(|tag| tag.get("href").zip(tag.get("type")));
            alternates.extend(others.map(|(link, kind)| (link.to_owned(), kind.to_owned())));
        }
    }
    for (link, kind) in alternates {
        let response = open(&api, &link, "en").await;
        let found = header(&response, "content-type")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let is_right = response.status() == 200 && kind.split(';').next() == Some(&*found);
        if !is_right {
            faults.push(format!(
                "{link}: {} {found} and not {kind}",
                response.status()
            ));
        }
    }
    // Addresses of one kind are alike: a few of each are followed.
    let mut kinds = std::collections::BTreeMap::new();
    let mut followed = 0;
    for link in links {
        let path = link.split('?').next().unwrap();
        let kind = path
            .rsplit_once('/')
            .map_or("", |(kind, _)| kind)
            .to_owned();
        let of_kind: &mut usize = kinds.entry(kind).or_default();
        *of_kind += 1;
        if *of_kind > 12 || followed == CRAWLED {
            continue;
        }
        followed += 1;
        let response = open(&api, &link, "en").await;
        if response.status() != 200 {
            faults.push(format!("{link}: {}", response.status()));
        }
    }
    assert!(followed > 10 && faults.is_empty(), "{followed} {faults:#?}");
}

#[tokio::test]
async fn every_page_of_people_is_whole_and_its_links_lead_to_pages() {
    let api = Api::seeded().await;
    let mut faults = Vec::new();
    let mut links = BTreeSet::new();
    let author = api.token(Role::Contributor, "carla").await;
    let forms = FORMS.iter().map(|form| Personal {
        path: format!("/contribute/{form}"),
        token: Some(author.clone()),
        says: [""; 2],
    });
    for page in personal(&api).await.into_iter().chain(forms) {
        for (language, says) in ["en", "fr"].into_iter().zip(page.says) {
            let token = page.token.as_deref();
            let html = whole(&api, (&page.path, language, says), token, &mut faults).await;
            let inner = html.inner_links().into_iter();
            links.extend(inner.map(|link| (link, page.token.clone())));
        }
    }
    let mut kinds = std::collections::BTreeMap::new();
    for (link, token) in links {
        let path = link.split('?').next().unwrap();
        let kind = path.rsplit_once('/').map_or("", |(kind, _)| kind);
        let of_kind: &mut usize = kinds.entry(kind.to_owned()).or_default();
        *of_kind += 1;
        if *of_kind > 12 {
            continue;
        }
        let response = open_as(&api, &link, "en", token.as_deref()).await;
        if response.status() != 200 {
            faults.push(format!("{link}: {}", response.status()));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[tokio::test]
async fn the_legend_of_the_map_counts_as_the_council_of_europe_did() {
    let api = Api::seeded().await;
    for (day, bound) in [
        ("2012-06-30", 35),
        ("2015-09-30", 47),
        ("2017-07-11", 55),
        ("2018-06-29", 60),
        ("2021-04-28", 66),
        ("2023-10-09", 68),
        ("2024-02-07", 69),
    ] {
        let path = format!("/treaties/ETS-185?on={day}");
        let html = Html::read(&open(&api, &path, "en").await.text().await.unwrap());
        let mut counted = 0;
        let mut class = "";
        for tag in &html.0 {
            class = tag.get("data-class").unwrap_or(class);
            if tag.name == "li" && tag.is_end {
                class = "";
            }
            let is_bound = matches!(class, "party" | "contracting");
            if is_bound && tag.name == "span" && !tag.is_end {
                let (_, count) = tag.text.rsplit_once(": ").unwrap();
                counted += count.parse::<u32>().unwrap();
            }
        }
        assert_eq!(counted, bound, "{day}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_told_as_a_page() {
    let api = Api::seeded().await;
    for (path, status) in REFUSED {
        for language in ["en", "fr"] {
            let response = open(&api, path, language).await;
            assert_eq!(response.status(), *status, "{path}");
            assert!(
                header(&response, "content-type").starts_with("text/"),
                "{path}"
            );
            assert!(header(&response, "content-security-policy").contains("default-src 'none'"));
            assert_eq!(header(&response, "cache-control"), "no-store", "{path}");
            if header(&response, "content-type").starts_with("text/html") {
                let html = Html::read(&response.text().await.unwrap());
                assert_eq!(html.faults(), [""; 0], "{path}");
            }
        }
    }
    // A form from another site, and a method that no page knows.
    let posted = api
        .request(Method::POST, "/graphiql")
        .header("sec-fetch-site", "cross-site");
    let posted = posted
        .form(&[("query", "{ head { sequence } }")])
        .send()
        .await
        .unwrap();
    assert_eq!(posted.status(), 403);
    let put = api.request(Method::PUT, "/about").send().await.unwrap();
    assert_eq!(
        (put.status().as_u16(), header(&put, "allow")),
        (405, "GET, HEAD")
    );
}

#[tokio::test]
async fn an_unchanged_page_is_304_and_the_next_commit_changes_it() {
    let api = Api::seeded().await;
    let ask = async |tag: &str| {
        let request = api
            .request(Method::GET, "/countries")
            .header("accept-language", "en");
        request.header("if-none-match", tag).send().await.unwrap()
    };
    let first = ask("\"none\"").await;
    let tag = header(&first, "etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(
        header(&first, "cache-control"),
        "public, max-age=0, must-revalidate"
    );
    assert_eq!(ask(&tag).await.status(), 304);
    let french = api
        .request(Method::GET, "/countries")
        .header("accept-language", "fr");
    let french = french.header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(french.status(), 200);
    let eva = api.editor("eva").await;
    eva.publish(crate::harness::retitle(1, "Seen")).await;
    assert_eq!(ask(&tag).await.status(), 200);
}

#[tokio::test]
async fn a_permanent_address_shows_the_same_after_a_thousand_changes_and_on_another_day() {
    let time = Time::at("2026-01-10T08:00:00Z");
    let api = Api::builder().clock(time.clock()).start().await;
    let main = async |api: &Api, link: &str| {
        let response = open(api, link, "en").await;
        assert_eq!(response.status(), 200, "{link}");
        let text = response.text().await.unwrap();
        let (_, rest) = text.split_once("<main").unwrap();
        rest.split_once("</main>").unwrap().0.to_owned()
    };
    let mut kept = Vec::new();
    let paths = PAGES.iter().map(|page| page.path);
    for path in paths.chain([WIDEST]) {
        let text = open(&api, path, "en").await.text().await.unwrap();
        let html = Html::read(&text);
        let link = html.all("a").find(|tag| tag.get("id") == Some("permalink"));
        if let Some(link) = link.and_then(|tag| tag.get("href")) {
            let link = link.strip_prefix(PUBLIC).unwrap().to_owned();
            kept.push((main(&api, &link).await, link));
        }
    }
    assert!(!kept.is_empty());
    let eva = api.editor("eva").await;
    eva.publish(crate::harness::retitle(1, "Renamed")).await;
    let disclaimer = serde_json::json!([{ "updateCountry": { "id": "Country:az", "baseVersion": 2,
        "set": { "disclaimer": "Changed" }, "cite": crate::harness::cite() } }]);
    eva.publish(disclaimer).await;
    let later = |number: i32| {
        let fields = serde_json::json!({ "kind": "NEWS", "title": format!("Source {number}") });
        let source = serde_json::json!({ "createSource": { "key": format!("later-{number}"), "fields": fields } });
        source.to_string()
    };
    let lines: Vec<String> = (0..1_000).map(later).collect();
    api.import(&lines.join("\n"), false).await.unwrap();
    time.set("2027-03-01T08:00:00Z");
    // A process that has no page in its cache.
    let other = Api::builder().database(api.url.clone()).clock(time.clock());
    let api = other.start().await;
    for (before, link) in kept {
        assert_eq!(main(&api, &link).await, before, "{link}");
    }
}

#[tokio::test]
async fn pages_are_small_with_everything_that_they_load() {
    let api = Api::seeded().await;
    let bytes = async |path: &str| {
        let request = api.request(Method::GET, path).header("accept", "text/html");
        let response = request
            .header("accept-encoding", "gzip")
            .send()
            .await
            .unwrap();
        response.bytes().await.unwrap().len()
    };
    for (path, most) in WEIGHTS {
        let html = Html::read(&open(&api, path, "en").await.text().await.unwrap());
        let styles = html
            .all("link")
            .filter(|tag| tag.get("rel") == Some("stylesheet"));
        let scripts = html.all("script").filter_map(|tag| tag.get("src"));
        let mut sum = bytes(path).await;
        for file in styles.filter_map(|tag| tag.get("href")).chain(scripts) {
            sum += bytes(file).await;
        }
        assert!(sum <= *most, "{path}: {sum} bytes");
    }
}

#[tokio::test]
async fn the_contact_of_the_operator_is_shown_where_readers_look_for_help() {
    let silent = Api::builder().empty().start().await;
    let told = |contact: &str| {
        let settings = Settings {
            contact: Some(contact.parse().unwrap()),
            ..Settings::default()
        };
        Api::builder().empty().http(settings).start()
    };
    let (mail, page) = (
        told("desk@example.org").await,
        told("https://example.org/desk").await,
    );
    for path in ["/about", "/accessibility", "/licence", "/privacy"] {
        let read = async |api: &Api| open(api, path, "en").await.text().await.unwrap();
        assert!(
            read(&silent)
                .await
                .contains("The operator gave no contact."),
            "{path}"
        );
        assert!(
            read(&mail)
                .await
                .contains("href=\"mailto:desk@example.org\""),
            "{path}"
        );
        assert!(
            read(&page)
                .await
                .contains("href=\"https://example.org/desk\""),
            "{path}"
        );
        let html = Html::read(&read(&silent).await);
        assert!(
            html.all("h2").any(|tag| tag.get("id") == Some("help")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn files_of_pages_name_no_other_origin_and_are_kept_for_good() {
    let api = Api::empty().await;
    let html = Html::read(&open(&api, "/about", "en").await.text().await.unwrap());
    let styles = html
        .all("link")
        .filter(|tag| tag.get("rel") == Some("stylesheet"));
    let styles = styles.filter_map(|tag| tag.get("href"));
    let scripts = html.all("script").filter_map(|tag| tag.get("src"));
    for file in styles.chain(scripts) {
        let response = open(&api, file, "en").await;
        assert_eq!(response.status(), 200, "{file}");
        assert!(
            header(&response, "cache-control").contains("immutable"),
            "{file}"
        );
        let text = response.text().await.unwrap();
        for other in ["http:", "https:", "@import", "url(//"] {
            let is_namespace =
                text.matches(other).count() == text.matches("http://www.w3.org/").count();
            assert!(is_namespace || !text.contains(other), "{other} in {file}");
        }
    }
}
