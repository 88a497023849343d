//! Countries, pages and known records for the tests.

use domain::change::ChangeInput;
use domain::check::Path;
use domain::contribution::checked_changes;
use domain::record::RecordId;
use page::{Countries, Known, KnownRecord, Origin, Page, Proposal, Unreadable, propose, read};
use serde_json::{Value, json};

/// Countries with their names. Testland and its neighbours are invented.
pub fn countries() -> Countries {
    let all: [(&str, &[&str]); 14] = [
        ("AZ", &["Azerbaijan", "Azerbaïdjan"]),
        ("AM", &["Armenia", "Arménie"]),
        ("TR", &["Türkiye", "Turquie"]),
        ("MD", &["Moldova, Republic of", "Moldavie"]),
        ("ZZ", &["Testland", "Pays de Test"]),
        ("ZY", &["Otherland", "Autre Pays"]),
        ("ZX", &["Third Islands"]),
        ("KE", &["Kenya"]),
        ("SO", &["Somalia", "Somalie"]),
        ("ET", &["Ethiopia", "Éthiopie"]),
        ("ML", &["Mali"]),
        ("TD", &["Chad", "Tchad"]),
        ("NE", &["Niger"]),
        ("NG", &["Nigeria"]),
    ];
    Countries::new(all.map(|(code, names)| (code.parse().unwrap(), names.to_vec())))
}

pub fn read_as(country: &str, text: impl AsRef<[u8]>) -> Result<Page, Unreadable> {
    read(text.as_ref(), &country.parse().unwrap(), &countries())
}

/// Reads a page of Testland.
pub fn page(text: impl AsRef<[u8]>) -> Page {
    read_as("ZZ", text).unwrap()
}

pub fn origin(country: &str) -> Origin {
    Origin {
        country: country.parse().unwrap(),
        url: None,
        retrieved_on: None,
        today: "2026-11-29".parse().unwrap(),
    }
}

/// Proposes changes from a page of Testland.
pub fn proposal(text: impl AsRef<[u8]>, known: &Known) -> Proposal {
    let proposal = propose(&page(text), &origin("ZZ"), &countries(), known);
    check(&proposal);
    proposal
}

/// Runs the checks of the domain over each change.
pub fn check(proposal: &Proposal) {
    if !proposal.changes.is_empty() {
        let mut found = Vec::new();
        checked_changes(&proposal.changes, &Path::default(), &mut found);
        assert_eq!(found, []);
    }
    assert!(proposal.title.chars().count() <= 200);
}

/// The changes as JSON: pairs of a name and its members.
pub fn changes(proposal: &Proposal) -> Vec<(String, Value)> {
    let all = proposal.changes.iter().map(|change| {
        let change = serde_json::to_value(change).unwrap();
        let (name, body) = change.as_object().unwrap().iter().next().unwrap();
        (name.clone(), body.clone())
    });
    all.collect()
}

/// The values of the changes of one name.
pub fn of(proposal: &Proposal, name: &str) -> Vec<Value> {
    let all = changes(proposal)
        .into_iter()
        .filter(|(other, _)| other == name);
    all.map(|(_, body)| body.get("fields").or(body.get("set")).unwrap().clone())
        .collect()
}

/// The records as they are after the changes were accepted.
pub fn accepted(proposal: &Proposal, known: &Known) -> Known {
    let mut known = known.clone();
    for change in &proposal.changes {
        accept(change, &mut known);
    }
    known
}

fn accept(change: &ChangeInput, known: &mut Known) {
    let checked = change
        .clone()
        .checked(&Path::default())
        .unwrap()
        .into_inner();
    let name = change.creates();
    if let Some(kind) = name {
        let id = checked.id.clone().unwrap_or_else(|| {
            RecordId::new(kind, &format!("new-{}", known.records.len())).unwrap()
        });
        let content = checked.fields.iter();
        let content = content.filter_map(|(field, value)| Some((field.camel(), value.clone()?)));
        known.records.push(KnownRecord {
            id,
            version: 1,
            content: content.collect(),
        });
        return;
    }
    let record = known
        .records
        .iter_mut()
        .find(|record| Some(&record.id) == checked.id.as_ref())
        .unwrap();
    assert_eq!(Some(record.version), checked.base_version);
    record.version += 1;
    for (field, value) in &checked.fields {
        record.content.insert(field.camel(), value.clone().unwrap());
    }
}

/// A known record.
pub fn record(id: &str, version: i32, content: Value) -> KnownRecord {
    KnownRecord {
        id: id.parse().unwrap(),
        version,
        content: content.as_object().unwrap().clone(),
    }
}

/// A known event under the Budapest Convention.
pub fn event(key: &str, kind: &str, date: &str) -> KnownRecord {
    let content = json!({ "kind": kind, "date": date, "country": "ZZ", "treaty": "ETS 185" });
    record(&format!("TreatyEvent:{key}"), 3, content)
}

/// Known records.
pub fn known(records: Vec<KnownRecord>) -> Known {
    Known { records }
}

/// The text of the unmapped lines of a page, with their numbers.
pub fn unmapped(page: &Page) -> Vec<(usize, String)> {
    let all = page.unmapped.iter();
    all.map(|unmapped| (unmapped.line, unmapped.text.clone()))
        .collect()
}
