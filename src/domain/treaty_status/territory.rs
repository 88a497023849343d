//! A country for which other States act or acted: its own acts beside those of each State that extended
//! the treaty to it, and which of them decides on a day.

use super::case::{Act, Administered, Case, Territory};
use super::standing::{Standing, TreatyStatus};
use super::{line, reservations};
use crate::date::{Day, PartialDate};
use crate::effect::edges;
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

impl Administered {
    fn holds_on(&self, day: Day) -> bool {
        let since = self.since.and_then(|since| since.earliest());
        let until = self.until.latest();
        since.is_none_or(|since| since <= day) && until.is_none_or(|until| day <= until)
    }
}

impl Standing {
    /// Whether any act decides it.
    fn rests_on_acts(&self) -> bool {
        !self.basis.is_empty()
    }

    /// How near it is to being bound.
    fn rank(&self) -> u8 {
        match self.status {
            status if status.is_in_force() => 3,
            TreatyStatus::Unknown => 2,
            TreatyStatus::FormerParty => 0,
            _ => 1,
        }
    }

    /// Since when it is so, as far as known.
    fn begins(&self) -> Day {
        let in_force = self.in_force_from.map(|from| from.date);
        let date = match self.status {
            TreatyStatus::FormerParty => self.since,
            _ => in_force.or(self.since),
        };
        date.and_then(|date| date.latest()).unwrap_or(Day::FIRST)
    }
}

impl Territory {
    /// The case that decides on a day. A country that acts for itself stands by its own acts. Else the
    /// State counts under whose extension the treaty is in force; of several the newest.
    pub(super) fn line(&self, as_of: Day, known_on: Day) -> &Case {
        let own = line::standing(&self.own, as_of, known_on);
        let has_left = own.status == TreatyStatus::FormerParty;
        if own.rests_on_acts() && !has_left {
            return &self.own;
        }
        let since = if has_left { own.begins() } else { Day::FIRST };
        let by_states = self
            .states
            .iter()
            .filter(|_| self.others_act(as_of, known_on))
            .map(|(_, case)| (case, line::standing(case, as_of, known_on)))
            .filter(|(_, standing)| standing.rests_on_acts())
            .filter(|(_, standing)| !has_left || standing.begins() > since);
        let newest = by_states.max_by_key(|(_, standing)| (standing.rank(), standing.begins()));
        match newest {
            Some((case, _)) => case,
            // Another State may have acted for it: nothing is known, however complete the events are.
            None if !has_left && self.was_administered(as_of) => &self.nothing,
            None => &self.own,
        }
    }

    /// The declarations that States made for it and that are in force for them, while no extension and
    /// no act of its own decides: an exclusion is one.
    pub(super) fn declared(&self, as_of: Day, known_on: Day) -> Vec<RecordId> {
        let decided = line::standing(self.line(as_of, known_on), as_of, known_on).rests_on_acts();
        if decided || !self.others_act(as_of, known_on) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (_, case) in &self.states {
            let Some(state) = case.required.as_deref() else {
                continue;
            };
            let mut state = state.clone();
            let stated = case
                .acts
                .iter()
                .filter(|act| act.kind.stands_beside() || act.kind == TreatyEventKind::Withdrawal);
            state.acts.extend(stated.cloned());
            found.extend(reservations::in_force(
                &state,
                TreatyEventKind::Declaration,
                as_of,
                known_on,
            ));
        }
        found.sort_unstable();
        found
    }

    /// The days on which an administration begins or ends.
    pub(super) fn edges(&self) -> Vec<Day> {
        let dates = self.administered.iter();
        edges(dates.flat_map(|one| [one.since, Some(one.until)]))
    }

    fn others_act(&self, as_of: Day, known_on: Day) -> bool {
        !self.is_independent || as_of < known_on
    }

    fn was_administered(&self, day: Day) -> bool {
        self.administered.iter().any(|one| one.holds_on(day))
    }
}

