//! The day from which the treaty is in force for a country, in each of its episodes.

use super::dated_input::DatedInput;
use super::episode::{Episode, Leaving};
use super::standing::DateOrigin;
use super::status_input::Act;
use crate::date::Date;
use crate::treaty_event::TreatyEventKind;

impl<'a> DatedInput<'a> {
    /// Returns the depositary's notification that belongs to a consent, also one for a later day: the first after
    /// the consent, unless the country consented again in between.
    fn notified_entry_into_force(&self, consent: &Act) -> Option<&'a Act> {
        let acts = || self.input.acts.iter().filter(|act| !act.is_territorial);
        let mut notices = acts()
            .filter(|act| act.kind == TreatyEventKind::EntryIntoForce)
            .peekable();
        notices.peek()?;
        let from = self.day(consent.done());
        let anew = acts()
            .filter(|act| act.role().is_consent())
            .map(|act| self.day(act.done()))
            .filter(|day| *day > from)
            .min();
        notices
            .filter(|act| self.day(act.date) >= from)
            .filter(|act| anew.is_none_or(|anew| self.day(act.date) < anew))
            .filter(|act| !self.is_withdrawn(act))
            .min_by_key(|act| (self.day(act.date), &act.id))
    }

    pub(super) fn binds(&self, episode: &Episode<'a>, day: Date) -> bool {
        self.in_force(episode)
            .is_some_and(|(in_force, _)| in_force <= day)
    }

    /// Returns the day from which the treaty is in force for the country in an episode, and the origin of that day.
    /// It is never before the treaty's own entry into force.
    pub(super) fn in_force(&self, episode: &Episode<'a>) -> Option<(Date, DateOrigin)> {
        let notified = episode.entry_into_force.or_else(|| {
            episode
                .consent
                .and_then(|consent| self.notified_entry_into_force(consent))
        });
        let stated = match (notified, episode.consent) {
            (Some(notified), _) => notified.date,
            (None, consent) => consent?.effective,
        };
        let treaty = self.day(Some(self.input.treaty_in_force?));
        if let Some(stated) = stated {
            let stated = self.day(Some(stated));
            return Some(if stated < treaty {
                (treaty, DateOrigin::Computed)
            } else {
                (stated, DateOrigin::Depositary)
            });
        }
        let rule = self.input.rule.as_ref()?;
        let consent = self.day(episode.consent?.done());
        let from = rule.effect_of_consent(consent).max(treaty);
        let from = match &self.required {
            Some(required) => {
                let memberships = required.memberships();
                let mut lasting = memberships.into_iter().filter(|(_, leaving)| {
                    !leaving.is_some_and(|leaving| leaving.has_effect(from))
                });
                let (parent, _) = lasting.next()?;
                from.max(parent)
            }
            None => from,
        };
        Some((from, DateOrigin::Computed))
    }

    /// Returns the memberships of the country: for each, the first day and the act by which it leaves. Episodes
    /// without a gap between them are one membership.
    pub(super) fn memberships(&self) -> Vec<(Date, Option<Leaving<'a>>)> {
        let mut memberships: Vec<(Date, Option<Leaving<'a>>)> = Vec::new();
        for episode in &self.episodes {
            let Some((from, _)) = self.in_force(episode) else {
                continue;
            };
            match memberships.last_mut() {
                Some((_, before)) if before.is_some_and(|before| before.is_followed_by(from)) => {
                    *before = episode.leaving;
                }
                _ => memberships.push((from, episode.leaving)),
            }
        }
        memberships
    }
}
