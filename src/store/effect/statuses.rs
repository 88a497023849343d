//! Effects on treaty status, and on the statements that accompany it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use sea_orm::entity::prelude::*;

use super::due::DueEffect;
use crate::error::Error;
use crate::load::{By, ById};
use crate::moment::Moment;
use crate::reference_index::RecordsNaming;
use crate::status_input::{
    Acts, ByTreaty, Events, by_treaty, is_territory, required, with_accompanying,
};
use crate::treaty_event::{AccompanyingOfCountry, DecidingOfCountry};
use crate::{Store, country, treaty, treaty_event};
use domain::date::Date;
use domain::effect::{EffectKind, Transition, transitions};
use domain::record::{RecordField, RecordId};
use domain::text::{CountryCode, TreatyReference};
use domain::treaty_status::{self, StatusInput, carries_over, statement_transitions};

/// The number of countries whose events are loaded together.
const COUNTRIES_PER_LOAD: usize = 50;

/// The answer of an effect while a statement is in force.
const IN_FORCE: &str = "IN_FORCE";

type Treaties<'a> = HashMap<&'a TreatyReference, &'a treaty::Model>;

/// The acts and statements that concern one country, under all treaties.
struct CountryActs<'a> {
    country: &'a country::Model,
    acts: Acts,
    /// Statements that accompany the status: those of the country itself, and those that name it as a territory.
    accompanying: ByTreaty<Events>,
}

impl Store {
    /// Effects on the status of countries under treaties, States before territories.
    pub(super) async fn statuses(
        &self,
        countries: &[country::Model],
        moment: Moment,
        days: (Date, Date),
    ) -> Result<Vec<DueEffect>, Error> {
        let treaties = treaty::Entity::find()
            .filter(moment.filter::<treaty::Entity>())
            .all(self.reader())
            .await?;
        let treaties = treaties.iter().map(|treaty| (&treaty.reference, treaty));
        let treaties: Treaties<'_> = treaties.collect();
        let mut countries: Vec<&country::Model> = countries.iter().collect();
        countries.sort_by_key(|country| is_territory(country));
        let mut found = Vec::new();
        for some in countries.chunks(COUNTRIES_PER_LOAD) {
            for acts_of_country in self.country_acts(some, moment).await? {
                for reference in acts_of_country.treaties() {
                    found.extend(acts_of_country.under(&reference, &treaties, days)?);
                }
            }
        }
        Ok(found)
    }

    /// Loads the acts and statements that concern some countries.
    async fn country_acts<'a>(
        &self,
        countries: &[&'a country::Model],
        moment: Moment,
    ) -> Result<Vec<CountryActs<'a>>, Error> {
        let own = |code: &CountryCode| By::new(DecidingOfCountry, code.clone(), moment);
        let accompanying =
            |code: &CountryCode| By::new(AccompanyingOfCountry, code.clone(), moment);
        let naming = |code: &CountryCode| RecordsNaming {
            field: RecordField::Territories,
            value: code.to_string(),
            moment,
        };
        let event = |id: &RecordId| ById::<treaty_event::Entity>::new(id.clone(), moment);
        let codes = || countries.iter().map(|country| &country.code);
        let mut deciding = self.load(&codes().map(own).collect::<Vec<_>>()).await?;
        let stated = self
            .load(&codes().map(accompanying).collect::<Vec<_>>())
            .await?;
        let named = self.load(&codes().map(naming).collect::<Vec<_>>()).await?;
        let keys: Vec<_> = named.values().flatten().map(event).collect();
        let named_events = self.load(&keys).await?;
        let states = named_events.values().map(|event| &event.country);
        let states: BTreeSet<&CountryCode> = states.collect();
        let keys: Vec<_> = states.into_iter().map(own).collect();
        deciding.extend(self.load(&keys).await?);
        let of = |code: &CountryCode| {
            by_treaty(
                deciding
                    .get(&own(code))
                    .into_iter()
                    .flat_map(|all| all.iter()),
            )
        };
        let mut all = Vec::new();
        for country in countries {
            let ids = named.get(&naming(&country.code)).into_iter().flatten();
            let of_others = ids.filter_map(|id| named_events.get(&event(id)));
            let of_others: Events = of_others
                .filter(|event| event.country != country.code)
                .cloned()
                .collect();
            let mut acts = Acts {
                own: of(&country.code),
                naming: by_treaty(&of_others),
                ..Acts::default()
            };
            let states = acts.states().into_iter();
            acts.of_states = states.map(|state| (state.clone(), of(&state))).collect();
            let own = stated.get(&accompanying(&country.code)).into_iter();
            let own = own.flat_map(|events| events.iter());
            let for_it = of_others
                .iter()
                .filter(|event| event.kind.accompanies_status());
            all.push(CountryActs {
                country,
                acts,
                accompanying: by_treaty(own.chain(for_it)),
            });
        }
        let successions = all
            .iter()
            .flat_map(|acts_of_country| acts_of_country.acts.successions());
        let keys: Vec<_> = successions.map(|id| event(&id)).collect();
        let succession_kinds = self.load(&keys).await?;
        let succession_kinds: HashMap<_, _> = succession_kinds
            .into_values()
            .map(|event: Arc<treaty_event::Model>| (event.id.clone(), event.kind))
            .collect();
        for acts_of_country in &mut all {
            acts_of_country
                .acts
                .succession_kinds
                .clone_from(&succession_kinds);
        }
        Ok(all)
    }
}

