//! Walks by keyboard: the skip link comes first, each stop is seen, and the map has none.

use super::{browser, open};
use crate::harness::Api;
use crate::web::addresses::{PAGES, THOROUGHLY};

/// The number of stops that are looked at on a page, at most.
const STOPS: usize = 80;
/// The same of pages that are not tried thoroughly.
const FEW: usize = 30;
/// The element with the focus: its tag, whether its outline is seen, whether it is in the window and not covered, and
/// whether it is in a map.
pub const FOCUS: &str = "(() => { const one = document.activeElement; const box = one.getClientRects()[0]; \
    const seen = box && document.elementFromPoint(Math.max(0, box.left) + Math.min(4, box.width / 2), \
        Math.min(Math.max(0, box.top) + Math.min(8, box.height / 2), innerHeight - 1)); \
    return [one === document.body ? '' : one.outerHTML.slice(0, 120), getComputedStyle(one).outlineStyle !== 'none', \
        Boolean(seen) && (one.contains(seen) || seen.contains(one)), Boolean(one.closest('svg'))]; })()";

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_reaches_everything_and_the_focus_is_seen() {
    let Some(browser) = browser().await else {
        return;
    };
    let api = Api::seeded().await;
    let mut tab = browser.tab().await;
    let mut faults = Vec::new();
    for (at, path) in PAGES.iter().map(|page| page.path).enumerate() {
        tab.set_width(if at % 2 == 0 { 1280 } else { 320 }, 600)
            .await;
        open(&mut tab, &api, path).await;
        let most = if THOROUGHLY.contains(&path) {
            STOPS
        } else {
            FEW
        };
        let mut stops = 0;
        while stops < most {
            tab.press("Tab").await;
            let focus = tab.value(FOCUS).await;
            let element = focus[0].as_str().unwrap();
            if element.is_empty() {
                break;
            }
            if stops == 0 && !element.contains("class=\"skip\"") {
                faults.push(format!("{path}: the first stop is {element}"));
            }
            for (place, fault) in [(1, "has no outline"), (2, "is not seen")] {
                if focus[place] == false {
                    faults.push(format!("{path}: {element} {fault}"));
                }
            }
            if focus[3] == true {
                faults.push(format!("{path}: {element} is in a map"));
            }
            stops += 1;
        }
        assert!(stops > 10, "{path}: {stops} stops");
        open(&mut tab, &api, path).await;
        tab.press("Tab").await;
        tab.press("Enter").await;
        let skipped = tab
            .value("[location.hash, document.activeElement.id]")
            .await;
        if skipped != serde_json::json!(["#content", "content"]) {
            faults.push(format!("{path}: the skip link leads to {skipped}"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
