//! Detects references that lead from a record back to itself.

use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;

use super::draft::Draft;
use super::error::Error;
use super::integrity::{identity, named};
use super::known_records::KnownRecords;
use domain::check::{Code, Finding};
use domain::record::{Kind, RecordField, RecordId};
use domain::reference::{AcyclicReference, Reference};

/// Reports references that lead back to their own record over any number of steps: through parents, predecessors,
/// administering countries, related documents or related events.
pub async fn check<C: ConnectionTrait>(
    db: &C,
    known_records: &mut KnownRecords,
    drafts: &[Draft<'_>],
    found: &mut Vec<Finding>,
) -> Result<(), Error> {
    let standing = drafts.iter().filter(|draft| draft.record_is_current());
    let named_here: HashMap<(Kind, String), RecordId> = standing
        .clone()
        .filter_map(|draft| Some((identity(draft)?, draft.id.clone())))
        .collect();
    let mut above: HashMap<RecordId, Vec<AcyclicReference>> = HashMap::new();
    for draft in drafts {
        let acyclic_references = if draft.record_is_current() {
            draft.evaluation.acyclic_references.clone()
        } else {
            Vec::new()
        };
        above.insert(draft.id.clone(), acyclic_references);
    }
    loop {
        let all = above.values().flatten();
        let next: HashSet<RecordId> = all
            .filter(|one| !one.is_mutual)
            .filter_map(|one| target(known_records, &named_here, &one.to))
            .filter(|id| !above.contains_key(id))
            .collect();
        if next.is_empty() {
            break;
        }
        known_records.load_ids(db, next.iter().cloned()).await?;
        let mut wanted = HashSet::new();
        for id in next {
            let current = known_records.current.get(&id);
            let evaluated = current.and_then(|row| id.kind().evaluate(&row.content).ok());
            let acyclic_references = evaluated
                .map(|evaluated| evaluated.acyclic_references)
                .unwrap_or_default();
            wanted.extend(
                acyclic_references
                    .iter()
                    .filter_map(|one| named(&one.to).ok()),
            );
            above.insert(id, acyclic_references);
        }
        known_records.load_unique(db, &wanted).await?;
    }
    for draft in standing {
        let acyclic_references = draft.evaluation.acyclic_references.iter();
        let mut reported: Option<RecordField> = None;
        for one in acyclic_references.filter(|one| draft.renews(&[one.field])) {
            let Some(first) = target(known_records, &named_here, &one.to) else {
                continue;
            };
            let follow = |id: &RecordId| {
                let further = above.get(id).into_iter().flatten();
                let further = further.filter(|next| next.line == one.line && !next.is_mutual);
                let further =
                    further.filter_map(|next| target(known_records, &named_here, &next.to));
                further.collect::<Vec<_>>()
            };
            let is_cycle =
                first == *draft.id || (!one.is_mutual && leads_to(first, draft.id, follow));
            if is_cycle && reported != Some(one.field) {
                reported = Some(one.field);
                let at = draft.proposed.at_fields().then(one.field.camel());
                let message = format!("leads back to {} itself", draft.id);
                found.push(at.finding(Code::Invalid, message));
            }
        }
    }
    Ok(())
}

/// The id of the record that a reference names, if it is known.
fn target(
    known_records: &KnownRecords,
    named_here: &HashMap<(Kind, String), RecordId>,
    reference: &Reference,
) -> Option<RecordId> {
    match named(reference) {
        Ok(name) => known_records
            .unique
            .get(&name)
            .or_else(|| named_here.get(&name))
            .cloned(),
        Err(id) => Some(id.clone()),
    }
}

/// True if `to` can be reached from `from` in one or more steps.
fn leads_to(from: RecordId, to: &RecordId, follow: impl Fn(&RecordId) -> Vec<RecordId>) -> bool {
    let mut seen: HashSet<RecordId> = HashSet::new();
    let mut next = vec![from];
    while let Some(id) = next.pop() {
        for further in follow(&id) {
            if further == *to {
                return true;
            }
            if seen.insert(further.clone()) {
                next.push(further);
            }
        }
    }
    false
}
