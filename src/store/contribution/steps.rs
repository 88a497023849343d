//! The steps of a contribution: submit, withdraw, start review, request changes, accept, reject. Each step is one
//! transaction.

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt};

use super::activity::Taken;
use super::comment::insert_comment;
use super::entity::Model;
use super::handle::Contributions;
use super::write::{save, visible};
use crate::error::Error;
use crate::plan::{self, Incomplete};
use crate::write::Write;
use domain::check::{Code, Finding, Path, Validated};
use domain::contribution::{
    ActorRelation, Audience, NewComment, NotAllowed, State, Step, to_resolve,
};
use domain::date::Date;
use domain::viewer::{Actor, Contributor, Editor};

/// A contribution, and the revision that the caller has seen.
#[derive(Clone, Debug)]
pub struct ContributionRef {
    /// The contribution.
    pub id: String,
    /// The revision; `None` for steps that do not depend on it.
    pub revision: Option<i32>,
}

impl Contributions<'_> {
    /// Submits a contribution for review.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub fn submit<'a>(
        &'a self,
        author: &'a Contributor,
        named: &'a ContributionRef,
    ) -> BoxFuture<'a, Result<Model, Error>> {
        let work = async move |tx: &Write| {
            let now = self.store.clock().now();
            let row = visible(tx, author.actor(), &named.id).await?;
            let state = row.after(author.actor(), named, Step::Submit)?;
            let next = Model {
                state,
                submitted_at: row.submitted_at.or(Some(now)),
                reviewer: None,
                audience: Audience::of(true, row.is_tip, !row.changes.is_empty()),
                ..row.clone()
            };
            let taken = Taken::by(author.actor(), Step::Submit);
            save(tx, &row, next, taken, now).await
        };
        self.store.write(work).boxed()
    }

    /// Withdraws a contribution.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub fn withdraw<'a>(
        &'a self,
        author: &'a Contributor,
        named: &'a ContributionRef,
    ) -> BoxFuture<'a, Result<Model, Error>> {
        let work = async move |tx: &Write| {
            let now = self.store.clock().now();
            let row = visible(tx, author.actor(), &named.id).await?;
            let state = row.after(author.actor(), named, Step::Withdraw)?;
            let next = Model {
                state,
                contact: None,
                ..row.clone()
            };
            let taken = Taken::by(author.actor(), Step::Withdraw);
            save(tx, &row, next, taken, now).await
        };
        self.store.write(work).boxed()
    }

    /// Records that an editor has started the review.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub fn start_review<'a>(
        &'a self,
        editor: &'a Editor,
        named: &'a ContributionRef,
    ) -> BoxFuture<'a, Result<Model, Error>> {
        let work = async move |tx: &Write| {
            let now = self.store.clock().now();
            let row = visible(tx, editor.actor(), &named.id).await?;
            let state = row.after(editor.actor(), named, Step::StartReview)?;
            let next = Model {
                state,
                reviewer: Some(editor.actor().clone()),
                ..row.clone()
            };
            let taken = Taken::by(editor.actor(), Step::StartReview);
            save(tx, &row, next, taken, now).await
        };
        self.store.write(work).boxed()
    }

    /// Requests changes from the authors; the request becomes a comment.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub fn request_changes<'a>(
        &'a self,
        editor: &'a Editor,
        named: &'a ContributionRef,
        request: Validated<NewComment>,
    ) -> BoxFuture<'a, Result<Model, Error>> {
        let work = async move |tx: &Write| {
            let now = self.store.clock().now();
            let row = visible(tx, editor.actor(), &named.id).await?;
            let state = row.after(editor.actor(), named, Step::RequestChanges)?;
            let request = request.map_err(Error::Refused)?;
            let comment = insert_comment(tx, &row, editor.actor(), request, now).await?;
            let next = Model {
                state,
                reviewer: Some(editor.actor().clone()),
                ..row.clone()
            };
            let taken = Taken {
                comment: Some(comment),
                ..Taken::by(editor.actor(), Step::RequestChanges)
            };
            save(tx, &row, next, taken, now).await
        };
        self.store.write(work).boxed()
    }

    /// Accepts a contribution: writes its changes, their citations, the lines of the log and the decision in one
    /// transaction.
    ///
    /// # Errors
    /// [`Error::Refused`]; the contribution is then unchanged.
    pub fn accept<'a>(
        &'a self,
        editor: &'a Editor,
        named: &'a ContributionRef,
        comment: Validated<Option<String>>,
    ) -> BoxFuture<'a, Result<Model, Error>> {
        let work = async move |tx: &Write| {
            let now = self.store.clock().now();
            let row = visible(tx, editor.actor(), &named.id).await?;
            let state = row.after(editor.actor(), named, Step::Accept)?;
            let comment = comment.map_err(Error::Refused)?;
            if row.changes.is_empty() {
                let message =
                    "the tip proposes no changes yet: complete it with updateContribution";
                let at = Path::default().then("id");
                return Err(at.finding(Code::Required, message).into());
            }
            let proposed = row.proposed().map_err(|error| about("id", error))?;
            let plan = plan::plan(tx, &proposed, Date::of(now), Incomplete::Report).await?;
            let plan = plan.sound().map_err(in_contribution)?;
            let committed = plan
                .carry_out(tx, editor.actor(), Some(&row.id), now)
                .await?;
            // The commit time may be later than the clock; the decision takes the time that the log has.
            let at = if committed.size == 0 {
                now
            } else {
                committed.at
            };
            let next = decided(&row, editor, state, comment, at);
            let taken = Taken::by(editor.actor(), Step::Accept);
            save(tx, &row, next, taken, at).await
        };
        self.store.write(work).boxed()
    }

    /// Rejects a contribution.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub fn reject<'a>(
        &'a self,
        editor: &'a Editor,
        named: &'a ContributionRef,
        reason: Validated<String>,
    ) -> BoxFuture<'a, Result<Model, Error>> {
        let work = async move |tx: &Write| {
            let now = self.store.clock().now();
            let row = visible(tx, editor.actor(), &named.id).await?;
            let state = row.after(editor.actor(), named, Step::Reject)?;
            let reason = reason.map_err(Error::Refused)?;
            let next = decided(&row, editor, state, Some(reason), now);
            let taken = Taken::by(editor.actor(), Step::Reject);
            save(tx, &row, next, taken, now).await
        };
        self.store.write(work).boxed()
    }
}

