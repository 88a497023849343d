//! The parts of a comparison: rows with one cell for each country.

use super::page::compare::Cited;
use super::words::Words;
use crate::value::Certainty;

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
    /// True if there were rows before those without a difference were left out.
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
    /// The key by which it is compared; `None` if the answer is not known, as of a topic that nobody researched.
    pub key: Option<String>,
    /// The class of a finding, by its value.
    pub finding: Option<String>,
    /// The anchor of the meaning of the answer in the glossary, if no record gives the answer.
    pub meaning: Option<String>,
    /// The certainty of the answer, if it is told apart from that of its sources.
    pub certainty: Option<Certainty>,
    /// More about the answer.
    pub notes: Vec<String>,
    /// The records that were counted.
    pub items: Vec<Item>,
    /// The records about the topic, if there is no finding.
    pub elsewhere: Option<Elsewhere>,
    /// Its sources.
    pub citations: Vec<Cited>,
    /// True if it has sources to show.
    pub has_sources: bool,
}

/// A record in a cell.
#[derive(Clone, Default)]
pub struct Item {
    /// The path of its page.
    pub path: String,
    /// Its label.
    pub label: String,
    /// Its status.
    pub status: String,
    /// The status of an institution that does not work, with its time.
    pub warning: Option<String>,
    /// The institutions that follow: path and label.
    pub successors: Vec<(String, String)>,
}

/// Records of a profile about a topic without a finding.
#[derive(Clone)]
pub struct Elsewhere {
    /// Their number, in words.
    pub count: String,
    /// The path of the profile.
    pub path: String,
    /// The anchor of the part of the profile that has them.
    pub anchor: &'static str,
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

/// The statement of a row about its countries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Two countries have different answers.
    Different,
    /// The known answers are the same, and the answer of at least one country is not known.
    Open,
    /// All countries have the same answer.
    Same,
}

impl Row {
    /// Compares the answers. That an answer is not known is no difference.
    pub fn comparison(&self) -> Comparison {
        let mut known = self.cells.iter().filter_map(|cell| cell.key.as_ref());
        let first = known.next();
        if known.any(|key| Some(key) != first) {
            Comparison::Different
        } else if self.cells.iter().any(|cell| cell.key.is_none()) {
            Comparison::Open
        } else {
            Comparison::Same
        }
    }

    /// True if two countries have different answers.
    pub fn is_different(&self) -> bool {
        self.comparison() == Comparison::Different
    }

    /// True if it is open whether the countries differ.
    pub fn is_open(&self) -> bool {
        self.comparison() == Comparison::Open
    }
}

impl Cell {
    /// The notes and records as one text, for a spreadsheet.
    pub fn detail(&self, words: Words) -> String {
        let items = self.items.iter().map(|item| item.text(words));
        let elsewhere = self.elsewhere.iter().map(|one| one.count.clone());
        let notes = self.notes.iter().cloned();
        let parts: Vec<String> = notes.chain(elsewhere).chain(items).collect();
        parts.join("; ")
    }

    /// The titles of its sources as one text, for a spreadsheet.
    pub fn sources(&self) -> String {
        let mut titles: Vec<&str> = Vec::new();
        for citation in &self.citations {
            if !titles.contains(&citation.source.title.as_str()) {
                titles.push(&citation.source.title);
            }
        }
        titles.join("; ")
    }
}

impl Item {
    /// The record as a text, for a spreadsheet.
    fn text(&self, words: Words) -> String {
        let successors: Vec<&str> = self
            .successors
            .iter()
            .map(|(_, label)| label.as_str())
            .collect();
        let successors = (!successors.is_empty())
            .then(|| format!("{} {}", words.successor(), successors.join(", ")));
        let status = Some(&self.status).filter(|status| !status.is_empty());
        let about = status.into_iter().chain(&self.warning).cloned();
        let about: Vec<String> = about.chain(successors).collect();
        if about.is_empty() {
            self.label.clone()
        } else {
            format!("{} ({})", self.label, about.join("; "))
        }
    }
}

impl Section {
    /// Leaves out the rows in which no two countries have different answers.
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
    fn a_row_differs_if_two_known_answers_differ() {
        let row = |keys: &[Option<&str>]| Row {
            label: String::new(),
            link: None,
            cells: keys
                .iter()
                .map(|key| Cell {
                    key: key.map(str::to_owned),
                    ..Cell::default()
                })
                .collect(),
        };
        let (party, signatory) = (Some("PARTY"), Some("SIGNATORY"));
        for (keys, expected) in [
            (&[party, party][..], Comparison::Same),
            (&[party, party, signatory], Comparison::Different),
            (&[party, None], Comparison::Open),
            (&[None, party, None, signatory], Comparison::Different),
            (&[None, None], Comparison::Open),
            (&[], Comparison::Same),
        ] {
            assert_eq!(row(keys).comparison(), expected, "{keys:?}");
        }
    }
}
