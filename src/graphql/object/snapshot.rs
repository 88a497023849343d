//! The profiles in a view other than "now": the object `Snapshot`, and the arguments that select its view.

use async_graphql::{Context, Object};
use cyberprofiles_graphql_macros::at_once;

use crate::engine::argument::read_option;
use crate::engine::context::{IdForm, RequestContext, View};
use crate::engine::error::Error;
use crate::engine::log_cursor::moment;
use crate::object::reads::Reads;
use domain::date::Date;
use domain::scalar::{Cursor, DateTime};
use domain::text::Raw;
use store::change::BySequence;
use store::moment::Moment;

/// The root fields for one view.
pub struct Snapshot {
    view: View,
}

/// The profiles (all countries with their records, treaties and sources) in one view. Two values determine a view:
/// - the moment (`cursor`, `knownAt`; left out: the end of the log): everything that was known by then, and nothing
///   later. Known means committed to the change log of this service, not published elsewhere;
/// - the as-of date (`asOf`; left out: today): the day in the world for which answers are computed.
///
/// Each can be chosen without the other, and an answer can depend on both. `at(asOf: "2010-01-01")` returns the world
/// of 2010, as it is known today. `at(knownAt: "2020-01-01T00:00:00Z")` returns today's world, from what was known at
/// the beginning of 2020. `Contribution.preview` is a snapshot that contains proposed changes, in addition to all that is
/// known now.
///
/// Every record that is read from a snapshot belongs to its view, and so does every record to which it leads. There are
/// three exceptions:
/// - a contribution is returned as it is now, with the records to which it leads; in a preview, what depends on those
///   records, such as `conflicts`, is that of the preview;
/// - a change and an entry of `history` lead to records in the view of their commit;
/// - `node` and `nodes` read an id that ends in `@<cursor>[,<asOf>]` in the view that it names.
///
/// Answers that depend on the as-of date, in addition to the moment:
/// - treaty status, and everything computed with it;
/// - the reservations and declarations on an implemented article;
/// - memberships, and the country that administers a territory;
/// - the effective status of policy documents, and the status of institutions;
/// - coverage, which is the latest assertion on each topic;
/// - the reasons why a record should be reviewed;
/// - the lists of policy documents and institutions, which leave out those that begin after the as-of date.
///
/// All else depends on the moment alone: names, texts, the lists of treaty events, the parents of institutions and of
/// treaties. For example, a snapshot of 2010 has the names that are known today.
#[at_once]
#[Object]
impl Snapshot {
    #[graphql(flatten)]
    async fn reads(&self) -> Reads {
        Reads { view: self.view }
    }

    /// The as-of date: the day (UTC) for which the answers are computed.
    async fn as_of(&self) -> Date {
        self.view.as_of
    }

    /// The moment: the position in the change log up to which this snapshot reads. It is always the end of a commit,
    /// that is, of a set of changes accepted together. `at` reads the same moment again with it; `changes` with it as
    /// `after` returns what changed since. For a preview: the end of the log on which it is based.
    async fn cursor(&self, ctx: &Context<'_>) -> Cursor {
        let store = ctx.store();
        Cursor(store.cursors().write(store.logged(self.view.moment)))
    }

    /// The instant of the last commit that this snapshot contains; null if it contains none. A preview contains no
    /// commit of its own.
    async fn known_at(&self, ctx: &Context<'_>) -> Option<Result<DateTime, Error>> {
        let key = BySequence(ctx.store().logged(self.view.moment).0);
        match ctx.loader().load_one(key).await {
            Ok(change) => change.map(|change| Ok(DateTime(change.committed_at))),
            Err(error) => Some(Err(error.into())),
        }
    }
}

impl Snapshot {
    /// The root fields for a view.
    pub fn new(view: View) -> Self {
        Self { view }
    }
}

/// The arguments that select a view, as they were given.
pub struct SnapshotArgs {
    /// The as-of date.
    pub as_of: Option<Raw<Date>>,
    /// The instant up to which commits are read.
    pub known_at: Option<Raw<DateTime>>,
    /// The cursor up to which commits are read.
    pub cursor: Option<Raw<Cursor>>,
}

impl SnapshotArgs {
    /// The snapshot of the selected view.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`
    pub async fn snapshot(self, ctx: &Context<'_>) -> Result<Snapshot, Error> {
        let now = ctx.view();
        let as_of = read_option("asOf", self.as_of.as_ref())?;
        let known_at = read_option("knownAt", self.known_at.as_ref())?;
        let known = match (known_at, self.cursor) {
            (Some(_), Some(_)) => {
                let message = "expected `knownAt` or `cursor`, not both";
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
                form: IdForm::MomentAndDay,
                ..now
            },
            (None, None) => now,
        };
        Ok(Snapshot::new(view))
    }
}

/// The moment of the last commit up to an instant, which must not lie in the future.
async fn known_by(ctx: &Context<'_>, instant: DateTime, newest: Moment) -> Result<Moment, Error> {
    if instant.0 > ctx.store().clock().now() {
        let message = "expected an instant that is not in the future, like \u{201c}2026-02-23T09:30:00Z\u{201d}";
        return Err(Error::bad("knownAt", message));
    }
    let last = ctx.store().last_change_by(instant.0).await?;
    Ok(last.unwrap_or_default().min(newest))
}
