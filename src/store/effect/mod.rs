//! Effects: writes to the log the answers that change because a day arrives.
//! Each effect is written once, whichever instance runs, and also for days on which none was running.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::{BoxFuture, FutureExt};

use super::change::BySequence;
use super::draft::{Plan, Planned};
use super::error::Error;
use super::moment::Moment;
use super::{Store, head};
use domain::change::Operation;
use domain::date::Date;
use domain::viewer::Actor;

mod due;
mod records;
mod reviews;
mod statuses;

use due::{DueEffect, once};

/// The most effects in one commit.
const EFFECTS_PER_COMMIT: usize = 1_000;

impl Store {
    /// Writes the effects that are due, and repeats this after each `tick`. Never returns.
    pub async fn write_effects_daily(&self, tick: Duration) {
        loop {
            match self.write_effects().await {
                Ok(0) => {}
                Ok(written) => tracing::info!(written, "wrote effects to the change log"),
                Err(error) => tracing::warn!(%error, "could not write the effects that are due"),
            }
            tokio::time::sleep(tick).await;
        }
    }

    /// Writes the effects due until today that are not in the log yet. Returns their number.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub fn write_effects(&self) -> BoxFuture<'_, Result<usize, Error>> {
        async move {
            let today = self.clock().today();
            let store = self.of_primary();
            let seen = head::read(store.reader()).await?;
            let Some(days) = store.unwritten(&seen, today).await? else {
                return Ok(0);
            };
            let found = store.effects(Moment(seen.sequence), days).await?;
            let tx = self.begin_alone().await?;
            let now = tx.head().await?;
            let found =
                if (now.sequence, now.effects_through) == (seen.sequence, seen.effects_through) {
                    found
                } else {
                    let Some(days) = store.unwritten(&now, today).await? else {
                        return Ok(0);
                    };
                    store.effects(Moment(now.sequence), days).await?
                };
            let written = found.len();
            for of_day in found.chunk_by(|one, other| one.effect.on == other.effect.on) {
                for some in of_day.chunks(EFFECTS_PER_COMMIT) {
                    let plan = Plan {
                        changes: some.iter().cloned().map(Planned::from).collect(),
                        ..Plan::default()
                    };
                    let at = self.clock().now();
                    plan.carry_out(&tx, &Actor::system(), None, at).await?;
                }
            }
            head::written_through(&tx, today).await?;
            tx.commit().await?;
            Ok(written)
        }
        .boxed()
    }

    /// The range of days whose effects are not in the log yet: after the first day, until the second, `today`.
    /// `None` if no day is left, or the log is empty.
    async fn unwritten(
        &self,
        head: &head::Model,
        today: Date,
    ) -> Result<Option<(Date, Date)>, Error> {
        let after = match head.effects_through {
            Some(day) => Some(day),
            None => self.first_day().await?,
        };
        Ok(after.filter(|after| *after < today).map(|day| (day, today)))
    }

    /// The day of the first change in the log.
    async fn first_day(&self) -> Result<Option<Date>, Error> {
        let first = self.load(&[BySequence(1)]).await?.into_values().next();
        Ok(first.map(|change| Date::of(change.committed_at)))
    }

    /// Computes the effects in `(after, until]` at a moment, sorted by day, one for each record, kind and day.
    /// Contains only effects that were already predictable when their day began, and that are still true.
    async fn effects(&self, moment: Moment, days: (Date, Date)) -> Result<Vec<DueEffect>, Error> {
        let mut found = self.due(moment, days).await?;
        let on: BTreeSet<Date> = found.iter().map(|due| due.effect.on).collect();
        for on in on {
            let midnight = on.begins() - TimeDelta::microseconds(1);
            let known = self.last_change_by(midnight).await?.unwrap_or_default();
            if known < moment {
                let expected = self.due(known, (on.previous(), on)).await?;
                found.retain(|due| {
                    due.effect.on != on || expected.iter().any(|one| one.is_same_transition(due))
                });
            }
        }
        Ok(once(found))
    }
}

impl From<DueEffect> for Planned {
    fn from(due: DueEffect) -> Self {
        Self {
            effect: Some(due.effect),
            ..Self::line(Operation::Effect, due.record, due.countries)
        }
    }
}
