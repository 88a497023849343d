//! What time alone changes on some days, by what is known at a moment.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{QueryOrder, QuerySelect};
use serde::Serialize;

use crate::domain::change::Operation;
use crate::domain::date::{Day, PartialDate};
use crate::domain::effect::{Effect, EffectKind, Turn, edges, review_due, turns, verified_between};
use crate::domain::institution::{InstitutionStatus, status_on};
use crate::domain::policy_document::{PolicyDocumentStatus, effective_status};
use crate::domain::record::{Kind, RecordField, RecordId};
use crate::domain::text::{CountryCode, TreatyReference};
use crate::domain::treaty_status;
use crate::store::case::{Acts, by_treaty, is_territory, required};
use crate::store::change::{self, CountriesOf, LastVerified};
use crate::store::error::Error;
use crate::store::institution::InstitutionRow;
use crate::store::load::{By, ById};
use crate::store::mention::Naming;
use crate::store::moment::{Moment, column};
use crate::store::record::{CHUNK, Noun, of_kind};
use crate::store::treaty_event::DecidingOfCountry;
use crate::store::{
    Store, country, cybersecurity_body, operational_unit, policy_document, treaty, treaty_event,
};

/// How many countries are looked at beside each other.
const COUNTRIES: usize = 50;

/// An effect that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Of which record.
    pub record: RecordId,
    /// The country that the record belongs to.
    pub country: Option<CountryCode>,
    /// The treaty that it is about, where it is about one.
    pub treaty: Option<TreatyReference>,
    /// What it is.
    pub effect: Effect,
}

impl Due {
    fn new<T: Serialize>(
        record: RecordId,
        country: Option<CountryCode>,
        kind: EffectKind,
        turn: &Turn<T>,
    ) -> Result<Self, Error> {
        let effect = Effect {
            on: turn.on,
            kind,
            before: word(&turn.before)?,
            after: word(&turn.after)?,
        };
        Ok(Self {
            record,
            country,
            treaty: None,
            effect,
        })
    }

    /// Whether the same answer changes, also where another record decides it.
    pub fn is_same_turn(&self, other: &Self) -> bool {
        let of_same = match &self.treaty {
            Some(_) => (&self.treaty, &self.country) == (&other.treaty, &other.country),
            None => self.record == other.record,
        };
        of_same && self.effect == other.effect
    }
}

/// What an answer is called; `None` where there is none.
fn word<T: Serialize>(answer: &T) -> Result<Option<String>, Error> {
    let word = serde_json::to_value(answer)?;
    Ok(word.as_str().map(str::to_owned))
}

impl Store {
    /// What time changes after one day and until another, by what is known at a moment: in the order of
    /// days, once for each record, kind and day.
    pub(super) async fn due(&self, moment: Moment, days: (Day, Day)) -> Result<Vec<Due>, Error> {
        let mut found = self.statuses(moment, days).await?;
        found.extend(self.documents(moment, days).await?);
        found.extend(institutions::<cybersecurity_body::Entity>(self, moment, days).await?);
        found.extend(institutions::<operational_unit::Entity>(self, moment, days).await?);
        found.extend(self.reviews(moment, days).await?);
        let of = |due: &Due| (due.effect.on, due.effect.kind, due.record.clone());
        // What stands first stays first: of a State and its territory the State.
        found.sort_by_key(of);
        found.dedup_by_key(|due| of(due));
        Ok(found)
    }

