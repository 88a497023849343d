//! The countries whose answers depend on a treaty event of another country: territories, and countries that succeed to
//! the act.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

use super::draft::Draft;
use super::error::Error;
use super::moment::{Moment, column};
use super::record::ROWS_PER_STATEMENT;
use super::{reference_index, treaty, treaty_event};
use domain::field::Content;
use domain::noun::Described;
use domain::record::{Kind, RecordField, RecordId};
use domain::text::{CountryCode, TreatyReference};
use domain::treaty_event::{TreatyEvent, TreatyEventKind};

/// The countries that changes of treaty events concern, besides the country whose act each event is.
#[derive(Default)]
pub struct ConcernedCountries {
    /// The territories that each State names under a treaty.
    named: HashMap<(CountryCode, TreatyReference), BTreeSet<CountryCode>>,
    /// The protocols to each treaty, and the treaties that require consent to it.
    protocols: HashMap<TreatyReference, Vec<TreatyReference>>,
    /// The countries that succeed to each act.
    successors: HashMap<RecordId, BTreeSet<CountryCode>>,
}

/// Reads content as a treaty event; `None` for content of another noun.
fn event(content: &Content) -> Option<TreatyEvent> {
    TreatyEvent::from_content(content).ok()
}

/// The territories of an event that have a country code.
fn territories(names: &[String]) -> impl Iterator<Item = CountryCode> {
    names.iter().filter_map(|name| name.parse().ok())
}

impl ConcernedCountries {
    /// Reads the territories, protocols and successors that matter for the drafts.
    pub async fn load<C: ConnectionTrait>(db: &C, drafts: &[Draft<'_>]) -> Result<Self, Error> {
        let mut concern = Self::default();
        let events: Vec<(&RecordId, TreatyEvent)> = drafts
            .iter()
            .filter(|draft| draft.id.kind() == Kind::TreatyEvent)
            .flat_map(|draft| draft.contents().map(move |content| (draft.id, content)))
            .filter_map(|(id, content)| Some((id, event(content)?)))
            .collect();
        if events.is_empty() {
            return Ok(concern);
        }
        for (_, event) in &events {
            concern.name(&event.country, &event.treaty, &event.territories);
        }
        let states: HashSet<&CountryCode> =
            events.iter().map(|(_, event)| &event.country).collect();
        let states: Vec<&CountryCode> = states.into_iter().collect();
        for some in states.chunks(ROWS_PER_STATEMENT) {
            let rows = treaty_event::Entity::find()
                .filter(treaty_event::deciding())
                .filter(
                    column::<treaty_event::Entity>("country")
                        .is_in(some.iter().map(|code| (*code).clone())),
                )
                .filter(
                    column::<treaty_event::Entity>("id")
                        .in_subquery(reference_index::naming_any(RecordField::Territories)),
                )
                .filter(Moment::current::<treaty_event::Entity>())
                .all(db)
                .await?;
            for row in rows {
                concern.name(&row.country, &row.treaty, &row.territories);
            }
        }
        let treaties = treaty::Entity::find()
            .filter(Moment::current::<treaty::Entity>())
            .all(db)
            .await?;
        for treaty in treaties {
            let rule = treaty.entry_into_force_rule.as_ref();
            let required = rule.and_then(|rule| rule.requires_party_to.clone());
            for parent in treaty.parent.clone().into_iter().chain(required) {
                let protocols = concern.protocols.entry(parent).or_default();
                protocols.push(treaty.reference.clone());
            }
        }
        concern.load_successors(db, &events).await?;
        Ok(concern)
    }

    /// Reads the countries that succeed to the acts.
    async fn load_successors<C: ConnectionTrait>(
        &mut self,
        db: &C,
        events: &[(&RecordId, TreatyEvent)],
    ) -> Result<(), Error> {
        let ids: HashSet<&RecordId> = events.iter().map(|(id, _)| *id).collect();
        let ids: Vec<&RecordId> = ids.into_iter().collect();
        for some in ids.chunks(ROWS_PER_STATEMENT) {
            let rows = treaty_event::Entity::find()
                .filter(
                    column::<treaty_event::Entity>("relates_to")
                        .is_in(some.iter().map(|id| (*id).clone())),
                )
                .filter(column::<treaty_event::Entity>("kind").eq(TreatyEventKind::Succession))
                .filter(Moment::current::<treaty_event::Entity>())
                .all(db)
                .await?;
            for row in rows {
                if let Some(to) = row.relates_to {
                    self.successors.entry(to).or_default().insert(row.country);
                }
            }
        }
        Ok(())
    }

    fn name(&mut self, state: &CountryCode, treaty: &TreatyReference, names: &[String]) {
        let mut named = territories(names).peekable();
        if named.peek().is_some() {
            let of_state = self
                .named
                .entry((state.clone(), treaty.clone()))
                .or_default();
            of_state.extend(named);
        }
    }

    /// The countries that a change concerns.
    pub fn of(&self, draft: &Draft<'_>) -> BTreeSet<CountryCode> {
        let mut found = BTreeSet::new();
        if draft.id.kind() != Kind::TreatyEvent {
            return found;
        }
        for event in draft.contents().filter_map(event) {
            found.extend(territories(&event.territories));
            found.extend(self.successors.get(draft.id).into_iter().flatten().cloned());
            // An act made only for territories does not change the status of its country or of its other territories.
            if event.kind.decides() && event.territories.is_empty() {
                let protocols = self.protocols.get(&event.treaty).into_iter().flatten();
                for treaty in protocols.chain([&event.treaty]) {
                    let named = self.named.get(&(event.country.clone(), treaty.clone()));
                    found.extend(named.into_iter().flatten().cloned());
                }
            }
        }
        found
    }
}
