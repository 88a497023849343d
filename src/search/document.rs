//! One version of a record, prepared for the index.

use std::collections::HashMap;

use domain::field::Content;
use domain::record::{Kind, RecordField, RecordId};
use serde_json::Value;

use super::piece::{Class, pieces};
use super::token::{Compound, compounds, whole};

/// One version of a record, as the store returns it.
#[derive(Clone, Debug)]
pub struct Version {
    /// The record.
    pub id: RecordId,
    /// The sequence number of the change that wrote it.
    pub since: i64,
    /// The sequence number of the change that replaced or retired it; `None` while it is current.
    pub until: Option<i64>,
    /// The content.
    pub content: Content,
}

/// A record whose names count for other records: a country or a treaty, by its code or reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The country with this code.
    Country(String),
    /// The treaty with this reference.
    Treaty(String),
}

/// A version of a record, divided into terms. Making it takes most of the time of an update, and needs no lock.
#[derive(Clone, Debug)]
pub struct Document {
    /// The record.
    pub(crate) id: RecordId,
    /// The sequence number of the change that wrote it.
    pub(crate) since: i64,
    /// The sequence number of the change that replaced or retired it.
    pub(crate) until: Option<i64>,
    /// Number of words in the shortest of its names and titles.
    pub(crate) words: u16,
    /// Its terms, each with its best class.
    pub(crate) terms: HashMap<String, Class>,
    /// Its names and titles, each as one term.
    pub(crate) wholes: Vec<String>,
    /// The records whose names count for it.
    pub(crate) owners: Vec<Owner>,
    /// The owner that it is.
    pub(crate) owns: Option<Owner>,
}

impl Document {
    /// Divides a version into terms.
    pub fn of(version: &Version) -> Self {
        let kind = version.id.kind();
        let mut terms = HashMap::new();
        let mut wholes = Vec::new();
        let mut words = usize::from(u16::MAX);
        for piece in pieces(kind, &version.content) {
            let compounds = compounds(&piece.text);
            for (term, _) in compounds.iter().flat_map(Compound::terms) {
                let class = terms.entry(term).or_insert(piece.class);
                *class = piece.class.min(*class);
            }
            if piece.is_whole {
                wholes.push(whole(&compounds));
                let length = compounds.iter().map(|compound| compound.0.len()).sum();
                words = words.min(length);
            }
        }
        Self {
            id: version.id.clone(),
            since: version.since,
            until: version.until,
            words: u16::try_from(words).unwrap_or(u16::MAX),
            terms,
            wholes,
            owners: owners(kind, &version.content),
            owns: owns(kind, &version.content),
        }
    }
}

fn texts(content: &Content, field: RecordField) -> Vec<&str> {
    match content.get(&field.camel()) {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn owns(kind: Kind, content: &Content) -> Option<Owner> {
    let text = |field| texts(content, field).first().map(|text| (*text).to_owned());
    match kind {
        Kind::Country => text(RecordField::Code).map(Owner::Country),
        Kind::Treaty => text(RecordField::Reference).map(Owner::Treaty),
        _ => None,
    }
}

fn owners(kind: Kind, content: &Content) -> Vec<Owner> {
    let mut owners: Vec<Owner> = owns(kind, content).into_iter().collect();
    for code in texts(content, RecordField::Country) {
        owners.push(Owner::Country(code.to_owned()));
    }
    for field in [RecordField::Treaty, RecordField::Treaties] {
        let references = texts(content, field).into_iter();
        owners.extend(references.map(|text| Owner::Treaty(text.to_owned())));
    }
    owners
}
