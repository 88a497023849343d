//! The reservations and declarations in force for a country, by its own acts or by those of a State that acts for
//! it.

use super::reservations;
use super::status_input::StatusInput;
use crate::date::{Date, PartialDate};
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

/// Returns the reservations or declarations in force on a day, in the order of their ids. Those that a State made
/// for a territory are listed with both.
///
/// Those made before consent count once confirmed (VCLT 23). None counts before entry into force, or from the day on
/// which it is wholly withdrawn.
pub fn in_force(
    input: &StatusInput,
    kind: TreatyEventKind,
    as_of: Date,
    known_on: Date,
) -> Vec<RecordId> {
    let Some(territory) = &input.territory else {
        return reservations::in_force(input, kind, as_of, known_on);
    };
    let line = territory.line(as_of, known_on);
    let mut found = reservations::in_force(line, kind, as_of, known_on);
    if kind == TreatyEventKind::Declaration {
        found.extend(territory.declared(as_of, known_on));
        found.sort_unstable();
    }
    found
}

/// True for a reservation or declaration whose last day has certainly passed. Without it, every answer for that day or a
/// later one is the same: the acts that relate to it have no other effect.
pub fn statement_has_ended(
    kind: TreatyEventKind,
    ends_on: Option<PartialDate>,
    as_of: Date,
) -> bool {
    use TreatyEventKind::{Declaration, Reservation};
    let last = ends_on.and_then(|last| last.latest());
    matches!(kind, Declaration | Reservation) && last.is_some_and(|last| last < as_of)
}
