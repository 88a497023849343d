//! Copies all rows of a database, and sums them up.

use futures_util::StreamExt;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, StreamTrait, Value,
};
use sha2::{Digest, Sha256};

use super::blueprint::{Blueprint, Table};
use super::value;
use crate::error::Error;

/// The most rows of one statement.
const MAX_ROWS: usize = 500;
/// The most values of one statement. `SQLite` accepts 32,766, and `PostgreSQL` 65,535.
const MAX_VALUES: usize = 15_000;
/// The number of bytes after which a statement is sent with fewer rows.
const MAX_BYTES: usize = 1024 * 1024;
/// The number of rows between two reports of progress.
const ROWS_PER_REPORT: usize = 1_000;

/// Receives the number of rows that are done.
pub type Progress<'a> = &'a mut (dyn FnMut(usize) + Send);

/// The number of rows of each table, and the sum of their digests. Equal for equal content, whatever the database.
#[derive(Debug, PartialEq, Eq)]
pub struct Tally(Vec<TableTally>);

#[derive(Debug, PartialEq, Eq)]
struct TableTally {
    table: String,
    rows: usize,
    sum: [u64; 4],
}

impl TableTally {
    fn new(table: &Table) -> Self {
        Self {
            table: table.name.clone(),
            rows: 0,
            sum: [0; 4],
        }
    }

    /// Adds a row by its bytes. The order of rows does not matter: both databases sort texts differently.
    fn add(&mut self, row: &[u8]) {
        let digest = Sha256::digest(row);
        for (sum, part) in self.sum.iter_mut().zip(digest.chunks(8)) {
            let part = part
                .iter()
                .fold(0, |number: u64, byte| (number << 8) | u64::from(*byte));
            *sum = sum.wrapping_add(part);
        }
        self.rows = self.rows.saturating_add(1);
    }
}

impl Tally {
    /// The number of all rows.
    pub fn rows(&self) -> usize {
        self.0.iter().map(|table| table.rows).sum()
    }

    /// The number of tables.
    pub fn tables(&self) -> usize {
        self.0.len()
    }

    /// Compares a copy with its source.
    ///
    /// # Errors
    /// [`Error::Unusable`] names a table whose rows differ.
    pub fn check(&self, copy: &Self) -> Result<(), Error> {
        for (source, copy) in self.0.iter().zip(&copy.0) {
            if source != copy {
                let (table, has, wants) = (&source.table, copy.rows, source.rows);
                return Err(Error::Unusable(format!(
                    "the copy of the table {table} differs: it has {has} rows, and {wants} were read"
                )));
            }
        }
        Ok(())
    }
}

/// Copies all rows. Returns their tally. The tables of the target are empty before.
///
/// # Errors
/// [`Error::Unusable`] says which database refused, with the table.
pub async fn copy(
    from: &DatabaseTransaction,
    to: &DatabaseTransaction,
    blueprint: &Blueprint,
    progress: Progress<'_>,
) -> Result<Tally, Error> {
    let mut done = 0_usize;
    let mut tallies = Vec::new();
    for table in &blueprint.tables {
        let per_statement = (MAX_VALUES / table.columns.len().max(1)).clamp(1, MAX_ROWS);
        let whole = insertion(
            table,
            ConnectionTrait::get_database_backend(to),
            per_statement,
        );
        let unwritten = |error: &DbErr| failed("write", table, error);
        let mut tally = TableTally::new(table);
        let mut batch = Batch::default();
        let mut rows = from.stream_raw(selection(table, from)).await?;
        while let Some(row) = rows.next().await {
            let values = read(table, row)?;
            let bytes = bytes(&values);
            tally.add(&bytes);
            batch.add(values, bytes.len());
            if batch.rows == per_statement || batch.bytes >= MAX_BYTES {
                let sent = batch.send(to, table, (per_statement, &whole)).await;
                sent.map_err(|error| unwritten(&error))?;
            }
            done = done.saturating_add(1);
            if done.is_multiple_of(ROWS_PER_REPORT) {
                progress(done);
            }
        }
        let sent = batch.send(to, table, (per_statement, &whole)).await;
        sent.map_err(|error| unwritten(&error))?;
        tallies.push(tally);
    }
    Ok(Tally(tallies))
}

