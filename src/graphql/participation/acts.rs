//! Gathering the acts that decide where countries stand.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use async_graphql::Context;

use super::TreatyParticipation;
use crate::domain::country::CountryKind;
use crate::domain::record::{RecordField, RecordId};
use crate::domain::text::{CountryCode, TreatyReference};
use crate::domain::treaty_event::TreatyEventKind;
use crate::domain::treaty_status::{Act, Case};
use crate::graphql::context::{Asks, View};
use crate::graphql::error::Error;
use crate::store::country::OfCode;
use crate::store::load::{By, ById};
use crate::store::mention::Naming;
use crate::store::treaty::OfReference;
use crate::store::treaty_event::{OfCountry, OfTreaty};
use crate::store::{country, treaty, treaty_event};

type Events = Vec<Arc<treaty_event::Model>>;
type ByTreaty<T> = BTreeMap<TreatyReference, T>;
/// The kinds of the acts that are succeeded to.
type Succeeded = HashMap<RecordId, TreatyEventKind>;

fn act(event: &treaty_event::Model, succeeded: &Succeeded) -> Act {
    let succeeds = event.kind == TreatyEventKind::Succession;
    let to = event.relates_to.as_ref().filter(|_| succeeds);
    Act {
        id: event.id.clone(),
        kind: event.kind,
        counts_as: to.and_then(|id| succeeded.get(id).copied()),
        date: event.date,
        effective: event.effective_date,
        ends_on: event.ends_on,
        relates_to: event.relates_to.clone(),
        articles: event.articles.to_vec(),
        function: event.designated_function,
        is_territorial: !event.territories.is_empty(),
    }
}

fn case(
    treaty: &treaty::Model,
    events: &[Arc<treaty_event::Model>],
    succeeded: &Succeeded,
    required: Option<Case>,
) -> Case {
    Case {
        acts: events.iter().map(|event| act(event, succeeded)).collect(),
        rule: treaty.entry_into_force_rule.clone(),
        treaty_in_force: treaty.entry_into_force_on,
        is_complete: treaty.events_complete_as_of.is_some(),
        required: required.map(Box::new),
    }
}

/// The treaty whose consent a treaty requires.
fn required(treaty: &treaty::Model) -> Option<TreatyReference> {
    treaty
        .entry_into_force_rule
        .as_ref()?
        .requires_party_to
        .clone()
}

/// The acts that events succeed to.
fn successions<'a>(events: impl Iterator<Item = &'a Arc<treaty_event::Model>>) -> Vec<RecordId> {
    let successions = events.filter(|event| event.kind == TreatyEventKind::Succession);
    successions
        .filter_map(|event| event.relates_to.clone())
        .collect()
}

/// The kinds of the acts that are succeeded to.
async fn succeeded(ctx: &Context<'_>, ids: Vec<RecordId>, view: View) -> Result<Succeeded, Error> {
    if ids.is_empty() {
        return Ok(Succeeded::new());
    }
    let keys = ids
        .into_iter()
        .map(|id| ById::<treaty_event::Entity>::new(id, view.moment));
    let rows = ctx.loader().load_many(keys.collect::<Vec<_>>()).await?;
    let rows = rows.into_values();
    Ok(rows.map(|row| (row.id.clone(), row.kind)).collect())
}

/// Every country with at least one event under a treaty, by code.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn of_treaty(
    ctx: &Context<'_>,
    treaty: &Arc<treaty::Model>,
    view: View,
) -> Result<Vec<TreatyParticipation>, Error> {
    let events = events_by_country(ctx, &treaty.reference, view).await?;
    let parent = match required(treaty) {
        Some(reference) => treaty_row(ctx, reference, view).await?,
        None => None,
    };
    let mut parent_events = match &parent {
        Some(parent) => events_by_country(ctx, &parent.reference, view).await?,
        None => BTreeMap::new(),
    };
    let all = events.values().chain(parent_events.values()).flatten();
    let successions = successions(all);
    let succeeded = succeeded(ctx, successions, view).await?;
    let codes = events
        .keys()
        .map(|code| By::new(OfCode, code.clone(), view.moment));
    let countries = ctx.loader().load_many(codes.collect::<Vec<_>>()).await?;
    let participation = |(code, events): (CountryCode, Vec<_>)| {
        let found = countries.get(&By::new(OfCode, code.clone(), view.moment))?;
        let country = Arc::clone(found.first()?);
        let required = parent.as_ref().map(|parent| {
            let events = parent_events.remove(&code).unwrap_or_default();
            case(parent, &events, &succeeded, None)
        });
        let case = case(treaty, &events, &succeeded, required);
        let treaty = Arc::clone(treaty);
        Some(TreatyParticipation::of(country, treaty, events, case, view))
    };
    Ok(events.into_iter().filter_map(participation).collect())
}

async fn events_by_country(
    ctx: &Context<'_>,
    treaty: &TreatyReference,
    view: View,
) -> Result<BTreeMap<CountryCode, Events>, Error> {
    let key = By::new(OfTreaty, treaty.clone(), view.moment);
    let events = ctx.loader().load_one(key).await?.unwrap_or_default();
    let mut by_country: BTreeMap<CountryCode, Events> = BTreeMap::new();
    for event in events {
        by_country
            .entry(event.country.clone())
            .or_default()
            .push(event);
    }
    Ok(by_country)
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

/// Where a country stands under each treaty with at least one of its events, or one that names it as a
/// territory; by reference.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn of_country(
    ctx: &Context<'_>,
    country: &Arc<country::Model>,
    view: View,
) -> Result<Vec<TreatyParticipation>, Error> {
    let acts = Acts::of(ctx, country, view).await?;
    let wanted: Vec<TreatyReference> = acts.own.keys().chain(acts.naming.keys()).cloned().collect();
    let rows = with_required(ctx, wanted.clone(), view).await?;
    let wanted: BTreeSet<TreatyReference> = wanted.into_iter().collect();
    let treaties = wanted.iter().filter_map(|reference| rows.get(reference));
    Ok(treaties
        .map(|treaty| acts.participation(country, treaty, &rows, view))
        .collect())
}

