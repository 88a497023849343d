//! Contributions: what is proposed, the states a proposal goes through and the steps between them.

use async_graphql::InputObject;
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

use super::change::{ChangeInput, Proposed};
use super::check::{Checked, Code, Finding, Path};
use super::noun::Known;
use super::text::Markdown;

/// The most changes that one contribution may hold.
pub const MAX_CHANGES: usize = 100;
/// The most characters that a title may have.
pub const MAX_TITLE: usize = 200;

/// Where a contribution stands.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    async_graphql::Enum,
    DeriveActiveEnum,
    EnumIter,
    Serialize,
    Deserialize,
)]
#[graphql(name = "ContributionState")]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum State {
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

/// What a contribution proposes, and why.
#[derive(Clone, Debug, InputObject)]
pub struct CreateContributionInput {
    /// What it is about, in one line: 200 characters at most.
    pub title: String,
    /// Why the profiles should change.
    pub rationale: Markdown,
    /// What is to change: one change a record, 100 at most. All are accepted together or none.
    pub changes: Vec<ChangeInput>,
    /// Whether it goes to the editors at once. Left out: it stays a draft.
    pub submit: Option<bool>,
}

/// A proposal that was checked as far as that is possible without the profiles.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// One line.
    pub title: String,
    /// Why.
    pub rationale: String,
    /// The changes as they were given.
    pub inputs: Vec<ChangeInput>,
    /// The same, checked.
    pub changes: Vec<Proposed>,
    /// Whether it goes to the editors at once.
    pub submit: bool,
}

impl CreateContributionInput {
    /// Looks at everything that can be judged without the profiles.
    ///
    /// # Errors
    /// All that was found.
    pub fn checked(self) -> Result<Checked<Proposal>, Vec<Finding>> {
        let root = Path::default();
        let mut found = Vec::new();
        self.title.faults(&root.then("title"), &mut found);
        if self.title.chars().count() > MAX_TITLE {
            let message = format!("is longer than {MAX_TITLE} characters");
            found.push(root.then("title").finding(Code::Invalid, message));
        }
        self.rationale.faults(&root.then("rationale"), &mut found);
        let changes = checked_changes(&self.changes, &root.then("changes"), &mut found);
        let proposal = Proposal {
            title: self.title,
            rationale: self.rationale.0,
            inputs: self.changes,
            changes,
            submit: self.submit.unwrap_or(false),
        };
        Checked::unless(found, proposal)
    }
}

/// The changes of one contribution, each looked at by itself.
pub fn checked_changes(
    inputs: &[ChangeInput],
    path: &Path,
    found: &mut Vec<Finding>,
) -> Vec<Proposed> {
    if inputs.is_empty() {
        found.push(path.finding(
            Code::Required,
            "a contribution proposes at least one change",
        ));
    }
    if inputs.len() > MAX_CHANGES {
        let message = format!("a contribution holds {MAX_CHANGES} changes at most");
        found.push(path.finding(Code::Invalid, message));
        return Vec::new();
    }
    let mut changes: Vec<Proposed> = Vec::new();
    for (at, input) in inputs.iter().enumerate() {
        match input.clone().checked(&path.then(at)) {
            Err(more) => found.extend(more),
            Ok(change) => {
                let change = change.into_inner();
                if change.id.is_some() && changes.iter().any(|other| other.id == change.id) {
                    let message =
                        "another change of this contribution has the same record: make it one";
                    found.push(change.at_target().finding(Code::Duplicate, message));
                }
                changes.push(change);
            }
        }
    }
    changes
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
