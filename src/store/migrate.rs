//! The tables: brought up to date, and taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use futures_util::future::{BoxFuture, FutureExt};
use migration::{Migrator, MigratorTrait, SchemaManager};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
};

use super::address::Address;
use super::error::Error;
use super::lock::{self, MIGRATION_LOCK};
use super::{backend, connect};

/// The table of the migrations that were applied.
const APPLIED: &str = "seaql_migrations";

fn unprepared(error: &DbErr) -> Error {
    Error::Unusable(format!("cannot prepare the database: {error}"))
}

/// Applies what is missing; refuses a database that a newer program made. Where nothing is missing nothing is
/// written: a database that only reads would refuse that.
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

/// Two nodes that change the tables at once do it one after the other.
async fn one_at_a_time<T>(
    db: &DatabaseConnection,
    change: impl AsyncFnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let is_shared = backend::has_notices(db);
    let ask = async |lock: &str| {
        let asked = format!("SELECT {lock}({MIGRATION_LOCK})");
        let done = db.execute_unprepared(&asked).await;
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

/// The migrations that were applied, oldest first. The library would make their table before it reads it.
async fn applied(db: &DatabaseConnection) -> Result<Vec<String>, Error> {
    let failed = |error: DbErr| unprepared(&error);
    let manager = SchemaManager::new(db);
    if !manager.has_table(APPLIED).await.map_err(failed)? {
        return Ok(Vec::new());
    }
    let ask = format!("SELECT version FROM {APPLIED} ORDER BY version");
    let asked = Statement::from_string(db.get_database_backend(), ask);
    let rows = db.query_all_raw(asked).await.map_err(failed)?;
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

fn known() -> Vec<String> {
    let migrations = Migrator::migrations();
    migrations.iter().map(|one| one.name().to_owned()).collect()
}

/// Every migration that this program knows, in order, and whether it was applied. Nothing is written.
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

/// What goes with migrations that are taken back.
#[derive(Clone, Debug, Default)]
pub struct Reverted {
    /// The migrations, newest first.
    pub migrations: Vec<String>,
    /// The tables, and how many rows they have.
    pub tables: BTreeMap<String, i64>,
    /// The columns of tables that stay, as `table.column`.
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

/// Takes back the last migrations, with all that is kept in what they made: so many, or all.
///
/// # Errors
/// [`Error::Unusable`]; nothing is taken back then.
pub async fn revert(url: &str, steps: Option<u32>) -> Result<Reverted, Error> {
    down(url, steps, true).await
}

/// Says what [`revert`] would take back, and takes nothing.
///
/// # Errors
/// [`Error::Unusable`]
pub async fn would_revert(url: &str, steps: Option<u32>) -> Result<Reverted, Error> {
    down(url, steps, false).await
}

fn down(url: &str, steps: Option<u32>, is_meant: bool) -> BoxFuture<'_, Result<Reverted, Error>> {
    async move {
        let db = connect::unmigrated(&Address::read(url)?).await?;
        let taken = lock::lock_tables(&db).await;
        if !taken.map_err(|error| unprepared(&error))? {
            return Err(Error::Unusable(
                "a server or a command is using the database: stop all of them first".to_owned(),
            ));
        }
        let reverted = one_at_a_time(&db, async || {
            let applied = applied(&db).await?;
            refuse_newer(&applied)?;
            let steps = steps.map_or(Ok(applied.len()), |steps| enough(steps, applied.len()))?;
            let tx = backend::begin(&db).await;
            let tx = tx.map_err(|error| unprepared(&error))?;
            let last: BTreeSet<String> = applied.into_iter().rev().take(steps).collect();
            // Tried or meant, it is done: only so it is certain what goes.
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
        // It has done its work, whether or not it can be closed.
        drop(db.close().await);
        reverted
    }
    .boxed()
}

/// How many of the migrations that were applied are meant.
fn enough(steps: u32, applied: usize) -> Result<usize, Error> {
    match usize::try_from(steps) {
        Ok(steps) if steps <= applied => Ok(steps),
        _ => Err(Error::Unusable(format!(
            "{steps} changes of the tables cannot be taken back: {applied} were applied"
        ))),
    }
}

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

/// The columns of each table.
async fn columns(tx: &DatabaseTransaction) -> Result<BTreeMap<String, BTreeSet<String>>, DbErr> {
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

/// How many rows a table has.
async fn count(tx: &DatabaseTransaction, table: &str) -> Result<i64, DbErr> {
    let name = table.replace('"', "\"\"");
    let ask = format!("SELECT count(*) AS found FROM \"{name}\"");
    let asked = Statement::from_string(tx.get_database_backend(), ask);
    let row = tx.query_one_raw(asked).await?;
    row.map_or(Ok(0), |row| row.try_get("", "found"))
}
