//! Bytes that the browser receives for a page with everything that it loads.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};

use super::{browser, open};
use crate::harness::Api;
use crate::web::addresses::{PAGES, WEIGHTS};

/// Most bytes of all scripts of the site but the console, compressed.
const SCRIPTS: f64 = 12_000.0;

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_scripts_are_small_as_the_browser_receives_them() {
    let Some(browser) = browser().await else {
        return;
    };
    let api = Api::seeded().await;
    let mut tab = browser.tab().await;
    let cache = json!({ "cacheDisabled": true });
    tab.call("Network.setCacheDisabled", cache).await;
    let mut scripts = BTreeMap::new();
    let (mut faults, mut report) = (Vec::new(), Vec::new());
    let limited = WEIGHTS.iter().map(|(path, most)| (*path, Some(*most)));
    let others = PAGES.iter().map(|page| (page.path, None));
    for (path, most) in limited.chain(others) {
        open(&mut tab, &api, path).await;
        let asked = tab.take("Network.responseReceived");
        let ended = tab.take("Network.loadingFinished");
        let bytes = |id: &Value| {
            let ended = ended.iter().find(|one| one["requestId"] == *id);
            ended.map_or(0.0, |one| one["encodedDataLength"].as_f64().unwrap())
        };
        let sum: f64 = asked.iter().map(|one| bytes(&one["requestId"])).sum();
        for one in asked.iter().filter(|one| one["type"] == "Script") {
            let address = one["response"]["url"].as_str().unwrap().to_owned();
            scripts.insert(address, bytes(&one["requestId"]));
        }
        if let Some(most) = most {
            report.push(format!("{path}: {sum} bytes in {} answers", asked.len()));
            let most = f64::from(u32::try_from(most).unwrap());
            if sum == 0.0 || sum > most {
                faults.push(format!("{path}: {sum} bytes, at most {most}"));
            }
        }
    }
    let sum: f64 = scripts.values().sum();
    report.push(format!("{} scripts: {sum} bytes", scripts.len()));
    // Written to standard error directly, because the test harness captures printed text.
    let _ = writeln!(std::io::stderr(), "{}", report.join("\n"));
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(sum > 0.0 && sum <= SCRIPTS, "scripts: {sum} bytes");
}
