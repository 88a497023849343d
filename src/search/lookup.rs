//! The documents of one word of a query: exact, by the beginning of a term, and with typing errors.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Bound;

use roaring::{MultiOps, RoaringBitmap};

use super::index::{Index, Postings};
use super::query::Word;
use super::token::CYBER;
use super::typo::each_similar;

/// Letters that a word must have to be found by its beginning.
const MIN_PREFIX: usize = 3;

/// The documents of one word.
pub struct Found<'a> {
    /// The documents that contain the word as it is.
    pub exact: Sets<'a>,
    /// The documents that contain the word, a term that begins with it, or one that differs by typing errors.
    pub similar: Sets<'a>,
    /// The documents whose country or treaty has the word in its name.
    pub owned: RoaringBitmap,
}

impl Found<'_> {
    /// True if no record has the word.
    pub fn is_empty(&self) -> bool {
        self.similar.at(2).is_empty() && self.owned.is_empty()
    }
}

/// The documents of one term, or of several: borrowed from the index where it has them as they are.
#[derive(Clone, Default)]
pub struct Sets<'a>([Cow<'a, RoaringBitmap>; 3]);

impl<'a> Sets<'a> {
    fn of(postings: &'a Postings) -> Self {
        Self([0, 1, 2].map(|class| Cow::Borrowed(postings.at(class))))
    }

    /// The documents by the number of a class: names, titles, any text.
    pub fn at(&self, class: u8) -> &RoaringBitmap {
        let [name, title, any] = &self.0;
        match class {
            0 => name,
            1 => title,
            _ => any,
        }
    }

    fn with(self, others: &[&Postings]) -> Self {
        if others.is_empty() {
            return self;
        }
        let each = |class: u8| {
            let others = others.iter().map(|postings| postings.at(class));
            let all = std::iter::once(self.at(class)).chain(others).union();
            Cow::Owned(all)
        };
        Self([0, 1, 2].map(each))
    }

    fn combined(
        &self,
        other: &Self,
        combine: impl Fn(&RoaringBitmap, &RoaringBitmap) -> RoaringBitmap,
    ) -> Self {
        Self([0, 1, 2].map(|class| Cow::Owned(combine(self.at(class), other.at(class)))))
    }
}

/// The documents that are in both, if there is a first.
fn both<'a>(one: Option<Sets<'a>>, other: Sets<'a>) -> Sets<'a> {
    match one {
        None => other,
        Some(one) => one.combined(&other, |one, other| one & other),
    }
}

/// The terms that a word matches, for highlights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// The terms of the word itself.
    pub terms: BTreeSet<String>,
    /// Beginnings of terms.
    pub prefixes: Vec<String>,
}

impl Index {
    /// Looks up a word, with at most `typos` typing errors in each of its parts.
    pub(crate) fn look_up(&self, word: &Word, typos: u8, matched: &mut Matched) -> Found<'_> {
        let last = word.parts.len().saturating_sub(1);
        let (mut exact, mut similar): (Option<Sets<'_>>, Option<Sets<'_>>) = (None, None);
        for (at, part) in word.parts.iter().enumerate() {
            let found = self.exact(part, matched);
            let is_last = word.is_last && at == last;
            let alike = self.similar(part, typos, is_last, found.clone(), matched);
            exact = Some(both(exact, found));
            similar = Some(both(similar, alike));
        }
        let (mut exact, mut similar) = (exact.unwrap_or_default(), similar.unwrap_or_default());
        if let Some(joined) = &word.joined {
            let found = self.exact(joined, matched);
            let alike = self.similar(joined, typos, word.is_last, found.clone(), matched);
            // Every spelling of such a compound has the joined term, so its parts need not be searched apart.
            let is_complete = match word.parts.as_slice() {
                [first, letter] if first.bytes().all(|byte| byte.is_ascii_digit()) => {
                    letter.len() == 1
                }
                parts => parts.first().is_some_and(|part| part == CYBER),
            };
            if is_complete && !found.at(2).is_empty() {
                (exact, similar) = (found, alike);
            } else {
                exact = exact.combined(&found, |one, other| one | other);
                similar = similar.combined(&alike, |one, other| one | other);
            }
        }
        let owned = self.owned_by(similar.at(1));
        Found {
            exact,
            similar,
            owned,
        }
    }

    fn exact(&self, term: &str, matched: &mut Matched) -> Sets<'_> {
        matched.terms.insert(term.to_owned());
        self.terms().get(term).map(Sets::of).unwrap_or_default()
    }

    /// Adds to the documents of a term those of terms that begin with it or differ by typing errors.
    fn similar<'a>(
        &'a self,
        term: &str,
        typos: u8,
        is_last: bool,
        exact: Sets<'a>,
        matched: &mut Matched,
    ) -> Sets<'a> {
        let mut found = Vec::new();
        let is_number = term.bytes().all(|byte| byte.is_ascii_digit());
        if term.len() >= MIN_PREFIX && !is_number {
            found.extend(self.beginning(term));
            matched.prefixes.push(term.to_owned());
        }
        each_similar(self.terms(), term, typos, is_last, &mut |name, postings| {
            matched.terms.insert(name.to_owned());
            found.push(postings);
        });
        exact.with(&found)
    }

    fn beginning<'a>(&'a self, term: &str) -> impl Iterator<Item = &'a Postings> {
        let from = (Bound::Excluded(term), Bound::Unbounded);
        let following = self.terms().range::<str, _>(from);
        let same = following.take_while(move |(other, _)| other.starts_with(term));
        same.map(|(_, postings)| postings)
    }
}
