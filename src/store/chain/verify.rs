//! Verifies a log: that its links fit its lines, and that lines and versions agree.

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::str::FromStr;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{self, StreamExt};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::comparison::{faults_of, index_fault};
use super::entity::{self, Link, of_lines};
use super::read::{LINES_AT_ONCE, ReadLine, read};
use crate::Store;
use crate::error::Error;
use crate::{change, head, reference_index};
use domain::digest::Digest;

/// The most faults that are described.
pub(super) const MAX_FAULTS: usize = 20;
/// The parts of the log that are read at the same time.
const PARTS_AT_ONCE: usize = 3;

/// A line of the log and its hash, as they were noted elsewhere: `SEQUENCE:HASH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The sequence number.
    pub sequence: i64,
    /// The hash over this line and all before it.
    pub hash: Digest,
}

impl FromStr for Noted {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once(':').and_then(|(sequence, hash)| {
            let sequence = sequence.parse().ok().filter(|sequence| *sequence >= 0)?;
            let hash = hash.to_ascii_lowercase().parse().ok()?;
            Some(Self { sequence, hash })
        });
        parts.ok_or_else(|| {
            "write a sequence number, a colon and the 64 hexadecimal digits of its hash".to_owned()
        })
    }
}

impl Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, self.hash)
    }
}

/// The result of verifying a log.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// The last line that was read.
    pub sequence: i64,
    /// Its link, as the table has it.
    pub link: Link,
    /// The faults, each a sentence; at most 20.
    pub faults: Vec<String>,
    /// The number of faults that are not described.
    pub more: usize,
}

impl Verified {
    fn add(&mut self, faults: impl IntoIterator<Item = String>) {
        for fault in faults {
            if self.faults.len() < MAX_FAULTS {
                self.faults.push(fault);
            } else {
                self.more = self.more.saturating_add(1);
            }
        }
    }
}

