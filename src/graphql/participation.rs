//! Where a country stands under a treaty, with what decides it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_graphql::{Context, Object};

use super::citation;
use super::context::{Asks, View};
use super::country::Country;
use super::error::Error;
use super::treaty::Treaty;
use super::treaty_event::TreatyEvent;
use super::value::{PartialDate, partial};
use crate::domain::citation::Certainty;
use crate::domain::record::{RecordField, RecordId};
use crate::domain::text::{CountryCode, TreatyReference};
use crate::domain::treaty_event::TreatyEventKind;
use crate::domain::treaty_status::{self, Act, Case, DateOrigin, Standing, TreatyStatus};
use crate::store::country::OfCode;
use crate::store::load::By;
use crate::store::treaty::OfReference;
use crate::store::treaty_event::{OfCountry, OfTreaty};
use crate::store::{country, treaty, treaty_event};

/// Where a country stands under a treaty on the day of the view. Computed from cited events, never
/// stored.
pub struct TreatyParticipation {
    country: Arc<country::Model>,
    treaty: Arc<treaty::Model>,
    events: Vec<Arc<treaty_event::Model>>,
    case: Case,
    standing: Standing,
    view: View,
}

/// Where a country stands under a treaty on the day of the view. Computed from cited events, never
/// stored.
#[Object]
impl TreatyParticipation {
    /// The country.
    async fn country(&self) -> Country {
        Country::new(Arc::clone(&self.country), self.view)
    }

    /// The treaty.
    async fn treaty(&self) -> Treaty {
        Treaty::new(Arc::clone(&self.treaty), self.view)
    }

    /// Where the country stands.
    async fn status(&self) -> TreatyStatus {
        self.standing.status
    }

    /// How well that is supported: the weakest of what decides it.
    #[graphql(complexity = 5)]
    async fn certainty(&self, ctx: &Context<'_>) -> Result<Certainty, Error> {
        let mut all = Vec::new();
        for id in &self.standing.basis {
            let rows = citation::of_record(ctx, id, self.view).await?;
            all.extend(citation::certainty(&rows, &DECIDING));
        }
        if let Some(field) = self.deciding_field_of_treaty() {
            let rows = citation::of_record(ctx, &self.treaty.id, self.view).await?;
            all.push(citation::certainty(&rows, &[field]).unwrap_or(Certainty::Unverified));
        }
        Ok(Certainty::weakest(all).unwrap_or(Certainty::Unverified))
    }

    /// Since when; null where no date is known, or where there is no act.
    async fn since(&self) -> Option<PartialDate> {
        partial(self.standing.since)
    }

    /// From when the treaty is or will be in force for the country; null without consent, or while
    /// the treaty itself is not in force.
    async fn in_force_from(&self) -> Option<EffectiveDate> {
        self.standing.in_force_from.map(EffectiveDate)
    }

    /// The events that decide. Bounded: a few.
    #[graphql(complexity = "3 * child_complexity")]
    async fn basis(&self) -> Vec<TreatyEvent> {
        self.named(&self.standing.basis)
    }

    /// What the status will be next, as far as the acts up to the day of the view tell; null where
    /// they tell nothing.
    async fn next(&self) -> Option<NextStatus> {
        self.standing.next.map(|(status, on)| NextStatus {
            status,
            on: PartialDate(on),
        })
    }

    /// The status by the earliest and by the latest reading of partial dates: two where they leave
    /// it open, and `status` is then `UNKNOWN`.
    async fn possible_statuses(&self) -> &[TreatyStatus] {
        &self.standing.possible
    }

    /// The reservations in force, by id: made or confirmed at consent, from entry into force, less
    /// those withdrawn (VCLT 23). Those to the Convention on Cybercrime apply to its first protocol
    /// too, unless declared otherwise (ETS 189, Article 12(1)). Bounded: tens.
    #[graphql(complexity = "5 * child_complexity")]
    async fn reservations(&self) -> Vec<TreatyEvent> {
        self.named(&self.in_force(TreatyEventKind::Reservation))
    }

    /// The declarations in force, by id. Bounded: tens.
    #[graphql(complexity = "5 * child_complexity")]
    async fn declarations(&self) -> Vec<TreatyEvent> {
        self.named(&self.in_force(TreatyEventKind::Declaration))
    }

    /// The designations of authorities that hold: the newest for each set of articles. Bounded: tens.
    #[graphql(complexity = "5 * child_complexity")]
    async fn designations(&self) -> Vec<TreatyEvent> {
        let view = &self.view;
        self.named(&treaty_status::designations(
            &self.case,
            view.as_of,
            view.known_on,
        ))
    }

