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
    /// The events under the treaty. A statement that has ended is left out, unless it reports a printed label.
    under_treaty: OnceLock<Events>,
    /// The events under the parent treaty, chosen in the same way.
    under_parent: OnceLock<Events>,
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
        let is_own = |event: &&Arc<treaty_event::Model>| event.country == self.country.code;
        let all = self.under_treaty(ctx).await?.iter().chain(&self.events);
        let mut events: Vec<_> = all.filter(is_own).collect();
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
        let own = self.under_treaty(ctx).await?;
        let mut of_parent: &[Arc<treaty_event::Model>] = &[];
        let input = with_accompanying(&self.input, code, own);
        let mut ids = if kind == TreatyEventKind::DesignationOfAuthority {
            treaty_status::designations(&input, as_of, known_on)
        } else {
            treaty_status::in_force(&input, kind, as_of, known_on)
        };
        if let Some(parent) = &self.parent
            && kind != TreatyEventKind::DesignationOfAuthority
        {
            let cache = &self.accompanying.under_parent;
            of_parent = self.accompanying_events(ctx, cache, &parent.treaty).await?;
            let parent = with_accompanying(&parent.input, code, of_parent);
            let carried = treaty_status::carried_over(&input, &parent, kind, as_of, known_on);
            ids.extend(carried);
            ids.sort_unstable();
        }
        let chosen = ids.iter().filter_map(|id| {
            let mut events = own.iter().chain(of_parent).chain(&self.events);
            events.find(|event| event.id == *id).cloned()
        });
        Ok(part.get_or_init(|| chosen.collect()))
    }

    async fn under_treaty(&self, ctx: &Context<'_>) -> Result<&Events, Error> {
        let cache = &self.accompanying.under_treaty;
        self.accompanying_events(ctx, cache, &self.treaty.reference)
            .await
    }

    /// The accompanying events under a treaty: the country's own, and those of other countries that name it as a
    /// territory. Ended statements are left out, unless they report a printed label, so that a long history costs little.
    async fn accompanying_events<'a>(
        &self,
        ctx: &Context<'_>,
        cache: &'a OnceLock<Events>,
        treaty: &TreatyReference,
    ) -> Result<&'a Events, Error> {
        if let Some(found) = cache.get() {
            return Ok(found);
        }
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
        let is_meant = |event: &&Arc<treaty_event::Model>| {
            let has_ended = || {
                let as_of = self.view.as_of;
                treaty_status::statement_has_ended(event.kind, event.ends_on, as_of)
            };
            event.treaty == *treaty && (event.reported_label.is_some() || !has_ended())
        };
        let events = own.iter().chain(naming).filter(is_meant).cloned();
        Ok(cache.get_or_init(|| events.collect()))
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
