//! A case on one day: which acts count, and which episode decides.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::case::{Act, Case};
use super::{DateOrigin, TreatyStatus};
use crate::date::{Day, PartialDate};
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

/// A case on one day. A partial date is taken at its end; `readings` puts each day that matters in its
/// place.
pub(super) struct Scene<'a> {
    case: &'a Case,
    as_of: Day,
    /// The day by which an act must be known to count: that of the question, also for a day to come.
    known_by: Day,
    known_on: Day,
    /// The acts done by the day, for the country as a whole.
    done: Vec<&'a Act>,
    /// Those of them that withdraw another, by what they withdraw.
    withdrawals: HashMap<&'a RecordId, Vec<&'a Act>>,
    /// The same country under the treaty that this one requires consent to.
    required: Option<Box<Scene<'a>>>,
    /// What the country did, one membership after the other; at least one.
    episodes: Vec<Episode<'a>>,
}

/// A denunciation, and when it ends a membership.
#[derive(Clone, Copy)]
struct Leaving<'a> {
    act: &'a Act,
    notice: Day,
    /// The first day on which the country is no Party; `None` where no rule tells.
    effect: Option<Day>,
}

impl Leaving<'_> {
    /// Whether it has taken effect by a day.
    fn has_effect(&self, day: Day) -> bool {
        self.effect.is_some_and(|effect| effect <= day)
    }

    /// Whether a membership that begins on a day leaves no gap behind this one.
    fn is_followed_by(&self, day: Day) -> bool {
        self.effect.is_none_or(|effect| day <= effect)
    }
}

/// What a country did from its first step towards a treaty until it left.
#[derive(Clone, Default)]
pub(super) struct Episode<'a> {
    pub(super) invitation: Option<&'a Act>,
    pub(super) signature: Option<&'a Act>,
    pub(super) consent: Option<&'a Act>,
    entry_into_force: Option<&'a Act>,
    leaving: Option<Leaving<'a>>,
}

impl<'a> Episode<'a> {
    /// Takes consent back before it took effect.
    fn take_back(&mut self) {
        self.consent = None;
        self.entry_into_force = None;
    }

    fn steps(&self) -> impl Iterator<Item = &'a Act> {
        let steps = [self.invitation, self.signature, self.consent];
        steps.into_iter().chain([self.entry_into_force]).flatten()
    }
}

impl<'a> Scene<'a> {
    pub(super) fn new(case: &'a Case, as_of: Day, known_on: Day) -> Self {
        Self::known(case, as_of, as_of, known_on)
    }

    fn known(case: &'a Case, as_of: Day, known_by: Day, known_on: Day) -> Self {
        let required = case.required.as_deref();
        let required = required.map(|case| Box::new(Self::known(case, as_of, known_by, known_on)));
        let mut scene = Self {
            case,
            as_of,
            known_by,
            known_on,
            done: Vec::new(),
            withdrawals: HashMap::new(),
            required,
            episodes: Vec::new(),
        };
        for act in &case.acts {
            if !scene.is_known(act) || scene.day(act.done()) > as_of {
                continue;
            }
            scene.done.push(act);
            let withdraws = act.kind == TreatyEventKind::Withdrawal;
            if let Some(withdrawn) = act.relates_to.as_ref().filter(|_| withdraws) {
                scene.withdrawals.entry(withdrawn).or_default().push(act);
            }
        }
        scene.episodes = scene.built();
        scene
    }

    fn is_known(&self, act: &Act) -> bool {
        !act.is_territorial && self.day(act.date).min(self.day(act.done())) <= self.known_by
    }

    pub(super) fn day(&self, date: Option<PartialDate>) -> Day {
        latest(date, self.known_on)
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

    /// The acts of a kind that are open, and are not older than `from`: oldest first.
    fn open(&self, kind: TreatyEventKind, from: Day) -> Vec<&'a Act> {
        let open = self
            .acts()
            .filter(|act| act.role() == kind && self.is_open(act));
        let mut open: Vec<_> = open.filter(|act| self.begins(act) >= from).collect();
        open.sort_by_key(|act| (self.begins(act), &act.id));
        open
    }

