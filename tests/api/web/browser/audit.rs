//! Accessibility by axe-core, requests to other origins, reports of the content security policy, and narrow screens.

use std::fs;

use serde_json::{Value, json};

use super::chromium::Tab;
use super::{browser, in_language, open};
use crate::clients::{clients, is_possible};
use crate::harness::Api;
use crate::installed;
use crate::web::addresses::{EMBEDDED, PAGES, THOROUGHLY, personal};

/// Runs all rules of WCAG 2.2 A and AA, and best practice. Returns each violation with the elements that have it.
const AUDIT: &str = "axe.run(document, { resultTypes: ['violations'], runOnly: { type: 'tag', values: \
    ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } }).then(({ violations }) => \
    violations.flatMap(({ id, nodes }) => nodes.slice(0, 5).map(({ target, failureSummary }) => \
    `${id}: ${target.join(' ')}: ${failureSummary.split('\\n').slice(1).join(' ').trim()}`)))";
/// Elements that are wider than the window and in no region that scrolls by itself.
const WIDE: &str = "(document.documentElement.scrollWidth <= innerWidth ? [] : \
    [...document.querySelectorAll('body *')].filter((one) => !one.closest('.scroll, pre, .hidden, .skip') \
    && one.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map((one) => \
    `wider than the window: ${one.localName}.${one.className}: ${one.textContent.trim().slice(0, 40)}`) \
    .concat(`scrolls sideways: ${document.documentElement.scrollWidth} > ${innerWidth}`))";
/// Links and buttons smaller than 24 pixels that stand in no text. Source: WCAG 2.2, 2.5.8.
const SMALL: &str = "[...document.querySelectorAll('button, summary, nav a, input:not([type=hidden])')] \
    .filter((one) => one.checkVisibility()).map((one) => [one, one.getBoundingClientRect()]) \
    .filter(([, { width, height }]) => width > 1 && (width < 24 || height < 24)) \
    .map(([one, { width, height }]) => `smaller than 24 pixels: ${one.outerHTML.slice(0, 80)} ${width}×${height}`)";

/// All themes and widths.
const ALL: &[(&str, u32)] = &[
    ("light", 1280),
    ("light", 320),
    ("dark", 320),
    ("dark", 1280),
];

fn texts(value: &Value) -> Vec<String> {
    let values = value.as_array().unwrap().iter();
    values
        .map(|value| value.as_str().unwrap().to_owned())
        .collect()
}

/// Faults of the page that is open, in the themes and at the widths given.
async fn faults(tab: &mut Tab, axe: &str, cases: &[(&str, u32)]) -> Vec<String> {
    let mut faults = Vec::new();
    tab.value(axe).await;
    for (theme, width) in cases {
        tab.set_theme(theme).await;
        tab.set_width(*width, 900).await;
        let mut found = texts(&tab.value(AUDIT).await);
        found.extend(texts(&tab.value(WIDE).await));
        found.extend(texts(&tab.value(SMALL).await));
        faults.extend(
            found
                .into_iter()
                .map(|fault| format!("{theme} {width}: {fault}")),
        );
    }
    faults.extend(texts(&tab.value("globalThis.reports").await));
    faults
}

/// Faults of some pages in a tab, and of what the tab asked for.
async fn audited(tab: &mut Tab, api: &Api, axe: &str, pages: &[&str]) -> Vec<String> {
    let is_full = std::env::var_os("CYBERPROFILES_FULL_AUDIT").is_some();
    let mut all = Vec::new();
    for path in pages {
        let is_thorough = is_full || THOROUGHLY.contains(path);
        let cases: &[(&str, &[(&str, u32)])] = match (is_full, is_thorough) {
            (true, _) => &[("en", ALL), ("fr", ALL)],
            (false, true) => &[("en", ALL), ("fr", &[("light", 320), ("dark", 1280)])],
            (false, false) => &[("en", &[("light", 320)])],
        };
        for (language, cases) in cases {
            open(tab, api, &in_language(path, language)).await;
            let found = faults(tab, axe, cases).await;
            all.extend(
                found
                    .into_iter()
                    .map(|fault| format!("{path} {language} {fault}")),
            );
        }
    }
    all
}

