//! The status of a country under a treaty, by its own acts or by those of a State that acts for it.

use super::line;
use super::standing::Standing;
use super::status_input::StatusInput;
use crate::date::Date;

/// Returns the standing of the country on the day `as_of`. `known_on` is the day of knowledge: an act whose date is
/// missing or open towards the future was done by then.
///
/// A depositary's notification of entry into force is no act of the country: it belongs to the consent before it,
/// and counts as known from the day of that consent.
pub fn status(input: &StatusInput, as_of: Date, known_on: Date) -> Standing {
    let Some(line) = input.line(as_of, known_on) else {
        return line::standing(input, as_of, known_on);
    };
    let mut found = line::standing(line, as_of, known_on);
    let next = found.next;
    // When the extension by one State ends, that by another can continue.
    found.next = next.filter(|(then, on)| input.stands(*then, *on, known_on));
    found
}
