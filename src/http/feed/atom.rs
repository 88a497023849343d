//! A document of a feed in Atom. Sources: RFC 4287; RFC 5005, section 4.

use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};
use uuid::Builder;

use super::entry::{Change, word};
use super::xml::Xml;
use crate::domain::terms::{DISCLAIMER, TERMS};

const ATOM: &str = "http://www.w3.org/2005/Atom";
const HISTORY: &str = "http://purl.org/syndication/history/1.0";

/// A document: the feed itself, or an archive page of it.
pub struct Document<'a> {
    /// The cursor of the beginning of the log. It identifies the database.
    pub database: String,
    /// The path of the feed. It identifies the feed in the database.
    pub path: &'a str,
    /// The title of the feed.
    pub title: &'a str,
    /// The address of the feed.
    pub current: String,
    /// The address of this document, if it is an archive page.
    pub archive: Option<String>,
    /// The address of the archive page with the changes before.
    pub previous: Option<String>,
    /// The address of the archive page with the changes after.
    pub next: Option<String>,
    /// The address of the schema, which defines operations and kinds.
    pub schema: String,
    /// The changes, oldest first.
    pub changes: &'a [Change],
}

/// Writes a document, newest change first.
pub fn write(document: &Document<'_>) -> String {
    let mut xml = Xml::new();
    let names = [("xmlns", ATOM), ("xmlns:fh", HISTORY)];
    xml.open("feed", &names);
    xml.text("id", &[], &urn(&[&document.database, document.path]));
    xml.text("title", &[], document.title);
    let updated = document.changes.last().map(|change| change.committed_at);
    xml.text("updated", &[], &instant(updated.unwrap_or_default()));
    let own = document.archive.as_ref().unwrap_or(&document.current);
    link(&mut xml, "self", own);
    if document.archive.is_some() {
        xml.empty("fh:archive", &[]);
        link(&mut xml, "current", &document.current);
    }
    for (relation, address) in [
        ("prev-archive", &document.previous),
        ("next-archive", &document.next),
    ] {
        if let Some(address) = address {
            link(&mut xml, relation, address);
        }
    }
    person(&mut xml, "Cyberprofiles contributors");
    xml.text("rights", &[], &format!("{TERMS} {DISCLAIMER}"));
    xml.text("generator", &[], "cyberprofiles");
    for change in document.changes.iter().rev() {
        entry(&mut xml, change, &document.schema);
    }
    xml.close("feed");
    xml.finish()
}

fn entry(xml: &mut Xml, change: &Change, schema: &str) {
    xml.open("entry", &[]);
    xml.text("id", &[], &urn(&["Change", &change.cursor]));
    xml.text("title", &[], &change.title());
    let at = instant(change.committed_at);
    xml.text("published", &[], &at);
    xml.text("updated", &[], &at);
    // Without a type: readers follow only a link whose type they know.
    let alternate = [
        ("rel", "alternate"),
        ("href", change.record.permalink.as_str()),
    ];
    xml.empty("link", &alternate);
    person(xml, &change.actor.name);
    for (of, value) in [
        ("ChangeOperation", &change.operation),
        ("RecordKind", &change.record_kind),
    ] {
        category(xml, &format!("{schema}#{of}"), value, word(of, value));
    }
    for country in &change.countries {
        category(
            xml,
            &format!("{schema}#CountryCode"),
            &country.code,
            &country.name,
        );
    }
    xml.text("summary", &[("type", "text")], &change.summary());
    xml.text("content", &[("type", "text")], &change.content());
    xml.close("entry");
}

fn link(xml: &mut Xml, relation: &str, address: &str) {
    let kind = ("type", "application/atom+xml");
    xml.empty("link", &[("rel", relation), kind, ("href", address)]);
}

fn person(xml: &mut Xml, name: &str) {
    xml.open("author", &[]);
    xml.text("name", &[], name);
    xml.close("author");
}

fn category(xml: &mut Xml, scheme: &str, term: &str, label: &str) {
    let attributes = [("term", term), ("scheme", scheme), ("label", label)];
    xml.empty("category", &attributes);
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// An id that is equal for equal names, whatever the public address is. Source: RFC 9562, section 5.8.
fn urn(names: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"cyberprofiles");
    for name in names {
        hash.update([0]);
        hash.update(name.as_bytes());
    }
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(hash.finalize()) {
        *byte = from;
    }
    Builder::from_custom_bytes(bytes)
        .into_uuid()
        .urn()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_an_entry_never_changes() {
        // Feed readers have stored it: another value would show every change again as new.
        let id = urn(&["Change", "a cursor"]);
        assert_eq!(id, "urn:uuid:6ab21e04-1008-8e25-9600-62a4bbc5c72d");
        assert_ne!(urn(&["Change", "another"]), id);
        assert_ne!(urn(&["Changea", " cursor"]), urn(&["Change", "a cursor"]));
    }
}
