//! From proposed changes to rows: everything that can only be judged beside the profiles, and the one
//! way in which the log grows.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Condition, ExprTrait};
use serde_json::Value;

use super::error::Error;
use super::moment::Moment;
use super::record::{self, Current};
use super::world::{World, text};
use super::{change, citation, head};
use crate::domain::change::{Judgement, Operation, Proposed};
use crate::domain::check::{Code, Finding};
use crate::domain::citation::Cite;
use crate::domain::merge::{Conflict, merge};
use crate::domain::noun::{Content, Reference};
use crate::domain::record::{Kind, RecordField, RecordId};
use crate::domain::text::CountryCode;
use crate::domain::viewer::Actor;

/// What proposed changes come to, beside what is known now.
#[derive(Debug, Default)]
pub struct Plan {
    changes: Vec<Planned>,
    /// Why it cannot be carried out, conflicts included.
    pub findings: Vec<Finding>,
    /// The fields on which a person must decide.
    pub conflicts: Vec<(RecordId, Conflict)>,
}

#[derive(Debug)]
struct Planned {
    operation: Operation,
    id: RecordId,
    whole: Content,
    replaces: Option<Current>,
    changed: Vec<RecordField>,
    cites: Vec<Cite>,
    countries: Vec<CountryCode>,
}

/// A commit that was made.
#[derive(Clone, Copy, Debug)]
pub struct Committed {
    /// The moment after it.
    pub moment: Moment,
    /// How many changes it has; none where everything was so already.
    pub size: usize,
    /// When.
    pub at: DateTime<Utc>,
}

/// A change whose record and content are known; what it refers to is still to be found.
struct Draft<'a> {
    proposed: &'a Proposed,
    id: &'a RecordId,
    content: Content,
    judgement: Judgement,
    replaces: Option<Current>,
    changed: Vec<RecordField>,
}

/// The same reference as the field that identifies what it is to, or as an id.
fn named(reference: &Reference) -> Result<(Kind, String), (Kind, &RecordId)> {
    match reference {
        Reference::Country(code) => Ok((Kind::Country, code.to_string())),
        Reference::Treaty(treaty) => Ok((Kind::Treaty, treaty.to_string())),
        Reference::Record(kind, id) => Err((*kind, id)),
    }
}

/// Judges proposed changes, each of which has an id, beside what is known now.
pub async fn plan<C: ConnectionTrait>(db: &C, proposed: &[Proposed]) -> Result<Plan, Error> {
    let mut plan = Plan::default();
    let mut world = World::default();
    world
        .learn_ids(db, proposed.iter().filter_map(|change| change.id.clone()))
        .await?;
    world.learn_bases(db, proposed).await?;
    let mut drafts = Vec::new();
    for change in proposed {
        let Some(id) = &change.id else { continue };
        let draft = match change.operation {
            Operation::Create => created(&world, change, id),
            _ => updated(&world, change, id, &mut plan),
        };
        match draft {
            Ok(draft) => drafts.extend(draft),
            Err(found) => plan.findings.extend(found),
        }
    }
    let mut wanted = HashSet::new();
    let mut ids = HashSet::new();
    for draft in &drafts {
        for (_, reference) in &draft.judgement.references {
            match named(reference) {
                Ok(named) => drop(wanted.insert(named)),
                Err((_, id)) => drop(ids.insert(id.clone())),
            }
        }
        ids.extend(draft.proposed.cites.iter().map(|cite| cite.source.clone()));
        wanted.extend(identity(draft));
    }
    world.learn_unique(db, &wanted).await?;
    world.learn_ids(db, ids.into_iter()).await?;
    check_identity(&world, &drafts, &mut plan.findings);
    check_references(&world, &drafts, &mut plan.findings);
    plan.changes = drafts.into_iter().map(|draft| planned(draft)).collect();
    Ok(plan)
}

fn created<'a>(
    world: &World,
    change: &'a Proposed,
    id: &'a RecordId,
) -> Result<Option<Draft<'a>>, Vec<Finding>> {
    if world.current.contains_key(id) {
        let message = format!("{id} exists already");
        return Err(vec![change.at_target().finding(Code::Duplicate, message)]);
    }
    let content = change.content();
    let judgement = change
        .kind
        .judge(&content)
        .map_err(|found| below(change, found))?;
    let changed = change.fields.iter().map(|(field, _)| *field).collect();
    Ok(Some(Draft {
        proposed: change,
        id,
        content,
        judgement,
        replaces: None,
        changed,
    }))
}

