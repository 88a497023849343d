//! Highlights: short parts of a record's texts in which the words of a query are marked.

use std::ops::Range;

use domain::field::Content;
use domain::record::Kind;

use super::lookup::Matched;
use super::piece::pieces;
use super::token::{Compound, compounds};

/// The characters before and after a word of the query. Texts lose them, so that they always mark a word.
const MARKS: [char; 2] = ['\u{27e6}', '\u{27e7}'];

/// Characters of a highlight, without marks, approximate.
const LENGTH: usize = 160;

/// Maximum number of highlights of a record.
const MAX_HIGHLIGHTS: usize = 3;

/// Marks the words of a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marker(Matched);

impl Marker {
    pub(crate) fn new(matched: Matched) -> Self {
        Self(matched)
    }

    /// The parts of a record's texts that contain words of the query: names first, then titles, then other texts.
    /// The result is plain text.
    pub fn highlights(&self, kind: Kind, content: &Content) -> Vec<String> {
        let mut pieces = pieces(kind, content);
        pieces.retain(|piece| piece.is_verbatim);
        pieces.sort_by_key(|piece| piece.class);
        let marked = pieces.iter().filter_map(|piece| self.mark(&piece.text));
        marked.take(MAX_HIGHLIGHTS).collect()
    }

    fn mark(&self, text: &str) -> Option<String> {
        let places = self.places(text);
        let first = places.first()?.clone();
        let part = around(text, &first);
        let mut marked = String::new();
        let mut at = part.start;
        if at > 0 {
            marked.push('…');
        }
        for place in places.into_iter().filter(|place| place.end <= part.end) {
            push_plain(&mut marked, text.get(at..place.start).unwrap_or_default());
            marked.push(MARKS[0]);
            push_plain(&mut marked, text.get(place.clone()).unwrap_or_default());
            marked.push(MARKS[1]);
            at = place.end;
        }
        push_plain(&mut marked, text.get(at..part.end).unwrap_or_default());
        if part.end < text.len() {
            marked.push('…');
        }
        Some(marked)
    }

    /// The places of the words, in order and without overlap.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        let compounds = compounds(text);
        let terms = compounds.iter().flat_map(Compound::terms);
        let matching = terms.filter(|(term, _)| self.is_match(term));
        let mut places: Vec<Range<usize>> = matching.map(|(_, place)| place).collect();
        places.sort_unstable_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
        let mut end = 0;
        places.retain(|place| {
            let is_free = place.start >= end;
            if is_free {
                end = place.end;
            }
            is_free
        });
        places
    }

    fn is_match(&self, term: &str) -> bool {
        let Matched { terms, prefixes } = &self.0;
        terms.contains(term)
            || prefixes
                .iter()
                .any(|prefix| term.starts_with(prefix.as_str()))
    }
}

/// The part of a text around a place: whole words, about [`LENGTH`] characters.
fn around(text: &str, place: &Range<usize>) -> Range<usize> {
    let is_end = |(at, letter): &(usize, char)| letter.is_whitespace().then_some(*at);
    let before = text.get(..place.start).unwrap_or_default();
    let lead = before.char_indices().rev().take(LENGTH / 3);
    let start = match lead.clone().last() {
        Some((0, _)) | None => 0,
        Some(_) => lead
            .filter_map(|one| is_end(&one))
            .last()
            .map_or(place.start, |at| at.saturating_add(1)),
    };
    let after = text.get(place.end..).unwrap_or_default();
    let tail = after.char_indices().take(LENGTH);
    let end = if after.char_indices().nth(LENGTH).is_none() {
        after.len()
    } else {
        tail.filter_map(|one| is_end(&one))
            .last()
            .unwrap_or_default()
    };
    start..place.end.saturating_add(end)
}

/// Appends a text on one line and without the characters that mark words.
fn push_plain(to: &mut String, text: &str) {
    to.extend(text.chars().map(|letter| match letter {
        '\u{27e6}' => '[',
        '\u{27e7}' => ']',
        _ if letter.is_whitespace() || letter.is_control() => ' ',
        _ => letter,
    }));
}
