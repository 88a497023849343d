//! Contributions: their states, the steps between the states, and the rights to take them.

use crate::value_type::field_enum;

mod input;

pub use input::{
    Changes, ContributionEdit, CreateContributionInput, NewComment, Proposal, Rejected,
    SubmitTipInput, Tip, UpdateContributionInput, checked_changes,
};

field_enum! {
    /// State of a contribution.
    #[graphql(name = "ContributionState")]
    State {
        /// Not submitted yet. Only its authors see it.
        Draft,
        /// Submitted: it waits for an editor.
        Submitted,
        /// An editor is reviewing it.
        InReview,
        /// An editor asked its authors for changes. It returns to the editors when an author submits it again.
        ChangesRequested,
        /// Accepted by an editor: its changes are in the profiles. Final.
        Accepted,
        /// Rejected by an editor. Final.
        Rejected,
        /// Withdrawn by an author. Final.
        Withdrawn,
    }
}

/// A step that changes a contribution or its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// An author submits it to the editors.
    Submit,
    /// An editor starts to review it.
    StartReview,
    /// An editor asks its authors for changes.
    RequestChanges,
    /// An editor accepts it: its changes are applied to the records.
    Accept,
    /// An editor rejects it.
    Reject,
    /// An author withdraws it.
    Withdraw,
    /// An author edits it, or an editor completes a tip.
    Update,
}

impl State {
    /// True if no step is possible in this state.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Accepted | Self::Rejected | Self::Withdrawn)
    }

    /// Returns the state after a step; `None` if the step is not possible in this state.
    pub fn after(self, step: Step) -> Option<Self> {
        Some(match (self, step) {
            (Self::Draft | Self::ChangesRequested, Step::Submit)
            | (Self::InReview, Step::Update) => Self::Submitted,
            (Self::Submitted, Step::StartReview) => Self::InReview,
            (Self::Submitted | Self::InReview, Step::RequestChanges) => Self::ChangesRequested,
            (Self::Submitted | Self::InReview, Step::Accept) => Self::Accepted,
            (Self::Submitted | Self::InReview, Step::Reject) => Self::Rejected,
            (
                Self::Draft | Self::ChangesRequested | Self::Submitted | Self::InReview,
                Step::Withdraw,
            ) => Self::Withdrawn,
            (Self::Draft | Self::ChangesRequested | Self::Submitted, Step::Update) => self,
            _ => return None,
        })
    }
}

field_enum! {
    /// Readers of a contribution in addition to its authors.
    Audience {
        /// Nobody else: it was never submitted.
        Authors,
        /// Editors: it is a tip that no editor has completed.
        Editors,
        /// Everybody.
        All,
    }
}

impl Audience {
    /// Returns the readers of a contribution.
    pub fn of(was_submitted: bool, is_tip: bool, is_complete: bool) -> Self {
        if !was_submitted {
            Self::Authors
        } else if is_tip && !is_complete {
            Self::Editors
        } else {
            Self::All
        }
    }
}

/// Reason why a person cannot take a step on this contribution, despite the general right to do so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAllowed {
    /// The step is for authors only, and the person is not an author.
    NotTheAuthor,
    /// The step is for others only, and the person is an author.
    OwnContribution,
}

/// The relation of a person to one contribution.
#[derive(Clone, Copy, Debug)]
pub struct ActorRelation {
    /// True if the person wrote any part of it.
    pub is_author: bool,
    /// True if the person is an editor.
    pub is_editor: bool,
}

impl Step {
    /// Checks that a person can take the step on a contribution in `state`. [`State::after`] checks the state
    /// itself.
    ///
    /// # Errors
    /// [`NotAllowed`]
    pub fn check(
        self,
        relation: ActorRelation,
        state: State,
        is_tip: bool,
    ) -> Result<(), NotAllowed> {
        match self {
            Self::Submit | Self::Withdraw | Self::Update if relation.is_author => Ok(()),
            // An editor can complete a tip until another one reviews it.
            Self::Update if is_tip && relation.is_editor && state != State::InReview => Ok(()),
            Self::Submit | Self::Withdraw | Self::Update => Err(NotAllowed::NotTheAuthor),
            Self::StartReview | Self::RequestChanges | Self::Accept | Self::Reject
                if relation.is_author =>
            {
                Err(NotAllowed::OwnContribution)
            }
            Self::StartReview | Self::RequestChanges | Self::Accept | Self::Reject => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_leads_from_each_state_to_the_state_in_the_table() {
        use State::*;
        use Step::*;
        let table = [
            (
                Draft,
                [
                    Some(Submitted),
                    None,
                    None,
                    None,
                    None,
                    Some(Withdrawn),
                    Some(Draft),
                ],
            ),
            (
                Submitted,
                [
                    None,
                    Some(InReview),
                    Some(ChangesRequested),
                    Some(Accepted),
                    Some(Rejected),
                    Some(Withdrawn),
                    Some(Submitted),
                ],
            ),
            (
                InReview,
                [
                    None,
                    None,
                    Some(ChangesRequested),
                    Some(Accepted),
                    Some(Rejected),
                    Some(Withdrawn),
                    Some(Submitted),
                ],
            ),
            (
                ChangesRequested,
                [
                    Some(Submitted),
                    None,
                    None,
                    None,
                    None,
                    Some(Withdrawn),
                    Some(ChangesRequested),
                ],
            ),
            (Accepted, [None; 7]),
            (Rejected, [None; 7]),
            (Withdrawn, [None; 7]),
        ];
        let steps = [
            Submit,
            StartReview,
            RequestChanges,
            Accept,
            Reject,
            Withdraw,
            Update,
        ];
        for (from, expected) in table {
            for (step, to) in steps.into_iter().zip(expected) {
                assert_eq!(from.after(step), to, "{from:?} {step:?}");
            }
        }
    }
}
