//! Treaties.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use cyberprofiles_graphql_macros::pages;
use serde_json::{Value, json};

use crate::engine::argument::{plain, read_option};
use crate::engine::connection::Connection;
use crate::engine::context::{Asks, View};
use crate::engine::cursor::{List, Told, told};
use crate::engine::error::Error;
use crate::engine::in_place::InPlace;
use crate::engine::objects::Objects;
use crate::engine::page::{self, Asked, Owned};
use crate::object::core::{Core, object};
use crate::object::participation::{self, TreatyParticipation};
use crate::object::treaty_event::{TreatyEvent, TreatyEventFilter};
use crate::object::value::{PartialDate, partial};
use domain::date::Day;
use domain::language::Wanted;
use domain::text::{Raw, TreatyReference};
use domain::treaty as words;
use domain::treaty_status::{self, TreatyStatus};
use store::load::By;
use store::page::Slice;
use store::treaty::{All, Model, OfParent, OfReference};

/// An international treaty.
pub struct Treaty {
    core: Core,
    row: Arc<Model>,
}
object!(Treaty, treaty);

/// An international treaty.
#[pages]
#[Object]
impl Treaty {
    #[graphql(flatten)]
    async fn core(&self) -> &Core {
        &self.core
    }

    /// What to call it in a list: its short title.
    pub async fn label(
        &self,
        _ctx: &Context<'_>,
        #[graphql(desc = "Wanted languages, best first.")] language: Option<Vec<Raw<Wanted>>>,
    ) -> Result<String, Error> {
        crate::engine::argument::read_list("language", language.as_deref())?;
        Ok(self.row.short_title.clone())
    }

    /// What its depositary calls it.
    async fn reference(&self) -> &TreatyReference {
        &self.row.reference
    }

    /// What it is usually called.
    async fn short_title(&self) -> &str {
        &self.row.short_title
    }

    /// Its full title.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// The organisation under whose auspices it was made.
    async fn organisation(&self) -> &str {
        &self.row.organisation
    }

    /// When its text was adopted.
    async fn adopted_on(&self) -> Option<PartialDate> {
        partial(self.row.adopted_on)
    }

    /// When it was opened for signature.
    async fn opened_on(&self) -> Option<PartialDate> {
        partial(self.row.opened_on)
    }

    /// The last day for signature; null where there is none, or none is known.
    async fn signature_closes_on(&self) -> Option<PartialDate> {
        partial(self.row.signature_closes_on)
    }

    /// Where it was opened for signature.
    async fn opened_at(&self) -> Option<&str> {
        self.row.opened_at.as_deref()
    }

    /// When it entered into force itself, as known, whatever the day of the view; null while that is not known.
    async fn entry_into_force_on(&self) -> Option<PartialDate> {
        partial(self.row.entry_into_force_on)
    }

    /// The condition for that, in words.
    async fn entry_into_force_condition(&self) -> Option<&str> {
        self.row.entry_into_force_condition.as_deref()
    }

