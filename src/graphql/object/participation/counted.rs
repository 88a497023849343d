//! The countries that are counted by their status under a treaty. Counts and filters by status have the same ones.

use std::sync::Arc;

use async_graphql::Context;

use super::TreatyParticipation;
use super::acts::TreatyEvents;
use crate::engine::context::View;
use crate::engine::error::Error;
use crate::object::country_list;
use domain::date::Date;
use domain::treaty_status::{self, TreatyStatus};
use store::participation::is_counted;
use store::status_input::Acts;
use store::treaty;

/// The statuses of the counted countries under one treaty.
pub struct CountedCountries {
    /// Participations of the countries whose status can depend on the day.
    participations: Vec<TreatyParticipation>,
    /// Statuses of the countries without any act, the same on every day.
    silent: Vec<TreatyStatus>,
}

impl CountedCountries {
    /// Loads the events under a treaty and the countries, in a view.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn load(
        ctx: &Context<'_>,
        treaty: &Arc<treaty::Model>,
        view: View,
    ) -> Result<Self, Error> {
        let events = TreatyEvents::load(ctx, treaty, view).await?;
        let mut found = Self {
            participations: Vec::new(),
            silent: Vec::new(),
        };
        for country in country_list::all(ctx, view).await? {
            let (acted, is_named) = (events.acted(&country.code), events.names(&country.code));
            if !is_counted(country.kind, acted, is_named) {
                continue;
            }
            if acted || !country.administrations.is_empty() {
                let one = events.participation(&country, treaty, view);
                found.participations.push(one);
            } else {
                let input = Acts::default().status_input(&country, treaty, None);
                let standing = treaty_status::status(&input, view.as_of, view.known_on);
                found.silent.push(standing.status);
            }
        }
        Ok(found)
    }

    /// The status of each country on a day, from what is known at the moment of the view.
    pub fn statuses_on(&self, day: Date) -> impl Iterator<Item = TreatyStatus> {
        let statuses = self
            .participations
            .iter()
            .map(move |one| one.status_on(day));
        statuses.chain(self.silent.iter().copied())
    }
}
