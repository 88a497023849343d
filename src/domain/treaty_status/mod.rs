//! Where a country stands under a treaty on a day: computed from cited acts, never stored.
//!
//! The acts fall into episodes, from the first step towards the treaty to the end of membership;
//! the latest episode begun by the day decides. Partial dates are read twice, at their earliest and
//! at their latest, and where the two readings differ the answer says so. Source: Vienna Convention
//! on the Law of Treaties (VCLT), and the final clauses held by [`EntryIntoForceRule`].

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::domain::date::{Day, PartialDate};
use crate::domain::institution::InstitutionFunction;
use crate::domain::record::RecordId;
use crate::domain::treaty::EntryIntoForceRule;
use crate::domain::treaty_event::TreatyEventKind;

/// Where a country stands under a treaty. The "Parties" of the Council of Europe are `PARTY` and
/// `CONTRACTING_STATE` together.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    async_graphql::Enum,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TreatyStatus {
    /// The known events do not tell, or their dates are not exact enough: see `possibleStatuses`.
    Unknown,
    /// No act is known, and the events of the treaty are known to be complete.
    NoAction,
    /// Invited to accede, and the invitation has not lapsed.
    InvitedToAccede,
    /// Signed, not bound yet.
    Signatory,
    /// Consented to be bound; not yet in force for the country (VCLT 2(1)(f)).
    ContractingState,
    /// Applies the treaty provisionally (VCLT 25).
    ProvisionallyApplying,
    /// Bound, and the treaty is in force for the country (VCLT 2(1)(g)).
    Party,
    /// A Party for which the operation of the treaty is suspended (VCLT 57).
    Suspended,
    /// A Party that has denounced the treaty; the denunciation has no effect yet.
    DenunciationPending,
    /// A country that was a Party and left.
    FormerParty,
}

impl TreatyStatus {
    /// Whether the treaty is in force for the country.
    pub fn is_in_force(self) -> bool {
        matches!(
            self,
            Self::Party | Self::Suspended | Self::DenunciationPending
        )
    }

    /// Whether what a page printed says the same.
    pub fn agrees_with(self, label: &str) -> bool {
        let label = label.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| label.contains(word));
        match self {
            Self::Party | Self::Suspended | Self::DenunciationPending | Self::ContractingState => {
                says(&["party", "parties", "ratified", "acceded"])
                    && !says(&["not ", "non-", "former", "invit"])
            }
            Self::Signatory => says(&["signatory", "signed"]) && !says(&["not signed", "non-"]),
            Self::InvitedToAccede => says(&["invited"]),
            Self::FormerParty => says(&["former", "denounced"]),
            Self::NoAction => says(&[
                "no action",
                "not signed",
                "not party",
                "not a party",
                "non-party",
            ]),
            Self::ProvisionallyApplying => says(&["provisional"]),
            Self::Unknown => false,
        }
    }
}

/// Who says from when a treaty is in force for a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum DateOrigin {
    /// The depositary.
    Depositary,
    /// Nobody yet: computed from the day of consent by the treaty's rule.
    Computed,
}

/// A treaty event, as far as the status depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The event.
    pub id: RecordId,
    /// What was done.
    pub kind: TreatyEventKind,
    /// What it has the effect of, where that is another kind: a succession that of the act it succeeds
    /// to, an extension to a territory that of consent for the territory.
    pub counts_as: Option<TreatyEventKind>,
    /// When.
    pub date: Option<PartialDate>,
    /// From when it has effect, where the depositary says so.
    pub effective: Option<PartialDate>,
    /// Until when, where a source says so.
    pub ends_on: Option<PartialDate>,
    /// The act that it withdraws or confirms.
    pub relates_to: Option<RecordId>,
    /// The articles it is about, in order.
    pub articles: Vec<String>,
    /// What an authority is designated for.
    pub function: Option<InstitutionFunction>,
    /// Whether it is for territories, and so does not move the country itself.
    pub is_territorial: bool,
}

impl Act {
    /// The kind of act whose effect it has.
    fn role(&self) -> TreatyEventKind {
        self.counts_as.unwrap_or(self.kind)
    }

    /// When it was done. A succession counts from the succession of the States, which may come before
    /// its notice.
    fn done(&self) -> Option<PartialDate> {
        if self.kind == TreatyEventKind::Succession {
            self.effective.or(self.date)
        } else {
            self.date
        }
    }
}

