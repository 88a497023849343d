//! The status on the day of a dated input, by the episode that decides, and the next status.

use super::dated_input::DatedInput;
use super::episode::Episode;
use super::standing::{DateOrigin, TreatyStatus};
use super::status_input::Act;
use crate::date::{Date, PartialDate};
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

/// Status of a country on the day of a dated input.
pub(super) struct StatusOnDay<'a> {
    pub(super) status: TreatyStatus,
    pub(super) since: Option<Since<'a>>,
    pub(super) in_force: Option<(Date, DateOrigin)>,
    /// Acts that decide the status, in order.
    pub(super) basis: Vec<&'a Act>,
}

/// Beginning of a status.
#[derive(Clone, Copy)]
pub(super) enum Since<'a> {
    /// A day computed from acts.
    Day(Date),
    /// The date of an act.
    Date(&'a Act),
    /// The day from which an act has effect.
    Effect(&'a Act),
}

impl<'a> Since<'a> {
    /// Returns the act whose date it is, and true if it is the day of effect.
    pub(super) fn act(self) -> Option<(&'a RecordId, bool)> {
        match self {
            Self::Day(_) => None,
            Self::Date(act) => Some((&act.id, false)),
            Self::Effect(act) => Some((&act.id, true)),
        }
    }

    /// Returns the date, as the act gives it if it is the date of one.
    pub(super) fn written(self) -> Option<PartialDate> {
        match self {
            Self::Day(day) => Some(day.into()),
            Self::Date(act) => act.date,
            Self::Effect(act) => act.effective.or(act.date),
        }
    }
}

impl<'a> DatedInput<'a> {
    /// Returns the episode that decides the day: the latest in which the treaty is in force, else the latest.
    pub(super) fn deciding_episode(&self) -> Episode<'a> {
        let latest = self.episodes.last().cloned().unwrap_or_default();
        if latest
            .leaving
            .is_some_and(|leaving| leaving.has_effect(self.as_of))
        {
            return latest;
        }
        let in_force = |episode: &&Episode<'a>| {
            self.binds(episode, self.as_of)
                && !episode
                    .leaving
                    .is_some_and(|leaving| leaving.has_effect(self.as_of))
        };
        let in_force = self.episodes.iter().rev().find(in_force);
        in_force.cloned().unwrap_or(latest)
    }

    /// Returns the episode that began after the deciding one, while the deciding one goes on.
    fn following(&self, episode: &Episode<'a>) -> Option<&Episode<'a>> {
        let latest = self.episodes.last()?;
        let begun = self.begun(latest);
        (begun != self.begun(episode)).then_some(latest)
    }

    /// Returns the day of the first step of an episode.
    pub(super) fn begun(&self, episode: &Episode<'a>) -> Option<Date> {
        episode.steps().map(|act| self.day(act.done())).min()
    }

    /// True if an act done on `day` belongs to a later episode than this one.
    pub(super) fn is_of_later_episode(&self, episode: &Episode<'a>, day: Date) -> bool {
        let following = self.following(episode);
        following.is_some_and(|later| self.begun(later).is_some_and(|begun| begun <= day))
    }

    /// Returns the status on the day of the dated input.
    pub(super) fn status_on_day(&self) -> StatusOnDay<'a> {
        let episode = self.deciding_episode();
        let in_force = self.in_force(&episode);
        let on_day = |status, since, basis| StatusOnDay {
            status,
            since,
            in_force,
            basis,
        };
        let of = |acts: &[Option<&'a Act>]| acts.iter().flatten().copied().collect::<Vec<&Act>>();
        let from = in_force.map(|(from, _)| from);
        let from = from.filter(|from| *from <= self.as_of);
        let leaves = episode.leaving.map(|leaving| leaving.act);
        let mut bound = of(&[episode.consent, episode.entry_into_force, leaves]);
        if let Some(leaving) = episode.leaving {
            if let Some(effect) = leaving.effect.filter(|effect| *effect <= self.as_of) {
                return on_day(TreatyStatus::FormerParty, Some(Since::Day(effect)), bound);
            }
            let follows = |later: &&Episode<'a>| {
                let from = self.in_force(later);
                from.is_some_and(|(from, _)| leaving.is_followed_by(from))
            };
            let later = self.following(&episode).filter(follows);
            match (from, later) {
                (Some(_), Some(later)) => {
                    bound.extend(of(&[later.consent, later.entry_into_force]));
                }
                (Some(from), None) => {
                    let since = if leaving.notice < from {
                        Since::Day(from)
                    } else {
                        Since::Date(leaving.act)
                    };
                    return on_day(TreatyStatus::DenunciationPending, Some(since), bound);
                }
                (None, _) => {}
            }
        }
        if let Some(from) = from {
            let suspensions = self.open(TreatyEventKind::Suspension, from);
            let Some(first) = suspensions.first() else {
                return on_day(TreatyStatus::Party, Some(Since::Day(from)), bound);
            };
            let since = Since::Effect(first);
            bound.extend(&suspensions);
            return on_day(TreatyStatus::Suspended, Some(since), bound);
        }
        let applies = self.provisional_application(&episode);
        if let Some(consent) = episode.consent.or(episode.entry_into_force) {
            // Consent does not end provisional application: both are in the basis.
            let basis = of(&[Some(consent), applies]);
            let since = if consent.kind == TreatyEventKind::Succession {
                Since::Effect(consent)
            } else {
                Since::Date(consent)
            };
            return on_day(TreatyStatus::ContractingState, Some(since), basis);
        }
        let decides = |status, act, basis| on_day(status, Some(Since::Effect(act)), basis);
        if let Some(applies) = applies {
            let basis = of(&[episode.signature, Some(applies)]);
            return decides(TreatyStatus::ProvisionallyApplying, applies, basis);
        }
        if let Some(signature) = episode.signature {
            return decides(TreatyStatus::Signatory, signature, vec![signature]);
        }
        if let Some(invitation) = episode.invitation {
            return decides(TreatyStatus::InvitedToAccede, invitation, vec![invitation]);
        }
        on_day(self.input.without_acts(), None, Vec::new())
    }

    /// Returns the open provisional application of an episode.
    fn provisional_application(&self, episode: &Episode<'a>) -> Option<&'a Act> {
        let begun = self.begun(episode).filter(|_| self.episodes.len() > 1);
        let from = begun.unwrap_or(Date::FIRST);
        self.open(TreatyEventKind::ProvisionalApplication, from)
            .last()
            .copied()
    }

    /// Returns the next different status and its first day, by the known acts.
    pub(super) fn next(&self, status: TreatyStatus) -> Option<(TreatyStatus, Date)> {
        let mut on = self.coming()?;
        loop {
            let dated_input = Self::known(self.input, on, self.known_by, self.known_on);
            let then = dated_input.status_on_day().status;
            if then != status {
                return Some((then, on));
            }
            on = dated_input.coming()?;
        }
    }

    /// Returns the next day on which a known act or period begins or ends.
    fn coming(&self) -> Option<Date> {
        let acts = self.input.acts.iter().filter(|act| self.is_known(act));
        let of_acts = acts.flat_map(|act| {
            let last = act.ends_on.map(|last| self.day(Some(last)).next());
            [Some(self.day(act.done())), Some(self.begins(act)), last]
        });
        let of_episodes = self.episodes.iter().flat_map(|episode| {
            let in_force = self.in_force(episode).map(|(from, _)| from);
            [in_force, episode.leaving.and_then(|leaving| leaving.effect)]
        });
        let treaty = self.input.treaty_in_force.map(|date| self.day(Some(date)));
        of_acts
            .chain(of_episodes)
            .chain([treaty])
            .flatten()
            .filter(|day| *day > self.as_of)
            .chain(
                self.required
                    .iter()
                    .filter_map(|dated_input| dated_input.coming()),
            )
            .min()
    }
}
