//! Moves a database to another place, of either kind. It stays the same database: its id, cursors and sequence numbers
//! go with it.

use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::DatabaseTransaction;

use super::address::Address;
use super::backup::{copied, snapshot};
use super::claim::{ClaimMode, claim_file};
use super::copy::{
    Blueprint, EmptyFile, Progress, Purpose, Source, Tally, replace_file, replace_tables, tally,
    write_file,
};
use super::error::Error;
use super::migrate;

/// The result of a move.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The name of the database from which all was read, without a password.
    pub from: String,
    /// The name of the database to which all was written, without a password.
    pub to: String,
    /// The number of tables.
    pub tables: usize,
    /// The number of rows.
    pub rows: usize,
    /// The sequence number of the last change.
    pub sequence: i64,
}

/// Copies all of a database into another one, which must be empty. Nobody else may use either of them meanwhile. The
/// source is only read.
///
/// # Errors
/// [`Error::Unusable`]; the target is as it was before.
pub fn relocate<'a>(
    from: &'a str,
    to: &'a str,
    progress: Progress<'a>,
) -> BoxFuture<'a, Result<Moved, Error>> {
    async move {
        let (from, to) = (Address::read(from)?, Address::read(to)?);
        if from.is_same(&to) {
            let message = format!("cannot move {from} to itself: name another database");
            return Err(Error::Unusable(message));
        }
        let _claim = match &from {
            Address::Embedded(embedded) => Some(claim_file(embedded, ClaimMode::Alone)?),
            Address::Shared(_) => None,
        };
        let source = Source::alone(&from).await?;
        let moved = fill(&from, &source, &to, progress).await;
        let position = source.position().await;
        source.close().await;
        let tally = moved?;
        Ok(Moved {
            from: from.full_name(),
            to: to.full_name(),
            tables: tally.tables(),
            rows: tally.rows(),
            sequence: position?.1,
        })
    }
    .boxed()
}

async fn fill(
    from: &Address,
    source: &Source,
    to: &Address,
    progress: Progress<'_>,
) -> Result<Tally, Error> {
    let purpose = Purpose {
        name: "move",
        replaces: false,
        advice: "Move to an empty database",
    };
    let blueprint = Blueprint::of(source.level()).await?;
    let copy_rows = async |tx: &DatabaseTransaction| {
        let tally = copied(source, &blueprint, tx, &mut *progress).await?;
        migrate::up_within(tx).await?;
        Ok(tally)
    };
    match (from, to) {
        (Address::Embedded(_), Address::Embedded(embedded)) => {
            let copy_file = async |file: EmptyFile<'_>| {
                snapshot(from, file, &mut |_| {}).await?;
                write_file(file, 0, async |tx| {
                    let read = tally(source.tx(), &blueprint).await?;
                    read.check(&tally(tx, &blueprint).await?)?;
                    migrate::up_within(tx).await?;
                    Ok(read)
                })
                .await
            };
            replace_file(embedded, purpose, copy_file).await
        }
        (Address::Shared(_), Address::Embedded(embedded)) => {
            let copy_all =
                async |file: EmptyFile<'_>| write_file(file, source.level(), copy_rows).await;
            replace_file(embedded, purpose, copy_all).await
        }
        (_, Address::Shared(_)) => replace_tables(to, purpose, source.level(), copy_rows).await,
    }
}
