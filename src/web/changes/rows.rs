//! The changes as rows of a spreadsheet: one for each changed field, or one for a change without fields.

use serde_json::Value;

use super::page::changes::ChangesChangesNodes as Change;
use crate::csv::Csv;
use crate::frame::{Frame, Moment};

/// The rows, newest change first, with the values as they are stored. `next` is the address of the rows after these.
pub fn csv(mut frame: Frame, head: &str, changes: &[Change], next: Option<String>) -> String {
    frame.moment = Some(Moment {
        cursor: head.to_owned(),
        ..Moment::default()
    });
    let header = [
        "committed_at",
        "by",
        "operation",
        "kind",
        "record",
        "name",
        "countries",
        "field",
        "before",
        "after",
        "position",
    ];
    let mut csv = Csv::page(&frame, &header, next);
    for change in changes.iter().rev() {
        let countries: Vec<&str> = change
            .countries
            .iter()
            .map(|one| one.code.as_str())
            .collect();
        let begin = [
            change.committed_at.clone(),
            change.actor.name.clone(),
            frame.label(&change.operation),
            frame.label(&change.record_kind),
            change.record_id.clone(),
            change.record.label.clone(),
            countries.join(" "),
        ];
        let mut row = |field: String, before: String, after: String| {
            let end = [field, before, after, change.cursor.clone()];
            let cells: Vec<String> = begin.iter().cloned().chain(end).collect();
            csv.row(&cells);
        };
        for field in &change.fields {
            let name = frame.label(&field.field);
            row(
                name,
                text(field.before.as_ref()),
                text(field.after.as_ref()),
            );
        }
        if let Some(effect) = &change.effect {
            let (before, after) = (effect.before.clone(), effect.after.clone());
            let name = format!("{} ({})", frame.label(&effect.kind), effect.on);
            row(name, before.unwrap_or_default(), after.unwrap_or_default());
        } else if change.fields.is_empty() {
            row(String::new(), String::new(), String::new());
        }
    }
    csv.finish()
}

/// A stored value as text: a list or object as JSON.
fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_text_or_json() {
        assert_eq!(text(Some(&json!("a"))), "a");
        assert_eq!(text(Some(&json!(["a", 1]))), "[\"a\",1]");
        assert_eq!(text(Some(&Value::Null)), "");
        assert_eq!(text(None), "");
    }
}
