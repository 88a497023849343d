//! Rules for texts that people write and others read.

use icu_normalizer::ComposingNormalizerBorrowed;
use serde_json::Value;

use super::check::{Code, Finding, Path};

/// Maximum number of characters in one text.
pub const MAX_TEXT: usize = 20_000;

/// Unicode Normalization Form C, in which all names and texts are stored and compared. Source: Unicode Standard
/// Annex 15.
const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();

/// True if the text is in Unicode Normalization Form C.
pub fn is_composed(text: &str) -> bool {
    text.is_ascii() || NFC.is_normalized(text)
}

/// Returns the text in Unicode Normalization Form C.
pub fn composed(text: String) -> String {
    if NFC.is_normalized(&text) {
        text
    } else {
        NFC.normalize(&text).into_owned()
    }
}

/// True if a character is invisible: two texts could look the same and differ. Source: Unicode Character Database,
/// `Default_Ignorable_Code_Point`, and the annotation characters.
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

/// Returns the beginning of a text that somebody sent, for use in a message: at most 80 characters, with invisible
/// characters escaped.
pub fn truncate(text: &str) -> String {
    cut_at(MAX_SHOWN, text)
}

/// Returns the message of a library that repeats such a text: the repeated part is truncated to 200 characters, the
/// part from "expected" on is not.
pub fn quoted(text: &str) -> String {
    let (given, expected) = text.split_at(text.rfind("expected ").unwrap_or(text.len()));
    cut_at(MAX_QUOTED, given) + expected
}

/// Returns the beginning of a text, at most 200 bytes, for texts without invisible characters.
pub fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_QUOTED))
        .unwrap_or(text)
}

