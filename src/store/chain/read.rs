//! Reads lines of the log with the versions that they wrote and ended.

use std::collections::{BTreeMap, HashMap};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{ConnectionTrait, QueryFilter, QueryOrder, QueryTrait};

use super::line::{Line, Written};
use crate::change;
use crate::citation;
use crate::error::Error;
use crate::export;
use crate::moment::{Moment, column};
use crate::record::{self, Row, models, of_kind};
use domain::digest::Digest;
use domain::field::Content;
use domain::record::{Kind, RecordId};
use domain::text::CountryCode;

/// The most lines that are read at once.
pub const LINES_AT_ONCE: i64 = 500;

/// A line of the log, as the tables have it.
pub struct ReadLine {
    /// The change.
    pub change: change::Model,
    /// The countries by which the change is found, sorted.
    pub countries: Vec<CountryCode>,
    /// The version that the change wrote.
    pub written: Option<Written>,
    /// The columns of that version.
    pub columns: Option<Columns>,
    /// The change that wrote the version that this change replaced or retired.
    pub ended: Option<i64>,
}

impl ReadLine {
    /// The line with all that its link depends on. `ended` is the digest of the version that it ended.
    pub fn covered(&self, ended: Option<Digest>) -> Line<'_> {
        Line {
            change: &self.change,
            countries: &self.countries,
            written: self.written,
            ended,
        }
    }
}

/// The columns of a version, by their JSON names.
pub struct Columns {
    /// The fields with a value.
    pub content: Content,
    /// The derived columns, and those that all nouns have.
    pub others: Content,
}

/// One version, as far as lines need it.
struct Stored {
    id: RecordId,
    since: i64,
    until: Option<i64>,
    version: i32,
    columns: Columns,
}

impl Stored {
    fn of<R: Row>(row: &R) -> Result<Self, Error> {
        let mut others = record::columns(row)?;
        let content = record::take_stored(row.id().kind(), &mut others);
        Ok(Self {
            id: row.id().clone(),
            since: row.since(),
            until: row.until(),
            version: row.version(),
            columns: Columns { content, others },
        })
    }
}

/// Reads the lines with sequence numbers from `first` to `last`.
///
/// # Errors
/// [`Error::Database`], [`Error::Unreadable`]
pub async fn read<C: ConnectionTrait>(
    db: &C,
    first: i64,
    last: i64,
) -> Result<Vec<ReadLine>, Error> {
    let changes = change::Entity::find()
        .filter(change::Column::Sequence.between(first, last))
        .order_by_asc(change::Column::Sequence)
        .all(db)
        .await?;
    let mut countries = change::countries_of_lines(db, first, last).await?;
    let mut records: BTreeMap<Kind, Vec<&RecordId>> = BTreeMap::new();
    for change in &changes {
        let of_kind = records.entry(change.record.kind()).or_default();
        of_kind.push(&change.record);
    }
    let mut written = HashMap::new();
    let mut ended = HashMap::new();
    for (kind, mut ids) in records {
        ids.sort_unstable();
        ids.dedup();
        for version in versions(db, kind, &ids, first, last).await? {
            if let Some(until) = version.until.filter(|until| (first..=last).contains(until)) {
                ended.insert(until, version.since);
            }
            if (first..=last).contains(&version.since) {
                written.insert(version.since, version);
            }
        }
    }
    let cited = written.values().map(|version| &version.id);
    let cited = citation::between(db, cited.collect(), first, last).await?;
    let lines = changes.into_iter().map(|change| {
        let sequence = change.sequence;
        let version = written
            .remove(&sequence)
            .filter(|version| version.id == change.record);
        let written = version.as_ref().map(|version| {
            let rows = cited.get(&version.id).into_iter().flatten();
            let valid = rows.filter(|row| Moment(sequence).holds(row.since, row.until));
            Written {
                version: version.version,
                digest: export::digest(&version.id, &version.columns.content, valid),
            }
        });
        ReadLine {
            countries: countries.remove(&sequence).unwrap_or_default(),
            written,
            columns: version.map(|version| version.columns),
            ended: ended.get(&sequence).copied(),
            change,
        }
    });
    Ok(lines.collect())
}

/// Reads the versions of records that lines wrote or ended.
async fn versions<C: ConnectionTrait>(
    db: &C,
    kind: Kind,
    ids: &[&RecordId],
    first: i64,
    last: i64,
) -> Result<Vec<Stored>, Error> {
    let ids = ids.iter().map(|id| (*id).clone());
    let select = of_kind!(kind, E => {
        let touched = Condition::any()
            .add(column::<E>("since").between(first, last))
            .add(column::<E>("until").between(first, last));
        E::find().filter(column::<E>("id").is_in(ids)).filter(touched).into_query()
    });
    let rows = db.query_all(&select).await?;
    of_kind!(kind, E => models::<E>(&rows)?.iter().map(Stored::of).collect())
}
