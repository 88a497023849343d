//! Rows as CSV (RFC 4180) for spreadsheets: a byte order mark, lines that end in CR LF, and no cell that a spreadsheet
//! reads as a formula. The last columns tell the view and the licence, and of a list that is read page by page also the
//! address of the next page.

use crate::frame::Frame;

/// The columns that tell the view.
const VIEW: [&str; 3] = ["as_of", "cursor", "licence"];

/// The column with the address of the next page.
const NEXT: &str = "next_page";

/// A table as CSV.
#[derive(Clone, Debug)]
pub struct Csv {
    text: String,
    /// The cells that end each row.
    end: Vec<String>,
}

impl Csv {
    /// Begins a table that has all rows.
    pub fn new(frame: &Frame, header: &[&str]) -> Self {
        Self::begin(frame, header, &VIEW, None)
    }

    /// Begins a table that has one page of the rows. Each row tells the address of the next page; it is blank on the last.
    pub fn page(frame: &Frame, header: &[&str], next: Option<String>) -> Self {
        let next = next.map(|path| format!("{}{path}", frame.public_url));
        let [as_of, cursor, licence] = VIEW;
        let end = [as_of, cursor, licence, NEXT];
        Self::begin(frame, header, &end, Some(next.unwrap_or_default()))
    }

    fn begin(frame: &Frame, header: &[&str], end: &[&str], next: Option<String>) -> Self {
        let moment = frame.moment.clone().unwrap_or_default();
        let licence = format!("{}/licence", frame.public_url);
        let mut text = "\u{feff}".to_owned();
        line(&mut text, header.iter().chain(end));
        let view = [moment.as_of, moment.cursor, licence];
        Self {
            text,
            end: view.into_iter().chain(next).collect(),
        }
    }

    /// Adds a row with as many cells as the header has.
    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        let cells = cells.iter().map(AsRef::as_ref);
        line(
            &mut self.text,
            cells.chain(self.end.iter().map(String::as_str)),
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
    use crate::site::PageRequest;

    #[test]
    fn a_page_of_rows_tells_where_the_next_one_is() {
        let request = PageRequest::of("/changes.csv", "");
        let frame = Frame::bare(&request);
        let written = |next: Option<&str>| {
            let mut csv = Csv::page(&frame, &["a"], next.map(str::to_owned));
            csv.row(&["1"]);
            csv.finish()
        };
        assert_eq!(
            written(Some("/changes.csv?before=x")),
            "\u{feff}a,as_of,cursor,licence,next_page\r\n1,,,/licence,/changes.csv?before=x\r\n"
        );
        assert!(written(None).ends_with("\r\n1,,,/licence,\r\n"));
        let mut all = Csv::new(&frame, &["a"]);
        all.row(&["1"]);
        assert!(all.finish().ends_with("licence\r\n1,,,/licence\r\n"));
    }

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
