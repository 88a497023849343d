//! Builds the input of the treaty status computation from rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{country, treaty, treaty_event};
use domain::country::CountryKind;
use domain::date::Date;
use domain::record::RecordId;
use domain::text::{CountryCode, TreatyReference};
use domain::treaty_event::TreatyEventKind;
use domain::treaty_status::{Act, Administered, StatusInput, Territory};

/// Treaty events, sorted by id.
pub type Events = Vec<Arc<treaty_event::Model>>;
/// A value for each treaty.
pub type ByTreaty<T> = BTreeMap<TreatyReference, T>;
/// The kind of each act to which another country succeeds, by event id.
pub type SuccessionKinds = HashMap<RecordId, TreatyEventKind>;

fn act(event: &treaty_event::Model, succession_kinds: &SuccessionKinds) -> Act {
    let succeeds = event.kind == TreatyEventKind::Succession;
    let to = event.relates_to.as_ref().filter(|_| succeeds);
    Act {
        id: event.id.clone(),
        kind: event.kind,
        counts_as: to.and_then(|id| succession_kinds.get(id).copied()),
        date: event.date,
        effective: event.effective_date,
        ends_on: event.ends_on,
        relates_to: event.relates_to.clone(),
        articles: event.articles.to_vec(),
        territories: event.territories.to_vec(),
        function: event.designated_function,
        is_territorial: !event.territories.is_empty(),
    }
}

/// The status input of a country under a treaty, built from its events. `required` is its input under the treaty to
/// which this treaty requires consent.
pub fn status_input(
    treaty: &treaty::Model,
    events: &[Arc<treaty_event::Model>],
    succession_kinds: &SuccessionKinds,
    required: Option<StatusInput>,
) -> StatusInput {
    StatusInput {
        acts: events
            .iter()
            .map(|event| act(event, succession_kinds))
            .collect(),
        rule: treaty.entry_into_force_rule.clone(),
        treaty_in_force: treaty.entry_into_force_on,
        is_complete: treaty.events_complete_as_of.is_some(),
        required: required.map(Box::new),
        territory: None,
    }
}

/// Adds the statements that accompany the status to an input: reservations, declarations, designations, reported
/// labels. They come from the country itself, and from the States that make them for it as a territory.
pub fn with_accompanying(
    input: &StatusInput,
    country: &CountryCode,
    accompanying: &[Arc<treaty_event::Model>],
) -> StatusInput {
    let none = SuccessionKinds::new();
    let mut input = input.clone();
    let own = || {
        accompanying
            .iter()
            .filter(|event| event.country == *country)
    };
    input.acts.extend(own().map(|event| act(event, &none)));
    let Some(territory) = &mut input.territory else {
        return input;
    };
    let own = own().map(|event| act(event, &none));
    territory.own.acts.extend(own);
    for (state, line) in &mut territory.states {
        for event in accompanying.iter().filter(|event| event.country == *state) {
            if line.acts.iter().all(|act| act.id != event.id) {
                let act = act(event, &none).for_territory();
                input.acts.push(act.clone());
                line.acts.push(act);
            }
        }
    }
    input
}

/// The treaty to which a treaty requires consent, if any.
pub fn required(treaty: &treaty::Model) -> Option<TreatyReference> {
    treaty
        .entry_into_force_rule
        .as_ref()?
        .requires_party_to
        .clone()
}

/// The ids of the acts to which the given events succeed.
pub fn successions<'a>(
    events: impl Iterator<Item = &'a Arc<treaty_event::Model>>,
) -> Vec<RecordId> {
    let successions = events.filter(|event| event.kind == TreatyEventKind::Succession);
    successions
        .filter_map(|event| event.relates_to.clone())
        .collect()
}

/// Groups events by treaty.
pub fn by_treaty<'a>(
    events: impl IntoIterator<Item = &'a Arc<treaty_event::Model>>,
) -> ByTreaty<Events> {
    let mut by_treaty: ByTreaty<Events> = BTreeMap::new();
    for event in events {
        let events = by_treaty.entry(event.treaty.clone()).or_default();
        events.push(Arc::clone(event));
    }
    by_treaty
}

