//! Applies and reverts migrations.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use futures_util::future::{BoxFuture, FutureExt};
use migration::{IntoSchemaManagerConnection, Migrator, MigratorTrait, SchemaManager};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
};

use super::address::Address;
use super::error::Error;
use super::lock::{self, MIGRATION_LOCK};
use super::{backend, connect};

/// The table in which the library records applied migrations.
const APPLIED: &str = "seaql_migrations";

fn unprepared(error: &DbErr) -> Error {
    Error::Unusable(format!("cannot prepare the database: {error}"))
}

/// Applies missing migrations, and refuses a database that a newer version of the program migrated.
/// If none is missing nothing is written, because a read-only database would refuse that.
pub(super) async fn up(db: &DatabaseConnection) -> Result<(), Error> {
    let mut known = known();
    known.sort_unstable();
    if applied(db).await? == known {
        return Ok(());
    }
    one_at_a_time(db, async || {
        refuse_newer(&applied(db).await?)?;
        let done = Migrator::up(db, None).await;
        done.map_err(|error| unprepared(&error))
    })
    .await
}

/// Applies migrations to an empty database, up to the given number.
pub(super) async fn up_to<'c>(
    db: impl IntoSchemaManagerConnection<'c>,
    level: usize,
) -> Result<(), Error> {
    let steps = u32::try_from(level).unwrap_or(u32::MAX);
    let done = Migrator::up(db, Some(steps)).await;
    done.map_err(|error| unprepared(&error))
}

/// Applies all missing migrations in a transaction.
pub(super) async fn up_within(tx: &DatabaseTransaction) -> Result<(), Error> {
    let done = Migrator::up(tx, None).await;
    done.map_err(|error| unprepared(&error))
}

/// The number of all migrations.
pub(super) fn newest() -> usize {
    Migrator::migrations().len()
}

/// Refuses a database that lacks a migration, and one that a newer version of the program migrated.
pub(super) async fn refuse_pending(db: &DatabaseConnection) -> Result<(), Error> {
    let applied = applied(db).await?;
    refuse_newer(&applied)?;
    match known().into_iter().find(|one| !applied.contains(one)) {
        Some(missing) => Err(Error::Unusable(format!(
            "the database lacks the migration {missing}: run `migrate up` first"
        ))),
        None => Ok(()),
    }
}

/// The name of the last of the first `level` migrations.
pub(super) fn name_of(level: usize) -> String {
    let last = level.checked_sub(1);
    last.and_then(|last| known().into_iter().nth(last))
        .unwrap_or_default()
}

/// The number of migrations that were applied to a database.
///
/// # Errors
/// [`Error::Unusable`] for a database without tables, one that a newer version migrated, and one that lacks a migration
/// in between.
pub(super) async fn level(tx: &DatabaseTransaction) -> Result<usize, Error> {
    let applied = applied(tx).await?;
    refuse_newer(&applied)?;
    if applied.is_empty() {
        let message = "the database has no tables of this program yet";
        return Err(Error::Unusable(message.to_owned()));
    }
    let known = known();
    match known.iter().find(|one| !applied.contains(one)) {
        Some(missing) if applied.iter().any(|one| one > missing) => Err(Error::Unusable(format!(
            "the database lacks the migration {missing}: run `migrate up` first"
        ))),
        _ => Ok(applied.len()),
    }
}

/// Runs a change of the tables under a lock, so that instances migrate one after the other.
pub(super) async fn one_at_a_time<T>(
    db: &DatabaseConnection,
    change: impl AsyncFnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let is_shared = backend::has_notices(db);
    let ask = async |lock: &str| {
        let query = format!("SELECT {lock}({MIGRATION_LOCK})");
        let done = db.execute_unprepared(&query).await;
        done.map_err(|error| unprepared(&error))
    };
    if is_shared {
        ask("pg_advisory_lock").await?;
    }
    let changed = change().await;
    if is_shared {
        ask("pg_advisory_unlock").await?;
    }
    changed
}

