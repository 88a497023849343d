//! An episode: the acts of a country from its first step towards a treaty to the end of membership.

use super::status_input::Act;
use crate::date::Date;

/// A denunciation, and the day on which it ends a membership.
#[derive(Clone, Copy)]
pub(super) struct Leaving<'a> {
    pub(super) act: &'a Act,
    pub(super) notice: Date,
    /// First day on which the country is not a Party; `None` if no rule gives it.
    pub(super) effect: Option<Date>,
}

impl Leaving<'_> {
    /// True if it has taken effect by `day`.
    pub(super) fn has_effect(&self, day: Date) -> bool {
        self.effect.is_some_and(|effect| effect <= day)
    }

    /// True if a membership that begins on `day` leaves no gap after this one.
    pub(super) fn is_followed_by(&self, day: Date) -> bool {
        self.effect.is_none_or(|effect| day <= effect)
    }
}

/// The deciding acts of one episode.
#[derive(Clone, Default)]
pub(super) struct Episode<'a> {
    pub(super) invitation: Option<&'a Act>,
    pub(super) signature: Option<&'a Act>,
    pub(super) consent: Option<&'a Act>,
    pub(super) entry_into_force: Option<&'a Act>,
    pub(super) leaving: Option<Leaving<'a>>,
}

impl<'a> Episode<'a> {
    /// Removes a consent that was withdrawn before it took effect.
    pub(super) fn take_back(&mut self) {
        self.consent = None;
        self.entry_into_force = None;
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = &'a Act> {
        let steps = [self.invitation, self.signature, self.consent];
        steps.into_iter().chain([self.entry_into_force]).flatten()
    }
}
