//! The index: the documents of each term, at any recent moment.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, VecDeque};

use domain::record::{Kind, RecordId};
use roaring::RoaringBitmap;

use super::document::{Document, Owner};
use super::piece::Class;

/// The documents with one term. Each set contains the sets before it.
#[derive(Clone, Debug, Default)]
pub struct Postings {
    /// In a name, an acronym or a code.
    pub name: RoaringBitmap,
    /// Also in a title.
    pub title: RoaringBitmap,
    /// In any text.
    pub any: RoaringBitmap,
}

impl Postings {
    /// The documents by the number of a class: names, titles, any text.
    pub fn at(&self, class: u8) -> &RoaringBitmap {
        match class {
            0 => &self.name,
            1 => &self.title,
            _ => &self.any,
        }
    }

    fn sets(&mut self) -> [(&mut RoaringBitmap, Class); 3] {
        [
            (&mut self.name, Class::Name),
            (&mut self.title, Class::Title),
            (&mut self.any, Class::Text),
        ]
    }
}

/// The place of a document among those with the same rank: by kind, then shorter names first, then by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The order of its kind.
    pub kind: u8,
    /// The number of words in the shortest of its names.
    pub words: u16,
    /// The record.
    pub id: RecordId,
}

#[derive(Clone, Debug)]
struct Entry {
    place: Place,
    since: i64,
    until: Option<i64>,
    owns: Option<Owner>,
}

/// The size of an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Number of current records.
    pub records: u64,
    /// Memory in bytes, estimated.
    pub bytes: u64,
}

/// The words of all records. Documents of former versions stay for a while, so that a request at a moment shortly
/// before the newest one is answered exactly.
#[derive(Debug, Default)]
pub struct Index {
    entries: Vec<Entry>,
    /// Numbers below this one are in the order of `Place`.
    sorted: u32,
    current: HashMap<RecordId, u32>,
    terms: BTreeMap<Box<str>, Postings>,
    wholes: HashMap<Box<str>, RoaringBitmap>,
    owners: RoaringBitmap,
    members: HashMap<Owner, RoaringBitmap>,
    kinds: HashMap<Kind, RoaringBitmap>,
    live: RoaringBitmap,
    /// The documents that were written after `oldest`.
    recent: Vec<u32>,
    /// The documents that ended after `oldest`, in that order.
    ended: VecDeque<(i64, u32)>,
    moment: i64,
    oldest: i64,
    bytes: usize,
}

/// Documents outside the order, and former ones, at which the index is sorted again; also one eighth of all.
const UNSORTED: usize = 4096;

/// Sequence numbers before the newest one at which the index still answers after it was sorted.
const PAST_MOMENTS: i64 = 10_000;

/// Estimated bytes of a term and of a document, without their texts.
const TERM_BYTES: usize = 160;
const ENTRY_BYTES: usize = 240;
/// Estimated bytes of a number in the set of a term, and of a set with numbers.
const POSTING_BYTES: usize = 3;
const SET_BYTES: usize = 180;

impl Index {
    /// The moment up to which the index has read the log.
    pub fn moment(&self) -> i64 {
        self.moment
    }

    /// The size.
    pub fn size(&self) -> Size {
        Size {
            records: self.live.len(),
            bytes: u64::try_from(self.bytes).unwrap_or(u64::MAX),
        }
    }

    /// An index without documents that begins at a moment. [`Self::extend`] adds the records that are current then,
    /// and [`Self::sort`] ends its construction.
    pub fn new(moment: i64) -> Self {
        Self {
            moment,
            oldest: moment,
            ..Self::default()
        }
    }

    /// Adds documents that are current at the moment at which the index begins.
    pub fn extend(&mut self, documents: impl IntoIterator<Item = Document>) {
        for document in documents {
            self.add(document);
        }
    }

    /// Follows the log up to the moment `to`. `documents` are all versions that were written since, and all that ended.
    pub fn advance(&mut self, documents: Vec<Document>, to: i64) {
        let mut ended = Vec::new();
        let mut added = Vec::new();
        for document in documents {
            let until = document.until.filter(|until| *until <= to);
            if document.since > self.moment {
                added.push((document, until));
            } else if let Some(number) = self.current.get(&document.id) {
                ended.extend(until.map(|until| (until, *number)));
            }
        }
        added.sort_by_key(|(document, _)| document.since);
        for (document, until) in added {
            let number = self.add(document);
            ended.extend(until.zip(number));
        }
        ended.sort_unstable();
        for (until, number) in ended {
            self.end(number, until);
        }
        self.moment = to.max(self.moment);
        let unsorted = self.entries.len().saturating_sub(size(self.sorted));
        if unsorted > UNSORTED.max(self.entries.len() / 8) {
            self.sort();
        }
    }

