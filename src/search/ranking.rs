//! The order of what a query finds, and its pages.
//!
//! Ranks, best first: the query is a whole name; then all words in names, in names and titles, in any text, each first
//! exactly, then by the beginnings of terms. Within each of these, records that have all words themselves come before
//! those that have some of them by the names of their country or treaty. Records that have no word themselves come
//! last. With typing errors the ranks begin again, and only if nothing is found without.

use std::cell::OnceCell;

use domain::record::{Kind, RecordId};
use domain::text::CountryCode;
use roaring::RoaringBitmap;

use super::document::Owner;
use super::highlight::Marker;
use super::index::{Index, Place};
use super::lookup::{Found as Looked, Matched};
use super::query::Query;
use super::typo::MAX_TYPOS;

/// Restricts what a query finds. A field that is `None` does not.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Records of one of these kinds.
    pub kinds: Option<Vec<Kind>>,
    /// Records that belong to one of these countries, and the countries themselves.
    pub countries: Option<Vec<CountryCode>>,
}

/// The position of a hit. It stays the same while the record and the query do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The rank; the best is 0.
    pub rank: u8,
    /// The order of its kind.
    pub kind: u8,
    /// Number of words in the shortest of its names.
    pub words: u16,
    /// The record.
    pub id: RecordId,
}

/// A record that a query finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its position.
    pub position: Position,
}

impl Hit {
    /// The rank as a number above 0 and at most 1, with three decimals; greater is better.
    pub fn score(&self) -> f64 {
        let ranks = f64::from(RANKS) * f64::from(MAX_TYPOS.saturating_add(1));
        (1_000.0 * (1.0 - f64::from(self.position.rank) / ranks)).round() / 1_000.0
    }
}

/// The part of the hits that is wanted.
#[derive(Clone, Debug)]
pub struct Page {
    /// Maximum number of hits.
    pub size: usize,
    /// True if the page is taken from the start of the part, false if from its end.
    pub is_forward: bool,
    /// The part begins after this position.
    pub after: Option<Position>,
    /// The part ends before this position.
    pub before: Option<Position>,
}

/// A page of hits.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The hits, best first.
    pub hits: Vec<Hit>,
    /// True if there are hits after the page.
    pub has_next: bool,
    /// True if there are hits before the page.
    pub has_previous: bool,
    /// Number of all hits.
    pub total: u64,
    /// Marks the words in texts.
    pub marker: Marker,
}

/// Steps from a whole name to any text, each with two ranks.
const STEPS: u8 = 6;

/// Number of ranks for one number of typing errors: the whole name, the steps, and records that have no word themselves.
const RANKS: u8 = STEPS * 2 + 2;

impl Index {
    /// Finds the records that were current at a moment; `None` if the index does not reach to it.
    pub fn find(&self, query: &Query, filter: &Filter, moment: i64, page: &Page) -> Option<Found> {
        let mut among = self.current_at(moment)?;
        if let Some(kinds) = &filter.kinds {
            among &= self.of_kinds(kinds);
        }
        if let Some(countries) = &filter.countries {
            let owners: Vec<Owner> = countries
                .iter()
                .map(|code| Owner::Country(code.to_string()))
                .collect();
            among &= self.of_owners(&owners);
        }
        if query.words.is_empty() {
            return Some(Found::default());
        }
        // A page after another one continues with the same number of typing errors, whatever was written in between.
        let bound = page.after.as_ref().or(page.before.as_ref());
        let begun = bound.map(|bound| bound.rank / RANKS);
        let exact = Ranked::new(self, query, 0, &|_| false, &among);
        if !exact.all.is_empty() && begun.is_none_or(|typos| typos == 0) {
            return Some(exact.page(page));
        }
        // A word that no record has is the one with the error. If there is none, it can be any of them.
        let unknown: Vec<bool> = exact.words.iter().map(Looked::is_empty).collect();
        let is_any = !unknown.contains(&true);
        let is_wrong = |at: usize| is_any || unknown.get(at) == Some(&true);
        for typos in 1..=MAX_TYPOS {
            let ranked = Ranked::new(self, query, typos, &is_wrong, &among);
            if !ranked.all.is_empty() && begun.is_none_or(|begun| begun == typos) {
                return Some(ranked.page(page));
            }
        }
        Some(Found::default())
    }
}

/// The hits with one number of typing errors. The documents of a rank are computed when they are needed.
struct Ranked<'a> {
    index: &'a Index,
    whole: Option<RoaringBitmap>,
    words: Vec<Looked<'a>>,
    matched: Matched,
    typos: u8,
    all: RoaringBitmap,
    ranks: Vec<OnceCell<RoaringBitmap>>,
}

impl<'a> Ranked<'a> {
    fn new(
        index: &'a Index,
        query: &Query,
        typos: u8,
        is_wrong: &dyn Fn(usize) -> bool,
        among: &RoaringBitmap,
    ) -> Self {
        let mut matched = Matched::default();
        let words = query.words.iter().enumerate();
        let words = words.map(|(at, word)| {
            let typos = if is_wrong(at) { typos } else { 0 };
            index.look_up(word, typos, &mut matched)
        });
        let words: Vec<Looked<'a>> = words.collect();
        let whole = index.named(&query.whole).map(|named| named & among);
        let mut all = among.clone();
        for word in &words {
            all &= word.similar.at(2) | &word.owned;
        }
        if let Some(whole) = &whole {
            all |= whole;
        }
        Self {
            index,
            whole,
            words,
            matched,
            typos,
            all,
            ranks: (0..RANKS).map(|_| OnceCell::new()).collect(),
        }
    }