/// All that the status depends on.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The acts of the country under the treaty, in any order.
    pub acts: Vec<Act>,
    /// When consent takes effect.
    pub rule: Option<EntryIntoForceRule>,
    /// When the treaty itself entered into force.
    pub treaty_in_force: Option<PartialDate>,
    /// Whether the events of the treaty are known to be complete up to some day.
    pub is_complete: bool,
    /// The same country under the treaty that this one requires consent to.
    pub required: Option<Box<Case>>,
}

impl Case {
    /// The case of a territory: its own acts, those by which the State that administers it named the
    /// territory, and what ends the treaty for the State. The treaty is in force for the territory once
    /// it is for the State. Without an act that names it, nothing is known of the territory.
    pub fn of_territory(own: Vec<Act>, naming: Vec<Act>, state: Self) -> Self {
        use TreatyEventKind::{
            Accession, Denunciation, Suspension, TerritorialApplication, Withdrawal,
        };
        let mut acts = own;
        acts.extend(naming.into_iter().map(|act| Act {
            counts_as: match act.kind {
                TerritorialApplication => Some(Accession),
                _ => act.counts_as,
            },
            is_territorial: false,
            ..act
        }));
        let ends = |act: &&Act| matches!(act.kind, Denunciation | Suspension | Withdrawal);
        let of_state = state.acts.iter().filter(|act| !act.is_territorial);
        acts.extend(of_state.filter(ends).cloned());
        Self {
            acts,
            rule: state.rule.clone(),
            treaty_in_force: state.treaty_in_force,
            is_complete: false,
            required: Some(Box::new(state)),
        }
    }
}

/// From when a treaty is in force for a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectiveDate {
    /// The date.
    pub date: PartialDate,
    /// Who says so.
    pub origin: DateOrigin,
}

/// Where a country stands, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The status; `Unknown` where the two readings of partial dates differ.
    pub status: TreatyStatus,
    /// Since when.
    pub since: Option<PartialDate>,
    /// From when the treaty is or will be in force for the country.
    pub in_force_from: Option<EffectiveDate>,
    /// The acts that decide, in order.
    pub basis: Vec<RecordId>,
    /// What it will be next, as far as the acts up to the day tell.
    pub next: Option<(TreatyStatus, PartialDate)>,
    /// The status by the earliest and by the latest reading of the dates.
    pub possible: Vec<TreatyStatus>,
}

/// Where a country stands on the day `as_of`, by what is known on the day `known_on`: an act whose
/// date is open towards the future, or that has none, was done by then.
///
/// An entry into force as notified by the depositary is no act of the country: it belongs to the
/// consent before it and counts as known from that day.
pub fn status(case: &Case, as_of: Day, known_on: Day) -> Standing {
    let [early, late] = [Reading::Earliest, Reading::Latest]
        .map(|reading| Scene::new(case, as_of, known_on, reading).standing());
    if early.status == late.status {
        let in_force_from = match (early.in_force_from, late.in_force_from) {
            (Some(from), Some(to)) if from.date != to.date => between(from, to),
            (_, from) => from,
        };
        let both = |from: Option<PartialDate>, to: Option<PartialDate>| match (from, to) {
            (Some(from), Some(to)) if from != to => span(from, to),
            (_, to) => to,
        };
        let next = late.next.and_then(|(status, on)| {
            let early = early.next.map(|(_, on)| on);
            Some((status, both(early, Some(on))?))
        });
        return Standing {
            in_force_from,
            since: both(early.since, late.since),
            next,
            ..late
        };
    }
    let mut possible = vec![early.status, late.status];
    possible.sort_unstable();
    let mut basis = early.basis;
    basis.extend(late.basis);
    basis.sort_unstable();
    basis.dedup();
    Standing {
        status: TreatyStatus::Unknown,
        since: None,
        in_force_from: None,
        basis,
        next: None,
        possible,
    }
}

/// From the beginning of one date to the end of another.
fn span(from: PartialDate, to: PartialDate) -> Option<PartialDate> {
    format!("{from}/{to}").parse().ok()
}

fn between(from: EffectiveDate, to: EffectiveDate) -> Option<EffectiveDate> {
    Some(EffectiveDate {
        date: span(from.date, to.date)?,
        origin: to.origin,
    })
}