    /// Where countries stand under treaties, States first.
    async fn statuses(&self, moment: Moment, days: (Day, Day)) -> Result<Vec<Due>, Error> {
        let treaties = treaty::Entity::find()
            .filter(moment.filter::<treaty::Entity>())
            .all(self.reader())
            .await?;
        let treaties: HashMap<&TreatyReference, &treaty::Model> = treaties
            .iter()
            .map(|treaty| (&treaty.reference, treaty))
            .collect();
        let mut countries = country::Entity::find()
            .filter(moment.filter::<country::Entity>())
            .order_by_asc(country::Column::Id)
            .all(self.reader())
            .await?;
        countries.sort_by_key(is_territory);
        let mut found = Vec::new();
        for some in countries.chunks(COUNTRIES) {
            for acts in self.acts(some, moment).await? {
                for reference in acts.treaties() {
                    let Some(treaty) = treaties.get(&reference) else {
                        continue;
                    };
                    let parent = required(treaty).and_then(|parent| treaties.get(&parent));
                    let case = acts.case(treaty, parent.copied());
                    let events = acts.events(&reference);
                    for (turn, id) in treaty_status::turns(&case, days) {
                        let event = events.iter().find(|event| event.id == id);
                        let country = event.map(|event| event.country.clone());
                        let kind = EffectKind::TreatyStatusChanged;
                        found.push(Due {
                            treaty: Some(reference.clone()),
                            ..Due::new(id, country, kind, &turn)?
                        });
                    }
                }
            }
        }
        Ok(found)
    }

    /// All the acts that decide where some countries stand.
    async fn acts(&self, countries: &[country::Model], moment: Moment) -> Result<Vec<Acts>, Error> {
        let own = |code: &CountryCode| By::new(DecidingOfCountry, code.clone(), moment);
        let naming = |code: &CountryCode| Naming {
            field: RecordField::Territories,
            value: code.to_string(),
            moment,
        };
        let event = |id: &RecordId| ById::<treaty_event::Entity>::new(id.clone(), moment);
        let found = |events: &HashMap<_, _>, key: &By<DecidingOfCountry>| {
            let events: Option<&Arc<[_]>> = events.get(key);
            by_treaty(events.into_iter().flat_map(|events| events.iter()))
        };
        let keys: Vec<_> = countries.iter().map(|country| own(&country.code)).collect();
        let mut events = self.load(&keys).await?;
        let territories = countries.iter().filter(|country| is_territory(country));
        let keys: Vec<_> = territories.map(|country| naming(&country.code)).collect();
        let named = self.load(&keys).await?;
        let keys: Vec<_> = named.values().flatten().map(event).collect();
        let named_events = self.load(&keys).await?;
        let mut all = Vec::new();
        for country in countries {
            let mut of_others = Vec::new();
            if is_territory(country) {
                let ids = named.get(&naming(&country.code)).into_iter().flatten();
                of_others.extend(ids.filter_map(|id| named_events.get(&event(id)).cloned()));
                of_others.retain(|event| event.country != country.code);
            }
            all.push(Acts {
                own: found(&events, &own(&country.code)),
                is_territory: is_territory(country),
                naming: by_treaty(&of_others),
                ..Acts::default()
            });
        }
        let states = all.iter().zip(countries);
        let states: Vec<_> = states
            .map(|(acts, country)| acts.state(country).filter(|_| acts.is_territory))
            .collect();
        let keys: Vec<_> = states.iter().flatten().map(own).collect();
        events.extend(self.load(&keys).await?);
        for (acts, state) in all.iter_mut().zip(&states) {
            if let Some(state) = state {
                acts.of_state = found(&events, &own(state));
            }
        }
        let keys: Vec<_> = all
            .iter()
            .flat_map(Acts::successions)
            .map(|id| event(&id))
            .collect();
        let succeeded = self.load(&keys).await?;
        let succeeded: HashMap<_, _> = succeeded
            .into_values()
            .map(|event: Arc<treaty_event::Model>| (event.id.clone(), event.kind))
            .collect();
        for acts in &mut all {
            acts.succeeded.clone_from(&succeeded);
        }
        Ok(all)
    }

