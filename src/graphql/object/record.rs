//! What all records show, and finding one by its id.

use std::borrow::Cow;
use std::marker::PhantomData;

use async_graphql::{Context, ID, Interface, Object, TypeName};
use futures_util::future::{join_all, try_join_all};

use crate::engine::context::{Asks, View};
use crate::engine::error::Error;
use crate::engine::in_place::{InPlace, concrete};
use crate::engine::objects::Objects;
use crate::engine::page::{Asked, Connection};
use crate::object::change::Change;
use crate::object::citation::{self, Citation};
use crate::object::contribution::{self, Contribution};
use crate::object::revision::{self, Revision};
use crate::object::value::{Actor, Freshness, Retirement, StaleReason};
use domain::language::Wanted;
use domain::record::{Kind, RecordField, RecordId, nouns};
use domain::scalar::Instant;
use domain::text::Raw;
use store::change::{BySequence, LastVerified};
use store::load::ById;
use store::moment::{Moment, NoCursor};
use store::record::Row;

macro_rules! interfaces {
    ([] $( $(#[$doc:meta])* $noun:ident $module:ident { $($inputs:tt)* } )+) => {
        /// Anything with an id that is the same for ever.
        #[derive(Interface)]
        #[graphql(field(
            name = "id",
            ty = "ID",
            desc = "Names the object. Give it to `node` to see it again."
        ))]
        pub enum Node {
            $( $(#[$doc])* $noun(super::$module::$noun), )+
            /// A contribution.
            Contribution(Contribution),
            /// A change.
            Change(Change),
        }

        /// A versioned fact. `id` of a past state ends in `@<cursor>[,<asOf>]`, so that caches of clients
        /// never mix two moments; `recordId` is the same for ever.
        ///
        /// A mirror keeps what a change of the record itself changes. A field that leads to another record
        /// shows that record as it is: a mirror keeps its `recordId`. Some fields are derived from other
        /// records, and change without a change of this one: their descriptions end in "Derived from other
        /// records: a mirror leaves it out."; `label` is one of them for some nouns.
        #[derive(Interface)]
        #[graphql(
            field(
                name = "id",
                ty = "ID",
                desc = "Names the record as seen from this view."
            ),
            field(
                name = "record_id",
                ty = "async_graphql::ID",
                desc = "Names the record, whenever it is seen."
            ),
            field(
                name = "version",
                ty = "i32",
                desc = "Which version it is, counted from 1."
            ),
            field(
                name = "updated_at",
                ty = "Instant",
                desc = "When this version was committed."
            ),
            field(
                name = "label",
                ty = "String",
                desc = "What to call it in a list; never empty.",
                arg(
                    name = "language",
                    ty = "Option<Vec<Raw<Wanted>>>",
                    desc = "Wanted languages, best first."
                )
            ),
            field(
                name = "citations",
                ty = "Objects<Citation>",
                desc = "Where its values come from, in the order in which citations came. Bounded: tens.",
                arg(
                    name = "field",
                    ty = "Option<RecordField>",
                    desc = "Only those that support this field."
                )
            ),
            field(
                name = "freshness",
                ty = "Freshness",
                desc = "When it was last edited and last verified. Derived from other records: a mirror leaves it out."
            ),
            field(
                name = "history",
                ty = "Connection<Revision>",
                desc = "What each change of it did, oldest first, as far as the view knows.",
                arg(name = "first", ty = "Option<i32>", desc = "The first so many: 1 to 100, 25 if left out, or as `serviceConfig` says."),
                arg(name = "after", ty = "Option<String>", desc = "Those after the edge with this cursor."),
                arg(name = "last", ty = "Option<i32>", desc = "The last so many: 1 to 100, or as `serviceConfig` says."),
                arg(name = "before", ty = "Option<String>", desc = "Those before the edge with this cursor.")
            ),
            field(
                name = "retired",
                ty = "Option<Result<Retirement, Error>>",
                desc = "Why it left the lists; null while it is in them."
            )
        )]
        pub enum Record {
            $( $(#[$doc])* $noun(super::$module::$noun), )+
        }

        concrete!(Node: $( $noun, )+ Contribution, Change);
        concrete!(Record: $( $noun ),+);

        impl Record {
            /// The record as it was last written, seen from a view.
            ///
            /// # Errors
            /// `UNAVAILABLE`, `INTERNAL`
            pub async fn find(
                ctx: &Context<'_>,
                id: RecordId,
                view: View,
            ) -> Result<Option<Self>, Error> {
                Ok(match id.kind() {
                    $(
                        Kind::$noun => {
                            let key = ById::<store::$module::Entity>::new(id, view.moment);
                            let row = ctx.loader().load_one(key).await?;
                            row.map(|row| super::$module::$noun::new(row, view).into())
                        }
                    )+
                })
            }
        }

        impl From<Record> for Node {
            fn from(record: Record) -> Self {
                match record {
                    $( Record::$noun(record) => record.into(), )+
                }
            }
        }
    };
}
nouns!(interfaces);

/// What all records show. One type for each noun, because the schema copies its fields into the noun's
/// object: sources have citations, which have sources.
pub struct Core<N> {
    id: RecordId,
    since: i64,
    until: Option<i64>,
    version: i32,
    ended: Option<StaleReason>,
    /// From when the record is seen.
    pub view: View,
    noun: PhantomData<fn() -> N>,
}

impl<N> TypeName for Core<N> {
    fn type_name() -> Cow<'static, str> {
        let noun = std::any::type_name::<N>()
            .rsplit("::")
            .next()
            .unwrap_or_default();
        format!("RecordOf{noun}").into()
    }
}

