//! Statuses are told without colour: on the screen, in forced colours, and in grey print.

use serde_json::{Value, json};

use super::chromium::Tab;
use super::{browser, in_language, open, texts};
use crate::harness::Api;

/// Draws all patterns of the map.
const DRAW: &str = include_str!("looks.js");
/// Compares the patterns on a picture of them.
const COMPARE: &str = include_str!("looks_compare.js");
/// Contrasts of lines and texts of drawings with what is around them.
const LINES: &str = include_str!("looks_lines.js");
/// The looks: medium, colours that the reader prefers, and whether the colours are forced. Print is grey.
const LOOKS: [(&str, &str, &str); 6] = [
    ("", "light", "none"),
    ("", "dark", "none"),
    ("", "light", "active"),
    ("", "dark", "active"),
    ("print", "light", "none"),
    ("print", "dark", "none"),
];
/// The lines of the legend, titles of areas, fields of forms, and the background of the page.
const SAID: &str = "[[...document.querySelectorAll('ul.legend li[data-class]')].filter((one) => one.checkVisibility()) \
    .map((one) => one.innerText.trim()), [...document.querySelectorAll('figure.map svg a title')] \
    .map((one) => one.textContent), [...document.querySelectorAll('input, select, button, textarea')] \
    .filter((one) => one.checkVisibility()).length, getComputedStyle(document.documentElement).backgroundColor]";
/// The words: the text that is seen, or the lines of an image.
const TEXT: &str = "(document.body ? document.body.innerText : [...document.querySelectorAll('text')] \
    .map((one) => one.textContent).join(' ')).replace(/\\s+/g, ' ')";

async fn set_look(tab: &mut Tab, (medium, theme, forced): (&str, &str, &str)) {
    let features = [("prefers-color-scheme", theme), ("forced-colors", forced)];
    tab.set_media(medium, &features).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_map_says_whose_shapes_it_has_and_that_it_implies_no_opinion() {
    let Some(browser) = browser().await else {
        return;
    };
    let api = Api::seeded().await;
    let mut tab = browser.tab().await;
    for medium in ["screen", "print"] {
        tab.set_media(medium, &[]).await;
        for path in [
            "/",
            "/treaties/ETS-185",
            "/embed/treaties/ETS-185",
            "/treaties/ETS-185.svg",
        ] {
            for (language, opinion) in [
                (
                    "en",
                    "imply no opinion on the legal status of any territory",
                ),
                (
                    "fr",
                    "n’impliquent aucune prise de position sur le statut juridique d’un territoire",
                ),
            ] {
                open(&mut tab, &api, &in_language(path, language)).await;
                let text = tab.value(TEXT).await;
                for words in [opinion, "Natural Earth", "Visionscarto", "1244/1999"] {
                    let is_said = text.as_str().unwrap().contains(words);
                    assert!(is_said, "{path} in {medium} does not say {words}: {text}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_are_told_apart_without_colour_in_every_look() {
    let Some(browser) = browser().await else {
        return;
    };
    let api = Api::seeded().await;
    let mut tab = browser.tab().await;
    tab.set_width(1280, 900).await;
    for (medium, theme, forced) in LOOKS {
        set_look(&mut tab, (medium, theme, forced)).await;
        open(&mut tab, &api, "/treaties/ETS-185?on=2012-06-30").await;
        let name = format!("{medium} {theme}, forced: {forced}");
        let said = tab.value(SAID).await;
        let (legend, titles) = (texts(&said[0]), texts(&said[1]));
        assert!(
            legend.contains(&"Party: 32".to_owned()),
            "{name}: {legend:?}"
        );
        assert!(
            legend.iter().all(|line| line.contains(": ")),
            "{name}: {legend:?}"
        );
        assert!(titles.len() > 240 && titles.iter().all(|title| title.contains(": ")));
        if medium == "print" {
            assert_eq!(said[2], 0, "{name}: fields and buttons are printed");
            assert_eq!(said[3], "rgb(255, 255, 255)", "{name}");
        }
        let lines = tab.apply(LINES, &json!(null)).await;
        assert_eq!(lines, json!([]), "{name}");
        if medium == "print" {
            tab.value("document.documentElement.style.filter = 'grayscale(1)'")
                .await;
        }
        let names = tab.apply(DRAW, &json!(null)).await;
        let width = 48 * names.as_array().unwrap().len();
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": 48, "scale": 1 });
        let picture = json!({ "format": "png", "clip": clip });
        let picture = tab.call("Page.captureScreenshot", picture).await;
        let picture = json!({ "names": names, "picture": picture["data"] });
        let alike: Value = tab.apply(COMPARE, &picture).await;
        assert_eq!(alike, json!([]), "{name}");
    }
    // The timeline of a country.
    for look in LOOKS {
        set_look(&mut tab, look).await;
        open(&mut tab, &api, "/countries/FR").await;
        let lines = tab.apply(LINES, &json!(null)).await;
        assert_eq!(lines, json!([]), "{look:?}");
    }
}