    fn add(&mut self, document: Document) -> Option<u32> {
        let number = u32::try_from(self.entries.len()).ok()?;
        for (term, class) in document.terms {
            if !self.terms.contains_key(term.as_str()) {
                self.bytes = self
                    .bytes
                    .saturating_add(TERM_BYTES.saturating_add(term.len()));
            }
            let postings = self.terms.entry(term.into_boxed_str()).or_default();
            for (set, from) in postings.sets() {
                if class <= from {
                    let more = if set.is_empty() {
                        SET_BYTES
                    } else {
                        POSTING_BYTES
                    };
                    set.insert(number);
                    self.bytes = self.bytes.saturating_add(more);
                }
            }
        }
        for whole in document.wholes {
            self.bytes = self
                .bytes
                .saturating_add(TERM_BYTES.saturating_add(whole.len()));
            self.wholes
                .entry(whole.into_boxed_str())
                .or_default()
                .insert(number);
        }
        for owner in document.owners {
            self.members.entry(owner).or_default().insert(number);
        }
        if document.owns.is_some() {
            self.owners.insert(number);
        }
        let kind = document.id.kind();
        self.kinds.entry(kind).or_default().insert(number);
        self.live.insert(number);
        self.recent.push(number);
        self.bytes = self.bytes.saturating_add(ENTRY_BYTES);
        // The version that it replaces ends by its own entry in `advance`.
        self.current.insert(document.id.clone(), number);
        self.entries.push(Entry {
            place: Place {
                kind: order(kind),
                words: document.words,
                id: document.id,
            },
            since: document.since,
            until: None,
            owns: document.owns,
        });
        Some(number)
    }

    fn end(&mut self, number: u32, until: i64) {
        self.live.remove(number);
        self.ended.push_back((until, number));
        if let Some(entry) = self.entries.get_mut(size(number)) {
            entry.until = Some(until);
            let id = &entry.place.id;
            if self.current.get(id) == Some(&number) {
                self.current.remove(id);
            }
        }
    }

    fn entry(&self, number: u32) -> Option<&Entry> {
        self.entries.get(size(number))
    }

    /// The place of a document.
    pub fn place(&self, number: u32) -> Option<&Place> {
        self.entry(number).map(|entry| &entry.place)
    }

    /// The number of documents in order: documents with a lower number are sorted by their places.
    pub fn sorted(&self) -> u32 {
        self.sorted
    }

    /// The number of the first sorted document whose place is not before `place`, or not at or before it.
    pub fn bound(&self, place: &Place, is_after: bool) -> u32 {
        let sorted = self.entries.get(..size(self.sorted)).unwrap_or_default();
        let is_before = |entry: &Entry| match entry.place.cmp(place) {
            Ordering::Less => true,
            Ordering::Equal => is_after,
            Ordering::Greater => false,
        };
        u32::try_from(sorted.partition_point(is_before)).unwrap_or(self.sorted)
    }

    /// The documents that were current at a moment, or at the oldest one to which the index reaches back; `None` if it
    /// has not read the log so far.
    pub fn current_at(&self, moment: i64) -> Option<RoaringBitmap> {
        let moment = moment.max(self.oldest);
        if moment > self.moment {
            return None;
        }
        let mut current = self.live.clone();
        if moment == self.moment {
            return Some(current);
        }
        for number in &self.recent {
            if self
                .entry(*number)
                .is_some_and(|entry| entry.since > moment)
            {
                current.remove(*number);
            }
        }
        let ended = self.ended.iter().rev();
        for (_, number) in ended.take_while(|(until, _)| *until > moment) {
            if self
                .entry(*number)
                .is_some_and(|entry| entry.since <= moment)
            {
                current.insert(*number);
            }
        }
        Some(current)
    }

    /// The documents of some kinds.
    pub fn of_kinds(&self, kinds: &[Kind]) -> RoaringBitmap {
        let sets = kinds.iter().filter_map(|kind| self.kinds.get(kind));
        sets.fold(RoaringBitmap::new(), |all, set| all | set)
    }

