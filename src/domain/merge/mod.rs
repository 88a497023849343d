//! Three-way merge of a record, field by field: new values apply, equal values change nothing, and different ones
//! conflict. Lists are merged element by element.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::change::Operation;
use super::field::{Content, Field};
use super::record::{RecordField, RecordId};
use super::text_rules::truncate;

/// A field with its values before and after; `None` for no value.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The field.
    pub field: RecordField,
    /// Value before.
    pub before: Option<Value>,
    /// Value after.
    pub after: Option<Value>,
}

/// A field that was changed both in the proposal and in the record since the base version.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The field.
    pub field: RecordField,
    /// Value in the version on which the proposal is based.
    pub base: Option<Value>,
    /// Value in the newest version.
    pub current: Option<Value>,
    /// Proposed value.
    pub proposed: Option<Value>,
}

impl Conflict {
    /// Returns one sentence about the conflict of a change, with its values, each truncated.
    pub fn message(&self, record: &RecordId, operation: Operation) -> String {
        let shown = |value: &Option<Value>| {
            let value = value.as_ref();
            value.map_or_else(|| "empty".to_owned(), |value| truncate(&value.to_string()))
        };
        let before = format!(
            "{} of {record} is {} now, and was {} in the base version",
            self.field.screaming(),
            shown(&self.current),
            shown(&self.base),
        );
        match operation {
            Operation::Update => format!("{before}; proposed is {}", shown(&self.proposed)),
            Operation::Restore => format!("{before}; proposed is to restore the record"),
            _ => format!("{before}; proposed is to retire the record"),
        }
    }
}

/// Result of applying a proposal to a record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// Content of the record, with all its fields.
    pub content: Content,
    /// Fields that differ from the newest version.
    pub changed: Vec<RecordField>,
    /// Changed list fields whose value combines the proposal with edits made since the base version.
    pub joined: Vec<RecordField>,
    /// List fields that combine in the same way, and whose result is the newest value.
    pub absorbed: Vec<RecordField>,
    /// Fields that the proposal leaves as they were and that somebody changed since: they keep their newest value,
    /// and the citations of the proposal refer to an older one.
    pub outdated: Vec<RecordField>,
    /// Fields on which a person must decide; `content` has their newest values.
    pub conflicts: Vec<Conflict>,
}

/// New value of each field that a proposal names; `None` empties the field.
pub type Proposal = Vec<(RecordField, Option<Value>)>;

/// Merges a proposal based on `base` into `current`. `fields` are those of the noun.
pub fn merge(fields: &[Field], base: &Content, current: &Content, proposal: &Proposal) -> Merged {
    let mut merged = Merged {
        content: current.clone(),
        ..Merged::default()
    };
    for (name, proposed) in proposal {
        let key = name.camel();
        let (then, now) = (base.get(&key), current.get(&key));
        if now == proposed.as_ref() {
            continue;
        }
        let mut value = proposed.clone();
        if then == proposed.as_ref() {
            merged.outdated.push(*name);
            continue;
        }
        if then != now {
            let field = fields.iter().find(|field| field.name == *name);
            let joined = field
                .and_then(|field| field.elements)
                .and_then(|known_by| join(known_by, then, now, proposed.as_ref()));
            let Some(joined) = joined else {
                merged.conflicts.push(Conflict {
                    field: *name,
                    base: then.cloned(),
                    current: now.cloned(),
                    proposed: proposed.clone(),
                });
                continue;
            };
            value = (!joined.is_empty()).then_some(Value::Array(joined));
            if value.as_ref() == now {
                merged.absorbed.push(*name);
                continue;
            }
            merged.joined.push(*name);
        }
        match value {
            Some(value) => merged.content.insert(key, value),
            None => merged.content.remove(&key),
        };
        merged.changed.push(*name);
    }
    merged
}

/// Returns the members that identify an element, or the whole element if it has none of them.
fn key(known_by: &[&str], element: &Value) -> String {
    let members: Vec<&Value> = known_by
        .iter()
        .filter_map(|member| element.get(member))
        .collect();
    if members.is_empty() {
        return element.to_string();
    }
    members
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

fn elements(list: Option<&Value>) -> impl Iterator<Item = &Value> {
    list.and_then(Value::as_array).into_iter().flatten()
}

/// Returns the keys that occur more than once in one of the lists: such a key alone does not identify an element.
fn repeated(known_by: &[&str], lists: [Option<&Value>; 3]) -> BTreeSet<String> {
    let mut repeated = BTreeSet::new();
    for list in lists {
        let mut seen = BTreeSet::new();
        let keys = elements(list).map(|element| key(known_by, element));
        repeated.extend(keys.filter(|key| !seen.insert(key.clone())));
    }
    repeated
}

/// A list whose elements have unique names.
struct KeyedList<'a> {
    names: Vec<String>,
    values: HashMap<String, &'a Value>,
}

