//! Building a dated input: the acts done by a day, ordered into episodes.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::dated_input::DatedInput;
use super::episode::{Episode, Leaving};
use super::status_input::{Act, StatusInput};
use crate::date::Date;
use crate::treaty_event::TreatyEventKind;

impl<'a> DatedInput<'a> {
    pub(super) fn new(input: &'a StatusInput, as_of: Date, known_on: Date) -> Self {
        Self::known(input, as_of, as_of, known_on)
    }

    pub(super) fn known(
        input: &'a StatusInput,
        as_of: Date,
        known_by: Date,
        known_on: Date,
    ) -> Self {
        let required = input.required.as_deref();
        let required =
            required.map(|input| Box::new(Self::known(input, as_of, known_by, known_on)));
        let mut dated_input = Self {
            input,
            as_of,
            known_by,
            known_on,
            done: Vec::new(),
            withdrawals: HashMap::new(),
            required,
            episodes: Vec::new(),
        };
        for act in &input.acts {
            if !dated_input.is_known(act) || dated_input.day(act.done()) > as_of {
                continue;
            }
            dated_input.done.push(act);
            let withdraws = act.kind == TreatyEventKind::Withdrawal;
            if let Some(withdrawn) = act.relates_to.as_ref().filter(|_| withdraws) {
                dated_input
                    .withdrawals
                    .entry(withdrawn)
                    .or_default()
                    .push(act);
            }
        }
        dated_input.episodes = dated_input.built();
        dated_input
    }

    /// Returns the episodes begun by the day, oldest first.
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
            dated_input: self,
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
                // A Party denounces first, and then consents again on the same day.
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

    /// Returns the ends of membership under the required treaty, by the first day on which the country is not a
    /// Party to it. Those without such a day come last.
    fn departures(&self) -> Vec<Leaving<'a>> {
        let memberships = self
            .required
            .iter()
            .flat_map(|dated_input| dated_input.memberships());
        let mut departures: Vec<_> = memberships.filter_map(|(_, leaving)| leaving).collect();
        departures.sort_by_key(|leaving| leaving.effect.unwrap_or(Date::LAST));
        departures
    }
}

/// True if an act of this type is a step towards a treaty or out of it.
fn is_step(kind: TreatyEventKind) -> bool {
    use TreatyEventKind::{Denunciation, EntryIntoForce, InvitationToAccede, Signature};
    let others = [InvitationToAccede, Signature, EntryIntoForce, Denunciation];
    kind.is_consent() || others.contains(&kind)
}

/// The episodes while they are built.
struct Episodes<'s, 'a> {
    dated_input: &'s DatedInput<'a>,
    /// Episodes that are over, or that a denunciation ends.
    before: Vec<Episode<'a>>,
    current: Episode<'a>,
}

impl<'a> Episodes<'_, 'a> {
    fn binds(&self, day: Date) -> bool {
        self.dated_input.binds(&self.current, day)
    }

    fn take(&mut self, act: &'a Act, on: Date) {
        use TreatyEventKind::{Denunciation, EntryIntoForce, InvitationToAccede, Signature};
        let role = act.role();
        let begins = !matches!(role, EntryIntoForce | Denunciation);
        if begins && self.current.leaving.is_some() {
            // The membership goes on until the denunciation takes effect. Acts after the notice belong to the next
            // episode.
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

    fn denounce(&mut self, act: &'a Act, on: Date) {
        if self.binds(on) {
            self.current.leaving.get_or_insert(Leaving {
                act,
                notice: on,
                effect: self.dated_input.effect_of_denunciation(act),
            });
        } else {
            self.take_back();
        }
    }

    /// Withdraws the instrument of consent: the effect of a denunciation before entry into force.
    fn take_back(&mut self) {
        self.current.take_back();
        if self.current.steps().next().is_none()
            && let Some(before) = self.before.pop()
        {
            self.current = before;
        }
    }

    /// Ends the membership on the day on which the country leaves the required treaty.
    fn leave_with_required(&mut self, leaving: Leaving<'a>) {
        let on = leaving.effect;
        for episode in self.before.iter_mut().chain([&mut self.current]) {
            let from = self.dated_input.in_force(episode).map(|(from, _)| from);
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
        if !is_bound && leaving.has_effect(self.dated_input.as_of) {
            self.take_back();
        }
    }
}