    /// The documents whose owner is one of `owners`.
    pub fn of_owners<'a>(&self, owners: impl IntoIterator<Item = &'a Owner>) -> RoaringBitmap {
        let sets = owners
            .into_iter()
            .filter_map(|owner| self.members.get(owner));
        sets.fold(RoaringBitmap::new(), |all, set| all | set)
    }

    /// The documents whose owner is one of the documents `among`.
    pub fn owned_by(&self, among: &RoaringBitmap) -> RoaringBitmap {
        let owners = among & &self.owners;
        let owners = owners
            .iter()
            .filter_map(|number| self.entry(number)?.owns.as_ref());
        self.of_owners(owners)
    }

    /// The documents one of whose names or titles is `whole`.
    pub fn named(&self, whole: &str) -> Option<&RoaringBitmap> {
        self.wholes.get(whole)
    }

    /// The terms with their documents.
    pub fn terms(&self) -> &BTreeMap<Box<str>, Postings> {
        &self.terms
    }

    /// Numbers the documents again in the order of their places, without those that ended long ago.
    pub fn sort(&mut self) {
        let horizon = self.oldest.max(self.moment.saturating_sub(PAST_MOMENTS));
        let is_kept = |entry: &Entry| entry.until.is_none_or(|until| until > horizon);
        let mut kept: Vec<(u32, Entry)> = (0..).zip(std::mem::take(&mut self.entries)).collect();
        kept.retain(|(_, entry)| is_kept(entry));
        kept.sort_by(|(_, one), (_, other)| {
            one.place
                .cmp(&other.place)
                .then(one.since.cmp(&other.since))
        });
        let mut numbers = HashMap::with_capacity(kept.len());
        numbers.extend(kept.iter().map(|(old, _)| *old).zip(0_u32..));
        let renumber = |set: &mut RoaringBitmap| {
            let kept = set.iter().filter_map(|old| numbers.get(&old).copied());
            let mut kept: Vec<u32> = kept.collect();
            kept.sort_unstable();
            *set = kept.into_iter().collect();
        };
        self.entries = kept.into_iter().map(|(_, entry)| entry).collect();
        self.sorted = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.bytes = self.entries.len().saturating_mul(ENTRY_BYTES);
        let mut bytes = 0_usize;
        self.terms.retain(|term, postings| {
            for (set, _) in postings.sets() {
                renumber(set);
                if !set.is_empty() {
                    bytes = bytes.saturating_add(SET_BYTES.saturating_add(set.serialized_size()));
                }
            }
            bytes = bytes.saturating_add(TERM_BYTES.saturating_add(term.len()));
            !postings.any.is_empty()
        });
        self.wholes.retain(|whole, set| {
            renumber(set);
            bytes = bytes.saturating_add(TERM_BYTES.saturating_add(whole.len()));
            !set.is_empty()
        });
        self.bytes = self.bytes.saturating_add(bytes);
        self.members.values_mut().for_each(renumber);
        self.kinds.values_mut().for_each(renumber);
        renumber(&mut self.owners);
        renumber(&mut self.live);
        let of = |old: &u32| numbers.get(old).copied();
        self.current = std::mem::take(&mut self.current)
            .into_iter()
            .filter_map(|(id, old)| Some((id, of(&old)?)))
            .collect();
        self.ended = std::mem::take(&mut self.ended)
            .into_iter()
            .filter_map(|(until, old)| Some((until, of(&old)?)))
            .collect();
        self.oldest = horizon;
        let numbered = (0..).zip(&self.entries);
        let recent = numbered.filter(|(_, entry)| entry.since > horizon);
        self.recent = recent.map(|(number, _)| number).collect();
    }
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The order of kinds among records of one rank.
fn order(kind: Kind) -> u8 {
    match kind {
        Kind::Country => 0,
        Kind::Treaty => 1,
        Kind::CybersecurityBody => 2,
        Kind::OperationalUnit => 3,
        Kind::PolicyDocument => 4,
        Kind::CourtDecision => 5,
        Kind::ArticleImplementation => 6,
        Kind::TreatyEvent => 7,
        Kind::CoverageAssertion => 8,
        Kind::ProfileSection => 9,
        Kind::Source => 10,
    }
}
