//! The view at which a dump reads.

use chrono::{DateTime, Utc};

use crate::domain::date::Date;
use crate::store::chain::{Link, OfChange};
use crate::store::change::BySequence;
use crate::store::moment::{At, Moment, NoCursor};
use crate::store::{Error, Store};

/// A moment and an as-of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The moment: the end of a commit.
    pub moment: Moment,
    /// The as-of date.
    pub as_of: Date,
    /// The day of that commit. An act without a date happened on that day or before.
    pub known_on: Date,
    /// The time of that commit; `None` before the first.
    pub committed_at: Option<DateTime<Utc>>,
    /// The hash of the log up to the moment, and the digest of the state.
    pub link: Link,
}

/// The reason why there is no such view.
#[derive(Debug)]
pub enum ViewError {
    /// The text is not a cursor of this log. Contains the reason, and a sentence that says what would be right.
    Cursor(NoCursor, String),
    /// The log could not be read.
    Store(Error),
}

impl From<Error> for ViewError {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl View {
    /// The view at a cursor, else at the end of the log; on `as_of`, else today. A cursor inside a commit means the end
    /// of that commit.
    ///
    /// # Errors
    /// [`ViewError`]
    pub async fn read(
        store: &Store,
        cursor: Option<&str>,
        as_of: Option<Date>,
    ) -> Result<Self, ViewError> {
        let head = store.head().await?;
        let as_of = as_of.unwrap_or_else(|| store.clock().today());
        let at = async |moment: Moment, committed_at: Option<DateTime<Utc>>| {
            let link = match moment {
                // Nothing comes before the first line.
                Moment(0) => Link::default(),
                Moment(line) => {
                    let mut links = store.load(&[OfChange(line)]).await?;
                    let missing = || Error::Unreadable(format!("change {line} has no hash"));
                    links.remove(&OfChange(line)).ok_or_else(missing)?
                }
            };
            Ok(Self {
                moment,
                as_of,
                known_on: committed_at.map_or(Date::FIRST, Date::of),
                committed_at,
                link,
            })
        };
        let Some(cursor) = cursor else {
            return at(head.moment, head.committed_at).await;
        };
        let cursors = store.cursors();
        let read = cursors.read(cursor, head.moment);
        let moment =
            read.map_err(|error| ViewError::Cursor(error, error.explain(cursors, head.moment)))?;
        let mut changes = store.load(&[BySequence(moment.0)]).await?;
        let change = changes.remove(&BySequence(moment.0));
        match change {
            Some(change) => at(change.commit(), Some(change.committed_at)).await,
            None => at(moment, None).await,
        }
    }

    /// The cursor of the moment.
    pub fn cursor(&self, store: &Store) -> String {
        store.cursors().write(self.moment)
    }

    /// The moment and the as-of date, as the store takes them.
    pub(super) fn at(&self) -> At {
        At {
            moment: self.moment,
            as_of: self.as_of,
        }
    }
}
