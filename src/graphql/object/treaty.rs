//! Treaties: the object, the rule on entry into force, and the timeline.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use cyberprofiles_graphql_macros::{at_once, pages};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::engine::argument::{bounded, read_list, read_option};
use crate::engine::connection::Connection;
use crate::engine::context::{RequestContext, View};
use crate::engine::cursor::{CursorArguments, ListTag, arguments};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;
use crate::engine::page::{self, Owned, PageArgs};
use crate::object::article_implementation::{self, ImplementationCount};
use crate::object::country_list;
use crate::object::participation::{self, CountedCountries, TreatyParticipation};
use crate::object::record_fields::{RecordFields, object};
use crate::object::treaty_event::{TreatyEvent, TreatyEventFilter};
use crate::object::value::{PartialDate, partial};
use domain::date::Date;
use domain::label;
use domain::language::LanguageRange;
use domain::text::{Raw, TreatyReference};

use domain::treaty_status::{self, TreatyStatus};
use store::load::By;
use store::page::Slice;
use store::treaty::{All, Model, OfParent, OfReference};

/// An international treaty.
pub struct Treaty {
    record_fields: RecordFields,
    row: Arc<Model>,
}
object!(Treaty, treaty);

/// An international treaty: its titles and dates, its rule on entry into force, the acts under it, and the statuses of
/// countries.
#[pages]
#[at_once]
#[Object]
impl Treaty {
    #[graphql(flatten)]
    async fn core(&self) -> &RecordFields {
        &self.record_fields
    }

    /// A short text to display in lists: the short title.
    pub async fn label(
        &self,
        _ctx: &Context<'_>,
        #[graphql(desc = "Has no effect: a treaty has one short title.")] language: Option<
            Vec<Raw<LanguageRange>>,
        >,
    ) -> Result<String, Error> {
        read_list("language", language.as_deref())?;
        Ok(self.row.short_title.clone())
    }

    /// The reference at the depositary, as in `ETS 185`. It identifies the treaty and never changes.
    async fn reference(&self) -> &TreatyReference {
        &self.row.reference
    }

    /// The usual title.
    async fn short_title(&self) -> &str {
        &self.row.short_title
    }

    /// The full title.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// The organisation under whose auspices the treaty was made.
    async fn organisation(&self) -> &str {
        &self.row.organisation
    }

    /// The date on which the text was adopted; null if it is not known.
    async fn adopted_on(&self) -> Option<PartialDate> {
        partial(self.row.adopted_on)
    }

    /// The date on which it was opened for signature; null if it is not known.
    async fn opened_on(&self) -> Option<PartialDate> {
        partial(self.row.opened_on)
    }

    /// The last day for signature; null if there is none, or none is known.
    async fn signature_closes_on(&self) -> Option<PartialDate> {
        partial(self.row.signature_closes_on)
    }

    /// The place where it was opened for signature; null if it is not known.
    async fn opened_at(&self) -> Option<&str> {
        self.row.opened_at.as_deref()
    }

    /// The date on which the treaty itself enters into force; null while that is not known. It is the date known at the
    /// moment, whatever the as-of date.
    async fn entry_into_force_on(&self) -> Option<PartialDate> {
        partial(self.row.entry_into_force_on)
    }

    /// The condition for the entry into force of the treaty itself, in words; null if it is not recorded.
    async fn entry_into_force_condition(&self) -> Option<&str> {
        self.row.entry_into_force_condition.as_deref()
    }

