//! Rows as CSV (RFC 4180) for spreadsheets: a byte order mark, lines that end in CR LF, and no cell that a spreadsheet
//! reads as a formula. The last columns tell the view and the licence.

use crate::frame::Frame;

/// The columns that tell the view.
const VIEW: [&str; 3] = ["as_of", "cursor", "licence"];

/// A table as CSV.
#[derive(Clone, Debug)]
pub struct Csv {
    text: String,
    view: [String; 3],
}

impl Csv {
    /// Begins a table with its header.
    pub fn new(frame: &Frame, header: &[&str]) -> Self {
        let moment = frame.moment.clone().unwrap_or_default();
        let licence = format!("{}/licence", frame.public_url);
        let mut text = "\u{feff}".to_owned();
        line(&mut text, header.iter().chain(&VIEW));
        Self {
            text,
            view: [moment.as_of, moment.cursor, licence],
        }
    }

    /// Adds a row with as many cells as the header has.
    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        let cells = cells.iter().map(AsRef::as_ref);
        line(
            &mut self.text,
            cells.chain(self.view.iter().map(String::as_str)),
        );
    }

    /// The text of the table.
    pub fn finish(self) -> String {
        self.text
    }
}

/// Adds one line.
fn line<S: AsRef<str>>(text: &mut String, cells: impl Iterator<Item = S>) {
    for (at, one) in cells.enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&cell(one.as_ref()));
    }
    text.push_str("\r\n");
}

/// A cell: a formula gets an apostrophe before it, and a cell with separators gets quotes around it.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains(['"', ',', ';', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_quoted_and_formulas_are_defused() {
        for (text, written) in [
            ("a", "a"),
            ("a, \"b\"", "\"a, \"\"b\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("=1+1", "'=1+1"),
            ("-5,3", "\"'-5,3\""),
            ("@x", "'@x"),
            ("+x", "'+x"),
            ("", ""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
