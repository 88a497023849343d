//! The values of a row. Both databases give the same value for what a program stored, although their types differ: an
//! instant or JSON is text in `SQLite`, and has a type of its own in `PostgreSQL`.

use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, DbErr, QueryResult, Value};

/// The class of the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// True or false.
    Boolean,
    /// Bytes.
    Bytes,
    /// An instant in UTC, in microseconds.
    Instant,
    /// A whole number of at most 64 bits.
    Integer,
    /// A JSON value.
    Json,
    /// Text.
    Text,
}

impl Class {
    /// The class of a type that a migration declares in `SQLite`; `None` for a type that no migration uses.
    pub fn of(declared: &str) -> Option<Self> {
        let declared = declared.to_ascii_lowercase();
        let name = declared
            .split_once('(')
            .map_or(declared.as_str(), |(name, _)| name);
        Some(match name.trim() {
            "boolean" => Self::Boolean,
            "blob" | "varbinary_blob" => Self::Bytes,
            "timestamp_with_timezone_text" => Self::Instant,
            "integer" | "bigint" | "smallint" => Self::Integer,
            "json_text" | "jsonb_text" => Self::Json,
            "char" | "text" | "varchar" => Self::Text,
            _ => return None,
        })
    }

    /// An expression that selects a column of this class. `PostgreSQL` has integers of several sizes.
    pub fn selected(self, backend: DbBackend, column: &str) -> String {
        match (self, backend) {
            (Self::Integer, DbBackend::Postgres) => format!("{column}::bigint"),
            _ => column.to_owned(),
        }
    }

    /// Reads a value of a row.
    pub fn read(self, row: &QueryResult, at: usize) -> Result<Value, DbErr> {
        Ok(match self {
            Self::Boolean => Value::Bool(row.try_get_by_index(at)?),
            Self::Bytes => Value::Bytes(row.try_get_by_index(at)?),
            Self::Instant => {
                let instant: Option<DateTime<Utc>> = row.try_get_by_index(at)?;
                Value::ChronoDateTimeUtc(instant)
            }
            Self::Integer => Value::BigInt(row.try_get_by_index(at)?),
            Self::Json => {
                let json: Option<serde_json::Value> = row.try_get_by_index(at)?;
                Value::Json(json.map(Box::new))
            }
            Self::Text => Value::String(row.try_get_by_index(at)?),
        })
    }
}

/// Appends a value to bytes that are equal exactly if all values are. Objects of JSON are sorted by name.
pub fn append(bytes: &mut Vec<u8>, value: &Value) {
    let mut put = |content: Option<&[u8]>| {
        // A length of its own tells an absent value from an empty one.
        let length = content.map_or(u64::MAX, |content| {
            u64::try_from(content.len()).unwrap_or(u64::MAX)
        });
        bytes.extend(length.to_be_bytes());
        bytes.extend(content.unwrap_or_default());
    };
    match value {
        Value::Bool(value) => put(value
            .map(|value| [u8::from(value)])
            .as_ref()
            .map(|bytes| &bytes[..])),
        Value::BigInt(value) => put(value.map(i64::to_be_bytes).as_ref().map(|bytes| &bytes[..])),
        Value::Bytes(value) => put(value.as_deref()),
        Value::String(value) => put(value.as_deref().map(str::as_bytes)),
        Value::Json(value) => put(value
            .as_ref()
            .map(ToString::to_string)
            .as_deref()
            .map(str::as_bytes)),
        other => put(Some(other.to_string().as_bytes())),
    }
}
