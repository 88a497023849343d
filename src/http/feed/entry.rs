//! A change as an entry of a feed: its title, summary and content in plain English.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use crate::domain::label;

/// A change, as the queries of this folder select it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    pub cursor: String,
    pub sequence: i64,
    pub committed_at: DateTime<Utc>,
    pub operation: String,
    pub record_kind: String,
    pub record_id: String,
    pub record: Record,
    pub countries: Vec<Country>,
    pub fields: Vec<FieldChange>,
    pub effect: Option<Effect>,
    pub actor: Actor,
}

#[derive(Deserialize)]
pub struct Record {
    pub label: String,
    pub permalink: String,
    pub version: i32,
    pub retired: Option<Retirement>,
}

#[derive(Deserialize)]
pub struct Retirement {
    pub reason: String,
}

#[derive(Deserialize)]
pub struct Country {
    pub code: String,
    pub name: String,
}

#[derive(Deserialize)]
pub struct FieldChange {
    pub field: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

#[derive(Deserialize)]
pub struct Effect {
    pub on: String,
    pub kind: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

#[derive(Deserialize)]
pub struct Actor {
    pub name: String,
}

/// Most characters of one value. The permalink leads to the whole text.
const MAX_VALUE: usize = 1_000;

/// The label of an enum value in English.
pub fn word<'a>(of: &str, value: &'a str) -> &'a str {
    label::of(of, value, "en").unwrap_or(value)
}

impl Change {
    /// The event: the operation, or for an effect the answer that changed.
    fn event(&self) -> &str {
        match &self.effect {
            Some(effect) => word("EffectKind", &effect.kind),
            None => word("ChangeOperation", &self.operation),
        }
    }

    /// The title: the event, the record, and its country.
    pub fn title(&self) -> String {
        let label = &self.record.label;
        let country = match self.countries.as_slice() {
            [country] if !label.contains(&country.name) => format!(", {}", country.name),
            _ => String::new(),
        };
        format!("{}: {label}{country}", self.event())
    }

    /// The summary: the kind of record, its version, and the names of the changed fields.
    pub fn summary(&self) -> String {
        let kind = word("RecordKind", &self.record_kind);
        let names = self
            .fields
            .iter()
            .map(|field| word("RecordField", &field.field));
        let names: Vec<&str> = names.collect();
        let names = if names.is_empty() {
            String::new()
        } else {
            format!(": {}", names.join(", "))
        };
        format!("{kind}, version {}{names}", self.record.version)
    }

    /// The content: one paragraph for each changed field, with the values before and after.
    pub fn content(&self) -> String {
        let mut lines = vec![format!(
            "{}: {} (version {})",
            self.event(),
            self.record_id,
            self.record.version
        )];
        for field in &self.fields {
            let name = word("RecordField", &field.field);
            lines.push(compared(
                name,
                text(field.before.as_ref()),
                text(field.after.as_ref()),
            ));
        }
        if let Some(effect) = &self.effect {
            let Effect {
                on, before, after, ..
            } = effect;
            lines.push(compared(
                &format!("From {on}"),
                before.clone(),
                after.clone(),
            ));
        }
        let retired = self.record.retired.as_ref();
        let reason = retired.map(|retired| retired.reason.trim());
        if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
            lines.push(format!("Reason: {reason}"));
        }
        lines.join("\n")
    }
}

/// A line with the values before and after.
fn compared(name: &str, before: Option<String>, after: Option<String>) -> String {
    match (before, after) {
        (None, Some(after)) => format!("{name}: {after}"),
        (Some(before), None) => format!("{name}: {before} → (none)"),
        (Some(before), Some(after)) => format!("{name}: {before} → {after}"),
        (None, None) => format!("{name}: (none)"),
    }
}

/// A value as text, cut to [`MAX_VALUE`].
fn text(value: Option<&Value>) -> Option<String> {
    let text = plain(value.filter(|value| !value.is_null())?);
    let mut letters = text.chars();
    let short: String = letters.by_ref().take(MAX_VALUE).collect();
    Some(if letters.next().is_some() {
        format!("{short}…")
    } else {
        short
    })
}

/// A value for people: elements of lists are divided by semicolons, members of objects by commas.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(plain).collect();
            elements.join("; ")
        }
        Value::Object(members) => {
            let present = members.iter().filter(|(_, value)| !value.is_null());
            let members = present.map(|(name, value)| match name.as_str() {
                "text" => plain(value),
                name => format!("{name} {}", plain(value)),
            });
            members.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_plain_text_and_long_ones_are_cut() {
        let names = json!([{ "language": "en", "text": "Unit" }, { "language": "az", "text": "Idarə", "period": null }]);
        assert_eq!(
            text(Some(&names)).unwrap(),
            "language en, Unit; language az, Idarə"
        );
        assert_eq!(text(Some(&json!(3))).unwrap(), "3");
        assert_eq!(text(Some(&Value::Null)), None);
        let long = text(Some(&json!("ə".repeat(2_000)))).unwrap();
        assert_eq!(long.chars().count(), MAX_VALUE + 1);
    }
}