    /// Whether an act was wholly withdrawn by the day. Nothing is withdrawn before it is done, and a
    /// denunciation only before it takes effect (VCLT 68).
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

    /// Whether an act is an invitation that has lapsed: it is as if it had not been made.
    fn has_lapsed(&self, act: &Act) -> bool {
        act.role() == TreatyEventKind::InvitationToAccede && self.has_ended(act)
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

    /// The episodes begun by the day, oldest first.
    fn built(&self) -> Vec<Episode<'a>> {
        let mut steps: Vec<&Act> = self
            .acts()
            .filter(|act| is_step(act.role()) && !self.is_withdrawn(act) && !self.has_lapsed(act))
            .collect();
        steps.sort_by_key(|act| (self.day(act.done()), act.role(), &act.id));
        let departures = self.departures();
        let mut ended = departures
            .iter()
            .copied()
            .filter(|leaving| leaving.has_effect(self.as_of))
            .peekable();
        let mut episodes = Episodes {
            scene: self,
            before: Vec::new(),
            current: Episode::default(),
        };
        let done = |act: &&Act| self.day(act.done());
        for steps in steps.chunk_by_mut(|one, other| done(one) == done(other)) {
            let Some(on) = steps.first().map(done) else {
                continue;
            };
            while let Some(leaving) = ended.next_if(|leaving| leaving.has_effect(on)) {
                episodes.leave_with_required(leaving);
            }
            if episodes.binds(on) {
                // Who is bound denounces first, and consents anew on the same day.
                steps.sort_by_key(|act| Reverse(act.role() == TreatyEventKind::Denunciation));
            }
            for act in steps {
                episodes.take(act, on);
            }
        }
        for leaving in ended {
            episodes.leave_with_required(leaving);
        }
        for leaving in departures {
            if !leaving.has_effect(self.as_of) {
                episodes.leave_with_required(leaving);
            }
        }
        let Episodes {
            mut before,
            current,
            ..
        } = episodes;
        before.push(current);
        before
    }

