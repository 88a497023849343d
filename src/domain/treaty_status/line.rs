//! The standing of a country by one line of acts: its own, or those of one State that acts for it.

use std::collections::BTreeSet;

use super::case::{Act, Case};
use super::combined::{Found, Next};
use super::readings::Readings;
use super::scene::Scene;
use super::stand::Since;
use super::standing::{EffectiveDate, Standing, TreatyStatus};
use crate::date::Day;
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

/// Returns the standing on the day `as_of`, for a case without acts of other States.
pub(super) fn standing(case: &Case, as_of: Day, known_on: Day) -> Standing {
    let mut readings = Readings::of(case, as_of, known_on);
    if readings.is_one() {
        let scene = Scene::new(case, as_of, known_on);
        let stand = scene.stand();
        let next = scene.next(stand.status);
        return Standing {
            status: stand.status,
            since: stand.since.and_then(Since::written),
            in_force_from: stand.in_force.map(|(day, origin)| EffectiveDate {
                date: day.into(),
                origin,
            }),
            basis: ids(stand.basis),
            next: next.map(|(status, on)| (status, on.into())),
            possible: vec![stand.status],
        };
    }
    readings.follow();
    let mut found = Found::default();
    let are_all = readings.each(|case| {
        found.add(&Scene::new(case, as_of, known_on).stand());
        true
    });
    if !are_all {
        return conceivable(case, as_of);
    }
    let mut possible = found.statuses.iter();
    let (Some(status), None) = (possible.next().copied(), possible.next()) else {
        found.basis.sort_unstable();
        return unknown(found.statuses, found.basis);
    };
    let mut next = Next::default();
    readings.each(|case| next.add(Scene::new(case, as_of, known_on).next(status)));
    Standing {
        status,
        since: found.since.written(case),
        in_force_from: found.in_force_from(),
        basis: found.basis,
        next: next.of_all(),
        possible: vec![status],
    }
}

fn ids(acts: Vec<&Act>) -> Vec<RecordId> {
    acts.into_iter().map(|act| act.id.clone()).collect()
}

fn unknown(possible: BTreeSet<TreatyStatus>, basis: Vec<RecordId>) -> Standing {
    Standing {
        status: TreatyStatus::Unknown,
        since: None,
        in_force_from: None,
        basis,
        next: None,
        possible: possible.into_iter().collect(),
    }
}

/// Returns every status to which the acts that may have been done by a day could lead, in any order. Used if there
/// are too many readings to compute each.
fn conceivable(case: &Case, as_of: Day) -> Standing {
    use TreatyEventKind::{
        Denunciation, EntryIntoForce, InvitationToAccede, ProvisionalApplication, Signature,
        Suspension,
    };
    let of_required = case.required.iter().flat_map(|case| case.acts.iter());
    let leaves_required = of_required.filter(|act| act.kind == Denunciation);
    let acts = case.acts.iter().filter(|act| act.role().decides());
    let mut basis = Vec::new();
    let mut possible = BTreeSet::from([case.without_acts()]);
    for act in acts.chain(leaves_required) {
        let first = act.done().and_then(|date| date.earliest());
        if act.is_territorial || first.is_some_and(|first| first > as_of) {
            continue;
        }
        basis.push(act.id.clone());
        match act.role() {
            InvitationToAccede => possible.extend([TreatyStatus::InvitedToAccede]),
            Signature => possible.extend([TreatyStatus::Signatory]),
            ProvisionalApplication => possible.extend([TreatyStatus::ProvisionallyApplying]),
            Suspension => possible.extend([TreatyStatus::Suspended]),
            Denunciation => {
                possible.extend([TreatyStatus::DenunciationPending, TreatyStatus::FormerParty]);
            }
            kind if kind.is_consent() || kind == EntryIntoForce => {
                possible.extend([TreatyStatus::ContractingState, TreatyStatus::Party]);
            }
            _ => {}
        }
    }
    basis.sort_unstable();
    let first = case.treaty_in_force.map(|date| date.earliest());
    let can_be_in_force = first.is_some_and(|first| first.is_none_or(|first| first <= as_of));
    possible.retain(|status| {
        can_be_in_force || !(status.is_in_force() || *status == TreatyStatus::FormerParty)
    });
    unknown(possible, basis)
}
