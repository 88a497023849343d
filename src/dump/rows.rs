//! Writes rows as CSV (RFC 4180): UTF-8, lines that end in CR LF, and a header row.

use std::fmt::Display;

use csv::{Terminator, Writer, WriterBuilder};

use super::{Chunk, Column};
use crate::domain::date::PartialDate;

/// Rows that are being written.
pub struct Rows {
    writer: Writer<Vec<u8>>,
    rows: usize,
}

/// The header row.
pub fn header(columns: &[Column]) -> Chunk {
    let mut rows = Rows::new();
    for column in columns {
        rows.plain(&column.name);
    }
    rows.end();
    Chunk {
        rows: 0,
        ..rows.finish()
    }
}

impl Rows {
    /// No rows.
    pub fn new() -> Self {
        let mut csv = WriterBuilder::new();
        csv.terminator(Terminator::CRLF).flexible(true);
        Self {
            writer: csv.from_writer(Vec::new()),
            rows: 0,
        }
    }

    /// Adds a cell with a text that somebody wrote. A text that a spreadsheet would take for a formula gets a leading
    /// apostrophe; one that already looks so gets one more, so that removing one always restores the text.
    pub fn text(&mut self, text: &str) {
        if is_formula(text) {
            self.cell(&format!("'{text}"));
        } else {
            self.cell(text);
        }
    }

    /// Adds a cell with a value of the service's own: a number, a date, a word or an id. None begins like a formula.
    pub fn plain(&mut self, value: impl Display) {
        self.cell(&value.to_string());
    }

    /// Adds a cell with a value, or an empty one.
    pub fn option(&mut self, value: Option<impl Display>) {
        match value {
            Some(value) => self.plain(value),
            None => self.cell(""),
        }
    }

    /// Adds the three cells of a partial date: text, earliest and latest day.
    pub fn date(&mut self, date: Option<PartialDate>) {
        self.option(date);
        self.option(date.and_then(|date| date.earliest()));
        self.option(date.and_then(|date| date.latest()));
    }

    /// Adds a cell with values joined by `;`.
    pub fn joined(&mut self, values: impl IntoIterator<Item = impl Display>) {
        let values = values.into_iter().map(|value| value.to_string());
        self.cell(&values.collect::<Vec<_>>().join(";"));
    }

    fn cell(&mut self, text: &str) {
        // Writing to memory does not fail.
        let _ = self.writer.write_field(text);
    }

    /// Ends the row.
    pub fn end(&mut self) {
        let _ = self.writer.write_record(None::<&[u8]>);
        self.rows = self.rows.saturating_add(1);
    }

    /// The rows as bytes.
    pub fn finish(self) -> Chunk {
        Chunk {
            bytes: self.writer.into_inner().unwrap_or_default().into(),
            rows: self.rows,
        }
    }
}

/// True if a spreadsheet would take the text for a formula, apostrophes before it left out. Source: OWASP, CSV
/// Injection; the last four are full-width forms.
fn is_formula(text: &str) -> bool {
    let text = text.trim_start_matches('\'');
    text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(texts: &[&str]) -> String {
        let mut rows = Rows::new();
        for text in texts {
            rows.text(text);
        }
        rows.end();
        String::from_utf8(rows.finish().bytes.to_vec()).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_needed_and_lines_end_in_cr_lf() {
        assert_eq!(written(&["a", "", "b c"]), "a,,b c\r\n");
        assert_eq!(
            written(&["a,b", "say \"x\"", "1\n2"]),
            "\"a,b\",\"say \"\"x\"\"\",\"1\n2\"\r\n"
        );
        // Otherwise the only cell of a line would be no cell.
        assert_eq!(written(&[""]), "\"\"\r\n");
    }

    #[test]
    fn no_text_is_a_formula_and_each_can_be_restored() {
        for text in [
            "=1+1",
            "+1",
            "-1",
            "@x",
            "\tx",
            "\rx",
            "\n=x",
            "＝1",
            "'=1",
            "''@x",
            "'s-Hertogenbosch",
            "a=b",
            "",
            "'",
        ] {
            let line = written(&[text, "x"]);
            let mut reader = csv::ReaderBuilder::new();
            let mut reader = reader.has_headers(false).from_reader(line.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            let cell = record.get(0).unwrap();
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']),
                "{cell:?}"
            );
            let restored = cell
                .strip_prefix('\'')
                .filter(|_| is_formula(cell))
                .unwrap_or(cell);
            assert_eq!(restored, text);
        }
    }
}
