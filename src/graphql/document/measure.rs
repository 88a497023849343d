//! Bounds the size of operations, with fragments counted wherever they are spread. Runs before validation, which would
//! walk every spread.

use std::collections::{HashMap, HashSet};
use std::ptr;

use async_graphql::ServerError;
use bluejay_core::AsIter as _;
use bluejay_core::executable::{
    Field as _, OperationDefinition as _, Selection as _, SelectionReference,
};
use bluejay_parser::HasSpan as _;
use bluejay_parser::ast::executable::{
    ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};

use super::fault::{invalid, too_complex};
use super::parts::{Fragments, each};
use super::source::SourceText;
use crate::engine::limits::{Limits, size};
use domain::text_rules::truncate;

/// The size of a selection set, with fragments counted wherever they are spread.
#[derive(Clone, Copy, Default)]
struct SelectionSize {
    selections: usize,
    aliases: usize,
    directives: usize,
    fields_here: usize,
    /// Maximum nesting of fields.
    depth: usize,
    /// Maximum nesting of selection sets.
    levels: usize,
}

impl SelectionSize {
    fn add(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            fields_here: self.fields_here.saturating_add(other.fields_here),
            depth: self.depth.max(other.depth),
            levels: self.levels.max(other.levels),
        }
    }

    /// Adds one selection. A spread counts even if its fragment is empty, because every later step walks it.
    fn one_more(self, directives: usize) -> Self {
        Self {
            selections: self.selections.saturating_add(1),
            directives: self.directives.saturating_add(directives),
            ..self
        }
    }
}

/// Validation walks all operations and fragments. Together they may have this many times the selections of one
/// operation.
const MAX_TOTAL_FACTOR: i32 = 4;

struct Measure<'a> {
    limits: &'a Limits,
    source: &'a SourceText<'a>,
    fragments: &'a Fragments<'a>,
    known: HashMap<&'a str, SelectionSize>,
    open: HashSet<&'a str>,
    /// Number of selection sets that enclose the current one.
    level: usize,
}

/// Refuses a document with an operation above a limit, or with a fragment that contains itself.
///
/// # Errors
/// `TOO_COMPLEX` for the operation, `BAD_USER_INPUT` for the fragment.
pub fn measure<'a>(
    document: &'a ExecutableDocument<'a>,
    fragments: &'a Fragments<'a>,
    source: &'a SourceText<'a>,
    limits: &'a Limits,
) -> Result<(), ServerError> {
    let mut measure = Measure {
        limits,
        source,
        fragments,
        known: HashMap::new(),
        open: HashSet::new(),
        level: 0,
    };
    let mut walked = 0_usize;
    for fragment in document.fragment_definitions() {
        let name = fragment.name().as_str();
        // Of several fragments with one name the last is spread. Validation walks the others, too.
        let is_spread = fragments
            .get(name)
            .is_some_and(|one| ptr::eq(*one, fragment));
        let whole = if is_spread {
            measure.fragment(name)?
        } else {
            measure.set(fragment.selection_set())?
        };
        walked = walked.saturating_add(whole.selections);
    }
    for operation in document.operation_definitions() {
        let whole = measure.operation(operation)?;
        walked = walked.saturating_add(whole.selections);
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
    }
    let most = limits.max_selections.saturating_mul(MAX_TOTAL_FACTOR);
    if walked > size(most) {
        return Err(too_complex(
            "selections in all operations and fragments",
            most,
        ));
    }
    Ok(())
}

impl<'a> Measure<'a> {
    fn operation(
        &mut self,
        operation: &'a OperationDefinition<'a>,
    ) -> Result<SelectionSize, ServerError> {
        let operation = operation.as_ref();
        let own = each(operation.directives()).count();
        let below = self.set(operation.selection_set())?;
        Ok(SelectionSize {
            directives: below.directives.saturating_add(own),
            ..below
        })
    }

    fn fragment(&mut self, name: &'a str) -> Result<SelectionSize, ServerError> {
        if let Some(known) = self.known.get(name) {
            return Ok(*known);
        }
        // Validation reports a fragment that does not exist.
        let Some(fragment) = self.fragments.get(name) else {
            return Ok(SelectionSize::default());
        };
        if !self.open.insert(name) {
            let message = format!("the fragment `{}` contains itself", truncate(name));
            let place = fragment.name().span().byte_range().start;
            return Err(invalid(message, [self.source.position(place)]));
        }
        let size = self.set(fragment.selection_set())?;
        self.open.remove(name);
        self.known.insert(name, size);
        Ok(size)
    }

    fn set(&mut self, set: &'a SelectionSet<'a>) -> Result<SelectionSize, ServerError> {
        let deepest = self.limits.max_nesting;
        if self.level > size(deepest) {
            return Err(too_complex("levels of nested selections", deepest));
        }
        self.level = self.level.saturating_add(1);
        let mut whole = SelectionSize::default();
        for selection in set.iter() {
            whole = whole.add(self.selection(selection)?);
        }
        self.level = self.level.saturating_sub(1);
        whole.levels = whole.levels.saturating_add(1);
        // The levels of a fragment that was measured before count here as well.
        if whole.levels > size(deepest) {
            return Err(too_complex("levels of nested selections", deepest));
        }
        Ok(whole)
    }

    fn selection(&mut self, selection: &'a Selection<'a>) -> Result<SelectionSize, ServerError> {
        let selection = selection.as_ref();
        let directives = each(selection.directives()).count();
        Ok(match selection {
            SelectionReference::Field(field) => {
                let below = match field.selection_set() {
                    Some(set) => self.set(set)?,
                    None => SelectionSize::default(),
                };
                let aliases = usize::from(field.alias().is_some());
                SelectionSize {
                    aliases: below.aliases.saturating_add(aliases),
                    fields_here: 1,
                    depth: below.depth.saturating_add(1),
                    ..below.one_more(directives)
                }
            }
            SelectionReference::InlineFragment(inline) => {
                self.set(inline.selection_set())?.one_more(directives)
            }
            SelectionReference::FragmentSpread(spread) => {
                self.fragment(spread.name().as_str())?.one_more(directives)
            }
        })
    }
}
