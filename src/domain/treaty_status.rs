//! Where a country stands under a treaty on a day: computed from cited acts, never stored.
//!
//! The acts fall into episodes, from the first step towards the treaty to the end of membership;
//! the latest episode begun by the day decides. Partial dates are read twice, at their earliest and
//! at their latest, and where the two readings differ the answer says so. Source: Vienna Convention
//! on the Law of Treaties (VCLT), and the final clauses held by [`EntryIntoForceRule`].

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::date::{Day, PartialDate};
use super::record::RecordId;
use super::treaty::EntryIntoForceRule;
use super::treaty_event::TreatyEventKind;

/// Where a country stands under a treaty. The "Parties" of the Council of Europe are `PARTY` and
/// `CONTRACTING_STATE` together.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, async_graphql::Enum, Serialize,
    Deserialize,
)]
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
        matches!(self, Self::Party | Self::Suspended | Self::DenunciationPending)
    }

    /// Whether what a page printed says the same.
    pub fn agrees_with(self, label: &str) -> bool {
        let label = label.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| label.contains(word));
        match self {
            Self::Party | Self::Suspended | Self::DenunciationPending | Self::ContractingState => {
                says(&["party", "parties", "ratified", "acceded"]) && !says(&["not ", "former"])
            }
            Self::Signatory => says(&["signatory", "signed"]) && !says(&["not "]),
            Self::InvitedToAccede => says(&["invited"]),
            Self::FormerParty => says(&["former", "denounced"]),
            Self::NoAction => says(&["no action", "not signed", "not party", "not a party"]),
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
    /// Whether it is for territories, and so does not move the country itself.
    pub is_territorial: bool,
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
    /// Every status that the dates allow.
    pub possible: Vec<TreatyStatus>,
}