fn updated<'a>(
    world: &World,
    change: &'a Proposed,
    id: &'a RecordId,
    plan: &mut Plan,
) -> Result<Option<Draft<'a>>, Vec<Finding>> {
    let Some(current) = world.current.get(id) else {
        let message = format!("{id} does not exist");
        return Err(vec![change.at_target().finding(Code::NotFound, message)]);
    };
    let version = change.base_version.unwrap_or_default();
    let base = if version == current.version {
        Some(&current.content)
    } else {
        world.bases.get(&(id.clone(), version))
    };
    let Some(base) = base else {
        let message = format!("{id} has versions 1 to {}", current.version);
        return Err(vec![
            change
                .path
                .then("baseVersion")
                .finding(Code::Invalid, message),
        ]);
    };
    let mut found = Vec::new();
    for (field, value) in &change.fields {
        let is_identity = change.kind.unique() == Some(*field);
        if is_identity && current.content.get(&field.camel()) != value.as_ref() {
            let message = format!(
                "{} identifies the record and never changes",
                field.screaming()
            );
            found.push(
                change
                    .at_fields()
                    .then(field.camel())
                    .finding(Code::Invalid, message),
            );
        }
    }
    let merged = merge(base, &current.content, &change.fields);
    for conflict in merged.conflicts {
        let shown = |value: &Option<Value>| {
            value
                .as_ref()
                .map_or_else(|| "nothing".to_owned(), Value::to_string)
        };
        let message = format!(
            "{} of {id} is {} now, and was {} in version {version}",
            conflict.field.screaming(),
            shown(&conflict.current),
            shown(&conflict.base),
        );
        let at = change.at_fields().then(conflict.field.camel());
        plan.findings.push(at.finding(Code::Conflict, message));
        plan.conflicts.push((id.clone(), conflict));
    }
    if !found.is_empty() {
        return Err(found);
    }
    let judgement = change
        .kind
        .judge(&merged.content)
        .map_err(|found| below(change, found))?;
    if merged.changed.is_empty() && change.cites.is_empty() {
        return Ok(None);
    }
    Ok(Some(Draft {
        proposed: change,
        id,
        content: merged.content,
        judgement,
        replaces: Some(current.clone()),
        changed: merged.changed,
    }))
}

fn below(change: &Proposed, found: Vec<Finding>) -> Vec<Finding> {
    found
        .into_iter()
        .map(|finding| finding.below(&change.at_fields()))
        .collect()
}

/// The value that no other record of the noun may have.
fn identity(draft: &Draft<'_>) -> Option<(Kind, String)> {
    let kind = draft.proposed.kind;
    Some((kind, text(&draft.content, kind.unique()?)?))
}

