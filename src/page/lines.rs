//! Lines of a page: of plain text, or of the blocks of HTML.

use domain::text_rules::is_invisible;

/// One line of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of one line"
)]
pub struct Line {
    /// Number of the line of the input on which it begins, counted from 1.
    pub number: usize,
    /// The text, with single spaces.
    pub text: String,
    /// Mark of a list item: `-`, or a number with a full stop. `None` for other lines.
    pub mark: Option<String>,
    /// True if an empty line, or the edge of a block, is before it.
    pub gap: bool,
    /// True if the line is in an element of the site around the page, such as `nav`.
    pub is_site: bool,
    /// True if the line is in `aside` or `menu`, which can be part of the text.
    pub is_aside: bool,
    /// True if HTML marks the line as a heading.
    pub is_heading: bool,
}

impl Line {
    /// Returns a line of plain text, without its mark; `None` if it is blank.
    pub fn plain(number: usize, raw: &str, gap: bool) -> Option<Self> {
        let text = tidy(raw);
        let (mark, text) = marked(&text);
        (!text.is_empty()).then(|| Self {
            number,
            text: text.to_owned(),
            mark,
            gap,
            is_site: false,
            is_aside: false,
            is_heading: false,
        })
    }

    /// Returns a part of the line, with its number.
    pub fn part(&self, text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self {
            number: self.number,
            text: text.to_owned(),
            mark: self.mark.clone(),
            gap: true,
            is_site: self.is_site,
            is_aside: self.is_aside,
            is_heading: self.is_heading,
        })
    }
}

/// Returns the lines of a plain text that are not blank.
pub fn of_text(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut gap = true;
    for (at, row) in text.split('\n').enumerate() {
        let row = row.strip_suffix('\r').unwrap_or(row);
        for part in row.split(['\r', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']) {
            match Line::plain(at + 1, part, gap) {
                None => gap = true,
                Some(line) => {
                    lines.push(line);
                    gap = false;
                }
            }
        }
    }
    lines
}

/// Returns the text with single spaces and without invisible characters.
pub fn tidy(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    for letter in raw.chars() {
        if letter.is_whitespace() || letter.is_control() {
            if !text.is_empty() && !text.ends_with(' ') {
                text.push(' ');
            }
        } else if !is_invisible(letter) {
            text.push(letter);
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// Splits the mark of a list item from its text.
fn marked(text: &str) -> (Option<String>, &str) {
    let dash = [
        "• ", "- ", "– ", "— ", "* ", "· ", "▪ ", "◦ ", "o ", "•", "▪", "◦",
    ];
    if let Some(rest) = dash.iter().find_map(|mark| text.strip_prefix(mark)) {
        return (Some("-".to_owned()), rest.trim_start());
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if let Some((number, rest)) = text
        .split_at_checked(digits)
        .filter(|_| (1..=2).contains(&digits))
        && let Some(rest) = rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") "))
    {
        return (Some(format!("{number}.")), rest.trim_start());
    }
    (None, text)
}
