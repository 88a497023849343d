//! The reservations and declarations of one line of acts that are in force on a day.

use std::collections::HashSet;

use super::case::{Act, Case};
use super::scene::Scene;
use crate::date::Day;
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

/// Returns the reservations or declarations that are in force on a day, in the order of their ids, for a case
/// without acts of other States.
pub(super) fn in_force(
    case: &Case,
    kind: TreatyEventKind,
    as_of: Day,
    known_on: Day,
) -> Vec<RecordId> {
    let case = case.stating();
    let scene = Scene::new(&case, as_of, known_on);
    let episode = scene.deciding_episode();
    let Some((in_force, _)) = scene.in_force(&episode) else {
        return Vec::new();
    };
    if in_force > as_of || !scene.stand().status.is_in_force() {
        return Vec::new();
    }
    // A partial date of consent counts from its first day, so that statements made with the consent are not taken as
    // earlier.
    let consent = episode
        .consent
        .and_then(Act::done)
        .and_then(|date| date.earliest())
        .unwrap_or(Day::FIRST);
    let steps = [episode.invitation, episode.signature, episode.consent];
    let begun = steps
        .into_iter()
        .flatten()
        .map(|act| scene.day(act.done()))
        .min()
        .unwrap_or(Day::FIRST)
        .min(consent);
    let confirmed: HashSet<&RecordId> = scene
        .acts()
        .filter(|other| other.kind == TreatyEventKind::Confirmation)
        .filter(|other| scene.day(other.date) >= consent)
        .filter_map(|other| other.relates_to.as_ref())
        .collect();
    let mut found: Vec<RecordId> = scene
        .acts()
        .filter(|act| act.kind == kind && !scene.is_withdrawn(act) && !scene.has_ended(act))
        .filter(|act| scene.day(act.date) >= begun)
        .filter(|act| !scene.is_of_later_episode(&episode, scene.day(act.date)))
        .filter(|act| scene.day(act.date) >= consent || confirmed.contains(&act.id))
        .filter(|act| {
            act.effective
                .is_none_or(|date| scene.day(Some(date)) <= as_of)
        })
        .map(|act| act.id.clone())
        .collect();
    found.sort_unstable();
    found
}
