//! Where a country stands under a treaty, with what decides it.

use std::sync::Arc;

use async_graphql::{Context, Object};

use crate::engine::context::View;
use crate::engine::error::Error;
use crate::engine::in_place::InPlace;
use crate::engine::objects::Objects;
use crate::object::citation;
use crate::object::country::{self as countries, Country};
use crate::object::treaty::Treaty;
use crate::object::treaty_event::TreatyEvent;
use crate::object::value::{PartialDate, partial};
use domain::citation::Certainty;
use domain::date::Day;
use domain::record::RecordField;
use domain::text::{CountryCode, TreatyReference};
use domain::treaty_event::TreatyEventKind;
use domain::treaty_status::{self, Case, DateOrigin, Standing, TreatyStatus};
use store::case::Events;
use store::{country, treaty, treaty_event};

mod acts;
mod beside;
mod naming;

pub use acts::{of_country, of_country_and_treaty, of_treaty};
use beside::{Beside, Parent};

/// Where a country stands under a treaty on the day of the view. Computed from cited events, never
/// stored.
#[derive(Clone)]
pub struct TreatyParticipation(Arc<Stands>);

struct Stands {
    country: Arc<country::Model>,
    treaty: Arc<treaty::Model>,
    /// Those that decide, and the denunciations of the treaty that this one requires.
    events: Events,
    case: Case,
    parent: Option<Parent>,
    standing: Standing,
    view: View,
    beside: Beside,
}

/// Where a country stands under a treaty on the day of the view. Computed from cited events, never
/// stored.
#[Object]
impl TreatyParticipation {
    /// The country.
    async fn country(&self) -> InPlace<Country> {
        InPlace(Country::new(Arc::clone(&self.0.country), self.0.view))
    }

    /// The treaty.
    async fn treaty(&self) -> InPlace<Treaty> {
        InPlace(Treaty::new(Arc::clone(&self.0.treaty), self.0.view))
    }

    /// Where the country stands.
    async fn status(&self) -> TreatyStatus {
        self.0.standing.status
    }

    /// How well that is supported: the weakest of what decides it. `UNVERIFIED` where the country leaves
    /// this treaty because it leaves the one that this one requires, and no clause is known that says
    /// so. Source of such a clause: CETS 224, Article 24(3).
    async fn certainty(&self, ctx: &Context<'_>) -> Result<Certainty, Error> {
        let mut all = Vec::new();
        for id in &self.0.standing.basis {
            let rows = citation::of_record(ctx, id, self.0.view).await?;
            all.extend(citation::certainty(&rows, &DECIDING));
        }
        if let Some(field) = self.deciding_field_of_treaty() {
            let rows = citation::of_record(ctx, &self.0.treaty.id, self.0.view).await?;
            all.push(citation::certainty(&rows, &[field]).unwrap_or(Certainty::Unverified));
        }
        let treaty = &self.0.treaty.reference;
        let leaves_required = self.basis_events().any(|event| event.treaty != *treaty);
        if leaves_required && !is_left_with_required(treaty) {
            all.push(Certainty::Unverified);
        }
        Ok(Certainty::weakest(all).unwrap_or(Certainty::Unverified))
    }

    /// Since when; null where no date is known, or where there is no act.
    async fn since(&self) -> Option<PartialDate> {
        partial(self.0.standing.since)
    }

    /// From when the treaty is or will be in force for the country: never before the treaty itself is.
    /// Null without consent, and where it is not known when the treaty itself enters into force.
    async fn in_force_from(&self) -> Option<EffectiveDate> {
        self.0.standing.in_force_from.map(EffectiveDate)
    }

    /// The events that decide, and a provisional application that stands beside consent. A denunciation
    /// of the treaty that this one requires is among them where it decides. Bounded: a few.
    async fn basis(&self) -> Objects<TreatyEvent> {
        self.basis_events()
            .map(|event| TreatyEvent::new(Arc::clone(event), self.0.view))
            .collect()
    }

    /// Since when the country applies the treaty provisionally (VCLT 25): also between consent and entry
    /// into force, while `status` is `CONTRACTING_STATE`. Null where it does not, once the treaty is in
    /// force for the country, and while `status` is `UNKNOWN`.
    async fn provisionally_applied_since(&self) -> Option<PartialDate> {
        let mut basis = self.basis_events();
        let applies = basis.find(|event| event.kind == TreatyEventKind::ProvisionalApplication)?;
        let is_known = self.0.standing.status != TreatyStatus::Unknown;
        partial(applies.effective_date.or(applies.date).filter(|_| is_known))
    }

    /// The next day on which the status is another, and that status, as far as the acts up to the day of
    /// the view tell. Null where they tell nothing, and where partial dates allow several answers.
    async fn next(&self) -> Option<NextStatus> {
        self.0.standing.next.map(|(status, on)| NextStatus {
            status,
            on: on.into(),
        })
    }

    /// Each status that some order of the acts gives, as partial dates allow. Several where the dates
    /// leave it open, and `status` is then `UNKNOWN`; else `status` alone. Bounded: ten. Where more than
    /// a few thousand orders would have to be compared, it lists what the acts could come to at most.
    async fn possible_statuses(&self) -> &[TreatyStatus] {
        &self.0.standing.possible
    }

