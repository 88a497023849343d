//! A query: its words as terms.

use super::token::{Compound, compounds, whole};

/// Maximum number of characters of a query.
pub const MAX_QUERY: usize = 200;

/// Words that are left out of a query with other words: nearly every text contains them.
const STOP_WORDS: [&str; 31] = [
    "a", "an", "and", "at", "au", "aux", "by", "d", "de", "des", "du", "en", "et", "for", "from",
    "in", "l", "la", "le", "les", "of", "on", "or", "par", "pour", "s", "sur", "the", "to", "un",
    "with",
];

/// The query: all of its words must be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The words.
    pub(crate) words: Vec<Word>,
    /// All words as one term.
    pub(crate) whole: String,
}

/// One word of a query, or several that form a compound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// The terms of its parts.
    pub parts: Vec<String>,
    /// The term of the compound, if it has several parts.
    pub joined: Option<String>,
    /// True if the reader may not have finished it.
    pub is_last: bool,
}

impl Query {
    /// Reads a query. Characters that are neither letters nor digits divide words and mean nothing else.
    pub fn of(text: &str) -> Self {
        let found = compounds(text);
        let is_stop_word = |compound: &&Compound| match compound.0.as_slice() {
            [word] => STOP_WORDS.contains(&word.folded.as_str()),
            _ => false,
        };
        let mut kept: Vec<&Compound> = found.iter().filter(|one| !is_stop_word(one)).collect();
        if kept.is_empty() {
            kept = found.iter().collect();
        }
        let last = kept.len().saturating_sub(1);
        let mut words: Vec<Word> = Vec::new();
        for (at, compound) in kept.into_iter().enumerate() {
            let word = Word {
                parts: compound.0.iter().map(|word| word.term.clone()).collect(),
                joined: compound.joined(),
                is_last: at == last,
            };
            if !words.contains(&word) {
                words.push(word);
            }
        }
        Self {
            words,
            whole: whole(&found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_quotes_and_signs_mean_nothing() {
        let plain = Query::of("cyber strategy");
        for text in [
            "\"cyber\" strategy",
            "cyber AND* strategy?",
            "+cyber: (strategy)",
        ] {
            let words = Query::of(text).words;
            assert!(plain.words.iter().all(|word| {
                words
                    .iter()
                    .any(|other| other.parts.last() == word.parts.last())
            }));
        }
        for text in ["", " ", "\u{1f916}", "\u{202e}\u{202b}", "'; -- \"*\"#"] {
            assert!(Query::of(text).words.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_stop_word_counts_only_alone() {
        assert_eq!(Query::of("the law of the country").words.len(), 2);
        assert_eq!(Query::of("the").words.len(), 1);
    }
}
