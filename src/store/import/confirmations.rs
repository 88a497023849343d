//! The fields that lines cite as `CONFIRMED`, and the warnings about those whose sources have one publisher.

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ConnectionTrait, QuerySelect};

use crate::draft::Planned;
use crate::error::Error;
use crate::moment::{Moment, column};
use crate::record::ROWS_PER_STATEMENT;
use crate::{citation, source};
use domain::check::Finding;
use domain::confirmation::Confirmation;
use domain::record::RecordId;

/// The publishers of sources that exist; `None` for a source without a publisher.
type Publishers = HashMap<RecordId, Option<String>>;

/// The confirmations of an import for which too few publishers are known so far. Later lines may create their sources,
/// or cite others.
#[derive(Default)]
pub struct Confirmations {
    publishers: Publishers,
    open: Vec<(RecordId, Confirmation)>,
}

impl Confirmations {
    /// Takes the confirmations out of planned changes.
    pub fn of(changes: &mut [Planned]) -> Vec<(RecordId, Confirmation)> {
        let of_change = |change: &mut Planned| {
            let confirmations = std::mem::take(&mut change.confirmations).into_iter();
            let id = &change.id;
            confirmations
                .map(|one| (id.clone(), one))
                .collect::<Vec<_>>()
        };
        changes.iter_mut().flat_map(of_change).collect()
    }

    /// Keeps those of the confirmations for which too few publishers are known.
    pub async fn add<C: ConnectionTrait>(
        &mut self,
        db: &C,
        confirmations: Vec<(RecordId, Confirmation)>,
    ) -> Result<(), Error> {
        let sources = confirmations.iter().flat_map(|(_, one)| &one.sources);
        let unknown = sources.filter(|source| !self.publishers.contains_key(*source));
        let found = publishers(db, unknown.collect()).await?;
        self.publishers.extend(found);
        let is_open = |one: &Confirmation| {
            let mut known = one.clone();
            known
                .sources
                .retain(|source| self.publishers.contains_key(source));
            known
                .warning(&|source| publisher(&self.publishers, source))
                .is_some()
        };
        let open = confirmations.into_iter().filter(|(_, one)| is_open(one));
        self.open.extend(open);
        Ok(())
    }

    /// Returns the warnings, by the citations and sources that the database has now, in the order of the lines.
    pub async fn warnings<C: ConnectionTrait>(
        self,
        db: &C,
    ) -> Result<Vec<(RecordId, Finding)>, Error> {
        let records: HashSet<&RecordId> = self.open.iter().map(|(id, _)| id).collect();
        let rows = citation::of_records(db, records.into_iter().collect(), false).await?;
        // Another line may have replaced the value, and the citations with it.
        let open = self.open.iter().filter_map(|(id, one)| {
            let valid = rows.get(id).into_iter().flatten();
            let valid: Vec<_> = valid.map(citation::Model::field_citation).collect();
            Some((id, one.with(&valid)?))
        });
        let open: Vec<(&RecordId, Confirmation)> = open.collect();
        let sources = open.iter().flat_map(|(_, one)| &one.sources);
        let publishers = publishers(db, sources.collect()).await?;
        let warned = open.into_iter().filter_map(|(id, one)| {
            let warning = one.warning(&|source| publisher(&publishers, source))?;
            Some((id.clone(), warning))
        });
        let mut warned: Vec<_> = warned.collect();
        let number = |finding: &Finding| finding.path.0.first()?.parse::<usize>().ok();
        warned.sort_by_key(|(_, warning)| number(warning));
        Ok(warned)
    }
}

fn publisher<'a>(publishers: &'a Publishers, source: &RecordId) -> Option<&'a str> {
    publishers.get(source)?.as_deref()
}

/// Reads the publishers of those of the sources that exist.
async fn publishers<C: ConnectionTrait>(
    db: &C,
    sources: HashSet<&RecordId>,
) -> Result<Publishers, Error> {
    let sources: Vec<&RecordId> = sources.into_iter().collect();
    let mut found = Publishers::new();
    for some in sources.chunks(ROWS_PER_STATEMENT) {
        let rows: Vec<(RecordId, Option<String>)> = source::Entity::find()
            .select_only()
            .column(source::Column::Id)
            .column(source::Column::Publisher)
            .filter(column::<source::Entity>("id").is_in(some.iter().map(|id| (*id).clone())))
            .filter(Moment::current::<source::Entity>())
            .into_tuple()
            .all(db)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}