fn cut_at(most: usize, text: &str) -> String {
    let mut shown = String::new();
    for (at, letter) in text.chars().enumerate() {
        if at == most {
            shown.push('…');
            break;
        }
        if letter.is_control() || is_invisible(letter) || is_noncharacter(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Maximum number of characters of a text that a message repeats.
const MAX_SHOWN: usize = 80;
/// The same limit for the message of a library, which contains words of its own.
const MAX_QUOTED: usize = 200;

/// True if a character changes the direction of the following text, so that it looks different from what is stored.
/// Source: Unicode Standard Annex 9, explicit formatting characters.
pub fn is_directional(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// True if a character is reserved for the internal use of programs, and is never interchanged. Source: Unicode
/// Standard, section 23.7 (Noncharacters).
pub fn is_noncharacter(letter: char) -> bool {
    let code = u32::from(letter);
    code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code)
}

/// Adds the faults of a text with any number of lines.
pub fn check_text(text: &str, path: &Path, found: &mut Vec<Finding>) {
    let length = text.chars().count();
    if text.trim().is_empty() {
        let message = "must not be blank: expected at least one letter or digit";
        found.push(path.finding(Code::Required, message));
    } else if length > MAX_TEXT {
        found.push(path.finding(Code::Invalid, too_long(length, MAX_TEXT)));
    } else if let Some(message) = forbidden_character(text) {
        found.push(path.finding(Code::Invalid, message));
    }
}

/// Returns the message about the first character that no stored text contains, with its place.
fn forbidden_character(text: &str) -> Option<String> {
    text.chars().enumerate().find_map(|(at, letter)| {
        let why = match letter {
            '\n' | '\t' | '\r' => return None,
            _ if letter.is_control() => "control characters other than line breaks and tabs",
            _ if is_noncharacter(letter) => "noncharacters of Unicode",
            _ if is_directional(letter) => "characters that change the direction of the text",
            _ => return None,
        };
        let (code, place) = (u32::from(letter), at.saturating_add(1));
        Some(format!(
            "must not contain {why}: remove U+{code:04X}, character {place} of the text"
        ))
    })
}

/// Returns the message about a text that is too long.
fn too_long(length: usize, most: usize) -> String {
    format!("has {length} characters: expected at most {most}")
}

/// Adds the faults of a text with one line of at most `longest` characters.
pub fn check_line(text: &str, longest: usize, path: &Path, found: &mut Vec<Finding>) {
    let before = found.len();
    check_text(text, path, found);
    if found.len() > before {
        return;
    }
    let length = text.chars().count();
    if length > longest {
        found.push(path.finding(Code::Invalid, too_long(length, longest)));
    } else if has_break(text) {
        found.push(path.finding(Code::Invalid, LINE));
    }
}

/// Message for a text with line breaks or tabs where only one line is possible.
const LINE: &str = "must be one line: expected a text without line breaks and tabs";

fn has_break(text: &str) -> bool {
    let breaks = |letter: char| matches!(letter, '\n' | '\t' | '\r' | '\u{2028}' | '\u{2029}');
    text.contains(breaks)
}

/// Adds a finding for each text with line breaks or tabs, at any depth of a value.
pub fn check_line_breaks(value: &Value, path: &Path, found: &mut Vec<Finding>) {
    match value {
        Value::String(text) if has_break(text) => found.push(path.finding(Code::Invalid, LINE)),
        Value::Array(list) => {
            for (at, one) in list.iter().enumerate() {
                check_line_breaks(one, &path.then(at), found);
            }
        }
        Value::Object(members) => {
            for (name, one) in members {
                check_line_breaks(one, &path.then(name), found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_text_is_in_normalization_form_c() {
        assert_eq!(composed("Caf\u{65}\u{301}".to_owned()), "Caf\u{e9}");
        assert_eq!(composed("\u{212b}".to_owned()), "\u{c5}");
        assert_eq!(composed("ﬁ ² Ａ".to_owned()), "ﬁ ² Ａ");
    }

    #[test]
    fn a_forbidden_character_is_named_with_its_place() {
        let message = |text: &str| {
            let mut found = Vec::new();
            check_text(text, &Path::default(), &mut found);
            found.pop().map(|finding| finding.message)
        };
        for (text, expected) in [
            (
                "a\u{7}",
                "control characters other than line breaks and tabs: remove U+0007, character 2 of the text",
            ),
            (
                "\u{fdd0}",
                "noncharacters of Unicode: remove U+FDD0, character 1 of the text",
            ),
            (
                "é\u{fdef}",
                "noncharacters of Unicode: remove U+FDEF, character 2 of the text",
            ),
            (
                "ab\u{fffe}",
                "noncharacters of Unicode: remove U+FFFE, character 3 of the text",
            ),
            (
                "\u{1ffff}a",
                "noncharacters of Unicode: remove U+1FFFF, character 1 of the text",
            ),
            (
                "\u{10fffe}",
                "noncharacters of Unicode: remove U+10FFFE, character 1 of the text",
            ),
            (
                "a\u{202e}",
                "the direction of the text: remove U+202E, character 2 of the text",
            ),
        ] {
            let found = message(text).unwrap();
            assert!(
                found.starts_with("must not contain ") && found.ends_with(expected),
                "{found}"
            );
        }
        for text in ["a\r\n\tb", "\u{fdcf}\u{fdf0}\u{fffd}\u{e000}", "\u{1fffd}"] {
            assert_eq!(message(text), None, "{text}");
        }
    }

    #[test]
    fn invisible_characters_are_escaped_and_long_texts_are_truncated() {
        assert_eq!(
            truncate("a\u{0}b\u{202e}c\u{ad}"),
            "a\\u{0}b\\u{202e}c\\u{ad}"
        );
        assert_eq!(truncate(&"é".repeat(81)), "é".repeat(80) + "…");
        let said = format!("unknown field `{}`, expected `a`", "\n".repeat(1_000));
        assert_eq!(
            quoted(&said),
            format!("unknown field `{}…expected `a`", "\\u{a}".repeat(185))
        );
        assert_eq!(quoted("missing field `a`"), "missing field `a`");
        assert_eq!(beginning(&"é".repeat(101)), "é".repeat(100));
        assert_eq!(beginning("a"), "a");
    }
}
