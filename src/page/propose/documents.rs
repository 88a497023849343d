//! Policy documents that the page names.

use domain::record::Kind;
use serde_json::{Value, json};

use super::changes::{At, Changes};
use super::known::Known;
use super::{Origin, language_of};
use crate::documents::Document;
use crate::fold::name_key;
use crate::read::Page;

pub(super) fn propose(page: &Page, origin: &Origin, known: &Known, changes: &mut Changes<'_>) {
    let mut taken: Vec<String> = Vec::new();
    for document in &page.documents {
        let key = name_key(&document.title);
        let is_known = known.of(Kind::PolicyDocument).any(|record| {
            let same_period = record.text("period") == document.period.as_deref();
            let titles = record.name_keys("titles");
            titles.iter().any(|title| {
                *title == key || same_period && without_years(title) == without_years(&key)
            })
        });
        if is_known || taken.contains(&key) {
            continue;
        }
        taken.push(key);
        let at = At {
            line: document.line,
            heading: &document.heading,
            quote: &document.quote,
        };
        changes.create("PolicyDocument", None, &fields(document, page, origin), at);
    }
}

fn fields(document: &Document, page: &Page, origin: &Origin) -> Value {
    let mut fields = json!({
        "kind": document.kind,
        "titles": [{ "text": document.title, "language": language_of(page, document.line) }],
        "status": document.status,
        "country": origin.country,
    });
    let mut add = |field: &str, value: Value| {
        if let Some(members) = fields.as_object_mut() {
            members.insert(field.to_owned(), value);
        }
    };
    if !document.subjects.is_empty() {
        add("subjects", json!(document.subjects));
    }
    if let Some(period) = &document.period {
        add("period", json!(period));
    }
    if let Some(year) = &document.adopted_on {
        add("adoptedOn", json!(year));
    }
    fields
}

/// Returns the key of a title without its years and the words that lead to them.
fn without_years(key: &str) -> String {
    let words = key.split(' ');
    let words = words.filter(|word| {
        word.parse::<u32>().is_err() && !matches!(*word, "for" | "the" | "period" | "of")
    });
    words.collect::<Vec<_>>().join(" ")
}
