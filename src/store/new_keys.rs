//! Derives keys for new records that were proposed without one.

use std::collections::HashSet;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Condition, ExprTrait};

use super::error::Error;
use super::record::{self, StoredVersion};
use domain::change::Proposed;
use domain::record::RecordId;

/// Gives an id to each new record without a key: the first of `base`, `base-2`, `base-3` … that is not in use and that
/// `is_free` allows. `base` is derived from the content.
pub async fn assign_keys<C: ConnectionTrait>(
    db: &C,
    proposed: &mut [Proposed],
    is_free: impl Fn(&RecordId) -> bool,
) -> Result<(), Error> {
    let mut given: HashSet<RecordId> = proposed.iter().filter_map(|one| one.id.clone()).collect();
    for change in proposed.iter_mut().filter(|change| change.id.is_none()) {
        let Ok(evaluation) = change.evaluated() else {
            continue;
        };
        let base = RecordId::new(change.kind, &evaluation.key)
            .map_err(|error| Error::Unreadable(error.to_string()))?;
        let taken = rows_with_similar_keys(db, &base).await?;
        let taken: HashSet<&RecordId> = taken.iter().map(|(id, _)| id).collect();
        let numbered =
            (2..).map(|number| RecordId::new(change.kind, &format!("{}-{number}", evaluation.key)));
        let mut candidates = std::iter::once(Ok(base.clone())).chain(numbered);
        change.id = candidates
            .find_map(|candidate| match candidate {
                Ok(id) if taken.contains(&id) || given.contains(&id) || !is_free(&id) => None,
                Ok(id) => Some(Ok(id)),
                Err(error) => Some(Err(Error::Unreadable(error.to_string()))),
            })
            .transpose()?;
        given.extend(change.id.clone());
    }
    Ok(())
}

/// Reads every row, current or closed, of the records whose key is that of `base` or a numbered one derived from it.
pub async fn rows_with_similar_keys<C: ConnectionTrait>(
    db: &C,
    base: &RecordId,
) -> Result<Vec<(RecordId, StoredVersion)>, Error> {
    record::rows(db, base.kind(), |column| {
        let derived = format!("{base}-%");
        Condition::any()
            .add(column("id").eq(base.clone()))
            .add(column("id").like(derived))
    })
    .await
}
