//! On which days time alone changes where a country stands.

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

/// When the status of a country changes after one day and until another by what is known, and by the
/// effect of which act.
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

/// The days after one and until another on which an act, or what the treaty depends on, begins to count or
/// ends, or the status is going to be another.
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

/// The next days on which the status can be another, as far as is known on a day.
fn nexts(case: &Case, day: Day) -> Vec<Day> {
    case.lines()
        .into_iter()
        .flat_map(|line| next_of(line, day))
        .collect()
}

/// The next days on which the status can be another, as far as is known on a day: where partial dates leave
/// several readings, any day can be.
fn next_of(case: &Case, day: Day) -> Vec<Day> {
    if !Readings::of(case, day, day).is_one() {
        return vec![day.next()];
    }
    let scene = Scene::new(case, day, day);
    let next = scene.next(scene.stand().status);
    next.into_iter().map(|(_, on)| on).collect()
}

/// The act under the treaty whose effect it is that one basis takes the place of another on a day: what is
/// new, else what withdraws an act that counted before, else what counts no more, else the last of those
/// that count. Who leaves a required treaty leaves by what bound it to this one: the act of leaving has the
/// required treaty's own effect.
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
    /// The days on which an act, or what the treaty depends on, begins to count or ends.
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
