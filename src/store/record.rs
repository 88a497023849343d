//! The common part of the tables of all nouns: entities made from declarations, reading rows of any kind, and writing
//! the next row.

use std::fmt::Debug;

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{
    ActiveEnum, ConnectionTrait, DbErr, EntityName, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryResult, QueryTrait,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::error::Error;
use super::moment::{Moment, column};
use super::write::Write;
use domain::check::Path;
use domain::field::Content;
use domain::record::{Kind, RecordId};

/// A row of a versioned table: one version of a record.
pub trait Row: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The record.
    fn id(&self) -> &RecordId;
    /// The sequence number of the change that wrote the row.
    fn since(&self) -> i64;
    /// The sequence number of the change that replaced or retired it; `None` while it is current.
    fn until(&self) -> Option<i64>;
    /// The version number, counted from 1.
    fn version(&self) -> i32;
}

/// The value of an enum as stored in the tables.
pub fn word<E: ActiveEnum<Value = String>>(of: &E) -> String {
    of.to_value()
}

/// The entity of a noun: a table with one row per version.
pub trait Noun:
    EntityTrait<Model: Row + IntoActiveModel<<Self as EntityTrait>::ActiveModel>, ActiveModel: Send>
{
    /// The kind.
    const KIND: Kind;
    /// The column that contains a record's country; `None` if records of the noun belong to no country.
    const COUNTRY: Option<&str> = None;
}

