//! All that a status depends on: the acts of a country under a treaty and the treaty's own rule.

use super::TreatyStatus;
use crate::domain::date::PartialDate;
use crate::domain::institution::InstitutionFunction;
use crate::domain::record::RecordId;
use crate::domain::treaty::EntryIntoForceRule;
use crate::domain::treaty_event::TreatyEventKind;

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
    pub(super) fn role(&self) -> TreatyEventKind {
        self.counts_as.unwrap_or(self.kind)
    }

    /// When it was done. A succession counts from the succession of the States, which may come before
    /// its notice.
    pub(super) fn done(&self) -> Option<PartialDate> {
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
    /// Where a country stands of which no act is known.
    pub(super) fn without_acts(&self) -> TreatyStatus {
        if self.is_complete {
            TreatyStatus::NoAction
        } else {
            TreatyStatus::Unknown
        }
    }

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