    /// What pages printed as the status, and whether it agrees with what is computed for that day.
    /// By id of the event. Bounded: tens.
    async fn reported_labels(&self) -> Vec<ReportedLabel> {
        let reported = self.events.iter().filter_map(|event| {
            let label = event.reported_label.clone()?;
            let day = event
                .date
                .and_then(|date| date.latest())
                .unwrap_or(self.view.as_of);
            if day > self.view.as_of {
                return None;
            }
            let standing = treaty_status::status(&self.case, day, self.view.known_on);
            Some(ReportedLabel {
                agrees: standing.status.agrees_with(&label),
                label,
                event: TreatyEvent::new(Arc::clone(event), self.view),
            })
        });
        reported.collect()
    }
}

/// The fields of an event on which a status rests.
const DECIDING: [RecordField; 3] = [
    RecordField::Kind,
    RecordField::Date,
    RecordField::EffectiveDate,
];

impl TreatyParticipation {
    fn of(
        country: Arc<country::Model>,
        treaty: Arc<treaty::Model>,
        mut events: Vec<Arc<treaty_event::Model>>,
        required: Option<Case>,
        view: View,
    ) -> Self {
        events.sort_by(|one, other| one.id.cmp(&other.id));
        let case = Case {
            required: required.map(Box::new),
            ..case(&treaty, &events)
        };
        let standing = treaty_status::status(&case, view.as_of, view.known_on);
        Self {
            country,
            treaty,
            events,
            case,
            standing,
            view,
        }
    }

    /// The code of the country.
    pub fn code(&self) -> &CountryCode {
        &self.country.code
    }

    /// Where the country stands.
    pub fn standing_status(&self) -> TreatyStatus {
        self.standing.status
    }

    /// Whether the country is in one of some regions or subregions.
    pub fn is_in(&self, regions: &[String]) -> bool {
        let mut of_country = [&self.country.region, &self.country.subregion]
            .into_iter()
            .flatten();
        of_country.any(|region| regions.contains(region))
    }

    fn named(&self, ids: &[RecordId]) -> Vec<TreatyEvent> {
        let events = ids
            .iter()
            .filter_map(|id| self.events.iter().find(|event| event.id == *id));
        events
            .map(|event| TreatyEvent::new(Arc::clone(event), self.view))
            .collect()
    }

    fn in_force(&self, kind: TreatyEventKind) -> Vec<RecordId> {
        treaty_status::in_force(&self.case, kind, self.view.as_of, self.view.known_on)
    }

    /// What of the treaty itself the status rests on.
    fn deciding_field_of_treaty(&self) -> Option<RecordField> {
        if self.standing.basis.is_empty() {
            return (self.standing.status == TreatyStatus::NoAction)
                .then_some(RecordField::EventsCompleteAsOf);
        }
        let computed = self
            .standing
            .in_force_from
            .is_some_and(|from| from.origin == DateOrigin::Computed);
        (computed && self.standing.status.is_in_force()).then_some(RecordField::EntryIntoForceRule)
    }
}

