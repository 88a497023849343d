//! The request context for resolvers, and the view from which objects are read.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::Context;

use crate::engine::caller::Caller;
use crate::engine::error::Error;
use crate::engine::limits::Limits;
use crate::engine::loader::RequestLoader;
use crate::engine::quota::Quotas;
use crate::engine::search_index::SearchIndex;
use domain::date::Date;
use domain::record::RecordId;
use domain::viewer::Viewer;
use store::change::BySequence;
use store::moment::{At, Moment};
use store::{Head, Store};

/// A moment and an as-of date. Every object carries the view from which it was read and passes it on, so that one
/// answer never mixes two views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// The moment: everything known by then, nothing later.
    pub moment: Moment,
    /// The as-of date: the day in the world for which answers are computed.
    pub as_of: Date,
    /// The day of the commit with which the moment ends. An act without a date happened on that day or before.
    pub known_on: Date,
    /// The part of the view that ids contain.
    pub form: IdForm,
}

/// The part of its view that the id of an object contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdForm {
    /// Nothing: the object is read from the view "now".
    Plain,
    /// The moment. The as-of date is today.
    Moment,
    /// The moment and the as-of date.
    MomentAndDay,
}

impl View {
    /// The view "now": the newest moment, today.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL` if the log cannot be read.
    pub async fn now(store: &Store) -> Result<Self, Error> {
        Ok(Self::of(store, store.newest().await?))
    }

    /// The view of today at the end of the log, `head`.
    pub fn of(store: &Store, head: Head) -> Self {
        Self {
            moment: head.moment,
            as_of: store.clock().today(),
            known_on: head.committed_at.map_or(Date::FIRST, Date::of),
            form: IdForm::Plain,
        }
    }

    /// The view of a past moment, on `as_of` or else today. A moment inside a commit becomes the end of that commit:
    /// no view contains half of one.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL` if the log cannot be read.
    pub async fn past(
        ctx: &Context<'_>,
        moment: Moment,
        as_of: Option<Date>,
    ) -> Result<Self, Error> {
        let change = ctx.loader().load_one(BySequence(moment.0)).await?;
        let known_on = change
            .as_ref()
            .map_or(Date::FIRST, |change| Date::of(change.committed_at));
        Ok(Self {
            moment: change.map_or(moment, |change| change.commit()),
            known_on,
            as_of: as_of.unwrap_or_else(|| ctx.store().clock().today()),
            form: if as_of.is_some() {
                IdForm::MomentAndDay
            } else {
                IdForm::Moment
            },
        })
    }

    /// The moment and the as-of date, as the store takes them.
    pub fn at(self) -> At {
        At {
            moment: self.moment,
            as_of: self.as_of,
        }
    }

    /// The id of a record in this view. Client caches merge objects with equal ids, so the id contains the moment or
    /// the as-of date unless the view is "now".
    pub fn id(&self, store: &Store, record: &RecordId) -> String {
        let cursor = || store.cursors().write(self.moment);
        match self.form {
            IdForm::Plain => record.to_string(),
            IdForm::Moment => format!("{record}@{}", cursor()),
            IdForm::MomentAndDay => format!("{record}@{},{}", cursor(), self.as_of),
        }
    }
}

/// The request context: what every resolver can read. Each value is data of the request or of the schema.
pub trait RequestContext {
    /// The store.
    fn store(&self) -> &Store;
    /// The loader of values by key.
    fn loader(&self) -> &RequestLoader;
    /// The viewer. Reading it marks the answer as personal: no cache shares it.
    fn viewer(&self) -> &Viewer;
    /// The view of the request: the newest moment when it began, and the date of today.
    fn view(&self) -> View;
    /// The network address of the client, if known. Reading it marks the answer as personal, too.
    fn address(&self) -> Option<IpAddr>;
    /// The limits of this service.
    fn limits(&self) -> &Limits;
    /// The rate limits of persons and addresses.
    fn quotas(&self) -> &Quotas;
    /// The search index.
    fn search_index(&self) -> &SearchIndex;
}

/// The caller. Nothing else reads it, so that every answer that depends on it is marked as personal.
fn caller<'a>(ctx: &'a Context<'_>) -> Option<&'a Caller> {
    ctx.loader().personal().note();
    ctx.data_opt::<Caller>()
}

impl RequestContext for Context<'_> {
    fn store(&self) -> &Store {
        self.loader().store()
    }
    fn loader(&self) -> &RequestLoader {
        self.data_unchecked()
    }
    fn viewer(&self) -> &Viewer {
        caller(self).map_or(&Viewer::Anonymous, |caller| &caller.viewer)
    }
    fn view(&self) -> View {
        *self.data_unchecked()
    }
    fn address(&self) -> Option<IpAddr> {
        caller(self).and_then(|caller| caller.address)
    }
    fn limits(&self) -> &Limits {
        self.data_unchecked()
    }
    fn quotas(&self) -> &Quotas {
        self.data_unchecked::<Arc<Quotas>>()
    }
    fn search_index(&self) -> &SearchIndex {
        self.data_unchecked::<Arc<SearchIndex>>()
    }
}