/// True if another country acts for this one today.
pub fn is_territory(country: &country::Model) -> bool {
    country.kind == CountryKind::Territory || country.administered_by.is_some()
}

/// All treaty events that decide the status of one country.
#[derive(Default)]
pub struct Acts {
    /// Events of the country itself.
    pub own: ByTreaty<Events>,
    /// Events of other countries that name it as a territory.
    pub naming: ByTreaty<Events>,
    /// Events of the States that named it, by State.
    pub of_states: BTreeMap<CountryCode, ByTreaty<Events>>,
    /// The kinds of the acts to which any of these events succeed.
    pub succession_kinds: SuccessionKinds,
}

impl Acts {
    /// The States that named the country as a territory.
    pub fn states(&self) -> BTreeSet<CountryCode> {
        let naming = self.naming.values().flatten();
        naming.map(|event| event.country.clone()).collect()
    }

    /// The ids of the acts to which these events succeed.
    pub fn successions(&self) -> Vec<RecordId> {
        let of_states = self.of_states.values().flat_map(BTreeMap::values);
        successions(self.own.values().chain(of_states).flatten())
    }

    /// The treaties under which the country acted, or another acted for it, sorted by reference.
    pub fn treaties(&self) -> BTreeSet<TreatyReference> {
        self.own.keys().chain(self.naming.keys()).cloned().collect()
    }

    /// The status input of the country under a treaty, including the treaty to which this one requires consent
    /// (`parent`).
    pub fn status_input(
        &self,
        country: &country::Model,
        treaty: &treaty::Model,
        parent: Option<&treaty::Model>,
    ) -> StatusInput {
        let of = |events: &ByTreaty<Events>| {
            let under = |treaty: &treaty::Model| {
                let events = events.get(&treaty.reference);
                events.map_or(&[][..], Vec::as_slice).to_vec()
            };
            let parent = parent
                .map(|parent| status_input(parent, &under(parent), &self.succession_kinds, None));
            status_input(treaty, &under(treaty), &self.succession_kinds, parent)
        };
        let mut own = of(&self.own);
        let is_territory = is_territory(country);
        // Completeness of a treaty's events covers States only; it is no evidence about a territory for which others
        // act.
        own.is_complete = own.is_complete && !is_territory;
        let mut naming: BTreeMap<&CountryCode, Vec<Act>> = BTreeMap::new();
        for event in self.naming.get(&treaty.reference).into_iter().flatten() {
            let acts = naming.entry(&event.country).or_default();
            acts.push(act(event, &self.succession_kinds));
        }
        if naming.is_empty() && country.administrations.is_empty() {
            return own;
        }
        let none = ByTreaty::new();
        let state = |(code, acts): (&CountryCode, Vec<Act>)| {
            let events = self.of_states.get(code).unwrap_or(&none);
            let is_over = country.administered_by.as_ref() != Some(code);
            let earlier = country.administrations.iter().filter(|_| is_over);
            let of_state = earlier.filter(|one| one.country == *code);
            let until = of_state.map(|one| one.until).max_by_key(|until| {
                let last = until.latest();
                last.unwrap_or(Date::LAST)
            });
            (
                code.clone(),
                StatusInput::of_extension(acts, of(events), until),
            )
        };
        let administered = country.administrations.iter();
        StatusInput::of_territory(Territory {
            own,
            states: naming.into_iter().map(state).collect(),
            is_independent: !is_territory,
            administered: administered
                .map(|one| Administered {
                    since: one.since,
                    until: one.until,
                })
                .collect(),
            ..Territory::default()
        })
    }

    /// The events on which the input of a treaty rests, sorted by id, without duplicates.
    pub fn events(&self, treaty: &TreatyReference) -> Events {
        let all = [&self.own, &self.naming]
            .into_iter()
            .chain(self.of_states.values());
        let all = all.filter_map(|events| events.get(treaty)).flatten();
        let mut events: Events = all.cloned().collect();
        events.sort_by(|one, other| one.id.cmp(&other.id));
        events.dedup_by(|one, other| one.id == other.id);
        events
    }
}
