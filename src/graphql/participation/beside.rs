//! What stands beside where a country stands: the reservations, declarations and designations that hold, and what
//! pages printed.

use std::sync::Arc;

use async_graphql::Context;

use super::Stands;
use crate::domain::record::RecordId;
use crate::domain::treaty_event::TreatyEventKind;
use crate::domain::treaty_status;
use crate::graphql::context::{Asks, View};
use crate::graphql::error::Error;
use crate::store::case::{Events, with_beside};
use crate::store::load::By;
use crate::store::treaty_event::{self, BesideOfCountry};

/// What stands beside where a country stands, each by id.
pub struct Beside {
    pub reservations: Events,
    pub declarations: Events,
    pub designations: Events,
    pub reported: Vec<Reported>,
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

impl Beside {
    /// What stands beside where a country stands.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn of(ctx: &Context<'_>, stands: &Stands) -> Result<Self, Error> {
        let View {
            as_of,
            known_on,
            moment,
            ..
        } = stands.view;
        let key = By::new(BesideOfCountry, stands.country.code.clone(), moment);
        let events = ctx.loader().load_one(key).await?.unwrap_or_default();
        let under = |event: &&Arc<treaty_event::Model>| event.treaty == stands.treaty.reference;
        let mut events: Events = events.iter().filter(under).cloned().collect();
        let case = with_beside(&stands.case, &events);
        let own = |event: &&Arc<treaty_event::Model>| event.country == stands.country.code;
        events.extend(stands.events.iter().filter(own).cloned());
        events.sort_by(|one, other| one.id.cmp(&other.id));
        let named = |ids: Vec<RecordId>| {
            let named = ids.iter().filter_map(|id| {
                let at = events.binary_search_by(|event| event.id.cmp(id)).ok()?;
                events.get(at).cloned()
            });
            named.collect()
        };
        let in_force = |kind| named(treaty_status::in_force(&case, kind, as_of, known_on));
        Ok(Self {
            reservations: in_force(TreatyEventKind::Reservation),
            declarations: in_force(TreatyEventKind::Declaration),
            designations: named(treaty_status::designations(&case, as_of, known_on)),
            reported: events
                .iter()
                .filter_map(|event| Reported::of(event, stands))
                .collect(),
        })
    }
}

impl Reported {
    fn of(event: &Arc<treaty_event::Model>, stands: &Stands) -> Option<Self> {
        let label = event.reported_label.clone()?;
        let day = event.date.and_then(|date| date.latest());
        let day = day.unwrap_or(stands.view.as_of);
        if day > stands.view.as_of {
            return None;
        }
        let standing = treaty_status::status(&stands.case, day, stands.view.known_on);
        Some(Self {
            agrees: standing.status.agrees_with(&label),
            label,
            event: Arc::clone(event),
        })
    }
}
