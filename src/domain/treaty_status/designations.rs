//! The designations of authorities that hold on a day.

use std::collections::BTreeMap;

use super::case::Case;
use super::scene::Scene;
use crate::domain::date::Day;
use crate::domain::institution::InstitutionFunction;
use crate::domain::record::RecordId;
use crate::domain::treaty_event::TreatyEventKind;

/// The designations of authorities that hold on a day, in the order of their ids: the newest for each
/// article and function.
pub fn designations(case: &Case, as_of: Day, known_on: Day) -> Vec<RecordId> {
    let scene = Scene::new(case, as_of, known_on);
    let whole = String::new();
    let mut newest: BTreeMap<(&String, Option<InstitutionFunction>), (Day, &RecordId)> =
        BTreeMap::new();
    for act in scene.acts() {
        let designates = act.kind == TreatyEventKind::DesignationOfAuthority;
        if !designates || !scene.is_open(act) {
            continue;
        }
        let candidate = (scene.begins(act), &act.id);
        let articles = act.articles.iter();
        let articles = articles.chain(act.articles.is_empty().then_some(&whole));
        for article in articles {
            let holder = newest.entry((article, act.function)).or_insert(candidate);
            *holder = candidate.max(*holder);
        }
    }
    let mut found: Vec<RecordId> = newest.into_values().map(|(_, id)| id.clone()).collect();
    found.sort_unstable();
    found.dedup();
    found
}
