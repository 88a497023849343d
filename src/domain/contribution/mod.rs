//! Contributions: their states, the steps between the states, and the rights to take them.

use sea_orm::Iterable;

use crate::value_type::field_enum;

mod choice;
mod edit;
mod input;

pub use choice::{
    Choice, ConflictChoice, ConflictChoiceInput, Contested, Overruled, ResolveConflictsInput,
    Resolved, overrule, resolve, to_resolve,
};
pub use edit::{ContributionEdit, ReplaceChangeInput, UpdateContributionInput};
pub use input::{
    Changes, CreateContributionInput, MAX_CHANGES, MAX_TITLE, NewComment, Proposal, Rejected,
    SubmitTipInput, Tip, checked_changes, checked_in_places,
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

field_enum! {
    /// A step that a person takes on a contribution. Each is a mutation.
    #[graphql(name = "ContributionStep")]
    Step {
        /// An author edits it, or an editor completes a tip: `updateContribution`.
        Update,
        /// An author submits it to the editors: `submitContribution`.
        Submit,
        /// An author withdraws it: `withdrawContribution`.
        Withdraw,
        /// An editor starts to review it: `startReview`.
        StartReview,
        /// An editor asks its authors for changes: `requestChanges`.
        RequestChanges,
        /// An editor accepts it, so that its changes are applied to the records: `acceptContribution`.
        Accept,
        /// An editor rejects it: `rejectContribution`.
        Reject,
        /// An author decides on the fields that conflict: `resolveConflicts`.
        ResolveConflicts,
        /// Somebody proposes to turn back its accepted changes: `revertContribution`.
        Revert,
        /// Somebody comments on it: `commentOnContribution`.
        Comment,
    }
}

impl State {
    /// Returns all states, in the order of the enum.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// True if no step leads out of this state.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Accepted | Self::Rejected | Self::Withdrawn)
    }

    /// Returns the state after a step; `None` if the step is not possible in this state.
    pub fn after(self, step: Step) -> Option<Self> {
        Some(match (self, step) {
            (Self::Draft | Self::ChangesRequested, Step::Submit)
            | (Self::InReview, Step::Update | Step::ResolveConflicts) => Self::Submitted,
            (Self::Submitted, Step::StartReview) => Self::InReview,
            (Self::Submitted | Self::InReview, Step::RequestChanges) => Self::ChangesRequested,
            (Self::Submitted | Self::InReview, Step::Accept) => Self::Accepted,
            (Self::Submitted | Self::InReview, Step::Reject) => Self::Rejected,
            (
                Self::Draft | Self::ChangesRequested | Self::Submitted | Self::InReview,
                Step::Withdraw,
            ) => Self::Withdrawn,
            (
                Self::Draft | Self::ChangesRequested | Self::Submitted,
                Step::Update | Step::ResolveConflicts,
            )
            | (Self::Accepted, Step::Revert)
            | (_, Step::Comment) => self,
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
    /// The step is for editors only, and the person is not an editor.
    NotAnEditor,
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

/// The facts about a contribution that decide which steps are possible, besides the relation of the person to it.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// The state.
    pub state: State,
    /// True if it began as a tip.
    pub is_tip: bool,
    /// True if it proposes changes, as every contribution does except a tip that no editor has completed.
    pub is_complete: bool,
    /// True if a proposed change conflicts with its record.
    pub has_conflicts: bool,
}

impl Standing {
    /// Returns the steps that a person with the role CONTRIBUTOR or higher can take now.
    pub fn steps(self, relation: ActorRelation) -> impl Iterator<Item = Step> {
        Step::iter().filter(move |step| {
            step.check(relation, self.state, self.is_tip).is_ok()
                && self.state.after(*step).is_some()
                && match step {
                    Step::Accept => self.is_complete && !self.has_conflicts,
                    Step::ResolveConflicts => self.has_conflicts,
                    _ => true,
                }
        })
    }
}

impl Step {
    /// Returns the name of the mutation.
    pub fn mutation(self) -> &'static str {
        match self {
            Self::Update => "updateContribution",
            Self::Submit => "submitContribution",
            Self::Withdraw => "withdrawContribution",
            Self::StartReview => "startReview",
            Self::RequestChanges => "requestChanges",
            Self::Accept => "acceptContribution",
            Self::Reject => "rejectContribution",
            Self::ResolveConflicts => "resolveConflicts",
            Self::Revert => "revertContribution",
            Self::Comment => "commentOnContribution",
        }
    }

    /// Checks that a person with the role CONTRIBUTOR or higher can take the step on a contribution in `state`.
    /// [`State::after`] checks the state itself.
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
            Self::Revert | Self::Comment => Ok(()),
            Self::Submit | Self::Withdraw | Self::Update | Self::ResolveConflicts
                if relation.is_author =>
            {
                Ok(())
            }
            // An editor can complete a tip until another one reviews it.
            Self::Update | Self::ResolveConflicts
                if is_tip && relation.is_editor && state != State::InReview =>
            {
                Ok(())
            }
            Self::Submit | Self::Withdraw | Self::Update | Self::ResolveConflicts => {
                Err(NotAllowed::NotTheAuthor)
            }
            Self::StartReview | Self::RequestChanges | Self::Accept | Self::Reject => {
                if !relation.is_editor {
                    Err(NotAllowed::NotAnEditor)
                } else if relation.is_author {
                    Err(NotAllowed::OwnContribution)
                } else {
                    Ok(())
                }
            }
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
                    (Submit, Submitted),
                    (Withdraw, Withdrawn),
                    (Update, Draft),
                    (ResolveConflicts, Draft),
                ]
                .as_slice(),
            ),
            (
                Submitted,
                &[
                    (StartReview, InReview),
                    (RequestChanges, ChangesRequested),
                    (Accept, Accepted),
                    (Reject, Rejected),
                    (Withdraw, Withdrawn),
                    (Update, Submitted),
                    (ResolveConflicts, Submitted),
                ],
            ),
            (
                InReview,
                &[
                    (RequestChanges, ChangesRequested),
                    (Accept, Accepted),
                    (Reject, Rejected),
                    (Withdraw, Withdrawn),
                    (Update, Submitted),
                    (ResolveConflicts, Submitted),
                ],
            ),
            (
                ChangesRequested,
                &[
                    (Submit, Submitted),
                    (Withdraw, Withdrawn),
                    (Update, ChangesRequested),
                    (ResolveConflicts, ChangesRequested),
                ],
            ),
            (Accepted, &[(Revert, Accepted)]),
            (Rejected, &[]),
            (Withdrawn, &[]),
        ];
        for (from, expected) in table {
            for step in Step::iter() {
                let to = expected.iter().find(|(one, _)| *one == step);
                let to = to.map(|(_, to)| *to);
                let to = to.or_else(|| (step == Comment).then_some(from));
                assert_eq!(from.after(step), to, "{from:?} {step:?}");
            }
        }
    }

    #[test]
    fn a_step_is_possible_only_if_right_state_and_conflicts_allow_it() {
        use Step::*;
        let steps = |is_author, is_editor, standing: Standing| -> Vec<Step> {
            let relation = ActorRelation {
                is_author,
                is_editor,
            };
            standing.steps(relation).collect()
        };
        let sound = Standing {
            state: State::Submitted,
            is_tip: false,
            is_complete: true,
            has_conflicts: false,
        };
        let contested = Standing {
            has_conflicts: true,
            ..sound
        };
        let tip = Standing {
            is_tip: true,
            is_complete: false,
            ..sound
        };
        assert_eq!(steps(true, true, sound), [Update, Withdraw, Comment]);
        assert_eq!(
            steps(true, false, contested),
            [Update, Withdraw, ResolveConflicts, Comment]
        );
        let review = [StartReview, RequestChanges, Accept, Reject, Comment];
        assert_eq!(steps(false, true, sound), review);
        let review = [StartReview, RequestChanges, Reject, Comment];
        assert_eq!(steps(false, true, contested), review);
        let complete = [Update, StartReview, RequestChanges, Reject, Comment];
        assert_eq!(steps(false, true, tip), complete);
        assert_eq!(steps(false, false, sound), [Comment]);
        let accepted = Standing {
            state: State::Accepted,
            ..sound
        };
        assert_eq!(steps(true, false, accepted), [Revert, Comment]);
    }
}
