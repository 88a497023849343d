//! The whole way of proposals through the review, as three people click it: with scripts, and without.

use std::cell::RefCell;

use cyberprofiles::domain::viewer::Role;
use insta::assert_snapshot;
use serde_json::json;

use super::chromium::{Chromium, Tab};
use super::{browser, open};
use crate::harness::Api;

/// The record that everybody wants to change, its source, and its statement in each proposal.
const RECORD: &str = "CoverageAssertion:az-cybercrime-policy-2020";
const SOURCE: &str = "Source:octopus-az-2020";
const STATEMENTS: [&str; 3] = [
    "No policy is dedicated to cybercrime.",
    "No policy document is dedicated to cybercrime.",
    "No policy document is dedicated to cybercrime, and none is being drafted.",
];
const OTHER_STATEMENT: &str = "A policy on cybercrime is missing.";

/// A person at a browser of their own, whose clicks are written down.
struct Seat<'a> {
    name: &'static str,
    tab: Tab,
    clicked: &'a RefCell<Vec<String>>,
}

impl<'a> Seat<'a> {
    /// Signs in with a token, which is pasted.
    async fn sign_in(
        browser: &Chromium,
        api: &Api,
        (role, name): (Role, &'static str),
        has_scripts: bool,
        clicked: &'a RefCell<Vec<String>>,
    ) -> Self {
        let mut tab = browser.tab_apart().await;
        tab.set_width(1280, 900).await;
        tab.set_scripts(has_scripts).await;
        open(&mut tab, api, "/sign-in").await;
        let token = api.token(role, name).await;
        let mut seat = Self { name, tab, clicked };
        seat.tab.fill("#sign-in-token", &token).await;
        seat.click("main form button").await;
        seat.sees(name).await;
        seat
    }

    /// Clicks the first element that matches, and waits for the page to which it leads.
    async fn click(&mut self, selector: &str) {
        let label = format!("document.querySelector({selector:?}).innerText.trim()");
        let label = self.tab.value(&label).await;
        self.clicked
            .borrow_mut()
            .push(format!("{}: {}", self.name, label.as_str().unwrap()));
        self.tab.follow(selector).await;
    }

    /// Clicks the button of a step.
    async fn take(&mut self, step: &str) {
        let selector = format!("form:has(input[name=step][value={step}]) button");
        self.click(&selector).await;
    }

    /// Types into the form of a step.
    async fn types(&mut self, step: &str, text: &str) {
        let selector = format!("form:has(input[name=step][value={step}]) textarea");
        self.tab.fill(&selector, text).await;
    }

    /// Expects that the page says a text.
    async fn sees(&mut self, text: &str) {
        let said = self.tab.text().await;
        assert!(said.contains(text), "{}: {text:?} in {said}", self.name);
    }

    /// Expects a value, whose words may be marked one by one as new. Spaces stand between the marks.
    async fn sees_value(&mut self, text: &str) {
        let said = "(() => { const page = document.querySelector('main').cloneNode(true); \
            page.querySelectorAll('del, .hidden').forEach((one) => one.remove()); return page.textContent; })()";
        let said = self.tab.value(said).await;
        let packed = |text: &str| text.split_whitespace().collect::<String>();
        let said = packed(said.as_str().unwrap());
        assert!(
            said.contains(&packed(text)),
            "{}: {text:?} in {said}",
            self.name
        );
    }

    /// True if the page has the form of a step.
    async fn may(&mut self, step: &str) -> bool {
        let found = format!("document.querySelector('input[name=step][value={step}]') !== null");
        self.tab.value(&found).await == true
    }

    /// Expects that a text that was typed and refused is still there.
    async fn still_has(&mut self, text: &str) {
        let found = format!(
            "[...document.querySelectorAll('textarea')].some((one) => one.value === {text:?})"
        );
        assert_eq!(self.tab.value(&found).await, true, "{text}");
    }

    /// The path of the page.
    async fn path(&mut self) -> String {
        let path = self.tab.value("location.pathname").await;
        path.as_str().unwrap().to_owned()
    }

    /// Expects no notice that something changed.
    async fn is_not_told(&mut self) {
        let hidden = "document.querySelector('[data-live]').firstElementChild.hidden";
        assert_eq!(self.tab.value(hidden).await, true, "{}", self.name);
    }

    /// Expects the notice that something changed, without a reload.
    async fn is_told(&mut self) {
        let shown = "new Promise((told) => { const notice = document.querySelector('[data-live]').firstElementChild; \
            const begun = performance.now(); const look = () => notice.hidden ? setTimeout(look, 20) \
            : told(performance.now() - begun); look(); })";
        let waited = self.tab.value(shown).await.as_f64().unwrap();
        assert!(waited < 2_000.0, "{waited} ms");
    }
}

/// Proposes another statement of the record. Returns the path of the contribution.
async fn proposed(api: &Api, name: &str, statement: &str) -> String {
    let person = api.person(Role::Contributor, name).await;
    let change = json!([{ "updateCoverageAssertion": { "id": RECORD, "baseVersion": 1,
        "set": { "statement": statement }, "cite": [{ "source": SOURCE }] } }]);
    let id = person.proposed(change).await;
    format!("/review/{}", id.split_once(':').unwrap().1)
}

/// Walks the whole way. Returns what was clicked.
async fn walk(browser: &Chromium, has_scripts: bool) -> String {
    let api = Api::seeded().await;
    let clicked = RefCell::default();
    let seat =
        async |role, name| Seat::sign_in(browser, &api, (role, name), has_scripts, &clicked).await;
    let mut carla = seat(Role::Contributor, "carla").await;
    let mut eva = seat(Role::Editor, "eva").await;
    let mut rita = seat(Role::Editor, "rita").await;
    let other = proposed(&api, "carla", OTHER_STATEMENT).await;

    // The author corrects a value by a form, checks it, and sends it.
    carla.click("header a[href^='/contribute']").await;
    carla.click("main a[href^='/contribute/mend-a-date']").await;
    carla
        .tab
        .value("document.querySelector('#country').value = 'AZ'")
        .await;
    carla.click("main form button").await;
    carla
        .click("main a[href*='az-cybercrime-policy-2020']")
        .await;
    let statement = "[name='p0.fields.statement']";
    carla.tab.fill(statement, STATEMENTS[0]).await;
    carla.tab.fill("[name='p0.cite.0.source']", SOURCE).await;
    carla.tab.fill("#title", "A clearer statement").await;
    carla.tab.fill("#rationale", "The page says so.").await;
    carla.click("button[value=check]").await;
    carla.sees("Nothing was stored").await;
    carla.sees("Open proposals for the same records").await;
    carla.click("button[value=send]").await;
    carla.sees("Your proposal was sent").await;
    carla.click("main a[href^='/review/']").await;
    let path = carla.path().await;
    assert!(!carla.may("ACCEPT").await);

    // An editor finds it by a filter, begins, comments, and asks for changes.
    eva.click("header a[href^='/review']").await;
    eva.sees("Waiting for you (2)").await;
    eva.tab
        .value("document.querySelector('input[name=state][value=SUBMITTED]').checked = true")
        .await;
    eva.tab.fill("#author", "CARLA").await;
    eva.click("form.filters button").await;
    eva.sees("A clearer statement").await;
    eva.click(&format!("table.queue a[href^='{path}']")).await;
    eva.sees_value(STATEMENTS[0]).await;
    eva.take("START_REVIEW").await;
    eva.sees("In review").await;
    eva.types("COMMENT", "I have the page of 2020 before me.")
        .await;
    eva.take("COMMENT").await;
    eva.sees("I have the page of 2020 before me.").await;
    eva.types("REQUEST_CHANGES", "Say that it is about documents.")
        .await;
    eva.take("REQUEST_CHANGES").await;
    eva.sees("Changes requested").await;

    // The author answers by the account.
    carla.click("footer a[href^='/account']").await;
    let edit = format!(
        "main a[href^='{}']",
        path.replace("/review/", "/contribute/draft/")
    );
    carla.click(&edit).await;
    carla.sees("Say that it is about documents.").await;
    carla.tab.fill(statement, STATEMENTS[1]).await;
    carla.click("button[value=send]").await;
    carla.click("main a[href^='/review/']").await;

    // While two editors read it, the author edits once more: the first decision is for a revision that is past.
    open(&mut eva.tab, &api, &path).await;
    carla.click("main a[href^='/contribute/draft/']").await;
    carla.tab.fill(statement, STATEMENTS[2]).await;
    eva.is_not_told().await;
    carla.click("button[value=send]").await;
    if has_scripts {
        eva.is_told().await;
    }
    eva.types("ACCEPT", "The source says so.").await;
    eva.take("ACCEPT").await;
    eva.sees("you read revision").await;
    eva.sees_value(STATEMENTS[2]).await;
    eva.still_has("The source says so.").await;
    open(&mut rita.tab, &api, &path).await;
    rita.is_not_told().await;
    eva.take("ACCEPT").await;
    eva.sees("Accepted").await;
    if has_scripts {
        rita.is_told().await;
    }
    rita.types("REJECT", "I see no source.").await;
    rita.take("REJECT").await;
    rita.sees("eva was faster").await;
    rita.still_has("I see no source.").await;

    // The other proposal has a conflict now, which its author resolves by choice.
    open(&mut eva.tab, &api, &other).await;
    eva.sees("Conflicts (1)").await;
    assert!(!eva.may("ACCEPT").await);
    carla.click("footer a[href^='/account']").await;
    carla.click(&format!("td a[href^='{other}']")).await;
    carla.sees_value(OTHER_STATEMENT).await;
    carla
        .tab
        .value("document.querySelector('input[value=PROPOSED]').checked = true")
        .await;
    carla.take("RESOLVE_CONFLICTS").await;
    open(&mut eva.tab, &api, &other).await;
    eva.take("ACCEPT").await;
    eva.sees("Accepted").await;

    // Another editor takes it back: her proposal waits for somebody else.
    open(&mut rita.tab, &api, &other).await;
    rita.types("REVERT", "The old statement was better.").await;
    rita.take("REVERT").await;
    let revert = rita.path().await;
    assert_ne!(revert, other);
    assert!(!rita.may("ACCEPT").await && !rita.may("REJECT").await);
    open(&mut eva.tab, &api, &revert).await;
    eva.take("ACCEPT").await;
    eva.sees("Accepted").await;
    open(&mut carla.tab, &api, &format!("/records/{RECORD}")).await;
    carla.sees_value(STATEMENTS[2]).await;

    // The author withdraws another one.
    let last = proposed(&api, "carla", STATEMENTS[0]).await;
    open(&mut carla.tab, &api, &last).await;
    carla
        .tab
        .value("document.querySelector('input[type=checkbox][required]').checked = true")
        .await;
    carla.take("WITHDRAW").await;
    carla.sees("Withdrawn").await;
    clicked.take().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn proposals_go_their_whole_way_with_scripts_and_without() {
    let Some(browser) = browser().await else {
        return;
    };
    let (with, without) = (walk(&browser, true).await, walk(&browser, false).await);
    assert_eq!(with, without);
    assert_snapshot!(with);
}
