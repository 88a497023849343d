//! Labels of enum values: the words for people, in English and French. `labels.tsv` has one line for each value of the
//! schema; the words of treaty law are those of the Council of Europe.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::language::LanguageRange;
use super::localized_text::{LocalizedText, localized};

/// The languages of the labels, in the order of their columns in the table.
pub const LANGUAGES: [&str; 2] = ["en", "fr"];

/// The labels of one enum value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Name of the enum in the schema, as in `TreatyStatus`.
    pub of: &'static str,
    /// Name of the value, as in `PARTY`.
    pub value: &'static str,
    /// The words, in the order of [`LANGUAGES`].
    texts: [&'static str; 2],
}

impl Label {
    /// Returns the words in one of [`LANGUAGES`].
    pub fn text(&self, language: &str) -> Option<&'static str> {
        let mut texts = LANGUAGES.iter().zip(self.texts);
        texts.find(|(of, _)| **of == language).map(|(_, text)| text)
    }
}

/// The table, with a title line and columns separated by tabs.
static TABLE: &str = include_str!("labels.tsv");

static LABELS: LazyLock<Vec<Label>> = LazyLock::new(|| {
    let label = |line: &'static str| {
        let mut columns = line.split('\t');
        let mut next = || columns.next();
        Some(Label {
            of: next()?,
            value: next()?,
            texts: [next()?, next()?],
        })
    };
    TABLE.lines().skip(1).filter_map(label).collect()
});

static BY_VALUE: LazyLock<HashMap<(&str, &str), Label>> = LazyLock::new(|| {
    let labels = all().iter();
    labels
        .map(|label| ((label.of, label.value), *label))
        .collect()
});

/// Returns all labels, by the name of the enum, and in the order of the table.
pub fn all() -> &'static [Label] {
    &LABELS
}

/// Returns the label of an enum value in one of [`LANGUAGES`].
pub fn of(enum_name: &str, value: &str, language: &str) -> Option<&'static str> {
    BY_VALUE.get(&(enum_name, value))?.text(language)
}

/// Returns the one of [`LANGUAGES`] that fits the wanted languages best; English if none does. Source: RFC 4647.
pub fn language(wanted: &[LanguageRange]) -> &'static str {
    static KNOWN: LazyLock<Vec<LocalizedText>> = LazyLock::new(|| {
        let known = LANGUAGES.iter().filter_map(|tag| {
            Some(LocalizedText {
                text: (*tag).to_owned(),
                language: tag.parse().ok()?,
                is_original: None,
                period: None,
            })
        });
        known.collect()
    });
    localized(&KNOWN, wanted).map_or("en", |found| found.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_label_with_words_in_each_language() {
        assert_eq!(all().len() + 1, TABLE.lines().count());
        assert_eq!(BY_VALUE.len(), all().len(), "a value has two lines");
        assert!(all().is_sorted_by_key(|label| label.of));
        for label in all() {
            for text in label.texts {
                let is_plain = !text.is_empty() && text.trim() == text && !text.contains('_');
                assert!(is_plain, "{label:?}");
                assert!(text.starts_with(|first: char| !first.is_lowercase()));
            }
        }
    }

    #[test]
    fn a_label_is_found_in_the_language_that_fits_best() {
        assert_eq!(of("TreatyStatus", "PARTY", "fr"), Some("Partie"));
        assert_eq!(of("TreatyStatus", "PARTY", "de"), None);
        assert_eq!(of("TreatyStatus", "party", "en"), None);
        for (wanted, found) in [("fr-CA", "fr"), ("de", "en"), ("*", "en"), ("de fr", "fr")] {
            let ranges = wanted.split(' ').map(|range| range.parse().unwrap());
            assert_eq!(language(&ranges.collect::<Vec<_>>()), found, "{wanted}");
        }
        assert_eq!(language(&[]), "en");
    }
}