fn check_identity(world: &World, drafts: &[Draft<'_>], found: &mut Vec<Finding>) {
    let mut seen: HashMap<(Kind, String), &RecordId> = HashMap::new();
    let mut ids: HashSet<&RecordId> = HashSet::new();
    for draft in drafts {
        if !ids.insert(draft.id) {
            let message = format!("another change has {}: make it one", draft.id);
            found.push(draft.proposed.at_target().finding(Code::Duplicate, message));
        }
        let (Some(identity), Some(field)) = (identity(draft), draft.proposed.kind.unique()) else {
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

fn check_references(world: &World, drafts: &[Draft<'_>], found: &mut Vec<Finding>) {
    let created: HashSet<&RecordId> = drafts.iter().map(|draft| draft.id).collect();
    let named_here: HashSet<(Kind, String)> = drafts.iter().filter_map(identity).collect();
    let exists = |id: &RecordId| world.current.contains_key(id) || created.contains(id);
    for draft in drafts {
        for (field, reference) in &draft.judgement.references {
            let at = draft.proposed.at_fields().then(field.camel());
            let missing = match named(reference) {
                Ok(name) if world.unique.contains_key(&name) || named_here.contains(&name) => None,
                Ok((kind, value)) => Some(format!("there is no {kind} {value}")),
                Err((kind, id)) if id.kind() != kind => {
                    found.push(at.finding(Code::Invalid, format!("{id} is not a {kind}")));
                    None
                }
                Err((_, id)) if exists(id) => None,
                Err((_, id)) => Some(format!("{id} does not exist")),
            };
            if let Some(message) = missing {
                found.push(at.finding(Code::NotFound, message));
            }
        }
        for (at, cite) in draft.proposed.cites.iter().enumerate() {
            if !exists(&cite.source) {
                let path = draft.proposed.path.then("cite").then(at).then("source");
                let message = format!("{} does not exist", cite.source);
                found.push(path.finding(Code::NotFound, message));
            }
        }
    }
}

fn planned(draft: Draft<'_>) -> Planned {
    let kind = draft.proposed.kind;
    let before = draft
        .replaces
        .as_ref()
        .and_then(|row| kind.judge(&row.content).ok());
    let mut countries: Vec<CountryCode> = draft.judgement.country.into_iter().collect();
    countries.extend(before.and_then(|before| before.country));
    countries.sort_unstable();
    countries.dedup();
    let mut whole = draft.content;
    whole.extend(draft.judgement.kept);
    Planned {
        operation: draft.proposed.operation,
        id: draft.id.clone(),
        whole,
        replaces: draft.replaces,
        changed: draft.changed,
        cites: draft.proposed.cites.clone(),
        countries,
    }
}

impl Plan {
    /// The plan, if nothing was found against it.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub fn sound(self) -> Result<Self, Error> {
        if self.findings.is_empty() {
            Ok(self)
        } else {
            Err(Error::Refused(self.findings))
        }
    }

    /// Writes the log, the rows and the citations, in that order, with one block of numbers.
    pub async fn carry_out<C: ConnectionTrait>(
        self,
        db: &C,
        actor: &Actor,
        contribution: Option<&str>,
    ) -> Result<Committed, Error> {
        let size = self.changes.len();
        if size == 0 {
            let head = head::lock(db).await?;
            let at = head.committed_at.unwrap_or_else(Utc::now);
            return Ok(Committed {
                moment: Moment(head.sequence),
                size,
                at,
            });
        }
        let block = head::take(db, size).await?;
        let numbered: Vec<(i64, Planned)> = (block.first..).zip(self.changes).collect();
        let lines = numbered.iter().map(|(sequence, change)| {
            let line = change::Model {
                sequence: *sequence,
                first: block.first,
                size: block.size,
                committed_at: block.committed_at,
                actor: actor.id.clone(),
                actor_name: actor.name.clone(),
                actor_role: actor.role,
                contribution: contribution.map(str::to_owned),
                kind: change.id.kind(),
                record: change.id.clone(),
                operation: change.operation,
                reason: None,
                verified_on: None,
                effect: None,
            };
            (line, change.countries.clone())
        });
        change::append(db, lines.collect()).await?;
        let mut last = block.first;
        for (sequence, change) in numbered {
            record::put(
                db,
                &change.id,
                sequence,
                change.replaces.as_ref(),
                change.whole,
            )
            .await?;
            citation::put(db, &change.id, sequence, &change.changed, &change.cites).await?;
            last = sequence;
        }
        Ok(Committed {
            moment: Moment(last),
            size,
            at: block.committed_at,
        })
    }
}

/// Names the records that are new and left their key out: the first key of `base`, `base-2`, `base-3`
/// that `is_free` allows.
pub async fn name<C: ConnectionTrait>(
    db: &C,
    proposed: &mut [Proposed],
    is_free: impl Fn(&RecordId) -> bool,
) -> Result<(), Error> {
    let mut given: HashSet<RecordId> = proposed.iter().filter_map(|one| one.id.clone()).collect();
    for change in proposed.iter_mut().filter(|change| change.id.is_none()) {
        let Ok(judgement) = change.kind.judge(&change.content()) else {
            continue;
        };
        let base = RecordId::new(change.kind, &judgement.key)
            .map_err(|error| Error::Unreadable(error.to_string()))?;
        let taken = alike(db, &base).await?;
        let taken: HashSet<&RecordId> = taken.iter().map(|(id, _)| id).collect();
        let numbered =
            (2..).map(|number| RecordId::new(change.kind, &format!("{}-{number}", judgement.key)));
        let mut candidates = std::iter::once(Ok(base.clone())).chain(numbered);
        change.id = candidates
            .find_map(|candidate| match candidate {
                Ok(id) if taken.contains(&id) || given.contains(&id) || !is_free(&id) => None,
                Ok(id) => Some(Ok(id)),
                Err(error) => Some(Err(Error::Unreadable(error.to_string()))),
            })
            .transpose()?;
        given.extend(change.id.clone());
    }
    Ok(())
}

/// Every row, current or not, of the records whose key is that of `base` or derived from it.
pub async fn alike<C: ConnectionTrait>(
    db: &C,
    base: &RecordId,
) -> Result<Vec<(RecordId, Current)>, Error> {
    record::rows(db, base.kind(), |column| {
        let derived = format!("{base}-%");
        Condition::any()
            .add(column("id").eq(base.clone()))
            .add(column("id").like(derived))
    })
    .await
}