impl<N> Core<N> {
    /// What a row shows, seen from a view.
    pub fn of<R: Row>(row: &R, view: View) -> Self {
        Self {
            id: row.id().clone(),
            since: row.since(),
            until: row.until(),
            version: row.version(),
            ended: None,
            view,
            noun: PhantomData,
        }
    }
}

impl<N> Core<N> {
    /// The same, of something that has ended.
    pub fn ended(mut self, reason: Option<StaleReason>) -> Self {
        self.ended = reason;
        self
    }

    async fn edited_at(&self, ctx: &Context<'_>) -> Result<Instant, Error> {
        let change = ctx.loader().load_one(BySequence(self.since)).await?;
        change
            .map(|change| Instant(change.committed_at))
            .ok_or_else(|| Error::missing("the change of a row"))
    }
}

#[Object(name_type)]
impl<N> Core<N> {
    /// Names the record as seen from this view. That of a past state ends in `@<cursor>[,<asOf>]`.
    pub async fn id(&self, ctx: &Context<'_>) -> ID {
        self.view.id(ctx.store(), &self.id).into()
    }

    /// Names the record, whenever it is seen: the noun, a colon and a readable key.
    pub async fn record_id(&self) -> ID {
        self.id.to_string().into()
    }

    /// Which version it is, counted from 1.
    pub async fn version(&self) -> i32 {
        self.version
    }

    /// When this version was committed.
    pub async fn updated_at(&self, ctx: &Context<'_>) -> Result<Instant, Error> {
        self.edited_at(ctx).await
    }

    /// Where its values come from, in the order in which citations came. Bounded: tens.
    pub async fn citations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that support this field.")] field: Option<RecordField>,
    ) -> Result<Objects<Citation>, Error> {
        let rows = citation::of_record(ctx, &self.id, self.view).await?;
        Ok(Citation::grouped(&rows, self.view, field))
    }

    /// When it was last edited and last verified.
    /// Derived from other records: a mirror leaves it out.
    pub async fn freshness(&self, ctx: &Context<'_>) -> Result<Freshness, Error> {
        let edited_at = self.edited_at(ctx).await?;
        let verified = LastVerified {
            record: self.id.clone(),
            moment: self.view.moment,
        };
        let verified = ctx.loader().load_one(verified).await?;
        Ok(Freshness {
            edited_at,
            verified_on: verified.as_ref().and_then(|change| change.verified_on),
            verified_by: verified.map(|change| Actor(change.actor())),
            source_changed_on: citation::newest_source(ctx, &self.id, self.view).await?,
            as_of: self.view.as_of,
            ended: self.ended,
        })
    }

    /// What each change of it did, oldest first, as far as the view knows.
    pub async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The first so many: 1 to 100, 25 if left out, or as `serviceConfig` says."
        )]
        first: Option<i32>,
        #[graphql(desc = "Those after the edge with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many: 1 to 100, or as `serviceConfig` says.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Those before the edge with this cursor.")] before: Option<String>,
    ) -> Result<Connection<Revision>, Error> {
        let asked = Asked {
            first,
            after,
            last,
            before,
        };
        revision::list(ctx, &self.id, asked, self.view).await
    }

    /// Why it left the lists; null while it is in them.
    pub async fn retired(&self, ctx: &Context<'_>) -> Option<Result<Retirement, Error>> {
        let until = self
            .until
            .filter(|until| Moment(*until) <= self.view.moment)?;
        let change = match ctx.loader().load_one(BySequence(until)).await {
            Ok(change) => change?,
            Err(error) => return Some(Err(error.into())),
        };
        Some(Ok(Retirement {
            at: Instant(change.committed_at),
            reason: change.reason.clone().unwrap_or_default(),
        }))
    }
}

/// Makes the object of a noun: a row, and what all records show of it; of some, that it has ended.
macro_rules! object {
    ($object:ident, $noun:ident $(, $ended:path)?) => {
        impl $object {
            /// The row, seen from a view.
            pub fn new(
                row: std::sync::Arc<store::$noun::Model>,
                view: crate::engine::context::View,
            ) -> Self {
                Self {
                    core: crate::object::record::Core::of(&*row, view)$(.ended($ended(&row, view)))?,
                    row,
                }
            }
        }

        impl std::ops::Deref for $object {
            type Target = crate::object::record::Core<Self>;
            fn deref(&self) -> &Self::Target {
                &self.core
            }
        }
    };
}
pub(super) use object;

/// The object with an id, seen from a view unless the id names another.
///
/// # Errors
/// `BAD_USER_INPUT` for an id that nothing could have.
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
                "expected a sequence number after \u{201c}Change:\u{201d}",
            )
        })?;
        let found = Change::find(ctx, sequence, view).await?;
        return Ok(found.map(Into::into));
    }
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
    let found = Record::find(ctx, record, view).await?;
    Ok(found.map(Into::into))
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

/// The objects with these ids, in their order; null where there is none, and an error of its own for each that is
/// malformed.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn nodes(
    ctx: &Context<'_>,
    ids: &[ID],
    view: View,
) -> Result<Objects<Option<Result<InPlace<Node>, Error>>>, Error> {
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
            found => Ok(found.transpose().map(|found| found.map(InPlace))),
        })
        .collect()
}

/// The records with these ids, all of which exist.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn records(
    ctx: &Context<'_>,
    ids: Vec<RecordId>,
    view: View,
) -> Result<Vec<Record>, Error> {
    let found = try_join_all(ids.into_iter().map(|id| Record::find(ctx, id, view))).await?;
    Ok(found.into_iter().flatten().collect())
}
