//! From proposed changes to a plan: everything that can only be judged beside the profiles.

use std::collections::{BTreeSet, HashSet};

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Condition, ExprTrait};
use serde_json::Value;

use super::citation;
use super::concern::Concern;
use super::error::Error;
use super::record::{self, Current};
use super::references::{self, Missing};
use super::world::World;
use domain::change::{Operation, Proposed};
use domain::check::{Code, Finding, Path};
use domain::citation::{self as cited, Cite};
use domain::date::Day;
use domain::effect::Effect;
use domain::field::Content;
use domain::judgement::Judgement;
use domain::merge::merge;
use domain::record::{RecordField, RecordId};
use domain::reference::Mention;
use domain::text::CountryCode;

/// What proposed changes come to, beside what is known now.
#[derive(Debug, Default)]
pub struct Plan {
    /// What is to be done.
    pub changes: Vec<Planned>,
    /// Why it cannot be carried out, conflicts included.
    pub findings: Vec<Finding>,
    /// What is referred to and does not exist: it may be that it is yet to come.
    pub missing: Vec<Missing>,
    /// The records on which a person must decide.
    pub contested: HashSet<RecordId>,
}

/// A change that can be carried out.
#[derive(Debug)]
pub struct Planned {
    /// What it does.
    pub operation: Operation,
    /// The record.
    pub id: RecordId,
    /// Its content afterwards, and what is kept beside it; `None` where it leaves the lists.
    pub whole: Option<Content>,
    /// The row that stands, which is closed.
    pub replaces: Option<i64>,
    /// Which version the next row is.
    pub version: i32,
    /// The fields that get another value.
    pub changed: Vec<RecordField>,
    /// Those of them whose value holds what others changed since.
    pub joined: Vec<RecordField>,
    /// The fields that were to stay as they were, and that others changed since.
    pub outdated: Vec<RecordField>,
    /// What it named before.
    pub named: Vec<Mention>,
    /// What it names afterwards.
    pub names: Vec<Mention>,
    /// Where the values come from.
    pub cites: Vec<Cite>,
    /// The citations that end although their fields keep their values.
    pub ended: Vec<citation::Model>,
    /// The countries it belongs to, before and after, and those whose answers it changes.
    pub countries: Vec<CountryCode>,
    /// Why, where a reason is asked for.
    pub reason: Option<String>,
    /// The day on which somebody confirmed it, where that is all.
    pub verified_on: Option<Day>,
    /// What time changed, where that is all.
    pub effect: Option<Effect>,
}

/// A change whose record and content are known; what it refers to is still to be found.
pub struct Draft<'a> {
    /// As it was proposed.
    pub proposed: &'a Proposed,
    /// The record.
    pub id: &'a RecordId,
    /// What the noun says of the content afterwards.
    pub judgement: Judgement,
    content: Content,
    before: Option<Current>,
    changed: Vec<RecordField>,
    joined: Vec<RecordField>,
    outdated: Vec<RecordField>,
    cites: Vec<Cite>,
    ended: Vec<citation::Model>,
}

