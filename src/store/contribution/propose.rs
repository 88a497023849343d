//! Creates contributions, and checks their changes against the records.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use serde_json::Value;

use super::activity::Taken;
use super::complete::{self, complete};
use super::entity::{Column, Entity, Model};
use super::handle::Contributions;
use super::subject;
use super::write::{empty, existing, insert};
use crate::draft::Plan;
use crate::error::Error;
use crate::known_records::text;
use crate::new_keys::Reserved;
use crate::plan::{self, Incomplete};
use crate::write::Write;
use crate::{idempotency, integrity};
use domain::change::{ChangeInput, Operation, Proposed};
use domain::check::{Checked, Code, Finding};
use domain::contribution::{Audience, Changes, Overruled, Proposal, Rejected, State, Step};
use domain::date::Date;
use domain::idempotency::Once;
use domain::record::{Kind, RecordField, RecordId};
use domain::reference::Reference;
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
        let work = async move |tx: &Write| {
            let proposal = proposal.into_inner();
            let now = self.store.clock().now();
            match answered(tx, author.actor(), proposal.once.as_ref(), now).await? {
                Some(row) => Ok(row),
                None => new_contribution(tx, author.actor(), proposal, now).await,
            }
        };
        self.store.write(work).boxed()
    }

    /// Returns all findings on an input: those of the input itself, and those against the current records.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub fn findings(&self, rejected: Rejected) -> BoxFuture<'_, Result<Vec<Finding>, Error>> {
        async move { all_findings(self.store.reader(), rejected, self.store.clock().today()).await }
            .boxed()
    }
}

/// Returns the contribution that answered an earlier request with the same idempotency key.
pub(super) async fn answered(
    tx: &Write,
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
    tx: &Write,
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
    let submits = proposal.submit.then_some(Step::Submit);
    let taken = [Some(Step::Update), submits].into_iter().flatten();
    let row = insert(tx, row, taken.map(|step| Taken::by(actor, step))).await?;
    idempotency::store_key(tx, &actor.id, proposal.once, &row.id, now).await?;
    Ok(row)
}

/// Checked changes that could be accepted, apart from conflicts.
pub(super) struct CheckedChanges {
    /// The changes as given, with the keys of new records filled in.
    pub named: Vec<ChangeInput>,
    /// The same changes, rebased onto the current versions where nothing conflicts.
    pub rebased: Vec<ChangeInput>,
    /// The values that the authors decided to replace, in changes that are not rebased.
    pub overruled: Vec<Overruled>,
    /// The ids of the records, and the codes of their countries before and after.
    pub subjects: Vec<String>,
}

