//! The result of an import as lines for a terminal.

use std::fmt::Write;

use domain::text::truncate;
use serde_json::Value;

use crate::propose::Proposal;

/// Returns a proposal as text: one line for each change, then one for each text that could not be placed.
pub fn report(proposal: &Proposal) -> String {
    let mut text = String::new();
    let count = proposal.changes.len();
    let changes = if count == 1 { "change" } else { "changes" };
    let _ = writeln!(text, "{}: {count} {changes}", proposal.title);
    for change in &proposal.changes {
        let change = serde_json::to_value(change).unwrap_or_default();
        let members = change.as_object().into_iter().flatten();
        for (name, body) in members {
            let _ = writeln!(text, "  {name}: {}", summary(body));
        }
    }
    if !proposal.unmapped.is_empty() {
        let _ = writeln!(text, "not placed: {}", proposal.unmapped.len());
    }
    for unmapped in &proposal.unmapped {
        let _ = writeln!(text, "  line {}: {}", unmapped.line, line(&unmapped.text));
    }
    text
}

/// Returns the fields of a change that tell of what it is.
fn summary(body: &Value) -> String {
    let fields = body.get("fields").or(body.get("set"));
    let id = body.get("id").and_then(Value::as_str).map(str::to_owned);
    let shown = [
        "kind",
        "topic",
        "value",
        "state",
        "date",
        "articles",
        "reportedLabel",
        "title",
        "titles",
        "names",
        "body",
    ];
    let values = shown.iter().filter_map(|field| fields?.get(*field));
    let values = values.map(|value| {
        let first = value.get(0).unwrap_or(value);
        let text = first.get("text").unwrap_or(first);
        line(text.as_str().unwrap_or_default())
    });
    id.into_iter().chain(values).collect::<Vec<_>>().join(" ")
}

/// Returns the beginning of a text, on one line.
fn line(text: &str) -> String {
    truncate(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}
