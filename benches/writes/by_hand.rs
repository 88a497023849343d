//! A server without the program around it: for each request it writes the same rows as one write of the program, with
//! new keys, in one transaction of prepared statements with the same durability.

use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sea_orm::sqlx::{
    self, AssertSqlSafe, Column, Connection, Row, SqliteConnection, TypeInfo, ValueRef,
};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

/// A value of a row.
#[derive(Clone)]
enum Value {
    Null,
    Integer(i64),
    Text(String),
    /// A value that differs in each write, in front of its number.
    Id(String),
    /// A number that grows with each write.
    Number,
}

/// An insert of one row.
struct Insert {
    sql: String,
    values: Vec<Value>,
}

/// Columns of a table that have another value in each row.
pub struct Table {
    /// The name.
    pub name: &'static str,
    /// Columns with an id.
    pub ids: &'static [&'static str],
    /// Columns with a number.
    pub numbers: &'static [&'static str],
}

/// Starts the server on a copy of a database. It repeats the last row of each table.
pub async fn serve(database: &Path, tables: &[Table]) -> SocketAddr {
    let options = SqliteConnectOptions::from_str(&format!("sqlite://{}", database.display()))
        .unwrap()
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true);
    let mut db = SqliteConnection::connect_with(&options).await.unwrap();
    let mut inserts = Vec::new();
    for table in tables {
        let query = format!("SELECT * FROM {} ORDER BY rowid DESC LIMIT 1", table.name);
        let row = sqlx::query(AssertSqlSafe(query)).fetch_one(&mut db).await;
        inserts.push(insert(table, &row.unwrap()));
    }
    let state = Arc::new((Mutex::new((db, 1_000_000_i64)), inserts));
    let handler = async move || {
        let (writer, inserts) = &*state;
        let mut writer = writer.lock().await;
        writer.1 += 1;
        let (db, number) = &mut *writer;
        write(db, inserts, *number).await.unwrap();
        ([(CONTENT_TYPE, "application/json")], "{\"data\":{}}")
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/graphql", post(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn insert(table: &Table, row: &SqliteRow) -> Insert {
    let columns: Vec<&str> = row.columns().iter().map(Column::name).collect();
    let values = columns.iter().enumerate().map(|(place, name)| {
        let raw = row.try_get_raw(place).unwrap();
        if table.ids.contains(name) {
            Value::Id(row.get::<String, _>(place))
        } else if table.numbers.contains(name) {
            Value::Number
        } else if raw.is_null() {
            Value::Null
        } else if raw.type_info().name() == "INTEGER" {
            Value::Integer(row.get_unchecked(place))
        } else {
            Value::Text(row.get_unchecked(place))
        }
    });
    let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    let holes = vec!["?"; columns.len()].join(", ");
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({holes})",
        table.name,
        names.join(", ")
    );
    let values = values.collect();
    Insert { sql, values }
}

async fn write(
    db: &mut SqliteConnection,
    inserts: &[Insert],
    number: i64,
) -> Result<(), sqlx::Error> {
    let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query("UPDATE head SET touched = touched + 1, sequence = sequence + 1")
        .execute(&mut *tx)
        .await?;
    for Insert { sql, values } in inserts {
        let mut query = sqlx::query::<sqlx::Sqlite>(AssertSqlSafe(sql.as_str()));
        for value in values {
            query = match value {
                Value::Null => query.bind(None::<String>),
                Value::Integer(integer) => query.bind(integer),
                Value::Text(text) => query.bind(text.as_str()),
                Value::Id(begin) => query.bind(format!("{begin}{number}")),
                Value::Number => query.bind(number),
            };
        }
        query.execute(&mut *tx).await?;
    }
    tx.commit().await
}
