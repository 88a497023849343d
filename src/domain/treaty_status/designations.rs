//! The designations of authorities that are valid on a day.

use super::dated_input::DatedInput;
use super::status_input::{Act, StatusInput};
use crate::article;
use crate::date::Date;
use crate::record::RecordId;
use crate::treaty_event::TreatyEventKind;

/// Returns the designations of authorities that are valid on a day, in the order of their ids: for each article and
/// function all those of the newest day.
///
/// A designation that names another in `relates_to` replaces it, also if one names an article and the other a part
/// of that article. Designations of a State for a territory do not replace those for the State itself.
pub fn designations(input: &StatusInput, as_of: Date, known_on: Date) -> Vec<RecordId> {
    if let Some(line) = input.line(as_of, known_on) {
        return designations(line, as_of, known_on);
    }
    let input = input.stating();
    let dated_input = DatedInput::new(&input, as_of, known_on);
    let begun: Vec<&Act> = dated_input
        .acts()
        .filter(|act| act.kind == TreatyEventKind::DesignationOfAuthority)
        .filter(|act| dated_input.begins(act) <= as_of && !dated_input.is_withdrawn(act))
        .collect();
    let is_newer = |one: &Act, other: &Act| {
        dated_input.day(one.date) > dated_input.day(other.date)
            && dated_input.begins(one) >= dated_input.begins(other)
    };
    let is_for_same = |one: &Act, other: &Act| {
        (one.function, &one.territories) == (other.function, &other.territories)
    };
    let holds_for = |act: &Act, article: Option<&String>| {
        !begun.iter().any(|other| {
            if other.relates_to.as_ref() == Some(&act.id) {
                return overlaps(article, &other.articles);
            }
            let same_article = match article {
                Some(article) => other.articles.contains(article),
                None => other.articles.is_empty(),
            };
            same_article && is_for_same(other, act) && is_newer(other, act)
        })
    };
    let holds = |act: &Act| {
        let mut articles = act.articles.iter();
        if act.articles.is_empty() {
            holds_for(act, None)
        } else {
            articles.any(|article| holds_for(act, Some(article)))
        }
    };
    let mut found: Vec<RecordId> = begun
        .iter()
        .filter(|act| !dated_input.has_ended(act) && holds(act))
        .map(|act| act.id.clone())
        .collect();
    found.sort_unstable();
    found
}

/// True if `others` contains the article, a part of it, or an article of which it is a part. No article means all
/// articles.
fn overlaps(given: Option<&String>, others: &[String]) -> bool {
    let Some(given) = given else { return true };
    let mut overlapping = others.iter().filter(|other| article::overlap(given, other));
    others.is_empty() || overlapping.next().is_some()
}
