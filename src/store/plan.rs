//! Turns proposed changes into a plan: all checks that need the current records.

use std::collections::{BTreeSet, HashSet};

use sea_orm::ConnectionTrait;

use super::concern::Concern;
use super::draft::{Draft, Plan, Planned};
use super::error::Error;
use super::world::World;
use super::{circles, drafting, references, referrers};
use domain::change::{Operation, Proposed};
use domain::check::{Code, Finding};
use domain::date::Day;
use domain::record::RecordId;
use domain::text::CountryCode;

/// Checks proposed changes against the current records. Changes without an id are skipped.
/// A value that only repeats what its field returns on `today` means the stored value, not a new one.
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
            Operation::Create => drafting::created(&world, change, id, leaving.contains(id)),
            Operation::Retire => drafting::retired(&world, change, id),
            Operation::Restore => drafting::restored(&world, change, id),
            _ => drafting::updated(&world, change, id, today, &mut plan.findings),
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
    circles::check(db, &mut world, &drafts, &mut plan.findings).await?;
    referrers::check_turned(db, &mut world, &drafts, &mut plan.findings).await?;
    referrers::check_retired(db, &drafts, &mut plan.findings).await?;
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
