//! The published profiles as they were at another moment, about the world as it was on another day.

use async_graphql::{Context, Object};

use crate::engine::argument::read_option;
use crate::engine::context::{Asks, Form, View};
use crate::engine::error::Error;
use crate::engine::log_cursor::moment;
use crate::object::reads::Reads;
use domain::date::Day;
use domain::scalar::{Cursor, Instant};
use domain::text::Raw;
use store::change::BySequence;
use store::moment::Moment;

/// The published profiles as they were at `cursor` in this database, about the world as it was on
/// `asOf`.
pub struct Snapshot {
    view: View,
}

/// The published profiles as they were known at `cursor`, about the world as it was on `asOf`.
///
/// What depends on `asOf`: treaty status and all that follows from it, memberships, which country
/// administers a territory, the effective status of documents, the status of institutions, coverage (the latest assertion on each topic), the reasons why a
/// record is stale, and which documents and institutions have begun. Names, parents, texts and the lists of
/// events do not: they are as known. Contributions are always seen as they are now.
#[Object]
impl Snapshot {
    #[graphql(flatten)]
    async fn reads(&self) -> Reads {
        Reads { view: self.view }
    }

    /// The day on which the world is looked at. Days are UTC.
    async fn as_of(&self) -> Day {
        self.view.as_of
    }

    /// Where the log ends, as this snapshot knows it: always the end of a commit.
    async fn cursor(&self, ctx: &Context<'_>) -> Cursor {
        Cursor(ctx.store().cursors().write(self.view.moment))
    }

    /// When the last change was committed that this snapshot knows of; null before the first.
    async fn known_at(&self, ctx: &Context<'_>) -> Option<Result<Instant, Error>> {
        let key = BySequence(self.view.moment.0);
        match ctx.loader().load_one(key).await {
            Ok(change) => change.map(|change| Ok(Instant(change.committed_at))),
            Err(error) => Some(Err(error.into())),
        }
    }
}

/// When and from when to look, as it was asked.
pub struct Asked {
    /// The day on which the world is looked at.
    pub as_of: Option<Raw<Day>>,
    /// The instant at which it was known.
    pub known_at: Option<Raw<Instant>>,
    /// The place in the log up to which it was known.
    pub cursor: Option<Raw<Cursor>>,
}

impl Asked {
    /// The profiles from there.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`
    pub async fn snapshot(self, ctx: &Context<'_>) -> Result<Snapshot, Error> {
        let now = ctx.view();
        let as_of = read_option("asOf", self.as_of.as_ref())?;
        let known_at = read_option("knownAt", self.known_at.as_ref())?;
        let known = match (known_at, self.cursor) {
            (Some(_), Some(_)) => {
                let message = "ask for `knownAt` or for `cursor`, not for both";
                return Err(Error::bad("knownAt", message));
            }
            (Some(instant), None) => Some(known_by(ctx, instant, now.moment).await?),
            (None, Some(cursor)) => Some(moment(ctx, "cursor", cursor.text(), now.moment).await?),
            (None, None) => None,
        };
        let view = match (known, as_of) {
            (Some(known), as_of) => View::past(ctx, known, as_of).await?,
            (None, Some(as_of)) => View {
                as_of,
                form: Form::MomentAndDay,
                ..now
            },
            (None, None) => now,
        };
        Ok(Snapshot { view })
    }
}

/// The moment after the last commit by an instant, which must not lie in the future.
async fn known_by(ctx: &Context<'_>, instant: Instant, newest: Moment) -> Result<Moment, Error> {
    if instant.0 > ctx.store().clock().now() {
        let message = "expected an instant that has passed: nothing is known in the future";
        return Err(Error::bad("knownAt", message));
    }
    let last = ctx.store().last_change_by(instant.0).await?;
    Ok(last.unwrap_or_default().min(newest))
}
