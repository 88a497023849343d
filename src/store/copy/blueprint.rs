//! The tables of the migrations. They are read from an empty database in memory, to which the migrations are applied:
//! no list of tables exists that a new migration could miss.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, DbErr, Statement};

use super::value::Class;
use crate::error::Error;
use crate::migrate;

/// The tables that the first migrations make.
pub struct Blueprint {
    /// The tables. A table comes after those to which its rows refer.
    pub tables: Vec<Table>,
    /// The names of the triggers that refuse changes of history. `PostgreSQL` has further ones, against `TRUNCATE`.
    pub guards: BTreeSet<String>,
}

/// A table.
pub struct Table {
    /// The name.
    pub name: String,
    /// The columns, in the order of the table.
    pub columns: Vec<Column>,
    /// The columns of the primary key.
    pub key: Vec<String>,
}

/// A column.
pub struct Column {
    /// The name.
    pub name: String,
    /// The class of its values.
    pub class: Class,
}

impl Blueprint {
    /// Reads the tables that the first `level` migrations make.
    ///
    /// # Errors
    /// [`Error::Unusable`] names a table or column that cannot be copied.
    pub async fn of(level: usize) -> Result<Self, Error> {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1).sqlx_logging(false);
        let db = Database::connect(options).await?;
        migrate::up_to(&db, level).await?;
        let blueprint = Self::read(&db).await;
        // The database is lost in any case.
        drop(db.close().await);
        blueprint
    }

    async fn read<C: ConnectionTrait>(db: &C) -> Result<Self, Error> {
        let mut tables: BTreeMap<String, Table> = BTreeMap::new();
        for row in query(db, COLUMNS).await? {
            let name: String = row.try_get("", "of_table")?;
            let column: String = row.try_get("", "named")?;
            let declared: String = row.try_get("", "declared")?;
            let class = Class::of(&declared).ok_or_else(|| {
                let message =
                    format!("cannot copy {name}.{column}: values of type {declared} are not known");
                Error::Unusable(message)
            })?;
            let table = tables.entry(name.clone()).or_insert_with(|| Table {
                name,
                columns: Vec::new(),
                key: Vec::new(),
            });
            if row.try_get::<i64>("", "place")? > 0 {
                table.key.push(column.clone());
            }
            table.columns.push(Column {
                name: column,
                class,
            });
        }
        let mut refers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in query(db, REFERENCES).await? {
            let from: String = row.try_get("", "of_table")?;
            let to: String = row.try_get("", "referred")?;
            if from != to {
                refers.entry(from).or_default().insert(to);
            }
        }
        let guards = query(db, GUARDS).await?;
        let guards = guards.iter().map(|row| row.try_get_by_index(0));
        Ok(Self {
            tables: in_order(tables, &refers)?,
            guards: guards.collect::<Result<_, DbErr>>()?,
        })
    }
}

async fn query<C: ConnectionTrait>(db: &C, ask: &str) -> Result<Vec<sea_orm::QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_string(DbBackend::Sqlite, ask))
        .await
}

/// Selects the columns of all tables, in order.
const COLUMNS: &str = "SELECT m.name AS of_table, c.name AS named, c.type AS declared, c.pk AS place
    FROM sqlite_master m, pragma_table_info(m.name) c
    WHERE m.type = 'table' AND m.name <> 'seaql_migrations' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    ORDER BY m.name, c.cid";

/// Selects the tables to which the rows of each table refer.
const REFERENCES: &str = "SELECT m.name AS of_table, f.\"table\" AS referred
    FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'";

/// Selects the names of the triggers.
const GUARDS: &str = "SELECT name FROM sqlite_master WHERE type = 'trigger'";

/// Sorts tables so that each one comes after those to which it refers.
fn in_order(
    mut tables: BTreeMap<String, Table>,
    refers: &BTreeMap<String, BTreeSet<String>>,
) -> Result<Vec<Table>, Error> {
    let mut sorted = Vec::new();
    while !tables.is_empty() {
        let is_ready = |name: &String| {
            let mut referred = refers.get(name).into_iter().flatten();
            referred.all(|other| !tables.contains_key(other))
        };
        let Some(next) = tables.keys().find(|name| is_ready(name)).cloned() else {
            let names: Vec<&str> = tables.keys().map(String::as_str).collect();
            let names = names.join(", ");
            let message = format!("cannot copy the tables {names}: they refer to each other");
            return Err(Error::Unusable(message));
        };
        sorted.extend(tables.remove(&next));
    }
    Ok(sorted)
}