    /// When the country leaves the treaty that this one requires: by the first day on which it is no
    /// Party to that, those without such a day last.
    fn departures(&self) -> Vec<Leaving<'a>> {
        let memberships = self.required.iter().flat_map(|scene| scene.memberships());
        let mut departures: Vec<_> = memberships.filter_map(|(_, leaving)| leaving).collect();
        departures.sort_by_key(|leaving| leaving.effect.unwrap_or(Day::LAST));
        departures
    }

    /// From when the treaty was in force for the country each time, and by which act it leaves.
    fn memberships(&self) -> Vec<(Day, Option<Leaving<'a>>)> {
        let mut memberships: Vec<(Day, Option<Leaving<'a>>)> = Vec::new();
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

    /// The episode that decides the day: the latest for which the treaty is in force, else the latest.
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

    /// The episode begun after the one that decides the day, while that goes on.
    fn following(&self, episode: &Episode<'a>) -> Option<&Episode<'a>> {
        let latest = self.episodes.last()?;
        let begun = self.begun(latest);
        (begun != self.begun(episode)).then_some(latest)
    }

    /// The day of the first step of an episode.
    pub(super) fn begun(&self, episode: &Episode<'a>) -> Option<Day> {
        episode.steps().map(|act| self.day(act.done())).min()
    }

    /// Whether something done on a day belongs to a later episode than this one.
    pub(super) fn is_of_later_episode(&self, episode: &Episode<'a>, day: Day) -> bool {
        let following = self.following(episode);
        following.is_some_and(|later| self.begun(later).is_some_and(|begun| begun <= day))
    }

    /// The depositary's notification that belongs to a consent, also for a day to come: the first
    /// after it, unless the country consented anew in between.
    fn notified_entry_into_force(&self, consent: &Act) -> Option<&'a Act> {
        let acts = || self.case.acts.iter().filter(|act| !act.is_territorial);
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

    fn binds(&self, episode: &Episode<'a>, day: Day) -> bool {
        self.in_force(episode)
            .is_some_and(|(in_force, _)| in_force <= day)
    }

    /// From when the treaty is in force for the country in an episode, and who says so: never before
    /// the treaty itself is.
    pub(super) fn in_force(&self, episode: &Episode<'a>) -> Option<(Day, DateOrigin)> {
        let notified = episode.entry_into_force.or_else(|| {
            episode
                .consent
                .and_then(|consent| self.notified_entry_into_force(consent))
        });
        let stated = match (notified, episode.consent) {
            (Some(notified), _) => notified.date,
            (None, consent) => consent?.effective,
        };
        let treaty = self.day(Some(self.case.treaty_in_force?));
        if let Some(stated) = stated {
            let stated = self.day(Some(stated));
            return Some(if stated < treaty {
                (treaty, DateOrigin::Computed)
            } else {
                (stated, DateOrigin::Depositary)
            });
        }
        let rule = self.case.rule.as_ref()?;
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

    /// The first day to come on which the status is another, by the acts that are known.
    pub(super) fn next(&self, status: TreatyStatus) -> Option<(TreatyStatus, Day)> {
        let mut on = self.coming()?;
        loop {
            let scene = Self::known(self.case, on, self.known_by, self.known_on);
            let then = scene.stand().status;
            if then != status {
                return Some((then, on));
            }
            on = scene.coming()?;
        }
    }

    /// The next day on which something of what is known begins or ends.
    fn coming(&self) -> Option<Day> {
        let acts = self.case.acts.iter().filter(|act| self.is_known(act));
        let of_acts = acts.flat_map(|act| {
            let last = act.ends_on.map(|last| self.day(Some(last)).next());
            [Some(self.day(act.done())), Some(self.begins(act)), last]
        });
        let of_episodes = self.episodes.iter().flat_map(|episode| {
            let in_force = self.in_force(episode).map(|(from, _)| from);
            [in_force, episode.leaving.and_then(|leaving| leaving.effect)]
        });
        let treaty = self.case.treaty_in_force.map(|date| self.day(Some(date)));
        of_acts
            .chain(of_episodes)
            .chain([treaty])
            .flatten()
            .filter(|day| *day > self.as_of)
            .chain(self.required.iter().filter_map(|scene| scene.coming()))
            .min()
    }

    /// Where the country stands on the day.
    pub(super) fn stand(&self) -> Stand<'a> {
        let episode = self.deciding_episode();
        let in_force = self.in_force(&episode);
        let stand = |status, since, basis| Stand {
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
                return stand(TreatyStatus::FormerParty, Some(Since::Day(effect)), bound);
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
                    return stand(TreatyStatus::DenunciationPending, Some(since), bound);
                }
                (None, _) => {}
            }
        }
        if let Some(from) = from {
            let suspensions = self.open(TreatyEventKind::Suspension, from);
            let Some(first) = suspensions.first() else {
                return stand(TreatyStatus::Party, Some(Since::Day(from)), bound);
            };
            let since = Since::Effect(first);
            bound.extend(&suspensions);
            return stand(TreatyStatus::Suspended, Some(since), bound);
        }
        let applies = self.provisional_application(&episode);
        if let Some(consent) = episode.consent.or(episode.entry_into_force) {
            // Consent does not end provisional application: it stands beside.
            let basis = of(&[Some(consent), applies]);
            let since = if consent.kind == TreatyEventKind::Succession {
                Since::Effect(consent)
            } else {
                Since::Date(consent)
            };
            return stand(TreatyStatus::ContractingState, Some(since), basis);
        }
        let decides = |status, act, basis| stand(status, Some(Since::Effect(act)), basis);
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
        stand(self.case.without_acts(), None, Vec::new())
    }

    /// The provisional application that is open in an episode.
    fn provisional_application(&self, episode: &Episode<'a>) -> Option<&'a Act> {
        let begun = self.begun(episode).filter(|_| self.episodes.len() > 1);
        let from = begun.unwrap_or(Day::FIRST);
        self.open(TreatyEventKind::ProvisionalApplication, from)
            .last()
            .copied()
    }
}

/// Where a country stands on the day of a scene.
pub(super) struct Stand<'a> {
    pub(super) status: TreatyStatus,
    pub(super) since: Option<Since<'a>>,
    pub(super) in_force: Option<(Day, DateOrigin)>,
    /// The acts that decide, in order.
    pub(super) basis: Vec<&'a Act>,
}

