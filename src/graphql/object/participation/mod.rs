//! Participations: the relation of one country to one treaty, computed from treaty events.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use async_graphql::{Context, Object};
use cyberprofiles_graphql_macros::at_once;

use crate::engine::argument::bounded;
use crate::engine::context::View;
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;
use crate::object::citation;
use crate::object::country::{self as countries, Country};
use crate::object::treaty::Treaty;
use crate::object::treaty_event::TreatyEvent;
use crate::object::value::{PartialDate, partial};
use domain::article;
use domain::citation::Certainty;
use domain::country::CountryKind;
use domain::date::Date;
use domain::text::CountryCode;
use domain::treaty_event::TreatyEventKind;
use domain::treaty_status::{self, DateOrigin, TreatyStatus};
use store::participation::Participation;
use store::treaty_event;

mod accompanying;
mod acts;
mod counted;
mod naming;

use accompanying::{Accompanying, Parent};
pub use acts::{acting_countries, of_country, of_country_and_treaty, of_treaty};
pub use counted::CountedCountries;
pub use store::participation::{USUAL_KINDS, is_counted};

/// The relation of one country to one treaty in a view; cheap to clone.
#[derive(Clone)]
pub struct TreatyParticipation(Arc<ParticipationData>);

struct ParticipationData {
    computed: Participation,
    parent: Option<Parent>,
    view: View,
    accompanying: Accompanying,
}

impl Deref for ParticipationData {
    type Target = Participation;
    fn deref(&self) -> &Participation {
        &self.computed
    }
}

/// Size of an event in the data of a participation, in bytes, approximate: it is copied as an act.
const EVENT_BYTES: usize = 512;

impl TreatyParticipation {
    /// Size in memory, in bytes, approximate.
    fn size(&self) -> usize {
        let events = self.0.events.len().saturating_add(2);
        events.saturating_mul(EVENT_BYTES)
    }
}

/// The relation of one country to one treaty on the as-of date: status, dates, the events from which they follow,
/// reservations, declarations and authorities. An act counts from its own day on.
///
/// It is computed for each request from cited treaty events and the treaty's rule on entry into force, and never
/// stored. Its terms are those of the Vienna Convention on the Law of Treaties (VCLT). For a day other than today, read
/// it from `at(asOf: …)`.
#[at_once]
#[Object]
impl TreatyParticipation {
    /// The country.
    async fn country(&self) -> Inline<Country> {
        Inline(Country::new(Arc::clone(&self.0.country), self.0.view))
    }

    /// The treaty.
    async fn treaty(&self) -> Inline<Treaty> {
        Inline(Treaty::new(Arc::clone(&self.0.treaty), self.0.view))
    }

    /// The status of the country under the treaty on the as-of date. `TreatyStatus` describes each status, and lists
    /// those that the Council of Europe counts as "Parties".
    async fn status(&self) -> TreatyStatus {
        self.0.standing.status
    }

    /// The certainty of the status: the weakest certainty of the recorded values from which it follows, in the order
    /// that `Certainty` gives. These values are:
    /// - `kind`, `date` and `effectiveDate` of each event in `basis`;
    /// - for a treaty in force from a computed date: the treaty's `entryIntoForceRule`, or without a rule its
    ///   `entryIntoForceOn`;
    /// - for `NO_ACTION`: the treaty's `eventsCompleteAsOf`.
    ///
    /// Of several citations of one value the strongest counts, but `DISPUTED` prevails. A value of the treaty without a
    /// citation counts as `UNVERIFIED`, one of an event does not count. The certainty is at best
    /// `UNVERIFIED` in two cases: no source supports any of these values; or the country leaves this treaty only by
    /// leaving the treaty that this one requires, and no known clause provides for that. One treaty has such a clause:
    /// CETS 224, Article 24(3).
    async fn certainty(&self, ctx: &Context<'_>) -> Result<Certainty, Error> {
        let mut cited = HashMap::new();
        for id in self.0.evidence() {
            cited.insert(id, citation::of_record(ctx, id, self.0.view).await?);
        }
        Ok(self
            .0
            .certainty(|id| cited.get(id).map(|rows| rows.as_slice())))
    }