impl Case {
    /// Of a country for which others can act, the case that decides on a day; `None` for all others,
    /// which decide for themselves.
    pub(super) fn line(&self, as_of: Day, known_on: Day) -> Option<&Self> {
        let territory = self.territory.as_deref()?;
        Some(territory.line(as_of, known_on))
    }

    /// Whether a country for which others act stands so on a date, whichever State acts for it then.
    pub(super) fn stands(&self, then: TreatyStatus, on: PartialDate, known_on: Day) -> bool {
        let day = on.latest().or(on.earliest());
        day.is_some_and(|day| {
            let line = self.line(day, known_on).unwrap_or(self);
            line::standing(line, day, known_on).status == then
        })
    }

    /// The case of a territory by the acts of one State: those by which it named the territory, and what
    /// ends the treaty for the State itself. The treaty is in force for the territory once it is for the
    /// State. An extension ends on its last day, or with `until`, the last day of the administration.
    pub fn of_extension(naming: Vec<Act>, state: Self, until: Option<PartialDate>) -> Self {
        use TreatyEventKind::{Denunciation, Suspension, TerritorialApplication, Withdrawal};
        let mut acts: Vec<Act> = Vec::new();
        for act in naming {
            let extends = act.kind == TerritorialApplication;
            let act = act.for_territory();
            let last = first_to_end(act.ends_on.filter(|_| extends), until_after(&act, until));
            let last = last.filter(|_| act.role().is_consent());
            // It ends as by a withdrawal that was announced with it.
            let ends = last.and_then(day_after).map(|effect| Act {
                kind: Withdrawal,
                counts_as: None,
                effective: Some(effect),
                ends_on: None,
                relates_to: Some(act.id.clone()),
                articles: Vec::new(),
                ..act.clone()
            });
            acts.push(act);
            acts.extend(ends);
        }
        let ends = |act: &&Act| matches!(act.kind, Denunciation | Suspension | Withdrawal);
        let of_state = state.acts.iter().filter(|act| !act.is_territorial);
        acts.extend(of_state.filter(ends).cloned());
        Self {
            acts,
            rule: state.rule.clone(),
            treaty_in_force: state.treaty_in_force,
            is_complete: false,
            required: Some(Box::new(state)),
            territory: None,
        }
    }

    /// The case of a country for which others act or acted.
    pub fn of_territory(territory: Territory) -> Self {
        let acts = territory.lines().flat_map(|case| case.acts.iter().cloned());
        Self {
            acts: acts.collect(),
            treaty_in_force: territory.own.treaty_in_force,
            territory: Some(Box::new(territory)),
            ..Self::default()
        }
    }
}

/// The end of an administration, for an act that was done before.
fn until_after(act: &Act, until: Option<PartialDate>) -> Option<PartialDate> {
    let begins = act.effective.or(act.date).and_then(|date| date.earliest());
    let until = until?;
    let last = until.latest();
    (begins.unwrap_or(Day::FIRST) <= last.unwrap_or(Day::LAST)).then_some(until)
}

/// That of two last days which comes first.
fn first_to_end(one: Option<PartialDate>, other: Option<PartialDate>) -> Option<PartialDate> {
    let end = |date: &PartialDate| date.latest().unwrap_or(Day::LAST);
    one.into_iter().chain(other).min_by_key(end)
}

/// The day after a last day, as exact as that.
fn day_after(last: PartialDate) -> Option<PartialDate> {
    let (first, last) = (last.earliest().map(Day::next), last.latest().map(Day::next));
    match (first, last) {
        (Some(first), Some(last)) if first == last => Some(first.into()),
        (Some(first), Some(last)) => format!("{first}/{last}").parse().ok(),
        (Some(first), None) => format!("{first}/..").parse().ok(),
        (None, Some(last)) => format!("../{last}").parse().ok(),
        (None, None) => None,
    }
}
