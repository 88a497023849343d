//! What proposed changes refer to: that it exists, is unique where it must be, leads back to nobody, and is
//! not retired while others refer to it.

use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

use super::error::Error;
use super::moment::{Moment, column};
use super::plan::{Draft, Plan};
use super::world::{World, text};
use super::{citation, mention};
use crate::domain::change::Operation;
use crate::domain::check::{Code, Finding, Path};
use crate::domain::noun::Reference;
use crate::domain::record::{Kind, RecordField, RecordId};
use crate::domain::text::CountryCode;

/// A reference to something that does not exist, and what to say of it.
#[derive(Clone, Debug)]
pub struct Missing {
    /// What is referred to.
    pub reference: Reference,
    /// The finding.
    pub finding: Finding,
}

/// The same reference as the field that identifies what it is to, or as an id.
fn named(reference: &Reference) -> Result<(Kind, String), &RecordId> {
    match reference {
        Reference::Country(_) => Ok((Kind::Country, reference.named())),
        Reference::Treaty(_) => Ok((Kind::Treaty, reference.named())),
        Reference::Record { id, .. } => Err(id),
    }
}

/// Learns what drafts refer to.
pub async fn learn<C: ConnectionTrait>(
    db: &C,
    world: &mut World,
    drafts: &[Draft<'_>],
) -> Result<(), Error> {
    let mut wanted = HashSet::new();
    let mut ids = HashSet::new();
    for draft in drafts.iter().filter(|draft| draft.stands()) {
        for (_, reference) in &draft.judgement.references {
            match named(reference) {
                Ok(named) => drop(wanted.insert(named)),
                Err(id) => drop(ids.insert(id.clone())),
            }
        }
        ids.extend(draft.proposed.cites.iter().map(|cite| cite.source.clone()));
        wanted.extend(identity(draft));
    }
    world.learn_unique(db, &wanted).await?;
    world.learn_ids(db, ids.into_iter()).await
}

/// The value that no other record of the noun may have.
fn identity(draft: &Draft<'_>) -> Option<(Kind, String)> {
    let kind = draft.proposed.kind;
    Some((kind, text(draft.content(), kind.unique()?)?))
}

/// Finds records that stand twice, or have what identifies another.
pub fn check_identity(world: &World, drafts: &[Draft<'_>], found: &mut Vec<Finding>) {
    let mut seen: HashMap<(Kind, String), &RecordId> = HashMap::new();
    let mut ids: HashSet<&RecordId> = HashSet::new();
    for draft in drafts {
        if !ids.insert(draft.id) {
            let message = format!("another change has {}: make it one", draft.id);
            found.push(draft.proposed.at_target().finding(Code::Duplicate, message));
        }
        let identity = identity(draft).filter(|_| draft.stands());
        let (Some(identity), Some(field)) = (identity, draft.proposed.kind.unique()) else {
            continue;
        };
        let there = world
            .unique
            .get(&identity)
            .or_else(|| seen.get(&identity).copied());
        if let Some(other) = there.filter(|other| *other != draft.id) {
            let message = format!("{other} has {} already", identity.1);
            let at = draft.proposed.at_fields().then(field.camel());
            found.push(at.finding(Code::Duplicate, message));
        }
        seen.insert(identity, draft.id);
    }
}

/// Finds references to what does not exist, is of another kind, or belongs to another country.
pub fn check(world: &World, drafts: &[Draft<'_>], plan: &mut Plan) {
    let standing: HashMap<&RecordId, &Draft<'_>> = drafts
        .iter()
        .filter(|draft| draft.stands())
        .map(|draft| (draft.id, draft))
        .collect();
    let named_here: HashSet<(Kind, String)> =
        standing.values().filter_map(|one| identity(one)).collect();
    let country = |id: &RecordId| match standing.get(id) {
        Some(draft) => draft.judgement.country.clone(),
        None => world.country(id),
    };
    for draft in drafts.iter().filter(|draft| draft.stands()) {
        let proposed = draft.proposed;
        for (field, reference) in &draft.judgement.references {
            let at = proposed.at_fields().then(field.camel());
            let exists = match named(reference) {
                Ok(name) => world.unique.contains_key(&name) || named_here.contains(&name),
                Err(id) => world.current.contains_key(id) || standing.contains_key(id),
            };
            if let Some(finding) = unfit(reference, &at, country) {
                plan.findings.push(finding);
            } else if !exists {
                plan.missing.push(missing(reference, &at));
            }
        }
        for (at, cite) in proposed.cites.iter().enumerate() {
            let source = &cite.source;
            if !world.current.contains_key(source) && !standing.contains_key(source) {
                let at = proposed.path.then("cite").then(at).then("source");
                let reference = Reference::record(&[Kind::Source], source);
                plan.missing.push(missing(&reference, &at));
            }
        }
    }
}

fn missing(reference: &Reference, at: &Path) -> Missing {
    let message = match named(reference) {
        Ok((kind, value)) => format!("there is no {kind} {value}"),
        Err(id) => format!("{id} does not exist"),
    };
    Missing {
        reference: reference.clone(),
        finding: at.finding(Code::NotFound, message),
    }
}

/// What is wrong with a reference to something that exists. `country` gives the country that a record
/// belongs to.
fn unfit(
    reference: &Reference,
    at: &Path,
    country: impl Fn(&RecordId) -> Option<CountryCode>,
) -> Option<Finding> {
    let Reference::Record { kinds, id, within } = reference else {
        return None;
    };
    if !kinds.contains(&id.kind()) {
        let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
        let message = format!("{id} is not a {}", kinds.join(" or "));
        return Some(at.finding(Code::Invalid, message));
    }
    let wanted = within.as_ref()?;
    let other = country(id).filter(|other| other != wanted)?;
    let message = format!("{id} belongs to {other}, not to {wanted}");
    Some(at.finding(Code::Invalid, message))
}

/// What is still missing of what was, or is there and does not fit.
pub async fn resolve<C: ConnectionTrait>(
    db: &C,
    missing: Vec<Missing>,
    found: &mut Vec<Finding>,
) -> Result<Vec<Missing>, Error> {
    let mut world = World::default();
    let mut wanted = HashSet::new();
    let mut ids = HashSet::new();
    for one in &missing {
        match named(&one.reference) {
            Ok(named) => drop(wanted.insert(named)),
            Err(id) => drop(ids.insert(id.clone())),
        }
    }
    world.learn_unique(db, &wanted).await?;
    world.learn_ids(db, ids.into_iter()).await?;
    let mut still = Vec::new();
    for one in missing {
        let exists = match named(&one.reference) {
            Ok(name) => world.unique.contains_key(&name),
            Err(id) => world.current.contains_key(id),
        };
        if !exists {
            still.push(one);
            continue;
        }
        found.extend(unfit(&one.reference, &one.finding.path, |id| {
            world.country(id)
        }));
    }
    Ok(still)
}

/// The fields that must not lead back to the record itself.
const UPWARD: [RecordField; 3] = [
    RecordField::Parent,
    RecordField::Predecessors,
    RecordField::RelatesTo,
];

/// Finds records that would be above, before or about themselves, however many steps away.
pub async fn check_ancestors<C: ConnectionTrait>(
    db: &C,
    drafts: &[Draft<'_>],
    found: &mut Vec<Finding>,
) -> Result<(), Error> {
    for field in UPWARD {
        let mut above: HashMap<RecordId, Vec<RecordId>> = HashMap::new();
        for draft in drafts {
            let references = draft.judgement.references.iter();
            let ids = references
                .filter(|(of, _)| *of == field && draft.stands())
                .filter_map(|(_, reference)| named(reference).err().cloned());
            above.insert(draft.id.clone(), ids.collect());
        }
        let mut next: HashSet<RecordId> = above.values().flatten().cloned().collect();
        loop {
            next.retain(|id| !above.contains_key(id));
            if next.is_empty() {
                break;
            }
            for id in &next {
                above.insert(id.clone(), Vec::new());
            }
            let rows = mention::named(db, field, std::mem::take(&mut next)).await?;
            for (record, value) in rows {
                let Ok(value) = value.parse::<RecordId>() else {
                    continue;
                };
                next.insert(value.clone());
                above.entry(record).or_default().push(value);
            }
        }
        for draft in drafts {
            if leads_back(&above, draft.id) {
                let at = draft.proposed.at_fields().then(field.camel());
                let message = format!("leads back to {} itself", draft.id);
                found.push(at.finding(Code::Invalid, message));
            }
        }
    }
    Ok(())
}

fn leads_back(above: &HashMap<RecordId, Vec<RecordId>>, start: &RecordId) -> bool {
    let mut seen: HashSet<&RecordId> = HashSet::new();
    let mut next: Vec<&RecordId> = above.get(start).into_iter().flatten().collect();
    while let Some(id) = next.pop() {
        if id == start {
            return true;
        }
        if seen.insert(id) {
            next.extend(above.get(id).into_iter().flatten());
        }
    }
    false
}

/// How many of those that refer to a record are named.
const NAMED: usize = 5;

/// Finds records that would be retired while others refer to them.
pub async fn check_retired<C: ConnectionTrait>(
    db: &C,
    drafts: &[Draft<'_>],
    found: &mut Vec<Finding>,
) -> Result<(), Error> {
    let retired = drafts
        .iter()
        .filter(|draft| draft.proposed.operation == Operation::Retire);
    for draft in retired {
        let mut names = vec![draft.id.to_string()];
        names.extend(identity(draft).map(|(_, value)| value));
        let mut by: Vec<RecordId> = Vec::new();
        for (record, _) in mention::naming_now(db, names.clone()).await? {
            // What this contribution changes is looked at as it will be.
            if !drafts.iter().any(|other| *other.id == record) {
                by.push(record);
            }
        }
        let names_it = |other: &&Draft<'_>| {
            let mentions = other.judgement.mentions();
            other.stands() && mentions.iter().any(|one| names.contains(&one.value))
        };
        by.extend(drafts.iter().filter(names_it).map(|other| other.id.clone()));
        if draft.id.kind() == Kind::Source {
            by.extend(cited_by(db, draft.id).await?);
        }
        by.dedup();
        if by.is_empty() {
            continue;
        }
        let shown: Vec<String> = by.iter().take(NAMED).map(ToString::to_string).collect();
        let more = by.len().saturating_sub(shown.len());
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let message = format!("{} is referred to by {}{more}", draft.id, shown.join(", "));
        found.push(
            draft
                .proposed
                .at_target()
                .finding(Code::Referenced, message),
        );
    }
    Ok(())
}

async fn cited_by<C: ConnectionTrait>(db: &C, source: &RecordId) -> Result<Vec<RecordId>, Error> {
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
