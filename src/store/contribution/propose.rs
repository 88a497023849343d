//! Creates and edits contributions.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{ActiveValue, ConnectionTrait};

use super::entity::{ActiveModel, Column, Entity, Model};
use super::handle::Contributions;
use super::steps::ContributionRef;
use super::subject;
use super::write::{empty, existing, insert, save, unchanged, visible, write_lists};
use crate::draft::Plan;
use crate::error::Error;
use crate::plan::{self, Incomplete};
use crate::write::Write;
use crate::{idempotency, new_keys};
use domain::change::{ChangeInput, Operation, Proposed};
use domain::check::{Checked, Code, Finding, Path};
use domain::contribution::{Audience, Changes, ContributionEdit, Proposal, Rejected, State, Step};
use domain::date::Date;
use domain::idempotency::Once;
use domain::value_type::List;
use domain::viewer::{Actor, Contributor};

impl Contributions<'_> {
    /// Stores a new contribution. Records do not change.
    ///
    /// # Errors
    /// [`Error::Refused`] if the proposal could never be accepted.
    pub fn create<'a>(
        &'a self,
        author: &'a Contributor,
        proposal: Checked<Proposal>,
    ) -> BoxFuture<'a, Result<Model, Error>> {
        async move {
            let proposal = proposal.into_inner();
            let tx = self.store.begin().await?;
            let now = self.store.clock().now();
            let row = match answered(&tx, author.actor(), proposal.once.as_ref(), now).await? {
                Some(row) => row,
                None if proposal.validate_only => {
                    new_contribution(&tx, author.actor(), proposal, now).await?
                }
                None => {
                    let row = new_contribution(&tx, author.actor(), proposal, now).await?;
                    self.store.commit(tx).await?;
                    return Ok(row);
                }
            };
            tx.rollback().await?;
            Ok(row)
        }
        .boxed()
    }

    /// Returns all findings on an input: those of the input itself, and those against the current records.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub fn findings(&self, rejected: Rejected) -> BoxFuture<'_, Result<Vec<Finding>, Error>> {
        async move { all_findings(self.store.reader(), rejected, self.store.clock().today()).await }
            .boxed()
    }

    /// Edits a contribution. Proposed changes that have no conflict are rebased onto the current versions.
    ///
    /// # Errors
    /// [`Error::Refused`]; the contribution is then unchanged.
    pub fn update<'a>(
        &'a self,
        author: &'a Contributor,
        named: &'a ContributionRef,
        edit: Result<Checked<ContributionEdit>, Rejected>,
    ) -> BoxFuture<'a, Result<Model, Error>> {
        async move {
            let tx = self.store.begin().await?;
            let now = self.store.clock().now();
            let today = Date::of(now);
            let row = visible(&tx, author.actor(), &named.id).await?;
            let state = row.after(author.actor(), named, Step::Update)?;
            let edit = match edit {
                Ok(edit) => edit.into_inner(),
                Err(rejected) => {
                    return Err(Error::Refused(all_findings(&tx, rejected, today).await?));
                }
            };
            if edit.title.is_none() && edit.rationale.is_none() && edit.changes.is_none() {
                let message = "expected at least one of title, rationale and changes";
                return Err(Path::default().finding(Code::Required, message).into());
            }
            let mut next = row.clone();
            let written = match edit.changes {
                Some(changes) => Some(check_changes(&tx, changes, &row, today).await?),
                None if row.changes.is_empty() => None,
                None => check_again(&tx, &row, today).await?,
            };
            if let Some(written) = written {
                next.changes = List(written.rebased);
                next.subjects = List(written.subjects);
            }
            if row.is_tip {
                // A tip keeps the country that the reader named, whatever its changes are about.
                let mut countries: Vec<String> =
                    row.countries().iter().map(ToString::to_string).collect();
                countries.retain(|code| !next.subjects.contains(code));
                next.subjects.0.append(&mut countries);
            }
            next.title = edit.title.unwrap_or(next.title);
            next.rationale = edit.rationale.unwrap_or(next.rationale);
            next.revision = next.revision.saturating_add(1);
            if !row.is_by(author.actor()) {
                next.authors.0.push(author.actor().clone());
            }
            if state != row.state {
                next.reviewer = None;
            }
            next.state = state;
            let was_submitted = next.submitted_at.is_some();
            next.audience = Audience::of(was_submitted, next.is_tip, !next.changes.is_empty());
            if edit.validate_only {
                tx.rollback().await?;
                return Ok(next);
            }
            write_lists(&tx, &next).await?;
            let saved = save(
                &tx,
                ActiveModel {
                    state: ActiveValue::Set(next.state),
                    title: ActiveValue::Set(next.title),
                    rationale: ActiveValue::Set(next.rationale),
                    revision: ActiveValue::Set(next.revision),
                    authors: ActiveValue::Set(next.authors),
                    reviewer: ActiveValue::Set(next.reviewer),
                    changes: ActiveValue::Set(next.changes),
                    subjects: ActiveValue::Set(next.subjects),
                    audience: ActiveValue::Set(next.audience),
                    ..unchanged(&row)
                },
                now,
            )
            .await?;
            self.store.commit(tx).await?;
            Ok(saved)
        }
        .boxed()
    }
}