/// The names of the applied migrations, oldest first. Reads the table itself: the library would create it first.
pub(super) async fn applied<'c, C>(db: &'c C) -> Result<Vec<String>, Error>
where
    C: ConnectionTrait,
    &'c C: IntoSchemaManagerConnection<'c>,
{
    let failed = |error: DbErr| unprepared(&error);
    let manager = SchemaManager::new(db);
    if !manager.has_table(APPLIED).await.map_err(failed)? {
        return Ok(Vec::new());
    }
    let ask = format!("SELECT version FROM {APPLIED} ORDER BY version");
    let query = Statement::from_string(db.get_database_backend(), ask);
    let rows = db.query_all_raw(query).await.map_err(failed)?;
    let versions = rows.iter().map(|row| row.try_get("", "version"));
    versions.collect::<Result<_, _>>().map_err(failed)
}

/// Refuses a database with a migration that this program does not know.
fn refuse_newer(applied: &[String]) -> Result<(), Error> {
    let known = known();
    match applied.iter().find(|one| !known.contains(one)) {
        Some(newer) => Err(Error::Unusable(format!(
            "the database was made by a newer version of this program: it has {newer}"
        ))),
        None => Ok(()),
    }
}

/// The names of all migrations that this program knows.
pub(super) fn known() -> Vec<String> {
    let migrations = Migrator::migrations();
    migrations.iter().map(|one| one.name().to_owned()).collect()
}

/// Lists every migration that this program knows, oldest first; true if it was applied. Writes nothing.
///
/// # Errors
/// [`Error::Unusable`]
pub async fn migrations(url: &str) -> Result<Vec<(String, bool)>, Error> {
    let address = Address::read(url)?;
    let applied = match &address {
        Address::Embedded(embedded) if !embedded.file().exists() => Vec::new(),
        _ => applied(&connect::unmigrated(&address).await?).await?,
    };
    refuse_newer(&applied)?;
    let known = known().into_iter();
    Ok(known
        .map(|name| {
            let is_applied = applied.contains(&name);
            (name, is_applied)
        })
        .collect())
}

/// The migrations, tables and columns that a revert removes.
#[derive(Clone, Debug, Default)]
pub struct Reverted {
    /// The migrations, newest first.
    pub migrations: Vec<String>,
    /// The tables, with their number of rows.
    pub tables: BTreeMap<String, i64>,
    /// The columns of the remaining tables, as `table.column`.
    pub columns: BTreeSet<String>,
}

impl fmt::Display for Reverted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for migration in &self.migrations {
            writeln!(out, "migration {migration}")?;
        }
        for (table, rows) in &self.tables {
            let noun = if *rows == 1 { "row" } else { "rows" };
            writeln!(out, "table {table}: {rows} {noun}")?;
        }
        for column in &self.columns {
            writeln!(out, "column {column}")?;
        }
        Ok(())
    }
}

/// Reverts the last `steps` migrations, or all, with all data in the tables and columns that they created.
///
/// # Errors
/// [`Error::Unusable`]; nothing is reverted then.
pub fn revert(url: &str, steps: Option<u32>) -> BoxFuture<'_, Result<Reverted, Error>> {
    async move { down(url, steps, true).await }.boxed()
}

/// Returns what [`revert`] would remove, without removing it.
///
/// # Errors
/// [`Error::Unusable`]
pub async fn would_revert(url: &str, steps: Option<u32>) -> Result<Reverted, Error> {
    down(url, steps, false).await
}

fn down(url: &str, steps: Option<u32>, is_meant: bool) -> BoxFuture<'_, Result<Reverted, Error>> {
    async move {
        let db = connect::unmigrated(&Address::read(url)?).await?;
        lock::lock_tables_alone(&db).await?;
        let reverted = one_at_a_time(&db, async || {
            let applied = applied(&db).await?;
            refuse_newer(&applied)?;
            let steps = steps.map_or(Ok(applied.len()), |steps| enough(steps, applied.len()))?;
            let tx = backend::begin(&db).await;
            let tx = tx.map_err(|error| unprepared(&error))?;
            let last: BTreeSet<String> = applied.into_iter().rev().take(steps).collect();
            // The revert is executed in both cases, because only the result shows what it removes; a trial is rolled
            // back.
            let reverted = take_back(&tx, &last).await;
            let ended = match &reverted {
                Ok(_) if is_meant => tx.commit().await,
                _ => tx.rollback().await,
            };
            reverted
                .and_then(|reverted| ended.map(|()| reverted))
                .map_err(|error| unprepared(&error))
        })
        .await;
        // The work is done, even if closing fails.
        drop(db.close().await);
        reverted
    }
    .boxed()
}

