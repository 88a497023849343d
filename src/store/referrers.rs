//! Checks the records that refer to a changed or retired record.

use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

use super::draft::{Draft, Plan};
use super::error::Error;
use super::integrity::{COMPATIBILITY_FIELDS, identity, incompatibilities, named};
use super::known_records::KnownRecords;
use super::moment::{Moment, column};
use super::{citation, reference_index};
use domain::change::{Operation, Proposed};
use domain::check::{Code, Finding};
use domain::field::Content;
use domain::record::{Kind, RecordField, RecordId};

/// Reports changes that would make a record unfit for the references of others to it.
pub async fn check_turned<C: ConnectionTrait>(
    db: &C,
    known_records: &mut KnownRecords,
    drafts: &[Draft<'_>],
    found: &mut Vec<Finding>,
) -> Result<(), Error> {
    let turned: HashMap<&RecordId, &Draft<'_>> = drafts
        .iter()
        .filter(|draft| draft.before().is_some() && draft.renews(&COMPATIBILITY_FIELDS))
        .map(|draft| (draft.id, draft))
        .collect();
    if turned.is_empty() {
        return Ok(());
    }
    let ids = turned.keys().map(ToString::to_string);
    let mut referrers: Vec<RecordId> = reference_index::naming_now(db, ids)
        .await?
        .into_iter()
        .map(|(record, _)| record)
        .collect();
    referrers.dedup();
    known_records
        .load_ids(db, referrers.iter().cloned())
        .await?;
    for referrer in &referrers {
        let own = drafts.iter().find(|draft| draft.id == referrer);
        let content = match own {
            Some(own) if !own.record_is_current() => continue,
            Some(own) => Some(own.content()),
            None => known_records.current.get(referrer).map(|row| &row.content),
        };
        let Some((content, evaluation)) =
            content.and_then(|content| Some((content, referrer.kind().evaluate(content).ok()?)))
        else {
            continue;
        };
        for (field, reference) in &evaluation.references {
            let draft = named(reference).err().and_then(|id| turned.get(id));
            let Some((draft, before)) = draft.and_then(|one| Some((one, one.before()?))) else {
                continue;
            };
            // The check of this draft's own references has already covered it.
            if own.is_some_and(|own| {
                own.renews(&[COMPATIBILITY_FIELDS.as_slice(), &[*field]].concat())
            }) {
                continue;
            }
            let incompatibilities = |other: &Content| {
                incompatibilities(referrer.kind(), content, *field, reference, other)
            };
            let was = incompatibilities(before);
            for (at, message) in incompatibilities(draft.content()) {
                if was.iter().any(|(place, _)| *place == at) {
                    continue;
                }
                let path = draft.proposed.at_fields();
                let path = at.map_or_else(|| path.clone(), |at| path.then(at.camel()));
                let field = field.screaming();
                let message = format!("{referrer} refers to it in {field}: {message}");
                found.push(path.finding(Code::Invalid, message));
            }
        }
    }
    Ok(())
}

/// The number of referring records that a message names.
const MAX_NAMED: usize = 5;

/// Reports records that would be retired while others refer to them or cite them. A reference that a change with a conflict
/// would end is no fault: `contested` are such changes, by record.
pub async fn check_retired<C: ConnectionTrait>(
    db: &C,
    known_records: &KnownRecords,
    drafts: &[Draft<'_>],
    contested: &HashMap<&RecordId, &Proposed>,
    plan: &mut Plan,
) -> Result<(), Error> {
    let retired = drafts
        .iter()
        .filter(|draft| draft.proposed.operation == Operation::Retire);
    for draft in retired {
        let mut names = vec![draft.id.to_string()];
        names.extend(identity(draft).map(|(_, value)| value));
        let mut by: Vec<RecordId> = Vec::new();
        let mut is_blocked = false;
        for (record, _) in reference_index::naming_now(db, names.clone()).await? {
            // A record that this contribution changes is checked below, in its new state.
            if drafts.iter().any(|other| *other.id == record) {
                continue;
            }
            match contested.get(&record) {
                Some(change) if would_end(known_records, change, &names) => is_blocked = true,
                _ => by.push(record),
            }
        }
        for other in drafts.iter().filter(|other| other.record_is_current()) {
            let index_rows = other.evaluation.indexed_references();
            let mut naming = index_rows.iter().filter(|one| names.contains(&one.value));
            if naming.any(|one| !other.contested.contains(&one.field)) {
                by.push(other.id.clone());
            } else if index_rows.iter().any(|one| names.contains(&one.value)) {
                is_blocked = true;
            }
        }
        if draft.id.kind() == Kind::Source {
            // A retired record keeps its citations.
            let cites_it = |other: &&Draft<'_>| {
                let mut cites = other.proposed.cites.iter();
                other.id != draft.id && cites.any(|cite| cite.source == *draft.id)
            };
            by.extend(drafts.iter().filter(cites_it).map(|other| other.id.clone()));
            by.extend(cited_by(db, draft.id).await?);
        }
        let mut seen = HashSet::new();
        by.retain(|record| seen.insert(record.clone()));
        if is_blocked {
            plan.blocked.insert(draft.id.clone());
        }
        if by.is_empty() {
            continue;
        }
        let shown: Vec<String> = by.iter().take(MAX_NAMED).map(ToString::to_string).collect();
        let more = by.len().saturating_sub(shown.len());
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let message = format!(
            "{} is referred to by {}{more}: change these first, or in the same contribution",
            draft.id,
            shown.join(", ")
        );
        let at = draft.proposed.at_target();
        plan.findings.push(at.finding(Code::Referenced, message));
    }
    Ok(())
}

/// True if a change with a conflict would end all references of its record to these names, once a person resolves it.
fn would_end(known_records: &KnownRecords, change: &Proposed, names: &[String]) -> bool {
    if change.operation == Operation::Retire {
        return true;
    }
    let current = change
        .id
        .as_ref()
        .and_then(|id| known_records.current.get(id));
    let evaluation = current.and_then(|row| change.kind.evaluate(&row.content).ok());
    let is_set = |of: RecordField| change.fields.iter().any(|(field, _)| *field == of);
    evaluation.is_some_and(|evaluation| {
        let index_rows = evaluation.indexed_references().into_iter();
        let mut naming = index_rows.filter(|one| names.contains(&one.value));
        naming.all(|one| is_set(one.field))
    })
}

/// The records that cite a source, retired ones too: `node` still returns them with their citations.
pub async fn cited_by<C: ConnectionTrait>(
    db: &C,
    source: &RecordId,
) -> Result<Vec<RecordId>, Error> {
    let rows = citation::Entity::find()
        .filter(column::<citation::Entity>("source").eq(source.clone()))
        .filter(Moment::current::<citation::Entity>())
        .all(db)
        .await?;
    let mut records: Vec<RecordId> = rows.into_iter().map(|row| row.record).collect();
    records.retain(|record| record != source);
    records.sort_unstable();
    records.dedup();
    Ok(records)
}
