//! One way of reading a case on one day: which acts count, and which episode decides.

use std::collections::HashMap;

use super::case::{Act, Case};
use super::{DateOrigin, EffectiveDate, Standing, TreatyStatus};
use crate::domain::date::{Day, PartialDate};
use crate::domain::record::RecordId;
use crate::domain::treaty_event::TreatyEventKind;

/// Which end of a partial date is taken for the date.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Earliest,
    Latest,
}

/// One way of reading a case on one day.
pub(super) struct Scene<'a> {
    case: &'a Case,
    as_of: Day,
    known_on: Day,
    reading: Reading,
    /// The acts done by the day, for the country as a whole.
    done: Vec<&'a Act>,
    /// Those of them that withdraw another, by what they withdraw.
    withdrawals: HashMap<&'a RecordId, Vec<&'a Act>>,
}

/// What a country did from its first step towards a treaty until it left.
#[derive(Clone, Default)]
pub(super) struct Episode<'a> {
    pub(super) invitation: Option<&'a Act>,
    pub(super) signature: Option<&'a Act>,
    pub(super) consent: Option<&'a Act>,
    entry_into_force: Option<&'a Act>,
    denunciation: Option<&'a Act>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(case: &'a Case, as_of: Day, known_on: Day, reading: Reading) -> Self {
        let mut scene = Self {
            case,
            as_of,
            known_on,
            reading,
            done: Vec::new(),
            withdrawals: HashMap::new(),
        };
        for act in case.acts.iter().filter(|act| !act.is_territorial) {
            if scene.day(act.done()) > as_of {
                continue;
            }
            scene.done.push(act);
            let withdraws = act.kind == TreatyEventKind::Withdrawal;
            if let Some(withdrawn) = act.relates_to.as_ref().filter(|_| withdraws) {
                scene.withdrawals.entry(withdrawn).or_default().push(act);
            }
        }
        scene
    }

    pub(super) fn day(&self, date: Option<PartialDate>) -> Day {
        let earliest = date.and_then(|date| date.earliest());
        match self.reading {
            Reading::Earliest => earliest.unwrap_or(Day::FIRST),
            Reading::Latest => date
                .and_then(|date| date.latest())
                .unwrap_or_else(|| earliest.unwrap_or(Day::FIRST).max(self.known_on)),
        }
    }

    /// The acts done by the day, for the country as a whole.
    pub(super) fn acts(&self) -> impl Iterator<Item = &'a Act> {
        self.done.iter().copied()
    }

    /// When an act takes effect.
    pub(super) fn begins(&self, act: &Act) -> Day {
        self.day(act.effective.or(act.date))
    }

    /// Whether an act has ended by itself.
    pub(super) fn has_ended(&self, act: &Act) -> bool {
        act.ends_on
            .is_some_and(|last| self.day(Some(last)) < self.as_of)
    }

    /// Whether an act that lasts has taken effect, and neither ended nor was withdrawn.
    pub(super) fn is_open(&self, act: &Act) -> bool {
        self.begins(act) <= self.as_of && !self.has_ended(act) && !self.is_withdrawn(act)
    }

    /// The newest act of a kind that is open, and is not older than `from`.
    fn open(&self, kind: TreatyEventKind, from: Day) -> Option<&'a Act> {
        self.acts()
            .filter(|act| act.role() == kind && self.is_open(act))
            .filter(|act| self.begins(act) >= from)
            .max_by_key(|act| (self.begins(act), &act.id))
    }

    /// Whether an act was wholly withdrawn by the day. A denunciation can be withdrawn only before
    /// it takes effect (VCLT 68).
    pub(super) fn is_withdrawn(&self, act: &Act) -> bool {
        let effect = (act.kind == TreatyEventKind::Denunciation)
            .then(|| self.effect_of_denunciation(act))
            .flatten();
        let withdrawals: Vec<&Act> = self
            .withdrawals
            .get(&act.id)
            .into_iter()
            .flatten()
            .copied()
            .filter(|other| self.begins(other) <= self.as_of)
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

    fn effect_of_denunciation(&self, act: &Act) -> Option<Day> {
        if act.effective.is_some() {
            return Some(self.day(act.effective));
        }
        self.case
            .rule
            .as_ref()?
            .effect_of_denunciation(self.day(act.date))
    }

    pub(super) fn latest_episode(&self) -> Episode<'a> {
        use TreatyEventKind::{Denunciation, EntryIntoForce, InvitationToAccede, Signature};
        let mut acts: Vec<&Act> = self.acts().filter(|act| !self.is_withdrawn(act)).collect();
        acts.sort_by_key(|act| (self.day(act.done()), act.role(), &act.id));
        let mut episode = Episode::default();
        for act in acts {
            let role = act.role();
            let begins = matches!(role, InvitationToAccede | Signature) || role.is_consent();
            if begins && self.is_over(&episode, self.day(act.done())) {
                episode = Episode::default();
            }
            let place = match role {
                InvitationToAccede => {
                    episode.invitation = Some(act);
                    continue;
                }
                Signature => &mut episode.signature,
                Denunciation if self.binds(&episode, self.day(act.date)) => {
                    &mut episode.denunciation
                }
                Denunciation => {
                    // Before entry into force it takes the instrument back.
                    episode.consent = None;
                    continue;
                }
                EntryIntoForce => &mut episode.entry_into_force,
                kind if kind.is_consent() => &mut episode.consent,
                _ => continue,
            };
            place.get_or_insert(act);
        }
        if episode.entry_into_force.is_none()
            && let Some(consent) = episode.consent
        {
            episode.entry_into_force = self.notified_entry_into_force(consent);
        }
        episode
    }

    /// The depositary's notification that belongs to a consent, also for a day to come: the first
    /// after it, unless the country consented anew in between.
    fn notified_entry_into_force(&self, consent: &Act) -> Option<&'a Act> {
        let from = self.day(consent.done());
        let acts = || self.case.acts.iter().filter(|act| !act.is_territorial);
        let anew = acts()
            .filter(|act| act.role().is_consent())
            .map(|act| self.day(act.done()))
            .filter(|day| *day > from)
            .min();
        acts()
            .filter(|act| act.kind == TreatyEventKind::EntryIntoForce)
            .filter(|act| self.day(act.date) >= from)
            .filter(|act| anew.is_none_or(|anew| self.day(act.date) < anew))
            .min_by_key(|act| (self.day(act.date), &act.id))
    }

    fn is_over(&self, episode: &Episode<'_>, day: Day) -> bool {
        let denunciation = episode.denunciation;
        let effect = denunciation.and_then(|act| self.effect_of_denunciation(act));
        effect.is_some_and(|effect| effect <= day)
    }

    fn binds(&self, episode: &Episode<'a>, day: Day) -> bool {
        self.in_force(episode)
            .is_some_and(|(in_force, _)| in_force <= day)
    }

    /// From when the treaty is in force for the country in an episode, and who says so.
    pub(super) fn in_force(&self, episode: &Episode<'a>) -> Option<(Day, DateOrigin)> {
        let notified = episode.entry_into_force.or_else(|| {
            episode
                .consent
                .and_then(|consent| self.notified_entry_into_force(consent))
        });
        if let Some(notified) = notified {
            return Some((self.day(notified.date), DateOrigin::Depositary));
        }
        let consent = episode.consent?;
        if consent.effective.is_some() {
            return Some((self.day(consent.effective), DateOrigin::Depositary));
        }
        let rule = self.case.rule.as_ref()?;
        let treaty = self.day(Some(self.case.treaty_in_force?));
        let mut from = rule.effect_of_consent(self.day(consent.done()));
        if rule.not_before_treaty {
            from = from.max(treaty);
        }
        if let Some(required) = &self.case.required {
            let scene = Scene::new(required, self.as_of, self.known_on, self.reading);
            let (parent, _) = scene.in_force(&scene.latest_episode())?;
            from = from.max(parent);
        }
        Some((from, DateOrigin::Computed))
    }

    pub(super) fn standing(&self) -> Standing {
        let episode = self.latest_episode();
        let in_force = self.in_force(&episode);
        let in_force_from = in_force.map(|(day, origin)| EffectiveDate {
            date: day.into(),
            origin,
        });
        let of = |acts: &[Option<&Act>]| -> Vec<RecordId> {
            acts.iter().flatten().map(|act| act.id.clone()).collect()
        };
        let standing = |status, since, basis, next| Standing {
            status,
            since,
            in_force_from,
            basis,
            next,
            possible: vec![status],
        };
        let since = |act: &Act| act.effective.or(act.date);
        if let Some(denunciation) = episode.denunciation {
            let basis = of(&[
                episode.consent,
                episode.entry_into_force,
                Some(denunciation),
            ]);
            let effect = self.effect_of_denunciation(denunciation);
            return match effect {
                Some(effect) if effect <= self.as_of => {
                    standing(TreatyStatus::FormerParty, Some(effect.into()), basis, None)
                }
                effect => {
                    let next = effect.map(|effect| (TreatyStatus::FormerParty, effect.into()));
                    let since = denunciation.date;
                    standing(TreatyStatus::DenunciationPending, since, basis, next)
                }
            };
        }
        let bound = of(&[episode.consent, episode.entry_into_force]);
        if let Some((from, _)) = in_force
            && from <= self.as_of
        {
            let Some(suspension) = self.open(TreatyEventKind::Suspension, from) else {
                return standing(TreatyStatus::Party, Some(from.into()), bound, None);
            };
            let last = suspension.ends_on.map(|last| self.day(Some(last)));
            let next = last.map(|last| (TreatyStatus::Party, last.next().into()));
            let basis = of(&[episode.consent, episode.entry_into_force, Some(suspension)]);
            return standing(TreatyStatus::Suspended, since(suspension), basis, next);
        }
        if let Some(consent) = episode.consent {
            let next = in_force.map(|(from, _)| (TreatyStatus::Party, from.into()));
            let basis = of(&[Some(consent)]);
            return standing(TreatyStatus::ContractingState, consent.done(), basis, next);
        }
        let none = if self.case.is_complete {
            TreatyStatus::NoAction
        } else {
            TreatyStatus::Unknown
        };
        let provisional = TreatyEventKind::ProvisionalApplication;
        if let Some(applies) = self.open(provisional, Day::FIRST) {
            let then = match episode.signature {
                Some(_) => TreatyStatus::Signatory,
                None => none,
            };
            let last = applies.ends_on.map(|last| self.day(Some(last)));
            let next = last.map(|last| (then, last.next().into()));
            let basis = of(&[episode.signature, Some(applies)]);
            let status = TreatyStatus::ProvisionallyApplying;
            return standing(status, since(applies), basis, next);
        }
        if let Some(signature) = episode.signature {
            let to_come = self.acts().filter(|act| act.role() == provisional);
            let to_come = to_come.filter(|act| !self.is_withdrawn(act));
            let next = to_come
                .map(|act| self.begins(act))
                .filter(|day| *day > self.as_of)
                .min()
                .map(|day| (TreatyStatus::ProvisionallyApplying, day.into()));
            let basis = of(&[Some(signature)]);
            return standing(TreatyStatus::Signatory, since(signature), basis, next);
        }
        if let Some(invitation) = episode.invitation {
            let lapses = invitation.ends_on.map(|date| self.day(Some(date)));
            if lapses.is_none_or(|last| last >= self.as_of) {
                let next = lapses.map(|last| (none, last.next().into()));
                let basis = of(&[Some(invitation)]);
                return standing(
                    TreatyStatus::InvitedToAccede,
                    since(invitation),
                    basis,
                    next,
                );
            }
        }
        standing(none, None, Vec::new(), None)
    }
}
