//! The statuses under a treaty, and a standing: the status of a country with its reasons.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::date::PartialDate;
use crate::record::RecordId;

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
