//! The page itself as a source.

use domain::change::ChangeInput;
use domain::record::Kind;
use domain::text::{CountryCode, slug};
use domain::url::Url;
use serde_json::{Value, json};

use super::Origin;
use super::known::{Known, KnownRecord};
use crate::country::Countries;
use crate::fold::{fold, name_key};
use crate::read::Page;

/// The source that the changes cite.
pub(super) struct Cited {
    /// Its id.
    pub(super) id: String,
    /// Its title.
    pub(super) title: String,
    /// The change that creates it; `None` if it is known.
    pub(super) create: Option<ChangeInput>,
}

impl Cited {
    pub(super) fn of(page: &Page, origin: &Origin, countries: &Countries, known: &Known) -> Self {
        let title = title(&origin.country, countries);
        let same = known
            .of(Kind::Source)
            .filter(|source| is_same(source, &title, origin));
        // One address can have had several editions of the page.
        let same: Vec<&KnownRecord> = same.filter(|source| is_edition(source, page)).collect();
        let exact = same
            .iter()
            .find(|source| source.date("publishedOn").is_some());
        if let Some(source) = exact.or(same.first()) {
            return Self {
                id: source.id.to_string(),
                title: source.text("title").unwrap_or(&title).to_owned(),
                create: None,
            };
        }
        let edition = page
            .last_updated
            .map(|(day, _)| day)
            .or(origin.retrieved_on);
        let edition = edition.map_or_else(|| "undated".to_owned(), |day| day.to_string());
        let base = slug(&format!("page {} {edition}", origin.country));
        let mut key = base.clone();
        let mut number = 2;
        while known.has(&format!("Source:{key}")) {
            key = format!("{base}-{number}");
            number += 1;
        }
        let address = origin.url.as_ref().map(ToString::to_string);
        let is_council = address
            .as_deref()
            .map_or_else(|| names_council_of_europe(page), is_council_of_europe);
        let mut fields = json!({
            "kind": if is_council { "OFFICIAL_WEBSITE" } else { "WEB_PAGE" },
            "title": title,
        });
        let mut add = |field: &str, value: Option<Value>| {
            if let (Some(value), Some(members)) = (value, fields.as_object_mut()) {
                members.insert(field.to_owned(), value);
            }
        };
        add("url", address.map(|address| json!(address)));
        add("publisher", is_council.then(|| json!("Council of Europe")));
        add("publishedOn", page.last_updated.map(|(day, _)| json!(day)));
        add("retrievedOn", origin.retrieved_on.map(|day| json!(day)));
        add(
            "language",
            (!page.language.is_empty()).then(|| json!(page.language)),
        );
        let create = json!({ "createSource": { "key": key, "fields": fields } });
        Self {
            id: format!("Source:{key}"),
            title,
            create: serde_json::from_value(create).ok(),
        }
    }
}

fn is_same(source: &KnownRecord, title: &str, origin: &Origin) -> bool {
    match &origin.url {
        Some(url) => source
            .text("url")
            .is_some_and(|other| address(other) == address(&url.to_string())),
        None => source
            .text("title")
            .is_some_and(|other| name_key(other) == name_key(title)),
    }
}

/// True if the source can be this edition of the page.
fn is_edition(source: &KnownRecord, page: &Page) -> bool {
    let Some((day, _)) = page.last_updated else {
        return true;
    };
    source.date("publishedOn").is_none() || source.overlaps("publishedOn", &day.into())
}

/// The title of the source that a page without an address becomes.
pub fn title(country: &CountryCode, countries: &Countries) -> String {
    format!(
        "Octopus Community country profile, {}",
        countries.name(country)
    )
}

/// The addresses that are equal to one: with and without `www.` and a last slash, by HTTP and HTTPS.
pub fn addresses(url: &Url) -> Vec<String> {
    let url = url.to_string();
    let plain = address(&url);
    let mut addresses = Vec::new();
    for scheme in ["http://", "https://"] {
        for host in ["", "www."] {
            for slash in ["", "/"] {
                addresses.push(format!("{scheme}{host}{plain}{slash}"));
            }
        }
    }
    addresses
}

/// Returns an address without what does not change the page: scheme, `www.`, fragment, last slash.
fn address(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or(url);
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    url.strip_prefix("www.")
        .unwrap_or(url)
        .trim_end_matches('/')
}

/// True if the page names the Council of Europe, as its notice does.
fn names_council_of_europe(page: &Page) -> bool {
    page.placed.iter().any(|placed| {
        let folded = fold(&placed.text);
        folded.contains("council of europe") || folded.contains("conseil de l'europe")
    })
}

fn is_council_of_europe(url: &str) -> bool {
    let host = address(url)
        .split(['/', '?', ':'])
        .next()
        .unwrap_or_default();
    host == "coe.int" || host.ends_with(".coe.int")
}
