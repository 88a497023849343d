//! The standing of a country by one line of acts: its own, or those of one State that acts for it.

use std::collections::BTreeSet;

use super::combined::{CombinedNext, CombinedStatus};
use super::dated_input::DatedInput;
use super::readings::Readings;
use super::standing::{EffectiveDate, Standing, TreatyStatus};
use super::status_input::{Act, StatusInput};
use super::status_on_day::Since;
use crate::date::Date;
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

/// Returns the standing on the day `as_of`, for an input without acts of other States.
pub(super) fn standing(input: &StatusInput, as_of: Date, known_on: Date) -> Standing {
    let mut readings = Readings::of(input, as_of, known_on);
    if readings.is_one() {
        let dated_input = DatedInput::new(input, as_of, known_on);
        let on_day = dated_input.status_on_day();
        let next = dated_input.next(on_day.status);
        return Standing {
            status: on_day.status,
            since: on_day.since.and_then(Since::written),
            in_force_from: on_day.in_force.map(|(day, origin)| EffectiveDate {
                date: day.into(),
                origin,
            }),
            basis: ids(on_day.basis),
            next: next.map(|(status, on)| (status, on.into())),
            possible: vec![on_day.status],
        };
    }
    readings.follow();
    let mut found = CombinedStatus::default();
    let are_all = readings.each(|input| {
        found.add(&DatedInput::new(input, as_of, known_on).status_on_day());
        true
    });
    if !are_all {
        return conceivable(input, as_of);
    }
    let mut possible = found.statuses.iter();
    let (Some(status), None) = (possible.next().copied(), possible.next()) else {
        found.basis.sort_unstable();
        return unknown(found.statuses, found.basis);
    };
    let mut next = CombinedNext::default();
    readings.each(|input| next.add(DatedInput::new(input, as_of, known_on).next(status)));
    Standing {
        status,
        since: found.since.written(input),
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
fn conceivable(input: &StatusInput, as_of: Date) -> Standing {
    use TreatyEventKind::{
        Denunciation, EntryIntoForce, InvitationToAccede, ProvisionalApplication, Signature,
        Suspension,
    };
    let of_required = input.required.iter().flat_map(|input| input.acts.iter());
    let leaves_required = of_required.filter(|act| act.kind == Denunciation);
    let acts = input.acts.iter().filter(|act| act.role().decides());
    let mut basis = Vec::new();
    let mut possible = BTreeSet::from([input.without_acts()]);
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
    let first = input.treaty_in_force.map(|date| date.earliest());
    let can_be_in_force = first.is_some_and(|first| first.is_none_or(|first| first <= as_of));
    possible.retain(|status| {
        can_be_in_force || !(status.is_in_force() || *status == TreatyStatus::FormerParty)
    });
    unknown(possible, basis)
}
