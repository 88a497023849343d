//! What texts may hold that people write, and that others read.

use icu_normalizer::ComposingNormalizerBorrowed;
use serde_json::Value;

use super::check::{Code, Finding, Path};

/// The most characters that one text may have.
pub const MAX_TEXT: usize = 20_000;

/// Puts text into Unicode Normalization Form C. All names and texts are kept and compared in it.
/// Source: Unicode Standard Annex 15.
const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();

/// The text in Unicode Normalization Form C.
pub fn composed(text: String) -> String {
    if NFC.is_normalized(&text) {
        text
    } else {
        NFC.normalize(&text).into_owned()
    }
}

/// Whether a letter leaves no mark where it stands: two texts could read the same and differ.
/// Source: Unicode Character Database, `Default_Ignorable_Code_Point`, and the annotation characters.
pub fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The beginning of a text of somebody else, as it is repeated to them: what cannot be seen is written out.
pub fn cut(text: &str) -> String {
    cut_at(MAX_SHOWN, text)
}

/// The same for what a library says of such a text: what it repeats is cut, what it expects is not.
pub fn retold(said: &str) -> String {
    let (given, expected) = said.split_at(said.rfind("expected ").unwrap_or(said.len()));
    cut_at(MAX_RETOLD, given) + expected
}

/// The beginning of a text of which all letters can be seen, as it is.
pub fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_RETOLD))
        .unwrap_or(text)
}

fn cut_at(most: usize, text: &str) -> String {
    let mut shown = String::new();
    for (at, letter) in text.chars().enumerate() {
        if at == most {
            shown.push('…');
            break;
        }
        if letter.is_control() || is_invisible(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// The most characters of a text that are repeated.
const MAX_SHOWN: usize = 80;
/// The most where a library's own words stand between them.
const MAX_RETOLD: usize = 200;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_form() {
        assert_eq!(composed("Caf\u{65}\u{301}".to_owned()), "Caf\u{e9}");
        assert_eq!(composed("\u{212b}".to_owned()), "\u{c5}");
        assert_eq!(composed("ﬁ ² Ａ".to_owned()), "ﬁ ² Ａ");
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(cut("a\u{0}b\u{202e}c\u{ad}"), "a\\u{0}b\\u{202e}c\\u{ad}");
        assert_eq!(cut(&"é".repeat(81)), "é".repeat(80) + "…");
        let said = format!("unknown field `{}`, expected `a`", "\n".repeat(1_000));
        assert_eq!(
            retold(&said),
            format!("unknown field `{}…expected `a`", "\\u{a}".repeat(185))
        );
        assert_eq!(retold("missing field `a`"), "missing field `a`");
        assert_eq!(beginning(&"é".repeat(101)), "é".repeat(100));
        assert_eq!(beginning("a"), "a");
    }
}
