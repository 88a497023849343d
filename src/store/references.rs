//! What proposed changes refer to: that it exists, is what the reference says, is unique where it must be,
//! leads back to nobody, and is not retired while others refer to it.

use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

use super::error::Error;
use super::moment::{Moment, column};
use super::plan::{Draft, Plan};
use super::world::{self, World, text};
use super::{citation, mention};
use domain::change::Operation;
use domain::check::{Code, Finding, Path};
use domain::field::Content;
use domain::record::{Kind, RecordField, RecordId};
use domain::reference::{Reference, Upward};

/// A reference to something that does not exist, and what to say of it.
#[derive(Clone, Debug)]
pub struct Missing {
    /// What is referred to.
    pub reference: Reference,
    /// The noun, the content and the field that refer to it; `None` for a citation.
    pub from: Option<(Kind, Content, RecordField)>,
    /// The finding.
    pub finding: Finding,
}

/// The same reference as the field that identifies what it is to, or as an id.
pub fn named(reference: &Reference) -> Result<(Kind, String), &RecordId> {
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
    let content = |id: &RecordId| match standing.get(id) {
        Some(draft) => Some(draft.content()),
        None => world.current.get(id).map(|current| &current.content),
    };
    for draft in drafts.iter().filter(|draft| draft.stands()) {
        let proposed = draft.proposed;
        for (field, reference) in &draft.judgement.references {
            let at = proposed.at_fields().then(field.camel());
            let exists = match named(reference) {
                Ok(name) => world.unique.contains_key(&name) || named_here.contains(&name),
                Err(id) => world.current.contains_key(id) || standing.contains_key(id),
            };
            if let Some(finding) = of_another_kind(reference, &at) {
                plan.findings.push(finding);
            } else if !exists {
                plan.missing.push(Missing {
                    from: Some((proposed.kind, draft.content().clone(), *field)),
                    ..missing(reference, &at)
                });
            } else if let Err(id) = named(reference)
                && let Some(other) = content(id)
                && draft.renews(&[FIT.as_slice(), &[*field]].concat())
            {
                let unfit = unfit(proposed.kind, draft.content(), *field, reference, other);
                let unfit = unfit.into_iter();
                let findings = unfit.map(|(_, message)| at.finding(Code::Invalid, message));
                plan.findings.extend(findings);
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
        from: None,
        finding: at.finding(Code::NotFound, message),
    }
}

/// The fields of two records that decide whether one can refer to the other.
const FIT: [RecordField; 4] = [
    RecordField::Country,
    RecordField::Kind,
    RecordField::Territories,
    RecordField::Treaty,
];

/// The finding that a reference is to a record of a kind that it cannot be to.
fn of_another_kind(reference: &Reference, at: &Path) -> Option<Finding> {
    let Reference::Record { kinds, id, .. } = reference else {
        return None;
    };
    if kinds.contains(&id.kind()) {
        return None;
    }
    let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
    let message = format!("{id} is not a {}", kinds.join(" or "));
    Some(at.finding(Code::Invalid, message))
}

/// Why a record with some content cannot be what a field of another refers to, and which field of it is at
/// fault.
fn unfit(
    kind: Kind,
    content: &Content,
    field: RecordField,
    reference: &Reference,
    other: &Content,
) -> Vec<(Option<RecordField>, String)> {
    let Reference::Record { id, within, .. } = reference else {
        return Vec::new();
    };
    let of = world::country(id, other);
    let foreign = within.as_ref().and_then(|wanted| {
        let of = of.filter(|of| of != wanted)?;
        let message = format!("{id} belongs to {of}, not to {wanted}");
        Some((Some(RecordField::Country), message))
    });
    let misfits = kind.misfits(content, field, other).into_iter();
    let misfits = misfits.map(|(at, message)| (Some(at), format!("{id} {message}")));
    foreign.into_iter().chain(misfits).collect()
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
        let of_another_kind = of_another_kind(&one.reference, &one.finding.path);
        let current = named(&one.reference)
            .err()
            .and_then(|id| world.current.get(id));
        if let Some(finding) = of_another_kind {
            found.push(finding);
        } else if let (Some((kind, content, field)), Some(current)) = (&one.from, current) {
            let unfit = unfit(*kind, content, *field, &one.reference, &current.content);
            let unfit = unfit.into_iter();
            let at = &one.finding.path;
            found.extend(unfit.map(|(_, message)| at.finding(Code::Invalid, message)));
        }
    }
    Ok(still)
}

/// Finds records that would be above, before or about themselves, however many steps away.
pub async fn check_circles<C: ConnectionTrait>(
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

/// The record that a reference leads to, where it is known.
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

/// Finds records that others refer to and that would be no more what those say.
pub async fn check_referrers<C: ConnectionTrait>(
    db: &C,
    world: &mut World,
    drafts: &[Draft<'_>],
    found: &mut Vec<Finding>,
) -> Result<(), Error> {
    let turned: HashMap<&RecordId, &Draft<'_>> = drafts
        .iter()
        .filter(|draft| draft.before().is_some() && draft.renews(&FIT))
        .map(|draft| (draft.id, draft))
        .collect();
    if turned.is_empty() {
        return Ok(());
    }
    let ids = turned.keys().map(ToString::to_string);
    let mut referrers: Vec<RecordId> = mention::naming_now(db, ids)
        .await?
        .into_iter()
        .map(|(record, _)| record)
        .collect();
    referrers.dedup();
    world.learn_ids(db, referrers.iter().cloned()).await?;
    for referrer in &referrers {
        let own = drafts.iter().find(|draft| draft.id == referrer);
        let content = match own {
            Some(own) if !own.stands() => continue,
            Some(own) => Some(own.content()),
            None => world.current.get(referrer).map(|row| &row.content),
        };
        let Some((content, judgement)) =
            content.and_then(|content| Some((content, referrer.kind().judge(content).ok()?)))
        else {
            continue;
        };
        for (field, reference) in &judgement.references {
            let draft = named(reference).err().and_then(|id| turned.get(id));
            let Some((draft, before)) = draft.and_then(|one| Some((one, one.before()?))) else {
                continue;
            };
            // What refers to it anew was looked at already.
            if own.is_some_and(|own| own.renews(&[FIT.as_slice(), &[*field]].concat())) {
                continue;
            }
            let unfit = |other: &Content| unfit(referrer.kind(), content, *field, reference, other);
            let was = unfit(before);
            for (at, message) in unfit(draft.content()) {
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