/// Returns the contribution that answered an earlier request with the same idempotency key.
pub(super) async fn answered(
    tx: &Write<'_>,
    actor: &Actor,
    once: Option<&Once>,
    now: DateTime<Utc>,
) -> Result<Option<Model>, Error> {
    match idempotency::seen(tx, &actor.id, once, now).await? {
        Some(id) => existing(tx, &id).await.map(Some),
        None => Ok(None),
    }
}

/// Builds a new contribution, and inserts it unless the request only validates.
pub(super) async fn new_contribution(
    tx: &Write<'_>,
    actor: &Actor,
    proposal: Proposal,
    now: DateTime<Utc>,
) -> Result<Model, Error> {
    let row = empty(Some(actor), now);
    let written = check_changes(tx, proposal.changes, &row, Date::of(now)).await?;
    let state = if proposal.submit {
        State::Submitted
    } else {
        State::Draft
    };
    let row = Model {
        title: proposal.title,
        rationale: proposal.rationale,
        state,
        submitted_at: proposal.submit.then_some(now),
        audience: Audience::of(proposal.submit, false, true),
        changes: List(written.named),
        subjects: List(written.subjects),
        ..row
    };
    if proposal.validate_only {
        return Ok(row);
    }
    let row = insert(tx, row).await?;
    idempotency::store_key(tx, &actor.id, proposal.once, &row.id, now).await?;
    Ok(row)
}

/// Checked changes that could be accepted, apart from conflicts.
struct CheckedChanges {
    /// The changes as given, with the keys of new records filled in.
    named: Vec<ChangeInput>,
    /// The same changes, rebased onto the current versions where nothing conflicts.
    rebased: Vec<ChangeInput>,
    /// The ids of the records, and the codes of their countries before and after.
    subjects: Vec<String>,
}

/// Collects all findings on an input. A missing reference is not reported if its target may be a record of a change
/// that could not be read.
async fn all_findings<C: ConnectionTrait>(
    db: &C,
    rejected: Rejected,
    today: Date,
) -> Result<Vec<Finding>, Error> {
    let Rejected {
        mut found,
        mut checked,
        unread,
    } = rejected;
    new_keys::assign_keys(db, &mut checked, |_| true).await?;
    let plan = plan::plan(db, &checked, today, Incomplete::Report).await?;
    let missing = plan.missing.into_iter();
    let missing = missing.filter(|one| !unread.contains(&one.reference.kind()));
    let more_findings = plan
        .findings
        .into_iter()
        .filter(|finding| !matches!(finding.code, Code::Conflict | Code::Referenced))
        .chain(missing.map(|one| one.finding));
    for finding in more_findings {
        let is_same = |one: &Finding| (one.code, &one.path) == (finding.code, &finding.path);
        if !found.iter().any(is_same) {
            found.push(finding);
        }
    }
    let change = |finding: &Finding| finding.path.0.get(1)?.parse::<usize>().ok();
    found.sort_by_key(change);
    Ok(found)
}

