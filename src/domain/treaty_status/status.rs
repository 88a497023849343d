//! The status of a country under a treaty, by its own acts or by those of a State that acts for it.

use super::case::Case;
use super::line;
use super::standing::Standing;
use crate::date::Day;

/// Returns the standing of the country on the day `as_of`. `known_on` is the day of knowledge: an act whose date is
/// missing or open towards the future was done by then.
///
/// A depositary's notification of entry into force is no act of the country: it belongs to the consent before it,
/// and counts as known from the day of that consent.
pub fn status(case: &Case, as_of: Day, known_on: Day) -> Standing {
    let Some(line) = case.line(as_of, known_on) else {
        return line::standing(case, as_of, known_on);
    };
    let mut found = line::standing(line, as_of, known_on);
    let next = found.next;
    // When the extension by one State ends, that by another can continue.
    found.next = next.filter(|(then, on)| case.stands(*then, *on, known_on));
    found
}
