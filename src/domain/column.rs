//! Conversions of values of `domain` to database columns that a derive macro cannot generate.

use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{DbErr, IntoActiveValue, TryFromU64, TryGetableFromJson, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::date::Date;
use crate::record::RecordId;
use crate::text::CountryCode;
use crate::value_type::List;

impl<T: DeserializeOwned> TryGetableFromJson for List<T> {}

impl<T: Serialize> From<List<T>> for Value {
    fn from(list: List<T>) -> Self {
        // Checked values have only members that JSON can represent.
        Self::Json(serde_json::to_value(list).ok().map(Box::new))
    }
}

impl<T: DeserializeOwned> ValueType for List<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        match value {
            Value::Json(Some(json)) => serde_json::from_value(*json).map_err(|_| ValueTypeErr),
            _ => Err(ValueTypeErr),
        }
    }
    fn type_name() -> String {
        "List".to_owned()
    }
    fn array_type() -> ArrayType {
        ArrayType::Json
    }
    fn column_type() -> ColumnType {
        ColumnType::JsonBinary
    }
}

impl<T> Nullable for List<T> {
    fn null() -> Value {
        Value::Json(None)
    }
}

impl<T> IntoActiveValue<Self> for List<T>
where
    Self: Into<Value>,
{
    fn into_active_value(self) -> sea_orm::ActiveValue<Self> {
        sea_orm::ActiveValue::Set(self)
    }
}

/// Implements the trait of generated keys for types whose values no database generates.
macro_rules! never_made_up {
    ($($key:ident),+) => { $(
        impl TryFromU64 for $key {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($key)))
            }
        }
    )+ };
}
never_made_up!(CountryCode, Date, RecordId);