/// Faults of the pages that people open while they are signed in, each looked at once.
async fn audited_for_people(tab: &mut Tab, api: &Api, axe: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (at, page) in personal(api).await.into_iter().enumerate() {
        let value = page.token.as_deref().unwrap_or_default();
        let url = format!("http://{}/", api.address);
        let cookie = json!({ "name": "cyberprofiles-session", "value": value, "url": url });
        tab.call("Network.clearBrowserCookies", json!({})).await;
        if page.token.is_some() {
            tab.call("Network.setCookie", cookie).await;
        }
        let language = if at % 2 == 0 { "en" } else { "fr" };
        open(tab, api, &in_language(&page.path, language)).await;
        let theme = if at % 3 == 0 { "dark" } else { "light" };
        let found = faults(tab, axe, &[(theme, 320)]).await;
        let found = found.into_iter();
        all.extend(found.map(|fault| format!("{} {language} {fault}", page.path)));
    }
    tab.call("Network.clearBrowserCookies", json!({})).await;
    all
}

/// Requests to other servers, and warnings in the log of the browser.
fn seen(tab: &mut Tab, api: &Api) -> Vec<String> {
    let mut all = Vec::new();
    let host = format!("http://{}/", api.address);
    for request in tab.take("Network.requestWillBeSent") {
        let address = request["request"]["url"].as_str().unwrap();
        let is_ours = address.starts_with(&host) || address.starts_with("data:");
        if !is_ours {
            all.push(format!("asks another server: {address}"));
        }
    }
    let entries = tab.take("Log.entryAdded").into_iter();
    let entries = entries.map(|entry| entry["entry"].clone());
    for entry in entries.filter(|entry| entry["level"] != "verbose") {
        all.push(format!("{}: {}", entry["url"], entry["text"]));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_accessible_ask_no_other_server_and_keep_their_policy() {
    let Some(browser) = browser().await else {
        return;
    };
    if !is_possible("npm", &["--version"]) {
        return;
    }
    installed::npm(&clients());
    // The value of an expression is sent back: that of the script is none.
    let axe = fs::read_to_string(clients().join("node_modules/axe-core/axe.min.js")).unwrap();
    let axe = format!("{axe}; undefined");
    let api = Api::seeded().await;
    let paths = PAGES.iter().chain(EMBEDDED).map(|page| page.path);
    let paths: Vec<&str> = paths.collect();
    // Two tabs at once, each with every second page.
    let of = |rest: usize| -> Vec<&str> { paths.iter().copied().skip(rest).step_by(2).collect() };
    let (one, other) = (of(0), of(1));
    let (mut tab, mut second) = (browser.tab().await, browser.tab().await);
    let (mut all, others) = tokio::join!(
        audited(&mut tab, &api, &axe, &one),
        audited(&mut second, &api, &axe, &other)
    );
    all.extend(others);
    all.extend(audited_for_people(&mut tab, &api, &axe).await);
    // GraphiQL has a policy of its own; its gaps in accessibility are in the statement.
    tab.call("Page.bringToFront", json!({})).await;
    tab.set_width(1280, 900).await;
    open(&mut tab, &api, "/graphiql?query=%7B__typename%7D").await;
    let shown = "new Promise((done) => { const look = () => document.querySelector('.graphiql-execute-button') \
        ? done(true) : setTimeout(look, 50); look(); })";
    tab.value(shown).await;
    tab.value("document.querySelector('.graphiql-execute-button').click()")
        .await;
    let answered = "new Promise((done) => { const look = () => \
        document.querySelector('.result-window')?.innerText.includes('Query') ? done(true) : setTimeout(look, 50); \
        look(); })";
    tab.value(answered).await;
    all.extend(texts(&tab.value("globalThis.reports").await));
    all.extend(seen(&mut tab, &api));
    all.extend(seen(&mut second, &api));
    assert!(all.is_empty(), "{all:#?}");
}
