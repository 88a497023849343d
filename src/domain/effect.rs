//! Effects: answers that change because a day arrives, not because somebody edits a record.

use std::collections::BTreeSet;

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use super::date::{Date, PartialDate};

/// A change of an answer by the arrival of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// The first day with the new answer.
    pub on: Date,
    /// Kind of answer that changed.
    pub kind: EffectKind,
    /// The answer on the day before; `None` if there was none.
    pub before: Option<String>,
    /// The answer from that day; `None` if there is none.
    pub after: Option<String>,
}

/// Kind of answer that changed because a day arrived: for each kind the field that returns the answer, the record of
/// the change, and the form of `before` and `after`. The list may grow.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, async_graphql::Enum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EffectKind {
    /// The status of a country under a treaty: `TreatyParticipation.status`. `before` and `after` are values of
    /// `TreatyStatus`. The record is the treaty event under this treaty that causes the change. It is the newest event
    /// of the new basis; else the withdrawal of an earlier one, the event that ceases to count, or the last that
    /// counts.
    TreatyStatusChanged,
    /// The State that extends a treaty to a territory: `TreatyParticipation.extendedFrom`. `before` and `after` are
    /// country codes. The record is the treaty event by which the new State extends it.
    ExtensionChanged,
    /// A reservation, declaration or designation takes effect or ceases to have it, and so enters or leaves one of the
    /// lists of `TreatyParticipation` (`reservations`, `declarations`, `designations`), and
    /// `ArticleImplementation.reservations`. `before` and `after` are the
    /// text `IN_FORCE` while it is in the list, else null. No field of the schema returns this text. The record is the
    /// treaty event with the reservation, declaration or designation.
    StatementChanged,
    /// The organisations of which a country is a member on the day: those of `Country.memberships` with the role `MEMBER`
    /// that have begun and not ended; `CountryFilter.memberships` selects by them. `before` and `after` are values of
    /// `InternationalOrganisation`, joined by a comma and a space, or null for none. The record is the country.
    MembershipsChanged,
    /// The country that administers a territory: `Country.administeredBy`. `before` and `after` are its code, or
    /// null for none. The record is the territory.
    AdministrationChanged,
    /// The latest coverage assertion of a country on a topic: `Country.coverage`. `before` and `after` are values of
    /// `CoverageAssertion.value`; `before` is null if there was no assertion. The record is the assertion that counts
    /// from that day.
    CoverageChanged,
    /// A policy document, body or unit begins, and is in the lists from that day. `before` is null. `after` is the
    /// `effectiveStatus` of the document, or the `status` of the institution. The record is the document, body or unit.
    /// There is no such effect if its status changes on the same day.
    PeriodBegan,
    /// The period of a policy document, body or unit has ended. The answer is the `effectiveStatus` of the document,
    /// which becomes `EXPIRED`, or the `status` of the institution, which becomes `DISSOLVED`. `before` and `after` are
    /// values of that field. The record is the document, body or unit.
    PeriodEnded,
    /// A policy document gets another `effectiveStatus` for a reason other than the end of its period: it enters into
    /// force or is repealed. `before` and `after` are values of that field. The record is the document.
    EffectiveStatusChanged,
    /// The last verification of a record becomes more than a year old: `Freshness.reasons`. `before` is null, `after`
    /// is `REVIEW_OVERDUE`. The record is the one that was verified, of any kind.
    ReviewOverdue,
}

/// A day on which an answer differs from the answer on the day before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition<T> {
    /// The day.
    pub on: Date,
    /// The answer on the day before.
    pub before: T,
    /// The answer on the day.
    pub after: T,
}

impl<T> Transition<T> {
    /// Converts both answers, on the same day.
    pub fn map<U>(self, made: impl Fn(T) -> U) -> Transition<U> {
        Transition {
            on: self.on,
            before: made(self.before),
            after: made(self.after),
        }
    }
}

/// Returns the changes of an answer after one day and up to another. `days` must contain every day on which the
/// answer can change.
pub fn transitions<T: PartialEq>(
    days: impl IntoIterator<Item = Date>,
    (after, until): (Date, Date),
    answer: impl Fn(Date) -> T,
) -> Vec<Transition<T>> {
    let days: BTreeSet<Date> = days.into_iter().collect();
    let days = days.into_iter().filter(|day| after < *day && *day <= until);
    let transition = |on: Date| Transition {
        on,
        before: answer(on.previous()),
        after: answer(on),
    };
    days.map(transition)
        .filter(|transition| transition.before != transition.after)
        .collect()
}

/// Returns the days on which an answer computed from `dates` can change: for each date its first day, its last day
/// and the day after.
pub fn edges(dates: impl IntoIterator<Item = Option<PartialDate>>) -> Vec<Date> {
    let dates = dates.into_iter().flatten();
    dates
        .flat_map(|date| {
            let last = date.latest();
            [date.earliest(), last, last.map(Date::next)]
        })
        .flatten()
        .collect()
}

/// Number of days for which a verification is valid.
const REVIEW_AFTER_DAYS: u32 = 365;

/// Returns the day from which a record verified on `verified_on` is due for review.
pub fn review_due(verified_on: Date) -> Date {
    verified_on.plus_days(REVIEW_AFTER_DAYS).next()
}

/// Returns the range of verification days whose review falls due after one day and up to another.
pub fn verified_between((after, until): (Date, Date)) -> (Date, Date) {
    let before = |day: Date| day.minus_days(REVIEW_AFTER_DAYS.saturating_add(1));
    (before(after), before(until))
}
