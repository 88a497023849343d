//! Where a country stands under a treaty on a day, whoever acts for it.

use super::case::Case;
use super::line;
use super::standing::Standing;
use crate::date::Day;

/// Where a country stands on the day `as_of`, by what is known on the day `known_on`: an act whose
/// date is open towards the future, or that has none, was done by then.
///
/// An entry into force as notified by the depositary is no act of the country: it belongs to the
/// consent before it and counts as known from that day.
pub fn status(case: &Case, as_of: Day, known_on: Day) -> Standing {
    let Some(line) = case.line(as_of, known_on) else {
        return line::standing(case, as_of, known_on);
    };
    let mut found = line::standing(line, as_of, known_on);
    let next = found.next;
    // Where one State's extension ends, that of another may go on.
    found.next = next.filter(|(then, on)| case.stands(*then, *on, known_on));
    found
}