/// Where a country stands on the day `as_of`, by what is known on the day `known_on`: an act whose
/// date is open towards the future, or that has none, was done by then.
///
/// An entry into force as notified by the depositary is no act of the country: it belongs to the
/// consent before it and counts as known from that day.
pub fn status(case: &Case, as_of: Day, known_on: Day) -> Standing {
    let [early, late] = [Reading::Earliest, Reading::Latest]
        .map(|reading| Scene { case, as_of, known_on, reading }.standing());
    if early.status == late.status {
        let in_force_from = match (early.in_force_from, late.in_force_from) {
            (Some(from), Some(to)) if from.date != to.date => between(from, to),
            (_, from) => from,
        };
        return Standing { in_force_from, ..late };
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

fn between(from: EffectiveDate, to: EffectiveDate) -> Option<EffectiveDate> {
    let date = format!("{}/{}", from.date, to.date).parse().ok()?;
    Some(EffectiveDate { date, origin: to.origin })
}

/// The reservations or declarations that are in force on a day, in the order of their ids.
///
/// Those made before consent count once confirmed (VCLT 23); none counts before entry into force;
/// what was wholly withdrawn is gone from then on.
pub fn in_force(case: &Case, kind: TreatyEventKind, as_of: Day, known_on: Day) -> Vec<RecordId> {
    let scene = Scene { case, as_of, known_on, reading: Reading::Latest };
    let episode = scene.latest_episode();
    let Some((in_force, _)) = scene.in_force(&episode) else { return Vec::new() };
    if in_force > as_of || !scene.standing().status.is_in_force() {
        return Vec::new();
    }
    let consent = episode.consent.map_or(Day::FIRST, |act| scene.day(act.date));
    let confirmed = |act: &Act| {
        scene.acts().any(|other| {
            other.kind == TreatyEventKind::Confirmation && other.relates_to.as_ref() == Some(&act.id)
        })
    };
    let mut found: Vec<RecordId> = scene
        .acts()
        .filter(|act| act.kind == kind && !scene.is_withdrawn(act))
        .filter(|act| scene.day(act.date) >= consent || confirmed(act))
        .filter(|act| act.effective.is_none_or(|date| scene.day(Some(date)) <= as_of))
        .map(|act| act.id.clone())
        .collect();
    found.sort_unstable();
    found
}

/// The designations of authorities that hold on a day: the newest for each set of articles.
pub fn designations(case: &Case, as_of: Day, known_on: Day) -> Vec<RecordId> {
    let scene = Scene { case, as_of, known_on, reading: Reading::Latest };
    let mut newest: BTreeMap<&[String], (Day, &RecordId)> = BTreeMap::new();
    for act in scene.acts() {
        if act.kind != TreatyEventKind::DesignationOfAuthority || scene.is_withdrawn(act) {
            continue;
        }
        let candidate = (scene.day(act.date), &act.id);
        let holder = newest.entry(&act.articles).or_insert(candidate);
        *holder = candidate.max(*holder);
    }
    newest.into_values().map(|(_, id)| id.clone()).collect()
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
        let acts = self.case.acts.iter();
        acts.filter(|act| !act.is_territorial && self.day(act.date) <= self.as_of)
    }

    /// Whether an act was wholly withdrawn by the day. A denunciation can be withdrawn only before
    /// it takes effect (VCLT 68).
    fn is_withdrawn(&self, act: &Act) -> bool {
        let effect = (act.kind == TreatyEventKind::Denunciation)
            .then(|| self.effect_of_denunciation(act))
            .flatten();
        self.acts()
            .filter(|other| other.kind == TreatyEventKind::Withdrawal && other.articles.is_empty())
            .filter(|other| other.relates_to.as_ref() == Some(&act.id))
            .any(|other| effect.is_none_or(|effect| self.day(other.date) < effect))
    }

    fn effect_of_denunciation(&self, act: &Act) -> Option<Day> {
        if act.effective.is_some() {
            return Some(self.day(act.effective));
        }
        self.case.rule.as_ref()?.effect_of_denunciation(self.day(act.date))
    }

    fn latest_episode(&self) -> Episode<'a> {
        use TreatyEventKind::{Denunciation, EntryIntoForce, InvitationToAccede, Signature, Succession};
        let mut acts: Vec<&Act> = self.acts().filter(|act| !self.is_withdrawn(act)).collect();
        acts.sort_by_key(|act| (self.day(act.date), act.kind, &act.id));
        let mut episode = Episode::default();
        for act in acts {
            let begins = matches!(act.kind, InvitationToAccede | Signature) || act.kind.is_consent();
            if begins && self.is_over(&episode, self.day(act.date)) {
                episode = Episode::default();
            }
            let place = match act.kind {
                InvitationToAccede => {
                    episode.invitation = Some(act);
                    continue;
                }
                Signature => &mut episode.signature,
                Denunciation if self.binds(&episode, self.day(act.date)) => &mut episode.denunciation,
                Denunciation => {
                    // Before entry into force it takes the instrument back.
                    episode.consent = None;
                    continue;
                }
                EntryIntoForce => &mut episode.entry_into_force,
                Succession if act.relates_to.is_some() => continue,
                kind if kind.is_consent() => &mut episode.consent,
                _ => continue,
            };
            place.get_or_insert(act);
        }
        if episode.entry_into_force.is_none() && let Some(consent) = episode.consent {
            episode.entry_into_force = self.notified_entry_into_force(consent);
        }
        episode
    }

    /// The depositary's notification that belongs to a consent, also for a day to come.
    fn notified_entry_into_force(&self, consent: &Act) -> Option<&'a Act> {
        let acts = self.case.acts.iter().filter(|act| !act.is_territorial);
        acts.filter(|act| act.kind == TreatyEventKind::EntryIntoForce)
            .filter(|act| self.day(act.date) >= self.day(consent.date))
            .min_by_key(|act| (self.day(act.date), &act.id))
    }

    fn is_over(&self, episode: &Episode<'_>, day: Day) -> bool {
        let denunciation = episode.denunciation;
        let effect = denunciation.and_then(|act| self.effect_of_denunciation(act));
        effect.is_some_and(|effect| effect <= day)
    }

    fn binds(&self, episode: &Episode<'a>, day: Day) -> bool {
        self.in_force(episode).is_some_and(|(in_force, _)| in_force <= day)
    }

    /// From when the treaty is in force for the country in an episode, and who says so.
    fn in_force(&self, episode: &Episode<'a>) -> Option<(Day, DateOrigin)> {
        let notified = episode.entry_into_force.or_else(|| {
            episode.consent.and_then(|consent| self.notified_entry_into_force(consent))
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
        let mut from = rule.effect_of_consent(self.day(consent.date));
        if rule.not_before_treaty {
            from = from.max(treaty);
        }
        if let Some(required) = &self.case.required {
            let scene = Scene { case: required, ..*self };
            let (parent, _) = scene.in_force(&scene.latest_episode())?;
            from = from.max(parent);
        }
        Some((from, DateOrigin::Computed))
    }

    fn standing(&self) -> Standing {
        let episode = self.latest_episode();
        let in_force = self.in_force(&episode);
        let in_force_from = in_force.map(|(day, origin)| EffectiveDate { date: day.into(), origin });
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
            let basis = of(&[episode.consent, episode.entry_into_force, Some(denunciation)]);
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
        if let Some((from, _)) = in_force && from <= self.as_of {
            return standing(TreatyStatus::Party, Some(from.into()), bound, None);
        }
        if let Some(consent) = episode.consent {
            let next = in_force.map(|(from, _)| (TreatyStatus::Party, from.into()));
            let basis = of(&[Some(consent)]);
            return standing(TreatyStatus::ContractingState, consent.date, basis, next);
        }
        if let Some(signature) = episode.signature {
            let basis = of(&[Some(signature)]);
            return standing(TreatyStatus::Signatory, since(signature), basis, None);
        }
        if let Some(invitation) = episode.invitation {
            let lapses = invitation.ends_on.map(|date| self.day(Some(date)));
            if lapses.is_none_or(|last| last >= self.as_of) {
                let next = lapses.map(|last| (TreatyStatus::NoAction, last.next().into()));
                let basis = of(&[Some(invitation)]);
                return standing(TreatyStatus::InvitedToAccede, since(invitation), basis, next);
            }
        }
        let none = if self.case.is_complete { TreatyStatus::NoAction } else { TreatyStatus::Unknown };
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

#[cfg(test)]
mod tests {
    use TreatyEventKind::*;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::record::Kind;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn act(key: &str, kind: TreatyEventKind, date: &str) -> Act {
        Act {
            id: RecordId::new(Kind::TreatyEvent, key).unwrap(),
            kind,
            date: Some(date).filter(|date| !date.is_empty()).map(|date| date.parse().unwrap()),
            effective: None,
            ends_on: None,
            relates_to: None,
            articles: Vec::new(),
            is_territorial: false,
        }
    }

    fn related(act: Act, to: &str) -> Act {
        Act { relates_to: Some(RecordId::new(Kind::TreatyEvent, to).unwrap()), ..act }
    }

    fn budapest_rule() -> EntryIntoForceRule {
        EntryIntoForceRule {
            article: "36".to_owned(),
            months: Some(3),
            days: None,
            first_day_of_month: true,
            not_before_treaty: true,
            requires_party_to: None,
            denunciation_months: Some(3),
        }
    }

    fn budapest(acts: Vec<Act>) -> Case {
        Case {
            acts,
            rule: Some(budapest_rule()),
            treaty_in_force: Some("2004-07-01".parse().unwrap()),
            is_complete: true,
            required: None,
        }
    }

    fn at(case: &Case, date: &str) -> Standing {
        status(case, day(date), day("2026-11-23"))
    }

    fn azerbaijan() -> Case {
        let reservation = |article: &str| Act {
            articles: vec![article.to_owned()],
            ..act(&format!("reservation-{article}"), Reservation, "2010-03-15")
        };
        budapest(vec![
            act("signature", Signature, "2008-06-30"),
            act("approval", DomesticApproval, "2009-09-30"),
            act("ratification", Ratification, "2010-03-15"),
            reservation("4"),
            reservation("6"),
            reservation("29"),
            reservation("42"),
            act("reported", ReportedStatus, "2020-04-16"),
        ])
    }

    #[test]
    fn azerbaijan_and_the_budapest_convention() {
        let case = azerbaijan();
        let table = [
            ("2008-06-29", TreatyStatus::NoAction, None, None, 0),
            ("2008-06-30", TreatyStatus::Signatory, Some("2008-06-30"), None, 0),
            ("2009-09-30", TreatyStatus::Signatory, Some("2008-06-30"), None, 0),
            (
                "2010-03-15",
                TreatyStatus::ContractingState,
                Some("2010-03-15"),
                Some((TreatyStatus::Party, "2010-07-01")),
                0,
            ),
            (
                "2010-06-30",
                TreatyStatus::ContractingState,
                Some("2010-03-15"),
                Some((TreatyStatus::Party, "2010-07-01")),
                0,
            ),
            ("2010-07-01", TreatyStatus::Party, Some("2010-07-01"), None, 4),
            ("2026-11-23", TreatyStatus::Party, Some("2010-07-01"), None, 4),
        ];
        for (date, expected, since, next, reservations) in table {
            let standing = at(&case, date);
            assert_eq!(standing.status, expected, "{date}");
            assert_eq!(standing.since.map(|date| date.to_string()).as_deref(), since, "{date}");
            let following = standing.next.map(|(status, date)| (status, date.to_string()));
            assert_eq!(following, next.map(|(status, on)| (status, on.to_owned())), "{date}");
            let found = in_force(&case, Reservation, day(date), day("2026-11-23"));
            assert_eq!(found.len(), reservations, "{date}");
        }
        let computed = at(&case, "2010-03-15").in_force_from.unwrap();
        assert_eq!(computed.origin, DateOrigin::Computed);
        assert_eq!(computed.date.to_string(), "2010-07-01");
    }

    #[test]
    fn reservations_at_signature_wait_for_their_confirmation() {
        let mut case = Case { treaty_in_force: None, ..budapest(vec![
            act("signature", Signature, "2025-10-25"),
            act("reservation", Reservation, "2025-10-25"),
            act("approval", DomesticApproval, "2026-02-10"),
        ]) };
        for date in ["2025-10-25", "2026-02-23"] {
            assert_eq!(at(&case, date).status, TreatyStatus::Signatory);
            assert!(in_force(&case, Reservation, day(date), day("2026-11-23")).is_empty());
        }
        case.treaty_in_force = Some("2026-03-01".parse().unwrap());
        case.acts.push(act("ratification", Ratification, "2026-04-10"));
        assert!(in_force(&case, Reservation, day("2026-11-01"), day("2026-11-23")).is_empty());
        case.acts.push(related(act("confirmation", Confirmation, "2026-04-10"), "reservation"));
        assert_eq!(in_force(&case, Reservation, day("2026-11-01"), day("2026-11-23")).len(), 1);
        case.acts.push(related(act("withdrawal", Withdrawal, "2026-10-01"), "reservation"));
        assert!(in_force(&case, Reservation, day("2026-11-01"), day("2026-11-23")).is_empty());
        assert_eq!(in_force(&case, Reservation, day("2026-09-01"), day("2026-11-23")).len(), 1);
    }

    #[test]
    fn the_depositary_comes_before_the_rule() {
        let mut case = azerbaijan();
        case.acts.push(act("force", EntryIntoForce, "2010-09-01"));
        let standing = at(&case, "2010-08-01");
        assert_eq!(standing.status, TreatyStatus::ContractingState);
        assert_eq!(standing.in_force_from.unwrap().origin, DateOrigin::Depositary);
        assert_eq!(at(&case, "2010-09-01").status, TreatyStatus::Party);
        let grenada = budapest(vec![
            act("invitation", InvitationToAccede, "2024-02-07"),
            act("force", EntryIntoForce, "2024-08-01"),
        ]);
        assert_eq!(at(&grenada, "2024-07-31").status, TreatyStatus::InvitedToAccede);
        assert_eq!(at(&grenada, "2024-08-01").status, TreatyStatus::Party);
    }

    #[test]
    fn a_protocol_waits_for_its_convention_and_for_itself() {
        let mut case = budapest(vec![act("ratification", Ratification, "2005-11-14")]);
        case.treaty_in_force = Some("2006-03-01".parse().unwrap());
        assert_eq!(at(&case, "2006-02-28").status, TreatyStatus::ContractingState);
        assert_eq!(at(&case, "2006-03-01").status, TreatyStatus::Party);
        case.required = Some(Box::new(budapest(vec![act("parent", Ratification, "2006-01-10")])));
        assert_eq!(at(&case, "2006-04-30").status, TreatyStatus::ContractingState);
        assert_eq!(at(&case, "2006-05-01").status, TreatyStatus::Party);
        case.treaty_in_force = None;
        let waiting = at(&case, "2026-01-01");
        assert_eq!(waiting.status, TreatyStatus::ContractingState);
        assert_eq!((waiting.in_force_from, waiting.next), (None, None));
    }

    #[test]
    fn leaving_and_coming_back() {
        let mut case = azerbaijan();
        case.acts.push(act("denunciation", Denunciation, "2020-11-23"));
        let pending = at(&case, "2020-11-23");
        assert_eq!(pending.status, TreatyStatus::DenunciationPending);
        assert_eq!(pending.next.unwrap().1.to_string(), "2021-03-01");
        assert_eq!(at(&case, "2021-03-01").status, TreatyStatus::FormerParty);
        case.acts.push(act("again", Accession, "2022-11-30"));
        assert_eq!(at(&case, "2022-11-29").status, TreatyStatus::FormerParty);
        assert_eq!(at(&case, "2022-11-30").status, TreatyStatus::ContractingState);
        assert_eq!(at(&case, "2023-03-01").status, TreatyStatus::Party);
        case.acts.retain(|act| act.id.as_str() != "TreatyEvent:again");
        case.acts.push(related(act("back", Withdrawal, "2021-01-05"), "denunciation"));
        assert_eq!(at(&case, "2021-01-04").status, TreatyStatus::DenunciationPending);
        assert_eq!(at(&case, "2021-03-01").status, TreatyStatus::Party);
        let hasty = budapest(vec![
            act("signature", Signature, "2008-06-30"),
            act("ratification", Ratification, "2010-03-15"),
            act("denunciation", Denunciation, "2010-05-01"),
        ]);
        assert_eq!(at(&hasty, "2010-08-01").status, TreatyStatus::Signatory);
    }

    #[test]
    fn an_invitation_lapses_and_a_signature_can_be_withdrawn() {
        let mut invitation = act("invitation", InvitationToAccede, "2019-01-10");
        invitation.ends_on = Some("2024-01-09".parse().unwrap());
        let case = budapest(vec![invitation]);
        assert_eq!(at(&case, "2024-01-09").status, TreatyStatus::InvitedToAccede);
        assert_eq!(at(&case, "2024-01-09").next.unwrap().1.to_string(), "2024-01-10");
        assert_eq!(at(&case, "2024-01-10").status, TreatyStatus::NoAction);
        let case = budapest(vec![
            act("signature", Signature, "2008-06-30"),
            related(act("withdrawal", Withdrawal, "2012-01-01"), "signature"),
        ]);
        assert_eq!(at(&case, "2011-12-31").status, TreatyStatus::Signatory);
        assert_eq!(at(&case, "2012-01-01").status, TreatyStatus::NoAction);
    }

    #[test]
    fn partial_dates_are_read_at_both_ends() {
        let case = budapest(vec![
            act("signature", Signature, "2008"),
            act("ratification", Ratification, "2010-03"),
        ]);
        assert_eq!(at(&case, "2007-12-31").status, TreatyStatus::NoAction);
        let doubtful = at(&case, "2010-03-10");
        assert_eq!(doubtful.status, TreatyStatus::Unknown);
        assert_eq!(doubtful.possible, [TreatyStatus::Signatory, TreatyStatus::ContractingState]);
        assert_eq!(at(&case, "2010-03-31").status, TreatyStatus::ContractingState);
        // The rule counts months, so the day of the deposit does not matter.
        assert_eq!(at(&case, "2010-04-01").in_force_from.unwrap().date.to_string(), "2010-07-01");
    }

    #[test]
    fn what_has_no_date_was_done_by_the_day_it_was_known() {
        let case = budapest(vec![act("invitation", InvitationToAccede, "")]);
        assert_eq!(at(&case, "2026-11-23").status, TreatyStatus::InvitedToAccede);
        assert_eq!(at(&case, "2015-01-01").status, TreatyStatus::Unknown);
        let case = budapest(vec![act("invitation", InvitationToAccede, "2022-09/..")]);
        assert_eq!(at(&case, "2022-08-31").status, TreatyStatus::NoAction);
        assert_eq!(at(&case, "2022-09-01").status, TreatyStatus::Unknown);
        assert_eq!(at(&case, "2026-11-23").status, TreatyStatus::InvitedToAccede);
    }

    #[test]
    fn where_events_are_not_complete_nothing_is_no_answer() {
        let case = Case { is_complete: false, ..budapest(Vec::new()) };
        assert_eq!(at(&case, "2026-11-23").status, TreatyStatus::Unknown);
        let mut territorial = act("curacao", TerritorialApplication, "2024-06-27");
        territorial.is_territorial = true;
        let mut ratified = act("extension", Ratification, "2024-06-27");
        ratified.is_territorial = true;
        assert_eq!(at(&budapest(vec![territorial, ratified]), "2026-11-23").status, TreatyStatus::NoAction);
    }

    #[test]
    fn the_newest_designation_for_an_article_holds() {
        let named = |key: &str, date: &str, article: &str| Act {
            articles: vec![article.to_owned()],
            ..act(key, DesignationOfAuthority, date)
        };
        let case = budapest(vec![named("new", "2019-01-01", "24"), named("old", "2010-07-01", "24"), named("other", "2010-07-01", "35")]);
        let found = designations(&case, day("2026-11-23"), day("2026-11-23"));
        let keys: Vec<&str> = found.iter().map(RecordId::as_str).collect();
        assert_eq!(keys, ["TreatyEvent:new", "TreatyEvent:other"]);
        assert_eq!(designations(&case, day("2012-01-01"), day("2026-11-23")).len(), 2);
    }

    #[test]
    fn labels_of_pages_are_compared() {
        assert!(TreatyStatus::Party.agrees_with("Status: Party"));
        assert!(TreatyStatus::ContractingState.agrees_with("Party"));
        assert!(!TreatyStatus::Signatory.agrees_with("Party"));
        assert!(TreatyStatus::NoAction.agrees_with("Not a Party"));
        assert!(!TreatyStatus::Party.agrees_with("Not a Party"));
    }

    fn any_acts() -> impl Strategy<Value = Vec<Act>> {
        let kinds = prop::sample::select(vec![
            InvitationToAccede, Signature, DefinitiveSignature, DomesticApproval, Ratification,
            Accession, Reservation, Declaration, Denunciation, Withdrawal,
        ]);
        let dates = prop::sample::select(vec![
            "2001-11-23", "2004-06", "2007", "2008-06-30", "2010-03-15", "2010/2012", "2015-01-31",
            "2018~", "../2019", "2020-02-29",
        ]);
        prop::collection::vec((kinds, dates, 0..8_usize), 0..8).prop_map(|acts| {
            acts.into_iter()
                .enumerate()
                .map(|(at, (kind, date, target))| {
                    let act = act(&format!("e{at}"), kind, date);
                    if kind == Withdrawal { related(act, &format!("e{target}")) } else { act }
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn the_order_of_events_is_irrelevant(
            acts in any_acts(), seed in any::<u64>(), days in 0_u32..9_000,
        ) {
            let date = day("2001-01-01").plus_days(days);
            let mut shuffled = acts.clone();
            shuffled.sort_by_key(|act| {
                act.id.as_str().bytes().fold(seed, |hash, byte| {
                    hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte)
                })
            });
            prop_assert_eq!(
                status(&budapest(acts), date, day("2026-11-23")),
                status(&budapest(shuffled), date, day("2026-11-23"))
            );
        }

        #[test]
        fn a_later_act_never_changes_an_earlier_day(
            acts in any_acts(), more in any_acts(), days in 0_u32..9_000,
        ) {
            let date = day("2001-01-01").plus_days(days);
            let before = status(&budapest(acts.clone()), date, day("2026-11-23"));
            let later = more.into_iter().enumerate().map(|(at, act)| Act {
                id: RecordId::new(Kind::TreatyEvent, &format!("later-{at}")).unwrap(),
                date: Some(date.plus_days(1).into()),
                ..act
            });
            let after = status(&budapest(acts.into_iter().chain(later).collect()), date, day("2026-11-23"));
            prop_assert_eq!(before.status, after.status);
        }
    }
}
