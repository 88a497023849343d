//! Texts of records that would be markup, scripts or other addresses: pages show them as text.

use serde_json::json;

use super::html::Html;
use super::pages::open;
use crate::harness::Api;

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