/// Since when a country stands where it does.
#[derive(Clone, Copy)]
pub(super) enum Since<'a> {
    /// A day that follows from acts.
    Day(Day),
    /// The date of an act.
    Date(&'a Act),
    /// The day from which an act has effect.
    Effect(&'a Act),
}

impl<'a> Since<'a> {
    /// The act whose date it is, and whether it is the day of its effect.
    pub(super) fn act(self) -> Option<(&'a RecordId, bool)> {
        match self {
            Self::Day(_) => None,
            Self::Date(act) => Some((&act.id, false)),
            Self::Effect(act) => Some((&act.id, true)),
        }
    }

    /// In the words of the act, where it is one's date.
    pub(super) fn written(self) -> Option<PartialDate> {
        match self {
            Self::Day(day) => Some(day.into()),
            Self::Date(act) => act.date,
            Self::Effect(act) => act.effective.or(act.date),
        }
    }
}

/// The last day that a date can mean, by what is known on a day.
pub(super) fn latest(date: Option<PartialDate>, known_on: Day) -> Day {
    let latest = date.and_then(|date| date.latest());
    latest.unwrap_or_else(|| {
        let earliest = date.and_then(|date| date.earliest());
        earliest.unwrap_or(Day::FIRST).max(known_on)
    })
}

/// Whether an act of a kind takes a country on its way to a treaty, or out of it.
fn is_step(kind: TreatyEventKind) -> bool {
    use TreatyEventKind::{Denunciation, EntryIntoForce, InvitationToAccede, Signature};
    let others = [InvitationToAccede, Signature, EntryIntoForce, Denunciation];
    kind.is_consent() || others.contains(&kind)
}

/// Episodes while they are built.
struct Episodes<'s, 'a> {
    scene: &'s Scene<'a>,
    /// Those that are over, or that a denunciation ends.
    before: Vec<Episode<'a>>,
    current: Episode<'a>,
}

impl<'a> Episodes<'_, 'a> {
    fn binds(&self, day: Day) -> bool {
        self.scene.binds(&self.current, day)
    }

    fn take(&mut self, act: &'a Act, on: Day) {
        use TreatyEventKind::{Denunciation, EntryIntoForce, InvitationToAccede, Signature};
        let role = act.role();
        let begins = !matches!(role, EntryIntoForce | Denunciation);
        if begins && self.current.leaving.is_some() {
            // Leaving takes effect when it does; what comes after the notice is the next episode's.
            self.before.push(std::mem::take(&mut self.current));
        }
        let place = match role {
            InvitationToAccede => {
                self.current.invitation = Some(act);
                return;
            }
            Denunciation => return self.denounce(act, on),
            Signature => &mut self.current.signature,
            EntryIntoForce => &mut self.current.entry_into_force,
            _ => &mut self.current.consent,
        };
        place.get_or_insert(act);
    }

    fn denounce(&mut self, act: &'a Act, on: Day) {
        if self.binds(on) {
            self.current.leaving.get_or_insert(Leaving {
                act,
                notice: on,
                effect: self.scene.effect_of_denunciation(act),
            });
        } else {
            self.take_back();
        }
    }

    /// Before entry into force a denunciation takes the instrument back.
    fn take_back(&mut self) {
        self.current.take_back();
        if self.current.steps().next().is_none()
            && let Some(before) = self.before.pop()
        {
            self.current = before;
        }
    }

    /// Who leaves the required treaty leaves this one, on the same day.
    fn leave_with_required(&mut self, leaving: Leaving<'a>) {
        let on = leaving.effect;
        for episode in self.before.iter_mut().chain([&mut self.current]) {
            let from = self.scene.in_force(episode).map(|(from, _)| from);
            let is_bound = from.is_some_and(|from| on.is_none_or(|on| from < on));
            let leaves_before = episode.leaving.is_some_and(|own| match (own.effect, on) {
                (Some(own), Some(on)) => own <= on,
                (None, Some(_)) => false,
                (_, None) => true,
            });
            if is_bound && !leaves_before {
                episode.leaving = Some(leaving);
            }
        }
        let is_bound = self.current.leaving.is_some();
        if !is_bound && leaving.has_effect(self.scene.as_of) {
            self.take_back();
        }
    }
}
