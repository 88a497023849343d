//! Narrow screens, zoom, large text and wide spacing: nothing scrolls sideways but tables, and nothing is cut.

use std::collections::BTreeSet;

use serde_json::json;

use super::chromium::Tab;
use super::{browser, in_language, open, sign_in, texts};
use crate::harness::Api;
use crate::web::addresses::{EMBEDDED, PAGES, personal};

/// Faults of the layout of the page that is open.
pub const LAYOUT: &str = include_str!("layout.js");
/// The spacing that readers may set. Source: WCAG 2.2, 1.4.12.
const SPACING: &str = "(() => { const sheet = new CSSStyleSheet(); sheet.replaceSync('* { line-height: 1.5 !important; \
    letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-block-end: 2em !important; }'); \
    document.adoptedStyleSheets = [sheet]; })()";
/// The links of the map, and those of the table.
const LINKS: &str = "['figure.map svg a', 'table.statuses th a'].map((selector) => \
    [...document.querySelectorAll(selector)].map((one) => one.getAttribute('href')))";

/// Faults of the page that is open: with a window of 1280 by 1024 pixels at 400 %, and with text at 200 %, each with the
/// usual spacing and with wide spacing.
async fn faults(tab: &mut Tab) -> Vec<String> {
    let mut all = BTreeSet::new();
    for (name, width, height, text) in [("400 %", 320, 256, 16), ("text of 200 %", 1280, 1024, 32)]
    {
        tab.set_width(width, height).await;
        let sizes = json!({ "fontSizes": { "standard": text, "fixed": text * 13 / 16 } });
        tab.call("Page.setFontSizes", sizes).await;
        for (spacing, code) in [
            ("", "document.adoptedStyleSheets = []"),
            (", spaced", SPACING),
        ] {
            tab.value(&format!("{code}; undefined")).await;
            let found = texts(&tab.apply(LAYOUT, &json!(null)).await).into_iter();
            all.extend(found.map(|fault| format!("{name}{spacing}: {fault}")));
        }
    }
    all.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_scrolls_sideways_but_tables_and_no_text_is_cut() {
    let Some(browser) = browser().await else {
        return;
    };
    let api = Api::seeded().await;
    let mut tab = browser.tab().await;
    let mut all = Vec::new();
    let public = PAGES.iter().chain(EMBEDDED);
    let public = public.map(|page| (page.path.to_owned(), None));
    let people = personal(&api).await.into_iter();
    let people = people.map(|page| (page.path, page.token));
    for (at, (path, token)) in public.chain(people).enumerate() {
        sign_in(&mut tab, &api, token.as_deref()).await;
        let path = in_language(&path, if at % 2 == 0 { "fr" } else { "en" });
        open(&mut tab, &api, &path).await;
        let found = faults(&mut tab).await.into_iter();
        all.extend(found.map(|fault| format!("{path} {fault}")));
    }
    assert!(all.is_empty(), "{all:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_target_of_the_map_has_an_equivalent_in_the_table() {
    let Some(browser) = browser().await else {
        return;
    };
    let api = Api::seeded().await;
    let mut tab = browser.tab().await;
    open(&mut tab, &api, "/treaties/ETS-185").await;
    let links = tab.value(LINKS).await;
    let (map, table) = (texts(&links[0]), texts(&links[1]));
    assert!(map.len() > 240, "{}", map.len());
    let missing: Vec<&String> = map.iter().filter(|link| !table.contains(link)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
