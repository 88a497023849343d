//! Resolution of objects without a heap allocation for each field. Re-implements the library's `resolve_container`:
//! that boxes a future for each field before it polls any, but most fields are ready at once.
//!
//! Relies on the normal form of documents: no directives, no named fragments, no response key twice. Only code that
//! depends on the type of an object is generic, so that the rest is compiled once. A test compares the results with
//! the library's.

use std::borrow::Cow;
use std::future::{poll_fn, ready};
use std::pin::{Pin, pin};
use std::task::{self, Poll};

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::{MetaType, Registry};
use async_graphql::resolver_utils::ContainerType;
#[cfg(test)]
use async_graphql::resolver_utils::{resolve_container, resolve_list};
use async_graphql::{ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value};
use futures_util::future::{BoxFuture, FutureExt, OptionFuture, try_join, try_join_all};

use crate::engine::at_once::WriteJson;
use crate::engine::meter;
use crate::engine::objects::each;

#[cfg(test)]
pub mod tests;

/// An object, or an interface that is resolved as the object it holds. The library resolves an interface by its own
/// fields; an error of such a field has no path.
pub trait Concrete: ContainerType + WriteJson {
    /// Resolves the fields that are selected on the object.
    fn resolve_concrete(
        &self,
        ctx: &ContextSelectionSet<'_>,
    ) -> impl Future<Output = ServerResult<Value>> + Send;
}

impl<T: ObjectType + WriteJson> Concrete for T {
    async fn resolve_concrete(&self, ctx: &ContextSelectionSet<'_>) -> ServerResult<Value> {
        object(ctx, self).await
    }
}

/// Implements [`Concrete`] for an interface: delegates to the object it holds.
macro_rules! concrete {
    ($interface:ident: $($object:ident),+) => {
        impl crate::engine::inline_resolve::Concrete for $interface {
            async fn resolve_concrete(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                match self {
                    $( Self::$object(object) => object.resolve_concrete(ctx).await, )+
                }
            }
        }

        impl crate::engine::at_once::WriteJson for $interface {
            fn write(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                to: &mut crate::engine::at_once::Sink,
            ) -> bool {
                match self {
                    $( Self::$object(object) => object.write(ctx, to), )+
                }
            }
        }
    };
}
pub(crate) use concrete;

/// An object whose ready fields are resolved without allocation. From the first field that has to wait, the rest are
/// resolved concurrently.
pub struct Inline<T>(pub T);

impl<T: Concrete> OutputType for Inline<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        #[cfg(test)]
        if tests::uses_library(ctx) {
            return resolve_container(ctx, &self.0).boxed().await;
        }
        // Objects contain objects: one boxed future for each object keeps the other futures small.
        self.0.resolve_concrete(ctx).boxed().await
    }
}

/// A list of objects that are resolved as by [`Inline`].
pub struct EachInline<'a, T>(pub Vec<&'a T>);

impl<T: Concrete> OutputType for EachInline<'_, T> {
    fn type_name() -> Cow<'static, str> {
        <Vec<&T> as OutputType>::type_name()
    }

    fn qualified_type_name() -> String {
        <Vec<&T> as OutputType>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Vec<&T> as OutputType>::create_type_info(registry)
    }

    #[cfg_attr(
        not(test),
        expect(unused_variables, reason = "only tests use the library's resolution")
    )]
    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        #[cfg(test)]
        if tests::uses_library(ctx) {
            return resolve_list(ctx, field, &self.0, None).await;
        }
        each(ctx, &self.0, |ctx, one| async move {
            one.resolve_concrete(&ctx).await
        })
        .await
    }
}

/// Resolves the fields that are selected on an object.
async fn object<'a, T: ContainerType>(
    ctx: &'a ContextSelectionSet<'a>,
    of: &'a T,
) -> ServerResult<Value> {
    let name = of.introspection_type_name();
    let fields = collect(ctx, &name);
    meter::count(ctx, 1, fields.len())?;
    let resolve = |field: &'a Positioned<Field>| async move {
        let ctx = ctx.with_field(field);
        of.resolve_field(&ctx).await
    };
    let slot = pin!(OptionFuture::default());
    resolve_all(&name, fields, &mut FutureSlot { resolve, slot }).await
}

/// The result of a resolver; `None` if the object has no such field.
type ResolvedField = ServerResult<Option<Value>>;

