//! Contributions are begun, edited, and made to turn a change back.

use std::collections::HashSet;

use chrono::{SubsecRound, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait, OnConflict, Query};
use sea_orm::{ActiveValue, ConnectionTrait, DatabaseTransaction, IntoActiveModel, QueryOrder};

use super::steps::{about, save, unchanged, visible};
use super::{Column, Entity, FORMAT, Model, Named, author, subject};
use crate::domain::change::{ChangeInput, Operation, Proposed};
use crate::domain::check::{Checked, Code, Path};
use crate::domain::citation::CitationInput;
use crate::domain::contribution::{
    Audience, Changes, CreateContributionInput, Edit, Proposal, State, Step, Tip,
};
use crate::domain::idempotency::Once;
use crate::domain::noun::List;
use crate::domain::record::{Kind, RecordId};
use crate::domain::rewrite::Done;
use crate::domain::text::Markdown;
use crate::domain::viewer::{Actor, Contributor, Viewer};
use crate::store::error::Error;
use crate::store::plan::{self, Plan};
use crate::store::world::World;
use crate::store::{Store, change, citation, head, idempotency, record};

/// What to call a tip until an editor gives it a title.
pub(super) fn tip_title(country: &str) -> String {
    format!("Tip about {country}")
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
        let proposal = proposal.into_inner();
        let (tx, _turn) = self.begin().await?;
        let row = match answered(&tx, author.actor(), proposal.once.as_ref()).await? {
            Some(row) => row,
            None if proposal.validate_only => begun(&tx, author.actor(), proposal).await?,
            None => {
                let row = begun(&tx, author.actor(), proposal).await?;
                tx.commit().await?;
                self.stir();
                return Ok(row);
            }
        };
        tx.rollback().await?;
        Ok(row)
    }

    /// Proposes to turn one change back, with the citations that held before it.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is no such change, or nothing to turn back.
    pub async fn revert(
        &self,
        author: &Contributor,
        sequence: i64,
        rationale: Markdown,
        once: Option<Once>,
    ) -> Result<Model, Error> {
        let (tx, _turn) = self.begin().await?;
        if let Some(row) = answered(&tx, author.actor(), once.as_ref()).await? {
            tx.rollback().await?;
            return Ok(row);
        }
        let at = Path::default().then("sequence");
        let Some(done) = change::Entity::find_by_id(sequence).one(&tx).await? else {
            let message = format!("the change log has no change {sequence}");
            return Err(at.finding(Code::NotFound, message).into());
        };
        let Some(inverse) = inverse(&tx, &done, &rationale.0).await? else {
            let message = format!("change {sequence} gave no field another value");
            return Err(at.finding(Code::Invalid, message).into());
        };
        let input = CreateContributionInput {
            title: format!("Revert change {sequence} of {}", done.record),
            rationale,
            changes: vec![inverse],
            submit: Some(true),
            validate_only: None,
            idempotency_key: None,
        };
        let mut proposal = input.checked().map_err(Error::Refused)?.into_inner();
        proposal.once = once;
        let row = begun(&tx, author.actor(), proposal)
            .await
            .map_err(|error| about("sequence", error))?;
        tx.commit().await?;
        self.stir();
        Ok(row)
    }

    /// Keeps what a reader tells the editors.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is no such country.
    pub async fn tip(&self, reader: &Viewer, tip: Checked<Tip>) -> Result<Model, Error> {
        let tip = tip.into_inner();
        let scope = reader.actor().map(|actor| actor.id.as_str());
        let scope = scope.unwrap_or_default();
        let (tx, _turn) = self.begin().await?;
        if let Some(id) = idempotency::seen(&tx, scope, tip.once.as_ref()).await? {
            let row = kept(&tx, &id).await?;
            tx.rollback().await?;
            return Ok(if row.is_visible_to(reader) {
                row
            } else {
                row.sent()
            });
        }
        let code = tip.country.to_string();
        let mut world = World::default();
        let wanted = (Kind::Country, code.clone());
        world
            .learn_unique(&tx, &HashSet::from([wanted.clone()]))
            .await?;
        if !world.unique.contains_key(&wanted) {
            let at = Path::default().then("country");
            let message = format!("there is no Country {code}");
            return Err(at.finding(Code::NotFound, message).into());
        }
        let now = Utc::now().trunc_subsecs(6);
        let row = Model {
            is_tip: true,
            message: Some(tip.message),
            link: tip.link,
            contact: tip.contact,
            title: tip_title(&code),
            rationale: String::new(),
            state: State::Submitted,
            submitted_at: Some(now),
            audience: Audience::Editors,
            subjects: List(vec![code]),
            ..empty(reader.actor(), now)
        };
        let row = insert(&tx, row).await?;
        idempotency::keep(&tx, scope, tip.once, &row.id).await?;
        tx.commit().await?;
        self.stir();
        Ok(row)
    }

    /// Edits what a contribution proposes. What does not conflict is written anew against what stands.
    ///
    /// # Errors
    /// [`Error::Refused`]; the contribution is then as it was.
    pub async fn update(
        &self,
        author: &Contributor,
        named: &Named,
        edit: Checked<Edit>,
    ) -> Result<Model, Error> {
        let edit = edit.into_inner();
        let (tx, _turn) = self.begin().await?;
        let row = visible(&tx, author.actor(), &named.id).await?;
        let state = row.after(author.actor(), named, Step::Update)?;
        if edit.title.is_none() && edit.rationale.is_none() && edit.changes.is_none() {
            let message = "name what is to be different: title, rationale or changes";
            return Err(Path::default().finding(Code::Required, message).into());
        }
        let mut next = row.clone();
        let written = match edit.changes {
            Some(changes) => Some(judged(&tx, changes, &row).await?),
            None if row.changes.is_empty() => None,
            None => again(&tx, &row).await?,
        };
        if let Some(written) = written {
            next.changes = List(written.rebased);
            next.subjects = List(written.subjects);
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
            super::ActiveModel {
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
        )
        .await?;
        tx.commit().await?;
        self.stir();
        Ok(saved)
    }
}