/// Where a country stands under a treaty; `None` where there is no such treaty.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn of_country_and_treaty(
    ctx: &Context<'_>,
    country: &Arc<country::Model>,
    reference: TreatyReference,
    view: View,
) -> Result<Option<TreatyParticipation>, Error> {
    let rows = with_required(ctx, vec![reference.clone()], view).await?;
    let Some(treaty) = rows.get(&reference) else {
        return Ok(None);
    };
    let acts = Acts::of(ctx, country, view).await?;
    Ok(Some(acts.participation(country, treaty, &rows, view)))
}

type Treaties = HashMap<TreatyReference, Arc<treaty::Model>>;

/// Some treaties, and those that they require consent to.
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
    let rows = ctx.loader().load_many(keys.collect::<Vec<_>>()).await?;
    let rows = rows.into_values().flatten();
    Ok(rows.map(|row| (row.reference.clone(), row)).collect())
}

/// All the acts that decide where a country stands.
struct Acts {
    own: ByTreaty<Events>,
    /// Whether the country is a territory, for which others can act.
    is_territory: bool,
    /// Those of others that name it as a territory.
    naming: ByTreaty<Events>,
    /// Those of the State that administers it.
    of_state: ByTreaty<Events>,
    succeeded: Succeeded,
}

impl Acts {
    async fn of(ctx: &Context<'_>, country: &country::Model, view: View) -> Result<Self, Error> {
        let own = events_by_treaty(ctx, &country.code, view).await?;
        let is_territory =
            country.kind == CountryKind::Territory || country.administered_by.is_some();
        let mut acts = Self {
            own,
            is_territory,
            naming: ByTreaty::new(),
            of_state: ByTreaty::new(),
            succeeded: Succeeded::new(),
        };
        if is_territory {
            acts.naming = by_treaty(naming(ctx, &country.code, view).await?);
            let first = acts.naming.values().flatten().next();
            let state = country.administered_by.clone();
            let state = state.or_else(|| first.map(|event| event.country.clone()));
            if let Some(state) = state {
                acts.of_state = events_by_treaty(ctx, &state, view).await?;
            }
        }
        let all = acts.own.values().chain(acts.of_state.values()).flatten();
        let successions = successions(all);
        acts.succeeded = succeeded(ctx, successions, view).await?;
        Ok(acts)
    }

    fn participation(
        &self,
        country: &Arc<country::Model>,
        treaty: &Arc<treaty::Model>,
        treaties: &Treaties,
        view: View,
    ) -> TreatyParticipation {
        let parent = required(treaty).and_then(|parent| treaties.get(&parent));
        let of = |events: &ByTreaty<Events>| {
            let parent = parent.map(|parent| {
                let events = events.get(&parent.reference).map_or(&[][..], Vec::as_slice);
                case(parent, events, &self.succeeded, None)
            });
            let events = events.get(&treaty.reference).map_or(&[][..], Vec::as_slice);
            case(treaty, events, &self.succeeded, parent)
        };
        let mut events = self.own.get(&treaty.reference).cloned().unwrap_or_default();
        let mut case = of(&self.own);
        if self.is_territory {
            let naming = self
                .naming
                .get(&treaty.reference)
                .cloned()
                .unwrap_or_default();
            let acts = naming.iter().map(|event| act(event, &self.succeeded));
            case = Case::of_territory(case.acts, acts.collect(), of(&self.of_state));
            let of_state = self.of_state.get(&treaty.reference).into_iter().flatten();
            events.extend(naming);
            events.extend(of_state.cloned());
            events.sort_by(|one, other| one.id.cmp(&other.id));
            events.dedup_by(|one, other| one.id == other.id);
        }
        let (country, treaty) = (Arc::clone(country), Arc::clone(treaty));
        TreatyParticipation::of(country, treaty, events, case, view)
    }
}

async fn events_by_treaty(
    ctx: &Context<'_>,
    country: &CountryCode,
    view: View,
) -> Result<ByTreaty<Events>, Error> {
    let key = By::new(OfCountry, country.clone(), view.moment);
    let events = ctx.loader().load_one(key).await?;
    Ok(by_treaty(events.unwrap_or_default()))
}

/// The events of others that name a country as a territory.
async fn naming(ctx: &Context<'_>, code: &CountryCode, view: View) -> Result<Events, Error> {
    let naming = Naming {
        field: RecordField::Territories,
        value: code.to_string(),
        moment: view.moment,
    };
    let ids = ctx.loader().load_one(naming).await?.unwrap_or_default();
    let keys = ids
        .into_iter()
        .map(|id| ById::<treaty_event::Entity>::new(id, view.moment));
    let rows = ctx.loader().load_many(keys.collect::<Vec<_>>()).await?;
    let rows = rows.into_values();
    Ok(rows.filter(|row| row.country != *code).collect())
}

fn by_treaty(events: Events) -> ByTreaty<Events> {
    let mut by_treaty: ByTreaty<Events> = BTreeMap::new();
    for event in events {
        by_treaty
            .entry(event.treaty.clone())
            .or_default()
            .push(event);
    }
    by_treaty
}
