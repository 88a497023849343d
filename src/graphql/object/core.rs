//! The fields that all records have.

use async_graphql::{Context, ID, Object};
use cyberprofiles_graphql_macros::pages;

use crate::engine::connection::Connection;
use crate::engine::context::{Asks, View};
use crate::engine::deferred::Deferred;
use crate::engine::error::Error;
use crate::engine::objects::Objects;
use crate::engine::page::Asked;
use crate::object::citation::{self, Citation};
use crate::object::revision::{self, Revision};
use crate::object::value::{Actor, Freshness, Retirement, StaleReason};
use domain::record::{RecordField, RecordId};
use domain::scalar::Instant;
use store::change::{BySequence, LastVerified};
use store::moment::Moment;
use store::record::Row;

/// What all records show.
pub struct Core {
    id: RecordId,
    since: i64,
    until: Option<i64>,
    version: i32,
    ended: Option<StaleReason>,
    /// From when the record is seen.
    pub view: View,
}

impl Core {
    /// What a row shows, seen from a view.
    pub fn of<R: Row>(row: &R, view: View) -> Self {
        Self {
            id: row.id().clone(),
            since: row.since(),
            until: row.until(),
            version: row.version(),
            ended: None,
            view,
        }
    }

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

#[pages]
#[Object]
impl Core {
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
    ) -> Result<Deferred<Objects<Citation>>, Error> {
        let rows = citation::of_record(ctx, &self.id, self.view).await?;
        Ok(Deferred(Citation::grouped(&rows, self.view, field)))
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
        asked: Asked,
    ) -> Result<Deferred<Connection<Revision>>, Error> {
        let page = revision::list(ctx, &self.id, asked, self.view).await?;
        Ok(Deferred(page))
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
                    core: crate::object::core::Core::of(&*row, view)$(.ended($ended(&row, view)))?,
                    row,
                }
            }
        }

        impl std::ops::Deref for $object {
            type Target = crate::object::core::Core;
            fn deref(&self) -> &Self::Target {
                &self.core
            }
        }
    };
}
pub(super) use object;