/// Makes the entity of a noun from its declaration in `domain`.
macro_rules! entity {
    (
        $(#[$doc:meta])*
        $noun:ident in $table:literal as $fields:ident, $create:ident, $update:ident citing $cite:ty {
            $( $(#[$field_doc:meta])* $field:ident: $type:ty, )+
        } derived { $( $derived:ident: $derived_type:ty, )* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
        #[sea_orm(table_name = $table)]
        #[serde(rename_all = "camelCase")]
        pub struct Model {
            /// The record.
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: RecordId,
            /// The sequence number of the change that wrote the row.
            #[sea_orm(primary_key, auto_increment = false)]
            pub since: i64,
            /// The sequence number of the change that replaced or retired it; `None` while it is current.
            pub until: Option<i64>,
            /// The version number, counted from 1.
            pub version: i32,
            $( $(#[$field_doc])* pub $field: $type, )+
            $(
                /// A derived column, by which the database sorts and filters.
                pub $derived: $derived_type,
            )*
        }

        /// Empty: relations of the ORM would ignore versions.
        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}

        impl $crate::record::Row for Model {
            fn id(&self) -> &RecordId {
                &self.id
            }
            fn since(&self) -> i64 {
                self.since
            }
            fn until(&self) -> Option<i64> {
                self.until
            }
            fn version(&self) -> i32 {
                self.version
            }
        }
    };
}
pub(super) use entity;

/// Evaluates an expression for the entity of a kind that is known only at run time.
macro_rules! of_kind {
    (
        [$kind:expr, $alias:ident => $answer:expr]
        $( $(#[$doc:meta])* $noun:ident $module:ident { $($inputs:tt)* } )+
    ) => {
        match $kind {
            $(
                domain::record::Kind::$noun => {
                    type $alias = $crate::$module::Entity;
                    $answer
                }
            )+
        }
    };
    ($kind:expr, $alias:ident => $answer:expr) => {
        domain::record::nouns!(of_kind $kind, $alias => $answer)
    };
}
pub(super) use of_kind;

/// True if records of the kind belong to a country.
pub(super) fn has_country(kind: Kind) -> bool {
    of_kind!(kind, E => E::COUNTRY.is_some())
}

/// The content of a row, in the form of the noun's input. Fields without a value are left out.
///
/// # Errors
/// [`Error::Unreadable`]
pub fn content<R: Row>(row: &R) -> Result<Content, Error> {
    content_of(row.id(), columns(row)?)
}

/// The content of the row with these columns, as [`content`].
///
/// # Errors
/// [`Error::Unreadable`]
pub fn content_of(id: &RecordId, mut columns: Content) -> Result<Content, Error> {
    let mut content = Content::new();
    for field in id.kind().fields() {
        let name = field.name.camel();
        if let Some(value) = columns.remove(&name) {
            if Value::is_null(&value) {
                continue;
            }
            let value = field
                .read(value, &Path::default())
                .map_err(|_| Error::Unreadable(format!("{} of {id}", field.name.snake())))?;
            if !field.is_no_value(&value) {
                content.insert(name, value);
            }
        }
    }
    Ok(content)
}

/// The content of a row, as [`content`], for an export: the typed columns are not read a second time.
///
/// # Errors
/// [`Error::Unreadable`]
pub fn stored_content<R: Row>(row: &R) -> Result<Content, Error> {
    Ok(take_stored(row.id().kind(), &mut columns(row)?))
}

/// Takes the content out of the columns of a row that was read, as [`stored_content`]. The other columns stay.
pub fn take_stored(kind: Kind, columns: &mut Content) -> Content {
    let mut content = Content::new();
    for field in kind.fields() {
        let name = field.name.camel();
        let value = columns.remove(&name).and_then(|value| field.stored(value));
        content.extend(value.map(|value| (name, value)));
    }
    content
}

/// The columns of a row by their JSON names, those without a value too.
///
/// # Errors
/// [`Error::Unreadable`]
pub fn columns<R: Row>(row: &R) -> Result<Content, Error> {
    match serde_json::to_value(row)? {
        Value::Object(columns) => Ok(columns),
        _ => Err(Error::Unreadable(
            "a row that is not a JSON object".to_owned(),
        )),
    }
}

/// One version of a record, as the write path reads it.
#[derive(Clone, Debug)]
pub struct StoredVersion {
    /// The sequence number of the change that wrote it.
    pub since: i64,
    /// The sequence number of the change that replaced or retired it; `None` while it is current.
    pub until: Option<i64>,
    /// The version number, counted from 1.
    pub version: i32,
    /// The content.
    pub content: Content,
}

/// Reads rows of a kind. `condition` receives a function that returns a column by name.
///
/// # Errors
/// [`Error::Database`]
pub async fn rows<C: ConnectionTrait>(
    db: &C,
    kind: Kind,
    condition: impl FnOnce(&dyn Fn(&str) -> Expr) -> Condition,
) -> Result<Vec<(RecordId, StoredVersion)>, Error> {
    let column: fn(&str) -> Expr = of_kind!(kind, E => column::<E>);
    let condition = condition(&column);
    let select = of_kind!(kind, E => E::find().filter(condition).into_query());
    let read: fn(&QueryResult) -> Result<(RecordId, StoredVersion), Error> =
        of_kind!(kind, E => current::<E>);
    let rows = db.query_all(&select).await?;
    rows.iter().map(read).collect()
}

/// Reads the ids of the current records of a kind with some values of a text field, with these values.
///
/// # Errors
/// [`Error::Database`]
pub async fn current_ids<C: ConnectionTrait>(
    db: &C,
    kind: Kind,
    field: &str,
    values: impl Iterator<Item = &String>,
) -> Result<Vec<(String, RecordId)>, Error> {
    let column: fn(&str) -> Expr = of_kind!(kind, E => column::<E>);
    let table = of_kind!(kind, E => E::default().table_ref());
    let select = Query::select()
        .from(table)
        .expr(column(field))
        .expr(column("id"))
        .and_where(column(field).is_in(values.cloned()))
        .and_where(column("until").is_null())
        .to_owned();
    let rows = db.query_all(&select).await?;
    let read = |row: &QueryResult| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
    rows.iter().map(read).collect()
}

fn current<E: Noun>(row: &QueryResult) -> Result<(RecordId, StoredVersion), Error> {
    let row = E::Model::from_query_result(row, "")?;
    let current = StoredVersion {
        since: row.since(),
        until: row.until(),
        version: row.version(),
        content: content(&row)?,
    };
    Ok((row.id().clone(), current))
}

/// Reads query results as rows of an entity.
///
/// # Errors
/// [`Error::Database`]
pub fn models<E: EntityTrait>(rows: &[QueryResult]) -> Result<Vec<E::Model>, Error> {
    let rows = rows.iter().map(|row| E::Model::from_query_result(row, ""));
    Ok(rows.collect::<Result<_, DbErr>>()?)
}

/// The next row of a record.
#[derive(Clone, Debug)]
pub struct NextRow {
    /// The record.
    pub id: RecordId,
    /// The sequence number of the change that writes it.
    pub sequence: i64,
    /// The version number, counted from 1.
    pub version: i32,
    /// The content with its derived columns.
    pub whole: Content,
}

/// The most rows in one statement: databases limit the number of values in a statement.
pub(super) const ROWS_PER_STATEMENT: usize = 500;

/// Inserts rows of one kind. The rows that they replace must be closed already.
///
/// # Errors
/// [`Error::Unreadable`]
pub(super) fn insert(tx: &Write, kind: Kind, rows: Vec<NextRow>) -> Result<(), Error> {
    of_kind!(kind, E => insert_noun::<E>(tx, rows))
}

fn insert_noun<E: Noun>(tx: &Write, rows: Vec<NextRow>) -> Result<(), Error> {
    let mut models = Vec::with_capacity(rows.len());
    for next in rows {
        models.push(model::<E>(next)?.into_active_model());
    }
    tx.insert_later(models);
    Ok(())
}

/// The next row of a record, as its entity has it.
///
/// # Errors
/// [`Error::Unreadable`]
pub fn model<E: Noun>(next: NextRow) -> Result<E::Model, Error> {
    Ok(serde_json::from_value(whole(E::KIND, next))?)
}

/// All columns of a row, by their JSON names.
fn whole(kind: Kind, next: NextRow) -> Value {
    let mut whole = next.whole;
    for field in kind.fields() {
        whole
            .entry(field.name.camel())
            .or_insert_with(|| field.empty());
    }
    whole.insert("id".to_owned(), json!(next.id));
    whole.insert("since".to_owned(), json!(next.sequence));
    whole.insert("until".to_owned(), Value::Null);
    whole.insert("version".to_owned(), json!(next.version));
    Value::Object(whole)
}

/// Closes the current row of a record.
///
/// # Errors
/// [`Error::Unreadable`] if the record has no such current row.
pub async fn close<C: ConnectionTrait>(
    db: &C,
    id: &RecordId,
    since: i64,
    until: i64,
) -> Result<(), Error> {
    let update = of_kind!(id.kind(), E => E::update_many()
        .col_expr(until_column::<E>()?, Expr::value(until))
        .filter(column::<E>("id").eq(id.clone()))
        .filter(column::<E>("since").eq(since))
        .filter(Moment::current::<E>())
        .into_query());
    let closed = db.execute(&update).await?;
    if closed.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::Unreadable(format!(
            "{id} has no current row to close"
        )))
    }
}

fn until_column<E: EntityTrait>() -> Result<E::Column, Error> {
    use std::str::FromStr;
    E::Column::from_str("until")
        .map_err(|_| Error::Unreadable("an entity without the column until".to_owned()))
}
