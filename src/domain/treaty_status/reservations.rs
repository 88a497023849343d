//! The reservations and declarations that are in force on a day.

use std::collections::HashSet;

use super::case::{Act, Case};
use super::scene::Scene;
use super::status;
use crate::date::Day;
use crate::record::RecordId;
use crate::text::TreatyReference;
use crate::treaty_event::TreatyEventKind;

/// The reservations or declarations that are in force on a day, in the order of their ids: those that a
/// State made for a territory are listed with both.
///
/// Those made before consent count once confirmed (VCLT 23); none counts before entry into force;
/// what was wholly withdrawn is gone from then on.
pub fn in_force(case: &Case, kind: TreatyEventKind, as_of: Day, known_on: Day) -> Vec<RecordId> {
    if let Some(territory) = &case.territory {
        let mut found = in_force(territory.line(as_of, known_on), kind, as_of, known_on);
        if kind == TreatyEventKind::Declaration {
            found.extend(territory.declared(as_of, known_on));
            found.sort_unstable();
        }
        return found;
    }
    let case = case.stating();
    let scene = Scene::new(&case, as_of, known_on);
    let episode = scene.deciding_episode();
    let Some((in_force, _)) = scene.in_force(&episode) else {
        return Vec::new();
    };
    if in_force > as_of || !scene.stand().status.is_in_force() {
        return Vec::new();
    }
    // A partial date of consent is taken at its beginning: what was made with it was not made before.
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

/// Whether what a State reserved or declared under the parent treaty applies to this treaty too, unless it
/// declared otherwise. Source: ETS 189, Article 12(1).
pub fn carries_over(treaty: &TreatyReference) -> bool {
    treaty.to_string() == "ETS 189"
}

/// The reservations or declarations under the parent treaty that apply under a protocol which
/// [`carries_over`] on a day, in the order of their ids: none before both are in force, nor where a
/// declaration or reservation under the protocol names its Article 12(1), or Article 12 as a whole. What a
/// State stated for its territories stays with them.
pub fn carried_over(
    case: &Case,
    parent: &Case,
    kind: TreatyEventKind,
    as_of: Day,
    known_on: Day,
) -> Vec<RecordId> {
    use TreatyEventKind::{Declaration, Reservation};
    if !status(case, as_of, known_on).status.is_in_force() {
        return Vec::new();
    }
    let declares_otherwise = |id: &RecordId| {
        let mut acts = case.acts.iter().filter(|act| act.id == *id);
        acts.any(|act| act.articles.iter().any(|article| names_the_clause(article)))
    };
    let mut stated = [Declaration, Reservation]
        .into_iter()
        .flat_map(|kind| in_force(case, kind, as_of, known_on));
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

fn names_the_clause(article: &str) -> bool {
    let article: String = article.split_whitespace().collect();
    article == "12" || article.starts_with("12(1)")
}
