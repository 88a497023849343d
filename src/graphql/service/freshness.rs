//! The age of answers. An operator may allow answers that are some time old. No client gets one that is older than what it
//! was told: by this process, because what it knows only grows, or by another one, because the client sends its last
//! cursor.

use std::time::Instant;

use async_graphql::{Request, ServerError, Value};

use crate::engine::caller::Caller;
use crate::engine::context::View;
use crate::engine::error::Error;
use crate::service::{Service, server};
use domain::viewer::Viewer;
use store::SeenHead;
use store::moment::{Moment, NoCursor};

/// The member of the request's `extensions` with the cursor that the answer must have reached.
const AT_LEAST: &str = "atLeast";

/// The state of the log from which an answer was made.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// The end of the log: the answer has all changes up to it.
    pub moment: Moment,
    /// The time at which that was the end of the log.
    pub at: Instant,
}

/// The cursor that a request demands by its extensions.
pub enum Demand {
    /// None.
    Nothing,
    /// A cursor that the client was told.
    Cursor(String),
    /// A value that is no text.
    Malformed,
}

impl Demand {
    /// Reads the extensions of a request.
    pub fn of(request: &Request) -> Self {
        match request.extensions.get(AT_LEAST) {
            None | Some(Value::Null) => Self::Nothing,
            Some(Value::String(cursor)) => Self::Cursor(cursor.clone()),
            Some(_) => Self::Malformed,
        }
    }
}

impl Service {
    /// Makes this process know the log at least up to a cursor, and with it all later answers. `name` is that of the
    /// cursor in an error.
    ///
    /// # Errors
    /// `UNKNOWN_CURSOR` or `BAD_USER_INPUT` if it is no cursor of this log; `UNAVAILABLE`, `TIMEOUT` if the log cannot be
    /// read.
    pub async fn reach(&self, name: &str, cursor: &str) -> Result<(), ServerError> {
        let store = self.store();
        let cursors = store.cursors();
        let mut newest = store.known();
        let mut read = cursors.read(cursor, newest);
        if read == Err(NoCursor::Future) {
            // Another instance may have written it.
            let head = self.in_time(store.newest()).await?;
            newest = head.map_err(|error| server(error.into()))?.moment;
            read = cursors.read(cursor, newest);
        }
        let Err(fault) = read else { return Ok(()) };
        let message = fault.explain(cursors, newest);
        let name = name.to_owned();
        Err(server(if fault.is_unknown() {
            Error::UnknownCursor(name, message)
        } else {
            Error::BadInput(name, message)
        }))
    }

    /// Meets the demand of a request.
    ///
    /// # Errors
    /// As [`Self::reach`].
    pub(super) async fn meet(&self, demand: &Demand) -> Result<(), ServerError> {
        let name = format!("extensions.{AT_LEAST}");
        match demand {
            Demand::Nothing => Ok(()),
            Demand::Cursor(cursor) => self.reach(&name, cursor).await,
            Demand::Malformed => {
                let message = "expected a cursor, as text".to_owned();
                Err(server(Error::BadInput(name, message)))
            }
        }
    }

    /// The view "now" for queries. For people it is the newest: they see what they have written, on every instance. For
    /// others it may be as old as the operator allows.
    pub(super) async fn now(&self, caller: &Caller) -> Result<(View, Seen), ServerError> {
        if let Some(newest) = self.newest_cached() {
            return Ok(newest);
        }
        if matches!(caller.viewer, Viewer::Identified(_)) {
            return self.newest_read().await;
        }
        let recent = self.store().recent(Moment::default());
        let seen = Box::pin(self.in_time(recent)).await?;
        Ok(self.view_of(seen.map_err(|error| server(error.into()))?))
    }

    /// The newest view.
    pub(super) async fn newest(&self) -> Result<(View, Seen), ServerError> {
        match self.newest_cached() {
            Some(newest) => Ok(newest),
            None => self.newest_read().await,
        }
    }

    async fn newest_read(&self) -> Result<(View, Seen), ServerError> {
        let seen_at = Instant::now();
        let head = Box::pin(self.in_time(self.store().newest())).await?;
        let head = head.map_err(|error| server(error.into()))?;
        Ok(self.view_of(SeenHead { head, seen_at }))
    }

    /// The newest view, if it takes no query. The futures of queries are boxed, so that a request has no space for them.
    fn newest_cached(&self) -> Option<(View, Seen)> {
        let seen_at = Instant::now();
        let head = self.store().newest_cached()?;
        Some(self.view_of(SeenHead { head, seen_at }))
    }

    fn view_of(&self, seen: SeenHead) -> (View, Seen) {
        let SeenHead { head, seen_at } = seen;
        let seen = Seen {
            moment: head.moment,
            at: seen_at,
        };
        (View::of(self.store(), head), seen)
    }

    /// The state of the log that is known after a mutation.
    pub(super) fn seen_by_writer(&self) -> Seen {
        Seen {
            moment: self.store().known(),
            at: Instant::now(),
        }
    }
}
