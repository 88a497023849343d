//! Citations: the links from fields of records to sources.

use std::sync::Arc;

use async_graphql::{Context, Object};
use cyberprofiles_graphql_macros::at_once;

use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use crate::engine::objects::Objects;
use crate::object::source::Source;
use domain::citation::Certainty;
use domain::date::PartialDate;
use domain::record::{RecordField, RecordId};
use store::citation::{Model, OfRecord};
use store::load::ById;
use store::source;

/// A link from fields of a record to a source.
pub struct Citation {
    first: Model,
    fields: Vec<RecordField>,
    view: View,
}

impl Citation {
    /// Makes citations of rows: rows of one change with the same position become one citation of several fields.
    pub fn grouped(rows: &[Model], view: View, field: Option<RecordField>) -> Objects<Self> {
        let mut grouped: Vec<Self> = Vec::new();
        for row in rows {
            let same = |one: &&mut Self| {
                (one.first.since, one.first.position) == (row.since, row.position)
            };
            match grouped.iter_mut().find(same) {
                Some(citation) => citation.fields.push(row.field),
                None => {
                    grouped.push(Self {
                        first: row.clone(),
                        fields: vec![row.field],
                        view,
                    });
                }
            }
        }
        grouped.retain(|citation| field.is_none_or(|field| citation.fields.contains(&field)));
        grouped.into()
    }
}

/// A link from one or more fields of a record to a source that supports their values.
#[at_once]
#[Object]
impl Citation {
    /// The source. `Source:unsourced` stands for none: no source has been found yet.
    async fn source(&self, ctx: &Context<'_>) -> Result<Source, Error> {
        let key = ById::<source::Entity>::new(self.first.source.clone(), self.view.moment);
        let row = ctx.loader().load_one(key).await?;
        row.map(|row| Source::new(row, self.view))
            .ok_or_else(|| Error::missing("the source of a citation"))
    }

    /// The fields that the source supports. Bounded: the fields of its kind of record.
    async fn fields(&self) -> &[RecordField] {
        &self.fields
    }

    /// The place in the source: page, article, paragraph, or the date of its last update; null if none is given.
    async fn locator(&self) -> Option<&str> {
        self.first.locator.as_deref()
    }

    /// A short quote from the source, word for word; null if none is given.
    async fn quote(&self) -> Option<&str> {
        self.first.quote.as_deref()
    }

    /// The certainty of the values, as it was judged when this source was cited. It can take other sources into
    /// account: `CONFIRMED` means that this source and an independent one agreed.
    async fn certainty(&self) -> Certainty {
        self.first.certainty
    }
}

/// The citations of a record that are valid at the moment of a view.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn of_record(
    ctx: &Context<'_>,
    record: &RecordId,
    view: View,
) -> Result<Arc<Vec<Model>>, Error> {
    let key = OfRecord {
        record: record.clone(),
        moment: view.moment,
    };
    Ok(ctx.loader().load_one(key).await?.unwrap_or_default())
}

/// The publication date of the newest source that a record cites.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn newest_source(
    ctx: &Context<'_>,
    record: &RecordId,
    view: View,
) -> Result<Option<PartialDate>, Error> {
    let rows = of_record(ctx, record, view).await?;
    let keys = rows
        .iter()
        .map(|row| ById::<source::Entity>::new(row.source.clone(), view.moment));
    let sources = ctx.loader().load_many(keys).await?;
    let newest = sources
        .values()
        .filter(|source| source.published_on.is_some())
        .max_by_key(|source| {
            (
                source.published_on.and_then(|date| date.latest()),
                &source.id,
            )
        });
    Ok(newest.and_then(|source| source.published_on))
}
