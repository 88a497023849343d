//! Pages in Chromium: accessibility, requests, policies, the keyboard, narrow screens, and readers without scripts.

mod audit;
mod chromium;
mod keyboard;
mod screenshots;
mod walks;

use std::io::Write;

use chromium::{Chromium, Tab};

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
