//! Cursors of the change log, as arguments.

use async_graphql::Context;

use crate::engine::context::Asks;
use crate::engine::error::Error;
use store::moment::{Moment, NoCursor};

/// The moment of a cursor of the change log.
///
/// # Errors
/// `BAD_USER_INPUT`, naming the oldest and the newest cursor.
pub async fn moment(
    ctx: &Context<'_>,
    argument: &str,
    cursor: &str,
    newest: Moment,
) -> Result<Moment, Error> {
    let cursors = ctx.store().cursors();
    cursors.read(cursor, newest).map_err(|error| {
        let what = match error {
            NoCursor::Malformed => "this is no cursor of a change log",
            NoCursor::Foreign => "this is a cursor of another database",
            NoCursor::Future => "this cursor lies after the newest change",
        };
        let (oldest, newest) = (cursors.write(Moment(0)), cursors.write(newest));
        Error::bad(
            argument,
            format!("{what}; cursors go from {oldest} to {newest}"),
        )
    })
}