/// The number of migrations to revert, if that many were applied.
fn enough(steps: u32, applied: usize) -> Result<usize, Error> {
    match usize::try_from(steps) {
        Ok(steps) if steps <= applied => Ok(steps),
        _ => Err(Error::Unusable(format!(
            "cannot revert {steps} migrations: {applied} were applied"
        ))),
    }
}

/// Reverts all migrations, with all data.
///
/// # Errors
/// [`Error::Unusable`] for a database that a newer version migrated.
pub(super) async fn revert_all(tx: &DatabaseTransaction) -> Result<(), Error> {
    let applied = applied(tx).await?;
    refuse_newer(&applied)?;
    let reverted = take_back(tx, &applied.into_iter().collect()).await;
    reverted.map(drop).map_err(|error| unprepared(&error))
}

/// Reverts the named migrations, newest first. Returns the tables and columns that this removes.
async fn take_back(tx: &DatabaseTransaction, last: &BTreeSet<String>) -> Result<Reverted, DbErr> {
    let before = columns(tx).await?;
    let mut tables = BTreeMap::new();
    for table in before.keys() {
        tables.insert(table.clone(), count(tx, table).await?);
    }
    let manager = SchemaManager::new(tx);
    let mut reverted = Reverted::default();
    for migration in Migrator::migrations().iter().rev() {
        let name = migration.name();
        if !last.contains(name) {
            continue;
        }
        migration.down(&manager).await?;
        let backend = tx.get_database_backend();
        let mark = if backend == DbBackend::Postgres {
            "$1"
        } else {
            "?"
        };
        let forget = format!("DELETE FROM {APPLIED} WHERE version = {mark}");
        tx.execute_raw(Statement::from_sql_and_values(
            backend,
            forget,
            [name.into()],
        ))
        .await?;
        reverted.migrations.push(name.to_owned());
    }
    let after = columns(tx).await?;
    tables.retain(|table, _| !after.contains_key(table));
    reverted.tables = tables;
    for (table, columns) in &before {
        let Some(left) = after.get(table) else {
            continue;
        };
        let gone = columns.difference(left);
        let gone = gone.map(|column| format!("{table}.{column}"));
        reverted.columns.extend(gone);
    }
    Ok(reverted)
}

/// Reads the columns of each table.
pub(super) async fn columns<C: ConnectionTrait>(
    tx: &C,
) -> Result<BTreeMap<String, BTreeSet<String>>, DbErr> {
    let backend = tx.get_database_backend();
    let ask = if backend == DbBackend::Postgres {
        "SELECT table_name::text AS of_table, column_name::text AS named FROM information_schema.columns
            WHERE table_schema = current_schema()"
    } else {
        "SELECT m.name AS of_table, c.name AS named FROM sqlite_master m, pragma_table_info(m.name) c
            WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    };
    let rows = tx
        .query_all_raw(Statement::from_string(backend, ask))
        .await?;
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        let table: String = row.try_get("", "of_table")?;
        if table != APPLIED {
            let column = row.try_get("", "named")?;
            found.entry(table).or_default().insert(column);
        }
    }
    Ok(found)
}

/// Counts the rows of a table.
async fn count(tx: &DatabaseTransaction, table: &str) -> Result<i64, DbErr> {
    let name = table.replace('"', "\"\"");
    let ask = format!("SELECT count(*) AS found FROM \"{name}\"");
    let query = Statement::from_string(tx.get_database_backend(), ask);
    let row = tx.query_one_raw(query).await?;
    row.map_or(Ok(0), |row| row.try_get("", "found"))
}
