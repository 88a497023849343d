//! The input of a status: the acts of a country under a treaty, and the treaty's rule.

use std::borrow::Cow;

use super::standing::TreatyStatus;
use crate::date::PartialDate;
use crate::institution::InstitutionFunction;
use crate::record::RecordId;
use crate::text::CountryCode;
use crate::treaty::EntryIntoForceRule;
use crate::treaty_event::TreatyEventKind;

/// A treaty event, reduced to the fields on which a status depends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Id of the event.
    pub id: RecordId,
    /// Type of act.
    pub kind: TreatyEventKind,
    /// The type of act whose effect it has, if that differs from `kind`. A succession has the effect of the act that
    /// it succeeds to, an extension to a territory that of consent.
    pub counts_as: Option<TreatyEventKind>,
    /// Date of the act.
    pub date: Option<PartialDate>,
    /// Date from which the act has effect, if the depositary gives one.
    pub effective: Option<PartialDate>,
    /// Last day on which the act has effect, if a source gives one.
    pub ends_on: Option<PartialDate>,
    /// Id of the act that it withdraws, confirms or replaces.
    pub relates_to: Option<RecordId>,
    /// Articles that it concerns, in order.
    pub articles: Vec<String>,
    /// Function for which an authority is designated.
    pub function: Option<InstitutionFunction>,
    /// Territories that it names.
    pub territories: Vec<String>,
    /// True if it is made for territories, and so does not change the status of the country itself.
    pub is_territorial: bool,
}

impl Act {
    /// Converts the act of a State into an act of the territory that it names: an extension gets the effect of
    /// consent.
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

    /// Returns the type of act whose effect it has.
    pub(super) fn role(&self) -> TreatyEventKind {
        self.counts_as.unwrap_or(self.kind)
    }

    /// Returns the date on which it was done. A succession counts from the succession of States, which can precede
    /// its notice.
    pub(super) fn done(&self) -> Option<PartialDate> {
        if self.kind == TreatyEventKind::Succession {
            self.effective.or(self.date)
        } else {
            self.date
        }
    }
}

/// The acts and the rule from which a status is computed.
#[derive(Clone, Debug, Default)]
pub struct StatusInput {
    /// Acts of the country under the treaty, in any order.
    pub acts: Vec<Act>,
    /// Rule by which consent takes effect.
    pub rule: Option<EntryIntoForceRule>,
    /// Date on which the treaty itself entered into force.
    pub treaty_in_force: Option<PartialDate>,
    /// True if the events of the treaty are known to be complete up to some day.
    pub is_complete: bool,
    /// The same country under the treaty that this one requires.
    pub required: Option<Box<StatusInput>>,
    /// The country as a territory, if other States act or acted for it. `acts` then contains the acts of all.
    pub territory: Option<Box<Territory>>,
}

impl StatusInput {
    /// Returns the status of a country without known acts.
    pub(super) fn without_acts(&self) -> TreatyStatus {
        if self.is_complete {
            TreatyStatus::NoAction
        } else {
            TreatyStatus::Unknown
        }
    }

    /// Returns the lines of acts: for a territory its own and those of each State, else this input alone.
    pub(super) fn lines(&self) -> Vec<&Self> {
        match &self.territory {
            Some(territory) => territory.lines().collect(),
            None => vec![self],
        }
    }

    /// Returns the same input, in which statements of the State for its territories count as statements of the State.
    pub(super) fn stating(&self) -> Cow<'_, Self> {
        let for_territory = |act: &Act| act.is_territorial && act.kind.accompanies_status();
        if !self.acts.iter().any(for_territory) {
            return Cow::Borrowed(self);
        }
        let mut input = self.clone();
        let stated = self.acts.iter().filter(|act| act.kind.accompanies_status());
        let stated: Vec<&Act> = stated.collect();
        // A withdrawal that names only some of the territories applies to those alone.
        let is_whole = |withdrawal: &Act, act: &Act| {
            let mut territories = act.territories.iter();
            withdrawal.territories.is_empty()
                || territories.all(|name| withdrawal.territories.contains(name))
        };
        for act in &mut input.acts {
            let mut stated = stated.iter();
            let withdraws = act.kind == TreatyEventKind::Withdrawal
                && stated.any(|one| act.relates_to.as_ref() == Some(&one.id) && is_whole(act, one));
            if act.kind.accompanies_status() || withdraws {
                act.is_territorial = false;
            }
        }
        Cow::Owned(input)
    }
}

/// A country for which other States act or acted.
#[derive(Clone, Debug, Default)]
pub struct Territory {
    /// The input with its own acts.
    pub own: StatusInput,
    /// For each State that named it as a territory: the input with that State's acts.
    pub states: Vec<(CountryCode, StatusInput)>,
    /// True if it is a State now, so that no other State acts for it any more.
    pub is_independent: bool,
    /// Past periods in which others administered it.
    pub administered: Vec<Administered>,
    /// The input that decides if nothing is known.
    pub nothing: StatusInput,
}

/// A period in which another State administered a country.
#[derive(Clone, Copy, Debug)]
pub struct Administered {
    /// First day; `None` if unknown.
    pub since: Option<PartialDate>,
    /// Last day.
    pub until: PartialDate,
}

impl Territory {
    /// Iterates over the inputs: its own, then that of each State.
    pub(super) fn lines(&self) -> impl Iterator<Item = &StatusInput> {
        let states = self.states.iter().map(|(_, input)| input);
        std::iter::once(&self.own).chain(states)
    }
}