fn case(treaty: &treaty::Model, events: &[Arc<treaty_event::Model>]) -> Case {
    let act = |event: &Arc<treaty_event::Model>| Act {
        id: event.id.clone(),
        kind: event.kind,
        date: event.date,
        effective: event.effective_date,
        ends_on: event.ends_on,
        relates_to: event.relates_to.clone(),
        articles: event.articles.to_vec(),
        is_territorial: !event.territories.is_empty(),
    };
    Case {
        acts: events.iter().map(act).collect(),
        rule: treaty.entry_into_force_rule.clone(),
        treaty_in_force: treaty.entry_into_force_on,
        is_complete: treaty.events_complete_as_of.is_some(),
        required: None,
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
    let codes = events
        .keys()
        .map(|code| By::new(OfCode, code.clone(), view.moment));
    let countries = ctx.loader().load_many(codes.collect::<Vec<_>>()).await?;
    let participation = |(code, events): (CountryCode, Vec<_>)| {
        let found = countries.get(&By::new(OfCode, code.clone(), view.moment))?;
        let country = Arc::clone(found.first()?);
        let required = parent
            .as_ref()
            .map(|parent| case(parent, &parent_events.remove(&code).unwrap_or_default()));
        Some(TreatyParticipation::of(
            country,
            Arc::clone(treaty),
            events,
            required,
            view,
        ))
    };
    Ok(events.into_iter().filter_map(participation).collect())
}

async fn events_by_country(
    ctx: &Context<'_>,
    treaty: &TreatyReference,
    view: View,
) -> Result<BTreeMap<CountryCode, Vec<Arc<treaty_event::Model>>>, Error> {
    let key = By::new(OfTreaty, treaty.clone(), view.moment);
    let events = ctx.loader().load_one(key).await?.unwrap_or_default();
    let mut by_country: BTreeMap<CountryCode, Vec<_>> = BTreeMap::new();
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

/// Where a country stands under each treaty with at least one of its events, by reference.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn of_country(
    ctx: &Context<'_>,
    country: &Arc<country::Model>,
    view: View,
) -> Result<Vec<TreatyParticipation>, Error> {
    let events = events_by_treaty(ctx, &country.code, view).await?;
    let mut wanted: Vec<TreatyReference> = events.keys().cloned().collect();
    let rows = treaty_rows(ctx, &wanted, view).await?;
    wanted.extend(rows.values().filter_map(|row| required(row)));
    let rows = treaty_rows(ctx, &wanted, view).await?;
    let participation = |(reference, own): (&TreatyReference, &Vec<_>)| {
        let treaty = rows.get(reference)?;
        let required = required_case(treaty, &rows, &events);
        let country = Arc::clone(country);
        Some(TreatyParticipation::of(
            country,
            Arc::clone(treaty),
            own.clone(),
            required,
            view,
        ))
    };
    Ok(events.iter().filter_map(participation).collect())
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
    let Some(treaty) = treaty_row(ctx, reference, view).await? else {
        return Ok(None);
    };
    let events = events_by_treaty(ctx, &country.code, view).await?;
    let rows = match required(&treaty) {
        Some(parent) => treaty_rows(ctx, &[parent], view).await?,
        None => HashMap::new(),
    };
    let required = required_case(&treaty, &rows, &events);
    let own = events.get(&treaty.reference).cloned().unwrap_or_default();
    let country = Arc::clone(country);
    Ok(Some(TreatyParticipation::of(
        country, treaty, own, required, view,
    )))
}

type ByTreaty<T> = BTreeMap<TreatyReference, T>;

fn required_case(
    treaty: &treaty::Model,
    rows: &HashMap<TreatyReference, Arc<treaty::Model>>,
    events: &ByTreaty<Vec<Arc<treaty_event::Model>>>,
) -> Option<Case> {
    let parent = rows.get(&required(treaty)?)?;
    let events = events.get(&parent.reference).map_or(&[][..], Vec::as_slice);
    Some(case(parent, events))
}

async fn events_by_treaty(
    ctx: &Context<'_>,
    country: &CountryCode,
    view: View,
) -> Result<ByTreaty<Vec<Arc<treaty_event::Model>>>, Error> {
    let key = By::new(OfCountry, country.clone(), view.moment);
    let events = ctx.loader().load_one(key).await?.unwrap_or_default();
    let mut by_treaty: ByTreaty<Vec<_>> = BTreeMap::new();
    for event in events {
        by_treaty
            .entry(event.treaty.clone())
            .or_default()
            .push(event);
    }
    Ok(by_treaty)
}

async fn treaty_rows(
    ctx: &Context<'_>,
    references: &[TreatyReference],
    view: View,
) -> Result<HashMap<TreatyReference, Arc<treaty::Model>>, Error> {
    let keys = references
        .iter()
        .map(|one| By::new(OfReference, one.clone(), view.moment));
    let rows = ctx.loader().load_many(keys.collect::<Vec<_>>()).await?;
    let rows = rows.into_values().flatten();
    Ok(rows.map(|row| (row.reference.clone(), row)).collect())
}

/// From when a treaty is in force for a country, and who says so.
struct EffectiveDate(treaty_status::EffectiveDate);

/// From when a treaty is in force for a country, and who says so.
#[Object]
impl EffectiveDate {
    /// The date.
    async fn date(&self) -> PartialDate {
        PartialDate(self.0.date)
    }

    /// Who says so.
    async fn origin(&self) -> DateOrigin {
        self.0.origin
    }
}

/// What a status will be next.
#[derive(async_graphql::SimpleObject)]
struct NextStatus {
    /// The status.
    status: TreatyStatus,
    /// From when.
    on: PartialDate,
}

/// A status that a page printed.
#[derive(async_graphql::SimpleObject)]
struct ReportedLabel {
    /// The words of the page.
    label: String,
    /// The event that keeps them.
    event: TreatyEvent,
    /// Whether they agree with what is computed for the day of the page.
    agrees: bool,
}
