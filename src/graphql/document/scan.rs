//! Bounding the raw text: the parser recurses, and takes longer than reading.

use async_graphql::ServerError;

use super::super::limits::{Limits, size};
use super::too_complex;

/// Bounds tokens and nesting of the raw text, in one pass.
pub fn scan(text: &str, limits: &Limits) -> Result<(), ServerError> {
    let (mut tokens, mut depth, mut in_word) = (0_usize, 0_usize, false);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' => string_length(rest),
            _ => first.len_utf8(),
        };
        let is_word = first.is_alphanumeric() || first == '_';
        let is_gap = first.is_whitespace() || matches!(first, ',' | '#' | '\u{feff}');
        if !(is_gap || is_word && in_word) {
            tokens = tokens.saturating_add(1);
        }
        in_word = is_word;
        match first {
            '{' | '[' | '(' => depth = depth.saturating_add(1),
            '}' | ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > size(limits.max_nesting) {
            return Err(too_complex("nested brackets", limits.max_nesting));
        }
        if tokens > size(limits.max_tokens) {
            return Err(too_complex("tokens", limits.max_tokens));
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    Ok(())
}

/// How long the string is that a text begins with, quotes included, as the parser reads it: where a
/// block string has no end, its first two quotes are an empty string; a string ends with its line.
fn string_length(text: &str) -> usize {
    if let Some(body) = text.strip_prefix("\"\"\"") {
        let mut ends = body.match_indices("\"\"\"").map(|(at, _)| at);
        let unescaped = |at: &usize| !body.get(..*at).unwrap_or_default().ends_with('\\');
        return ends.find(unescaped).map_or(2, |at| at.saturating_add(6));
    }
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return at.saturating_add(1),
            '\n' | '\r' => return at,
            _ => escaped = letter == '\\' && !escaped,
        }
    }
    text.len()
}
