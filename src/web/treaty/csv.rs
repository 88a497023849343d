//! Tables as CSV (RFC 4180) in UTF-8, with a byte order mark for spreadsheets.

use crate::frame::Frame;

/// The last columns of each table: day, moment and licence.
pub const MOMENT: [&str; 3] = ["as_of", "cursor", "licence"];

/// Begins a table with its head.
pub fn begin(head: &[&str]) -> String {
    let mut text = "\u{feff}".to_owned();
    add(&mut text, head);
    text
}

/// Adds a line.
pub fn add<T: AsRef<str>>(text: &mut String, cells: &[T]) {
    for (at, value) in cells.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&cell(value.as_ref()));
    }
    text.push_str("\r\n");
}

/// The cells of day, moment and licence.
pub fn moment(frame: &Frame) -> [String; 3] {
    let moment = frame.moment.clone().unwrap_or_default();
    [
        moment.as_of,
        moment.cursor,
        format!("{}/licence", frame.public_url),
    ]
}

/// A cell. One that spreadsheets would calculate gets an apostrophe before it.
fn cell(value: &str) -> String {
    let is_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let value = if is_formula {
        format!("'{value}")
    } else {
        value.to_owned()
    };
    if value.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", value.replace('"', "\"\""));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_are_text() {
        for (value, expected) in [
            ("Azerbaijan", "Azerbaijan"),
            ("", ""),
            ("Korea, Republic of", "\"Korea, Republic of\""),
            ("a \"b\"\nc", "\"a \"\"b\"\"\nc\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1,2", "\"'-1,2\""),
            ("@sum", "'@sum"),
        ] {
            assert_eq!(cell(value), expected);
        }
        let mut text = begin(&["a", "b"]);
        add(&mut text, &["1", "Côte d’Ivoire"]);
        assert_eq!(text, "\u{feff}a,b\r\n1,Côte d’Ivoire\r\n");
    }
}
