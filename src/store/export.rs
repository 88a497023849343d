//! Exports the current records as a data file: one create per line, and records to which others refer first.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::Value;

use super::Store;
use super::citation::{self, OfRecord};
use super::error::Error;
use super::load::{ContentAround, Key};
use super::moment::{Moment, column};
use super::record::{ROWS_PER_STATEMENT, Row, models, of_kind, stored_content};
use domain::citation::Certainty;
use domain::digest::Digest;
use domain::field::Content;
use domain::record::{Kind, RecordField, RecordId};

/// A record as it stands at a moment.
#[derive(Clone, Debug)]
pub struct ExportedRecord {
    /// The record.
    pub id: RecordId,
    /// The sequence number of the change that wrote this version.
    pub since: i64,
    /// The version number, counted from 1.
    pub version: i32,
    /// The content.
    pub content: Content,
    /// The valid citations, in the order in which they were added.
    pub citations: Vec<citation::Model>,
}

impl ExportedRecord {
    fn of<R: Row>(row: &R) -> Result<Self, Error> {
        Ok(Self {
            id: row.id().clone(),
            since: row.since(),
            version: row.version(),
            content: stored_content(row)?,
            citations: Vec::new(),
        })
    }

    /// Appends the record as one line of a data file, without a line break.
    pub fn write_line(&self, out: &mut String) {
        write_line(out, &self.id, &self.content, &self.citations);
    }
}

impl Store {
    /// Passes every record that is current at a moment to `write`, as one line of a data file. Lines are sorted by
    /// kind, with the kinds to which others refer first, then by id. Equal content always gives equal lines.
    ///
    /// # Errors
    /// [`Error::Database`], and the errors of `write`.
    pub async fn export<X: From<Error>>(
        &self,
        moment: Moment,
        mut write: impl FnMut(&str) -> Result<(), X>,
    ) -> Result<(), X> {
        let mut line = String::new();
        for kind in Kind::all() {
            let mut after = None;
            loop {
                let page = self.export_page(kind, moment, after.as_ref()).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.id.clone());
                for record in page {
                    line.clear();
                    record.write_line(&mut line);
                    write(&line)?;
                }
            }
        }
        Ok(())
    }

    /// Reads the next records of a kind that are current at a moment, in the order of their ids; an empty page is the
    /// end. Two statements, which see the same moment, so that nothing stays open between two pages.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Unreadable`]
    pub fn export_page<'a>(
        &'a self,
        kind: Kind,
        moment: Moment,
        after: Option<&'a RecordId>,
    ) -> BoxFuture<'a, Result<Vec<ExportedRecord>, Error>> {
        async move {
            let store = self.of_log().await;
            let limit = u64::try_from(ROWS_PER_STATEMENT).unwrap_or(1);
            let select = of_kind!(kind, E => {
                let mut rows = E::find()
                    .filter(moment.filter::<E>())
                    .order_by_asc(column::<E>("id"))
                    .limit(limit);
                if let Some(after) = after {
                    rows = rows.filter(column::<E>("id").gt(after.clone()));
                }
                rows.into_query()
            });
            let rows = store.reader().query_all(&select).await?;
            let mut page: Vec<ExportedRecord> = of_kind!(kind, E => {
                models::<E>(&rows)?.iter().map(ExportedRecord::of).collect::<Result<_, Error>>()?
            });
            let mut cited = store.citations_of(&page, moment).await?;
            for record in &mut page {
                record.citations = cited.remove(&record.id).unwrap_or_default();
            }
            Ok(page)
        }
        .boxed()
    }

    /// Reads the citations of some records that are valid at a moment, by record, in the order in which they were
    /// added.
    async fn citations_of(
        &self,
        records: &[ExportedRecord],
        moment: Moment,
    ) -> Result<HashMap<RecordId, Vec<citation::Model>>, Error> {
        if records.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = records.iter().map(|record| record.id.clone());
        let rows = citation::Entity::find()
            .filter(column::<citation::Entity>("record").is_in(ids))
            .filter(moment.filter::<citation::Entity>())
            .order_by_asc(citation::Column::Since)
            .order_by_asc(citation::Column::Position)
            .order_by_asc(citation::Column::Field)
            .all(self.reader())
            .await?;
        let mut by_record: HashMap<RecordId, Vec<citation::Model>> = HashMap::new();
        for row in rows {
            match by_record.get_mut(&row.record) {
                Some(rows) => rows.push(row),
                None => {
                    by_record.insert(row.record.clone(), vec![row]);
                }
            }
        }
        Ok(by_record)
    }
}

/// Loader key for the line of a version in an export, by its record and the change that wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LineOf {
    /// The record.
    pub record: RecordId,
    /// The sequence number of the change.
    pub since: i64,
}