/// Collects all findings on an input. A missing reference is not reported if its target may be a record of a change
/// that could not be read.
pub(super) async fn all_findings<C: ConnectionTrait>(
    db: &C,
    rejected: Rejected,
    today: Date,
) -> Result<Vec<Finding>, Error> {
    let Rejected {
        mut found,
        mut checked,
        unread,
    } = rejected;
    let incomplete = complete(db, &mut checked, async |_| Ok(HashSet::new())).await?;
    // The source may be the one of a change that could not be read.
    let may_be_unread =
        |one: &Finding| one.code == Code::NotFound && unread.contains(&Kind::Source);
    found.extend(incomplete.into_iter().filter(|one| !may_be_unread(one)));
    let mut plan = plan::plan(db, &checked, today, Incomplete::Report).await?;
    name_what_is_missing(&mut plan, &checked);
    let mut missing = plan.missing;
    missing.retain(|one| !unread.contains(&one.reference.kind()));
    integrity::suggest(db, &mut missing).await?;
    let more_findings = plan
        .findings
        .into_iter()
        .filter(|finding| !matches!(finding.code, Code::Conflict | Code::Referenced))
        .chain(missing.into_iter().map(|one| one.finding));
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
pub(super) async fn check_changes(
    tx: &Write,
    changes: Changes,
    of: &Model,
    today: Date,
) -> Result<CheckedChanges, Error> {
    let Changes {
        inputs,
        mut checked,
    } = changes;
    let proposed = |ids: Vec<RecordId>| proposed_ids(tx, &of.id, ids);
    let incomplete = complete(tx, &mut checked, proposed).await?;
    let mut plan = plan::plan(tx, &checked, today, Incomplete::Report).await?;
    name_what_is_missing(&mut plan, &checked);
    plan.findings.extend(incomplete);
    // A conflict does not prevent a proposal: the editors see it and decide.
    plan.findings
        .retain(|finding| finding.code != Code::Conflict);
    integrity::suggest(tx, &mut plan.missing).await?;
    let plan = plan.sound()?;
    let named = complete::inputs(inputs, &checked);
    let mut overruled = Vec::new();
    let mut all_rebased = Vec::new();
    for (input, change) in named.iter().zip(&checked) {
        let rebased = rebased(input, change, &plan);
        if rebased.is_none() {
            overruled.extend(Overruled::of(change));
        }
        all_rebased.push(rebased.unwrap_or_else(|| input.clone()));
    }
    Ok(CheckedChanges {
        named,
        rebased: all_rebased,
        overruled,
        subjects: subjects(&checked, &plan),
    })
}

/// Says of each reference without a record that no change of the contribution creates the record, either. A reference
/// to a record whose create has faults is no fault of its own.
fn name_what_is_missing(plan: &mut Plan, changes: &[Proposed]) {
    let creates = |reference: &Reference| {
        let mut creates = changes
            .iter()
            .filter(|change| change.operation == Operation::Create);
        creates.any(|change| match integrity::named(reference) {
            Err(id) => change.id.as_ref() == Some(id),
            Ok((kind, value)) => {
                let unique = kind.unique().filter(|_| change.kind == kind);
                unique.and_then(|field| text(&change.content(), field)) == Some(value)
            }
        })
    };
    plan.missing.retain(|missing| !creates(&missing.reference));
    for missing in &mut plan.missing {
        let message = &mut missing.finding.message;
        message.push_str(", and no change of this contribution creates it");
    }
}

/// Rebases a change onto the last version of its record. Returns `None` if a field conflicts, if the change creates the
/// record, and if the change on the last version would not mean the same.
fn rebased(input: &ChangeInput, change: &Proposed, plan: &Plan) -> Option<ChangeInput> {
    let planned = plan.changes.iter().find(|planned| {
        planned.operation != Operation::Create
            && change.id.as_ref() == Some(&planned.id)
            && !plan.contested.contains(&planned.id)
            // Rebased onto a newer version, it would revert what others changed.
            && planned.outdated.is_empty()
    })?;
    let merged = planned.joined.iter().chain(&planned.absorbed);
    let merged = merged.map(|field| {
        let is_set =
            |(name, value): &(RecordField, Option<Value>)| name == field && value.is_some();
        // A list that is emptied has no citations, which elements of others would need, and the other way round.
        let value = planned.whole.as_ref()?.get(&field.camel())?;
        let is_set = change.fields.iter().any(is_set);
        is_set.then(|| (*field, Some(value.clone())))
    });
    let merged: Vec<_> = merged.collect::<Option<_>>()?;
    let version = planned.version.saturating_sub(1);
    Some(input.clone().rebased(version, &merged))
}

/// Reads which of some ids other open contributions propose. A new record gets none of them.
/// Drafts are left out, so that their existence stays secret.
async fn proposed_ids<C: ConnectionTrait>(db: &C, own: &str, ids: Vec<RecordId>) -> Reserved {
    let open = [State::Submitted, State::InReview, State::ChangesRequested];
    let contributions = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::State.is_in(open))
        .and_where(Column::Id.ne(own))
        .to_owned();
    let rows = subject::Entity::find()
        .filter(subject::Column::Subject.is_in(ids.iter().map(RecordId::as_str)))
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