/// The contribution that answered the same request of somebody before.
async fn answered(
    tx: &DatabaseTransaction,
    actor: &Actor,
    once: Option<&Once>,
) -> Result<Option<Model>, Error> {
    match idempotency::seen(tx, &actor.id, once).await? {
        Some(id) => kept(tx, &id).await.map(Some),
        None => Ok(None),
    }
}

async fn kept(tx: &DatabaseTransaction, id: &str) -> Result<Model, Error> {
    let row = Entity::find_by_id(id).one(tx).await?;
    row.ok_or_else(|| Error::Unreadable(format!("there is no contribution {id}")))
}

/// A contribution that nobody has written anything in.
fn empty(author: Option<&Actor>, now: DateTimeUtc) -> Model {
    Model {
        id: uuid::Uuid::now_v7().simple().to_string(),
        revision: 1,
        state: State::Draft,
        title: String::new(),
        rationale: String::new(),
        authors: List(author.cloned().into_iter().collect()),
        reviewer: None,
        format: FORMAT,
        changes: List(Vec::new()),
        created_at: now,
        updated_at: now,
        submitted_at: None,
        decided_at: None,
        decision: None,
        is_tip: false,
        message: None,
        link: None,
        contact: None,
        audience: Audience::Authors,
        subjects: List(Vec::new()),
        touched: 0,
    }
}

/// A new contribution; written, unless it is only to be shown.
async fn begun(
    tx: &DatabaseTransaction,
    actor: &Actor,
    proposal: Proposal,
) -> Result<Model, Error> {
    let now = Utc::now().trunc_subsecs(6);
    let row = empty(Some(actor), now);
    let written = judged(tx, proposal.changes, &row).await?;
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
    idempotency::keep(tx, &actor.id, proposal.once, &row.id).await?;
    Ok(row)
}

async fn insert(tx: &DatabaseTransaction, mut row: Model) -> Result<Model, Error> {
    row.touched = head::touch(tx).await?;
    Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    write_lists(tx, &row).await?;
    Ok(row)
}