/// The reservations or declarations that are in force on a day, in the order of their ids.
///
/// Those made before consent count once confirmed (VCLT 23); none counts before entry into force;
/// what was wholly withdrawn is gone from then on.
pub fn in_force(case: &Case, kind: TreatyEventKind, as_of: Day, known_on: Day) -> Vec<RecordId> {
    let scene = Scene::new(case, as_of, known_on, Reading::Latest);
    let episode = scene.latest_episode();
    let Some((in_force, _)) = scene.in_force(&episode) else {
        return Vec::new();
    };
    if in_force > as_of || !scene.standing().status.is_in_force() {
        return Vec::new();
    }
    // A partial date of consent is taken at its beginning: what was made with it was not made before.
    let consent = episode
        .consent
        .and_then(Act::done)
        .and_then(|date| date.earliest())
        .unwrap_or(Day::FIRST);
    let steps = [episode.invitation, episode.signature, episode.consent];
    let begun = steps
        .into_iter()
        .flatten()
        .map(|act| scene.day(act.done()))
        .min()
        .unwrap_or(Day::FIRST)
        .min(consent);
    let confirmed: HashSet<&RecordId> = scene
        .acts()
        .filter(|other| other.kind == TreatyEventKind::Confirmation)
        .filter(|other| scene.day(other.date) >= consent)
        .filter_map(|other| other.relates_to.as_ref())
        .collect();
    let mut found: Vec<RecordId> = scene
        .acts()
        .filter(|act| act.kind == kind && !scene.is_withdrawn(act) && !scene.has_ended(act))
        .filter(|act| scene.day(act.date) >= begun)
        .filter(|act| scene.day(act.date) >= consent || confirmed.contains(&act.id))
        .filter(|act| {
            act.effective
                .is_none_or(|date| scene.day(Some(date)) <= as_of)
        })
        .map(|act| act.id.clone())
        .collect();
    found.sort_unstable();
    found
}

/// The designations of authorities that hold on a day, in the order of their ids: the newest for each
/// article and function.
pub fn designations(case: &Case, as_of: Day, known_on: Day) -> Vec<RecordId> {
    let scene = Scene::new(case, as_of, known_on, Reading::Latest);
    let whole = String::new();
    let mut newest: BTreeMap<(&String, Option<InstitutionFunction>), (Day, &RecordId)> =
        BTreeMap::new();
    for act in scene.acts() {
        let designates = act.kind == TreatyEventKind::DesignationOfAuthority;
        if !designates || !scene.is_open(act) {
            continue;
        }
        let candidate = (scene.begins(act), &act.id);
        let articles = act.articles.iter();
        let articles = articles.chain(act.articles.is_empty().then_some(&whole));
        for article in articles {
            let holder = newest.entry((article, act.function)).or_insert(candidate);
            *holder = candidate.max(*holder);
        }
    }
    let mut found: Vec<RecordId> = newest.into_values().map(|(_, id)| id.clone()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Which end of a partial date is taken for the date.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Earliest,
    Latest,
}

/// One way of reading a case on one day.
struct Scene<'a> {
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
struct Episode<'a> {
    invitation: Option<&'a Act>,
    signature: Option<&'a Act>,
    consent: Option<&'a Act>,
    entry_into_force: Option<&'a Act>,
    denunciation: Option<&'a Act>,
}

impl<'a> Scene<'a> {
    fn new(case: &'a Case, as_of: Day, known_on: Day, reading: Reading) -> Self {
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

    fn day(&self, date: Option<PartialDate>) -> Day {
        let earliest = date.and_then(|date| date.earliest());
        match self.reading {
            Reading::Earliest => earliest.unwrap_or(Day::FIRST),
            Reading::Latest => date
                .and_then(|date| date.latest())
                .unwrap_or_else(|| earliest.unwrap_or(Day::FIRST).max(self.known_on)),
        }
    }

    /// The acts done by the day, for the country as a whole.
    fn acts(&self) -> impl Iterator<Item = &'a Act> {
        self.done.iter().copied()
    }

    /// When an act takes effect.
    fn begins(&self, act: &Act) -> Day {
        self.day(act.effective.or(act.date))
    }

    /// Whether an act has ended by itself.
    fn has_ended(&self, act: &Act) -> bool {
        act.ends_on
            .is_some_and(|last| self.day(Some(last)) < self.as_of)
    }

    /// Whether an act that lasts has taken effect, and neither ended nor was withdrawn.
    fn is_open(&self, act: &Act) -> bool {
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
    fn is_withdrawn(&self, act: &Act) -> bool {
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

    fn latest_episode(&self) -> Episode<'a> {
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
    fn in_force(&self, episode: &Episode<'a>) -> Option<(Day, DateOrigin)> {
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

    fn standing(&self) -> Standing {
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

/// How many countries have each status, in the order of the statuses; none is left out for zero.
pub fn counts(standings: impl IntoIterator<Item = TreatyStatus>) -> Vec<(TreatyStatus, usize)> {
    let mut counts: HashMap<TreatyStatus, usize> = HashMap::new();
    for status in standings {
        *counts.entry(status).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable();
    counts
}

mod turns;

pub use turns::turns;

#[cfg(test)]
mod tests;