    /// The rule by which consent takes effect for one country. Null if the treaty has none that can be computed: then
    /// only the depositary's dates count.
    async fn entry_into_force_rule(&self) -> Option<EntryIntoForceRule<'_>> {
        let rule = self.row.entry_into_force_rule.as_ref()?;
        Some(EntryIntoForceRule {
            rule,
            view: self.view,
        })
    }

    /// The treaty to which this one is a protocol; null if it is none.
    async fn parent(&self, ctx: &Context<'_>) -> Option<Result<Inline<Treaty>, Error>> {
        by_reference(ctx, self.row.parent.clone()?, self.view)
            .await
            .transpose()
    }

    /// The protocols to this treaty, by id. Bounded: a few.
    /// Derived from other records: a mirror leaves it out.
    async fn protocols(&self, ctx: &Context<'_>) -> Result<Objects<Treaty>, Error> {
        let key = By::new(OfParent, self.row.reference.clone(), self.view.moment);
        let rows = ctx.loader().load_one(key).await?.unwrap_or_default();
        let rows = rows.iter().map(Arc::clone);
        Ok(rows.map(|row| Self::new(row, self.view)).collect())
    }

    /// The day up to which all events of this treaty are recorded; null if some may be missing.
    ///
    /// It decides the status of a country for which no act counts on the as-of date: `NO_ACTION` if this day is set,
    /// `UNKNOWN` if it is null. This holds for every as-of date, also for one after this day: compare the two before
    /// you rely on `NO_ACTION`. A territory for which no act counts has status `UNKNOWN` in any case.
    async fn events_complete_as_of(&self) -> Option<Date> {
        self.row.events_complete_as_of
    }

    /// The participation of each country that acted under this treaty (has at least one event), on the as-of date;
    /// ordered by country code. `statusCounts` also counts the countries that did not act. A territory that did not act itself is left out, even if a State extended the treaty to
    /// it.
    /// Derived from other records: a mirror leaves it out.
    async fn participations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which participations. Left out: all.")] filter: Option<
            ParticipationFilter,
        >,
        args: PageArgs,
    ) -> Result<Connection<TreatyParticipation>, Error> {
        let mut filter = filter.unwrap_or_default();
        filter.regions =
            country_list::read_regions(ctx, "filter.regions", filter.regions, self.view).await?;
        bounded(
            "filter.reservedArticles",
            filter.reserved_articles.as_deref(),
        )?;
        let (owner, of) = (self.row.reference.clone(), filter.clone());
        let list = ListTag::new("Treaty.participations", move || {
            arguments([("owner", json!(owner)), ("filter", of.cursor_arguments())])
        });
        let page = args.page(ctx, &list)?;
        let mut all = participation::of_treaty(ctx, &self.row, self.view).await?;
        all.retain(|one| filter.matches(one));
        if let Some(articles) = &filter.reserved_articles {
            all = with_reservations(ctx, all, articles).await?;
        }
        let key = |one: &TreatyParticipation| vec![json!(one.code())];
        let slice = Slice::of(all, &page, key);
        Ok(Connection::of(
            slice.map(|one| (list.cursor(key(&one)), one)),
        ))
    }

    /// The same participations as `participations`, without filter and pages, for maps and charts. Bounded: the
    /// countries of the world.
    /// Derived from other records: a mirror leaves it out.
    async fn statuses(&self, ctx: &Context<'_>) -> Result<Objects<TreatyParticipation>, Error> {
        let found = participation::of_treaty(ctx, &self.row, self.view).await?;
        Ok(found.into())
    }

    /// Treaty events under this treaty, oldest first; events without a date come last. Includes events dated after the
    /// as-of date. A partial date is sorted by the first day that it can mean.
    /// Derived from other records: a mirror leaves it out.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which events. Left out: all.")] filter: Option<TreatyEventFilter>,
        args: PageArgs,
    ) -> Result<Connection<TreatyEvent>, Error> {
        let events = Owned {
            name: "Treaty.events",
            list: filter.unwrap_or_default().read()?,
            column: "treaty",
            owner: self.row.reference.to_string(),
        };
        events.page(ctx, args, self.view, TreatyEvent::new).await
    }

    /// The number of countries with each status on the as-of date, in the order that `TreatyStatus` gives. A status
    /// without countries is left out. `countries(filter: { treatyStatus })` lists the same countries.
    ///
    /// Every State, every territory, every entity of kind `OTHER`, and every organisation that acted is counted once,
    /// with three rules:
    /// - A country without an act counts as `NO_ACTION`; as `UNKNOWN` if `eventsCompleteAsOf` is null: see `countsNote`.
    /// - A territory that did not act counts as `UNKNOWN`.
    /// - A territory for which only another State acted is not counted: that State is.
    ///
    /// Derived from other records: a mirror leaves it out.
    async fn status_counts(&self, ctx: &Context<'_>) -> Result<Objects<StatusCount>, Error> {
        let all = CountedCountries::load(ctx, &self.row, self.view).await?;
        Ok(StatusCount::of(all.statuses_on(self.view.as_of)))
    }

    /// A note to show with the counts of this treaty (`statusCounts`, `timeline`, `participations.totalCount`): some
    /// events may be missing, so the counts are minimums. Null if all events up to `eventsCompleteAsOf` are recorded.
    async fn counts_note(
        &self,
        #[graphql(
            desc = "Wanted languages, best first: `en` and `fr` exist. Left out, or if none fits: English."
        )]
        language: Option<Vec<Raw<LanguageRange>>>,
    ) -> Option<Result<String, Error>> {
        let wanted = read_list("language", language.as_deref());
        let wanted = match wanted {
            Ok(wanted) => wanted.unwrap_or_default(),
            Err(error) => return Some(Err(error)),
        };
        let is_incomplete = self.row.events_complete_as_of.is_none();
        is_incomplete.then(|| Ok(counts_note(&self.row.reference, label::language(&wanted))))
    }

    /// The number of countries with each degree of implementation, for each article; in the order of the treaty. An
    /// article without implementations is left out, and so are organisations. Counts all that are known at the moment,
    /// whatever the as-of date. Bounded: the articles times the degrees.
    /// Derived from other records: a mirror leaves it out.
    async fn implementation_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only countries in one of these M49 regions or subregions, by their exact English names: those of `Query.regions`. Left out: all."
        )]
        regions: Option<Vec<String>>,
    ) -> Result<Objects<ImplementationCount>, Error> {
        let among = country_list::codes_in(ctx, regions, self.view).await?;
        article_implementation::counts(ctx, &self.row.reference, &among, self.view).await
    }

    /// The number of countries with each status on the last day of each month or year, from what is known at the
    /// moment; the last step ends on `to`. Counts the countries of `statusCounts`. An error for more than 1,200 steps. Bounded: 1,200 steps.
    /// Derived from other records: a mirror leaves it out.
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The length of a step.", default_with = "TimelineStep::Year")]
        step: TimelineStep,
        #[graphql(
            desc = "A day of the first step. Left out: the day on which the treaty was opened, else `to`."
        )]
        from: Option<Raw<Date>>,
        #[graphql(desc = "The last day. Left out: the as-of date.")] to: Option<Raw<Date>>,
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
        let all = CountedCountries::load(ctx, &self.row, self.view).await?;
        let point = |on: Date| TimelinePoint {
            on,
            counts: StatusCount::of(all.statuses_on(on)),
        };
        Ok(days.into_iter().map(point).collect())
    }
}