/// Reads all rows, and returns their tally.
///
/// # Errors
/// [`Error::Unusable`] names the table that cannot be read.
pub async fn tally(from: &DatabaseTransaction, blueprint: &Blueprint) -> Result<Tally, Error> {
    let mut tallies = Vec::new();
    for table in &blueprint.tables {
        let mut tally = TableTally::new(table);
        let mut rows = from.stream_raw(selection(table, from)).await?;
        while let Some(row) = rows.next().await {
            tally.add(&bytes(&read(table, row)?));
        }
        tallies.push(tally);
    }
    Ok(Tally(tallies))
}

/// Rows that are not yet written.
#[derive(Default)]
struct Batch {
    rows: usize,
    values: Vec<Value>,
    bytes: usize,
}

impl Batch {
    fn add(&mut self, values: Vec<Value>, bytes: usize) {
        self.rows = self.rows.saturating_add(1);
        self.values.extend(values);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Writes the rows, and empties the batch. `whole` is the statement for the usual number of rows.
    async fn send(
        &mut self,
        to: &DatabaseTransaction,
        table: &Table,
        whole: (usize, &str),
    ) -> Result<(), DbErr> {
        let Self { rows, values, .. } = std::mem::take(self);
        if rows == 0 {
            return Ok(());
        }
        let backend = ConnectionTrait::get_database_backend(to);
        let sql = match whole {
            (usual, whole) if usual == rows => whole.to_owned(),
            _ => insertion(table, backend, rows),
        };
        to.execute_raw(Statement::from_sql_and_values(backend, sql, values))
            .await?;
        Ok(())
    }
}

fn read(table: &Table, row: Result<sea_orm::QueryResult, DbErr>) -> Result<Vec<Value>, Error> {
    let unread = |error: DbErr| failed("read", table, &error);
    let row = row.map_err(unread)?;
    let values = table.columns.iter().enumerate();
    let values = values.map(|(at, column)| column.class.read(&row, at));
    values.collect::<Result<_, _>>().map_err(unread)
}

fn bytes(values: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in values {
        value::append(&mut bytes, value);
    }
    bytes
}

fn failed(what: &str, table: &Table, error: &DbErr) -> Error {
    let why = crate::error::reason(error);
    Error::Unusable(format!("cannot {what} the table {}: {why}", table.name))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Selects all rows of a table, in the order of its key.
fn selection(table: &Table, from: &DatabaseTransaction) -> Statement {
    let backend = ConnectionTrait::get_database_backend(from);
    let columns = table.columns.iter();
    let columns = columns.map(|column| column.class.selected(backend, &quoted(&column.name)));
    let columns = columns.collect::<Vec<_>>().join(", ");
    let mut sql = format!("SELECT {columns} FROM {}", quoted(&table.name));
    let key: Vec<String> = table.key.iter().map(|column| quoted(column)).collect();
    if !key.is_empty() {
        sql.push_str(" ORDER BY ");
        sql.push_str(&key.join(", "));
    }
    Statement::from_string(backend, sql)
}

/// A statement that inserts a number of rows.
fn insertion(table: &Table, backend: DbBackend, rows: usize) -> String {
    let names = table.columns.iter().map(|column| quoted(&column.name));
    let names = names.collect::<Vec<_>>().join(", ");
    let width = table.columns.len();
    let row = |row: usize| {
        let marks = (1..=width).map(|column| match backend {
            DbBackend::Postgres => format!("${}", row.saturating_mul(width).saturating_add(column)),
            _ => "?".to_owned(),
        });
        format!("({})", marks.collect::<Vec<_>>().join(", "))
    };
    let rows = (0..rows).map(row).collect::<Vec<_>>().join(", ");
    format!(
        "INSERT INTO {} ({names}) VALUES {rows}",
        quoted(&table.name)
    )
}