    /// The reservations in force, by id: made or confirmed at consent, from entry into force, less
    /// those withdrawn (VCLT 23). One for a territory is listed with the State and with the territory.
    /// Under ETS 189 those to ETS 185 are listed too, once both are in force (ETS 189, Article 12(1)),
    /// unless a declaration or reservation in force under ETS 189 names `12` or `12(1)`. Bounded: tens.
    async fn reservations(&self, ctx: &Context<'_>) -> Result<Objects<TreatyEvent>, Error> {
        Ok(self.events(self.0.reservations(ctx).await?))
    }

    /// The declarations in force, by id. One for a territory is listed with the State and with the
    /// territory, also where it keeps the treaty from applying there. Under ETS 189 those to ETS 185 are
    /// listed too, as the reservations are. Bounded: tens.
    async fn declarations(&self, ctx: &Context<'_>) -> Result<Objects<TreatyEvent>, Error> {
        Ok(self.events(self.0.declarations(ctx).await?))
    }

    /// The designations of authorities that hold, by id: for each article and function all those of the
    /// newest day. `24` and `24(7)(a)` are two articles: a designation takes the place of one for the
    /// other only where its `relatesTo` names that. One for a territory is listed with the State and with
    /// the territory. Bounded: tens.
    async fn designations(&self, ctx: &Context<'_>) -> Result<Objects<TreatyEvent>, Error> {
        Ok(self.events(self.0.designations(ctx).await?))
    }

    /// The country whose acts extend the treaty to this territory; null for one that acts for itself,
    /// and where nothing is known to extend it.
    async fn extended_from(&self, ctx: &Context<'_>) -> Option<Result<InPlace<Country>, Error>> {
        let mut basis = self.0.standing.basis.iter();
        let extends = basis.find_map(|id| {
            let mut events = self.0.events.iter();
            events.find(|event| event.id == *id && event.country != self.0.country.code)
        });
        let code = extends?.country.clone();
        countries::by_code(ctx, code, self.0.view).await.transpose()
    }

    /// What pages printed as the status, and whether it agrees with what is computed for that day.
    /// By id of the event. Bounded: tens.
    async fn reported_labels(&self, ctx: &Context<'_>) -> Result<Objects<ReportedLabel>, Error> {
        let reported = self.0.reported(ctx).await?.iter();
        let reported = reported.map(|reported| ReportedLabel {
            label: reported.label.clone(),
            event: TreatyEvent::new(Arc::clone(&reported.event), self.0.view),
            agrees: reported.agrees,
        });
        Ok(reported.collect())
    }
}

/// The fields of an event on which a status rests.
const DECIDING: [RecordField; 3] = [
    RecordField::Kind,
    RecordField::Date,
    RecordField::EffectiveDate,
];

/// The treaties with a clause by which who leaves the required treaty leaves them too. Source: CETS 224,
/// Article 24(3).
const LEFT_WITH_REQUIRED: [&str; 1] = ["CETS 224"];

fn is_left_with_required(treaty: &TreatyReference) -> bool {
    LEFT_WITH_REQUIRED.contains(&treaty.to_string().as_str())
}

impl TreatyParticipation {
    fn of(
        country: Arc<country::Model>,
        treaty: Arc<treaty::Model>,
        events: Events,
        case: Case,
        parent: Option<Parent>,
        view: View,
    ) -> Self {
        let standing = treaty_status::status(&case, view.as_of, view.known_on);
        Self(Arc::new(Stands {
            country,
            treaty,
            events,
            case,
            parent,
            standing,
            view,
            beside: Beside::default(),
        }))
    }

    /// The code of the country.
    pub fn code(&self) -> &CountryCode {
        &self.0.country.code
    }

    /// Where the country stands.
    pub fn standing_status(&self) -> TreatyStatus {
        self.0.standing.status
    }

    /// Where the country stood on another day, as far as the view knows.
    pub fn status_on(&self, day: Day) -> TreatyStatus {
        treaty_status::status(&self.0.case, day, self.0.view.known_on).status
    }

    /// Whether the country is in one of some regions or subregions.
    pub fn is_in(&self, regions: &[String]) -> bool {
        let mut of_country = [&self.0.country.region, &self.0.country.subregion]
            .into_iter()
            .flatten();
        of_country.any(|region| regions.contains(region))
    }

    fn basis_events(&self) -> impl Iterator<Item = &Arc<treaty_event::Model>> {
        let basis = self.0.standing.basis.iter();
        basis.filter_map(|id| self.0.events.iter().find(|event| event.id == *id))
    }

    fn events(&self, events: &[Arc<treaty_event::Model>]) -> Objects<TreatyEvent> {
        let events = events.iter();
        events
            .map(|event| TreatyEvent::new(Arc::clone(event), self.0.view))
            .collect()
    }

    /// What of the treaty itself the status rests on.
    fn deciding_field_of_treaty(&self) -> Option<RecordField> {
        if self.0.standing.basis.is_empty() {
            return (self.0.standing.status == TreatyStatus::NoAction)
                .then_some(RecordField::EventsCompleteAsOf);
        }
        let computed = self
            .0
            .standing
            .in_force_from
            .is_some_and(|from| from.origin == DateOrigin::Computed);
        let field = match self.0.case.rule {
            Some(_) => RecordField::EntryIntoForceRule,
            None => RecordField::EntryIntoForceOn,
        };
        (computed && self.0.standing.status.is_in_force()).then_some(field)
    }
}

/// From when a treaty is in force for a country, and who says so.
struct EffectiveDate(treaty_status::EffectiveDate);

/// From when a treaty is in force for a country, and who says so.
#[Object]
impl EffectiveDate {
    /// The date.
    async fn date(&self) -> PartialDate {
        self.0.date.into()
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
