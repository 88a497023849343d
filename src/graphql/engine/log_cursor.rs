//! Cursors of the change log as arguments.

use async_graphql::Context;

use crate::engine::context::RequestContext;
use crate::engine::error::Error;
use store::moment::Moment;

/// Reads a cursor of the change log as a moment, at most `newest`.
///
/// # Errors
/// `BAD_USER_INPUT` and `UNKNOWN_CURSOR`, with the oldest and the newest valid cursor.
pub async fn moment(
    ctx: &Context<'_>,
    argument: &str,
    cursor: &str,
    newest: Moment,
) -> Result<Moment, Error> {
    let cursors = ctx.store().cursors();
    let read = cursors.read(cursor, newest);
    read.map_err(|error| {
        let message = error.explain(cursors, newest);
        if error.is_unknown() {
            Error::UnknownCursor(argument.to_owned(), message)
        } else {
            Error::bad(argument, message)
        }
    })
}