/// The note that the events of a treaty may be incomplete.
fn counts_note(reference: &TreatyReference, language: &str) -> String {
    match language {
        "fr" => format!(
            "Il peut manquer des actes relatifs au traité {reference} : les nombres sont des minimums, et un pays sans acte \
             connu compte comme \u{ab}\u{a0}Inconnu\u{a0}\u{bb}."
        ),
        _ => format!(
            "Events of {reference} may be missing: the counts are minimums, and a country without a known act counts as \
             \u{201c}Not known\u{201d}."
        ),
    }
}

/// The participations with a reservation in force on one of some articles.
async fn with_reservations(
    ctx: &Context<'_>,
    all: Vec<TreatyParticipation>,
    articles: &[String],
) -> Result<Vec<TreatyParticipation>, Error> {
    let reserved = all.iter().map(|one| one.is_reserved(ctx, articles));
    let reserved = try_join_all(reserved).await?;
    let all = all.into_iter().zip(reserved);
    Ok(all.filter(|(_, is)| *is).map(|(one, _)| one).collect())
}

/// The number of countries with one status.
#[derive(SimpleObject)]
struct StatusCount {
    /// The status.
    status: TreatyStatus,
    /// The number of countries.
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

/// The number of countries with each status on one day.
#[derive(SimpleObject)]
struct TimelinePoint {
    /// The day for which the countries are counted: the last day of the month or year, and of the last step `to`.
    on: Date,
    /// The number of countries with each status on this day, in the order that `TreatyStatus` gives. A status without
    /// countries is left out.
    counts: Objects<StatusCount>,
}

/// The length of a step of a timeline.
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
    /// The last day of each step between two days; the last step ends on the second. One more than the most is enough
    /// to refuse.
    fn ends(self, from: Date, to: Date) -> Vec<Date> {
        let end = |day: Date| match self {
            Self::Month => day.last_of_month(),
            Self::Year => day.last_of_year(),
        };
        let ends = std::iter::successors(Some(end(from)), |last| Some(end(last.next())));
        let mut ends: Vec<Date> = ends.take(MOST_STEPS).take_while(|day| *day < to).collect();
        ends.push(to);
        ends
    }
}