impl Store {
    /// The last line of the log and its hash.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn last_line(&self) -> Result<Noted, Error> {
        let (sequence, link) = entity::last(self.reader()).await?;
        let hash = link.hash;
        Ok(Noted { sequence, hash })
    }

    /// Verifies the log up to its end: that each line has the hash of its content and of all lines before it, that
    /// the lines and the versions of the records agree, and that lines have the hashes that were `noted`. Calls
    /// `progress` with the number of lines verified.
    ///
    /// # Errors
    /// [`Error::Database`] if the database does not answer. Values that cannot be read are faults.
    pub fn verify_log<'a>(
        &'a self,
        noted: &'a [Noted],
        mut progress: impl FnMut(i64) + Send + 'a,
    ) -> BoxFuture<'a, Result<Verified, Error>> {
        async move {
            let mut verified = Verified::default();
            let Some(head) = unless_away(head::read(self.reader()).await)? else {
                verified.add(["the head of the log cannot be read".to_owned()]);
                return Ok(verified);
            };
            let lines = change::Entity::find()
                .filter(change::Column::Sequence.lte(head.sequence))
                .count(self.reader())
                .await?;
            if u64::try_from(head.sequence) != Ok(lines) {
                let fault = format!(
                    "the log should have {} lines and has {lines}",
                    head.sequence
                );
                verified.add([fault]);
            }
            verified.add(self.faults_of_head(&head).await?);
            verified.sequence = head.sequence;
            let firsts = (0..).map(|part| part * LINES_AT_ONCE + 1);
            let firsts = firsts.take_while(|first| *first <= head.sequence);
            let parts = firsts.map(|first| {
                let last = Ord::min(first + LINES_AT_ONCE - 1, head.sequence);
                let store = self.clone();
                let part = tokio::spawn(async move { store.verify_lines(first, last).await });
                async move { (last, part.await) }
            });
            let mut parts = stream::iter(parts).buffered(PARTS_AT_ONCE);
            while let Some((last, faults)) = parts.next().await {
                let faults = faults.map_err(|_| Error::Unreadable("a part of the log".to_owned()))?;
                verified.add(faults?);
                progress(last);
            }
            drop(parts);
            verified.add(self.rows_of_no_line().await?);
            verified.add(self.faults_of_file().await?);
            let wanted = noted.iter().map(|noted| noted.sequence);
            let links = of_lines(self.reader(), wanted.chain([head.sequence])).await;
            let links = unless_away(links)?.unwrap_or_default();
            verified.link = links.get(&head.sequence).copied().unwrap_or_default();
            for noted in noted {
                let found = match noted.sequence {
                    0 => Some(Digest::default()),
                    sequence => links.get(&sequence).map(|link| link.hash),
                };
                if found != Some(noted.hash) {
                    let is = found.map_or_else(
                        || "is not in the log".to_owned(),
                        |hash| format!("has the hash {hash}"),
                    );
                    let sequence = noted.sequence;
                    verified.add([format!(
                        "line {sequence} {is}, and {} was expected: the log is another one, or was rewritten",
                        noted.hash
                    )]);
                }
            }
            Ok(verified)
        }
        .boxed()
    }

    /// Compares the head with the ends of the log and of the chain. Lines may be written meanwhile.
    async fn faults_of_head(&self, head: &head::Model) -> Result<Vec<String>, Error> {
        let sequence = head.sequence;
        let last = change::Entity::find()
            .order_by_desc(change::Column::Sequence)
            .one(self.reader());
        let last = unless_away(last.await.map_err(Error::from))?.flatten();
        let last_link = unless_away(entity::last(self.reader()).await)?;
        let now = head::read(self.reader()).await?.sequence;
        let ends = [
            ("log", last.as_ref().map_or(0, |line| line.sequence)),
            ("chain of hashes", last_link.map_or(0, |(line, _)| line)),
        ];
        let beyond = ends.into_iter().filter(|(_, end)| *end > now);
        let mut faults: Vec<String> = beyond
            .map(|(what, end)| {
                format!("the {what} has lines up to {end}, and the head names line {sequence}")
            })
            .collect();
        let is_last = last.filter(|line| line.sequence == sequence);
        if is_last.is_some_and(|line| Some(line.committed_at) != head.committed_at) {
            faults.push(format!("the head names another time than line {sequence}"));
        }
        Ok(faults)
    }

    /// The faults of the lines from `first` to `last`. If they cannot be read together, finds out which of them.
    fn verify_lines(&self, first: i64, last: i64) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        async move {
            let found = match self.read_linked(first, last).await {
                Ok(found) => found,
                Err(error) if error.is_away() => return Err(error),
                Err(error) if first == last => {
                    return Ok(vec![format!("line {first} cannot be read: {error}")]);
                }
                Err(_) => {
                    let middle = first + (last - first) / 2;
                    let mut faults = self.verify_lines(first, middle).await?;
                    faults.extend(self.verify_lines(middle + 1, last).await?);
                    return Ok(faults);
                }
            };
            let (lines, links) = found;
            let records = lines.iter().map(|line| line.change.record.clone());
            let indexed = reference_index::between(self.reader(), records.collect(), first, last);
            let indexed = unless_away(indexed.await)?.unwrap_or_default();
            let mut faults = Vec::new();
            let mut lines = lines.into_iter().peekable();
            for sequence in first..=last {
                match lines.next_if(|line| line.change.sequence == sequence) {
                    Some(line) => {
                        let rows = indexed.get(&line.change.record);
                        faults.extend(faults_of(&line, &links)?);
                        faults.extend(index_fault(&line, rows.map_or(&[], Vec::as_slice)));
                    }
                    None => faults.push(format!("line {sequence} is missing")),
                }
            }
            Ok(faults)
        }
        .boxed()
    }

    /// Reads lines, and the links that they and their links depend on.
    async fn read_linked(
        &self,
        first: i64,
        last: i64,
    ) -> Result<(Vec<ReadLine>, HashMap<i64, Link>), Error> {
        let lines = read(self.reader(), first, last).await?;
        let ended = lines.iter().filter_map(|line| line.ended);
        let needed = (first.saturating_sub(1)..=last).chain(ended);
        let mut links = of_lines(self.reader(), needed).await?;
        links.insert(0, Link::default());
        Ok((lines, links))
    }
}

/// `None` instead of an error of values that cannot be read.
pub(super) fn unless_away<T>(read: Result<T, Error>) -> Result<Option<T>, Error> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.is_away() => Err(error),
        Err(_) => Ok(None),
    }
}
