//! Resolution of a whole query at once: if every row that it needs is in memory, no field has to wait, so each value is
//! written as JSON as soon as its resolver returns it. Nothing is allocated for a field or an object.
//!
//! A query with a field that has to wait, or with an error, is resolved from the beginning by [`inline_resolve`], which
//! needs a future for each field. Both give the same bytes; a test compares them.
//!
//! Relies on the normal form of documents, as [`inline_resolve`] does.
//!
//! [`inline_resolve`]: super::inline_resolve

use std::borrow::Cow;

use async_graphql::parser::types::{Selection, SelectionSet};
use async_graphql::registry::MetaType;
use async_graphql::{Context, ContextSelectionSet, Value};

mod write;

pub use write::{ByEnum, ByResolver, ByWriter, Found, WriteJson, apart, ready};

/// Expected length of an answer, in bytes. Longer ones grow.
const EXPECTED_BYTES: usize = 1_024;

/// JSON that is being written, and its cost so far: 1 for each field of each object.
pub struct Sink {
    json: Vec<u8>,
    cost: usize,
    most: usize,
}

impl Sink {
    /// Starts with some text. It may cost `most`.
    pub fn new(begin: &[u8], most: usize) -> Self {
        let mut json = Vec::with_capacity(EXPECTED_BYTES);
        json.extend_from_slice(begin);
        Self {
            json,
            cost: 0,
            most,
        }
    }

    /// The text, and its cost.
    pub fn finish(self) -> (Vec<u8>, usize) {
        (self.json, self.cost)
    }

    /// Counts the fields of an object. False if it costs too much now.
    fn count(&mut self, fields: usize) -> bool {
        self.cost = self.cost.saturating_add(fields);
        self.cost <= self.most
    }

    fn byte(&mut self, byte: u8) {
        self.json.push(byte);
    }

    fn text(&mut self, text: &str) {
        self.json.extend_from_slice(text.as_bytes());
    }

    /// Writes an element of a list or an object after a comma, unless it is the first one.
    fn separate(&mut self, is_first: bool) {
        if !is_first {
            self.json.push(b',');
        }
    }
}

/// An object whose fields can be resolved at once. The attribute `at_once` implements it.
pub trait AtOnce {
    /// The name of the object type.
    fn name(&self) -> Cow<'static, str>;

    /// Writes the value of the field that `ctx` selects. False if it has to wait, if it has an error, or if there is no
    /// such field; then a part of it may have been written.
    fn write_field(&self, ctx: &Context<'_>, to: &mut Sink) -> bool;
}

impl<T: AtOnce> AtOnce for &T {
    fn name(&self) -> Cow<'static, str> {
        T::name(self)
    }

    fn write_field(&self, ctx: &Context<'_>, to: &mut Sink) -> bool {
        T::write_field(self, ctx, to)
    }
}

/// Writes the fields that are selected on an object. False if one of them cannot be written at once.
pub fn write_object(ctx: &ContextSelectionSet<'_>, of: &dyn AtOnce, to: &mut Sink) -> bool {
    to.byte(b'{');
    let mut fields = 0;
    if !write_fields(ctx, &ctx.item.node, of, &mut fields, to) {
        return false;
    }
    to.byte(b'}');
    to.count(fields)
}

fn write_fields(
    ctx: &ContextSelectionSet<'_>,
    set: &SelectionSet,
    of: &dyn AtOnce,
    fields: &mut usize,
    to: &mut Sink,
) -> bool {
    set.items.iter().all(|selection| match &selection.node {
        Selection::Field(field) => {
            to.separate(*fields == 0);
            *fields = fields.saturating_add(1);
            to.byte(b'"');
            // A name has no characters that JSON escapes.
            to.text(field.node.response_key().node.as_str());
            to.text("\":");
            if field.node.name.node == "__typename" {
                to.byte(b'"');
                to.text(&of.name());
                to.byte(b'"');
                return true;
            }
            of.write_field(&ctx.with_field(field), to)
        }
        Selection::InlineFragment(inline) => {
            let on = inline.node.type_condition.as_ref();
            let applies = on.is_none_or(|on| {
                let (on, name) = (on.node.on.node.as_str(), of.name());
                let types = &ctx.schema_env.registry.types;
                let possible = |on: &MetaType| on.is_possible_type(&name);
                on == name || types.get(on).is_some_and(possible)
            });
            !applies || write_fields(ctx, &inline.node.selection_set.node, of, fields, to)
        }
        // The normal form has no fragment spreads.
        Selection::FragmentSpread(_) => false,
    })
}

/// Writes a value of the library.
fn write_value(value: &Value, to: &mut Sink) -> bool {
    match value {
        Value::Object(members) => {
            to.byte(b'{');
            for (at, (name, member)) in members.iter().enumerate() {
                to.separate(at == 0);
                to.byte(b'"');
                to.text(name.as_str());
                to.text("\":");
                if !write_value(member, to) {
                    return false;
                }
            }
            to.byte(b'}');
            to.count(members.len())
        }
        Value::List(elements) => {
            to.byte(b'[');
            for (at, element) in elements.iter().enumerate() {
                to.separate(at == 0);
                if !write_value(element, to) {
                    return false;
                }
            }
            to.byte(b']');
            true
        }
        other => serde_json::to_writer(&mut to.json, other).is_ok(),
    }
}
