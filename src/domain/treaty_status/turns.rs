//! On which days time alone changes where a country stands.

use std::collections::BTreeSet;

use super::case::{Act, Case};
use super::scene::{Reading, Scene};
use super::{TreatyStatus, status};
use crate::domain::date::Day;
use crate::domain::effect::{Turn, edges};
use crate::domain::record::RecordId;
use crate::domain::treaty_event::TreatyEventKind;

/// When the status of a country changes after one day and until another by what is known, and by the
/// effect of which act.
pub fn turns(case: &Case, (after, until): (Day, Day)) -> Vec<(Turn<TreatyStatus>, RecordId)> {
    let within = |day: &Day| after < *day && *day <= until;
    let mut days: BTreeSet<Day> = case.edges().into_iter().filter(within).collect();
    days.extend(nexts(case, after).into_iter().filter(within));
    let mut found = Vec::new();
    while let Some(on) = days.pop_first() {
        let nexts = nexts(case, on).into_iter();
        days.extend(nexts.filter(|next| on < *next && within(next)));
        let [before, then] = [on.previous(), on].map(|day| status(case, day, day));
        if before.status == then.status {
            continue;
        }
        let Some(act) = decisive(case, on, &before.basis, &then.basis) else {
            continue;
        };
        let turn = Turn {
            on,
            before: before.status,
            after: then.status,
        };
        found.push((turn, act));
    }
    found
}

/// The days on which the status is going to be another, by each reading of partial dates.
fn nexts(case: &Case, day: Day) -> Vec<Day> {
    let readings = [Reading::Earliest, Reading::Latest].into_iter();
    let next = |reading| Scene::new(case, day, day, reading).standing().next;
    readings
        .filter_map(|reading| next(reading)?.1.earliest())
        .collect()
}

/// The act whose effect it is that one basis takes the place of another on a day: what is new, else what
/// withdraws an act that counted before, else what counts no more, else the last of those that count.
fn decisive(case: &Case, on: Day, before: &[RecordId], after: &[RecordId]) -> Option<RecordId> {
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
        days
    }
}
