//! From rows to what decides where a country stands under a treaty.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{country, treaty, treaty_event};
use crate::domain::country::CountryKind;
use crate::domain::record::RecordId;
use crate::domain::text::{CountryCode, TreatyReference};
use crate::domain::treaty_event::TreatyEventKind;
use crate::domain::treaty_status::{Act, Case};

/// Events, by id.
pub type Events = Vec<Arc<treaty_event::Model>>;
/// Something for each treaty.
pub type ByTreaty<T> = BTreeMap<TreatyReference, T>;
/// The kinds of the acts that are succeeded to.
pub type Succeeded = HashMap<RecordId, TreatyEventKind>;

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

/// A country under a treaty, by its events; and under the treaty that this one requires consent to.
pub fn case(
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

/// The same case with what stands beside the status.
pub fn with_beside(case: &Case, beside: &[Arc<treaty_event::Model>]) -> Case {
    let none = Succeeded::new();
    let mut case = case.clone();
    case.acts
        .extend(beside.iter().map(|event| act(event, &none)));
    case
}

/// The treaty whose consent a treaty requires.
pub fn required(treaty: &treaty::Model) -> Option<TreatyReference> {
    treaty
        .entry_into_force_rule
        .as_ref()?
        .requires_party_to
        .clone()
}

/// The acts that events succeed to.
pub fn successions<'a>(
    events: impl Iterator<Item = &'a Arc<treaty_event::Model>>,
) -> Vec<RecordId> {
    let successions = events.filter(|event| event.kind == TreatyEventKind::Succession);
    successions
        .filter_map(|event| event.relates_to.clone())
        .collect()
}

/// Events by their treaties.
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

/// Whether others can act for a country.
pub fn is_territory(country: &country::Model) -> bool {
    country.kind == CountryKind::Territory || country.administered_by.is_some()
}

/// All the acts that decide where a country stands.
#[derive(Default)]
pub struct Acts {
    /// Those of the country.
    pub own: ByTreaty<Events>,
    /// Whether the country is a territory, for which others can act.
    pub is_territory: bool,
    /// Those of others that name it as a territory.
    pub naming: ByTreaty<Events>,
    /// Those of the State that administers it.
    pub of_state: ByTreaty<Events>,
    /// The kinds of the acts that any of them succeed to.
    pub succeeded: Succeeded,
}

impl Acts {
    /// The State that acts for a territory: that which administers it, else one that named it.
    pub fn state(&self, country: &country::Model) -> Option<CountryCode> {
        let mut naming = self.naming.values().flatten();
        let administered_by = country.administered_by.clone();
        administered_by.or_else(|| naming.next().map(|event| event.country.clone()))
    }

    /// The acts that they succeed to.
    pub fn successions(&self) -> Vec<RecordId> {
        successions(self.own.values().chain(self.of_state.values()).flatten())
    }

    /// The treaties under which somebody acted for the country, by reference.
    pub fn treaties(&self) -> BTreeSet<TreatyReference> {
        self.own.keys().chain(self.naming.keys()).cloned().collect()
    }

    /// The country under a treaty, and under the one that this one requires consent to.
    pub fn case(&self, treaty: &treaty::Model, parent: Option<&treaty::Model>) -> Case {
        let of = |events: &ByTreaty<Events>| {
            let under = |treaty: &treaty::Model| {
                let events = events.get(&treaty.reference);
                events.map_or(&[][..], Vec::as_slice).to_vec()
            };
            let parent = parent.map(|parent| case(parent, &under(parent), &self.succeeded, None));
            case(treaty, &under(treaty), &self.succeeded, parent)
        };
        let own = of(&self.own);
        if !self.is_territory {
            return own;
        }
        let naming = self.naming.get(&treaty.reference).into_iter().flatten();
        let naming = naming.map(|event| act(event, &self.succeeded));
        Case::of_territory(own.acts, naming.collect(), of(&self.of_state))
    }

    /// The events that the case of a treaty rests on, by id.
    pub fn events(&self, treaty: &TreatyReference) -> Events {
        let all = [&self.own, &self.naming, &self.of_state].into_iter();
        let all = all.filter_map(|events| events.get(treaty)).flatten();
        let mut events: Events = all.cloned().collect();
        events.sort_by(|one, other| one.id.cmp(&other.id));
        events.dedup_by(|one, other| one.id == other.id);
        events
    }
}