    /// The documents with all words at a step: themselves, or some of them by their country or treaty.
    fn step(&self, step: u8, with_owners: bool) -> RoaringBitmap {
        let mut found = self.all.clone();
        let mut themselves = RoaringBitmap::new();
        for word in &self.words {
            let postings = if step.is_multiple_of(2) {
                &word.exact
            } else {
                &word.similar
            };
            let own = postings.at(step / 2);
            if with_owners {
                themselves |= own;
                found &= own | &word.owned;
            } else {
                found &= own;
            }
        }
        if with_owners {
            found &= themselves;
        }
        found
    }

    /// The documents of a rank; `None` if there is no such rank.
    fn rank(&self, rank: u8) -> Option<&RoaringBitmap> {
        let cell = self.ranks.get(usize::from(rank))?;
        Some(cell.get_or_init(|| {
            let mut found = match rank.checked_sub(1) {
                None => self.whole.clone().unwrap_or_default(),
                Some(last) if last == STEPS * 2 => self.all.clone(),
                Some(step) => self.step(step / 2, !step.is_multiple_of(2)),
            };
            for better in (0..rank).filter_map(|better| self.rank(better)) {
                found -= better;
            }
            found
        }))
    }

    fn page(self, page: &Page) -> Found {
        let size = page.size.saturating_add(1);
        let (after, before) = (page.after.as_ref(), page.before.as_ref());
        let mut hits = self.scan(after, before, page.is_forward, size);
        let is_more = hits.len() > page.size;
        hits.truncate(page.size);
        if !page.is_forward {
            hits.reverse();
        }
        let is_earlier = after.is_some_and(|after| {
            let first = self.scan(None, None, true, 1);
            first.first().is_some_and(|first| first <= after)
        });
        let is_later = before.is_some_and(|before| {
            let last = self.scan(None, None, false, 1);
            last.first().is_some_and(|last| last >= before)
        });
        Found {
            hits: hits.into_iter().map(|position| Hit { position }).collect(),
            has_next: is_later || (page.is_forward && is_more),
            has_previous: is_earlier || (!page.is_forward && is_more),
            total: self.all.len(),
            marker: Marker::new(self.matched),
        }
    }

    /// The first positions between two others, or the last ones, which come in reverse order.
    fn scan(
        &self,
        after: Option<&Position>,
        before: Option<&Position>,
        is_forward: bool,
        size: usize,
    ) -> Vec<Position> {
        let shift = RANKS.saturating_mul(self.typos);
        let mut found = Vec::new();
        let mut ranks: Vec<u8> = (0..RANKS).collect();
        if !is_forward {
            ranks.reverse();
        }
        for rank in ranks {
            let shown = rank.saturating_add(shift);
            let is_outside = after.is_some_and(|after| shown < after.rank)
                || before.is_some_and(|before| shown > before.rank);
            if is_outside {
                continue;
            }
            let within = |bound: Option<&Position>| {
                let bound = bound.filter(|bound| bound.rank == shown)?;
                Some(bound.place())
            };
            let missing = size.saturating_sub(found.len());
            let (after, before) = (within(after), within(before));
            let Some(set) = self.rank(rank) else { continue };
            let places = self.places(set, after.as_ref(), before.as_ref(), is_forward, missing);
            found.extend(places.into_iter().map(|place| Position::of(shown, place)));
            if found.len() >= size {
                break;
            }
        }
        found
    }

    /// The first or last places of a set between two others.
    fn places(
        &self,
        set: &RoaringBitmap,
        after: Option<&Place>,
        before: Option<&Place>,
        is_forward: bool,
        size: usize,
    ) -> Vec<&Place> {
        let index = self.index;
        let sorted = index.sorted();
        let from = after.map_or(0, |after| index.bound(after, true));
        let to = before.map_or(sorted, |before| index.bound(before, false));
        let mut places: Vec<&Place> = Vec::new();
        let in_order = set.range(from..to.max(from));
        if is_forward {
            places.extend(in_order.take(size).filter_map(|number| index.place(number)));
        } else {
            places.extend(
                in_order
                    .rev()
                    .take(size)
                    .filter_map(|number| index.place(number)),
            );
        }
        let unsorted = set.range(sorted..).filter_map(|number| index.place(number));
        let unsorted = unsorted.filter(|place| {
            after.is_none_or(|after| *place > after) && before.is_none_or(|before| *place < before)
        });
        places.extend(unsorted);
        places.sort_unstable();
        if !is_forward {
            places.reverse();
        }
        places.truncate(size);
        places
    }
}

impl Position {
    fn of(rank: u8, place: &Place) -> Self {
        Self {
            rank,
            kind: place.kind,
            words: place.words,
            id: place.id.clone(),
        }
    }

    fn place(&self) -> Place {
        Place {
            kind: self.kind,
            words: self.words,
            id: self.id.clone(),
        }
    }
}