/// Resolves fields of one object. It hides the type of the object, so that [`resolve_all`] is compiled once for all
/// types.
trait ResolveField<'a>: Send {
    /// Starts a field in the slot of the previous one.
    fn begin(&mut self, field: &'a Positioned<Field>);
    /// Polls the field that was started last.
    fn poll(&mut self, cx: &mut task::Context<'_>) -> Poll<ResolvedField>;
    /// Starts a field in a future of its own, to be polled concurrently with others.
    fn start_boxed(&self, field: &'a Positioned<Field>) -> BoxFuture<'a, ResolvedField>;
}

/// A slot for one future at a time. Fields that are ready at once reuse it.
struct FutureSlot<'r, S, F> {
    resolve: S,
    slot: Pin<&'r mut OptionFuture<F>>,
}

impl<'a, S, F> ResolveField<'a> for FutureSlot<'_, S, F>
where
    S: Fn(&'a Positioned<Field>) -> F + Send,
    F: Future<Output = ResolvedField> + Send + 'a,
{
    fn begin(&mut self, field: &'a Positioned<Field>) {
        self.slot.set(Some((self.resolve)(field)).into());
    }

    fn poll(&mut self, cx: &mut task::Context<'_>) -> Poll<ResolvedField> {
        let polled = self.slot.as_mut().poll(cx);
        polled.map(|resolved| resolved.unwrap_or(Ok(None)))
    }

    fn start_boxed(&self, field: &'a Positioned<Field>) -> BoxFuture<'a, ResolvedField> {
        (self.resolve)(field).boxed()
    }
}

/// Resolves fields in order while they are ready at once. From the first one that has to wait, resolves all others
/// concurrently with it.
async fn resolve_all<'a>(
    name: &str,
    fields: Vec<&'a Positioned<Field>>,
    of: &mut dyn ResolveField<'a>,
) -> ServerResult<Value> {
    let key = |field: &Positioned<Field>| field.node.response_key().node.clone();
    let mut found = IndexMap::with_capacity(fields.len());
    let mut rest = fields.into_iter();
    while let Some(field) = rest.next() {
        if field.node.name.node == "__typename" {
            found.insert(key(field), Value::String(name.to_owned()));
            continue;
        }
        of.begin(field);
        if let Poll::Ready(resolved) = poll_fn(|cx| Poll::Ready(of.poll(cx))).await {
            found.insert(key(field), resolved?.unwrap_or_default());
            continue;
        }
        let others: Vec<_> = rest
            .by_ref()
            .map(|field| {
                let is_name = field.node.name.node == "__typename";
                let name = is_name.then(|| Value::String(name.to_owned()));
                let resolving = match name {
                    Some(name) => ready(Ok(Some(name))).boxed(),
                    None => of.start_boxed(field),
                };
                let key = key(field);
                resolving.map(|resolved| Ok((key, resolved?.unwrap_or_default())))
            })
            .collect();
        let first = poll_fn(|cx| of.poll(cx));
        let (value, values) = try_join(first, try_join_all(others)).await?;
        found.insert(key(field), value.unwrap_or_default());
        found.extend(values);
    }
    Ok(Value::Object(found))
}

/// The fields that are selected on the object type `name`, in order. The normal form has no directives and no response
/// key twice, so nothing needs merging.
fn collect<'a>(ctx: &ContextSelectionSet<'a>, name: &str) -> Vec<&'a Positioned<Field>> {
    let mut found = Vec::new();
    collect_into(&mut found, &ctx.item.node, &ctx.schema_env.registry, name);
    found
}

fn collect_into<'a>(
    found: &mut Vec<&'a Positioned<Field>>,
    set: &'a SelectionSet,
    registry: &Registry,
    name: &str,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => found.push(field),
            Selection::InlineFragment(inline) => {
                let on = inline.node.type_condition.as_ref();
                let applies = on.is_none_or(|on| {
                    let on = on.node.on.node.as_str();
                    let possible = |on: &MetaType| on.is_possible_type(name);
                    on == name || registry.types.get(on).is_some_and(possible)
                });
                if applies {
                    collect_into(found, &inline.node.selection_set.node, registry, name);
                }
            }
            // The normal form has no fragment spreads.
            Selection::FragmentSpread(_) => {}
        }
    }
}
