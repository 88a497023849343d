//! Where a country stands under a treaty on a day: computed from cited acts, never stored.
//!
//! The acts fall into episodes, from the first step towards the treaty to the end of membership. The
//! latest episode for which the treaty is in force decides the day, else the latest episode begun.
//! Partial dates are read in every order that they allow; where the readings differ the answer says
//! so. Source: Vienna Convention on the Law of Treaties (VCLT), and the final clauses held by
//! [`EntryIntoForceRule`](crate::treaty::EntryIntoForceRule).

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::date::{Day, PartialDate};
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

mod case;
mod designations;
mod readings;
mod reservations;
mod scene;
mod statements;
mod territory;
#[cfg(test)]
mod tests;
mod turns;

pub use case::{Act, Case};
pub use designations::designations;
use readings::Readings;
pub use reservations::{carried_over, carries_over, in_force};
use scene::{Scene, Since, Stand};
pub use statements::{stated, statement_turns};
pub use territory::{Administered, Territory};
pub use turns::{edges_within, turns};

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
    /// The known events do not tell, or their dates allow several answers: see `possibleStatuses`.
    Unknown,
    /// No act is known, and the events of the treaty are known to be complete.
    NoAction,
    /// Invited to accede, and the invitation has not lapsed.
    InvitedToAccede,
    /// Signed, not bound yet.
    Signatory,
    /// Consented to be bound; not yet in force for the country (VCLT 2(1)(f)). It may be applied
    /// provisionally: see `provisionallyAppliedSince`.
    ContractingState,
    /// Applies the treaty provisionally, and has not consented to be bound (VCLT 25).
    ProvisionallyApplying,
    /// Bound, and the treaty is in force for the country (VCLT 2(1)(g)).
    Party,
    /// A Party for which the operation of the treaty is suspended (VCLT 57).
    Suspended,
    /// A Party that has denounced the treaty, or one that the treaty requires; the denunciation has no
    /// effect yet.
    DenunciationPending,
    /// A country that was a Party and left, also by leaving a treaty that this one requires.
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
    /// The status; `Unknown` where the readings of partial dates differ.
    pub status: TreatyStatus,
    /// Since when.
    pub since: Option<PartialDate>,
    /// From when the treaty is or will be in force for the country.
    pub in_force_from: Option<EffectiveDate>,
    /// The acts that decide, in order.
    pub basis: Vec<RecordId>,
    /// The next day on which the status is another, as far as the acts up to the day tell.
    pub next: Option<(TreatyStatus, PartialDate)>,
    /// The statuses that some order of the acts gives, as their dates allow.
    pub possible: Vec<TreatyStatus>,
}

/// Where a country stands on the day `as_of`, by what is known on the day `known_on`: an act whose
/// date is open towards the future, or that has none, was done by then.
///
/// An entry into force as notified by the depositary is no act of the country: it belongs to the
/// consent before it and counts as known from that day.
pub fn status(case: &Case, as_of: Day, known_on: Day) -> Standing {
    if let Some(line) = case.line(as_of, known_on) {
        let mut found = status(line, as_of, known_on);
        let next = found.next;
        // Where one State's extension ends, that of another may go on.
        found.next = next.filter(|(then, on)| case.stands(*then, *on, known_on));
        return found;
    }
    let mut readings = Readings::of(case, as_of, known_on);
    if readings.is_one() {
        let scene = Scene::new(case, as_of, known_on);
        let stand = scene.stand();
        let next = scene.next(stand.status);
        return Standing {
            status: stand.status,
            since: stand.since.and_then(Since::written),
            in_force_from: stand.in_force.map(|(day, origin)| EffectiveDate {
                date: day.into(),
                origin,
            }),
            basis: ids(stand.basis),
            next: next.map(|(status, on)| (status, on.into())),
            possible: vec![stand.status],
        };
    }
    readings.follow();
    let mut found = Found::default();
    let are_all = readings.each(|case| {
        found.add(&Scene::new(case, as_of, known_on).stand());
        true
    });
    if !are_all {
        return conceivable(case, as_of);
    }
    let mut possible = found.statuses.iter();
    let (Some(status), None) = (possible.next().copied(), possible.next()) else {
        found.basis.sort_unstable();
        return unknown(found.statuses, found.basis);
    };
    let mut next = Next::default();
    readings.each(|case| next.add(Scene::new(case, as_of, known_on).next(status)));
    Standing {
        status,
        since: found.since.written(case),
        in_force_from: found.in_force_from(),
        basis: found.basis,
        next: next.of_all(),
        possible: vec![status],
    }
}

fn ids(acts: Vec<&Act>) -> Vec<RecordId> {
    acts.into_iter().map(|act| act.id.clone()).collect()
}

fn unknown(possible: BTreeSet<TreatyStatus>, basis: Vec<RecordId>) -> Standing {
    Standing {
        status: TreatyStatus::Unknown,
        since: None,
        in_force_from: None,
        basis,
        next: None,
        possible: possible.into_iter().collect(),
    }
}

