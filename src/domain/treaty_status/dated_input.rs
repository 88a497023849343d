//! A dated input: an input on one day, with the acts that count on that day.

use std::collections::HashMap;

use super::episode::Episode;
use super::status_input::{Act, StatusInput};
use crate::date::{Date, PartialDate};
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

/// An input on one day. Partial dates count as their last day; `readings` replaces them by single days.
pub(super) struct DatedInput<'a> {
    pub(super) input: &'a StatusInput,
    pub(super) as_of: Date,
    /// Day by which an act must be known to count: the `as_of` of the query, also while a later day is computed.
    pub(super) known_by: Date,
    pub(super) known_on: Date,
    /// Acts that were done by the day, for the country as a whole.
    pub(super) done: Vec<&'a Act>,
    /// Withdrawals among `done`, by the id of the withdrawn act.
    pub(super) withdrawals: HashMap<&'a RecordId, Vec<&'a Act>>,
    /// The same country under the treaty that this one requires.
    pub(super) required: Option<Box<DatedInput<'a>>>,
    /// Episodes of the country, oldest first; at least one.
    pub(super) episodes: Vec<Episode<'a>>,
}

impl<'a> DatedInput<'a> {
    pub(super) fn is_known(&self, act: &Act) -> bool {
        !act.is_territorial && self.day(act.date).min(self.day(act.done())) <= self.known_by
    }

    pub(super) fn day(&self, date: Option<PartialDate>) -> Date {
        latest(date, self.known_on)
    }

    /// Iterates over the acts that were done by the day, for the country as a whole.
    pub(super) fn acts(&self) -> impl Iterator<Item = &'a Act> {
        self.done.iter().copied()
    }

    /// Returns the day from which an act has effect.
    pub(super) fn begins(&self, act: &Act) -> Date {
        self.day(act.effective.or(act.date))
    }

    /// True if the last day of an act has passed.
    pub(super) fn has_ended(&self, act: &Act) -> bool {
        act.ends_on
            .is_some_and(|last| self.day(Some(last)) < self.as_of)
    }

    /// True if an act that lasts has taken effect, and has neither ended nor been withdrawn.
    pub(super) fn is_open(&self, act: &Act) -> bool {
        self.begins(act) <= self.as_of && !self.has_ended(act) && !self.is_withdrawn(act)
    }

    /// Returns the open acts of a kind that began on `from` or later, oldest first.
    pub(super) fn open(&self, kind: TreatyEventKind, from: Date) -> Vec<&'a Act> {
        let open = self
            .acts()
            .filter(|act| act.role() == kind && self.is_open(act));
        let mut open: Vec<_> = open.filter(|act| self.begins(act) >= from).collect();
        open.sort_by_key(|act| (self.begins(act), &act.id));
        open
    }

    /// True if an act was wholly withdrawn by the day. Nothing is withdrawn before it is done, and a denunciation
    /// only before it takes effect (VCLT 68).
    pub(super) fn is_withdrawn(&self, act: &Act) -> bool {
        let Some(withdrawals) = self.withdrawals.get(&act.id) else {
            return false;
        };
        let effect = (act.kind == TreatyEventKind::Denunciation)
            .then(|| self.effect_of_denunciation(act))
            .flatten();
        let done = act.date.and_then(|date| date.earliest());
        let withdrawals: Vec<&Act> = withdrawals
            .iter()
            .copied()
            .filter(|other| self.begins(other) <= self.as_of)
            .filter(|other| done.is_none_or(|done| done <= self.day(other.date)))
            .filter(|other| effect.is_none_or(|effect| self.day(other.date) < effect))
            .collect();
        let taken_back = |article: &String| {
            withdrawals
                .iter()
                .any(|other| other.articles.contains(article))
        };
        withdrawals.iter().any(|other| other.articles.is_empty())
            || (!act.articles.is_empty() && act.articles.iter().all(taken_back))
    }

    /// True if an act is an invitation that has lapsed: it counts as not made.
    pub(super) fn has_lapsed(&self, act: &Act) -> bool {
        act.role() == TreatyEventKind::InvitationToAccede && self.has_ended(act)
    }

    pub(super) fn effect_of_denunciation(&self, act: &Act) -> Option<Date> {
        if act.effective.is_some() {
            return Some(self.day(act.effective));
        }
        self.input
            .rule
            .as_ref()?
            .effect_of_denunciation(self.day(act.date))
    }
}

/// Returns the last day that a date can mean, as far as is known on `known_on`.
pub(super) fn latest(date: Option<PartialDate>, known_on: Date) -> Date {
    let latest = date.and_then(|date| date.latest());
    latest.unwrap_or_else(|| {
        let earliest = date.and_then(|date| date.earliest());
        earliest.unwrap_or(Date::FIRST).max(known_on)
    })
}