/// The rule by which consent takes effect for one country.
struct EntryIntoForceRule<'a> {
    rule: &'a domain::treaty::EntryIntoForceRule,
    view: View,
}

/// The rule by which consent to be bound takes effect for one country. It counts from the day of consent: for example,
/// to the first day of the month that follows three months. Source: the treaty's final clauses.
#[at_once]
#[Object]
impl EntryIntoForceRule<'_> {
    /// The article of the treaty that contains the rule.
    async fn article(&self) -> &str {
        &self.rule.article
    }

    /// The number of months from the day of consent; null for none. If `days` is set too, both periods are added. If
    /// neither is set, consent takes effect on its own day.
    async fn months(&self) -> Option<i32> {
        self.rule.months
    }

    /// The number of days from the day of consent, in addition to `months`; null for none.
    async fn days(&self) -> Option<i32> {
        self.rule.days
    }

    /// True if consent takes effect on the first day of the month that follows the period.
    async fn first_day_of_month(&self) -> bool {
        self.rule.first_day_of_month
    }

    /// True if the article states that consent takes no effect before the treaty itself is in force. Whatever it
    /// states, no status is `PARTY` before that.
    async fn not_before_treaty(&self) -> bool {
        self.rule.not_before_treaty
    }

    /// The treaty to which a country must have consented too, as a protocol requires; null if there is none. A country
    /// that leaves that treaty leaves this one on the same day.
    async fn requires_party_to(&self, ctx: &Context<'_>) -> Option<Result<Inline<Treaty>, Error>> {
        let required = self.rule.requires_party_to.clone()?;
        by_reference(ctx, required, self.view).await.transpose()
    }

    /// Months from a denunciation until it takes effect, rounded as `firstDayOfMonth` says; null if they are not known.
    async fn denunciation_months(&self) -> Option<i32> {
        self.rule.denunciation_months
    }
}

/// Selects participations that match every member given. A member that is left out does not restrict; an empty list
/// matches nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ParticipationFilter {
    /// Participations with one of these statuses on the as-of date.
    status: Option<Vec<TreatyStatus>>,
    /// Participations of countries in one of these M49 regions or subregions, by their exact English names. An error for
    /// a name that is not among `Query.regions`.
    regions: Option<Vec<String>>,
    /// Participations with a reservation in force on one of these articles of the treaty. `9` also selects a reservation
    /// on `9(1)(d)`, and `9(1)(d)` one on `9`. See `TreatyParticipation.reservations`.
    reserved_articles: Option<Vec<String>>,
}

impl CursorArguments for ParticipationFilter {
    fn cursor_arguments(&self) -> Value {
        let Self {
            status,
            regions,
            reserved_articles,
        } = self;
        arguments([
            ("status", json!(status)),
            ("regions", json!(regions)),
            ("reservedArticles", json!(reserved_articles)),
        ])
    }
}

impl CursorArguments for All {
    fn cursor_arguments(&self) -> Value {
        arguments([])
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

/// Loads the treaty with a reference.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn by_reference(
    ctx: &Context<'_>,
    reference: TreatyReference,
    view: View,
) -> Result<Option<Inline<Treaty>>, Error> {
    let rows = ctx
        .loader()
        .load_one(By::new(OfReference, reference, view.moment))
        .await?;
    let row = rows.as_ref().and_then(|rows| rows.first());
    Ok(row.map(|row| Inline(Treaty::new(Arc::clone(row), view))))
}

/// A page of treaties, by reference.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn list(
    ctx: &Context<'_>,
    args: PageArgs,
    view: View,
) -> Result<Connection<Treaty>, Error> {
    page::listed(ctx, "treaties", &All, args, view, Treaty::new).await
}
