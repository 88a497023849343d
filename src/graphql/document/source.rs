//! The text of a document as the parser reads it, and the positions in the original text.

use std::borrow::Cow;

use async_graphql::Pos;

/// The text of a request, with some tokens rewritten for the parser.
pub struct SourceText<'a> {
    text: Cow<'a, str>,
    /// Offsets of the bytes that were added, ascending.
    added: Vec<usize>,
    /// Offset of the beginning of each line.
    lines: Vec<usize>,
    /// Offsets of the bytes that do not begin a character, ascending.
    inner: Vec<usize>,
}

/// A rewritten part of a text.
pub struct TextEdit {
    /// Offset of its beginning, in bytes.
    pub at: usize,
    /// Its length, in bytes.
    pub length: usize,
    /// The new text: of the same length, or one byte longer.
    pub written: String,
}

impl<'a> SourceText<'a> {
    /// Applies edits to a text. They must be in order and must not overlap.
    pub fn new(text: &'a str, edits: &[TextEdit]) -> Self {
        let mut added = Vec::new();
        let mut edited = String::new();
        let mut read = 0;
        for edit in edits {
            edited.push_str(text.get(read..edit.at).unwrap_or_default());
            if edit.written.len() > edit.length {
                added.push(edited.len());
            }
            edited.push_str(&edit.written);
            read = edit.at.saturating_add(edit.length);
        }
        let text = if edits.is_empty() {
            Cow::Borrowed(text)
        } else {
            edited.push_str(text.get(read..).unwrap_or_default());
            Cow::Owned(edited)
        };
        let lines = lines(&text);
        let inner = if text.is_ascii() {
            Vec::new()
        } else {
            (0..text.len())
                .filter(|at| !text.is_char_boundary(*at))
                .collect()
        };
        Self {
            text,
            added,
            lines,
            inner,
        }
    }

    /// The rewritten text, for the parser.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line and column of a byte of the rewritten text, in characters of the original text.
    pub fn position(&self, at: usize) -> Pos {
        let line = self.lines.partition_point(|begin| *begin <= at);
        let begin = self.lines.get(line.saturating_sub(1)).copied();
        let begin = begin.unwrap_or_default();
        let between = |places: &[usize]| {
            let before = |end: usize| places.partition_point(|place| *place < end);
            before(at).saturating_sub(before(begin))
        };
        let bytes = at.saturating_sub(begin);
        let characters = bytes
            .saturating_sub(between(&self.inner))
            .saturating_sub(between(&self.added));
        Pos {
            line,
            column: characters.saturating_add(1),
        }
    }

    /// The offset of a line and column that the parser reports, both counted from 1. The parser ends lines as Unicode
    /// does, GraphQL does not.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let mut letters = self.text.char_indices().peekable();
        let mut left = line;
        while left > 1 {
            let ends = match letters.next() {
                Some((_, '\r')) => letters.peek().is_none_or(|(_, next)| *next != '\n'),
                Some((_, letter)) => matches!(
                    letter,
                    '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
                ),
                None => return self.text.len(),
            };
            left = left.saturating_sub(usize::from(ends));
        }
        let found = letters.nth(column.saturating_sub(1));
        found.map_or(self.text.len(), |(at, _)| at)
    }
}

/// Offset of the beginning of each line. Source: GraphQL, section 2.1.2 (Line Terminators).
fn lines(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(at.saturating_add(1)) != Some(&b'\n'),
        _ => false,
    });
    std::iter::once(0)
        .chain(ends.map(|(at, _)| at.saturating_add(1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_refer_to_the_original_text() {
        let edits = [TextEdit {
            at: 5,
            length: 1,
            written: "$v".to_owned(),
        }];
        let source = SourceText::new("é $ v x\r\nü y\rz", &edits);
        assert_eq!(source.text(), "é $ $v x\r\nü y\rz");
        let place = |what: &str| {
            let Pos { line, column } = source.position(source.text().find(what).unwrap());
            (line, column)
        };
        assert_eq!(place("é"), (1, 1));
        assert_eq!(place("x"), (1, 7));
        assert_eq!(place("y"), (2, 3));
        assert_eq!(place("z"), (3, 1));
        assert_eq!(source.offset(2, 3), source.text().find('y').unwrap());
    }
}