/// Writes what contributions are found by.
async fn write_lists(tx: &DatabaseTransaction, row: &Model) -> Result<(), Error> {
    subject::Entity::delete_many()
        .filter(subject::Column::Contribution.eq(&row.id))
        .exec(tx)
        .await?;
    let subjects = row.subjects.iter().map(|subject| {
        let subject = subject::Model {
            contribution: row.id.clone(),
            subject: subject.clone(),
        };
        subject.into_active_model()
    });
    if !row.subjects.is_empty() {
        subject::Entity::insert_many(subjects)
            .exec_without_returning(tx)
            .await?;
    }
    let authors = row.authors.iter().map(|actor| {
        let author = author::Model {
            contribution: row.id.clone(),
            person: actor.id.clone(),
        };
        author.into_active_model()
    });
    if !row.authors.is_empty() {
        let is_there = OnConflict::new().do_nothing().to_owned();
        author::Entity::insert_many(authors)
            .on_conflict(is_there)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Changes that could be accepted, but for conflicts.
struct Written {
    /// As they were given, with the keys of new records.
    named: Vec<ChangeInput>,
    /// The same, written against what stands now as far as nothing conflicts.
    rebased: Vec<ChangeInput>,
    /// The records that they are about, and their countries, before and after.
    subjects: Vec<String>,
}

/// Judges changes beside the profiles. What a contribution proposed before does not keep it from
/// proposing the same again.
async fn judged(tx: &DatabaseTransaction, changes: Changes, of: &Model) -> Result<Written, Error> {
    let Changes {
        inputs,
        mut checked,
    } = changes;
    let open = proposed_ids(tx, &of.id).await?;
    plan::name(tx, &mut checked, |id| !open.contains(id.as_str())).await?;
    let mut plan = plan::plan(tx, &checked).await?;
    // Somebody may have changed the same since: that is for the editors to see.
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
    Ok(Written {
        named,
        rebased,
        subjects: subjects(&checked, &plan),
    })
}

/// What a contribution proposes, judged again; `None` where it has become impossible.
async fn again(tx: &DatabaseTransaction, row: &Model) -> Result<Option<Written>, Error> {
    let judge = async || {
        let changes = Changes {
            inputs: row.changes.0.clone(),
            checked: row.proposed()?,
        };
        judged(tx, changes, row).await
    };
    match judge().await {
        Ok(written) => Ok(Some(written)),
        Err(Error::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The key of a new record.
fn key(change: &Proposed) -> Option<&str> {
    let id = change.id.as_ref()?;
    let (_, key) = id.as_str().split_once(':')?;
    (change.operation == Operation::Create).then_some(key)
}

fn rebased(input: ChangeInput, change: &Proposed, plan: &Plan) -> ChangeInput {
    let planned = plan.changes.iter().find(|planned| {
        planned.operation == Operation::Update
            && change.id.as_ref() == Some(&planned.id)
            && !plan.contested.contains(&planned.id)
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

/// The ids that other open contributions propose: a new record takes another one. Drafts are left out, so
/// that nobody can tell that there are any.
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

/// The records that changes are about, and their countries, before and after.
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

/// The change that turns another one back.
async fn inverse(
    tx: &DatabaseTransaction,
    done: &change::Model,
    reason: &str,
) -> Result<Option<ChangeInput>, Error> {
    let (id, sequence) = (&done.record, done.sequence);
    let rows = record::rows(tx, done.kind, |column| {
        Condition::all().add(column("id").eq(id.clone())).add(
            Condition::any()
                .add(column("since").eq(sequence))
                .add(column("until").eq(sequence)),
        )
    })
    .await?;
    let mut done = Done {
        operation: done.operation,
        id,
        before: None,
        after: None,
        cites: cites_before(tx, id, sequence).await?,
    };
    for (_, row) in &rows {
        let version = Some((row.version, &row.content));
        if row.until == Some(sequence) {
            done.before = version;
        } else {
            done.after = version;
        }
    }
    Ok(done.inverse(reason))
}

/// What a record was cited from just before a change.
async fn cites_before(
    tx: &DatabaseTransaction,
    id: &RecordId,
    sequence: i64,
) -> Result<Vec<CitationInput>, Error> {
    let stood = Condition::all()
        .add(citation::Column::Record.eq(id.clone()))
        .add(citation::Column::Since.lt(sequence))
        .add(
            Condition::any()
                .add(citation::Column::Until.is_null())
                .add(citation::Column::Until.gte(sequence)),
        );
    let rows = citation::Entity::find()
        .filter(stood)
        .order_by_asc(citation::Column::Since)
        .order_by_asc(citation::Column::Position)
        .order_by_asc(citation::Column::Field)
        .all(tx)
        .await?;
    let mut cites: Vec<((i64, i32), CitationInput)> = Vec::new();
    for row in rows {
        let place = (row.since, row.position);
        match cites.last_mut().filter(|(last, _)| *last == place) {
            Some((_, cite)) => cite.fields.get_or_insert_default().push(row.field),
            None => cites.push((
                place,
                CitationInput {
                    source: row.source.to_string().into(),
                    fields: Some(vec![row.field]),
                    locator: row.locator,
                    quote: row.quote,
                    certainty: Some(row.certainty),
                },
            )),
        }
    }
    Ok(cites.into_iter().map(|(_, cite)| cite).collect())
}