/// Judges proposed changes, each of which has an id, beside what is known now. Texts of today are read as of `today`.
pub async fn plan<C: ConnectionTrait>(
    db: &C,
    proposed: &[Proposed],
    today: Day,
) -> Result<Plan, Error> {
    let mut plan = Plan::default();
    let mut world = World::default();
    world
        .learn_ids(db, proposed.iter().filter_map(|change| change.id.clone()))
        .await?;
    world.learn_earlier(db, proposed).await?;
    world.learn_citations(db, proposed).await?;
    let mut drafts = Vec::new();
    let leaving: HashSet<&RecordId> = proposed
        .iter()
        .filter(|change| change.operation == Operation::Retire)
        .filter_map(|change| change.id.as_ref())
        .collect();
    for change in proposed {
        let Some(id) = &change.id else { continue };
        let draft = match change.operation {
            Operation::Create => created(&world, change, id, leaving.contains(id)),
            Operation::Retire => retired(&world, change, id),
            Operation::Restore => restored(&world, change, id),
            _ => updated(&world, change, id, today, &mut plan.findings),
        };
        match draft {
            Ok(draft) => drafts.extend(draft),
            Err(found) => plan.findings.extend(found),
        }
        let is_contested = |finding: &Finding| {
            finding.code == Code::Conflict && finding.path.0.starts_with(&change.path.0)
        };
        if plan.findings.iter().any(is_contested) {
            plan.contested.insert(id.clone());
        }
    }
    references::learn(db, &mut world, &drafts).await?;
    references::check_identity(&world, &drafts, &mut plan.findings);
    references::check(&world, &drafts, &mut plan);
    references::check_circles(db, &mut world, &drafts, &mut plan.findings).await?;
    references::check_referrers(db, &mut world, &drafts, &mut plan.findings).await?;
    references::check_retired(db, &drafts, &mut plan.findings).await?;
    let concern = Concern::learn(db, &drafts).await?;
    let drafts = drafts.into_iter();
    plan.changes = drafts
        .map(|draft| {
            let concerned = concern.of(&draft);
            planned(draft, concerned)
        })
        .collect();
    Ok(plan)
}

fn created<'a>(
    world: &World,
    change: &'a Proposed,
    id: &'a RecordId,
    is_leaving: bool,
) -> Result<Option<Draft<'a>>, Vec<Finding>> {
    let stands = world.current.contains_key(id);
    if stands || world.retired.contains_key(id) {
        let message = if is_leaving || !stands {
            format!("{id} is retired: restore it")
        } else {
            format!("{id} exists already")
        };
        return Err(vec![change.at_target().finding(Code::Duplicate, message)]);
    }
    let content = change.content();
    let judgement = change
        .kind
        .judge(&content)
        .map_err(|found| below(change, found))?;
    let changed: Vec<RecordField> = change.fields.iter().map(|(field, _)| *field).collect();
    check_new(change, &judgement, &changed)?;
    Ok(Some(Draft {
        proposed: change,
        id,
        judgement,
        content,
        before: None,
        changed,
        joined: Vec::new(),
        outdated: Vec::new(),
        cites: cited::settle(change.cites.clone(), &[], &[], true).brought,
        ended: Vec::new(),
    }))
}

fn updated<'a>(
    world: &World,
    change: &'a Proposed,
    id: &'a RecordId,
    today: Day,
    findings: &mut Vec<Finding>,
) -> Result<Option<Draft<'a>>, Vec<Finding>> {
    let current = standing(world, change, id)?;
    let version = change.base_version.unwrap_or_default();
    let base = if version == current.version {
        Some(&current.content)
    } else {
        world.bases.get(&(id.clone(), version))
    };
    let Some(base) = base else {
        let at = change.path.then("baseVersion");
        return Err(vec![no_such_version(&at, id, current)]);
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
    let meant = if change.is_whole {
        change.fields.clone()
    } else {
        change.meant(base, today)
    };
    let merged = merge(change.kind.fields(), base, &current.content, &meant);
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
        findings.push(at.finding(Code::Conflict, message));
    }
    if !found.is_empty() {
        return Err(found);
    }
    let judgement = change
        .kind
        .judge(&merged.content)
        .map_err(|found| below(change, found))?;
    check_new(change, &judgement, &merged.changed)?;
    let is_as_in_base =
        |field: RecordField| base.get(&field.camel()) == current.content.get(&field.camel());
    let mut outdated = merged.outdated;
    let mut cites = change.cites.clone();
    for field in cites.iter().flat_map(|cite| &cite.fields) {
        // What is cited alone is the value that stood in the base.
        let is_named = change.fields.iter().any(|(name, _)| name == field);
        if !is_named && !is_as_in_base(*field) && !outdated.contains(field) {
            outdated.push(*field);
        }
    }
    for cite in &mut cites {
        cite.fields.retain(|field| !outdated.contains(field));
    }
    cites.retain(|cite| !cite.fields.is_empty());
    let stays = |field: RecordField| {
        let keeps = !merged.changed.contains(&field) || merged.joined.contains(&field);
        keeps && (!change.is_whole || is_as_in_base(field))
    };
    let (cites, ended) = settled(world, id, cites, stays, &merged.joined, change.is_whole);
    if merged.changed.is_empty() && cites.is_empty() && ended.is_empty() {
        return Ok(None);
    }
    Ok(Some(Draft {
        proposed: change,
        id,
        judgement,
        content: merged.content,
        before: Some(current.clone()),
        changed: merged.changed,
        joined: merged.joined,
        outdated,
        cites,
        ended,
    }))
}

