//! Turns proposed changes into a plan: all checks that need the current records.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::ConnectionTrait;

use super::concern::ConcernedCountries;
use super::draft::{Draft, Plan, Planned};
use super::error::Error;
use super::known_records::KnownRecords;
use super::{cycles, drafting, integrity, referrers};
use domain::change::{Operation, Proposed};
use domain::check::{Code, Finding};
use domain::date::Date;
use domain::record::RecordId;
use domain::text::CountryCode;

/// Changes that refer to records that do not exist.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Incomplete {
    /// They are reported.
    Report,
    /// They are held back, with those that refer to them: later changes may create the records.
    HoldBack,
}

/// Checks proposed changes against the current records. Changes without an id are skipped.
/// A value that only repeats what its field returns on `today` means the stored value, not a new one.
pub async fn plan<C: ConnectionTrait>(
    db: &C,
    proposed: &[Proposed],
    today: Date,
    incomplete: Incomplete,
) -> Result<Plan, Error> {
    let mut plan = Plan::default();
    let mut known_records = KnownRecords::default();
    known_records
        .load_ids(db, proposed.iter().filter_map(|change| change.id.clone()))
        .await?;
    known_records.load_earlier(db, proposed).await?;
    known_records.load_citations(db, proposed).await?;
    let mut drafts = Vec::new();
    let leaving: HashSet<&RecordId> = proposed
        .iter()
        .filter(|change| change.operation == Operation::Retire)
        .filter_map(|change| change.id.as_ref())
        .collect();
    for change in proposed {
        let Some(id) = &change.id else { continue };
        let draft = match change.operation {
            Operation::Create => {
                drafting::created(&known_records, change, id, leaving.contains(id))
            }
            Operation::Retire => drafting::retired(&known_records, change, id, today),
            Operation::Restore => drafting::restored(&known_records, change, id, today),
            _ => drafting::updated(&known_records, change, id, today, &mut plan.findings),
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
    integrity::load_targets(db, &mut known_records, &drafts).await?;
    if incomplete == Incomplete::HoldBack {
        plan.held_back = integrity::held_back(&known_records, &mut drafts);
    }
    integrity::check_identity(&known_records, &drafts, &mut plan.findings);
    integrity::check(&known_records, &drafts, &mut plan);
    integrity::forget_contested(&known_records, &mut plan);
    cycles::check(db, &mut known_records, &drafts, &mut plan.findings).await?;
    referrers::check_turned(db, &mut known_records, &drafts, &mut plan.findings).await?;
    let contested = proposed.iter().filter_map(|change| {
        let id = change.id.as_ref()?;
        plan.contested.contains(id).then_some((id, change))
    });
    let contested: HashMap<&RecordId, &Proposed> = contested.collect();
    referrers::check_retired(db, &known_records, &drafts, &contested, &mut plan).await?;
    let concern = ConcernedCountries::load(db, &drafts).await?;
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
    let evaluated = before.and_then(|row| change.kind.evaluate(&row.content).ok());
    let mut countries = concerned;
    countries.extend(draft.evaluation.country.iter().cloned());
    countries.extend(evaluated.iter().filter_map(|before| before.country.clone()));
    let is_current = draft.record_is_current();
    let references = draft.evaluation.indexed_references();
    let mut whole = draft.content;
    whole.extend(draft.evaluation.derived_columns);
    Planned {
        operation: change.operation,
        id: draft.id.clone(),
        whole: is_current.then_some(whole),
        replaces: before.map(|row| row.since),
        version: draft.last_version.saturating_add(1),
        changed: draft.changed,
        joined: draft.joined,
        absorbed: draft.absorbed,
        outdated: draft.outdated,
        indexed_before: evaluated
            .map(|before| before.indexed_references())
            .unwrap_or_default(),
        indexed_after: if is_current { references } else { Vec::new() },
        cites: draft.cites,
        ended: draft.ended,
        confirmations: draft.confirmations,
        countries: countries.into_iter().collect(),
        reason: change.reason.clone(),
        verified_on: None,
        effect: None,
    }
}
