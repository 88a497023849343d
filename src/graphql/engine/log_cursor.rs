//! Cursors of the change log as arguments.

use async_graphql::Context;

use crate::engine::context::RequestContext;
use crate::engine::error::Error;
use store::moment::{Moment, NoCursor};

/// Reads a cursor of the change log as a moment, at most `newest`.
///
/// # Errors
/// `BAD_USER_INPUT`, with the oldest and the newest valid cursor.
pub async fn moment(
    ctx: &Context<'_>,
    argument: &str,
    cursor: &str,
    newest: Moment,
) -> Result<Moment, Error> {
    let cursors = ctx.store().cursors();
    cursors.read(cursor, newest).map_err(|error| {
        let what = match error {
            NoCursor::Malformed => "this is not a cursor of the change log",
            NoCursor::Foreign => "this is a cursor of another database",
            NoCursor::Future => "this cursor is after the newest change",
        };
        let (oldest, newest) = (cursors.write(Moment(0)), cursors.write(newest));
        Error::bad(
            argument,
            format!("{what}; cursors go from {oldest} to {newest}"),
        )
    })
}