/// Finds what is wrong with the values that a change gives.
fn check_new(
    change: &Proposed,
    judgement: &Judgement,
    changed: &[RecordField],
) -> Result<(), Vec<Finding>> {
    let found = judgement.novelties.iter().filter_map(|novelty| {
        let field = novelty.of.iter().find(|field| changed.contains(field))?;
        let at = change.at_fields().then(field.camel());
        Some(at.finding(Code::Invalid, novelty.message.clone()))
    });
    let found: Vec<Finding> = found.collect();
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// The citations that a change brings, and those that it ends of the fields that stay.
fn settled(
    world: &World,
    id: &RecordId,
    cites: Vec<Cite>,
    stays: impl Fn(RecordField) -> bool,
    joined: &[RecordField],
    is_whole: bool,
) -> (Vec<Cite>, Vec<citation::Model>) {
    let rows = world.citations.get(id).into_iter().flatten();
    let rows: Vec<&citation::Model> = rows.filter(|row| stays(row.field)).collect();
    let standing: Vec<_> = rows.iter().map(|row| row.said()).collect();
    let settled = cited::settle(cites, &standing, joined, is_whole);
    let ended = settled.ended.iter().filter_map(|at| rows.get(*at));
    let ended = ended.map(|row| citation::Model::clone(row)).collect();
    (settled.brought, ended)
}

/// The record as it stands.
fn standing<'a>(
    world: &'a World,
    change: &Proposed,
    id: &RecordId,
) -> Result<&'a Current, Vec<Finding>> {
    world.current.get(id).ok_or_else(|| {
        let message = if world.retired.contains_key(id) {
            format!("{id} is retired")
        } else {
            format!("{id} does not exist")
        };
        vec![change.at_target().finding(Code::NotFound, message)]
    })
}

fn no_such_version(at: &Path, id: &RecordId, now: &Current) -> Finding {
    let message = format!("{id} has versions 1 to {}", now.version);
    at.finding(Code::Invalid, message)
}

/// The finding that a record has another version than the change was written against.
fn stale(change: &Proposed, id: &RecordId, now: &Current) -> Result<(), Vec<Finding>> {
    if change.base_version == Some(now.version) {
        return Ok(());
    }
    let at = change.path.then("baseVersion");
    if change.base_version > Some(now.version) {
        return Err(vec![no_such_version(&at, id, now)]);
    }
    let message = format!("{id} is at version {} now", now.version);
    Err(vec![at.finding(Code::Conflict, message)])
}

fn retired<'a>(
    world: &World,
    change: &'a Proposed,
    id: &'a RecordId,
) -> Result<Option<Draft<'a>>, Vec<Finding>> {
    let current = standing(world, change, id)?;
    stale(change, id, current)?;
    as_it_was(world, change, id, current, Some(current.clone()))
}

fn restored<'a>(
    world: &World,
    change: &'a Proposed,
    id: &'a RecordId,
) -> Result<Option<Draft<'a>>, Vec<Finding>> {
    let Some(last) = world.retired.get(id) else {
        let message = format!("{id} is not retired");
        return Err(vec![change.at_target().finding(Code::NotFound, message)]);
    };
    stale(change, id, last)?;
    as_it_was(world, change, id, last, None)
}