    /// When consent takes effect for a country; null where the treaty leaves it open.
    async fn entry_into_force_rule(&self) -> Option<EntryIntoForceRule<'_>> {
        let rule = self.row.entry_into_force_rule.as_ref()?;
        Some(EntryIntoForceRule {
            rule,
            view: self.view,
        })
    }

    /// The treaty it is a protocol to; null where it is none.
    async fn parent(&self, ctx: &Context<'_>) -> Option<Result<InPlace<Treaty>, Error>> {
        by_reference(ctx, self.row.parent.clone()?, self.view)
            .await
            .transpose()
    }

    /// Its protocols, by id. Bounded: a few.
    /// Derived from other records: a mirror leaves it out.
    async fn protocols(&self, ctx: &Context<'_>) -> Result<Objects<Treaty>, Error> {
        let key = By::new(OfParent, self.row.reference.clone(), self.view.moment);
        let rows = ctx.loader().load_one(key).await?.unwrap_or_default();
        let rows = rows.iter().map(Arc::clone);
        Ok(rows.map(|row| Self::new(row, self.view)).collect())
    }

    /// The day up to which the events of this treaty are known to be complete; null: they are not,
    /// and a country without events answers `UNKNOWN`.
    async fn events_complete_as_of(&self) -> Option<Day> {
        self.row.events_complete_as_of
    }

    /// Where each country with at least one event stands on the day of the view, by code.
    /// Derived from other records: a mirror leaves it out.
    async fn participations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which participations.")] filter: Option<ParticipationFilter>,
        asked: Asked,
    ) -> Result<Connection<TreatyParticipation>, Error> {
        let mut filter = filter.unwrap_or_default();
        filter.regions = plain("filter.regions", filter.regions)?;
        let (owner, of) = (self.row.reference.clone(), filter.clone());
        let list = List::new("Treaty.participations", move || {
            told([("owner", json!(owner)), ("filter", of.told())])
        });
        let page = asked.page(ctx, &list)?;
        let mut all = participation::of_treaty(ctx, &self.row, self.view).await?;
        all.retain(|one| filter.matches(one));
        let key = |one: &TreatyParticipation| vec![json!(one.code())];
        let slice = Slice::of(all, &page, key);
        Ok(Connection::of(
            slice.map(|one| (list.place(key(&one)), one)),
        ))
    }

    /// Every country with at least one event, by code, for maps and charts. Bounded: the countries
    /// of the world.
    /// Derived from other records: a mirror leaves it out.
    async fn statuses(&self, ctx: &Context<'_>) -> Result<Objects<TreatyParticipation>, Error> {
        let found = participation::of_treaty(ctx, &self.row, self.view).await?;
        Ok(found.into())
    }

    /// Its events as known, those after the day of the view too, oldest first; those without a date come last.
    /// Derived from other records: a mirror leaves it out.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which events.")] filter: Option<TreatyEventFilter>,
        asked: Asked,
    ) -> Result<Connection<TreatyEvent>, Error> {
        let events = Owned {
            name: "Treaty.events",
            list: filter.unwrap_or_default().read()?,
            column: "treaty",
            owner: self.row.reference.to_string(),
        };
        events.page(ctx, asked, self.view, TreatyEvent::new).await
    }

    /// How many countries have each status on the day of the view, of those with at least one
    /// event. A status that no country has is left out.
    /// Derived from other records: a mirror leaves it out.
    async fn status_counts(&self, ctx: &Context<'_>) -> Result<Objects<StatusCount>, Error> {
        let all = participation::of_treaty(ctx, &self.row, self.view).await?;
        let statuses = all.iter().map(TreatyParticipation::standing_status);
        Ok(StatusCount::of(statuses))
    }

    /// How many countries had each status at the last day of each step, as far as the view knows; the last
    /// step ends with `to`. Bounded: 1,200 steps.
    /// Derived from other records: a mirror leaves it out.
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How long a step is.", default_with = "TimelineStep::Year")]
        step: TimelineStep,
        #[graphql(
            desc = "A day of the first step; that on which the treaty was opened if left out."
        )]
        from: Option<Raw<Day>>,
        #[graphql(desc = "The last day; that of the view if left out.")] to: Option<Raw<Day>>,
    ) -> Result<Objects<TimelinePoint>, Error> {
        let to = read_option("to", to.as_ref())?.unwrap_or(self.view.as_of);
        let from = read_option("from", from.as_ref())?;
        let opened = self.row.opened_on.and_then(|opened| opened.earliest());
        let from = from.or(opened.filter(|opened| *opened <= to)).unwrap_or(to);
        if from > to {
            return Err(Error::bad(
                "from",
                format!("expected {to} or an earlier day"),
            ));
        }
        let days = step.ends(from, to);
        if days.len() > MOST_STEPS {
            return Err(Error::bad(
                "from",
                format!("expected {MOST_STEPS} steps at most"),
            ));
        }
        let all = participation::of_treaty(ctx, &self.row, self.view).await?;
        let point = |on: Day| TimelinePoint {
            on,
            counts: StatusCount::of(all.iter().map(|one| one.status_on(on))),
        };
        Ok(days.into_iter().map(point).collect())
    }
}

/// How many countries have a status.
#[derive(SimpleObject)]
struct StatusCount {
    /// The status.
    status: TreatyStatus,
    /// How many countries.
    count: i32,
}

impl StatusCount {
    fn of(statuses: impl Iterator<Item = TreatyStatus>) -> Objects<Self> {
        let counts = treaty_status::counts(statuses).into_iter();
        counts
            .map(|(status, count)| Self {
                status,
                count: i32::try_from(count).unwrap_or(i32::MAX),
            })
            .collect()
    }
}

