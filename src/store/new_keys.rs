//! Derives keys for new records that were proposed without one.

use std::collections::HashSet;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Condition, ExprTrait};

use super::error::Error;
use super::record::{self, StoredVersion};
use domain::change::Proposed;
use domain::record::{Kind, RecordId};

/// The most ids whose reservation is looked up together.
const MAX_CANDIDATES: usize = 500;

/// The ids that are reserved for other records.
pub type Reserved = Result<HashSet<String>, Error>;

/// Gives an id to each new record without a key: the first of `base`, `base-2`, `base-3` … that is neither in use nor
/// reserved. `base` is derived from the content; `reserved` returns those of some ids that are reserved.
pub async fn assign_keys<C: ConnectionTrait, Read: Future<Output = Reserved>>(
    db: &C,
    proposed: &mut [Proposed],
    reserved: impl Fn(Vec<RecordId>) -> Read,
) -> Result<(), Error> {
    let mut given: HashSet<RecordId> = proposed.iter().filter_map(|one| one.id.clone()).collect();
    for change in proposed.iter_mut().filter(|change| change.id.is_none()) {
        let Ok(evaluation) = change.evaluated() else {
            continue;
        };
        let (kind, key) = (change.kind, evaluation.key);
        let similar = rows_with_similar_keys(db, &new_id(kind, &key)?).await?;
        let in_use: HashSet<RecordId> = similar.into_iter().map(|(id, _)| id).collect();
        let numbered = (2..).map(|number| new_id(kind, &format!("{key}-{number}")));
        let mut ids = std::iter::once(new_id(kind, &key))
            .chain(numbered)
            .filter(|id| !matches!(id, Ok(id) if in_use.contains(id) || given.contains(id)));
        let mut some = 1;
        let free = loop {
            let candidates: Vec<RecordId> = ids.by_ref().take(some).collect::<Result<_, _>>()?;
            let reserved = reserved(candidates.clone()).await?;
            let mut candidates = candidates.into_iter();
            if let Some(free) = candidates.find(|id| !reserved.contains(id.as_str())) {
                break free;
            }
            some = some.saturating_mul(2).min(MAX_CANDIDATES);
        };
        given.insert(free.clone());
        change.id = Some(free);
    }
    Ok(())
}

fn new_id(kind: Kind, key: &str) -> Result<RecordId, Error> {
    RecordId::new(kind, key).map_err(|error| Error::Unreadable(error.to_string()))
}

/// Reads every row, current or closed, of the records whose key is that of `base` or a numbered one derived from it.
pub async fn rows_with_similar_keys<C: ConnectionTrait>(
    db: &C,
    base: &RecordId,
) -> Result<Vec<(RecordId, StoredVersion)>, Error> {
    record::rows(db, base.kind(), |column| {
        // Ids are compared byte by byte, and `.` follows `-`.
        let derived = Condition::all()
            .add(column("id").gte(format!("{base}-")))
            .add(column("id").lt(format!("{base}.")));
        Condition::any()
            .add(column("id").eq(base.clone()))
            .add(derived)
    })
    .await
}
