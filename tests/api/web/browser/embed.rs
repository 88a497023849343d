//! Pages in frames of another site: embedded pages are shown there, all others refuse.

use std::time::Duration;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::chromium::Tab;
use super::{browser, open, texts};
use crate::harness::Api;
use crate::web::addresses::{EMBEDDED, PAGES};
use crate::web::html::PUBLIC;

/// The codes for other sites that a page offers.
const CODES: &str = "[...document.querySelectorAll('pre code')].map((one) => one.textContent) \
    .filter((one) => one.startsWith('<iframe'))";
/// Answers that are no pages of readers: the console, pages of people, files, and a refusal.
const OTHERS: [&str; 6] = [
    "/graphiql",
    "/account",
    "/review",
    "/treaties/ETS-185.svg",
    "/countries/AZ.json",
    "/nothing",
];
/// The number of scripts, whether the page fits its frame, whether a map or a table fills it, and its link.
const FRAMED: &str = "(() => { const wide = document.querySelector('figure.map svg, .scroll, main') \
    .getBoundingClientRect().width; const link = document.querySelector('footer a'); \
    return [document.scripts.length, document.documentElement.scrollWidth <= innerWidth, wide > innerWidth - 40, \
    link.getAttribute('href'), document.querySelector('main').innerText]; })()";

/// Serves a page of another origin. Returns its address.
async fn other_site(page: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().route("/", get(move || async { Html(page) }));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// The frames within the page that is open.
async fn frames(tab: &mut Tab) -> Vec<Value> {
    let tree = tab.call("Page.getFrameTree", json!({})).await;
    let children = tree["frameTree"]["childFrames"].as_array();
    let children = children.into_iter().flatten();
    children.map(|child| child["frame"].clone()).collect()
}

/// The value of an expression in a frame.
async fn value_in(tab: &mut Tab, frame: &Value, expression: &str) -> Value {
    let world = json!({ "frameId": frame["id"] });
    let world = tab.call("Page.createIsolatedWorld", world).await;
    let context = &world["executionContextId"];
    let code = json!({ "expression": expression, "contextId": context, "returnByValue": true, "userGesture": true });
    let result = tab.call("Runtime.evaluate", code).await;
    assert!(result["exceptionDetails"].is_null(), "{result}");
    result["result"]["value"].clone()
}

/// The only frame of the page that is open, when it is loaded. A page does not wait for frames that load late.
async fn only_frame(tab: &mut Tab) -> Value {
    loop {
        let frame = frames(tab).await.remove(0);
        let is_shown = frame["url"].as_str().unwrap().contains("/embed/");
        if is_shown && value_in(tab, &frame, "document.readyState").await == "complete" {
            return frame;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_show_embedded_pages_and_no_other_page() {
    let Some(browser) = browser().await else {
        return;
    };
    let api = Api::seeded().await;
    let mut tab = browser.tab().await;
    tab.set_width(1000, 900).await;
    // All pages at once, in frames that load at once.
    let paths = || {
        EMBEDDED
            .iter()
            .chain(PAGES)
            .map(|page| page.path)
            .chain(OTHERS)
    };
    let frame = |path| format!("<iframe src=\"http://{}{path}\"></iframe>", api.address);
    let page: String = paths().map(frame).collect();
    tab.open(&other_site(page).await).await;
    let frames = frames(&mut tab).await;
    assert_eq!(frames.len(), paths().count());
    let is_refused = |frame: &Value| frame["unreachableUrl"].is_string();
    for (path, frame) in paths().zip(&frames) {
        let is_embedded = path.starts_with("/embed/");
        assert_eq!(is_refused(frame), !is_embedded, "{path}: {frame}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_for_other_sites_shows_a_page_that_fits_and_leads_back_to_its_moment() {
    let Some(browser) = browser().await else {
        return;
    };
    let api = Api::seeded().await;
    let mut tab = browser.tab().await;
    open(&mut tab, &api, "/treaties/ETS-185?on=2012-06-30").await;
    let codes = texts(&tab.value(CODES).await);
    assert_eq!(codes.len(), 2, "{codes:?}");
    let ours = format!("http://{}", api.address);
    let country =
        format!("<iframe src=\"{PUBLIC}/embed/countries/AZ?on=2012-06-30\" title=\"AZ\"></iframe>");
    for code in codes.into_iter().chain([country]) {
        let site = other_site(code.replace(PUBLIC, &ours)).await;
        for width in [1280, 400, 240] {
            tab.set_width(width, 900).await;
            tab.open(&site).await;
            let frame = only_frame(&mut tab).await;
            let found = value_in(&mut tab, &frame, FRAMED).await;
            assert_eq!(found[0], 0, "scripts of {code}");
            assert_eq!(found[1], true, "{code} scrolls sideways at {width}");
            assert_eq!(found[2], true, "{code} does not fill its frame at {width}");
            assert!(found[4].as_str().unwrap().contains("2012"), "{found}");
        }
        // The link leaves the frame, to the page of the same day and moment.
        let frame = only_frame(&mut tab).await;
        let link = value_in(&mut tab, &frame, FRAMED).await;
        let link = link[3].as_str().unwrap().to_owned();
        assert!(link.starts_with(PUBLIC), "{link}");
        assert!(
            link.contains("on=2012-06-30") && link.contains("at="),
            "{link}"
        );
        let here = link.replace(PUBLIC, &ours);
        let click = format!(
            "Object.assign(document.querySelector('footer a'), {{ href: '{here}' }}).click()"
        );
        tab.take("Page.loadEventFired");
        value_in(&mut tab, &frame, &click).await;
        tab.wait_for("Page.loadEventFired").await;
        let shown = tab.value("[location.href, top === self]").await;
        assert_eq!(shown, json!([here, true]));
    }
}
