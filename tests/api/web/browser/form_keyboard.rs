//! The forms of proposals by keyboard alone: each stop has a name and is seen, errors move the focus, and each form can
//! be filled and sent.

use std::collections::BTreeSet;
use std::time::Duration;

use cyberprofiles::domain::viewer::Role;
use serde_json::json;

use super::chromium::Tab;
use super::keyboard::FOCUS;
use super::{browser, open};
use crate::harness::Api;
use crate::web::addresses::FORMS;

/// The number of stops between two elements of a form, at most.
const STOPS: usize = 400;

/// A form, and what is typed into its fields or chosen there, in the order of the page.
struct Filled {
    path: &'static str,
    fields: &'static [(&'static str, &'static str)],
}

const UNSOURCED: (&str, &str) = ("p0.cite.0.source", "Source:unsourced");

const FILLED: &[Filled] = &[
    Filled {
        path: "add-a-strategy?country=IE&topic=CYBERSECURITY_STRATEGY",
        fields: &[
            ("p0.fields.titles.0.text", "Strategy"),
            ("p0.fields.titles.0.language", "en"),
            ("p0.fields.status", "ADOPTED"),
            UNSOURCED,
            ("p1.fields.asOf", "2019-12"),
        ],
    },
    Filled {
        path: "mend-a-date?country=AZ&record=TreatyEvent:az-ets-185-declaration-article-27-9",
        fields: &[("p0.fields.date", "2010-03-16"), UNSOURCED],
    },
    Filled {
        path: "add-a-unit?country=IE",
        fields: &[
            ("p0.fields.kind", "CYBERCRIME_UNIT"),
            ("p0.fields.names.0.text", "Unit"),
            ("p0.fields.names.0.language", "en"),
            ("p0.fields.status", "OPERATIONAL"),
            UNSOURCED,
        ],
    },
    Filled {
        path: "add-a-body?country=IE",
        fields: &[
            ("p0.fields.kind", "OTHER"),
            ("p0.fields.names.0.text", "Body"),
            ("p0.fields.names.0.language", "en"),
            ("p0.fields.status", "OPERATIONAL"),
            UNSOURCED,
        ],
    },
    Filled {
        path: "add-a-country",
        fields: &[
            ("p0.fields.code", "AN"),
            ("p0.fields.kind", "OTHER"),
            ("p0.fields.names.0.text", "Netherlands Antilles"),
            ("p0.fields.names.0.language", "en"),
            (
                "p0.fields.designationNote",
                "Withdrawn from ISO 3166-1 in 2010: ANHH.",
            ),
        ],
    },
    Filled {
        path: "add-a-treaty",
        fields: &[
            ("p0.fields.reference", "CETS 999"),
            ("p0.fields.shortTitle", "Treaty"),
            ("p0.fields.title", "Treaty of the test"),
            ("p0.fields.organisation", "Council of Europe"),
            UNSOURCED,
        ],
    },
    Filled {
        path: "add-treaty-acts?country=IE",
        fields: &[
            ("p0.fields.kind", "RATIFICATION"),
            ("p0.fields.date", "2026-01-02"),
            UNSOURCED,
        ],
    },
    Filled {
        path: "complete-a-legal-profile?country=AL",
        fields: &[
            ("p0.fields.article", "22"),
            ("p0.fields.degree", "GENERAL_LAW"),
            (
                "p0.fields.provisions.0.document",
                "PolicyDocument:al-criminal-code",
            ),
            ("p0.fields.provisions.0.number", "5"),
            UNSOURCED,
        ],
    },
    Filled {
        path: "rewrite-a-section?country=IE&record=new&topic=POLICIES",
        fields: &[
            ("p0.fields.language", "en"),
            ("p0.fields.body", "There is a **strategy**."),
            UNSOURCED,
        ],
    },
    Filled {
        path: "state-an-absence?country=IE",
        fields: &[
            ("p0.fields.topic", "CYBERCRIME_STRATEGY"),
            ("p0.fields.asOf", "2026-01"),
            UNSOURCED,
        ],
    },
    Filled {
        path: "merge-two-records?country=AZ&record=CoverageAssertion:az-cybercrime-policy-2020&record=new",
        fields: &[("p0.reason", "The other finding says the same.")],
    },
    Filled {
        path: "replace-a-document?country=AZ&record=PolicyDocument:az-information-society-strategy-2014-2020&record=new",
        fields: &[
            UNSOURCED,
            ("p1.fields.kind", "STRATEGY"),
            ("p1.fields.titles.0.text", "Newer strategy"),
            ("p1.fields.titles.0.language", "en"),
            ("p1.fields.status", "ADOPTED"),
        ],
    },
];

/// A tab, and what is wrong at its stops.
struct Walk {
    tab: Tab,
    page: String,
    faults: BTreeSet<String>,
}

impl Walk {
    fn fault(&mut self, fault: impl AsRef<str>) {
        self.faults
            .insert(format!("{}: {}", self.page, fault.as_ref()));
    }

    /// Presses a key that moves the focus, and looks at the stop. False at the end of the page.
    async fn step(&mut self, key: &str) -> bool {
        self.tab.press(key).await;
        let focus = self.tab.value(FOCUS).await;
        let element = focus[0].as_str().unwrap().to_owned();
        if element.is_empty() {
            return false;
        }
        for (place, fault) in [(1, "has no outline"), (2, "is not seen")] {
            if focus[place] == false {
                self.fault(format!("{element} {fault}"));
            }
        }
        true
    }

    /// Goes on to the element that a selector names.
    async fn reach(&mut self, selector: &str) {
        let is_there = format!("document.activeElement.matches({selector:?})");
        for _ in 0..STOPS {
            if self.tab.value(&is_there).await == true {
                return;
            }
            self.step("Tab").await;
        }
        panic!("{}: {selector} is not reached", self.page);
    }

