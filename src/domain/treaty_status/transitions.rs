//! The days on which the status of a country changes because a day arrives.

use std::collections::BTreeSet;

use super::dated_input::DatedInput;
use super::readings::Readings;
use super::standing::{Standing, TreatyStatus};
use super::status::status;
use super::status_input::{Act, StatusInput};
use crate::date::Date;
use crate::effect::{Transition, edges};
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

/// Returns the changes of the status after one day and up to another, as far as is known, each with the act that
/// causes it.
pub fn transitions(
    input: &StatusInput,
    (after, until): (Date, Date),
) -> Vec<(Transition<TreatyStatus>, RecordId)> {
    let within = |day: &Date| after < *day && *day <= until;
    let mut days: BTreeSet<Date> = input.edges().into_iter().filter(within).collect();
    days.extend(nexts(input, after).into_iter().filter(within));
    let mut found = Vec::new();
    let mut last: Option<(Date, Standing)> = None;
    while let Some(on) = days.pop_first() {
        let nexts = nexts(input, on).into_iter();
        days.extend(nexts.filter(|next| on < *next && within(next)));
        let before = last.take().filter(|(day, _)| *day == on.previous());
        let before = before.map_or_else(
            || status(input, on.previous(), on.previous()),
            |(_, before)| before,
        );
        let then = status(input, on, on);
        if before.status != then.status
            && let Some(act) = decisive(input, on, &before.basis, &then.basis)
        {
            let transition = Transition {
                on,
                before: before.status,
                after: then.status,
            };
            found.push((transition, act));
        }
        last = Some((on, then));
    }
    found
}

/// Returns the days after one day and up to another on which the status can change. On them an act, or a date on
/// which the treaty depends, begins or ceases to count, or a known next status begins.
pub fn edges_within(input: &StatusInput, (after, until): (Date, Date)) -> BTreeSet<Date> {
    let within = |day: &Date| after < *day && *day <= until;
    let mut days: BTreeSet<Date> = input.edges().into_iter().filter(within).collect();
    let mut open = vec![after];
    open.extend(days.iter().copied());
    while let Some(day) = open.pop() {
        for next in nexts(input, day).into_iter().filter(within) {
            if days.insert(next) {
                open.push(next);
            }
        }
    }
    days
}

/// Returns the next days on which the status can change, as far as is known on `day`.
fn nexts(input: &StatusInput, day: Date) -> Vec<Date> {
    input
        .lines()
        .into_iter()
        .flat_map(|line| next_of(line, day))
        .collect()
}

/// Returns the next days on which the status of one line can change, as far as is known on `day`. If partial dates
/// allow several readings, it can change on any day.
fn next_of(input: &StatusInput, day: Date) -> Vec<Date> {
    if !Readings::of(input, day, day).is_one() {
        return vec![day.next()];
    }
    let dated_input = DatedInput::new(input, day, day);
    let next = dated_input.next(dated_input.status_on_day().status);
    next.into_iter().map(|(_, on)| on).collect()
}

/// Returns the act that caused the change from one basis to another on a day. It is a new act, else a withdrawal of
/// an act that counted before, else one that stopped counting, else the last that counts.
///
/// If the country leaves a required treaty, the cause is an act under this treaty: the denunciation is an event of
/// the required one, which has its own effect.
fn decisive(
    input: &StatusInput,
    on: Date,
    before: &[RecordId],
    after: &[RecordId],
) -> Option<RecordId> {
    let own = |basis: &[RecordId]| -> Vec<RecordId> {
        let is_own = |id: &&RecordId| input.acts.iter().any(|act| act.id == **id);
        basis.iter().filter(is_own).cloned().collect()
    };
    let (before, after) = (own(before), own(after));
    let new = after.iter().rfind(|id| !before.contains(id)).cloned();
    let withdraws = |act: &&Act| {
        let names = act
            .relates_to
            .as_ref()
            .is_some_and(|id| before.contains(id));
        act.kind == TreatyEventKind::Withdrawal
            && names
            && edges([act.effective.or(act.date)]).contains(&on)
    };
    new.or_else(|| Some(input.acts.iter().find(withdraws)?.id.clone()))
        .or_else(|| before.iter().rfind(|id| !after.contains(id)).cloned())
        .or_else(|| after.last().cloned())
}

impl StatusInput {
    /// Returns the days on which an act, or a date on which the treaty depends, begins or ceases to count.
    fn edges(&self) -> Vec<Date> {
        let dates = self.acts.iter();
        let dates = dates.flat_map(|act| [act.date, act.effective, act.ends_on]);
        let mut days = edges(dates.chain([self.treaty_in_force]));
        days.extend(self.required.iter().flat_map(|input| input.edges()));
        if let Some(territory) = &self.territory {
            days.extend(territory.lines().flat_map(Self::edges));
            days.extend(territory.edges());
        }
        days
    }
}
