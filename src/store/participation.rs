//! Participations: the relation of one country to one treaty, computed from rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::status_input::{Acts, ByTreaty, Events, SuccessionKinds, successions};
use super::{citation, country, treaty, treaty_event};
use domain::citation::Certainty;
use domain::country::CountryKind;
use domain::date::Date;
use domain::record::{RecordField, RecordId};
use domain::text::{CountryCode, TreatyReference};
use domain::treaty_event::TreatyEventKind;
use domain::treaty_status::{self, DateOrigin, Standing, StatusInput, TreatyStatus};

/// The fields of an event on which a status rests.
const DECIDING: [RecordField; 3] = [
    RecordField::Kind,
    RecordField::Date,
    RecordField::EffectiveDate,
];

/// The treaties with a clause by which a country that leaves the required treaty leaves them too. Source: CETS 224,
/// Article 24(3).
const LEFT_WITH_REQUIRED: [&str; 1] = ["CETS 224"];

fn is_left_with_required(treaty: &TreatyReference) -> bool {
    LEFT_WITH_REQUIRED.contains(&treaty.to_string().as_str())
}

/// The relation of one country to one treaty on a day.
pub struct Participation {
    /// The country.
    pub country: Arc<country::Model>,
    /// The treaty.
    pub treaty: Arc<treaty::Model>,
    /// The deciding events under the treaty, and the denunciations of the treaty that this one requires.
    pub events: Events,
    /// The acts from which the status is computed.
    pub input: StatusInput,
    /// The status with its dates and its basis.
    pub standing: Standing,
}

impl Participation {
    /// Computes the relation from the acts of the country. `parent` is the treaty to which this one requires consent.
    /// `known_on` is the day of the last commit that is known.
    pub fn of(
        acts: &Acts,
        country: &Arc<country::Model>,
        treaty: &Arc<treaty::Model>,
        parent: Option<&Arc<treaty::Model>>,
        as_of: Date,
        known_on: Date,
    ) -> Self {
        let input = acts.status_input(country, treaty, parent.map(Arc::as_ref));
        let mut events = acts.events(&treaty.reference);
        if let Some(parent) = parent {
            events.extend(denunciations(acts.events(&parent.reference)));
        }
        Self {
            standing: treaty_status::status(&input, as_of, known_on),
            country: Arc::clone(country),
            treaty: Arc::clone(treaty),
            events,
            input,
        }
    }

    /// The events from which the status follows, in the order of the basis.
    pub fn basis_events(&self) -> impl Iterator<Item = &Arc<treaty_event::Model>> {
        let basis = self.standing.basis.iter();
        basis.filter_map(|id| self.events.iter().find(|event| event.id == *id))
    }

    /// The State whose acts extend the treaty to the country as a territory.
    pub fn extended_from(&self) -> Option<&CountryCode> {
        let mut extending = self.basis_events().map(|event| &event.country);
        extending.find(|code| **code != self.country.code)
    }

    /// The records whose citations decide the certainty.
    pub fn evidence(&self) -> impl Iterator<Item = &RecordId> {
        let of_treaty = self.deciding_field_of_treaty().map(|_| &self.treaty.id);
        self.standing.basis.iter().chain(of_treaty)
    }

    /// The certainty of the status: the weakest of the recorded values from which it follows. `cited` returns the valid
    /// citations of a record.
    pub fn certainty<'a>(
        &self,
        cited: impl Fn(&RecordId) -> Option<&'a [citation::Model]>,
    ) -> Certainty {
        let of = |id: &RecordId, fields: &[RecordField]| {
            cited(id).and_then(|rows| citation::certainty(rows, fields))
        };
        let basis = self.standing.basis.iter();
        let mut all: Vec<Certainty> = basis.filter_map(|id| of(id, &DECIDING)).collect();
        if let Some(field) = self.deciding_field_of_treaty() {
            all.push(of(&self.treaty.id, &[field]).unwrap_or(Certainty::Unverified));
        }
        let treaty = &self.treaty.reference;
        let leaves_required = self.basis_events().any(|event| event.treaty != *treaty);
        if leaves_required && !is_left_with_required(treaty) {
            all.push(Certainty::Unverified);
        }
        Certainty::weakest(all).unwrap_or(Certainty::Unverified)
    }

    /// The field of the treaty on which the status rests, in addition to the events.
    fn deciding_field_of_treaty(&self) -> Option<RecordField> {
        if self.standing.basis.is_empty() {
            return (self.standing.status == TreatyStatus::NoAction)
                .then_some(RecordField::EventsCompleteAsOf);
        }
        let computed = self
            .standing
            .in_force_from
            .is_some_and(|from| from.origin == DateOrigin::Computed);
        let field = match self.input.rule {
            Some(_) => RecordField::EntryIntoForceRule,
            None => RecordField::EntryIntoForceOn,
        };
        (computed && self.standing.status.is_in_force()).then_some(field)
    }
}

