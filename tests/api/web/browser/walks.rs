//! The ways of a reader, a contributor and an editor, without scripts.

use cyberprofiles::domain::viewer::Role;

use super::chromium::Tab;
use super::{browser, open};
use crate::harness::{Api, retitle};

/// Expects that the page says a text.
async fn expect(tab: &mut Tab, text: &str) {
    let said = tab.text().await;
    assert!(said.contains(text), "{text} in {said}");
}

/// Signs in with a token, which is pasted.
async fn sign_in(tab: &mut Tab, api: &Api, token: &str) {
    open(tab, api, "/sign-in").await;
    tab.fill("#sign-in-token", token).await;
    tab.follow("main form button").await;
    // The page leads back by itself; the test opens what it needs.
    open(tab, api, "/account").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_without_scripts_finds_asks_and_travels_in_time() {
    let Some(browser) = browser().await else {
        return;
    };
    let api = Api::seeded().await;
    let mut tab = browser.tab().await;
    tab.set_width(1280, 900).await;
    tab.set_scripts(false).await;
    // From the map to a country, by the table that says the same.
    open(&mut tab, &api, "/").await;
    tab.follow("header a[href^='/countries']").await;
    tab.follow("main a[href='/countries/AZ']").await;
    expect(&mut tab, "1 July 2010").await;
    // On another day.
    tab.value("document.querySelector('#view-day').value = '2005-01-01'")
        .await;
    tab.follow("aside.view button").await;
    let address = tab.value("location.search").await;
    assert!(
        address.as_str().unwrap().contains("on=2005-01-01"),
        "{address}"
    );
    assert!(
        !tab.text()
            .await
            .contains("has been a Party since 1 July 2010")
    );
    // In French, by the link of each page.
    tab.follow("footer a[hreflang=fr]").await;
    expect(&mut tab, "Azerbaïdjan").await;
    tab.follow("footer a[hreflang=en]").await;
    // Found by its name.
    tab.fill("#site-search", "Georgia").await;
    tab.follow("form.search button").await;
    tab.follow("main a[href^='/countries/GE']").await;
    expect(&mut tab, "Georgia").await;
    // Help is on each page at the same place.
    tab.follow("footer a[href*='/about'][href$='#help']").await;
    expect(&mut tab, "The operator gave no contact.").await;
    // The console answers to its form.
    tab.follow("footer a[href='/graphiql']").await;
    tab.fill("#console-query", "{ country(code: \"AZ\") { name } }")
        .await;
    tab.follow("main form button").await;
    expect(&mut tab, "\"name\": \"Azerbaijan\"").await;
    let cookies = tab.call("Network.getCookies", serde_json::json!({})).await;
    assert_eq!(cookies["cookies"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_tells_the_editors_and_an_editor_reads_and_decides_without_scripts() {
    let Some(browser) = browser().await else {
        return;
    };
    let api = Api::seeded().await;
    let author = api.contributor().await;
    author.proposed(retitle(1, "Convention of Budapest")).await;
    let editor = api.token(Role::Editor, "eva").await;
    let mut tab = browser.tab().await;
    tab.set_width(1280, 900).await;
    tab.set_scripts(false).await;
    // The reader sends what is wrong, and gets a number.
    open(&mut tab, &api, "/contribute?country=AZ").await;
    tab.fill("#message", "The name of the law is outdated.")
        .await;
    tab.follow("main form button").await;
    expect(&mut tab, "Contribution:").await;
    // The editor signs in, and finds both in the queue.
    sign_in(&mut tab, &api, &editor).await;
    let cookies = tab.call("Network.getCookies", serde_json::json!({})).await;
    let cookies = cookies["cookies"].as_array().unwrap();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    assert_eq!(
        (&cookies[0]["httpOnly"], &cookies[0]["sameSite"]),
        (&true.into(), &"Strict".into())
    );
    open(&mut tab, &api, "/review").await;
    expect(&mut tab, "Azerbaijan").await;
    // Proposed beside current, then the decision.
    let address =
        "[...document.querySelectorAll('main a[href*=\"/review/\"]')].map((one) => one.href)";
    let links = tab.value(address).await;
    let mut is_decided = false;
    for link in links.as_array().unwrap() {
        tab.open(link.as_str().unwrap()).await;
        if tab.text().await.contains("Convention of Budapest") {
            tab.follow("form:has(input[value=ACCEPT]) button").await;
            is_decided = true;
            break;
        }
    }
    assert!(is_decided, "{links}");
    expect(&mut tab, "Accepted").await;
    open(&mut tab, &api, "/treaties").await;
    expect(&mut tab, "Convention of Budapest").await;
    // Signed out, the account is closed.
    tab.follow("footer form[action='/sign-out'] button").await;
    open(&mut tab, &api, "/account").await;
    assert!(!tab.text().await.contains("eva"));
    let cookies = tab.call("Network.getCookies", serde_json::json!({})).await;
    assert_eq!(cookies["cookies"], serde_json::json!([]));
}
