//! Where a country stands under a treaty on a day: computed from cited acts, never stored.
//!
//! The acts fall into episodes, from the first step towards the treaty to the end of membership;
//! the latest episode begun by the day decides. Partial dates are read twice, at their earliest and
//! at their latest, and where the two readings differ the answer says so. Source: Vienna Convention
//! on the Law of Treaties (VCLT), and the final clauses held by [`EntryIntoForceRule`].

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::domain::date::{Day, PartialDate};
use crate::domain::record::RecordId;

mod case;
mod designations;
mod reservations;
mod scene;
#[cfg(test)]
mod tests;
mod turns;

pub use case::{Act, Case};
pub use designations::designations;
pub use reservations::in_force;
use scene::{Reading, Scene};
pub use turns::turns;

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
