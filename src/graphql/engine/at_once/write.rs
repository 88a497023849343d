//! Writes the values that resolvers return. The value of a type without a way of its own is resolved by the library and
//! then written.

use async_graphql::parser::types::Field;
use async_graphql::resolver_utils::EnumType;
use async_graphql::{ContextSelectionSet, ID, OutputType, Positioned};
use futures_util::future::FutureExt;
use serde::Serializer;

use super::{Sink, write_value};
use crate::engine::cursor::EdgeCursor;
use crate::engine::deferred::Deferred;
use crate::engine::inline_resolve::{EachInline, Inline};
use crate::engine::objects::Objects;
use domain::date::{Date, PartialDate};
use domain::language::Language;
use domain::scalar::{Cursor, DateTime};
use domain::text::{CountryCode, Markdown, TreatyReference};
use domain::url::Url;

/// The value of a resolver that does not have to wait; `None` if it has to, and for an error.
pub fn ready<T, E>(resolver: impl Future<Output = Result<T, E>>) -> Option<T> {
    resolver.now_or_never()?.ok()
}

/// Writes a field in a function of its own: the values and futures of all fields of an object in one function would take
/// a stack that nested objects exceed.
#[inline(never)]
pub fn apart(write: impl FnOnce() -> bool) -> bool {
    write()
}

/// A value that is written as JSON with the selections on it.
pub trait WriteJson {
    /// Writes the value. False if that is not possible at once; then a part of it may have been written.
    fn write(&self, ctx: &ContextSelectionSet<'_>, to: &mut Sink) -> bool;
}

impl<T: WriteJson + ?Sized> WriteJson for &T {
    fn write(&self, ctx: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        T::write(self, ctx, to)
    }
}

impl<T: WriteJson> WriteJson for Option<T> {
    fn write(&self, ctx: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        if let Some(value) = self {
            return value.write(ctx, to);
        }
        to.text("null");
        true
    }
}

impl<T: WriteJson, E> WriteJson for Result<T, E> {
    fn write(&self, ctx: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        self.as_ref().is_ok_and(|value| value.write(ctx, to))
    }
}

impl<T: WriteJson> WriteJson for [T] {
    fn write(&self, ctx: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        to.byte(b'[');
        for (at, element) in self.iter().enumerate() {
            to.separate(at == 0);
            if !element.write(&ctx.with_index(at), to) {
                return false;
            }
        }
        to.byte(b']');
        true
    }
}

impl<T: WriteJson> WriteJson for Vec<T> {
    fn write(&self, ctx: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        self.as_slice().write(ctx, to)
    }
}

impl<T: WriteJson> WriteJson for Objects<T> {
    fn write(&self, ctx: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        self.0.write(ctx, to)
    }
}

impl<T: WriteJson> WriteJson for EachInline<'_, T> {
    fn write(&self, ctx: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        self.0.write(ctx, to)
    }
}

impl<T: WriteJson> WriteJson for Inline<T> {
    fn write(&self, ctx: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        self.0.write(ctx, to)
    }
}

impl<T: WriteJson> WriteJson for Deferred<T> {
    fn write(&self, ctx: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        self.0.write(ctx, to)
    }
}

impl WriteJson for str {
    fn write(&self, _: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        serde_json::to_writer(&mut to.json, self).is_ok()
    }
}

impl WriteJson for String {
    fn write(&self, ctx: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        self.as_str().write(ctx, to)
    }
}

impl WriteJson for ID {
    fn write(&self, ctx: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        self.as_str().write(ctx, to)
    }
}

impl WriteJson for Markdown {
    fn write(&self, ctx: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        self.0.write(ctx, to)
    }
}

impl WriteJson for bool {
    fn write(&self, _: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        to.text(if *self { "true" } else { "false" });
        true
    }
}

impl WriteJson for i32 {
    fn write(&self, _: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
        serde_json::to_writer(&mut to.json, self).is_ok()
    }
}

/// Implements [`WriteJson`] for scalars that are written as they are displayed.
macro_rules! texts {
    ($($text:ty),+) => { $(
        impl WriteJson for $text {
            fn write(&self, _: &ContextSelectionSet<'_>, to: &mut Sink) -> bool {
                let mut text = serde_json::Serializer::new(&mut to.json);
                text.collect_str(self).is_ok()
            }
        }
    )+ };
}
texts!(
    CountryCode,
    Cursor,
    Date,
    DateTime,
    EdgeCursor,
    Language,
    PartialDate,
    TreatyReference,
    Url
);

/// A value that a resolver returned. Method resolution takes the first of [`ByWriter`], [`ByEnum`] and [`ByResolver`]
/// that its type allows.
pub struct Found<'a, T>(pub &'a T);

/// Writes values of a type that has [`WriteJson`].
pub trait ByWriter {
    /// Writes the value.
    fn write_as(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
        to: &mut Sink,
    ) -> bool;
}

impl<T: WriteJson> ByWriter for &&Found<'_, T> {
    fn write_as(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
        to: &mut Sink,
    ) -> bool {
        self.0.write(ctx, to)
    }
}

/// Writes values of enums.
pub trait ByEnum {
    /// Writes the value.
    fn write_as(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
        to: &mut Sink,
    ) -> bool;
}

impl<T: EnumType> ByEnum for &Found<'_, T> {
    fn write_as(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>, to: &mut Sink) -> bool {
        let item = T::items().iter().find(|item| item.value == *self.0);
        let Some(item) = item else { return false };
        to.byte(b'"');
        to.text(item.name);
        to.byte(b'"');
        true
    }
}

/// Writes values of all types: the library resolves them first.
pub trait ByResolver {
    /// Writes the value.
    fn write_as(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
        to: &mut Sink,
    ) -> bool;
}

impl<T: OutputType> ByResolver for Found<'_, T> {
    fn write_as(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
        to: &mut Sink,
    ) -> bool {
        let resolved = ready(OutputType::resolve(self.0, ctx, field));
        resolved.is_some_and(|value| write_value(&value, to))
    }
}
