//! What is done with contributions: begun, submitted, accepted, rejected. Each step is one transaction.

use std::collections::HashSet;

use chrono::Utc;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{ActiveValue, ConnectionTrait, DatabaseTransaction, IntoActiveModel, QuerySelect};

use super::{ActiveModel, Column, Entity, FORMAT, Model, subject};
use crate::domain::change::{Operation, Proposed};
use crate::domain::check::{Checked, Code, Path};
use crate::domain::contribution::{Proposal, State, Step};
use crate::domain::noun::List;
use crate::domain::viewer::{Actor, Contributor, Editor, Viewer};
use crate::store::Store;
use crate::store::error::Error;
use crate::store::plan::{self, Plan};

/// A decision on a contribution, or another step by its id and revision.
#[derive(Clone, Debug)]
pub struct Named {
    /// The contribution.
    pub id: String,
    /// The revision that the step was decided on.
    pub revision: i32,
}

impl Store {
    /// Keeps a proposal. Nothing else changes.
    ///
    /// # Errors
    /// [`Error::Refused`] where it could never be accepted.
    pub async fn create(
        &self,
        author: &Contributor,
        proposal: Checked<Proposal>,
    ) -> Result<Model, Error> {
        let mut proposal = proposal.into_inner();
        let (tx, _turn) = self.begin().await?;
        let open = proposed_ids(&tx).await?;
        plan::name(&tx, &mut proposal.changes, |id| !open.contains(id.as_str())).await?;
        let mut plan = plan::plan(&tx, &proposal.changes).await?;
        // Somebody may have changed the same since: that is for the editors to see.
        plan.findings
            .retain(|finding| finding.code != Code::Conflict);
        let plan = plan.sound()?;
        let now = Utc::now();
        let named = proposal
            .inputs
            .into_iter()
            .zip(&proposal.changes)
            .map(|(input, change)| {
                let key = change
                    .id
                    .as_ref()
                    .and_then(|id| id.as_str().split_once(':'));
                match key {
                    Some((_, key)) if change.operation == Operation::Create => input.with_key(key),
                    _ => input,
                }
            });
        let row = Model {
            id: uuid::Uuid::now_v7().simple().to_string(),
            revision: 1,
            state: if proposal.submit {
                State::Submitted
            } else {
                State::Draft
            },
            title: proposal.title,
            rationale: proposal.rationale,
            author: author.actor().id.clone(),
            authors: List(vec![author.actor().clone()]),
            reviewer: None,
            format: FORMAT,
            changes: List(named.collect()),
            created_at: now,
            updated_at: now,
            submitted_at: proposal.submit.then_some(now),
            decided_at: None,
            decision: None,
        };
        Entity::insert(row.clone().into_active_model())
            .exec_without_returning(&tx)
            .await?;
        let subjects = subjects(&proposal.changes, &plan)
            .into_iter()
            .map(|subject| {
                subject::Model {
                    contribution: row.id.clone(),
                    subject,
                }
                .into_active_model()
            });
        subject::Entity::insert_many(subjects)
            .exec_without_returning(&tx)
            .await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Shows a contribution to the editors.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub async fn submit(&self, author: &Contributor, named: &Named) -> Result<Model, Error> {
        let (tx, _turn) = self.begin().await?;
        let row = visible(&tx, author.actor(), &named.id).await?;
        if !row.is_by(author.actor()) {
            return Err(Error::NotTheAuthor);
        }
        let state = step(&row, named, Step::Submit)?;
        let now = Utc::now();
        let next = ActiveModel {
            state: ActiveValue::Set(state),
            updated_at: ActiveValue::Set(now),
            submitted_at: ActiveValue::Set(Some(now)),
            ..unchanged(&row)
        };
        let row = Entity::update(next).exec(&tx).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Takes a contribution over into the profiles: its changes, their citations, the lines of the
    /// log and the decision, all in one commit or none.
    ///
    /// # Errors
    /// [`Error::Refused`]; the contribution is then as it was.
    pub async fn accept(
        &self,
        editor: &Editor,
        named: &Named,
        comment: Option<String>,
    ) -> Result<Model, Error> {
        let (tx, _turn) = self.begin().await?;
        let row = decidable(&tx, editor, named).await?;
        let state = step(&row, named, Step::Accept)?;
        let proposed = row.proposed().map_err(about_id)?;
        let plan = plan::plan(&tx, &proposed).await?;
        let plan = plan.sound().map_err(about_id)?;
        let committed = plan.carry_out(&tx, editor.actor(), Some(&row.id)).await?;
        let row = decided(&tx, &row, editor, state, comment).await?;
        tx.commit().await?;
        self.publish(committed.moment);
        Ok(row)
    }

    /// Decides against a contribution.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub async fn reject(
        &self,
        editor: &Editor,
        named: &Named,
        reason: String,
    ) -> Result<Model, Error> {
        let (tx, _turn) = self.begin().await?;
        let row = decidable(&tx, editor, named).await?;
        let state = step(&row, named, Step::Reject)?;
        let row = decided(&tx, &row, editor, state, Some(reason)).await?;
        tx.commit().await?;
        Ok(row)
    }
}

/// The contribution, where the actor may know of it.
async fn visible(tx: &DatabaseTransaction, actor: &Actor, id: &str) -> Result<Model, Error> {
    let row = Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    row.filter(|row| row.is_visible_to(&Viewer::Known(actor.clone())))
        .ok_or_else(|| {
            Path::default()
                .then("id")
                .finding(Code::NotFound, "there is no such contribution")
                .into()
        })
}

/// The contribution, where the editor may decide on it: nobody decides on what they wrote.
async fn decidable(
    tx: &DatabaseTransaction,
    editor: &Editor,
    named: &Named,
) -> Result<Model, Error> {
    let row = visible(tx, editor.actor(), &named.id).await?;
    if row.is_by(editor.actor()) {
        let message = "somebody other than its authors must decide on a contribution";
        return Err(Path::default()
            .then("id")
            .finding(Code::OwnContribution, message)
            .into());
    }
    Ok(row)
}

/// The state after a step, where the revision is the newest and the step is possible.
fn step(row: &Model, named: &Named, step: Step) -> Result<State, Error> {
    if row.revision != named.revision {
        let message = format!("the contribution is at revision {} now", row.revision);
        let path = Path::default().then("revision");
        return Err(path.finding(Code::StaleRevision, message).into());
    }
    row.state.after(step).ok_or_else(|| {
        let state = sea_orm::ActiveEnum::to_value(&row.state);
        let message = format!("this is not possible while the contribution is {state}");
        Path::default()
            .then("id")
            .finding(Code::IllegalTransition, message)
            .into()
    })
}

fn unchanged(row: &Model) -> ActiveModel {
    ActiveModel {
        id: ActiveValue::Unchanged(row.id.clone()),
        ..Default::default()
    }
}

async fn decided(
    tx: &DatabaseTransaction,
    row: &Model,
    editor: &Editor,
    state: State,
    decision: Option<String>,
) -> Result<Model, Error> {
    let now = Utc::now();
    let next = ActiveModel {
        state: ActiveValue::Set(state),
        reviewer: ActiveValue::Set(Some(editor.actor().clone())),
        updated_at: ActiveValue::Set(now),
        decided_at: ActiveValue::Set(Some(now)),
        decision: ActiveValue::Set(decision),
        ..unchanged(row)
    };
    Ok(Entity::update(next).exec(tx).await?)
}

/// What was found in a proposal, as a finding about the contribution that an input names.
fn about_id(error: Error) -> Error {
    let Error::Refused(found) = error else {
        return error;
    };
    let id = Path::default().then("id");
    let about = found.into_iter().map(|finding| {
        id.finding(
            finding.code,
            format!("{}: {}", finding.path.0.join("."), finding.message),
        )
    });
    Error::Refused(about.collect())
}

/// The ids that open contributions propose: a new record takes another one. Drafts are left out, so that
/// nobody can tell that there are any.
async fn proposed_ids<C: ConnectionTrait>(db: &C) -> Result<HashSet<String>, Error> {
    let open = [State::Submitted, State::InReview, State::ChangesRequested];
    let contributions = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::State.is_in(open))
        .to_owned();
    let rows = subject::Entity::find()
        .filter(subject::Column::Contribution.in_subquery(contributions))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.subject).collect())
}

/// The records that changes are about, and their countries, before and after.
fn subjects(changes: &[Proposed], plan: &Plan) -> HashSet<String> {
    let records = changes.iter().filter_map(|change| change.id.as_ref());
    let countries = plan.changes.iter().flat_map(|change| &change.countries);
    records
        .map(ToString::to_string)
        .chain(countries.map(ToString::to_string))
        .collect()
}
