//! The events that accompany a status: reservations, declarations and designations in force, and statuses that pages
//! printed.

use std::sync::{Arc, OnceLock};

use async_graphql::Context;
use futures_util::future::try_join;

use super::ParticipationData;
use super::naming::naming;
use crate::engine::context::RequestContext;
use crate::engine::error::Error;
use domain::text::TreatyReference;
use domain::treaty_event::TreatyEventKind;
use domain::treaty_status::{self, StatusInput};
use store::load::By;
use store::status_input::{Events, with_accompanying};
use store::treaty_event::{self, AccompanyingOfCountry};

/// The events that accompany a status, ordered by id. Each part is computed once, when it is first read.
#[derive(Default)]
pub struct Accompanying {
    reservations: OnceLock<Events>,
    declarations: OnceLock<Events>,
    designations: OnceLock<Events>,
    reported: OnceLock<Vec<Reported>>,
}

/// The country's status input under the parent treaty, whose reservations and declarations apply to a protocol too.
pub struct Parent {
    /// The acts that decide the status under the parent treaty.
    pub input: StatusInput,
    /// The parent treaty.
    pub treaty: TreatyReference,
}

/// A status that a page printed.
pub struct Reported {
    /// The words of the page.
    pub label: String,
    /// The event in which they are recorded.
    pub event: Arc<treaty_event::Model>,
    /// True if they agree with the status computed for the day of the page.
    pub agrees: bool,
}

impl ParticipationData {
    /// The reservations in force.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn reservations(&self, ctx: &Context<'_>) -> Result<&Events, Error> {
        let part = &self.accompanying.reservations;
        self.part(ctx, part, TreatyEventKind::Reservation).await
    }

    /// The declarations in force.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn declarations(&self, ctx: &Context<'_>) -> Result<&Events, Error> {
        let part = &self.accompanying.declarations;
        self.part(ctx, part, TreatyEventKind::Declaration).await
    }

    /// The designations of authorities that are valid.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn designations(&self, ctx: &Context<'_>) -> Result<&Events, Error> {
        let part = &self.accompanying.designations;
        let kind = TreatyEventKind::DesignationOfAuthority;
        self.part(ctx, part, kind).await
    }

    /// The statuses that pages printed.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn reported(&self, ctx: &Context<'_>) -> Result<&[Reported], Error> {
        if let Some(found) = self.accompanying.reported.get() {
            return Ok(found);
        }
        let mut events = self
            .accompanying_events(ctx, &self.treaty.reference)
            .await?;
        events.extend(self.events.iter().cloned());
        events.retain(|event| event.country == self.country.code);
        events.sort_by(|one, other| one.id.cmp(&other.id));
        events.dedup_by(|one, other| one.id == other.id);
        let reported = events.iter().filter_map(|event| self.report(event));
        Ok(self
            .accompanying
            .reported
            .get_or_init(|| reported.collect()))
    }

    /// The statements of one kind that are in force, those carried over from the parent treaty included.
    async fn part<'a>(
        &self,
        ctx: &Context<'_>,
        part: &'a OnceLock<Events>,
        kind: TreatyEventKind,
    ) -> Result<&'a Events, Error> {
        if let Some(found) = part.get() {
            return Ok(found);
        }
        let (as_of, known_on) = (self.view.as_of, self.view.known_on);
        let code = &self.country.code;
        let mut events = self
            .accompanying_events(ctx, &self.treaty.reference)
            .await?;
        let input = with_accompanying(&self.input, code, &events);
        let mut ids = if kind == TreatyEventKind::DesignationOfAuthority {
            treaty_status::designations(&input, as_of, known_on)
        } else {
            treaty_status::in_force(&input, kind, as_of, known_on)
        };
        if let Some(parent) = &self.parent
            && kind != TreatyEventKind::DesignationOfAuthority
        {
            let of_parent = self.accompanying_events(ctx, &parent.treaty).await?;
            let parent = with_accompanying(&parent.input, code, &of_parent);
            let carried = treaty_status::carried_over(&input, &parent, kind, as_of, known_on);
            ids.extend(carried);
            ids.sort_unstable();
            events.extend(of_parent);
        }
        events.extend(self.events.iter().cloned());
        let chosen = ids
            .iter()
            .filter_map(|id| events.iter().find(|event| event.id == *id).cloned());
        Ok(part.get_or_init(|| chosen.collect()))
    }

    /// The accompanying events under a treaty: the country's own, and those of other countries that name it as a
    /// territory.
    async fn accompanying_events(
        &self,
        ctx: &Context<'_>,
        treaty: &TreatyReference,
    ) -> Result<Events, Error> {
        let code = &self.country.code;
        let key = By::new(AccompanyingOfCountry, code.clone(), self.view.moment);
        let own = async {
            let found = ctx.loader().load_one(key).await?;
            Ok::<_, Error>(found.unwrap_or_default())
        };
        let (own, naming) = try_join(own, naming(ctx, code, self.view)).await?;
        let naming = naming
            .iter()
            .filter(|event| event.kind.accompanies_status());
        let under = |event: &&Arc<treaty_event::Model>| event.treaty == *treaty;
        Ok(own.iter().chain(naming).filter(under).cloned().collect())
    }

    fn report(&self, event: &Arc<treaty_event::Model>) -> Option<Reported> {
        let label = event.reported_label.clone()?;
        let day = event.date.and_then(|date| date.latest());
        let day = day.unwrap_or(self.view.as_of);
        if day > self.view.as_of {
            return None;
        }
        let standing = treaty_status::status(&self.input, day, self.view.known_on);
        Some(Reported {
            agrees: standing.status.agrees_with(&label),
            label,
            event: Arc::clone(event),
        })
    }
}