#[async_trait::async_trait]
impl Key for LineOf {
    type Value = Arc<str>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let contents = keys.iter().map(|key| ContentAround {
            record: key.record.clone(),
            sequence: key.since,
        });
        let contents = store.load(&contents.collect::<Vec<_>>()).await?;
        let cited = keys.iter().map(|key| OfRecord {
            record: key.record.clone(),
            moment: Moment(key.since),
        });
        let cited = store.load(&cited.collect::<Vec<_>>()).await?;
        let lines = contents.into_iter().map(|(around, (_, content))| {
            let (record, since) = (around.record, around.sequence);
            let moment = Moment(since);
            let cited = cited.get(&OfRecord {
                record: record.clone(),
                moment,
            });
            let citations = cited.into_iter().flat_map(|rows| rows.iter());
            let mut line = String::new();
            write_line(&mut line, &record, &content, citations);
            (Self { record, since }, line.into())
        });
        Ok(lines.collect())
    }

    fn rows(value: &Self::Value) -> usize {
        // The size of a line counts as that of so many rows.
        value.len() / 200
    }
}

/// The digest of one version: that of its line in an export, in UTF-8 and without the line break.
pub(super) fn digest<'a>(
    id: &RecordId,
    content: &Content,
    citations: impl IntoIterator<Item = &'a citation::Model>,
) -> Digest {
    let mut line = String::new();
    write_line(&mut line, id, content, citations);
    Digest::of(line.as_bytes())
}

fn write_line<'a>(
    out: &mut String,
    id: &RecordId,
    content: &Content,
    citations: impl IntoIterator<Item = &'a citation::Model>,
) {
    let kind = id.kind();
    let key = id.as_str().split_once(':').map_or("", |(_, key)| key);
    out.push_str("{\"create");
    push(out, kind);
    out.push_str("\":{\"key\":");
    push_text(out, key);
    out.push_str(",\"fields\":{");
    let mut set: Vec<RecordField> = Vec::with_capacity(content.len());
    // The order of the declaration; a JSON map would not preserve it.
    for field in kind.fields() {
        let name = field.name.camel();
        let Some(value) = content.get(&name) else {
            continue;
        };
        if !set.is_empty() {
            out.push(',');
        }
        set.push(field.name);
        push_text(out, &name);
        out.push(':');
        push(out, value);
    }
    out.push_str("},\"cite\":[");
    let mut rows = citations.into_iter().peekable();
    let mut cite: Vec<&citation::Model> = Vec::new();
    let mut is_first = true;
    while let Some(row) = rows.next() {
        cite.push(row);
        if rows.peek().is_none_or(|next| !is_same(row, next)) {
            if !std::mem::take(&mut is_first) {
                out.push(',');
            }
            write_cite(out, row, &cite, &set);
            cite.clear();
        }
    }
    out.push_str("]}}");
}

/// True if two rows belong to one citation: they differ in their fields only.
fn is_same(one: &citation::Model, other: &citation::Model) -> bool {
    let of = |row: &citation::Model| (row.since, row.position, row.certainty);
    of(one) == of(other)
        && one.source == other.source
        && one.locator == other.locator
        && one.quote == other.quote
}

/// Writes one citation from its rows, which are equal but for their fields. `set` lists the fields that the record has.
fn write_cite(
    out: &mut String,
    of: &citation::Model,
    rows: &[&citation::Model],
    set: &[RecordField],
) {
    out.push_str("{\"source\":");
    push_text(out, of.source.as_str());
    let is_cited = |field: &RecordField| rows.iter().any(|row| row.field == *field);
    let has_others = rows.iter().any(|row| !set.contains(&row.field));
    if has_others || !set.iter().all(is_cited) {
        out.push_str(",\"fields\":[");
        for (number, row) in rows.iter().enumerate() {
            if number > 0 {
                out.push(',');
            }
            push_text(out, &row.field.screaming());
        }
        out.push(']');
    }
    for (name, text) in [("locator", &of.locator), ("quote", &of.quote)] {
        if let Some(text) = text {
            out.push(',');
            push_text(out, name);
            out.push(':');
            push_text(out, text);
        }
    }
    if of.certainty != Certainty::Reported {
        out.push_str(",\"certainty\":");
        push_text(out, &sea_orm::ActiveEnum::to_value(&of.certainty));
    }
    out.push('}');
}

/// Appends a value as it is displayed.
fn push(out: &mut String, value: impl std::fmt::Display) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value}");
}

/// Appends a text as a JSON string.
fn push_text(out: &mut String, text: &str) {
    if text
        .bytes()
        .all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
    {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        push(out, Value::from(text));
    }
}
