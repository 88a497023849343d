//! Territories: countries for which other States act or acted. The country's acts form one line, and those of each
//! State that extended the treaty another; one line decides on a day.

use super::standing::{Standing, TreatyStatus};
use super::status_input::{Act, Administered, StatusInput, Territory};
use super::{line, reservations};
use crate::date::{Date, PartialDate};
use crate::effect::edges;
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

impl Administered {
    fn holds_on(&self, day: Date) -> bool {
        let since = self.since.and_then(|since| since.earliest());
        let until = self.until.latest();
        since.is_none_or(|since| since <= day) && until.is_none_or(|until| day <= until)
    }
}

impl Standing {
    /// True if any act decides the standing.
    fn rests_on_acts(&self) -> bool {
        !self.basis.is_empty()
    }

    /// Returns how near the standing is to being bound; higher is nearer.
    fn rank(&self) -> u8 {
        match self.status {
            status if status.is_in_force() => 3,
            TreatyStatus::Unknown => 2,
            TreatyStatus::FormerParty => 0,
            _ => 1,
        }
    }

    /// Returns the day from which the standing counts, as far as known.
    fn begins(&self) -> Date {
        let in_force = self.in_force_from.map(|from| from.date);
        let date = match self.status {
            TreatyStatus::FormerParty => self.since,
            _ => in_force.or(self.since),
        };
        date.and_then(|date| date.latest()).unwrap_or(Date::FIRST)
    }
}

impl Territory {
    /// Returns the input that decides on a day. If the country acts for itself, its own acts decide. Else the State
    /// decides under whose extension the treaty is in force; of several, the newest.
    pub(super) fn line(&self, as_of: Date, known_on: Date) -> &StatusInput {
        let own = line::standing(&self.own, as_of, known_on);
        let has_left = own.status == TreatyStatus::FormerParty;
        if own.rests_on_acts() && !has_left {
            return &self.own;
        }
        let since = if has_left { own.begins() } else { Date::FIRST };
        let by_states = self
            .states
            .iter()
            .filter(|_| self.others_act(as_of, known_on))
            .map(|(_, input)| (input, line::standing(input, as_of, known_on)))
            .filter(|(_, standing)| standing.rests_on_acts())
            .filter(|(_, standing)| !has_left || standing.begins() > since);
        let newest = by_states.max_by_key(|(_, standing)| (standing.rank(), standing.begins()));
        match newest {
            Some((input, _)) => input,
            // Another State may have acted for it, so nothing is known, even if the events are complete.
            None if !has_left && self.was_administered(as_of) => &self.nothing,
            None => &self.own,
        }
    }

    /// Returns the declarations of States for the territory that are in force for those States, while neither an
    /// extension nor an act of its own decides. An exclusion is such a declaration.
    pub(super) fn declared(&self, as_of: Date, known_on: Date) -> Vec<RecordId> {
        let decided = line::standing(self.line(as_of, known_on), as_of, known_on).rests_on_acts();
        if decided || !self.others_act(as_of, known_on) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (_, input) in &self.states {
            let Some(state) = input.required.as_deref() else {
                continue;
            };
            let mut state = state.clone();
            let stated = input.acts.iter().filter(|act| {
                act.kind.accompanies_status() || act.kind == TreatyEventKind::Withdrawal
            });
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

    /// Returns the days on which an administration begins or ends.
    pub(super) fn edges(&self) -> Vec<Date> {
        let dates = self.administered.iter();
        edges(dates.flat_map(|one| [one.since, Some(one.until)]))
    }

    fn others_act(&self, as_of: Date, known_on: Date) -> bool {
        !self.is_independent || as_of < known_on
    }

    fn was_administered(&self, day: Date) -> bool {
        self.administered.iter().any(|one| one.holds_on(day))
    }
}

impl StatusInput {
    /// Returns the input that decides on a day, for a country for which others can act; `None` for any other country.
    pub(super) fn line(&self, as_of: Date, known_on: Date) -> Option<&Self> {
        let territory = self.territory.as_deref()?;
        Some(territory.line(as_of, known_on))
    }

    /// True if a country for which others act has the status `then` on a date, by the acts of any State that acts
    /// for it then.
    pub(super) fn stands(&self, then: TreatyStatus, on: PartialDate, known_on: Date) -> bool {
        let day = on.latest().or(on.earliest());
        day.is_some_and(|day| {
            let line = self.line(day, known_on).unwrap_or(self);
            line::standing(line, day, known_on).status == then
        })
    }

    /// Returns the input of a territory by the acts of one State: those that name the territory, and those that end
    /// the treaty for the State itself.
    ///
    /// The treaty is in force for the territory once it is in force for the State. An extension ends on its last
    /// day, or with `until`, the last day of the administration.
    pub fn of_extension(naming: Vec<Act>, state: Self, until: Option<PartialDate>) -> Self {
        use TreatyEventKind::{Denunciation, Suspension, TerritorialApplication, Withdrawal};
        let mut acts: Vec<Act> = Vec::new();
        for act in naming {
            let extends = act.kind == TerritorialApplication;
            let act = act.for_territory();
            let last = first_to_end(act.ends_on.filter(|_| extends), until_after(&act, until));
            let last = last.filter(|_| act.role().is_consent());
            // The end has the effect of a withdrawal announced together with the extension.
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

    /// Returns the input of a country for which others act or acted.
    pub fn of_territory(territory: Territory) -> Self {
        let acts = territory
            .lines()
            .flat_map(|input| input.acts.iter().cloned());
        Self {
            acts: acts.collect(),
            treaty_in_force: territory.own.treaty_in_force,
            territory: Some(Box::new(territory)),
            ..Self::default()
        }
    }
}

/// Returns the end of an administration, if the act can have been done by then.
fn until_after(act: &Act, until: Option<PartialDate>) -> Option<PartialDate> {
    let begins = act.effective.or(act.date).and_then(|date| date.earliest());
    let until = until?;
    let last = until.latest();
    (begins.unwrap_or(Date::FIRST) <= last.unwrap_or(Date::LAST)).then_some(until)
}

/// Returns the earlier of two last days.
fn first_to_end(one: Option<PartialDate>, other: Option<PartialDate>) -> Option<PartialDate> {
    let end = |date: &PartialDate| date.latest().unwrap_or(Date::LAST);
    one.into_iter().chain(other).min_by_key(end)
}

/// Returns the day after a last day, with the same precision.
fn day_after(last: PartialDate) -> Option<PartialDate> {
    let (first, last) = (
        last.earliest().map(Date::next),
        last.latest().map(Date::next),
    );
    match (first, last) {
        (Some(first), Some(last)) if first == last => Some(first.into()),
        (Some(first), Some(last)) => format!("{first}/{last}").parse().ok(),
        (Some(first), None) => format!("{first}/..").parse().ok(),
        (None, Some(last)) => format!("../{last}").parse().ok(),
        (None, None) => None,
    }
}
