//! Where the values of a record come from.

use std::sync::Arc;

use async_graphql::{Context, Object};

use crate::engine::context::{Asks, View};
use crate::engine::error::Error;
use crate::engine::objects::Objects;
use crate::object::source::Source;
use domain::citation::Certainty;
use domain::date::PartialDate;
use domain::record::{RecordField, RecordId};
use store::citation::{Model, OfRecord};
use store::load::ById;
use store::source;

/// Ties fields of a record to a source.
pub struct Citation {
    first: Model,
    fields: Vec<RecordField>,
    view: View,
}

impl Citation {
    /// Rows as citations: those of one change that say the same of several fields are one.
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

/// Ties fields of a record to a source.
#[Object]
impl Citation {
    /// The source.
    async fn source(&self, ctx: &Context<'_>) -> Result<Source, Error> {
        let key = ById::<source::Entity>::new(self.first.source.clone(), self.view.moment);
        let row = ctx.loader().load_one(key).await?;
        row.map(|row| Source::new(row, self.view))
            .ok_or_else(|| Error::missing("the source of a citation"))
    }

    /// The fields that it supports, by name. Bounded: the fields of the noun.
    async fn fields(&self) -> &[RecordField] {
        &self.fields
    }

    /// Where in the source: page, article, paragraph, as-of date.
    async fn locator(&self) -> Option<&str> {
        self.first.locator.as_deref()
    }

    /// A short quote, word for word.
    async fn quote(&self) -> Option<&str> {
        self.first.quote.as_deref()
    }

    /// How well it supports them.
    async fn certainty(&self) -> Certainty {
        self.first.certainty
    }
}

/// The citations of a record that hold at a view.
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

/// How well some fields of a record are supported: each by the best of its citations unless one
/// disputes it, all of them by the weakest.
pub fn certainty(rows: &[Model], fields: &[RecordField]) -> Option<Certainty> {
    let of_field = |field: &RecordField| {
        let rows = rows.iter().filter(|row| row.field == *field);
        let all: Vec<Certainty> = rows.map(|row| row.certainty).collect();
        if all.contains(&Certainty::Disputed) {
            Some(Certainty::Disputed)
        } else {
            all.into_iter().min()
        }
    };
    Certainty::weakest(fields.iter().filter_map(of_field))
}

/// When the newest of the sources of a record was published.
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
