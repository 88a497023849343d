//! Carries out a plan. This is the only way in which the change log grows.

use chrono::{DateTime, Utc};
use sea_orm::IntoActiveModel;

use super::chain::{self, Appended};
use super::draft::{Plan, Planned};
use super::error::Error;
use super::head::{self, SequenceBlock};
use super::moment::Moment;
use super::record::{self, NextRow};
use super::write::Write;
use super::{change, citation, reference_index};
use domain::change::Operation;
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
    pub(super) async fn carry_out(
        self,
        tx: &Write,
        actor: &Actor,
        contribution: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Committed, Error> {
        let size = self.changes.len();
        if size == 0 {
            let head = tx.head().await?;
            let at = head.committed_at.unwrap_or(now);
            return Ok(Committed {
                moment: Moment(head.sequence),
                size,
                at,
            });
        }
        let block = head::take(tx, size, now).await?;
        let (numbered, lines) = self.numbered(&block, actor, contribution);
        let rows = lines
            .iter()
            .map(|line| (line.change.clone(), line.countries.clone()));
        change::append(tx, rows);
        let last = numbered
            .last()
            .map_or(block.first, |(sequence, _)| *sequence);
        write(tx, numbered).await?;
        chain::append(tx, lines).await?;
        Ok(Committed {
            moment: Moment(last),
            size,
            at: block.committed_at,
        })
    }

    /// The changes with their sequence numbers, and their lines of the log.
    pub fn numbered(
        self,
        block: &SequenceBlock,
        actor: &Actor,
        contribution: Option<&str>,
    ) -> (Vec<(i64, Planned)>, Vec<Appended>) {
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
            appended(line, change)
        });
        let lines = lines.collect();
        (numbered, lines)
    }
}

/// A line, with all of the change that its link in the chain covers.
fn appended(line: change::Model, change: &Planned) -> Appended {
    let whole = change.whole.as_ref();
    let is_new = change.operation == Operation::Create;
    Appended {
        countries: change.countries.clone(),
        version: whole.map(|whole| (change.version, whole.clone())),
        replaces: change.replaces,
        citations: is_new.then(|| {
            let mut rows = citation::rows(&change.id, line.sequence, &change.cites);
            rows.sort_by_cached_key(|row| (row.position, record::word(&row.field)));
            rows
        }),
        change: line,
    }
}

/// Closes the rows and citations that are replaced, then inserts the new ones.
async fn write(tx: &Write, numbered: Vec<(i64, Planned)>) -> Result<(), Error> {
    let mut rows: Vec<NextRow> = Vec::new();
    let mut index_rows = Vec::new();
    let mut citations = Vec::new();
    for (sequence, change) in numbered {
        let id = &change.id;
        if let Some(since) = change.replaces {
            record::close(tx, id, since, sequence).await?;
            citation::close(tx, id, sequence, &change.replaced_fields()).await?;
            citation::end(tx, sequence, &change.ended).await?;
        }
        index_rows.extend(
            reference_index::replace(
                tx,
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
        record::insert(tx, kind, of_kind)?;
        rows = others;
    }
    tx.insert_later(index_rows);
    tx.insert_later(
        citations
            .into_iter()
            .map(citation::Model::into_active_model),
    );
    Ok(())
}