    /// How far documents have come.
    async fn documents(&self, moment: Moment, days: (Day, Day)) -> Result<Vec<Due>, Error> {
        use policy_document::{Column, Entity};
        type Row = (
            RecordId,
            CountryCode,
            PolicyDocumentStatus,
            Option<PartialDate>,
            Option<PartialDate>,
            Option<PartialDate>,
        );
        let dated = [Column::InForceFrom, Column::RepealedOn, Column::Period].into_iter();
        let dated = dated.fold(Condition::any(), |any, date| any.add(date.is_not_null()));
        let rows: Vec<Row> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::Country, Column::Status])
            .columns([Column::InForceFrom, Column::RepealedOn, Column::Period])
            .filter(moment.filter::<Entity>())
            .filter(dated)
            .into_tuple()
            .all(self.reader())
            .await?;
        let mut found = Vec::new();
        for (id, country, status, in_force_from, repealed_on, period) in rows {
            let answer = |day| effective_status(status, in_force_from, repealed_on, period, day);
            for turn in turns(edges([in_force_from, repealed_on, period]), days, answer) {
                let kind = if turn.after == PolicyDocumentStatus::Expired {
                    EffectKind::PeriodEnded
                } else {
                    EffectKind::EffectiveStatusChanged
                };
                found.push(Due::new(id.clone(), Some(country.clone()), kind, &turn)?);
            }
        }
        Ok(found)
    }

    /// Which records are due to be looked at again.
    async fn reviews(&self, moment: Moment, days: (Day, Day)) -> Result<Vec<Due>, Error> {
        let (after, until) = verified_between(days);
        let verified = change::Entity::find()
            .filter(change::Column::Operation.eq(Operation::Verify))
            .filter(change::Column::VerifiedOn.gt(after))
            .filter(change::Column::VerifiedOn.lte(until))
            .filter(change::Column::Sequence.lte(moment.0))
            .all(self.reader())
            .await?;
        let records: HashSet<RecordId> = verified.into_iter().map(|line| line.record).collect();
        let records: Vec<RecordId> = records.into_iter().collect();
        let mut found = Vec::new();
        for some in records.chunks(CHUNK) {
            let standing = self.standing(some, moment).await?;
            let keys: Vec<_> = standing
                .into_iter()
                .map(|record| LastVerified { record, moment })
                .collect();
            let lines = self.load(&keys).await?;
            let keys: Vec<_> = lines
                .values()
                .map(|line| CountriesOf(line.sequence))
                .collect();
            let countries = self.load(&keys).await?;
            for (key, line) in lines {
                let due = line.verified_on.map(review_due);
                let Some(on) = due.filter(|on| days.0 < *on && *on <= days.1) else {
                    continue;
                };
                let country = countries.get(&CountriesOf(line.sequence));
                let country = country.and_then(|codes| codes.first().cloned());
                let turn = Turn {
                    on,
                    before: None,
                    after: Some(EffectKind::ReviewOverdue),
                };
                found.push(Due::new(
                    key.record,
                    country,
                    EffectKind::ReviewOverdue,
                    &turn,
                )?);
            }
        }
        Ok(found)
    }

    /// Those of some records that stood at a moment.
    async fn standing(&self, records: &[RecordId], moment: Moment) -> Result<Vec<RecordId>, Error> {
        let mut found = Vec::new();
        for kind in Kind::all() {
            let of_kind = records.iter().filter(|record| record.kind() == kind);
            let of_kind: Vec<RecordId> = of_kind.cloned().collect();
            if !of_kind.is_empty() {
                let ids: Vec<RecordId> = of_kind!(kind, E => {
                    E::find()
                        .select_only()
                        .expr(column::<E>("id"))
                        .filter(column::<E>("id").is_in(of_kind))
                        .filter(moment.filter::<E>())
                        .into_tuple()
                        .all(self.reader())
                        .await?
                });
                found.extend(ids);
            }
        }
        Ok(found)
    }
}

/// How far institutions have come.
async fn institutions<N: Noun<Model: InstitutionRow>>(
    store: &Store,
    moment: Moment,
    days: (Day, Day),
) -> Result<Vec<Due>, Error> {
    type Row = (RecordId, CountryCode, InstitutionStatus, PartialDate);
    let columns = ["id", "country", "status", "period"].map(column::<N>);
    let rows: Vec<Row> = N::find()
        .select_only()
        .exprs(columns)
        .filter(moment.filter::<N>())
        .filter(column::<N>("period").is_not_null())
        .into_tuple()
        .all(store.reader())
        .await?;
    let mut found = Vec::new();
    for (id, country, status, period) in rows {
        let answer = |day| status_on(status, Some(period), day);
        for turn in turns(edges([Some(period)]), days, answer) {
            let kind = EffectKind::PeriodEnded;
            found.push(Due::new(id.clone(), Some(country.clone()), kind, &turn)?);
        }
    }
    Ok(found)
}
