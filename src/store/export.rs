//! Exports the current records as a data file: one create per line, and records to which others refer first.

use sea_orm::sea_query::Order;
use sea_orm::{EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::citation::{self, OfRecord};
use super::error::Error;
use super::list::SortedQuery;
use super::moment::Moment;
use super::page::Page;
use super::record::{Row, content, models, of_kind};
use super::{Store, record};
use domain::citation::Certainty;
use domain::field::Content;
use domain::record::{Kind, RecordField, RecordId};

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
        for kind in Kind::all() {
            let mut after = None;
            loop {
                let part = self.exported(kind, moment, after).await?;
                let Some((last, _)) = part.last() else { break };
                after = Some(last.clone());
                let ids = part.iter().map(|(id, _)| OfRecord {
                    record: id.clone(),
                    moment,
                });
                let cited = self.load(&ids.collect::<Vec<_>>()).await?;
                for (id, content) in &part {
                    let key = OfRecord {
                        record: id.clone(),
                        moment,
                    };
                    let rows = cited.get(&key).map_or(&[][..], |rows| rows.as_slice());
                    write(&line(id, content, rows))?;
                }
            }
        }
        Ok(())
    }

    /// Reads the next records of a kind, in the order of their ids.
    async fn exported(
        &self,
        kind: Kind,
        moment: Moment,
        after: Option<RecordId>,
    ) -> Result<Vec<(RecordId, Content)>, Error> {
        let page = Page {
            size: u64::try_from(record::ROWS_PER_STATEMENT).unwrap_or(1),
            forward: true,
            after: after.map(|id| vec![json!(id)]),
            before: None,
            count: false,
        };
        let by_id = [("id", Order::Asc)];
        let whole =
            of_kind!(kind, E => SortedQuery::of(E::find().filter(moment.filter::<E>()), &by_id));
        let slice = whole.page(self.reader(), &page).await?;
        of_kind!(kind, E => {
            let rows = models::<E>(&slice.rows)?;
            rows.iter().map(|row| Ok((row.id().clone(), content(row)?))).collect()
        })
    }
}

fn line(id: &RecordId, content: &Content, citations: &[citation::Model]) -> String {
    let kind = id.kind();
    let key = id.as_str().split_once(':').map_or("", |(_, key)| key);
    // The order of the declaration; a JSON map would not preserve it.
    let fields = kind.fields().iter().filter_map(|field| {
        let name = field.name.camel();
        let value = content.get(&name)?;
        Some(format!("{}:{value}", Value::from(name)))
    });
    let fields: Vec<String> = fields.collect();
    let names = kind.fields().iter().map(|field| field.name);
    let set: Vec<RecordField> = names
        .filter(|field| content.contains_key(&field.camel()))
        .collect();
    let mut cites: Vec<((i64, i32), Vec<&citation::Model>)> = Vec::new();
    for row in citations {
        let place = (row.since, row.position);
        match cites.last_mut() {
            Some((last, rows)) if *last == place => rows.push(row),
            _ => cites.push((place, vec![row])),
        }
    }
    let cites = cites.iter().map(|(_, rows)| cite(rows, &set));
    let cites: Vec<String> = cites.collect();
    format!(
        "{{\"create{kind}\":{{\"key\":{},\"fields\":{{{}}},\"cite\":[{}]}}}}",
        Value::from(key),
        fields.join(","),
        cites.join(",")
    )
}

/// Writes one citation from its rows. `set` lists the fields that the record has.
fn cite(rows: &[&citation::Model], set: &[RecordField]) -> String {
    let Some(first) = rows.first() else {
        return String::new();
    };
    let mut members = vec![("source", json!(first.source))];
    let of = |field: &&RecordField| rows.iter().any(|row| row.field == **field);
    let named: Vec<RecordField> = set.iter().filter(of).copied().collect();
    let others = rows.iter().any(|row| !set.contains(&row.field));
    if named != set || others {
        let fields: Vec<RecordField> = rows.iter().map(|row| row.field).collect();
        members.push(("fields", json!(fields)));
    }
    members.extend(first.locator.iter().map(|text| ("locator", json!(text))));
    members.extend(first.quote.iter().map(|text| ("quote", json!(text))));
    if first.certainty != Certainty::Reported {
        members.push((
            "certainty",
            json!(sea_orm::ActiveEnum::to_value(&first.certainty)),
        ));
    }
    let members: Vec<String> = members
        .into_iter()
        .map(|(name, value)| format!("{}:{value}", Value::from(name)))
        .collect();
    format!("{{{}}}", members.join(","))
}
