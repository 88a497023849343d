//! Statements in force: the reservations, declarations and designations of a country under a treaty, and the days on
//! which they change.

use std::collections::BTreeSet;

use super::carried_over::carried_over;
use super::designations::designations;
use super::in_force::in_force;
use super::status_input::StatusInput;
use super::transitions::edges_within;
use crate::date::Date;
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind::{Declaration, Reservation};

/// Returns the reservations and declarations in force, those that carry over from the parent treaty included, and
/// the valid designations.
pub fn stated(
    input: &StatusInput,
    parent: Option<&StatusInput>,
    as_of: Date,
    known_on: Date,
) -> BTreeSet<RecordId> {
    let mut found: BTreeSet<RecordId> = designations(input, as_of, known_on).into_iter().collect();
    for kind in [Reservation, Declaration] {
        found.extend(in_force(input, kind, as_of, known_on));
        let carried = parent.map(|parent| carried_over(input, parent, kind, as_of, known_on));
        found.extend(carried.into_iter().flatten());
    }
    found
}

/// Returns the statements that take effect or cease to have it after one day and up to another. Each comes with its
/// day, and with true if it is in force from that day.
pub fn statement_transitions(
    input: &StatusInput,
    parent: Option<&StatusInput>,
    days: (Date, Date),
) -> Vec<(Date, RecordId, bool)> {
    let inputs = std::iter::once(input).chain(parent);
    let edges: BTreeSet<Date> = inputs.flat_map(|input| edges_within(input, days)).collect();
    let mut found = Vec::new();
    for on in edges {
        let [before, then] = [on.previous(), on].map(|day| stated(input, parent, day, day));
        let gone = before.difference(&then);
        found.extend(gone.map(|id| (on, id.clone(), false)));
        let new = then.difference(&before);
        found.extend(new.map(|id| (on, id.clone(), true)));
    }
    found
}
