//! Rows over the tables. A statement reads them by common table expressions that have the names of the tables, so that
//! no other statement and no table knows of them.

use chrono::SecondsFormat;
use sea_orm::{
    ColumnTrait, ColumnType, DbBackend, DbErr, EntityTrait, IdenStatic, Iterable, ModelTrait,
    Statement, Value as SqlValue, Values,
};
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::moment::Moment;
use domain::record::RecordId;

/// The rows of a preview.
#[derive(Clone)]
pub struct Layer {
    /// The end of the log over which the rows lie. Later rows of the tables are not read.
    base: Moment,
    /// The ids of the records whose current rows are all in the layer.
    records: Value,
    tables: Vec<Table>,
}

/// The rows over one table.
#[derive(Clone)]
pub struct Table {
    name: String,
    columns: Vec<Column>,
    /// The column that contains the record; `None` for a table of the log, whose rows have a sequence number.
    owner: Option<&'static str>,
    rows: Vec<Value>,
}

/// A column, with the affinity that it has in `SQLite`.
#[derive(Clone, Copy)]
struct Column {
    name: &'static str,
    affinity: &'static str,
}

impl Column {
    fn of<C: ColumnTrait>(column: &C) -> Self {
        Self {
            name: column.as_str(),
            affinity: match column.def().get_column_type() {
                ColumnType::Integer | ColumnType::BigInteger => "INTEGER",
                ColumnType::Boolean => "NUMERIC",
                _ => "TEXT",
            },
        }
    }
}

impl Layer {
    /// An empty layer. The current rows of `records` are read from it alone.
    pub fn new<'a>(base: Moment, records: impl Iterator<Item = &'a RecordId>) -> Self {
        Self {
            base,
            records: records.map(|id| json!(id)).collect(),
            tables: Vec::new(),
        }
    }

    /// Adds the rows over a table.
    pub fn add(&mut self, table: Table) {
        self.tables.push(table);
    }

    /// The statement that also reads the rows of this layer.
    ///
    /// # Errors
    /// [`DbErr::Custom`] for a statement that does not only read.
    pub fn over(&self, statement: Statement) -> Result<Statement, DbErr> {
        // A column may have the name of a table.
        let named = |table: &&Table| {
            let name = &table.name;
            let uses = [
                format!("FROM \"{name}\""),
                format!("JOIN \"{name}\""),
                format!("\"{name}\"."),
            ];
            uses.iter().any(|one| statement.sql.contains(one))
        };
        let named: Vec<&Table> = self.tables.iter().filter(named).collect();
        if named.is_empty() {
            return Ok(statement);
        }
        if !statement.sql.starts_with("SELECT ") {
            let message = format!("a preview cannot read: {}", statement.sql);
            return Err(DbErr::Custom(message));
        }
        let backend = statement.db_backend;
        let mut values = statement.values.map(|given| given.0).unwrap_or_default();
        // Both databases take numbered parameters after those of the statement: the driver of `SQLite` binds `$7` as
        // the seventh value, and the plain `?` of the statement in their order.
        let mut bind = |value: SqlValue| {
            values.push(value);
            format!("${}", values.len())
        };
        let base = bind(self.base.0.into());
        let records = bind(self.records.to_string().into());
        let expressions = named.iter().map(|table| {
            let rows = bind(Value::from(table.rows.clone()).to_string().into());
            table.expression(backend, &base, &records, &rows)
        });
        let expressions: Vec<String> = expressions.collect();
        Ok(Statement {
            sql: format!("WITH {} {}", expressions.join(", "), statement.sql),
            values: Some(Values(values)),
            db_backend: backend,
        })
    }
}

impl Table {
    /// Rows over a table of versions. `owner` is the column that contains the record.
    pub fn of<E: EntityTrait>(
        owner: &'static str,
        rows: &[E::Model],
        backend: DbBackend,
    ) -> Result<Self, Error> {
        Self::new::<E>(Some(owner), rows, backend)
    }

    /// Rows over a table of the log.
    pub fn of_log<E: EntityTrait>(rows: &[E::Model], backend: DbBackend) -> Result<Self, Error> {
        Self::new::<E>(None, rows, backend)
    }

    fn new<E: EntityTrait>(
        owner: Option<&'static str>,
        rows: &[E::Model],
        backend: DbBackend,
    ) -> Result<Self, Error> {
        let mut table = Self {
            name: E::default().table_name().to_owned(),
            columns: E::Column::iter()
                .map(|column| Column::of(&column))
                .collect(),
            owner,
            rows: Vec::new(),
        };
        table.extend::<E>(rows, backend)?;
        Ok(table)
    }