/// The denunciations among some events: a country that leaves a treaty leaves those that require it.
fn denunciations(events: Events) -> impl Iterator<Item = Arc<treaty_event::Model>> {
    let events = events.into_iter();
    events.filter(|event| event.kind == TreatyEventKind::Denunciation)
}

/// The kinds of countries in lists and counts, unless others are wanted.
pub const USUAL_KINDS: [CountryKind; 3] = [
    CountryKind::State,
    CountryKind::Territory,
    CountryKind::Other,
];

/// True if a country is counted by its status under a treaty. A territory for which only other countries acted is not:
/// the depositary counts the State that extends the treaty to it. An organisation is counted if it acted.
pub fn is_counted(kind: CountryKind, acted: bool, is_named: bool) -> bool {
    acted || (USUAL_KINDS.contains(&kind) && !is_named)
}

/// The deciding events under one treaty, and under the treaty that it requires.
pub struct TreatyActs {
    /// The deciding events of the treaty, then those of the required one.
    under: Vec<ActsUnder>,
    /// The kinds of the acts to which any of these events succeed.
    pub succession_kinds: SuccessionKinds,
}

/// The deciding events under one treaty.
struct ActsUnder {
    treaty: TreatyReference,
    by_country: BTreeMap<CountryCode, Events>,
    /// The events that name territories, by the name.
    by_territory: BTreeMap<String, Events>,
}

impl TreatyActs {
    /// Sorts the deciding events of treaties; those of the treaty itself come first.
    pub fn new<'a>(
        under: impl IntoIterator<Item = (&'a TreatyReference, &'a [Arc<treaty_event::Model>])>,
    ) -> Self {
        let under = under.into_iter();
        Self {
            under: under
                .map(|(treaty, events)| ActsUnder::new(treaty, events))
                .collect(),
            succession_kinds: SuccessionKinds::new(),
        }
    }

    /// The ids of the acts to which these events succeed.
    pub fn successions(&self) -> Vec<RecordId> {
        let all = self.under.iter().flat_map(|one| one.by_country.values());
        successions(all.flatten())
    }

    /// True if an event of another country under the treaty names the country as a territory.
    pub fn names(&self, code: &CountryCode) -> bool {
        let under = self.under.first();
        let naming = under.and_then(|one| one.by_territory.get(&code.to_string()));
        naming.is_some_and(|naming| naming.iter().any(|event| event.country != *code))
    }

    /// The acts that decide the status of a country.
    pub fn acts(&self, code: &CountryCode) -> Acts {
        let of = |code: &CountryCode| -> ByTreaty<Events> {
            let of_country = self.under.iter().filter_map(|one| {
                let events = one.by_country.get(code)?;
                Some((one.treaty.clone(), events.clone()))
            });
            of_country.collect()
        };
        let naming = self.under.iter().filter_map(|one| {
            let mut events = one.by_territory.get(&code.to_string())?.clone();
            events.retain(|event| event.country != *code);
            (!events.is_empty()).then(|| (one.treaty.clone(), events))
        });
        let mut acts = Acts {
            own: of(code),
            naming: naming.collect(),
            succession_kinds: self.succession_kinds.clone(),
            ..Acts::default()
        };
        let states = acts.states().into_iter();
        acts.of_states = states.map(|state| (state.clone(), of(&state))).collect();
        acts
    }
}

impl ActsUnder {
    fn new(treaty: &TreatyReference, events: &[Arc<treaty_event::Model>]) -> Self {
        let mut found = Self {
            treaty: treaty.clone(),
            by_country: BTreeMap::new(),
            by_territory: BTreeMap::new(),
        };
        for event in events {
            let of_country = found.by_country.entry(event.country.clone()).or_default();
            of_country.push(Arc::clone(event));
            for territory in event.territories.iter() {
                let naming = found.by_territory.entry(territory.clone()).or_default();
                naming.push(Arc::clone(event));
            }
        }
        found
    }
}
