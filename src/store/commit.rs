//! Carries out a plan. This is the only way in which the change log grows.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::draft::{Plan, Planned};
use super::error::Error;
use super::moment::Moment;
use super::record::{self, NextRow};
use super::{change, citation, head, reference_index};
use domain::record::Kind;
use domain::viewer::Actor;

/// A commit that was carried out.
#[derive(Clone, Copy, Debug)]
pub struct Committed {
    /// The moment after the commit.
    pub moment: Moment,
    /// The number of changes in the commit; 0 if every record already had the proposed content.
    pub size: usize,
    /// The time of the commit; without changes, that of the last commit in the log.
    pub at: DateTime<Utc>,
}

impl Plan {
    /// Writes the changes to the log under one block of sequence numbers, and with them rows, mentions and citations.
    /// The commit time is `now`, or later if the log already contains a later time.
    pub async fn carry_out<C: ConnectionTrait>(
        self,
        db: &C,
        actor: &Actor,
        contribution: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Committed, Error> {
        let size = self.changes.len();
        if size == 0 {
            let head = head::lock(db).await?;
            let at = head.committed_at.unwrap_or(now);
            return Ok(Committed {
                moment: Moment(head.sequence),
                size,
                at,
            });
        }
        let block = head::take(db, size, now).await?;
        let numbered: Vec<(i64, Planned)> = (block.first..).zip(self.changes).collect();
        let lines = numbered.iter().map(|(sequence, change)| {
            let line = change::Model {
                sequence: *sequence,
                first: block.first,
                size: block.size,
                committed_at: block.committed_at,
                actor: actor.id.clone(),
                actor_name: actor.name.clone(),
                actor_role: actor.role,
                contribution: contribution.map(str::to_owned),
                kind: change.id.kind(),
                record: change.id.clone(),
                operation: change.operation,
                reason: change.reason.clone(),
                verified_on: change.verified_on,
                effect: change.effect.clone(),
            };
            (line, change.countries.clone())
        });
        change::append(db, lines.collect()).await?;
        let last = numbered
            .last()
            .map_or(block.first, |(sequence, _)| *sequence);
        write(db, numbered).await?;
        Ok(Committed {
            moment: Moment(last),
            size,
            at: block.committed_at,
        })
    }
}

/// Closes the rows and citations that are replaced, then inserts the new ones.
async fn write<C: ConnectionTrait>(db: &C, numbered: Vec<(i64, Planned)>) -> Result<(), Error> {
    let mut rows: Vec<NextRow> = Vec::new();
    let mut index_rows = Vec::new();
    let mut citations = Vec::new();
    for (sequence, change) in numbered {
        let id = &change.id;
        if let Some(since) = change.replaces {
            record::close(db, id, since, sequence).await?;
            // A joined field keeps its citations: they still support the part of the value that others added.
            let mut anew = change.changed;
            anew.retain(|field| !change.joined.contains(field));
            citation::close(db, id, sequence, &anew).await?;
            citation::end(db, sequence, &change.ended).await?;
        }
        index_rows.extend(
            reference_index::replace(
                db,
                id,
                sequence,
                &change.indexed_before,
                &change.indexed_after,
            )
            .await?,
        );
        citations.extend(citation::rows(id, sequence, &change.cites));
        rows.extend(change.whole.map(|whole| NextRow {
            id: change.id,
            sequence,
            version: change.version,
            whole,
        }));
    }
    for kind in Kind::all() {
        let (of_kind, others) = rows.into_iter().partition(|row| row.id.kind() == kind);
        record::insert(db, kind, of_kind).await?;
        rows = others;
    }
    reference_index::insert(db, index_rows).await?;
    citation::insert(db, citations).await
}
