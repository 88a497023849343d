//! An episode: what a country did from its first step towards a treaty until it left.

use super::case::Act;
use crate::date::Day;

/// A denunciation, and when it ends a membership.
#[derive(Clone, Copy)]
pub(super) struct Leaving<'a> {
    pub(super) act: &'a Act,
    pub(super) notice: Day,
    /// The first day on which the country is no Party; `None` where no rule tells.
    pub(super) effect: Option<Day>,
}

impl Leaving<'_> {
    /// Whether it has taken effect by a day.
    pub(super) fn has_effect(&self, day: Day) -> bool {
        self.effect.is_some_and(|effect| effect <= day)
    }

    /// Whether a membership that begins on a day leaves no gap behind this one.
    pub(super) fn is_followed_by(&self, day: Day) -> bool {
        self.effect.is_none_or(|effect| day <= effect)
    }
}

/// What a country did from its first step towards a treaty until it left.
#[derive(Clone, Default)]
pub(super) struct Episode<'a> {
    pub(super) invitation: Option<&'a Act>,
    pub(super) signature: Option<&'a Act>,
    pub(super) consent: Option<&'a Act>,
    pub(super) entry_into_force: Option<&'a Act>,
    pub(super) leaving: Option<Leaving<'a>>,
}

impl<'a> Episode<'a> {
    /// Takes consent back before it took effect.
    pub(super) fn take_back(&mut self) {
        self.consent = None;
        self.entry_into_force = None;
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = &'a Act> {
        let steps = [self.invitation, self.signature, self.consent];
        steps.into_iter().chain([self.entry_into_force]).flatten()
    }
}