/// Checks changes against the current records. The contribution's earlier proposals do not block the same ids.
async fn check_changes(
    tx: &Write<'_>,
    changes: Changes,
    of: &Model,
    today: Date,
) -> Result<CheckedChanges, Error> {
    let Changes {
        inputs,
        mut checked,
    } = changes;
    let open = proposed_ids(tx, &of.id).await?;
    new_keys::assign_keys(tx, &mut checked, |id| !open.contains(id.as_str())).await?;
    let mut plan = plan::plan(tx, &checked, today, Incomplete::Report).await?;
    // A conflict does not prevent a proposal: the editors see it and decide.
    plan.findings
        .retain(|finding| finding.code != Code::Conflict);
    let plan = plan.sound()?;
    let named: Vec<ChangeInput> = inputs
        .into_iter()
        .zip(&checked)
        .map(|(input, change)| match key(change) {
            Some(key) => input.with_key(key),
            None => input,
        })
        .collect();
    let rebased = named
        .iter()
        .zip(&checked)
        .map(|(input, change)| rebased(input.clone(), change, &plan))
        .collect();
    Ok(CheckedChanges {
        named,
        rebased,
        subjects: subjects(&checked, &plan),
    })
}

/// Checks the stored changes of a contribution again; `None` if they have become impossible.
async fn check_again(
    tx: &Write<'_>,
    row: &Model,
    today: Date,
) -> Result<Option<CheckedChanges>, Error> {
    let check = async || {
        let changes = Changes {
            inputs: row.changes.0.clone(),
            checked: row.proposed()?,
        };
        check_changes(tx, changes, row, today).await
    };
    match check().await {
        Ok(written) => Ok(Some(written)),
        Err(Error::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The key of a record that a change creates.
fn key(change: &Proposed) -> Option<&str> {
    let id = change.id.as_ref()?;
    let (_, key) = id.as_str().split_once(':')?;
    (change.operation == Operation::Create).then_some(key)
}

/// Rebases an update onto the current version if nothing in it conflicts; returns any other input unchanged.
fn rebased(input: ChangeInput, change: &Proposed, plan: &Plan) -> ChangeInput {
    let planned = plan.changes.iter().find(|planned| {
        planned.operation == Operation::Update
            && change.id.as_ref() == Some(&planned.id)
            && !plan.contested.contains(&planned.id)
            // Rebased onto a newer version, it would revert what others changed.
            && planned.outdated.is_empty()
    });
    let Some(planned) = planned else { return input };
    let joined = planned.joined.iter().map(|field| {
        let whole = planned.whole.as_ref();
        (
            *field,
            whole.and_then(|whole| whole.get(&field.camel()).cloned()),
        )
    });
    let joined: Vec<_> = joined.collect();
    input.rebased(planned.version.saturating_sub(1), &joined)
}

/// The ids that other open contributions propose; new records avoid them.
/// Drafts are left out, so that their existence stays secret.
async fn proposed_ids<C: ConnectionTrait>(db: &C, own: &str) -> Result<HashSet<String>, Error> {
    let open = [State::Submitted, State::InReview, State::ChangesRequested];
    let contributions = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::State.is_in(open))
        .and_where(Column::Id.ne(own))
        .to_owned();
    let rows = subject::Entity::find()
        .filter(subject::Column::Contribution.in_subquery(contributions))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.subject).collect())
}

/// The ids of the records, and the codes of their countries before and after, sorted.
fn subjects(changes: &[Proposed], plan: &Plan) -> Vec<String> {
    let records = changes.iter().filter_map(|change| change.id.as_ref());
    let countries = plan.changes.iter().flat_map(|change| &change.countries);
    let mut subjects: Vec<String> = records
        .map(ToString::to_string)
        .chain(countries.map(ToString::to_string))
        .collect();
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}
