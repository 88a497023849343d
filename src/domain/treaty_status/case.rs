//! All that a status depends on: the acts of a country under a treaty and the treaty's own rule.

use std::borrow::Cow;

use super::standing::TreatyStatus;
use crate::date::PartialDate;
use crate::institution::InstitutionFunction;
use crate::record::RecordId;
use crate::text::CountryCode;
use crate::treaty::EntryIntoForceRule;
use crate::treaty_event::TreatyEventKind;

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
    /// The territories that it names.
    pub territories: Vec<String>,
    /// Whether it is for territories, and so does not move the country itself.
    pub is_territorial: bool,
}

impl Act {
    /// The act of a State as one of the territory that it names: an extension has the effect of consent.
    #[must_use]
    pub fn for_territory(self) -> Self {
        let extends = self.kind == TreatyEventKind::TerritorialApplication;
        let consent = extends.then_some(TreatyEventKind::Accession);
        Self {
            counts_as: consent.or(self.counts_as),
            is_territorial: false,
            ..self
        }
    }

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
    /// The country as a territory, where other States act or acted for it. The acts above are then those
    /// of all.
    pub territory: Option<Box<Territory>>,
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

    /// The cases that it is made of: itself alone, but for a territory.
    pub(super) fn lines(&self) -> Vec<&Self> {
        match &self.territory {
            Some(territory) => territory.lines().collect(),
            None => vec![self],
        }
    }

    /// The same case, in which what the State states for its territories counts as stated by the State.
    pub(super) fn stating(&self) -> Cow<'_, Self> {
        let for_territory = |act: &Act| act.is_territorial && act.kind.stands_beside();
        if !self.acts.iter().any(for_territory) {
            return Cow::Borrowed(self);
        }
        let mut case = self.clone();
        let stated = self.acts.iter().filter(|act| act.kind.stands_beside());
        let stated: Vec<&Act> = stated.collect();
        // One that names some of the territories withdraws it for those alone.
        let is_whole = |withdrawal: &Act, act: &Act| {
            let mut territories = act.territories.iter();
            withdrawal.territories.is_empty()
                || territories.all(|name| withdrawal.territories.contains(name))
        };
        for act in &mut case.acts {
            let mut stated = stated.iter();
            let withdraws = act.kind == TreatyEventKind::Withdrawal
                && stated.any(|one| act.relates_to.as_ref() == Some(&one.id) && is_whole(act, one));
            if act.kind.stands_beside() || withdraws {
                act.is_territorial = false;
            }
        }
        Cow::Owned(case)
    }
}

/// A country for which other States act or acted.
#[derive(Clone, Debug, Default)]
pub struct Territory {
    /// By its own acts.
    pub own: Case,
    /// By the acts of each State that named it as a territory.
    pub states: Vec<(CountryCode, Case)>,
    /// Whether it is a State of its own by now, so that no other acts for it any more.
    pub is_independent: bool,
    /// The times in which others administered it, where they are over.
    pub administered: Vec<Administered>,
    /// Decides where nothing is known.
    pub nothing: Case,
}

/// From when until when another State administered a country.
#[derive(Clone, Copy, Debug)]
pub struct Administered {
    /// The first day, as far as known.
    pub since: Option<PartialDate>,
    /// The last day.
    pub until: PartialDate,
}

impl Territory {
    /// The cases that it is made of.
    pub(super) fn lines(&self) -> impl Iterator<Item = &Case> {
        let states = self.states.iter().map(|(_, case)| case);
        std::iter::once(&self.own).chain(states)
    }
}