    /// The date from which the country has this status. Null if the date is not known, if no act decides, and while
    /// `status` is `UNKNOWN`.
    async fn since(&self) -> Option<PartialDate> {
        partial(self.0.standing.since)
    }

    /// The date from which the treaty is, was or will be in force for the country; never before the treaty itself is in
    /// force. Null in these cases:
    /// - The country has not consented to be bound.
    /// - The date of the treaty's own entry into force is not known.
    /// - There is neither a date of the depositary nor a rule.
    /// - The rule applies, but the treaty that it requires is not or will not be in force for the country.
    /// - `status` is `UNKNOWN`.
    async fn in_force_from(&self) -> Option<EffectiveDate> {
        self.0.standing.in_force_from.map(EffectiveDate)
    }

    /// The treaty events from which `status` and the dates follow. They are the evidence for it; each event has its
    /// citations. For each status, in this order:
    /// - `INVITED_TO_ACCEDE`: the invitation.
    /// - `SIGNATORY`: the signature.
    /// - `PROVISIONALLY_APPLYING`: the signature, if there is one, and the provisional application.
    /// - `CONTRACTING_STATE`: the act of consent (ratification, accession, …); then the provisional application, while
    ///   it lasts. A signature is not in the basis after consent.
    /// - `PARTY`: the act of consent; then the depositary's notice of entry into force, if there is one. The notice is
    ///   in the basis from its `date` on, but gives `inForceFrom` already before.
    /// - `SUSPENDED`: the basis of `PARTY`, then the suspensions.
    /// - `DENUNCIATION_PENDING`, `FORMER_PARTY`: the basis of `PARTY`, consent included, then the denunciation. It can
    ///   be the denunciation of the treaty that this one requires.
    /// - `NO_ACTION`: empty.
    /// - `UNKNOWN`: empty if no act counts. Else the dates are inexact: all events that decide in any order of the acts
    ///   that the dates allow, by id. `possibleStatuses` has the statuses of these orders.
    ///
    /// A succession takes the place of the act to which it succeeds. For a country that consented again before its
    /// denunciation took effect, the new consent follows the denunciation. For a territory that does not act for
    /// itself, the events are those of the State that extended the treaty to it. Bounded: a few.
    async fn basis(&self) -> Objects<TreatyEvent> {
        self.0
            .basis_events()
            .map(|event| TreatyEvent::new(Arc::clone(event), self.0.view))
            .collect()
    }

    /// The day from which the country applies the treaty provisionally (VCLT 25), also between consent and entry into
    /// force, while `status` is `CONTRACTING_STATE`. Null if it does not, once the treaty is in force for it, and while
    /// `status` is `UNKNOWN`.
    async fn provisionally_applied_since(&self) -> Option<PartialDate> {
        let mut basis = self.0.basis_events();
        let applies = basis.find(|event| event.kind == TreatyEventKind::ProvisionalApplication)?;
        let is_known = self.0.standing.status != TreatyStatus::Unknown;
        partial(applies.effective_date.or(applies.date).filter(|_| is_known))
    }

    /// The next status and its first day, as they follow from the acts up to the as-of date. Example: after a
    /// ratification, `PARTY` on the day of entry into force. Null if nothing follows from them, or if inexact dates
    /// allow several answers.
    async fn next(&self) -> Option<NextStatus> {
        self.0.standing.next.map(|(status, on)| NextStatus {
            status,
            on: on.into(),
        })
    }

    /// Every status that is possible where dates are inexact, in the order that `TreatyStatus` gives. For example, a
    /// source gives only the year of two acts: their order is open, and so may be the status. The list has several
    /// elements if `status` is `UNKNOWN` for this reason, else `status` alone.
    ///
    /// Bounded: ten. If there are more than a few thousand possible orders, the list is an upper bound: every status to
    /// which the acts could lead.
    async fn possible_statuses(&self) -> &[TreatyStatus] {
        &self.0.standing.possible
    }

