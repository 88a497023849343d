//! What texts may hold that people write, and that others read.

use serde_json::Value;

use super::check::{Code, Finding, Path};

/// The most characters that one text may have.
pub const MAX_TEXT: usize = 20_000;

/// Whether a letter changes the direction of those that follow: what is read would not be what is kept.
/// Source: Unicode Standard Annex 9, explicit formatting characters.
pub fn is_directional(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What is wrong with a text, of however many lines.
pub fn text_faults(text: &str, path: &Path, found: &mut Vec<Finding>) {
    let control = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t' | '\r');
    if text.trim().is_empty() {
        found.push(path.finding(Code::Required, "must not be blank"));
    } else if text.chars().count() > MAX_TEXT {
        let message = format!("is longer than {MAX_TEXT} characters");
        found.push(path.finding(Code::Invalid, message));
    } else if text.chars().any(control) {
        found.push(path.finding(Code::Invalid, "must not contain control characters"));
    } else if text.chars().any(is_directional) {
        let message = "must not contain characters that change the direction of the text";
        found.push(path.finding(Code::Invalid, message));
    }
}

/// What is wrong with a text of one line.
pub fn line_faults(text: &str, longest: usize, path: &Path, found: &mut Vec<Finding>) {
    let before = found.len();
    text_faults(text, path, found);
    if found.len() > before {
        return;
    }
    if text.chars().count() > longest {
        let message = format!("is longer than {longest} characters");
        found.push(path.finding(Code::Invalid, message));
    } else if has_break(text) {
        found.push(path.finding(Code::Invalid, LINE));
    }
}

/// What a text must be that has breaks and must not.
const LINE: &str = "must be one line, without tabs";

fn has_break(text: &str) -> bool {
    let breaks = |letter: char| matches!(letter, '\n' | '\t' | '\r' | '\u{2028}' | '\u{2029}');
    text.contains(breaks)
}

/// Finds texts with breaks, however deep they are in a value.
pub fn breaks(value: &Value, path: &Path, found: &mut Vec<Finding>) {
    match value {
        Value::String(text) if has_break(text) => found.push(path.finding(Code::Invalid, LINE)),
        Value::Array(list) => {
            for (at, one) in list.iter().enumerate() {
                breaks(one, &path.then(at), found);
            }
        }
        Value::Object(members) => {
            for (name, one) in members {
                breaks(one, &path.then(name), found);
            }
        }
        _ => {}
    }
}
