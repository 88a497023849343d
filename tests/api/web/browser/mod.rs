//! Pages in Chromium: accessibility, requests, policies, the keyboard, narrow screens, and readers without scripts.

mod audit;
mod chromium;
mod editors;
mod embed;
mod form_keyboard;
mod keyboard;
mod looks;
mod offline;
mod reflow;
mod screenshots;
mod walks;
mod weight;

use std::io::Write;

use chromium::{Chromium, Tab};
use serde_json::{Value, json};

use crate::harness::Api;
use crate::transcript;

/// A browser, if it is installed. Panics if it is missing and required.
async fn browser() -> Option<Chromium> {
    if !transcript::is_tried_once() {
        // Pages do not depend on the database.
        return None;
    }
    let browser = Chromium::start().await;
    let is_required = std::env::var_os("CYBERPROFILES_REQUIRE_SERVICES").is_some();
    assert!(
        browser.is_some() || !is_required,
        "chromium is required and not installed"
    );
    if browser.is_none() {
        // Written to standard error directly, because the test harness captures printed text.
        let _ = writeln!(std::io::stderr(), "skipped: chromium is not installed");
    }
    browser
}

/// An address in a language.
fn in_language(path: &str, language: &str) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}lang={language}")
}

/// Opens a page of a server.
async fn open(tab: &mut Tab, api: &Api, path: &str) {
    tab.open(&format!("http://{}{path}", api.address)).await;
}

/// Opens the next pages as a person, or as a reader.
async fn sign_in(tab: &mut Tab, api: &Api, token: Option<&str>) {
    tab.call("Network.clearBrowserCookies", json!({})).await;
    if let Some(token) = token {
        let url = format!("http://{}/", api.address);
        let cookie = json!({ "name": "cyberprofiles-session", "value": token, "url": url, "httpOnly": true });
        tab.call("Network.setCookie", cookie).await;
    }
}

/// A list of texts.
fn texts(value: &Value) -> Vec<String> {
    let values = value.as_array().unwrap().iter();
    values
        .map(|value| value.as_str().unwrap().to_owned())
        .collect()
}