impl<'a> KeyedList<'a> {
    /// Names the elements by their keys. If a key is repeated, an element that exists in `base` gets the name that
    /// it has there, edited or not; a new one is named by its whole value.
    fn of(
        known_by: &[&str],
        repeated: &BTreeSet<String>,
        base: Option<&Value>,
        list: Option<&'a Value>,
    ) -> Self {
        let mut free: HashMap<String, Vec<(usize, &Value)>> = HashMap::new();
        for (at, element) in elements(base).enumerate() {
            let key = key(known_by, element);
            free.entry(key).or_default().push((at, element));
        }
        let keyed: Vec<(String, &Value)> = elements(list)
            .map(|element| (key(known_by, element), element))
            .collect();
        // An unchanged element keeps its index in the base, whatever was added or removed before it.
        let mut places: Vec<Option<usize>> = Vec::new();
        for (key, element) in &keyed {
            let old = free.get_mut(key);
            places.push(old.and_then(|old| {
                let same = old.iter().position(|(_, other)| other == element)?;
                Some(old.remove(same).0)
            }));
        }
        let mut named = Self {
            names: Vec::new(),
            values: HashMap::new(),
        };
        let mut again: HashMap<String, usize> = HashMap::new();
        for ((key, element), place) in keyed.into_iter().zip(places) {
            let name = if repeated.contains(&key) {
                let edited = || {
                    let old = free.get_mut(&key).filter(|old| !old.is_empty())?;
                    Some(old.remove(0).0)
                };
                if let Some(place) = place.or_else(edited) {
                    format!("{key} {place:03}")
                } else {
                    let value_text = element.to_string();
                    let count = again.entry(value_text.clone()).or_default();
                    *count = count.saturating_add(1);
                    format!("{key} new {value_text} {count:03}")
                }
            } else {
                key
            };
            named.values.insert(name.clone(), element);
            named.names.push(name);
        }
        named
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.values.get(name).copied()
    }

    fn names_in(&self, some: &BTreeSet<&str>) -> Vec<&str> {
        let names = self.names.iter().map(String::as_str);
        names.filter(|name| some.contains(name)).collect()
    }
}

/// Joins two lists made from the same base; `None` if they change the same element or the order in different ways.
/// The result is the same if the two are swapped.
fn join(
    known_by: &[&str],
    base: Option<&Value>,
    one: Option<&Value>,
    other: Option<&Value>,
) -> Option<Vec<Value>> {
    let repeated = repeated(known_by, [base, one, other]);
    let named = |list| KeyedList::of(known_by, &repeated, base, list);
    let (base, one, other) = (named(base), named(one), named(other));
    let mut decided: BTreeMap<&str, &Value> = BTreeMap::new();
    for name in base.names.iter().chain(&one.names).chain(&other.names) {
        let (was, here, there) = (base.get(name), one.get(name), other.get(name));
        let value = if here == there || was == there {
            here
        } else if was == here {
            there
        } else {
            return None;
        };
        decided.extend(value.map(|value| (name.as_str(), value)));
    }
    let kept: BTreeSet<&str> = decided.keys().copied().collect();
    let in_base = kept.iter().filter(|name| base.get(name).is_some());
    let old: BTreeSet<&str> = in_base.copied().collect();
    let (was, here, there) = (
        base.names_in(&old),
        one.names_in(&old),
        other.names_in(&old),
    );
    let spine = if here == there || was == there {
        here
    } else if was == here {
        there
    } else {
        return None;
    };
    let new: BTreeSet<&str> = kept.difference(&old).copied().collect();
    let names = arranged(&spine, &new, [&one, &other]);
    let values = names.into_iter().filter_map(|name| decided.get(name));
    Some(values.map(|value| Value::clone(value)).collect())
}

/// Returns the elements of the spine in their order, each followed by the new elements that come after it on either
/// side.
fn arranged<'a>(
    spine: &[&'a str],
    new: &BTreeSet<&'a str>,
    sides: [&'a KeyedList<'_>; 2],
) -> Vec<&'a str> {
    let place = |name: &str| spine.iter().position(|one| *one == name);
    let mut behind: HashMap<&str, usize> = HashMap::new();
    for side in sides {
        let mut last = 0;
        for name in &side.names {
            if let Some(at) = place(name) {
                last = at.saturating_add(1);
            } else if let Some(name) = new.get(name.as_str()) {
                let first = behind.entry(name).or_insert(last);
                *first = last.min(*first);
            }
        }
    }
    let mut arranged = Vec::new();
    for at in 0..=spine.len() {
        if let Some(name) = at.checked_sub(1).and_then(|before| spine.get(before)) {
            arranged.push(*name);
        }
        let here: BTreeSet<&str> = behind
            .iter()
            .filter(|(_, place)| **place == at)
            .map(|(name, _)| *name)
            .collect();
        let [one, other] = sides.map(|side| side.names_in(&here));
        arranged.extend(interleaved(one, other));
    }
    arranged
}

/// Joins two runs of new elements; the result is the same if the two are swapped.
fn interleaved<'a>(one: Vec<&'a str>, other: Vec<&'a str>) -> Vec<&'a str> {
    if one == other || other.is_empty() {
        return one;
    }
    if one.is_empty() {
        return other;
    }
    if one.iter().any(|name| other.contains(name)) {
        let all: BTreeSet<&str> = one.into_iter().chain(other).collect();
        return all.into_iter().collect();
    }
    let (first, second) = if one.first() < other.first() {
        (one, other)
    } else {
        (other, one)
    };
    first.into_iter().chain(second).collect()
}

/// Returns the fields that differ between two versions, in the order of their declaration.
pub fn diff(fields: &[Field], before: &Content, after: &Content) -> Vec<FieldChange> {
    let value = |content: &Content, field: &Field| content.get(&field.name.camel()).cloned();
    fields
        .iter()
        .map(|field| FieldChange {
            field: field.name,
            before: value(before, field),
            after: value(after, field),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

#[cfg(test)]
mod tests;
