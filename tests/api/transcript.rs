//! What was asked and answered, written down where it is wanted, so that two runs can be compared. What
//! differs from run to run by its nature is left out: instants, names drawn by lot, ports, and cursors,
//! which hold the database's id.

use std::io::Write;
use std::path::PathBuf;

use serde_json::Value;

/// Where to write.
pub fn folder() -> Option<PathBuf> {
    std::env::var_os("CYBERPROFILES_TEST_TRANSCRIPT").map(PathBuf::from)
}

/// Writes down a query and what was answered, under the name of the test.
pub fn write(query: &str, variables: &Value, answer: &Value) {
    let Some(folder) = folder() else { return };
    if query.trim_start().starts_with("mutation") {
        return;
    }
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("unnamed").replace("::", "-");
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join(name));
    let line = serde_json::json!({ "query": same(query), "variables": lasting(variables), "answer": lasting(answer) });
    writeln!(file.unwrap(), "{line}").unwrap();
}

fn lasting(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(lasting).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), lasting(value)))
            .collect(),
        Value::String(text) => Value::from(same(text)),
        other => other.clone(),
    }
}

fn same(text: &str) -> String {
    if text.contains('"') {
        return text.split('"').map(same).collect::<Vec<_>>().join("\"");
    }
    if chrono::DateTime::parse_from_rfc3339(text).is_ok() {
        return "an instant".to_owned();
    }
    if let Some((before, after)) = text.split_once("127.0.0.1:") {
        let rest = after.trim_start_matches(|letter: char| letter.is_ascii_digit());
        return format!("{before}a server{rest}");
    }
    let mixed = |word: &str| {
        word.bytes().any(|byte| byte.is_ascii_uppercase())
            && word.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    let cursor = |word: &str| word.len() == 27 && mixed(word);
    let drawn = |word: &str| word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let ends = |letter: char| !letter.is_ascii_alphanumeric() && !"-_".contains(letter);
    let words = text.split_inclusive(ends).map(|word| {
        let bare = word.trim_end_matches(ends);
        if cursor(bare) || drawn(bare) {
            word.replace(bare, "…")
        } else {
            word.to_owned()
        }
    });
    words.collect()
}
