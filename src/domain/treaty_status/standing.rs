//! The treaty statuses, and a standing: the status of a country with its dates and its basis.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::date::PartialDate;
use crate::record::RecordId;
use crate::text::sort_key;

/// Status of a country under a treaty on the as-of date, computed from treaty events and the treaty's rule. An act
/// counts from its own day on. The tables of the Council of Europe count four statuses as "Parties": `PARTY`,
/// `SUSPENDED`, `DENUNCIATION_PENDING` and `CONTRACTING_STATE`.
///
/// Lists of statuses are in this order: `UNKNOWN`, `NO_ACTION`, `INVITED_TO_ACCEDE`, `SIGNATORY`, `CONTRACTING_STATE`,
/// `PROVISIONALLY_APPLYING`, `PARTY`, `SUSPENDED`, `DENUNCIATION_PENDING`, `FORMER_PARTY`.
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
    /// The status is open. There are three cases:
    /// - No act of the country counts on the as-of date, and events of the treaty may be missing:
    ///   `Treaty.eventsCompleteAsOf` is null.
    /// - No act counts, and the country is a territory, for which another State can act, or another State administered
    ///   it on that date.
    /// - The dates of the acts are inexact and allow several statuses: see `possibleStatuses`.
    ///
    /// An act that counts decides, even if events may be missing: one recorded signature gives `SIGNATORY`.
    Unknown,
    /// No act of the country counts on the as-of date: it has done none, its first act is later, or its acts were
    /// withdrawn or have lapsed. A country that signed in 2008 has this status in 2005. Possible only if
    /// `Treaty.eventsCompleteAsOf` is set; else the status is `UNKNOWN`.
    NoAction,
    /// Invited to accede; the invitation has not lapsed, and the country has neither signed nor acceded.
    InvitedToAccede,
    /// Signed, and not bound: the country has not consented to be bound.
    Signatory,
    /// Consented to be bound, for example by ratification; the treaty is not in force for the country yet. Narrower
    /// than the term of VCLT 2(1)(f), which also covers Parties. The country can apply the treaty provisionally: see
    /// `provisionallyAppliedSince`.
    ContractingState,
    /// Applies the treaty provisionally, without having consented to be bound (VCLT 25).
    ProvisionallyApplying,
    /// Consented to be bound, and the treaty is in force for the country (VCLT 2(1)(g)).
    Party,
    /// A Party for which the operation of the treaty is suspended (VCLT 57). It remains a Party.
    Suspended,
    /// A Party that gave notice of denunciation: of this treaty, or of the treaty to which this one requires consent.
    /// The denunciation has not taken effect yet, and the country is still a Party.
    DenunciationPending,
    /// Was a Party and left, from the day on which a denunciation takes effect: of this treaty, or of the treaty to
    /// which this one requires consent.
    FormerParty,
}

impl TreatyStatus {
    /// True if the treaty is in force for the country.
    pub fn is_in_force(self) -> bool {
        matches!(
            self,
            Self::Party | Self::Suspended | Self::DenunciationPending
        )
    }

    /// True if a status that a page printed means this status.
    pub fn agrees_with(self, label: &str) -> bool {
        let label = sort_key(label);
        let says = |words: &[&str]| words.iter().any(|word| label.contains(word));
        match self {
            Self::Party | Self::Suspended | Self::DenunciationPending | Self::ContractingState => {
                says(&["party", "parties", "partie", "ratifi", "acceded", "adhere"])
                    && !says(&["not ", "non-", "non ", "former", "ancien", "invit"])
            }
            Self::Signatory => {
                says(&["signatory", "signed", "signataire", "signe"])
                    && !says(&["not signed", "non-", "non "])
            }
            Self::InvitedToAccede => says(&["invited", "invite"]),
            Self::FormerParty => says(&["former", "denounced", "ancien", "denonc"]),
            Self::NoAction => says(&[
                "no action",
                "not signed",
                "not party",
                "not a party",
                "non-party",
                "aucune action",
                "non signe",
                "non partie",
            ]),
            Self::ProvisionallyApplying => says(&["provisional"]),
            Self::Unknown => false,
        }
    }
}

/// Origin of the date from which a treaty is in force for a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum DateOrigin {
    /// The depositary gave the date.
    Depositary,
    /// The service computed the date: from the day of consent by the treaty's rule, or as the day of the treaty's own
    /// entry into force, if that is later.
    Computed,
}

/// Date from which a treaty is in force for a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectiveDate {
    /// The date, as exact as its basis allows.
    pub date: PartialDate,
    /// Origin of the date.
    pub origin: DateOrigin,
}

/// Status of a country under a treaty, with its dates and its basis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The status; `Unknown` if the readings of partial dates differ.
    pub status: TreatyStatus,
    /// Date from which the country has the status; `None` if unknown.
    pub since: Option<PartialDate>,
    /// Date from which the treaty is or will be in force for the country; `None` if unknown.
    pub in_force_from: Option<EffectiveDate>,
    /// Ids of the acts that decide the status, in order.
    pub basis: Vec<RecordId>,
    /// Next status and its first day, as far as the acts up to the day tell.
    pub next: Option<(TreatyStatus, PartialDate)>,
    /// All statuses that some order of the acts gives, as far as their dates allow it.
    pub possible: Vec<TreatyStatus>,
}

/// Counts the countries with each status, in the order of the statuses. Statuses without a country are absent.
pub fn counts(standings: impl IntoIterator<Item = TreatyStatus>) -> Vec<(TreatyStatus, usize)> {
    let mut counts: HashMap<TreatyStatus, usize> = HashMap::new();
    for status in standings {
        *counts.entry(status).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable();
    counts
}
