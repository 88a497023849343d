//! The parts of a comparison: rows with one cell for each country.

use super::page::compare::Cited;

/// A part of the comparison.
pub struct Section {
    /// The id of its heading.
    pub id: &'static str,
    /// The heading.
    pub title: String,
    /// A sentence about the part.
    pub note: &'static str,
    /// The rows.
    pub rows: Vec<Row>,
    /// True if there were rows before those that are equal were left out.
    pub had_rows: bool,
}

/// A row: one question, and the answer of each country.
pub struct Row {
    /// The question.
    pub label: String,
    /// The path of the page about it.
    pub link: Option<String>,
    /// The answers, in the order of the countries.
    pub cells: Vec<Cell>,
}

/// The answer of one country.
#[derive(Clone, Default)]
pub struct Cell {
    /// The answer.
    pub value: String,
    /// The path of the record that gives it.
    pub link: Option<String>,
    /// The key by which it is compared.
    pub key: String,
    /// The class of a finding, by its value.
    pub finding: Option<String>,
    /// More about the answer.
    pub notes: Vec<String>,
    /// The records that were counted: path, label and status.
    pub items: Vec<(String, String, String)>,
    /// Its sources.
    pub citations: Vec<Cited>,
    /// True if it has sources to show.
    pub has_sources: bool,
}

impl Section {
    /// The path at which an error in this part is reported.
    pub fn report(&self) -> String {
        let topic = match self.id {
            "findings" => return "/contribute".to_owned(),
            "documents" => "POLICIES",
            "bodies" => "INSTITUTIONS",
            "degrees" => "LEGISLATION",
            "designations" => "INTERNATIONAL_COOPERATION",
            _ => "TREATY_STATUS",
        };
        format!("/contribute?topic={topic}")
    }
}

impl Row {
    /// True if two countries have different answers.
    pub fn is_different(&self) -> bool {
        let first = self.cells.first().map(|cell| &cell.key);
        self.cells.iter().any(|cell| Some(&cell.key) != first)
    }
}

impl Cell {
    /// The notes and records as one text, for a spreadsheet.
    pub fn detail(&self) -> String {
        let items = self
            .items
            .iter()
            .map(|(_, label, status)| match status.as_str() {
                "" => label.clone(),
                status => format!("{label} ({status})"),
            });
        let parts: Vec<String> = self.notes.iter().cloned().chain(items).collect();
        parts.join("; ")
    }
}

impl Section {
    /// Leaves out the rows in which all countries give the same answer.
    pub fn keep_differences(&mut self) {
        self.rows.retain(Row::is_different);
    }
}

/// The place of an article in its treaty: `9` before `10`, `9(1)` after `9`.
pub fn article_rank(article: &str) -> (u32, String) {
    let digits: String = article.chars().take_while(char::is_ascii_digit).collect();
    (digits.parse().unwrap_or(u32::MAX), article.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_ordered_by_number() {
        let mut articles = ["10", "9(1)", "2", "9", "Preamble"];
        articles.sort_by_key(|article| article_rank(article));
        assert_eq!(articles, ["2", "9", "9(1)", "10", "Preamble"]);
    }

    #[test]
    fn a_row_differs_if_one_answer_differs() {
        let cell = |class: &str| Cell {
            key: class.to_owned(),
            ..Cell::default()
        };
        let row = |classes: &[&str]| Row {
            label: String::new(),
            link: None,
            cells: classes.iter().map(|class| cell(class)).collect(),
        };
        assert!(!row(&["PARTY", "PARTY"]).is_different());
        assert!(row(&["PARTY", "PARTY", "SIGNATORY"]).is_different());
        assert!(!row(&[]).is_different());
    }
}