/// How many countries had each status on a day.
#[derive(SimpleObject)]
struct TimelinePoint {
    /// The day.
    on: Day,
    /// How many, by status; none is left out but for zero.
    counts: Objects<StatusCount>,
}

/// How long the steps of a timeline are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
enum TimelineStep {
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

/// The most steps of one timeline: a century of months.
const MOST_STEPS: usize = 1_200;

impl TimelineStep {
    /// The last day of each step from the one with a day to the one with another, which ends there.
    /// One more than may be asked for is enough to tell.
    fn ends(self, from: Day, to: Day) -> Vec<Day> {
        let end = |day: Day| match self {
            Self::Month => day.last_of_month(),
            Self::Year => day.last_of_year(),
        };
        let ends = std::iter::successors(Some(end(from)), |last| Some(end(last.next())));
        let mut ends: Vec<Day> = ends.take(MOST_STEPS).take_while(|day| *day < to).collect();
        ends.push(to);
        ends
    }
}

/// When consent takes effect for a country, counted from the deposit. Source: the treaty's final
/// clauses.
struct EntryIntoForceRule<'a> {
    rule: &'a words::EntryIntoForceRule,
    view: View,
}

/// When consent takes effect for a country, counted from the deposit. Source: the treaty's final
/// clauses.
#[Object]
impl EntryIntoForceRule<'_> {
    /// The article that says so.
    async fn article(&self) -> &str {
        &self.rule.article
    }

    /// Months from the deposit; null for none.
    async fn months(&self) -> Option<i32> {
        self.rule.months
    }

    /// Days from the deposit; null for none.
    async fn days(&self) -> Option<i32> {
        self.rule.days
    }

    /// Whether it takes effect on the first day of the month that follows.
    async fn first_day_of_month(&self) -> bool {
        self.rule.first_day_of_month
    }

    /// True where the article says that it never takes effect before the treaty itself does. No status is
    /// `PARTY` before that, whatever the article says.
    async fn not_before_treaty(&self) -> bool {
        self.rule.not_before_treaty
    }

    /// The treaty that a country must have consented to as well; null where there is none. Who leaves
    /// that treaty leaves this one, on the same day.
    async fn requires_party_to(&self, ctx: &Context<'_>) -> Option<Result<InPlace<Treaty>, Error>> {
        let required = self.rule.requires_party_to.clone()?;
        by_reference(ctx, required, self.view).await.transpose()
    }

    /// Months from a denunciation until it takes effect; null where none are known.
    async fn denunciation_months(&self) -> Option<i32> {
        self.rule.denunciation_months
    }
}

/// Which participations. What is left out does not narrow.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ParticipationFilter {
    /// With one of these statuses on the day of the view.
    status: Option<Vec<TreatyStatus>>,
    /// Of countries in one of these M49 regions or subregions, by their English names.
    regions: Option<Vec<String>>,
}

impl Told for ParticipationFilter {
    fn told(&self) -> Value {
        let Self { status, regions } = self;
        told([("status", json!(status)), ("regions", json!(regions))])
    }
}

impl Told for All {
    fn told(&self) -> Value {
        told([])
    }
}

impl ParticipationFilter {
    fn matches(&self, one: &TreatyParticipation) -> bool {
        let status = one.standing_status();
        self.status
            .as_ref()
            .is_none_or(|wanted| wanted.contains(&status))
            && self.regions.as_ref().is_none_or(|wanted| one.is_in(wanted))
    }
}

/// The treaty with a reference.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn by_reference(
    ctx: &Context<'_>,
    reference: TreatyReference,
    view: View,
) -> Result<Option<InPlace<Treaty>>, Error> {
    let rows = ctx
        .loader()
        .load_one(By::new(OfReference, reference, view.moment))
        .await?;
    let row = rows.as_ref().and_then(|rows| rows.first());
    Ok(row.map(|row| InPlace(Treaty::new(Arc::clone(row), view))))
}

/// A page of treaties, by reference.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn list(
    ctx: &Context<'_>,
    asked: Asked,
    view: View,
) -> Result<Connection<Treaty>, Error> {
    page::listed(ctx, "treaties", &All, asked, view, Treaty::new).await
}
