//! The reservations and declarations under a parent treaty that also apply under its protocol.

use super::in_force::in_force;
use super::status::status;
use super::status_input::StatusInput;
use crate::date::Date;
use crate::record::RecordId;
use crate::text::TreatyReference;
use crate::treaty_event::TreatyEventKind;

/// True if reservations and declarations under the parent treaty also apply under this one, unless the State
/// declares otherwise. Source: ETS 189, Article 12(1).
pub fn carries_over(treaty: &TreatyReference) -> bool {
    treaty.to_string() == "ETS 189"
}

/// Returns the reservations or declarations under the parent treaty that apply on a day under a protocol which
/// [`carries_over`], in the order of their ids.
///
/// There are none before both treaties are in force, and none if a declaration or reservation under the protocol
/// names its Article 12(1), or Article 12 as a whole. Statements of a State for its territories are not among them.
pub fn carried_over(
    input: &StatusInput,
    parent: &StatusInput,
    kind: TreatyEventKind,
    as_of: Date,
    known_on: Date,
) -> Vec<RecordId> {
    use TreatyEventKind::{Declaration, Reservation};
    if !status(input, as_of, known_on).status.is_in_force() {
        return Vec::new();
    }
    let declares_otherwise = |id: &RecordId| {
        let mut acts = input.acts.iter().filter(|act| act.id == *id);
        acts.any(|act| {
            act.articles
                .iter()
                .any(|article| names_territorial_clause(article))
        })
    };
    let mut stated = [Declaration, Reservation]
        .into_iter()
        .flat_map(|kind| in_force(input, kind, as_of, known_on));
    if stated.any(|id| declares_otherwise(&id)) {
        return Vec::new();
    }
    let mut found = in_force(parent, kind, as_of, known_on);
    found.retain(|id| {
        let mut acts = parent.acts.iter();
        !acts.any(|act| act.id == *id && act.is_territorial)
    });
    found
}

fn names_territorial_clause(article: &str) -> bool {
    let article: String = article.split_whitespace().collect();
    article == "12" || article.starts_with("12(1)")
}
