//! Loads objects by their ids.

use async_graphql::{Context, ID};
use futures_util::future::join_all;

use crate::engine::context::View;
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::log_cursor::moment;
use crate::engine::objects::Objects;
use crate::object::change::Change;
use crate::object::contribution::{self, Contribution};
use crate::object::record::{Node, Record};
use crate::object::webhook::{self, Webhook};
use domain::record::RecordId;

/// Loads the object with an id, in the given view unless the id names another.
///
/// # Errors
/// `BAD_USER_INPUT` for a malformed id.
pub async fn node(
    ctx: &Context<'_>,
    argument: &str,
    id: &str,
    view: View,
) -> Result<Option<Node>, Error> {
    if id.starts_with("Contribution:") {
        let id = contribution::bare(id).map_err(|message| Error::bad(argument, message))?;
        let found = Contribution::find(ctx, &id).await?;
        return Ok(found.map(Into::into));
    }
    if let Some(sequence) = id.strip_prefix("Change:") {
        let number = sequence.parse().ok();
        let number = number.filter(|number: &i64| number.to_string() == sequence);
        let sequence = number.ok_or_else(|| {
            Error::bad(
                argument,
                "expected a sequence number after \u{201c}Change:\u{201d}, like \u{201c}Change:1250\u{201d}",
            )
        })?;
        let found = Change::find(ctx, sequence, view).await?;
        return Ok(found.map(Into::into));
    }
    if id.starts_with("Webhook:") {
        let id = webhook::bare(id).map_err(|message| Error::bad(argument, message))?;
        let found = Webhook::find(ctx, id).await?;
        return Ok(found.map(Into::into));
    }
    let found = record(ctx, argument, id, view).await?;
    Ok(found.map(Into::into))
}

/// Loads the record with an id, in the given view unless the id names another.
///
/// # Errors
/// `BAD_USER_INPUT` for a malformed id.
pub async fn record(
    ctx: &Context<'_>,
    argument: &str,
    id: &str,
    view: View,
) -> Result<Option<Record>, Error> {
    let (record, past) = id
        .split_once('@')
        .map_or((id, None), |(id, past)| (id, Some(past)));
    let record: RecordId = record
        .parse()
        .map_err(|error: domain::text::Malformed| Error::bad(argument, error.to_string()))?;
    let view = match past {
        Some(past) => past_view(ctx, argument, past, view).await?,
        None => view,
    };
    Record::find(ctx, record, view).await
}

/// The view that the end of an id names: `<cursor>[,<asOf>]`.
async fn past_view(
    ctx: &Context<'_>,
    argument: &str,
    past: &str,
    view: View,
) -> Result<View, Error> {
    let (cursor, day) = past
        .split_once(',')
        .map_or((past, None), |(cursor, day)| (cursor, Some(day)));
    let moment = moment(ctx, argument, cursor, view.moment).await?;
    let as_of = day
        .map(str::parse)
        .transpose()
        .map_err(|error: domain::text::Malformed| Error::bad(argument, error.to_string()))?;
    View::past(ctx, moment, as_of).await
}

/// Loads the objects with these ids, in their order: null where there is none, and a separate error for each malformed
/// id.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn nodes(
    ctx: &Context<'_>,
    ids: &[ID],
    view: View,
) -> Result<Objects<Option<Result<Inline<Node>, Error>>>, Error> {
    let named: Vec<String> = (0..ids.len()).map(|at| format!("ids.{at}")).collect();
    let found = ids
        .iter()
        .zip(&named)
        .map(|(id, name)| node(ctx, name, id, view));
    let found = join_all(found).await.into_iter();
    found
        .map(|found| match found {
            // The database is needed for all of them.
            Err(error @ (Error::Unavailable | Error::Internal)) => Err(error),
            found => Ok(found.transpose().map(|found| found.map(Inline))),
        })
        .collect()
}
