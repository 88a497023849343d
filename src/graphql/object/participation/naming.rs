//! The events of other countries that name a country as a territory.

use async_graphql::Context;

use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use domain::record::RecordField;
use domain::text::CountryCode;
use store::load::ById;
use store::reference_index::RecordsNaming;
use store::status_input::Events;
use store::treaty_event;

/// Loads the events of other countries that name a country as a territory, by id.
pub(super) async fn naming(
    ctx: &Context<'_>,
    code: &CountryCode,
    view: View,
) -> Result<Events, Error> {
    let naming = RecordsNaming {
        field: RecordField::Territories,
        value: code.to_string(),
        moment: view.moment,
    };
    let ids = ctx.loader().load_one(naming).await?.unwrap_or_default();
    let keys = ids
        .into_iter()
        .map(|id| ById::<treaty_event::Entity>::new(id, view.moment));
    let rows = ctx.loader().load_many(keys).await?;
    let rows = rows.into_values();
    let mut rows: Events = rows.filter(|row| row.country != *code).collect();
    rows.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(rows)
}
