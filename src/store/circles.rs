//! Detects references that lead from a record back to itself.

use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;

use super::draft::Draft;
use super::error::Error;
use super::references::{identity, named};
use super::world::World;
use domain::check::{Code, Finding};
use domain::record::{Kind, RecordField, RecordId};
use domain::reference::{Reference, Upward};

/// Reports references that lead back to their own record over any number of steps: through parents, predecessors,
/// administering countries, related documents or related events.
pub async fn check<C: ConnectionTrait>(
    db: &C,
    world: &mut World,
    drafts: &[Draft<'_>],
    found: &mut Vec<Finding>,
) -> Result<(), Error> {
    let standing = drafts.iter().filter(|draft| draft.stands());
    let named_here: HashMap<(Kind, String), RecordId> = standing
        .clone()
        .filter_map(|draft| Some((identity(draft)?, draft.id.clone())))
        .collect();
    let mut above: HashMap<RecordId, Vec<Upward>> = HashMap::new();
    for draft in drafts {
        let upward = if draft.stands() {
            draft.judgement.upward.clone()
        } else {
            Vec::new()
        };
        above.insert(draft.id.clone(), upward);
    }
    loop {
        let all = above.values().flatten();
        let next: HashSet<RecordId> = all
            .filter(|one| !one.is_mutual)
            .filter_map(|one| target(world, &named_here, &one.to))
            .filter(|id| !above.contains_key(id))
            .collect();
        if next.is_empty() {
            break;
        }
        world.learn_ids(db, next.iter().cloned()).await?;
        let mut wanted = HashSet::new();
        for id in next {
            let current = world.current.get(&id);
            let judged = current.and_then(|row| id.kind().judge(&row.content).ok());
            let upward = judged.map(|judged| judged.upward).unwrap_or_default();
            wanted.extend(upward.iter().filter_map(|one| named(&one.to).ok()));
            above.insert(id, upward);
        }
        world.learn_unique(db, &wanted).await?;
    }
    for draft in standing {
        let upward = draft.judgement.upward.iter();
        let mut told: Option<RecordField> = None;
        for one in upward.filter(|one| draft.renews(&[one.field])) {
            let Some(first) = target(world, &named_here, &one.to) else {
                continue;
            };
            let follow = |id: &RecordId| {
                let further = above.get(id).into_iter().flatten();
                let further = further.filter(|next| next.line == one.line && !next.is_mutual);
                let further = further.filter_map(|next| target(world, &named_here, &next.to));
                further.collect::<Vec<_>>()
            };
            let is_circle =
                first == *draft.id || (!one.is_mutual && leads_to(first, draft.id, follow));
            if is_circle && told != Some(one.field) {
                told = Some(one.field);
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
    world: &World,
    named_here: &HashMap<(Kind, String), RecordId>,
    reference: &Reference,
) -> Option<RecordId> {
    match named(reference) {
        Ok(name) => world
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
