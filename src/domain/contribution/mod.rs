//! Contributions: the states that a proposal goes through, the steps between them, and who may take them.

use crate::value_type::words;

mod input;

pub use input::{
    Changes, CreateContributionInput, Edit, Proposal, Remark, SubmitTipInput, Tip, Unfit,
    UpdateContributionInput, checked_changes,
};

words! {
    /// Where a contribution stands.
    #[graphql(name = "ContributionState")]
    State {
        /// Its authors alone see it.
        Draft,
        /// It waits for an editor.
        Submitted,
        /// An editor is at it.
        InReview,
        /// An editor asked its authors for something.
        ChangesRequested,
        /// Its changes are in the profiles.
        Accepted,
        /// An editor decided against it.
        Rejected,
        /// Its authors took it back.
        Withdrawn,
    }
}

/// What can be done with a contribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Its author shows it to the editors.
    Submit,
    /// An editor begins to look at it.
    StartReview,
    /// An editor asks its author for something.
    RequestChanges,
    /// An editor takes it over into the profiles.
    Accept,
    /// An editor decides against it.
    Reject,
    /// Its author takes it back.
    Withdraw,
    /// What it proposes is edited.
    Update,
}

impl State {
    /// Whether nothing can be done any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Accepted | Self::Rejected | Self::Withdrawn)
    }

    /// The state after a step; `None` where the step is not possible.
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

words! {
    /// Who may know of a contribution, beside its authors.
    Audience {
        /// Nobody: it was never submitted.
        Authors,
        /// Editors: it is a tip that none of them has completed.
        Editors,
        /// Everybody.
        All,
    }
}

impl Audience {
    /// Who may know of a contribution.
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

/// Why somebody may not take a step, though they have the right to take it with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// They are not among the authors, and must be.
    NotTheAuthor,
    /// They are among the authors, and must not be.
    OwnContribution,
}

/// Somebody as one contribution sees them.
#[derive(Clone, Copy, Debug)]
pub struct Hand {
    /// Whether they wrote any of it.
    pub is_author: bool,
    /// Whether they are an editor.
    pub is_editor: bool,
}

impl Step {
    /// Whether a hand may take the step with a contribution in a state.
    ///
    /// # Errors
    /// [`Barred`]
    pub fn check(self, hand: Hand, state: State, is_tip: bool) -> Result<(), Barred> {
        match self {
            Self::Submit | Self::Withdraw | Self::Update if hand.is_author => Ok(()),
            // An editor completes what a reader began, until another one reviews it.
            Self::Update if is_tip && hand.is_editor && state != State::InReview => Ok(()),
            Self::Submit | Self::Withdraw | Self::Update => Err(Barred::NotTheAuthor),
            Self::StartReview | Self::RequestChanges | Self::Accept | Self::Reject
                if hand.is_author =>
            {
                Err(Barred::OwnContribution)
            }
            Self::StartReview | Self::RequestChanges | Self::Accept | Self::Reject => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_states_and_steps() {
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