impl CountryActs<'_> {
    fn treaties(&self) -> BTreeSet<TreatyReference> {
        let mut treaties = self.acts.treaties();
        treaties.extend(self.accompanying.keys().cloned());
        treaties
    }

    /// Effects on the country under one treaty.
    fn under(
        &self,
        reference: &TreatyReference,
        treaties: &Treaties<'_>,
        days: (Date, Date),
    ) -> Result<Vec<DueEffect>, Error> {
        let Some(treaty) = treaties.get(reference) else {
            return Ok(Vec::new());
        };
        let parent = required(treaty).and_then(|parent| treaties.get(&parent));
        let input = self
            .acts
            .status_input(self.country, treaty, parent.copied());
        let mut found = self.standing(reference, &input, days)?;
        let parent = parent.filter(|_| carries_over(reference));
        let parent = parent.map(|parent| {
            let input = self.acts.status_input(self.country, parent, None);
            self.with_accompanying(&input, &parent.reference)
        });
        let whole = self.with_accompanying(&input, reference);
        for (on, id, begins) in statement_transitions(&whole, parent.as_ref(), days) {
            let word = |is_so: bool| is_so.then_some(IN_FORCE);
            let transition = Transition {
                on,
                before: word(!begins),
                after: word(begins),
            };
            let kind = EffectKind::StatementChanged;
            let answer = format!("{id} of {} under {reference}", self.country.code);
            let due = DueEffect::new(id.clone(), self.countries(&id), kind, &transition)?;
            found.push(due.answering(answer));
        }
        Ok(found)
    }

    /// Effects on the status, and on the State whose acts extend the treaty to the country.
    fn standing(
        &self,
        reference: &TreatyReference,
        input: &StatusInput,
        days: (Date, Date),
    ) -> Result<Vec<DueEffect>, Error> {
        let code = &self.country.code;
        let mut found = Vec::new();
        let events = self.acts.events(reference);
        for (transition, id) in treaty_status::transitions(input, days) {
            let kind = EffectKind::TreatyStatusChanged;
            let due = DueEffect::new(id.clone(), self.countries(&id), kind, &transition)?;
            found.push(due.answering(format!("{code} under {reference}")));
        }
        if input.territory.is_none() {
            return Ok(found);
        }
        let extension = |day| {
            let standing = treaty_status::status(input, day, day);
            let mut basis = standing.basis.iter();
            let event = |id: &RecordId| events.iter().find(|event| event.id == *id);
            let extends = |event: &&Arc<treaty_event::Model>| event.country != *code;
            let found = basis.find_map(|id| event(id).filter(extends));
            found.map(Arc::clone)
        };
        let edges = treaty_status::edges_within(input, days);
        for transition in transitions(edges, days, extension) {
            let (Some(before), Some(after)) = (transition.before, transition.after) else {
                continue;
            };
            if before.country == after.country {
                continue;
            }
            let countries = [&before.country, &after.country, code].map(Clone::clone);
            let transition = Transition {
                on: transition.on,
                before: before.country.clone(),
                after: after.country.clone(),
            };
            let kind = EffectKind::ExtensionChanged;
            let due = DueEffect::new(after.id.clone(), countries, kind, &transition)?;
            found.push(due.answering(format!("{code} under {reference}")));
        }
        Ok(found)
    }

    fn with_accompanying(&self, input: &StatusInput, treaty: &TreatyReference) -> StatusInput {
        let accompanying = self.accompanying.get(treaty).map_or(&[][..], Vec::as_slice);
        with_accompanying(input, &self.country.code, accompanying)
    }

    /// The country itself, and the country of an event.
    fn countries(&self, id: &RecordId) -> BTreeSet<CountryCode> {
        let acts = [&self.acts.own, &self.acts.naming, &self.accompanying].into_iter();
        let acts = acts.chain(self.acts.of_states.values());
        let mut events = acts.flat_map(|events| events.values()).flatten();
        let event = events.find(|event| event.id == *id);
        let of_event = event.map(|event| event.country.clone());
        of_event
            .into_iter()
            .chain([self.country.code.clone()])
            .collect()
    }
}
