//! The days on which the status of a country changes because a day arrives.

use std::collections::BTreeSet;

use super::case::{Act, Case};
use super::readings::Readings;
use super::scene::Scene;
use super::standing::{Standing, TreatyStatus};
use super::status::status;
use crate::date::Day;
use crate::effect::{Turn, edges};
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

/// Returns the changes of the status after one day and up to another, as far as is known, each with the act that
/// causes it.
pub fn turns(case: &Case, (after, until): (Day, Day)) -> Vec<(Turn<TreatyStatus>, RecordId)> {
    let within = |day: &Day| after < *day && *day <= until;
    let mut days: BTreeSet<Day> = case.edges().into_iter().filter(within).collect();
    days.extend(nexts(case, after).into_iter().filter(within));
    let mut found = Vec::new();
    let mut last: Option<(Day, Standing)> = None;
    while let Some(on) = days.pop_first() {
        let nexts = nexts(case, on).into_iter();
        days.extend(nexts.filter(|next| on < *next && within(next)));
        let before = last.take().filter(|(day, _)| *day == on.previous());
        let before = before.map_or_else(
            || status(case, on.previous(), on.previous()),
            |(_, before)| before,
        );
        let then = status(case, on, on);
        if before.status != then.status
            && let Some(act) = decisive(case, on, &before.basis, &then.basis)
        {
            let turn = Turn {
                on,
                before: before.status,
                after: then.status,
            };
            found.push((turn, act));
        }
        last = Some((on, then));
    }
    found
}

/// Returns the days after one day and up to another on which the status can change. On them an act, or a date on
/// which the treaty depends, begins or ceases to count, or a known next status begins.
pub fn edges_within(case: &Case, (after, until): (Day, Day)) -> BTreeSet<Day> {
    let within = |day: &Day| after < *day && *day <= until;
    let mut days: BTreeSet<Day> = case.edges().into_iter().filter(within).collect();
    let mut open = vec![after];
    open.extend(days.iter().copied());
    while let Some(day) = open.pop() {
        for next in nexts(case, day).into_iter().filter(within) {
            if days.insert(next) {
                open.push(next);
            }
        }
    }
    days
}

/// Returns the next days on which the status can change, as far as is known on `day`.
fn nexts(case: &Case, day: Day) -> Vec<Day> {
    case.lines()
        .into_iter()
        .flat_map(|line| next_of(line, day))
        .collect()
}

/// Returns the next days on which the status of one line can change, as far as is known on `day`. If partial dates
/// allow several readings, it can change on any day.
fn next_of(case: &Case, day: Day) -> Vec<Day> {
    if !Readings::of(case, day, day).is_one() {
        return vec![day.next()];
    }
    let scene = Scene::new(case, day, day);
    let next = scene.next(scene.stand().status);
    next.into_iter().map(|(_, on)| on).collect()
}

/// Returns the act that caused the change from one basis to another on a day. It is a new act, else a withdrawal of
/// an act that counted before, else one that stopped counting, else the last that counts.
///
/// If the country leaves a required treaty, the cause is an act under this treaty: the denunciation is an event of
/// the required one, which has its own effect.
fn decisive(case: &Case, on: Day, before: &[RecordId], after: &[RecordId]) -> Option<RecordId> {
    let own = |basis: &[RecordId]| -> Vec<RecordId> {
        let is_own = |id: &&RecordId| case.acts.iter().any(|act| act.id == **id);
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
    new.or_else(|| Some(case.acts.iter().find(withdraws)?.id.clone()))
        .or_else(|| before.iter().rfind(|id| !after.contains(id)).cloned())
        .or_else(|| after.last().cloned())
}

impl Case {
    /// Returns the days on which an act, or a date on which the treaty depends, begins or ceases to count.
    fn edges(&self) -> Vec<Day> {
        let dates = self.acts.iter();
        let dates = dates.flat_map(|act| [act.date, act.effective, act.ends_on]);
        let mut days = edges(dates.chain([self.treaty_in_force]));
        days.extend(self.required.iter().flat_map(|case| case.edges()));
        if let Some(territory) = &self.territory {
            days.extend(territory.lines().flat_map(Self::edges));
            days.extend(territory.edges());
        }
        days
    }
}
