//! What time alone changes: answers that are computed for a day, and are others on the next.

use std::collections::BTreeSet;

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use super::date::{Day, PartialDate};

/// What time alone changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// The day from which it is so.
    pub on: Day,
    /// What kind of answer changed.
    pub kind: EffectKind,
    /// The answer before.
    pub before: Option<String>,
    /// The answer after.
    pub after: Option<String>,
}

/// What kind of answer time changed. The list may grow.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, async_graphql::Enum, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EffectKind {
    /// Where a country stands under a treaty: `TreatyParticipation.status`. The record is the event whose
    /// effect it is.
    TreatyStatusChanged,
    /// Another State extends a treaty to a territory: `TreatyParticipation.extendedFrom`. The record is the
    /// event by which it does.
    ExtensionChanged,
    /// A reservation, declaration or designation takes effect, or loses it: the lists of these in
    /// `TreatyParticipation`. The record is that event; `IN_FORCE`, or null while it is not.
    StatementChanged,
    /// The organisations that a country belongs to, joined by commas: `Country.memberships`, and
    /// `CountryFilter.memberships`.
    MembershipsChanged,
    /// The country that administers a territory, by its code: `Country.administeredBy`.
    AdministrationChanged,
    /// Another finding is the latest on its topic: `Country.coverage`. The record is that finding; before
    /// and after are the values.
    CoverageChanged,
    /// A document or an institution begins: it is in the lists from that day. Null before; after, its
    /// status. Where its status changes on that day, that is told alone.
    PeriodBegan,
    /// The period of a document or an institution ended: its `effectiveStatus` or `status`.
    PeriodEnded,
    /// A document is in force, or repealed, from that day: its `effectiveStatus`.
    EffectiveStatusChanged,
    /// A verification is more than a year old: `Freshness.reasons`.
    ReviewOverdue,
}

/// A day on which an answer is another than on the day before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn<T> {
    /// The day.
    pub on: Day,
    /// The answer on the day before.
    pub before: T,
    /// The answer on the day.
    pub after: T,
}

impl<T> Turn<T> {
    /// The same turn of what is made of the answers.
    pub fn map<U>(self, made: impl Fn(T) -> U) -> Turn<U> {
        Turn {
            on: self.on,
            before: made(self.before),
            after: made(self.after),
        }
    }
}

/// When an answer changes after one day and until another, where it can change only on some days.
pub fn turns<T: PartialEq>(
    days: impl IntoIterator<Item = Day>,
    (after, until): (Day, Day),
    answer: impl Fn(Day) -> T,
) -> Vec<Turn<T>> {
    let days: BTreeSet<Day> = days.into_iter().collect();
    let days = days.into_iter().filter(|day| after < *day && *day <= until);
    let turn = |on: Day| Turn {
        on,
        before: answer(on.previous()),
        after: answer(on),
    };
    days.map(turn)
        .filter(|turn| turn.before != turn.after)
        .collect()
}

/// The days on which what is computed from some dates can change: those on which one begins or may
/// begin, and the day after its last.
pub fn edges(dates: impl IntoIterator<Item = Option<PartialDate>>) -> Vec<Day> {
    let dates = dates.into_iter().flatten();
    dates
        .flat_map(|date| {
            let last = date.latest();
            [date.earliest(), last, last.map(Day::next)]
        })
        .flatten()
        .collect()
}

/// How many days a verification holds.
const REVIEW_AFTER_DAYS: u32 = 365;

/// The day from which a record that was verified on `verified_on` is due to be looked at again.
pub fn review_due(verified_on: Day) -> Day {
    verified_on.plus_days(REVIEW_AFTER_DAYS).next()
}

/// Between which days a verification lies that is due after one day and until another.
pub fn verified_between((after, until): (Day, Day)) -> (Day, Day) {
    let before = |day: Day| day.minus_days(REVIEW_AFTER_DAYS.saturating_add(1));
    (before(after), before(until))
}
