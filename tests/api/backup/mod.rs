//! Backups, restoring them, and moving a database, by the program.

mod damage;
mod disk;
mod lineage;
mod load;
mod moving;
mod refusal;
mod webhook;

use std::path::{Path, PathBuf};
use std::process::Output;

use cyberprofiles::store::moment::Moment;
use cyberprofiles::store::{Error, Options, Store};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};
use tempfile::TempDir;

use crate::database::{connect, is_postgresql};
use crate::program::program;

/// Runs a command of the program on a database.
pub fn run(url: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path());
    command.args(["--database-url", url]).args(arguments);
    command.output().unwrap()
}

/// The output of a command that succeeds.
pub fn done(url: &str, arguments: &[&str]) -> String {
    let output = run(url, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The error line of a command that fails.
pub fn refused(url: &str, arguments: &[&str]) -> String {
    let output = run(url, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    let errors: Vec<&str> = said.lines().collect();
    assert_eq!(errors.len(), 1, "{said}");
    assert_eq!(output.stdout, b"", "{said}");
    errors[0].strip_prefix("error: ").unwrap().to_owned()
}

/// Backs a database up into a file, and returns the sequence number of the last change in it.
pub fn backed_up(url: &str, file: &Path) -> i64 {
    let said = done(url, &["backup", file.to_str().unwrap()]);
    let (_, sequence) = said.trim().rsplit_once(' ').unwrap();
    sequence.parse().unwrap()
}

/// Restores a backup into an empty database.
pub fn restored(file: &Path, url: &str) {
    done(url, &["restore", file.to_str().unwrap()]);
}

/// A folder, and the path of a file in it that does not exist.
pub fn new_file(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    (folder, file)
}

/// The names of the files in a folder.
pub fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names
}

/// The export of a database at a moment; at its end without one.
pub async fn export(url: &str, moment: Option<i64>) -> String {
    let store = Store::open(url, &Options::default()).await.unwrap();
    let end = store.head().await.unwrap().moment;
    let moment = moment.map_or(end, Moment);
    let mut text = String::new();
    let write = |line: &str| -> Result<(), Error> {
        text.push_str(line);
        text.push('\n');
        Ok(())
    };
    store.export(moment, write).await.unwrap();
    store.close().await;
    text
}

async fn rows(url: &str, sqlite: &str, postgresql: &str) -> Vec<QueryResult> {
    let db = connect(url).await;
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => postgresql,
        _ => sqlite,
    };
    let rows = db.query_all_raw(Statement::from_string(backend, sql)).await;
    db.close().await.unwrap();
    rows.unwrap()
}

/// The tables that a database really has, without the list of migrations.
pub async fn tables(url: &str) -> Vec<String> {
    let rows = rows(
        url,
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'seaql_migrations' ORDER BY name",
        "SELECT table_name::text AS name FROM information_schema.tables
            WHERE table_schema = current_schema() AND table_name <> 'seaql_migrations' ORDER BY table_name::text COLLATE \"C\"",
    );
    let names = rows.await;
    let names = names.iter().map(|row| row.try_get("", "name").unwrap());
    names.collect()
}

/// The number of rows of a table.
pub async fn count(url: &str, table: &str) -> i64 {
    let ask = format!("SELECT count(*) AS found FROM {table}");
    let found = rows(url, &ask, &ask).await;
    found[0].try_get("", "found").unwrap()
}

/// All rows of a table as text, sorted.
pub async fn content(url: &str, table: &str) -> Vec<String> {
    let columns = format!("SELECT name FROM pragma_table_info('{table}')");
    let whole = format!("SELECT t::text AS row FROM {table} t");
    if !is_sqlite(url) {
        let found = rows(url, "", &whole).await;
        let found = found.iter().map(|row| row.try_get("", "row").unwrap());
        let mut found: Vec<String> = found.collect();
        found.sort_unstable();
        return found;
    }
    let columns = rows(url, &columns, "").await;
    let columns = columns.iter().map(|row| row.try_get("", "name").unwrap());
    let columns = columns.map(|name: String| format!("quote(\"{name}\")"));
    let columns = columns.collect::<Vec<_>>().join(" || ',' || ");
    let whole = format!("SELECT {columns} AS row FROM {table}");
    let found = rows(url, &whole, "").await;
    let found = found.iter().map(|row| row.try_get("", "row").unwrap());
    let mut found: Vec<String> = found.collect();
    found.sort_unstable();
    found
}

pub fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite")
}

/// The URL of an empty database of the kind on which this run is not; `None` if it is not installed.
pub async fn other_kind(folder: &Path) -> Option<String> {
    if is_postgresql() {
        return Some(format!("sqlite://{}", folder.join("other.db").display()));
    }
    crate::database::empty_postgresql().await
}
