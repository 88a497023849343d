//! What every resolver can ask for, and the view from which objects are seen.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::Context;

use crate::engine::caller::Caller;
use crate::engine::error::Error;
use crate::engine::limits::Limits;
use crate::engine::loads::Loads;
use crate::engine::quota::Quotas;
use domain::date::Day;
use domain::record::RecordId;
use domain::viewer::Viewer;
use store::change::BySequence;
use store::moment::{At, Moment};
use store::{Head, Store};

/// From when an object is seen: what was known at a moment, about the world as it was on a day. An
/// object hands its view to what it returns, so one answer never mixes two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// What was known.
    pub moment: Moment,
    /// The day the world is looked at.
    pub as_of: Day,
    /// The day of the commit that the moment is the end of: an act without a date was no later.
    pub known_on: Day,
    /// How ids tell the view.
    pub form: Form,
}

/// How much of its view an id tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Nothing: the object is seen as things are now.
    Plain,
    /// The moment; the day is today.
    Moment,
    /// The moment and the day.
    MomentAndDay,
}

impl View {
    /// Things as they are now: at the newest moment, today.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn now(store: &Store) -> Result<Self, Error> {
        Ok(Self::of(store, store.newest().await?))
    }

    /// Things as they are today, as known at the end of a log.
    pub fn of(store: &Store, head: Head) -> Self {
        Self {
            moment: head.moment,
            as_of: store.clock().today(),
            known_on: head.committed_at.map_or(Day::FIRST, Day::of),
            form: Form::Plain,
        }
    }

    /// Things as they were known at a moment, on a day or today. A moment inside a commit is that of its
    /// end: nobody sees half of one.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn past(
        ctx: &Context<'_>,
        moment: Moment,
        as_of: Option<Day>,
    ) -> Result<Self, Error> {
        let change = ctx.loader().load_one(BySequence(moment.0)).await?;
        let known_on = change
            .as_ref()
            .map_or(Day::FIRST, |change| Day::of(change.committed_at));
        Ok(Self {
            moment: change.map_or(moment, |change| change.commit()),
            known_on,
            as_of: as_of.unwrap_or_else(|| ctx.store().clock().today()),
            form: if as_of.is_some() {
                Form::MomentAndDay
            } else {
                Form::Moment
            },
        })
    }

    /// The moment and the day.
    pub fn at(self) -> At {
        At {
            moment: self.moment,
            as_of: self.as_of,
        }
    }

    /// The id of a record seen from here: caches of clients merge objects of equal id, so that of
    /// another moment differs.
    pub fn id(&self, store: &Store, record: &RecordId) -> String {
        let cursor = || store.cursors().write(self.moment);
        match self.form {
            Form::Plain => record.to_string(),
            Form::Moment => format!("{record}@{}", cursor()),
            Form::MomentAndDay => format!("{record}@{},{}", cursor(), self.as_of),
        }
    }
}

/// What every resolver can ask for. It is put there with each request.
pub trait Asks {
    /// The one reader and writer.
    fn store(&self) -> &Store;
    /// Loads what is found by keys.
    fn loader(&self) -> &Loads;
    /// Who asks. An answer for which this is read is kept for nobody else.
    fn viewer(&self) -> &Viewer;
    /// The moment at which the request began.
    fn view(&self) -> View;
    /// From where they ask, where that is known: the answer is theirs alone, too.
    fn address(&self) -> Option<IpAddr>;
    /// How much may be asked.
    fn limits(&self) -> &Limits;
    /// How much may be sent.
    fn quotas(&self) -> &Quotas;
}

/// Who asks: nothing else reads that, so that no answer is theirs without being noted.
fn caller<'a>(ctx: &'a Context<'_>) -> Option<&'a Caller> {
    ctx.loader().personal().note();
    ctx.data_opt::<Caller>()
}

impl Asks for Context<'_> {
    fn store(&self) -> &Store {
        self.loader().store()
    }
    fn loader(&self) -> &Loads {
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
}
