//! Bodies and units in the order of a tree: each below the one to which it belongs.

use std::collections::{HashMap, HashSet};

/// The place of an institution in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The index of the institution in the given list.
    pub index: usize,
    /// True if it stands at the top.
    pub is_root: bool,
    /// True if others follow that belong to it.
    pub has_children: bool,
    /// The number of lists that end after it.
    pub ends: usize,
}

/// Orders institutions, given by their ids and the ids of their parents. An institution whose parent is not in the list
/// stands at the top; so does one of a circle.
pub fn order(institutions: &[(&str, Option<&str>)]) -> Vec<Place> {
    let known: HashSet<&str> = institutions.iter().map(|(id, _)| *id).collect();
    let mut children: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut roots = Vec::new();
    for (index, (_, parent)) in institutions.iter().enumerate() {
        match parent.filter(|parent| known.contains(parent)) {
            Some(parent) => children.entry(parent).or_default().push(index),
            None => roots.push(index),
        }
    }
    let mut walk = Walk {
        institutions,
        children,
        seen: HashSet::new(),
        places: Vec::new(),
    };
    for root in roots {
        walk.add(root, true);
    }
    // Members of a circle are below no root.
    for index in 0..institutions.len() {
        walk.add(index, true);
    }
    walk.places
}

struct Walk<'a> {
    institutions: &'a [(&'a str, Option<&'a str>)],
    children: HashMap<&'a str, Vec<usize>>,
    seen: HashSet<usize>,
    places: Vec<Place>,
}

impl Walk<'_> {
    /// Adds an institution and all that belong to it, unless it was added.
    fn add(&mut self, index: usize, is_root: bool) {
        if !self.seen.insert(index) {
            return;
        }
        let id = self.institutions.get(index).map_or("", |(id, _)| id);
        let children = self.children.remove(id).unwrap_or_default();
        let new = |child: &usize| !self.seen.contains(child);
        let children: Vec<usize> = children.into_iter().filter(new).collect();
        self.places.push(Place {
            index,
            is_root,
            has_children: !children.is_empty(),
            ends: 0,
        });
        let is_parent = !children.is_empty();
        for child in children {
            self.add(child, false);
        }
        if is_parent && let Some(last) = self.places.last_mut() {
            last.ends = last.ends.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(institutions: &[(&str, Option<&str>)]) -> String {
        let mut text = String::new();
        for place in order(institutions) {
            text.push_str(institutions[place.index].0);
            text.push_str(if place.has_children { "(" } else { " " });
            text.push_str(&")".repeat(place.ends));
        }
        text
    }

    #[test]
    fn children_follow_their_parents() {
        let list = [
            ("a", None),
            ("b", Some("c")),
            ("c", Some("a")),
            ("d", Some("x")),
            ("e", Some("a")),
        ];
        assert_eq!(told(&list), "a(c(b )e )d ");
        assert_eq!(told(&[]), "");
    }

    #[test]
    fn circles_end() {
        assert_eq!(
            told(&[("a", Some("b")), ("b", Some("a")), ("c", Some("c"))]),
            "a(b )c "
        );
    }
}
