//! The list of changes while it is made: each change passes the checks of the domain before it is added.

use domain::change::ChangeInput;
use domain::check::Path;
use domain::contribution::MAX_CHANGES;
use domain::record::Kind;
use domain::text::slug;
use serde_json::{Value, json};

use super::known::Known;
use crate::read::Unmapped;

/// Longest sentence that is quoted, in characters.
const MAX_QUOTE: usize = 400;

/// Place of a fact on the page.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    /// Number of the line.
    pub(super) line: usize,
    /// Heading above it.
    pub(super) heading: &'a str,
    /// The words of the page.
    pub(super) quote: &'a str,
}

/// Changes that were proposed so far.
pub(super) struct Changes<'a> {
    /// The changes.
    pub(super) list: Vec<ChangeInput>,
    /// Remarks for the editor.
    pub(super) notes: Vec<String>,
    /// Facts of the page that no change can express.
    pub(super) unmapped: Vec<Unmapped>,
    source: String,
    known: &'a Known,
    taken: Vec<String>,
}

impl<'a> Changes<'a> {
    pub(super) fn new(source: String, known: &'a Known) -> Self {
        Self {
            list: Vec::new(),
            notes: Vec::new(),
            unmapped: Vec::new(),
            source,
            known,
            taken: Vec::new(),
        }
    }

    /// Returns the citation of the page for the fields of a change.
    pub(super) fn cite(&self, at: At<'_>, fields: Option<&[&str]>) -> Value {
        let locator = if at.heading.is_empty() {
            "head of the page"
        } else {
            at.heading
        };
        let mut cite =
            json!({ "source": self.source, "locator": locator, "certainty": "REPORTED" });
        if let Some(members) = cite.as_object_mut() {
            if !at.quote.is_empty() && at.quote.chars().count() <= MAX_QUOTE {
                members.insert("quote".to_owned(), json!(at.quote));
            }
            if let Some(fields) = fields {
                members.insert("fields".to_owned(), json!(fields));
            }
        }
        json!([cite])
    }

    /// Adds a create of a record with these fields, which cites the page for all of them.
    pub(super) fn create(
        &mut self,
        noun: &str,
        key: Option<&str>,
        fields: &Value,
        at: At<'_>,
    ) -> bool {
        let mut create = json!({ "fields": fields, "cite": self.cite(at, None) });
        if let (Some(key), Some(members)) = (key, create.as_object_mut()) {
            members.insert("key".to_owned(), json!(key));
        }
        self.push(json!({ format!("create{noun}"): create }), at)
    }

    /// Adds an update of fields of a known record, which cites the page for all of them.
    pub(super) fn update(
        &mut self,
        noun: &str,
        id: &str,
        version: i32,
        set: &Value,
        at: At<'_>,
    ) -> bool {
        let update =
            json!({ "id": id, "baseVersion": version, "set": set, "cite": self.cite(at, None) });
        self.push(json!({ format!("update{noun}"): update }), at)
    }

    /// Adds a change if the domain accepts it and there is room; else its text is unmapped.
    fn push(&mut self, change: Value, at: At<'_>) -> bool {
        let why = match serde_json::from_value::<ChangeInput>(change) {
            Err(error) => error.to_string(),
            // The first change creates the source.
            Ok(_) if self.list.len() + 1 >= MAX_CHANGES => {
                format!(
                    "a contribution can have at most {MAX_CHANGES} changes: import the page again after this one"
                )
            }
            Ok(change) => match change.clone().checked(&Path::default()) {
                Ok(_) => {
                    self.list.push(change);
                    return true;
                }
                Err(found) => {
                    let messages = found.iter().map(|finding| finding.message.as_str());
                    messages.collect::<Vec<_>>().join("; ")
                }
            },
        };
        self.unmapped.push(Unmapped {
            line: at.line,
            text: at.quote.to_owned(),
            why: Some(why),
        });
        false
    }

    /// Returns a key that no known record and no other change has.
    pub(super) fn free_key(&mut self, kind: Kind, text: &str) -> String {
        let base = slug(text);
        let mut key = base.clone();
        let mut number = 2;
        while self.known.has(&format!("{kind}:{key}"))
            || self.taken.contains(&format!("{kind}:{key}"))
        {
            key = format!("{base}-{number}");
            number += 1;
        }
        self.taken.push(format!("{kind}:{key}"));
        key
    }
}
