//! The records against which proposed changes are checked.

use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Condition, ExprTrait};
use serde_json::Value;

use super::citation;
use super::error::Error;
use super::record::{self, StoredVersion};
use domain::change::{Operation, Proposed};
use domain::field::Content;
use domain::record::{Kind, RecordField, RecordId};
use domain::text::CountryCode;

/// The records against which proposed changes are checked. Functions load more of them on demand.
#[derive(Default)]
pub struct KnownRecords {
    /// The current row of records, by id.
    pub current: HashMap<RecordId, StoredVersion>,
    /// The last row of retired records, by id.
    pub retired: HashMap<RecordId, StoredVersion>,
    /// Earlier versions on which updates are based, by record and version.
    pub bases: HashMap<(RecordId, i32), Content>,
    /// The ids of current records, by kind and the value that no two records of the kind share.
    pub unique: HashMap<(Kind, String), RecordId>,
    /// The valid citations of the records whose citations a change may end.
    pub citations: HashMap<RecordId, Vec<citation::Model>>,
}

/// The most values in one `IN`: databases limit the number of values in a statement.
const IDS_PER_QUERY: usize = 5_000;

impl KnownRecords {
    /// Loads the current rows of records, by id.
    pub async fn load_ids<C: ConnectionTrait>(
        &mut self,
        db: &C,
        ids: impl Iterator<Item = RecordId>,
    ) -> Result<(), Error> {
        let ids: HashSet<RecordId> = ids.filter(|id| !self.current.contains_key(id)).collect();
        for kind in Kind::all() {
            let ids: Vec<&RecordId> = ids.iter().filter(|id| id.kind() == kind).collect();
            for some in ids.chunks(IDS_PER_QUERY) {
                let rows = record::rows(db, kind, |column| {
                    Condition::all()
                        .add(column("id").is_in(some.iter().map(|id| (*id).clone())))
                        .add(column("until").is_null())
                });
                self.current.extend(rows.await?);
            }
        }
        Ok(())
    }

    /// The content on which a change is based. [`load_ids`](Self::load_ids) and [`load_earlier`](Self::load_earlier) must
    /// have loaded its record.
    pub fn base(&self, change: &Proposed) -> Option<&Content> {
        let (id, version) = (change.id.as_ref()?, change.base_version?);
        let current = self.current.get(id).filter(|row| row.version == version);
        let earlier = || self.bases.get(&(id.clone(), version));
        current.map(|row| &row.content).or_else(earlier)
    }

    /// The country of a current record, if it belongs to one.
    pub fn country(&self, id: &RecordId) -> Option<CountryCode> {
        country(id, &self.current.get(id)?.content)
    }

    /// Loads the versions on which updates are based, and the last rows of retired records, whose keys stay in use.
    pub async fn load_earlier<C: ConnectionTrait>(
        &mut self,
        db: &C,
        proposed: &[Proposed],
    ) -> Result<(), Error> {
        for kind in Kind::all() {
            let older = |change: &&Proposed| {
                let current = change.id.as_ref().and_then(|id| self.current.get(id));
                let is_new = change.operation == Operation::Create && current.is_none();
                let is_late = change.base_version.is_some()
                    && current.map(|current| current.version) != change.base_version;
                change.kind == kind && (is_new || is_late)
            };
            let wanted: Vec<&Proposed> = proposed.iter().filter(older).collect();
            for some in wanted.chunks(IDS_PER_QUERY) {
                let ids = some.iter().filter_map(|change| change.id.clone());
                let ids: Vec<RecordId> = ids.collect();
                let rows = record::rows(db, kind, |column| {
                    Condition::all().add(column("id").is_in(ids.clone()))
                });
                for (id, row) in rows.await? {
                    if !self.current.contains_key(&id) {
                        let last = self
                            .retired
                            .entry(id.clone())
                            .or_insert_with(|| row.clone());
                        if last.version < row.version {
                            *last = row.clone();
                        }
                    }
                    self.bases.insert((id, row.version), row.content);
                }
            }
        }
        Ok(())
    }

    /// Loads the valid citations of the records for which changes bring or replace citations.
    pub async fn load_citations<C: ConnectionTrait>(
        &mut self,
        db: &C,
        proposed: &[Proposed],
    ) -> Result<(), Error> {
        let cited = proposed
            .iter()
            .filter(|change| change.is_whole || !change.cites.is_empty())
            .filter_map(|change| change.id.as_ref())
            .filter(|id| self.current.contains_key(id));
        let cited: HashSet<&RecordId> = cited.collect();
        self.citations = citation::of_records(db, cited.into_iter().collect(), false).await?;
        Ok(())
    }

    /// Loads the ids of current records, by kind and unique value.
    pub async fn load_unique<C: ConnectionTrait>(
        &mut self,
        db: &C,
        wanted: &HashSet<(Kind, String)>,
    ) -> Result<(), Error> {
        for kind in Kind::all() {
            let Some(field) = kind.unique() else { continue };
            let of_kind = wanted.iter().filter(|(of, _)| *of == kind);
            let values: Vec<&String> = of_kind.map(|(_, value)| value).collect();
            for some in values.chunks(IDS_PER_QUERY) {
                let values = some.iter().copied();
                let ids = record::current_ids(db, kind, field.snake(), values).await?;
                let ids = ids.into_iter().map(|(value, id)| ((kind, value), id));
                self.unique.extend(ids);
            }
        }
        Ok(())
    }
}

/// The country of a record with this content, if it belongs to one.
pub fn country(id: &RecordId, content: &Content) -> Option<CountryCode> {
    id.kind().evaluate(content).ok()?.country
}

/// The text of a field.
pub fn text(content: &Content, field: RecordField) -> Option<String> {
    content
        .get(&field.camel())
        .and_then(Value::as_str)
        .map(str::to_owned)
}
