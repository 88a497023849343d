//! Reads a page as a list of tags with the text after each, and checks what holds for every page.

use std::collections::{BTreeMap, BTreeSet};

use html5gum::{Token, Tokenizer};

/// An element that begins, and the text up to the next tag.
#[derive(Debug)]
pub struct Tag {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
    pub is_end: bool,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    fn is(&self, name: &str) -> bool {
        self.name == name && !self.is_end
    }
}

/// The public address of the service in tests.
pub const PUBLIC: &str = "http://localhost:8000";

/// A page.
pub struct Html(pub Vec<Tag>);

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

impl Html {
    pub fn read(page: &str) -> Self {
        let mut tags: Vec<Tag> = Vec::new();
        for token in Tokenizer::new(page) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => {
                    let attributes = tag.attributes.iter();
                    let attributes =
                        attributes.map(|(name, value)| (text(name), text(&value.value)));
                    tags.push(Tag {
                        name: text(&tag.name),
                        attributes: attributes.collect(),
                        text: String::new(),
                        is_end: false,
                    });
                }
                Token::EndTag(tag) => tags.push(Tag {
                    name: text(&tag.name),
                    attributes: BTreeMap::new(),
                    text: String::new(),
                    is_end: true,
                }),
                Token::String(said) => {
                    if let Some(tag) = tags.last_mut() {
                        tag.text.push_str(&text(&said.value));
                    }
                }
                _ => {}
            }
        }
        Self(tags)
    }

    /// Elements with a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Tag> {
        self.0.iter().filter(move |tag| tag.is(name))
    }

    /// The text of the first element with a name, with the text of the elements in it.
    pub fn text_of(&self, name: &str) -> String {
        let tags = self.0.iter().skip_while(|tag| !tag.is(name));
        let inner = tags.take_while(|tag| !(tag.name == name && tag.is_end));
        inner.map(|tag| tag.text.as_str()).collect()
    }

    /// The addresses of this site to which the page links, without fragments.
    pub fn inner_links(&self) -> BTreeSet<String> {
        let links = self.all("a").filter_map(|tag| tag.get("href"));
        let inner = links.filter(|href| href.starts_with('/') && !href.starts_with("//"));
        inner
            .map(|href| href.split('#').next().unwrap().to_owned())
            .collect()
    }

    /// Faults of the page, each in a few words: what no page may have.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut expect = |is_right: bool, fault: String| {
            if !is_right {
                faults.push(fault);
            }
        };
        expect(self.all("h1").count() == 1, "not one h1".to_owned());
        expect(self.all("main").count() == 1, "not one main".to_owned());
        // An `svg` has titles, too.
        let head = self.0.iter().take_while(|tag| tag.name != "body");
        let titles = head.filter(|tag| tag.is("title")).count();
        expect(titles == 1, "not one title".to_owned());
        let language = self.all("html").find_map(|tag| tag.get("lang"));
        expect(language.is_some(), "no lang".to_owned());
        let mut ids = BTreeSet::new();
        for id in self.0.iter().filter_map(|tag| tag.get("id")) {
            expect(ids.insert(id), format!("id twice: {id}"));
        }
        self.labels(&ids, &mut expect);
        let mut level = 0;
        for tag in self.0.iter().filter(|tag| !tag.is_end) {
            if let Some(found) = tag
                .name
                .strip_prefix('h')
                .and_then(|text| text.parse().ok())
            {
                expect(found <= level + 1, format!("h{found} after h{level}"));
                level = found;
            }
            let is_module = tag.get("src").is_some() && tag.text.trim().is_empty();
            expect(!tag.is("script") || is_module, "inline script".to_owned());
            expect(!tag.is("style"), "style element".to_owned());
            expect(
                tag.get("style").is_none(),
                format!("style attribute of {}", tag.name),
            );
            for (name, value) in &tag.attributes {
                let is_handler = name.starts_with("on") && name.len() > 4;
                expect(!is_handler, format!("handler {name} of {}", tag.name));
                let is_script = value
                    .trim_start()
                    .to_ascii_lowercase()
                    .starts_with("javascript:");
                expect(!is_script, format!("script in {name} of {}", tag.name));
                expect(
                    !value.contains("url(http"),
                    format!("url() in {name} of {}", tag.name),
                );
            }
            let loads = match tag.name.as_str() {
                "link"
                    if tag.get("rel").is_some_and(|rel| {
                        !matches!(rel, "alternate" | "license" | "canonical" | "next" | "prev")
                    }) =>
                {
                    tag.get("href")
                }
                "meta" if tag.get("http-equiv").is_some() => tag
                    .get("content")
                    .and_then(|content| content.split("url=").nth(1)),
                "a" | "link" | "meta" => None,
                _ => tag
                    .get("src")
                    .or(tag.get("srcset"))
                    .or(tag.get("data"))
                    .or(tag.get("poster")),
            };
            let is_ours = loads.is_none_or(|address| {
                (address.starts_with('/') && !address.starts_with("//"))
                    || address.starts_with(PUBLIC)
            });
            expect(is_ours, format!("{} loads {loads:?}", tag.name));
            let is_other = tag.get("href").is_some_and(|href| {
                (href.starts_with("http:") || href.starts_with("https:"))
                    && !href.starts_with(PUBLIC)
            });
            let rel = tag.get("rel").unwrap_or_default();
            let is_safe = rel.contains("noopener") && rel.contains("noreferrer");
            expect(
                !(tag.is("a") && is_other) || is_safe,
                format!("rel of {:?}", tag.get("href")),
            );
        }
        faults
    }

    /// Expects a label for each field, and an element for each id that another names.
    fn labels(&self, ids: &BTreeSet<&str>, expect: &mut dyn FnMut(bool, String)) {
        let labelled: BTreeSet<&str> = self.all("label").filter_map(|tag| tag.get("for")).collect();
        let mut in_label = 0;
        for tag in &self.0 {
            if tag.name == "label" {
                in_label += if tag.is_end { -1 } else { 1 };
            }
            let is_field = matches!(tag.name.as_str(), "input" | "select" | "textarea");
            let is_shown = !matches!(tag.get("type"), Some("hidden" | "submit"));
            if is_field && is_shown && !tag.is_end {
                let is_named = in_label > 0
                    || tag.get("id").is_some_and(|id| labelled.contains(id))
                    || tag.get("aria-label").is_some()
                    || tag.get("aria-labelledby").is_some();
                expect(
                    is_named,
                    format!("field without label: {:?}", tag.attributes),
                );
            }
            for name in [
                "for",
                "aria-labelledby",
                "aria-describedby",
                "aria-controls",
            ] {
                for id in tag.get(name).unwrap_or_default().split_whitespace() {
                    expect(ids.contains(id), format!("{name}=\"{id}\" leads nowhere"));
                }
            }
        }
    }
}

#[test]
fn the_checks_find_what_no_page_may_have() {
    let page = "<html><h1>a</h1><h3 id=x>b</h3><p id=x style='a'>c<img src=//e.org/x onerror=f()><script>g()</script>\
                <style></style><input><a href='https://e.org'>d</a><a href='javascript:h()'>i</a><label for=y>j</label>";
    let faults = Html::read(page).faults();
    for fault in [
        "not one main",
        "no lang",
        "id twice: x",
        "h3 after h1",
        "style attribute of p",
        "handler onerror of img",
        "img loads Some(\"//e.org/x\")",
        "inline script",
        "style element",
        "field without label: {}",
        "rel of Some(\"https://e.org\")",
        "script in href of a",
        "for=\"y\" leads nowhere",
    ] {
        assert!(
            faults.iter().any(|found| found == fault),
            "{fault} in {faults:#?}"
        );
    }
}
