//! How large an operation is, with fragments counted wherever they are spread: before it is validated, because
//! there they multiply.

use std::collections::{HashMap, HashSet};

use async_graphql::ServerError;
use async_graphql::parser::types::{OperationDefinition, Selection, SelectionSet};

use super::super::limits::{Limits, size};
use super::{Fragments, failed, too_complex};

/// What a selection set comes to, with fragments counted wherever they are spread.
#[derive(Clone, Copy, Default)]
struct Size {
    selections: usize,
    aliases: usize,
    directives: usize,
    fields_here: usize,
    /// How deep fields are nested.
    depth: usize,
}

impl Size {
    fn add(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            fields_here: self.fields_here.saturating_add(other.fields_here),
            depth: self.depth.max(other.depth),
        }
    }
}

impl Size {
    /// A spread counts too, even of nothing: whoever walks the document walks it.
    fn one_more(self, directives: usize) -> Self {
        Self {
            selections: self.selections.saturating_add(1),
            directives: self.directives.saturating_add(directives),
            ..self
        }
    }
}

struct Measure<'a> {
    limits: &'a Limits,
    fragments: &'a Fragments,
    known: HashMap<&'a str, Size>,
    open: HashSet<&'a str>,
    /// How many selection sets are walked within each other.
    level: usize,
}

/// Refuses an operation that is over a limit, and fragments that contain themselves.
pub fn measure(
    operation: &OperationDefinition,
    fragments: &Fragments,
    limits: &Limits,
) -> Result<(), ServerError> {
    let mut measure = Measure {
        limits,
        fragments,
        known: HashMap::new(),
        open: HashSet::new(),
        level: 0,
    };
    for name in fragments.keys() {
        measure.fragment(name)?;
    }
    let whole = measure.set(&operation.selection_set.node)?;
    let checks = [
        (
            whole.fields_here,
            limits.max_root_fields,
            "fields at its root",
        ),
        (whole.aliases, limits.max_aliases, "aliases"),
        (whole.directives, limits.max_directives, "directives"),
        (whole.depth, limits.max_depth, "levels of fields"),
        (whole.selections, limits.max_selections, "selections"),
    ];
    for (found, limit, what) in checks {
        if found > size(limit) {
            return Err(too_complex(what, limit));
        }
    }
    Ok(())
}

impl<'a> Measure<'a> {
    fn fragment(&mut self, name: &'a str) -> Result<Size, ServerError> {
        if let Some(known) = self.known.get(name) {
            return Ok(*known);
        }
        // A fragment that does not exist is for the validation to name.
        let Some(fragment) = self.fragments.get(name) else {
            return Ok(Size::default());
        };
        if !self.open.insert(name) {
            let message = format!("the fragment {name} contains itself");
            return Err(failed("BAD_USER_INPUT", message));
        }
        let size = self.set(&fragment.node.selection_set.node)?;
        self.open.remove(name);
        self.known.insert(name, size);
        Ok(size)
    }

    fn set(&mut self, set: &'a SelectionSet) -> Result<Size, ServerError> {
        let deepest = self.limits.max_nesting;
        if self.level > size(deepest) {
            return Err(too_complex("selections within each other", deepest));
        }
        self.level = self.level.saturating_add(1);
        let mut whole = Size::default();
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => {
                    let below = self.set(&field.node.selection_set.node)?;
                    let aliases = usize::from(field.node.alias.is_some());
                    Size {
                        aliases: below.aliases.saturating_add(aliases),
                        fields_here: 1,
                        depth: below.depth.saturating_add(1),
                        ..below.one_more(field.node.directives.len())
                    }
                }
                Selection::InlineFragment(inline) => self
                    .set(&inline.node.selection_set.node)?
                    .one_more(inline.node.directives.len()),
                Selection::FragmentSpread(spread) => self
                    .fragment(spread.node.fragment_name.node.as_str())?
                    .one_more(spread.node.directives.len()),
            };
            whole = whole.add(part);
        }
        self.level = self.level.saturating_sub(1);
        Ok(whole)
    }
}
