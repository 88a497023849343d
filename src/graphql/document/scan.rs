//! Bounding the raw text: the parser recurses, and takes longer than reading. And what the parser does not keep.

use std::collections::HashSet;

use async_graphql::{Pos, ServerError};

use super::super::limits::{Limits, size};
use super::{failed, too_complex};

/// Bounds tokens and nesting of the raw text, and finds fields of inputs that are given twice, in one pass.
pub fn scan(text: &str, limits: &Limits) -> Result<(), ServerError> {
    let mut count = 0_usize;
    let mut open: Vec<Bracket<'_>> = Vec::new();
    let mut word = "";
    let mut tokens = Tokens::of(text);
    while let Some(token) = tokens.next() {
        count = count.saturating_add(1);
        if count > size(limits.max_tokens) {
            return Err(too_complex("tokens", limits.max_tokens));
        }
        match token {
            "{" if open.iter().any(Bracket::is_of_arguments) => {
                open.push(Bracket::Object(HashSet::new()));
            }
            "(" => open.push(Bracket::Arguments),
            "{" | "[" => open.push(Bracket::Other),
            "}" | "]" | ")" => drop(open.pop()),
            ":" => {
                // Source: GraphQL, section 5.6.3, Input Object Field Uniqueness.
                if let Some(Bracket::Object(fields)) = open.last_mut()
                    && !fields.insert(word)
                {
                    let message = format!("the input field `{word}` is given twice");
                    let read = text.len().saturating_sub(tokens.rest.len());
                    return Err(ServerError {
                        locations: vec![position(text.get(..read).unwrap_or(text))],
                        ..failed("BAD_USER_INPUT", message)
                    });
                }
            }
            _ => {}
        }
        if open.len() > size(limits.max_nesting) {
            return Err(too_complex("nested brackets", limits.max_nesting));
        }
        word = token;
    }
    Ok(())
}

/// A bracket that is open.
enum Bracket<'a> {
    /// Of arguments, or of the variables that an operation has.
    Arguments,
    /// Of an input object, with the fields that it has so far.
    Object(HashSet<&'a str>),
    /// Of a list, or of what is selected.
    Other,
}

impl Bracket<'_> {
    fn is_of_arguments(&self) -> bool {
        matches!(self, Self::Arguments)
    }
}

/// Where a text ends.
fn position(text: &str) -> Pos {
    let line = text.rsplit('\n').next().unwrap_or_default();
    Pos {
        line: text.matches('\n').count().saturating_add(1),
        column: line.chars().count(),
    }
}

/// The tokens of a text: words, strings, and single letters of other kinds.
struct Tokens<'a> {
    rest: &'a str,
    /// Whether the end of a block string was looked for in vain: then there is none further on either.
    no_block_ends: bool,
}

impl<'a> Tokens<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            rest: text,
            no_block_ends: false,
        }
    }

    /// How long the string is that the rest begins with, quotes included, as the parser reads it: where a
    /// block string has no end, its first two quotes are an empty string; a string ends with its line.
    fn string_length(&mut self) -> usize {
        if let Some(body) = self.rest.strip_prefix("\"\"\"") {
            let mut ends = body.match_indices("\"\"\"").map(|(at, _)| at);
            let unescaped = |at: &usize| !body.get(..*at).unwrap_or_default().ends_with('\\');
            let end = if self.no_block_ends {
                None
            } else {
                ends.find(unescaped)
            };
            self.no_block_ends = end.is_none();
            return end.map_or(2, |at| at.saturating_add(6));
        }
        let mut escaped = false;
        for (at, letter) in self.rest.char_indices().skip(1) {
            match letter {
                '"' if !escaped => return at.saturating_add(1),
                '\n' | '\r' => return at,
                _ => escaped = letter == '\\' && !escaped,
            }
        }
        self.rest.len()
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let first = self.rest.chars().next()?;
            let is_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
            let length = match first {
                '#' => self.rest.find(['\n', '\r']),
                '"' => Some(self.string_length()),
                _ if is_of_word(first) => self.rest.find(|letter| !is_of_word(letter)),
                _ => Some(first.len_utf8()),
            };
            let (token, rest) = self
                .rest
                .split_at_checked(length.unwrap_or(self.rest.len()))
                .unwrap_or((self.rest, ""));
            self.rest = rest;
            if !(first.is_whitespace() || matches!(first, ',' | '#' | '\u{feff}')) {
                return Some(token);
            }
        }
    }
}
