//! Three versions of a record, field by field: what applies, what is so already, what conflicts. Lists are
//! merged element by element.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::field::{Content, Field};
use super::record::RecordField;

/// A field with its value before and after; `None` where it has none.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The field.
    pub field: RecordField,
    /// Its value before.
    pub before: Option<Value>,
    /// Its value after.
    pub after: Option<Value>,
}

/// A field that was changed to something else since the version a proposal was written against.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The field.
    pub field: RecordField,
    /// Its value in the version that the proposal was written against.
    pub base: Option<Value>,
    /// Its value now.
    pub current: Option<Value>,
    /// Its value as proposed.
    pub proposed: Option<Value>,
}

/// What becomes of a record when a proposal is applied to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// All its content.
    pub content: Content,
    /// The fields that are different from now.
    pub changed: Vec<RecordField>,
    /// Those of them that hold what was changed since beside what is proposed.
    pub joined: Vec<RecordField>,
    /// The fields that were to stay as they were, and that somebody else changed since: they stay as they
    /// are now, and what was said of them is of another value.
    pub outdated: Vec<RecordField>,
    /// The fields on which a person must decide; `content` leaves them as they are now.
    pub conflicts: Vec<Conflict>,
}

/// What a proposal makes of each field that it names: the new value, or `None` to empty it.
pub type Proposal = Vec<(RecordField, Option<Value>)>;

/// Merges a proposal that was written against `base` into what is there now. `fields` are those of the
/// noun.
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

/// The members by which an element is known, or all of it where it has none of them.
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

/// The keys that one of some lists has more than once: they alone tell no two elements apart.
fn repeated(known_by: &[&str], lists: [Option<&Value>; 3]) -> BTreeSet<String> {
    let mut repeated = BTreeSet::new();
    for list in lists {
        let mut seen = BTreeSet::new();
        let keys = elements(list).map(|element| key(known_by, element));
        repeated.extend(keys.filter(|key| !seen.insert(key.clone())));
    }
    repeated
}

/// A list whose elements have names: no two have the same.
struct Named<'a> {
    names: Vec<String>,
    values: HashMap<String, &'a Value>,
}

impl<'a> Named<'a> {
    /// The elements by name. An element is known by its key. Where the key is repeated, an element that
    /// stands in `base` has the name that it has there, edited or not, and a new one is known by all that
    /// it says.
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
        // What is there unchanged keeps its place, whatever came or went before it.
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
                    let said = element.to_string();
                    let count = again.entry(said.clone()).or_default();
                    *count = count.saturating_add(1);
                    format!("{key} new {said} {count:03}")
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

    fn among(&self, some: &BTreeSet<&str>) -> Vec<&str> {
        let names = self.names.iter().map(String::as_str);
        names.filter(|name| some.contains(name)).collect()
    }
}

/// Joins two lists that were made from one; `None` where they make different things of the same element,
/// or of the order. Which of the two came first makes no difference.
fn join(
    known_by: &[&str],
    base: Option<&Value>,
    one: Option<&Value>,
    other: Option<&Value>,
) -> Option<Vec<Value>> {
    let repeated = repeated(known_by, [base, one, other]);
    let named = |list| Named::of(known_by, &repeated, base, list);
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
    let (was, here, there) = (base.among(&old), one.among(&old), other.among(&old));
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

/// The elements of the spine in their order, each followed by the new ones that come behind it on either
/// side.
fn arranged<'a>(
    spine: &[&'a str],
    new: &BTreeSet<&'a str>,
    sides: [&'a Named<'_>; 2],
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
        let [one, other] = sides.map(|side| side.among(&here));
        arranged.extend(interleaved(one, other));
    }
    arranged
}

/// Two runs of new elements as one, whichever is given first.
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

/// The fields that differ between two versions, in the order of their declaration.
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