/// What the acts that may have been done by a day could come to, in whatever order: where there are too
/// many readings to look at each.
fn conceivable(case: &Case, as_of: Day) -> Standing {
    use TreatyEventKind::{
        Denunciation, EntryIntoForce, InvitationToAccede, ProvisionalApplication, Signature,
        Suspension,
    };
    let of_required = case.required.iter().flat_map(|case| case.acts.iter());
    let leaves_required = of_required.filter(|act| act.kind == Denunciation);
    let acts = case.acts.iter().filter(|act| act.role().decides());
    let mut basis = Vec::new();
    let mut possible = BTreeSet::from([case.without_acts()]);
    for act in acts.chain(leaves_required) {
        let first = act.done().and_then(|date| date.earliest());
        if act.is_territorial || first.is_some_and(|first| first > as_of) {
            continue;
        }
        basis.push(act.id.clone());
        match act.role() {
            InvitationToAccede => possible.extend([TreatyStatus::InvitedToAccede]),
            Signature => possible.extend([TreatyStatus::Signatory]),
            ProvisionalApplication => possible.extend([TreatyStatus::ProvisionallyApplying]),
            Suspension => possible.extend([TreatyStatus::Suspended]),
            Denunciation => {
                possible.extend([TreatyStatus::DenunciationPending, TreatyStatus::FormerParty]);
            }
            kind if kind.is_consent() || kind == EntryIntoForce => {
                possible.extend([TreatyStatus::ContractingState, TreatyStatus::Party]);
            }
            _ => {}
        }
    }
    basis.sort_unstable();
    let first = case.treaty_in_force.map(|date| date.earliest());
    let can_be_in_force = first.is_some_and(|first| first.is_none_or(|first| first <= as_of));
    possible.retain(|status| {
        can_be_in_force || !(status.is_in_force() || *status == TreatyStatus::FormerParty)
    });
    unknown(possible, basis)
}

/// Where a country stands by several readings.
#[derive(Default)]
struct Found {
    statuses: BTreeSet<TreatyStatus>,
    since: Dates,
    in_force: Dates,
    origin: Option<DateOrigin>,
    basis: Vec<RecordId>,
}

impl Found {
    fn add(&mut self, stand: &Stand<'_>) {
        self.statuses.insert(stand.status);
        self.since.add(stand.since);
        self.in_force
            .add(stand.in_force.map(|(day, _)| Since::Day(day)));
        let origin = stand.in_force.map(|(_, origin)| origin);
        self.origin = match (self.origin, origin) {
            (Some(DateOrigin::Computed), _) | (_, Some(DateOrigin::Computed)) => {
                Some(DateOrigin::Computed)
            }
            (before, origin) => origin.or(before),
        };
        for act in &stand.basis {
            if !self.basis.contains(&act.id) {
                self.basis.push(act.id.clone());
            }
        }
    }

    fn in_force_from(&self) -> Option<EffectiveDate> {
        Some(EffectiveDate {
            date: self.in_force.span()?,
            origin: self.origin?,
        })
    }
}

/// From the first to the last day that several readings give for one date.
#[derive(Default)]
enum Dates {
    /// Nothing was read yet.
    #[default]
    Unread,
    /// Some reading gives no day.
    Unknown,
    Between {
        first: Day,
        last: Day,
        /// The act whose date it is by all readings, and whether it is the day of its effect.
        of: Option<(RecordId, bool)>,
    },
}

impl Dates {
    fn add(&mut self, since: Option<Since<'_>>) {
        let day = since
            .and_then(Since::written)
            .and_then(|date| date.earliest());
        let (Some(since), Some(day)) = (since, day) else {
            *self = Self::Unknown;
            return;
        };
        match self {
            Self::Unread => {
                let of = since.act().map(|(id, is_effect)| (id.clone(), is_effect));
                let (first, last) = (day, day);
                *self = Self::Between { first, last, of };
            }
            Self::Unknown => {}
            Self::Between { first, last, of } => {
                (*first, *last) = ((*first).min(day), (*last).max(day));
                let is_same = of.as_ref().map(|(id, is_effect)| (id, *is_effect)) == since.act();
                if !is_same {
                    *of = None;
                }
            }
        }
    }

    fn span(&self) -> Option<PartialDate> {
        match self {
            Self::Between { first, last, .. } => span(*first, *last),
            _ => None,
        }
    }

    /// In the words of the act whose date it is, else from the first day to the last.
    fn written(&self, case: &Case) -> Option<PartialDate> {
        let Self::Between {
            of: Some((id, is_effect)),
            ..
        } = self
        else {
            return self.span();
        };
        let cases = std::iter::successors(Some(case), |case| case.required.as_deref());
        let mut acts = cases.flat_map(|case| case.acts.iter());
        let act = acts.find(|act| act.id == *id)?;
        if *is_effect {
            act.effective.or(act.date)
        } else {
            act.date
        }
    }
}

/// What comes next by several readings.
#[derive(Default)]
struct Next {
    status: Option<TreatyStatus>,
    on: Dates,
}

impl Next {
    /// Whether all readings so far agree on what comes next.
    fn add(&mut self, next: Option<(TreatyStatus, Day)>) -> bool {
        let Some((status, on)) = next else {
            self.on = Dates::Unknown;
            return false;
        };
        if self.status.is_some_and(|before| before != status) {
            self.on = Dates::Unknown;
            return false;
        }
        self.status = Some(status);
        self.on.add(Some(Since::Day(on)));
        true
    }

    fn of_all(self) -> Option<(TreatyStatus, PartialDate)> {
        Some((self.status?, self.on.span()?))
    }
}

/// From one day to another.
fn span(first: Day, last: Day) -> Option<PartialDate> {
    if first == last {
        return Some(first.into());
    }
    format!("{first}/{last}").parse().ok()
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