impl Model {
    /// Returns the state after a step. Checks, in this order: the right of the actor, the revision, the transition.
    pub(super) fn after(
        &self,
        actor: &Actor,
        named: &ContributionRef,
        step: Step,
    ) -> Result<State, Error> {
        let relation = self.relation_of(actor);
        match step.check(relation, self.state, self.is_tip) {
            Ok(()) => {}
            Err(NotAllowed::NotTheAuthor) => return Err(Error::NotTheAuthor),
            Err(NotAllowed::NotAnEditor) => return Err(Error::NotAnEditor),
            Err(NotAllowed::OwnContribution) => {
                let message = "somebody other than its authors must decide on a contribution";
                let at = Path::default().then("id");
                return Err(at.finding(Code::OwnContribution, message).into());
            }
        }
        if named.revision.is_some_and(|seen| seen != self.revision) {
            let message = format!("the contribution is at revision {} now", self.revision);
            let at = Path::default().then("revision");
            return Err(at.finding(Code::StaleRevision, message).into());
        }
        self.state.after(step).ok_or_else(|| {
            let message = impossible(step, self, relation);
            let at = Path::default().then("id");
            at.finding(Code::IllegalTransition, message).into()
        })
    }
}

/// The message for a step that a state does not allow. It names the mutations that the person can use now. Conflicts are
/// not considered: `Contribution.steps` computes them.
fn impossible(step: Step, row: &Model, relation: ActorRelation) -> String {
    let possible = row.standing(false).steps(relation);
    let possible: Vec<&str> = possible.map(Step::mutation).collect();
    let state = sea_orm::ActiveEnum::to_value(&row.state);
    let is_final = if row.is_open() {
        ""
    } else {
        ", which is final"
    };
    format!(
        "{} is not possible in state {state}{is_final}; possible for you now: {}",
        step.mutation(),
        possible.join(", ")
    )
}

/// The values of a decision. The contact of a reader is deleted, because no one needs it any more.
fn decided(
    row: &Model,
    editor: &Editor,
    state: State,
    decision: Option<String>,
    at: DateTime<Utc>,
) -> Model {
    Model {
        state,
        reviewer: Some(editor.actor().clone()),
        decided_at: Some(at),
        decision,
        contact: None,
        ..row.clone()
    }
}

/// Moves findings on a proposal that is accepted to the input. A conflict keeps its path, which leads to the field among
/// the changes of the contribution.
fn in_contribution(error: Error) -> Error {
    let Error::Refused(found) = error else {
        return error;
    };
    let (conflicts, others): (Vec<Finding>, Vec<Finding>) = found
        .into_iter()
        .partition(|finding| finding.code == Code::Conflict);
    let mut found: Vec<Finding> = conflicts.into_iter().map(to_resolve).collect();
    if let Error::Refused(others) = about("id", Error::Refused(others)) {
        found.extend(others);
    }
    Error::Refused(found)
}

/// Moves findings on a proposal to the input member that caused it. Their own paths become part of the messages.
pub(super) fn about(member: &str, error: Error) -> Error {
    let Error::Refused(found) = error else {
        return error;
    };
    let at = Path::default().then(member);
    let about = found.into_iter().map(|finding| {
        at.finding(
            finding.code,
            format!("{}: {}", finding.path.0.join("."), finding.message),
        )
    });
    Error::Refused(about.collect())
}
