//! Loads the acts that decide the statuses of countries, and computes participations from them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_graphql::Context;
use futures_util::future::{try_join, try_join_all};

use super::TreatyParticipation;
use super::accompanying::Parent;
use super::naming::naming;
use crate::engine::context::{IdForm, RequestContext, View};
use crate::engine::error::Error;
use domain::record::RecordId;
use domain::text::{CountryCode, TreatyReference};
use domain::treaty_status::carries_over;
use store::country::OfCode;
use store::load::{By, ById};
use store::participants::{Participant, ParticipantsOf, Side};
use store::participation::{Participation, TreatyActs};
use store::status_input::{Acts, ByTreaty, Events, SuccessionKinds, by_treaty, required};
use store::treaty::OfReference;
use store::treaty_event::{DecidingOfCountry, DecidingOfTreaty};
use store::{country, treaty, treaty_event};

/// The kinds of the acts to which these succeed, by id.
async fn succession_kinds(
    ctx: &Context<'_>,
    ids: Vec<RecordId>,
    view: View,
) -> Result<SuccessionKinds, Error> {
    if ids.is_empty() {
        return Ok(SuccessionKinds::new());
    }
    let keys = ids
        .into_iter()
        .map(|id| ById::<treaty_event::Entity>::new(id, view.moment));
    let rows = ctx.loader().load_many(keys).await?;
    let rows = rows.into_values();
    Ok(rows.map(|row| (row.id.clone(), row.kind)).collect())
}

/// The participations under a treaty of all countries with at least one event, by code.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn of_treaty(
    ctx: &Context<'_>,
    treaty: &Arc<treaty::Model>,
    view: View,
) -> Result<Vec<TreatyParticipation>, Error> {
    let events = TreatyEvents::load(ctx, treaty, view).await?;
    let of_code = |code: &CountryCode| By::new(OfCode, code.clone(), view.moment);
    let codes = events.parties.iter().map(|(code, _)| of_code(code));
    let countries = ctx.loader().load_many(codes).await?;
    let participation = |(code, _): &Participant| {
        let country = countries.get(&of_code(code))?.first()?;
        Some(events.participation(country, treaty, view))
    };
    Ok(events.parties.iter().filter_map(participation).collect())
}

/// The events that decide the statuses of all countries under one treaty.
pub(super) struct TreatyEvents {
    /// The countries with at least one event, of any kind, by code.
    parties: Arc<[Participant]>,
    parent: Option<Arc<treaty::Model>>,
    acts: TreatyActs,
}

impl TreatyEvents {
    pub(super) async fn load(
        ctx: &Context<'_>,
        treaty: &Arc<treaty::Model>,
        view: View,
    ) -> Result<Self, Error> {
        let parties = participants(ctx, Side::Treaty(treaty.reference.clone()), view);
        let events = deciding(ctx, &treaty.reference, view);
        let (parties, events) = try_join(parties, events).await?;
        let parent = match required(treaty) {
            Some(reference) => treaty_row(ctx, reference, view).await?,
            None => None,
        };
        let of_parent = match &parent {
            Some(parent) => deciding(ctx, &parent.reference, view).await?,
            None => Arc::default(),
        };
        let parent_reference = parent.as_ref().map(|parent| &parent.reference);
        let own = std::iter::once((&treaty.reference, &*events));
        let mut acts = TreatyActs::new(own.chain(parent_reference.map(|one| (one, &*of_parent))));
        acts.succession_kinds = succession_kinds(ctx, acts.successions(), view).await?;
        Ok(Self {
            parties,
            parent,
            acts,
        })
    }

    /// True if the country has at least one event under the treaty, of any kind.
    pub(super) fn acted(&self, code: &CountryCode) -> bool {
        let found = self.parties.binary_search_by(|(party, _)| party.cmp(code));
        found.is_ok()
    }

    /// True if an event of another country under the treaty names the country as a territory.
    pub(super) fn names(&self, code: &CountryCode) -> bool {
        self.acts.names(code)
    }

    /// The participation of a country.
    pub(super) fn participation(
        &self,
        country: &Arc<country::Model>,
        treaty: &Arc<treaty::Model>,
        view: View,
    ) -> TreatyParticipation {
        let acts = self.acts.acts(&country.code);
        participation_data(&acts, country, treaty, self.parent.as_ref(), view)
    }
}

/// The codes of the countries with at least one event under a treaty, of any kind.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn acting_countries(
    ctx: &Context<'_>,
    treaty: TreatyReference,
    view: View,
) -> Result<HashSet<CountryCode>, Error> {
    let parties = participants(ctx, Side::Treaty(treaty), view).await?;
    Ok(parties.iter().map(|(code, _)| code.clone()).collect())
}

/// The deciding events under a treaty.
async fn deciding(
    ctx: &Context<'_>,
    treaty: &TreatyReference,
    view: View,
) -> Result<Arc<[Arc<treaty_event::Model>]>, Error> {
    let key = By::new(DecidingOfTreaty, treaty.clone(), view.moment);
    Ok(ctx.loader().load_one(key).await?.unwrap_or_default())
}

async fn participants(
    ctx: &Context<'_>,
    side: Side,
    view: View,
) -> Result<Arc<[Participant]>, Error> {
    let moment = view.moment;
    let participants = ctx
        .loader()
        .load_one(ParticipantsOf { side, moment })
        .await?;
    Ok(participants.unwrap_or_default())
}

async fn treaty_row(
    ctx: &Context<'_>,
    reference: TreatyReference,
    view: View,
) -> Result<Option<Arc<treaty::Model>>, Error> {
    let rows = ctx
        .loader()
        .load_one(By::new(OfReference, reference, view.moment))
        .await?;
    Ok(rows.and_then(|rows| rows.first().cloned()))
}

