//! Accessibility by axe-core, requests to other origins, reports of the content security policy, and what pages keep in
//! the browser.

use std::fs;

use serde_json::json;

use super::chromium::Tab;
use super::reflow::LAYOUT;
use super::{browser, in_language, open, sign_in, texts};
use crate::clients::{clients, is_possible};
use crate::harness::Api;
use crate::installed;
use crate::web::addresses::{EMBEDDED, FORMS, PAGES, Personal, THOROUGHLY, personal};

/// Runs axe-core.
const AUDIT: &str = include_str!("audit.js");
/// The cases that axe-core leaves undecided, by rule and reason, and the elements for which that is explained. The contrast
/// of all of them is computed instead.
const EXPLAINED: &[(&str, &str, &str)] = &[
    // A column that is scrolled out of its region.
    ("color-contrast", "elmPartiallyObscured", ".scroll *, pre *"),
    // A number or a sign of one character.
    ("color-contrast", "shortTextContent", "td, th, td *, text"),
    // A text of a chart.
    ("color-contrast", "imgNode", "svg[role=img] text"),
];
/// The entries that a page can store in a browser.
const STORED: &str = "(async () => Object.entries({ cookie: document.cookie, local: localStorage.length, \
    session: sessionStorage.length, databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length, \
    workers: (await navigator.serviceWorker.getRegistrations()).length }).filter(([, value]) => value) \
    .map(([name, value]) => `keeps ${name}: ${value}`))()";

/// All themes and widths.
const ALL: &[(&str, u32)] = &[
    ("light", 1280),
    ("light", 320),
    ("dark", 320),
    ("dark", 1280),
];

/// True if all pages are tried in all themes, widths and languages.
fn is_full() -> bool {
    std::env::var_os("CYBERPROFILES_FULL_AUDIT").is_some()
}

/// Faults of the page that is open, in the themes and at the widths given.
async fn faults(tab: &mut Tab, axe: &str, cases: &[(&str, u32)]) -> Vec<String> {
    let mut faults = Vec::new();
    tab.value(axe).await;
    for (theme, width) in cases {
        tab.set_theme(theme).await;
        tab.set_width(*width, 900).await;
        let mut found = texts(&tab.apply(AUDIT, &json!(EXPLAINED)).await);
        found.extend(texts(&tab.apply(LAYOUT, &json!(null)).await));
        faults.extend(
            found
                .into_iter()
                .map(|fault| format!("{theme} {width}: {fault}")),
        );
    }
    faults.extend(texts(&tab.value("globalThis.reports").await));
    faults.extend(texts(&tab.value(STORED).await));
    faults
}

/// Faults of some pages in a tab, and of what the tab asked for.
async fn audited(tab: &mut Tab, api: &Api, axe: &str, pages: &[&str]) -> Vec<String> {
    let is_full = is_full();
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
    let is_full = is_full();
    let mut pages = personal(api).await;
    if is_full {
        let author = pages.iter().find_map(|page| page.token.clone());
        let of = |form: &&str| Personal {
            path: format!("/contribute/{form}"),
            token: author.clone(),
            says: [""; 2],
        };
        pages.extend(FORMS.iter().map(of));
    }
    let mut all = Vec::new();
    for (at, page) in pages.into_iter().enumerate() {
        sign_in(tab, api, page.token.as_deref()).await;
        let once = [(if at % 3 == 0 { "dark" } else { "light" }, 320)];
        let cases = if is_full { ALL } else { &once };
        let languages: &[&str] = match (is_full, at % 2) {
            (true, _) => &["en", "fr"],
            (false, 0) => &["en"],
            (false, _) => &["fr"],
        };
        for language in languages {
            open(tab, api, &in_language(&page.path, language)).await;
            let found = faults(tab, axe, cases).await.into_iter();
            all.extend(found.map(|fault| format!("{} {language} {fault}", page.path)));
        }
    }
    sign_in(tab, api, None).await;
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
    let cookies = tab.call("Storage.getCookies", json!({})).await;
    assert_eq!(cookies["cookies"], json!([]), "cookies of readers");
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
    // It keeps documents and history in the browser, as the page on privacy says, and nothing else does.
    let keys = "[...Object.keys(localStorage), ...Object.keys(sessionStorage)]";
    let keys = texts(&tab.value(keys).await);
    all.extend(keys.into_iter().filter(|key| !key.starts_with("graphiql:")));
    all.extend(seen(&mut tab, &api));
    all.extend(seen(&mut second, &api));
    assert!(all.is_empty(), "{all:#?}");
}