    /// Expects a name of everything that can have the focus, as screen readers read it.
    async fn names(&mut self) {
        let tree = self
            .tab
            .call("Accessibility.getFullAXTree", json!({}))
            .await;
        for node in tree["nodes"].as_array().unwrap() {
            let properties = node["properties"].as_array().into_iter().flatten();
            let mut focusable = properties.filter(|one| one["name"] == "focusable");
            let is_focusable = focusable.any(|one| one["value"]["value"] == true);
            let role = &node["role"]["value"];
            let name = node["name"]["value"].as_str().unwrap_or_default();
            // The page itself takes the focus from the skip link.
            let is_focusable = is_focusable && role != "main";
            if is_focusable && node["ignored"] != true && name.trim().is_empty() {
                self.fault(format!("a {role} without a name"));
            }
        }
    }

    /// Fills the field with the focus: types, or goes down to a choice.
    async fn fill(&mut self, value: &str) {
        let is_choice = self
            .tab
            .value("document.activeElement.localName === 'select'")
            .await;
        if is_choice != true {
            self.tab.value("document.activeElement.select()").await;
            return self.tab.type_text(value).await;
        }
        for _ in 0..STOPS {
            if self.tab.value("document.activeElement.value").await == value {
                return;
            }
            self.tab.press("ArrowDown").await;
        }
        panic!("{}: no choice {value}", self.page);
    }

    /// The whole of a form: looked at, sent with errors, filled, and sent.
    async fn form(&mut self, form: &Filled) {
        self.names().await;
        // Optional things open and close with the space bar.
        let further = "main summary";
        let has_further = format!("document.querySelector({further:?}) !== null");
        if self.tab.value(&has_further).await == true {
            self.reach(further).await;
            let is_open = "document.activeElement.parentElement.open";
            let before = self.tab.value(is_open).await;
            self.tab.press("Space").await;
            if self.tab.value(is_open).await == before {
                self.fault("the further fields do not open or close");
            }
        }
        self.reach("#p0-omit").await;
        for is_checked in [true, false] {
            self.tab.press("Space").await;
            if self.tab.value("document.activeElement.checked").await != is_checked {
                self.fault("the space bar does not mark");
            }
        }
        self.reach("button[value=check]").await;
        self.tab.press_and_follow("Enter").await;
        let focus = "[document.activeElement.matches('[aria-invalid=true], .faults, fieldset:has(.error) *'), \
            document.activeElement.outerHTML.slice(0, 120)]";
        let mut moved = self.tab.value(focus).await;
        // The browser moves the focus when it draws the page.
        for _ in 0..100 {
            if moved[0] == true {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            moved = self.tab.value(focus).await;
        }
        if moved[0] != true {
            self.fault(format!("after an error, the focus is at {}", moved[1]));
        }
        self.names().await;
        // Backwards, and forwards again.
        self.step("Tab").await;
        let here = "document.activeElement.outerHTML.slice(0, 200)";
        let before = self.tab.value(here).await;
        self.step("Shift+Tab").await;
        let back = self.tab.value(here).await;
        self.step("Tab").await;
        if self.tab.value(here).await != before || back == before {
            self.fault(format!("Shift+Tab and Tab do not lead back to {before}"));
        }
        let about = [("title", "By keyboard"), ("rationale", "It is so.")];
        for (name, value) in form.fields.iter().chain(&about) {
            self.reach(&format!("[name=\"{name}\"]")).await;
            self.fill(value).await;
        }
        self.reach("button[value=send]").await;
        self.tab.press_and_follow("Space").await;
        let path = self.tab.value("location.pathname").await;
        if !path.as_str().unwrap().starts_with("/contribute/receipt/") {
            let said =
                "[...document.querySelectorAll('.faults, .error')].map((one) => one.innerText)";
            let said = self.tab.value(said).await;
            self.fault(format!("it is not sent: {said}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_form_is_filled_and_sent_by_keyboard_alone() {
    let Some(browser) = browser().await else {
        return;
    };
    let api = Api::seeded().await;
    let mut walk = Walk {
        tab: browser.tab().await,
        page: String::new(),
        faults: BTreeSet::new(),
    };
    let token = api.token(Role::Contributor, "carla").await;
    let url = format!("http://{}/", api.address);
    let cookie = json!({ "name": "cyberprofiles-session", "value": token, "url": url });
    walk.tab.call("Network.setCookie", cookie).await;
    for slug in FORMS {
        let form = FILLED.iter().find(|form| form.path.starts_with(slug));
        let form = form.unwrap_or_else(|| panic!("{slug} is not filled"));
        (*slug).clone_into(&mut walk.page);
        // A form that was not sent asks before its tab leads elsewhere.
        walk.tab = browser.tab().await;
        walk.tab.set_width(1280, 900).await;
        open(&mut walk.tab, &api, &format!("/contribute/{}", form.path)).await;
        walk.form(form).await;
    }
    assert!(walk.faults.is_empty(), "{:#?}", walk.faults);
    // The walk finds what it looks for.
    let rules = [
        ("main * { outline: none !important; }", "has no outline"),
        (
            "header { position: fixed; inset: 0; z-index: 9; }",
            "is not seen",
        ),
    ];
    for (rule, fault) in rules {
        open(&mut walk.tab, &api, "/contribute").await;
        let insert = format!("document.styleSheets[0].insertRule({rule:?})");
        walk.tab.value(&insert).await;
        walk.reach("main button").await;
        let found = std::mem::take(&mut walk.faults);
        assert!(found.iter().any(|one| one.contains(fault)), "{found:#?}");
    }
}
