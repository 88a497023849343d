//! Terms that differ from a word by typing errors: a letter that is missing, added, wrong, or exchanged with the next.
//!
//! The first letter is rarely wrong. Terms with the same one are compared letter by letter; an error in the first letter
//! is found by looking up the few terms that it can mean, and counts as two.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::index::Postings;

/// Letters that a word must have for one and for two typing errors.
const MIN_LETTERS: [usize; 2] = [4, 8];

/// Longest word in which typing errors are searched, in letters.
const MAX_LETTERS: usize = 40;

/// Maximum number of typing errors.
pub const MAX_TYPOS: u8 = 2;

/// Passes each term that differs from `word` by at most `typos` typing errors to `take`. With `is_begun`, a beginning of
/// the term may differ by them.
pub fn each_similar<'a>(
    terms: &'a BTreeMap<Box<str>, Postings>,
    word: &str,
    typos: u8,
    is_begun: bool,
    take: &mut dyn FnMut(&'a str, &'a Postings),
) {
    let letters = word.as_bytes();
    let is_word = letters.iter().all(u8::is_ascii_lowercase) && letters.len() <= MAX_LETTERS;
    let allowed = MIN_LETTERS
        .iter()
        .filter(|least| letters.len() >= **least)
        .count();
    let errors = allowed.min(typos.into());
    let Some(first) = word.get(..1).filter(|_| is_word && errors > 0) else {
        return;
    };
    let from = (Bound::Included(first), Bound::Unbounded);
    let same = terms.range::<str, _>(from);
    let mut comparison = Comparison::new(letters, errors, is_begun);
    for (term, postings) in same.take_while(|(term, _)| term.starts_with(first)) {
        if comparison.accepts(term.as_bytes()) {
            take(term, postings);
        }
    }
    if typos == MAX_TYPOS {
        for other in with_another_first_letter(word) {
            let from = (Bound::Included(other.as_str()), Bound::Unbounded);
            let begun = terms.range::<str, _>(from);
            let fits = |term: &str| term == other || (is_begun && term.starts_with(&other));
            for (term, postings) in begun.take_while(|(term, _)| fits(term)) {
                take(term, postings);
            }
        }
    }
}

/// The words that are `word` without an error in its first letter.
fn with_another_first_letter(word: &str) -> Vec<String> {
    let rest = word.get(1..).unwrap_or_default();
    let mut others = vec![rest.to_owned()];
    for letter in 'a'..='z' {
        others.push(format!("{letter}{word}"));
        others.push(format!("{letter}{rest}"));
    }
    if let (Some(first), Some(second), Some(rest)) = (word.get(..1), word.get(1..2), word.get(2..))
    {
        others.push(format!("{second}{first}{rest}"));
    }
    others.retain(|other| !other.starts_with(word.get(..1).unwrap_or_default()));
    others
}

/// The distances between the beginnings of a word and those of one term after another. Sorted terms share their
/// beginnings, so most rows are computed once for several terms.
struct Comparison<'a> {
    word: &'a [u8],
    errors: usize,
    is_begun: bool,
    term: Vec<u8>,
    /// One row for each beginning of `term` that was compared: the distance to each beginning of the word.
    rows: Vec<Vec<u8>>,
    /// The length of the beginning of `term` that decides, and if it is similar.
    decided: Option<(usize, bool)>,
}

impl<'a> Comparison<'a> {
    fn new(word: &'a [u8], errors: usize, is_begun: bool) -> Self {
        let first = (0..=word.len()).map(|at| u8::try_from(at).unwrap_or(u8::MAX));
        Self {
            word,
            errors,
            is_begun,
            term: Vec::new(),
            rows: vec![first.collect()],
            decided: None,
        }
    }

    fn accepts(&mut self, term: &[u8]) -> bool {
        let shared = self
            .term
            .iter()
            .zip(term)
            .take_while(|(one, other)| one == other)
            .count();
        if let Some((length, is_similar)) = self.decided
            && length <= shared
        {
            return is_similar;
        }
        self.decided = None;
        self.term.clear();
        self.term.extend_from_slice(term);
        self.rows.truncate(shared.saturating_add(1));
        for length in self.rows.len()..=term.len() {
            let row = self.next(length);
            let least = row.iter().min().copied().unwrap_or_default();
            let whole = row.last().copied().unwrap_or_default();
            self.rows.push(row);
            if self.is_begun && usize::from(whole) <= self.errors {
                self.decided = Some((length, true));
                return true;
            }
            if usize::from(least) > self.errors {
                self.decided = Some((length, false));
                return false;
            }
        }
        let whole = self.rows.last().and_then(|row| row.last()).copied();
        whole.is_some_and(|whole| usize::from(whole) <= self.errors)
    }