/// The participations of a country under each treaty with at least one of its events, or one that names it as a
/// territory; by reference.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn of_country(
    ctx: &Context<'_>,
    country: &Arc<country::Model>,
    view: View,
) -> Result<Vec<TreatyParticipation>, Error> {
    // Concurrently: the acts of territories take longer, and both are needed for every country.
    let own = participants(ctx, Side::Country(country.code.clone()), view);
    let (own, acts) = try_join(own, acts(ctx, country, None, view)).await?;
    let mut wanted = acts.treaties();
    wanted.extend(own.iter().map(|(_, treaty)| treaty.clone()));
    let rows = with_required(ctx, wanted.iter().cloned().collect(), view).await?;
    let treaties = wanted.iter().filter_map(|reference| rows.get(reference));
    Ok(treaties
        .map(|treaty| participation(&acts, country, treaty, &rows, view))
        .collect())
}

/// The participation of a country under a treaty; `None` if there is no such treaty.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn of_country_and_treaty(
    ctx: &Context<'_>,
    country: &Arc<country::Model>,
    reference: TreatyReference,
    view: View,
) -> Result<Option<TreatyParticipation>, Error> {
    let of = ParticipationKey {
        country: country.code.clone(),
        treaty: reference,
        view,
    };
    if let Some(found) = ctx.loader().computed(&of) {
        return Ok(Some(found));
    }
    let rows = with_required(ctx, vec![of.treaty.clone()], view).await?;
    let Some(treaty) = rows.get(&of.treaty) else {
        return Ok(None);
    };
    let wanted: Vec<_> = rows.keys().cloned().collect();
    let acts = acts(ctx, country, Some(&wanted), view).await?;
    let found = participation(&acts, country, treaty, &rows, view);
    // Not for past views: their number is unbounded.
    if view.form == IdForm::Plain {
        let size = found.size();
        ctx.loader().insert(of, found.clone(), size);
    }
    Ok(Some(found))
}

/// The key of a computed participation: country, treaty and view.
#[derive(PartialEq, Eq, Hash)]
struct ParticipationKey {
    country: CountryCode,
    treaty: TreatyReference,
    view: View,
}

type Treaties = HashMap<TreatyReference, Arc<treaty::Model>>;

/// Loads some treaties, and those to which they require consent.
async fn with_required(
    ctx: &Context<'_>,
    mut wanted: Vec<TreatyReference>,
    view: View,
) -> Result<Treaties, Error> {
    let rows = treaty_rows(ctx, &wanted, view).await?;
    wanted.extend(rows.values().filter_map(|row| required(row)));
    treaty_rows(ctx, &wanted, view).await
}

async fn treaty_rows(
    ctx: &Context<'_>,
    references: &[TreatyReference],
    view: View,
) -> Result<Treaties, Error> {
    let keys = references
        .iter()
        .map(|one| By::new(OfReference, one.clone(), view.moment));
    let rows = ctx.loader().load_many(keys).await?;
    let rows = rows.values().flat_map(|rows| rows.iter());
    Ok(rows
        .map(|row| (row.reference.clone(), Arc::clone(row)))
        .collect())
}

/// Loads the acts that decide the statuses of a country: all, or those under some treaties.
async fn acts(
    ctx: &Context<'_>,
    country: &country::Model,
    under: Option<&[TreatyReference]>,
    view: View,
) -> Result<Acts, Error> {
    let own = events_by_treaty(ctx, country.code.clone(), under, view);
    let (own, naming) = try_join(own, naming(ctx, &country.code, view)).await?;
    let is_meant =
        |event: &&Arc<treaty_event::Model>| under.is_none_or(|under| under.contains(&event.treaty));
    let mut acts = Acts {
        own,
        naming: by_treaty(naming.iter().filter(is_meant)),
        ..Acts::default()
    };
    let states = acts.states().into_iter();
    let of_states = states.map(|state| async move {
        let events = events_by_treaty(ctx, state.clone(), under, view).await?;
        Ok::<_, Error>((state, events))
    });
    acts.of_states = try_join_all(of_states).await?.into_iter().collect();
    acts.succession_kinds = succession_kinds(ctx, acts.successions(), view).await?;
    Ok(acts)
}

fn participation(
    acts: &Acts,
    country: &Arc<country::Model>,
    treaty: &Arc<treaty::Model>,
    treaties: &Treaties,
    view: View,
) -> TreatyParticipation {
    let parent = required(treaty).and_then(|parent| treaties.get(&parent));
    participation_data(acts, country, treaty, parent, view)
}

fn participation_data(
    acts: &Acts,
    country: &Arc<country::Model>,
    treaty: &Arc<treaty::Model>,
    parent: Option<&Arc<treaty::Model>>,
    view: View,
) -> TreatyParticipation {
    let (as_of, known_on) = (view.as_of, view.known_on);
    let found = Participation::of(acts, country, treaty, parent, as_of, known_on);
    let parent = parent.filter(|_| carries_over(&treaty.reference));
    let parent = parent.map(|parent| Parent {
        input: acts.status_input(country, parent, None),
        treaty: parent.reference.clone(),
    });
    TreatyParticipation::of(found, parent, view)
}

async fn events_by_treaty(
    ctx: &Context<'_>,
    country: CountryCode,
    under: Option<&[TreatyReference]>,
    view: View,
) -> Result<ByTreaty<Events>, Error> {
    let key = By::new(DecidingOfCountry, country, view.moment);
    let events = ctx.loader().load_one(key).await?.unwrap_or_default();
    let is_meant =
        |event: &&Arc<treaty_event::Model>| under.is_none_or(|under| under.contains(&event.treaty));
    Ok(by_treaty(events.iter().filter(is_meant)))
}
