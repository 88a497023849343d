//! Bounds the raw text before it is parsed, because the parser recurses and collects every fault. Rewrites tokens that
//! the parser does not accept into ones that it does.

use async_graphql::{Pos, ServerError};

use super::fault::{invalid, too_complex};
use super::source::{SourceText, TextEdit};
use crate::engine::limits::{Limits, size};

/// Bounds the number of tokens and the nesting of brackets, in one pass.
///
/// # Errors
/// `TOO_COMPLEX` for a text above a limit, `BAD_USER_INPUT` for an unexpected character or a string without end.
pub fn scan<'a>(text: &'a str, limits: &Limits) -> Result<SourceText<'a>, ServerError> {
    let mut count = 0_usize;
    let mut depth = 0_usize;
    let mut edits = Vec::new();
    // The offset of a `$` whose variable name has not come yet.
    let mut dollar = None;
    let mut tokens = Tokens::of(text);
    while let Some(token) = tokens.next() {
        let begin = tokens.begin(token);
        count = count.saturating_add(1);
        if count > size(limits.max_tokens) {
            return Err(too_complex("tokens", limits.max_tokens));
        }
        let first = token.chars().next().unwrap_or_default();
        match first {
            '{' | '(' | '[' => depth = depth.saturating_add(1),
            '}' | ')' | ']' => depth = depth.saturating_sub(1),
            '"' => {
                if tokens.is_open {
                    let message = "the string has no end: expected a closing quote";
                    return Err(invalid(message, [position(text, begin)]));
                }
                surrogates(token, begin, &mut edits);
            }
            '!' | '$' | '&' | '.' | ':' | '=' | '@' | '|' | '-' | '+' => {}
            _ if is_of_word(first) => {}
            _ => {
                let code = u32::from(first);
                let message = format!("U+{code:04X} is not allowed outside strings and comments");
                return Err(invalid(message, [position(text, begin)]));
            }
        }
        if depth > size(limits.max_nesting) {
            return Err(too_complex("nested brackets", limits.max_nesting));
        }
        if let Some(at) = dollar.take()
            && is_of_word(first)
            && begin > usize::saturating_add(at, 1)
        {
            edits.extend(braces_around(at, begin, first));
        }
        dollar = (first == '$').then_some(begin);
    }
    Ok(SourceText::new(text, &edits))
}

/// Moves a `$` that is separated from its variable name to the name: the parser accepts no space between them.
fn braces_around(dollar: usize, name: usize, first: char) -> [TextEdit; 2] {
    let edit = |at, written| TextEdit {
        at,
        length: 1,
        written,
    };
    [
        edit(dollar, " ".to_owned()),
        edit(name, format!("${first}")),
    ]
}

/// Rewrites each pair of surrogate escapes in a string as one escape of the same length, 12 bytes. The parser pairs
/// all escapes of a string from its beginning, surrogates or not.
fn surrogates(string: &str, begin: usize, edits: &mut Vec<TextEdit>) {
    if string.starts_with("\"\"\"") || !string.contains("\\u") {
        return;
    }
    let mut at = 0;
    while let Some(rest) = string.get(at..) {
        let Some(next) = rest.find('\\') else { break };
        at = at.saturating_add(next);
        let escape = string.get(at..).unwrap_or_default();
        let pair = unit(escape).zip(escape.get(6..).and_then(unit));
        let both = pair.map(|(high, low)| char::decode_utf16([high, low]).collect::<Vec<_>>());
        if let Some([Ok(character)]) = both.as_deref() {
            edits.push(TextEdit {
                at: begin.saturating_add(at),
                length: 12,
                written: format!("\\u{{{:08X}}}", u32::from(*character)),
            });
            at = at.saturating_add(12);
        } else {
            at = at.saturating_add(2);
        }
    }
}

/// The code unit of the four-digit escape at the beginning of a text.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u16::from_str_radix(digits, 16).ok())?
}

/// The line and column of a byte of a text.
fn position(text: &str, at: usize) -> Pos {
    SourceText::new(text, &[]).position(at)
}

/// For an unexpected token at a byte of a text: the beginning of the error message, which names what the tokens before
/// it allow, and the token. The token is empty at the end of the text.
pub fn around(text: &str, at: usize) -> (&'static str, &str) {
    let (before, rest) = text.split_at_checked(at).unwrap_or((text, ""));
    let mut open = Vec::new();
    let mut last = "";
    for token in Tokens::of(before) {
        match token {
            "{" | "(" | "[" => open.push(token),
            "}" | ")" | "]" => drop(open.pop()),
            _ => {}
        }
        last = token;
    }
    let expected = match (last, open.last().copied()) {
        (":" | "=" | "[", _) => "expected a value or a type, ",
        (_, None) => "expected an operation or a fragment, ",
        (_, Some("(")) => "expected an argument or a variable, ",
        (_, Some("{")) if open.contains(&"(") => "expected an input field, ",
        (_, Some("{")) => "expected a field or a fragment, ",
        _ => "",
    };
    (expected, Tokens::of(rest).next().unwrap_or_default())
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// The tokens of a text: words, strings, and other characters one by one.
struct Tokens<'a> {
    text: &'a str,
    rest: &'a str,
    /// True if the string that was read last has no end.
    is_open: bool,
}

impl<'a> Tokens<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text,
            rest: text,
            is_open: false,
        }
    }

    /// Offset of the token that was read last.
    fn begin(&self, token: &str) -> usize {
        let read = self.text.len().saturating_sub(self.rest.len());
        read.saturating_sub(token.len())
    }

    /// Length of the string at the beginning of the rest, with quotes; `None` if it has no end.
    fn string_length(&self) -> Option<usize> {
        if let Some(body) = self.rest.strip_prefix("\"\"\"") {
            let mut ends = body.match_indices("\"\"\"").map(|(at, _)| at);
            let end = ends.find(|at| !body.get(..*at).unwrap_or_default().ends_with('\\'));
            return end.map(|at| at.saturating_add(6));
        }
        let mut escaped = false;
        for (at, letter) in self.rest.char_indices().skip(1) {
            match letter {
                '"' if !escaped => return Some(at.saturating_add(1)),
                '\n' | '\r' => return None,
                _ => escaped = letter == '\\' && !escaped,
            }
        }
        None
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let first = self.rest.chars().next()?;
            let length = match first {
                '#' => self.rest.find(['\n', '\r']),
                '"' => {
                    let length = self.string_length();
                    self.is_open = length.is_none();
                    length
                }
                _ if is_of_word(first) => self.rest.find(|letter| !is_of_word(letter)),
                _ => Some(first.len_utf8()),
            };
            let (token, rest) = self
                .rest
                .split_at_checked(length.unwrap_or(self.rest.len()))
                .unwrap_or((self.rest, ""));
            self.rest = rest;
            // Source: GraphQL, section 2.1 (Ignored Tokens).
            if !matches!(first, '\u{feff}' | '\t' | ' ' | '\n' | '\r' | ',' | '#') {
                return Some(token);
            }
        }
    }
}