    /// The row of the beginning of the term with this length; the rows before it are known.
    fn next(&self, length: usize) -> Vec<u8> {
        let letter = |at: Option<usize>| at.and_then(|at| self.term.get(at)).copied();
        let (here, before) = (letter(length.checked_sub(1)), letter(length.checked_sub(2)));
        let above = length.checked_sub(1).and_then(|at| self.rows.get(at));
        let two_above = length.checked_sub(2).and_then(|at| self.rows.get(at));
        let cell = |row: Option<&Vec<u8>>, at: usize| {
            row.and_then(|row| row.get(at)).copied().unwrap_or(u8::MAX)
        };
        let mut row = Vec::with_capacity(self.word.len().saturating_add(1));
        let mut left = u8::try_from(length).unwrap_or(u8::MAX);
        row.push(left);
        let mut previous = None;
        for (at, own) in self.word.iter().enumerate() {
            let wrong = u8::from(Some(*own) != here);
            let mut least = cell(above, at).saturating_add(wrong);
            least = least.min(cell(above, at.saturating_add(1)).saturating_add(1));
            least = least.min(left.saturating_add(1));
            let is_exchanged = before == Some(*own) && here.is_some() && here == previous;
            if let Some(at) = at.checked_sub(1).filter(|_| is_exchanged) {
                least = least.min(cell(two_above, at).saturating_add(1));
            }
            row.push(least);
            left = least;
            previous = Some(*own);
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn similar(known: &[String], word: &str, typos: u8, is_begun: bool) -> Vec<String> {
        let terms = known
            .iter()
            .map(|term| (term.as_str().into(), Postings::default()));
        let terms: BTreeMap<Box<str>, Postings> = terms.collect();
        let mut found = Vec::new();
        each_similar(&terms, word, typos, is_begun, &mut |term, _| {
            found.push(term.to_owned());
        });
        found
    }

    /// The distance with exchanged neighbours, by its definition.
    fn distance(one: &[u8], other: &[u8]) -> usize {
        let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
        for at in 0..=one.len() {
            for to in 0..=other.len() {
                table[at][to] = if at == 0 || to == 0 {
                    at + to
                } else {
                    let wrong = usize::from(one[at - 1] != other[to - 1]);
                    let mut least = (table[at - 1][to] + 1)
                        .min(table[at][to - 1] + 1)
                        .min(table[at - 1][to - 1] + wrong);
                    let is_exchanged = at > 1
                        && to > 1
                        && one[at - 1] == other[to - 2]
                        && one[at - 2] == other[to - 1];
                    if is_exchanged {
                        least = least.min(table[at - 2][to - 2] + 1);
                    }
                    least
                };
            }
        }
        table[one.len()][other.len()]
    }

    #[test]
    fn an_error_in_the_first_letter_counts_as_two() {
        let known = ["azerbaijan", "ukraine"].map(str::to_owned);
        for word in ["zerbaijan", "xzerbaijan", "zaerbaijan", "xazerbaijan"] {
            assert_eq!(
                similar(&known, word, 1, false),
                Vec::<String>::new(),
                "{word}"
            );
            assert_eq!(similar(&known, word, 2, false), ["azerbaijan"], "{word}");
        }
        assert_eq!(similar(&known, "kraine", 2, false), ["ukraine"]);
        assert_eq!(similar(&known, "ukr1ine", 2, false), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn terms_with_the_same_first_letter_are_those_within_the_distance(
            known in proptest::collection::btree_set("a[abc]{0,10}", 1..40),
            word in "a[abc]{3,10}",
            typos in 1_u8..=2,
            is_begun in any::<bool>(),
        ) {
            let known: Vec<String> = known.into_iter().collect();
            let errors = if word.len() >= 8 { usize::from(typos) } else { 1 };
            let expected = known.iter().filter(|term| {
                let lengths = if is_begun { 1..=term.len() } else { term.len()..=term.len() };
                lengths.into_iter().any(|length| distance(word.as_bytes(), &term.as_bytes()[..length]) <= errors)
            });
            let expected: Vec<String> = expected.cloned().collect();
            prop_assert_eq!(similar(&known, &word, typos, is_begun), expected);
        }
    }
}
