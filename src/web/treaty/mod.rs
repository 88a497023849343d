//! `/treaties` and the pages of one treaty: map, table, timeline, acts, rule and implementation.

mod chart;
mod days;
mod events;
mod history;
mod list;
pub mod order;
mod page;
mod select;
mod timeline;
mod title;
mod words;

pub use events::page as events;
pub use history::json as history;
pub use list::page as list;
pub use page::page;
pub use timeline::rows as timeline;

use crate::ask::Ask;
use crate::frame::Frame;
use crate::refused::Refused;
use words::Words;

/// The series of treaties of the Council of Europe, by their names in French and in English.
const SERIES: [(&str, &str); 2] = [("STE", "ETS"), ("STCE", "CETS")];

/// The reference that a part of a path names. `None` if it cannot be a reference. A number of the Council of Europe may
/// have the French name of its series.
pub fn reference(part: &str) -> Option<String> {
    let accepted = |letter: char| letter.is_ascii_alphanumeric() || " -.".contains(letter);
    let is_accepted = part.len() <= 40
        && part.chars().all(accepted)
        && part.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && part.contains([' ', '-']);
    if !is_accepted {
        return None;
    }
    let reference = part.replacen('-', " ", 1);
    let (series, number) = reference.split_once(' ')?;
    let french = SERIES
        .iter()
        .find(|(french, _)| french.eq_ignore_ascii_case(series));
    Some(match french {
        Some((_, english)) => format!("{english} {number}"),
        None => reference,
    })
}

/// The refusal of an unknown treaty, which names the known ones.
///
/// # Errors
/// [`Refused`] in any case.
pub async fn absent<T>(frame: &Frame, ask: &mut dyn Ask, part: &str) -> Result<T, Refused> {
    let known = list::references(frame, ask).await?;
    let words = Words(frame.language);
    Err(Refused::Absent(
        words.unknown_treaty(part, known.join(", ")),
    ))
}

/// The refusal of a page below that of a treaty.
pub fn no_page(frame: &Frame) -> Refused {
    Refused::Absent(Words(frame.language).unknown_page().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::PageRequest;

    #[test]
    fn a_reference_is_a_part_of_a_path() {
        let frame = Frame::bare(&PageRequest::of("/treaties", ""));
        for (text, part) in [
            ("ETS 185", "ETS-185"),
            ("UNTC XVIII-16", "UNTC-XVIII-16"),
            ("AU Malabo", "AU-Malabo"),
        ] {
            assert_eq!(frame.treaty_path(text), format!("/treaties/{part}"));
            assert_eq!(reference(part).as_deref(), Some(text));
        }
        for (part, text) in [
            ("STE-185", "ETS 185"),
            ("stce-223", "CETS 223"),
            ("STE 108", "ETS 108"),
        ] {
            assert_eq!(reference(part).as_deref(), Some(text));
        }
        for wrong in ["", "-", "ETS", "185-1", "ETS-<b>", &"E-1".repeat(20)] {
            assert_eq!(reference(wrong), None, "{wrong}");
        }
    }
}