    /// Adds rows.
    pub fn extend<E: EntityTrait>(
        &mut self,
        rows: &[E::Model],
        backend: DbBackend,
    ) -> Result<(), Error> {
        for row in rows {
            let mut columns = Map::new();
            for column in E::Column::iter() {
                let value = written(row.get(column), backend)?;
                columns.insert(column.as_str().to_owned(), value);
            }
            self.rows.push(Value::Object(columns));
        }
        Ok(())
    }

    /// Closes the rows of records that the table has so far, each by the change with a sequence number.
    pub fn close<'a>(&mut self, closed: impl Iterator<Item = (&'a RecordId, i64)>) {
        for (record, sequence) in closed {
            let is_of =
                |row: &&mut Value| row.get("id").and_then(Value::as_str) == Some(record.as_str());
            for row in self.rows.iter_mut().filter(is_of) {
                if let Some(columns) = row.as_object_mut() {
                    columns.insert("until".to_owned(), json!(sequence));
                }
            }
        }
    }

    /// The common table expression with the rows of the table at the base, and those of the layer. It is not
    /// materialized, so that the conditions of the statement reach the indexes of the table.
    fn expression(&self, backend: DbBackend, base: &str, records: &str, rows: &str) -> String {
        let Self { name, columns, .. } = self;
        let is_embedded = backend == DbBackend::Sqlite;
        let listed = |written: &dyn Fn(&Column) -> String| {
            let columns = columns
                .iter()
                .map(|column| format!("{} AS \"{}\"", written(column), column.name));
            columns.collect::<Vec<_>>().join(", ")
        };
        // Within its expression the name means the table on `PostgreSQL`, and the expression on `SQLite`.
        let table = if is_embedded {
            format!("main.\"{name}\"")
        } else {
            format!("\"{name}\"")
        };
        let of_table = listed(&|column| match (self.owner, column.name) {
            (Some(_), "until") => {
                format!("CAST(CASE WHEN \"until\" <= {base} THEN \"until\" END AS bigint)")
            }
            (_, name) => format!("\"{name}\""),
        });
        let condition = match self.owner {
            Some(owner) => {
                let among = if is_embedded {
                    format!("IN (SELECT \"value\" FROM json_each({records}))")
                } else {
                    let ids = format!("jsonb_array_elements_text(CAST({records} AS jsonb))");
                    format!("= ANY (ARRAY(SELECT {ids}))")
                };
                format!(
                    "\"since\" <= {base} AND NOT (\"{owner}\" {among} AND (\"until\" IS NULL OR \"until\" > {base}))"
                )
            }
            None => format!("\"sequence\" <= {base}"),
        };
        let (of_layer, source) = if is_embedded {
            // `SQLite` merges the two parts into the statement only if their columns have the same affinities.
            let value = |column: &Column| {
                let Column { name, affinity } = column;
                format!("CAST(\"value\" ->> '$.{name}' AS {affinity})")
            };
            (listed(&value), format!("json_each({rows})"))
        } else {
            let value = |column: &Column| format!("\"{}\"", column.name);
            let source = format!(
                "jsonb_populate_recordset(CAST(NULL AS \"{name}\"), CAST({rows} AS jsonb))"
            );
            (listed(&value), source)
        };
        format!(
            "\"{name}\" AS NOT MATERIALIZED (SELECT {of_table} FROM {table} WHERE {condition} UNION ALL SELECT \
             {of_layer} FROM {source})"
        )
    }
}

/// A value in the form in which the database has it in JSON.
fn written(value: SqlValue, backend: DbBackend) -> Result<Value, Error> {
    match value {
        SqlValue::Bool(value) => Ok(json!(value)),
        SqlValue::Int(value) => Ok(json!(value)),
        SqlValue::BigInt(value) => Ok(json!(value)),
        SqlValue::String(value) => Ok(json!(value)),
        // `SQLite` stores JSON as text.
        SqlValue::Json(Some(value)) if backend == DbBackend::Sqlite => Ok(json!(value.to_string())),
        SqlValue::Json(value) => Ok(json!(value)),
        SqlValue::ChronoDateTimeUtc(value) => {
            let text = value.map(|instant| instant.to_rfc3339_opts(SecondsFormat::AutoSi, false));
            Ok(json!(text))
        }
        other => Err(Error::Unreadable(format!(
            "a preview has no form for {other:?}"
        ))),
    }
}
