//! Loads the acts that decide the statuses of countries, and computes participations from them.

use std::collections::{BTreeMap, HashMap};
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
use domain::treaty_event::TreatyEventKind;
use domain::treaty_status::carries_over;
use store::country::OfCode;
use store::load::{By, ById};
use store::participants::{Participant, ParticipantsOf, Side};
use store::status_input::{
    Acts, ByTreaty, Events, SuccessionKinds, by_treaty, required, successions,
};
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
    let parties = participants(ctx, Side::Treaty(treaty.reference.clone()), view);
    let events = TreatyActs::load(ctx, &treaty.reference, view);
    let (parties, events) = try_join(parties, events).await?;
    let parent = match required(treaty) {
        Some(reference) => treaty_row(ctx, reference, view).await?,
        None => None,
    };
    let mut under = vec![events];
    if let Some(parent) = &parent {
        under.push(TreatyActs::load(ctx, &parent.reference, view).await?);
    }
    let all = under.iter().flat_map(|one| one.by_country.values());
    let succession_kinds = succession_kinds(ctx, successions(all.flatten()), view).await?;
    let of_code = |code: &CountryCode| By::new(OfCode, code.clone(), view.moment);
    let codes = parties.iter().map(|(code, _)| of_code(code));
    let countries = ctx.loader().load_many(codes).await?;
    let participation = |(code, _): &Participant| {
        let country = countries.get(&of_code(code))?.first()?;
        let of = |code: &CountryCode| -> ByTreaty<Events> {
            let of_country = under.iter().filter_map(|one| {
                let events = one.by_country.get(code)?;
                Some((one.treaty.clone(), events.clone()))
            });
            of_country.collect()
        };
        let naming = under.iter().filter_map(|one| {
            let mut events = one.by_territory.get(&code.to_string())?.clone();
            events.retain(|event| event.country != *code);
            (!events.is_empty()).then(|| (one.treaty.clone(), events))
        });
        let mut acts = Acts {
            own: of(code),
            naming: naming.collect(),
            succession_kinds: succession_kinds.clone(),
            ..Acts::default()
        };
        let states = acts.states().into_iter();
        acts.of_states = states.map(|state| (state.clone(), of(&state))).collect();
        let found = participation_data(&acts, country, treaty, parent.as_ref(), view);
        Some(found)
    };
    Ok(parties.iter().filter_map(participation).collect())
}

/// The deciding events under a treaty.
struct TreatyActs {
    treaty: TreatyReference,
    by_country: BTreeMap<CountryCode, Events>,
    /// The events that name territories, by the name.
    by_territory: BTreeMap<String, Events>,
}

impl TreatyActs {
    async fn load(ctx: &Context<'_>, treaty: &TreatyReference, view: View) -> Result<Self, Error> {
        let key = By::new(DecidingOfTreaty, treaty.clone(), view.moment);
        let events = ctx.loader().load_one(key).await?.unwrap_or_default();
        let mut found = Self {
            treaty: treaty.clone(),
            by_country: BTreeMap::new(),
            by_territory: BTreeMap::new(),
        };
        for event in events.iter() {
            let of_country = found.by_country.entry(event.country.clone()).or_default();
            of_country.push(Arc::clone(event));
            for territory in event.territories.iter() {
                let naming = found.by_territory.entry(territory.clone()).or_default();
                naming.push(Arc::clone(event));
            }
        }
        Ok(found)
    }
}

/// The denunciations among some events: a country that leaves a treaty leaves those that require it.
fn denunciations(events: Events) -> impl Iterator<Item = Arc<treaty_event::Model>> {
    let events = events.into_iter();
    events.filter(|event| event.kind == TreatyEventKind::Denunciation)
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
        ctx.loader().insert(of, found.clone(), acts.own.len());
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
    let input = acts.status_input(country, treaty, parent.map(Arc::as_ref));
    let mut events = acts.events(&treaty.reference);
    if let Some(parent) = parent {
        events.extend(denunciations(acts.events(&parent.reference)));
    }
    let parent = parent.filter(|_| carries_over(&treaty.reference));
    let parent = parent.map(|parent| Parent {
        input: acts.status_input(country, parent, None),
        treaty: parent.reference.clone(),
    });
    let (country, treaty) = (Arc::clone(country), Arc::clone(treaty));
    TreatyParticipation::of(country, treaty, events, input, parent, view)
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