fn as_it_was<'a>(
    world: &World,
    change: &'a Proposed,
    id: &'a RecordId,
    row: &Current,
    before: Option<Current>,
) -> Result<Option<Draft<'a>>, Vec<Finding>> {
    let judgement = change
        .kind
        .judge(&row.content)
        .map_err(|found| below(change, found))?;
    let cites = change.cites.clone();
    let (cites, ended) = settled(world, id, cites, |_| true, &[], change.is_whole);
    Ok(Some(Draft {
        proposed: change,
        id,
        judgement,
        content: row.content.clone(),
        before,
        changed: Vec::new(),
        joined: Vec::new(),
        outdated: Vec::new(),
        cites,
        ended,
    }))
}

fn below(change: &Proposed, found: Vec<Finding>) -> Vec<Finding> {
    found
        .into_iter()
        .map(|finding| finding.below(&change.at_fields()))
        .collect()
}

impl Draft<'_> {
    /// Whether the record stands afterwards.
    pub fn stands(&self) -> bool {
        self.proposed.operation != Operation::Retire
    }

    /// All its content before and afterwards, as far as it stood or stands.
    pub fn contents(&self) -> impl Iterator<Item = &Content> {
        let before = self.before.iter().map(|row| &row.content);
        before.chain([&self.content])
    }

    /// All its content afterwards.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Its content before, where it stood.
    pub fn before(&self) -> Option<&Content> {
        self.before.as_ref().map(|row| &row.content)
    }

    /// Whether it stands afterwards, and one of some fields is new to those who look.
    pub fn renews(&self, fields: &[RecordField]) -> bool {
        let mut changed = self.changed.iter();
        let is_update = self.proposed.operation == Operation::Update;
        self.stands() && (!is_update || changed.any(|field| fields.contains(field)))
    }
}

fn planned(draft: Draft<'_>, concerned: BTreeSet<CountryCode>) -> Planned {
    let change = draft.proposed;
    let before = draft.before.as_ref();
    let judged = before.and_then(|row| change.kind.judge(&row.content).ok());
    let mut countries = concerned;
    countries.extend(draft.judgement.country.iter().cloned());
    countries.extend(judged.iter().filter_map(|before| before.country.clone()));
    let stands = draft.stands();
    let names = draft.judgement.mentions();
    let mut whole = draft.content;
    whole.extend(draft.judgement.kept);
    let last = before.map_or_else(|| change.base_version.unwrap_or(0), |row| row.version);
    Planned {
        operation: change.operation,
        id: draft.id.clone(),
        whole: stands.then_some(whole),
        replaces: before.map(|row| row.since),
        version: last.saturating_add(1),
        changed: draft.changed,
        joined: draft.joined,
        outdated: draft.outdated,
        named: judged.map(|before| before.mentions()).unwrap_or_default(),
        names: if stands { names } else { Vec::new() },
        cites: draft.cites,
        ended: draft.ended,
        countries: countries.into_iter().collect(),
        reason: change.reason.clone(),
        verified_on: None,
        effect: None,
    }
}

impl Planned {
    /// A line of the log alone: the record stays as it stands.
    pub fn line(
        operation: Operation,
        id: RecordId,
        countries: impl IntoIterator<Item = CountryCode>,
    ) -> Self {
        Self {
            operation,
            id,
            whole: None,
            replaces: None,
            version: 0,
            changed: Vec::new(),
            joined: Vec::new(),
            outdated: Vec::new(),
            named: Vec::new(),
            names: Vec::new(),
            cites: Vec::new(),
            ended: Vec::new(),
            countries: countries.into_iter().collect(),
            reason: None,
            verified_on: None,
            effect: None,
        }
    }
}

impl Plan {
    /// The plan, if nothing was found against it.
    ///
    /// # Errors
    /// [`Error::Refused`] with all that was found.
    pub fn sound(mut self) -> Result<Self, Error> {
        let missing = std::mem::take(&mut self.missing);
        self.findings
            .extend(missing.into_iter().map(|missing| missing.finding));
        if self.findings.is_empty() {
            Ok(self)
        } else {
            Err(Error::Refused(self.findings))
        }
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
