//! What stands beside where a country stands: the reservations, declarations and designations that hold, and what
//! pages printed.

use std::sync::{Arc, OnceLock};

use async_graphql::Context;

use super::Stands;
use crate::domain::record::RecordId;
use crate::domain::treaty_event::TreatyEventKind;
use crate::domain::treaty_status::{self, Case};
use crate::graphql::context::Asks;
use crate::graphql::error::Error;
use crate::store::case::{Events, with_beside};
use crate::store::load::By;
use crate::store::treaty_event::{self, BesideOfCountry};

/// What stands beside where a country stands, by id: each part is worked out once, where it is asked for.
#[derive(Default)]
pub struct Beside {
    reservations: OnceLock<Events>,
    declarations: OnceLock<Events>,
    designations: OnceLock<Events>,
    reported: OnceLock<Vec<Reported>>,
}

/// What a page printed as the status.
pub struct Reported {
    /// Its words.
    pub label: String,
    /// The event that keeps them.
    pub event: Arc<treaty_event::Model>,
    /// Whether they agree with what is computed for the day of the page.
    pub agrees: bool,
}

impl Stands {
    /// The reservations in force.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn reservations(&self, ctx: &Context<'_>) -> Result<&Events, Error> {
        let part = &self.beside.reservations;
        let in_force = |case: &Case| self.in_force(case, TreatyEventKind::Reservation);
        self.part(ctx, part, in_force).await
    }

    /// The declarations in force.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn declarations(&self, ctx: &Context<'_>) -> Result<&Events, Error> {
        let part = &self.beside.declarations;
        let in_force = |case: &Case| self.in_force(case, TreatyEventKind::Declaration);
        self.part(ctx, part, in_force).await
    }

    /// The designations of authorities that hold.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn designations(&self, ctx: &Context<'_>) -> Result<&Events, Error> {
        let part = &self.beside.designations;
        let hold =
            |case: &Case| treaty_status::designations(case, self.view.as_of, self.view.known_on);
        self.part(ctx, part, hold).await
    }

    /// What pages printed.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn reported(&self, ctx: &Context<'_>) -> Result<&[Reported], Error> {
        if let Some(found) = self.beside.reported.get() {
            return Ok(found);
        }
        let mut events = self.events_beside(ctx).await?;
        let own = |event: &&Arc<treaty_event::Model>| event.country == self.country.code;
        events.extend(self.events.iter().filter(own).cloned());
        events.sort_by(|one, other| one.id.cmp(&other.id));
        let reported = events.iter().filter_map(|event| self.report(event));
        Ok(self.beside.reported.get_or_init(|| reported.collect()))
    }

    fn in_force(&self, case: &Case, kind: TreatyEventKind) -> Vec<RecordId> {
        treaty_status::in_force(case, kind, self.view.as_of, self.view.known_on)
    }

    /// The events that are chosen of the whole case.
    async fn part<'a>(
        &self,
        ctx: &Context<'_>,
        part: &'a OnceLock<Events>,
        choose: impl Fn(&Case) -> Vec<RecordId>,
    ) -> Result<&'a Events, Error> {
        if let Some(found) = part.get() {
            return Ok(found);
        }
        let mut events = self.events_beside(ctx).await?;
        let ids = choose(&with_beside(&self.case, &events));
        events.extend(self.events.iter().cloned());
        let chosen = ids
            .iter()
            .filter_map(|id| events.iter().find(|event| event.id == *id).cloned());
        Ok(part.get_or_init(|| chosen.collect()))
    }

    /// The events of the country under the treaty that stand beside where it stands.
    async fn events_beside(&self, ctx: &Context<'_>) -> Result<Events, Error> {
        let country = self.country.code.clone();
        let key = By::new(BesideOfCountry, country, self.view.moment);
        let events = ctx.loader().load_one(key).await?.unwrap_or_default();
        let under = |event: &&Arc<treaty_event::Model>| event.treaty == self.treaty.reference;
        Ok(events.iter().filter(under).cloned().collect())
    }

    fn report(&self, event: &Arc<treaty_event::Model>) -> Option<Reported> {
        let label = event.reported_label.clone()?;
        let day = event.date.and_then(|date| date.latest());
        let day = day.unwrap_or(self.view.as_of);
        if day > self.view.as_of {
            return None;
        }
        let standing = treaty_status::status(&self.case, day, self.view.known_on);
        Some(Reported {
            agrees: standing.status.agrees_with(&label),
            label,
            event: Arc::clone(event),
        })
    }
}
