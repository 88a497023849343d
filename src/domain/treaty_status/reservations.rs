//! The reservations and declarations of one line of acts that are in force on a day.

use std::collections::HashSet;

use super::dated_input::DatedInput;
use super::status_input::{Act, StatusInput};
use crate::date::Date;
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

/// Returns the reservations or declarations that are in force on a day, in the order of their ids, for an input
/// without acts of other States.
pub(super) fn in_force(
    input: &StatusInput,
    kind: TreatyEventKind,
    as_of: Date,
    known_on: Date,
) -> Vec<RecordId> {
    let input = input.stating();
    let dated_input = DatedInput::new(&input, as_of, known_on);
    let episode = dated_input.deciding_episode();
    let Some((in_force, _)) = dated_input.in_force(&episode) else {
        return Vec::new();
    };
    if in_force > as_of || !dated_input.status_on_day().status.is_in_force() {
        return Vec::new();
    }
    // A partial date of consent counts from its first day, so that statements made with the consent are not taken as
    // earlier.
    let consent = episode
        .consent
        .and_then(Act::done)
        .and_then(|date| date.earliest())
        .unwrap_or(Date::FIRST);
    let steps = [episode.invitation, episode.signature, episode.consent];
    let begun = steps
        .into_iter()
        .flatten()
        .map(|act| dated_input.day(act.done()))
        .min()
        .unwrap_or(Date::FIRST)
        .min(consent);
    let confirmed: HashSet<&RecordId> = dated_input
        .acts()
        .filter(|other| other.kind == TreatyEventKind::Confirmation)
        .filter(|other| dated_input.day(other.date) >= consent)
        .filter_map(|other| other.relates_to.as_ref())
        .collect();
    let mut found: Vec<RecordId> = dated_input
        .acts()
        .filter(|act| {
            act.kind == kind && !dated_input.is_withdrawn(act) && !dated_input.has_ended(act)
        })
        .filter(|act| dated_input.day(act.date) >= begun)
        .filter(|act| !dated_input.is_of_later_episode(&episode, dated_input.day(act.date)))
        .filter(|act| dated_input.day(act.date) >= consent || confirmed.contains(&act.id))
        .filter(|act| {
            act.effective
                .is_none_or(|date| dated_input.day(Some(date)) <= as_of)
        })
        .map(|act| act.id.clone())
        .collect();
    found.sort_unstable();
    found
}