    /// The reservations in force on the as-of date, by id. A reservation counts if it was made at consent or later; one
    /// made before, at signature, counts only if it was confirmed at consent or later (VCLT 23). It is in force while
    /// the treaty is in force for the country, until it is wholly withdrawn or ends, and not before its
    /// `effectiveDate`. One made for a territory is listed with the State and with the territory.
    ///
    /// Under ETS 189, the country's reservations to ETS 185 are listed too, while both treaties are in force for it
    /// (ETS 189, Article 12(1)). A country declares otherwise by a declaration or reservation under ETS 189 that names
    /// Article `12` or `12(1)`: while that is in force, its reservations to ETS 185 are left out. Bounded: tens.
    async fn reservations(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only those on one of these articles of this treaty. `9` also selects `9(1)(d)`, and `9(1)(d)` also `9`. Left out: all."
        )]
        articles: Option<Vec<String>>,
    ) -> Result<Objects<TreatyEvent>, Error> {
        bounded("articles", articles.as_deref())?;
        let events = self.0.reservations(ctx).await?.iter();
        Ok(self.events(events.filter(|event| self.concerns(event, articles.as_deref()))))
    }

    /// The declarations in force on the as-of date, by id, under the same conditions as `reservations`: one made at
    /// signature is listed only if it was confirmed at consent or later. One made for a territory is listed with the
    /// State and with the territory, also if it excludes the territory from the treaty. Under ETS 189, declarations to
    /// ETS 185 are listed too, as reservations are. Bounded: tens.
    async fn declarations(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only those on one of these articles of this treaty. `9` also selects `9(1)(d)`, and `9(1)(d)` also `9`. Left out: all."
        )]
        articles: Option<Vec<String>>,
    ) -> Result<Objects<TreatyEvent>, Error> {
        bounded("articles", articles.as_deref())?;
        let events = self.0.declarations(ctx).await?.iter();
        Ok(self.events(events.filter(|event| self.concerns(event, articles.as_deref()))))
    }

    /// The designations of authorities that are valid on the as-of date, by id, whatever the status. A designation is
    /// valid from its `effectiveDate`, else its `date`, until it is withdrawn, ends or is replaced. A newer designation
    /// replaces an older one:
    /// - if both are for the same article, function and territories; two of one day are both valid;
    /// - if its `relatesTo` names the older one, for the articles that the two have in common.
    ///
    /// Without `relatesTo`, articles are compared as they are written: `24` and `24(7)(a)` are two articles. With it,
    /// `24` includes `24(7)(a)`, and no article means all. A designation for several articles is listed while it is
    /// valid for one of them. One made for a territory is listed with the State and with the territory. Bounded: tens.
    async fn designations(&self, ctx: &Context<'_>) -> Result<Objects<TreatyEvent>, Error> {
        Ok(self.events(self.0.designations(ctx).await?.iter()))
    }

    /// The State whose acts extend the treaty to this territory. Null for a country that acts for itself, and if no
    /// extension is known.
    async fn extended_from(&self, ctx: &Context<'_>) -> Option<Result<Inline<Country>, Error>> {
        let code = self.0.extended_from()?.clone();
        countries::by_code(ctx, code, self.0.view).await.transpose()
    }

    /// The statuses that web pages printed for this country by the as-of date, each compared with the status computed
    /// for the day of the page. They never decide a status. Ordered by id of the event. Bounded: tens.
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

impl TreatyParticipation {
    fn of(computed: Participation, parent: Option<Parent>, view: View) -> Self {
        Self(Arc::new(ParticipationData {
            computed,
            parent,
            view,
            accompanying: Accompanying::default(),
        }))
    }

    /// The reservations and declarations in force on an article, by id.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn statements_on(
        &self,
        ctx: &Context<'_>,
        article: &str,
    ) -> Result<Objects<TreatyEvent>, Error> {
        let reservations = self.0.reservations(ctx).await?.iter();
        let declarations = self.0.declarations(ctx).await?.iter();
        let wanted = [article.to_owned()];
        let found = reservations.chain(declarations);
        let mut found: Vec<&Arc<treaty_event::Model>> = found
            .filter(|event| self.concerns(event, Some(&wanted)))
            .collect();
        found.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(self.events(found.into_iter()))
    }

    /// True if a reservation in force concerns one of some articles.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn is_reserved(&self, ctx: &Context<'_>, articles: &[String]) -> Result<bool, Error> {
        let mut reservations = self.0.reservations(ctx).await?.iter();
        Ok(reservations.any(|event| self.concerns(event, Some(articles))))
    }

    /// The code of the country.
    pub fn code(&self) -> &CountryCode {
        &self.0.country.code
    }

    /// The status of the country on the as-of date.
    pub fn standing_status(&self) -> TreatyStatus {
        self.0.standing.status
    }

    /// The status of the country on another day, from what is known at the moment of the view.
    pub fn status_on(&self, day: Date) -> TreatyStatus {
        if day == self.0.view.as_of {
            return self.standing_status();
        }
        treaty_status::status(&self.0.input, day, self.0.view.known_on).status
    }

    /// True if an act of another country under this treaty names the country as a territory. Statements do not count:
    /// one that excludes a territory names it, too.
    pub fn is_named(&self) -> bool {
        let (country, treaty) = (&self.0.country.code, &self.0.treaty.reference);
        let code = country.to_string();
        self.0.events.iter().any(|event| {
            let is_act = event.kind.decides() && event.treaty == *treaty;
            is_act && event.country != *country && event.territories.contains(&code)
        })
    }

    /// The kind of the country.
    pub fn kind(&self) -> CountryKind {
        self.0.country.kind
    }

    /// True if the country is in one of these regions or subregions.
    pub fn is_in(&self, regions: &[String]) -> bool {
        let mut of_country = [&self.0.country.region, &self.0.country.subregion]
            .into_iter()
            .flatten();
        of_country.any(|region| regions.contains(region))
    }

    /// True if an act under this treaty names one of some articles, a part of one, or an article that contains one;
    /// always if no articles are given. A statement that is carried over names articles of another treaty.
    fn concerns(&self, event: &treaty_event::Model, articles: Option<&[String]>) -> bool {
        let Some(articles) = articles else {
            return true;
        };
        let overlaps = |wanted: &String| {
            let mut named = event.articles.iter();
            named.any(|article| article::overlap(article, wanted))
        };
        event.treaty == self.0.treaty.reference && articles.iter().any(overlaps)
    }

    fn events<'a>(
        &self,
        events: impl Iterator<Item = &'a Arc<treaty_event::Model>>,
    ) -> Objects<TreatyEvent> {
        events
            .map(|event| TreatyEvent::new(Arc::clone(event), self.0.view))
            .collect()
    }
}

/// The date of entry into force for a country, with its origin.
struct EffectiveDate(treaty_status::EffectiveDate);

/// The date from which a treaty is in force for a country, and where it comes from.
#[at_once]
#[Object]
impl EffectiveDate {
    /// The date.
    async fn date(&self) -> PartialDate {
        self.0.date.into()
    }

    /// The origin of the date: given by the depositary, or computed by this service from the treaty's rule or the
    /// treaty's own entry into force.
    async fn origin(&self) -> DateOrigin {
        self.0.origin
    }
}

/// The next status of a country under a treaty.
#[derive(async_graphql::SimpleObject)]
struct NextStatus {
    /// The status that follows.
    status: TreatyStatus,
    /// The date from which it applies.
    on: PartialDate,
}

/// A status that a web page printed. It is compared with the computed status and never decides it.
#[derive(async_graphql::SimpleObject)]
struct ReportedLabel {
    /// The words of the page, as in `Party`.
    label: String,
    /// The event in which they are recorded.
    event: TreatyEvent,
    /// True if the words agree with the status computed for the day of the page.
    agrees: bool,
}
