//! Objects whose fields are resolved where they stand. The library gives each field a future of its own on the
//! heap before it asks for any; most fields have their answer at once, and need none.

use std::borrow::Cow;
use std::pin::pin;
use std::task::Poll;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
#[cfg(test)]
use async_graphql::resolver_utils::resolve_list;
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{
    ContextSelectionSet, Name, ObjectType, OutputType, Positioned, ServerResult, Value,
};
use futures_util::future::{FutureExt, try_join, try_join_all};

use crate::engine::objects::{each, once};

#[cfg(test)]
pub mod tests;

/// An object, or an interface: that one is resolved as the object it holds. The library resolves the fields of the
/// interface, and an error of one of them has no path.
pub trait Concrete: ContainerType {
    /// Resolves what is selected of the object.
    fn resolve_concrete(
        &self,
        ctx: &ContextSelectionSet<'_>,
    ) -> impl Future<Output = ServerResult<Value>> + Send;
}

impl<T: ObjectType> Concrete for T {
    async fn resolve_concrete(&self, ctx: &ContextSelectionSet<'_>) -> ServerResult<Value> {
        object(ctx, self).await
    }
}

/// Resolves an interface as the object it holds.
macro_rules! concrete {
    ($interface:ident: $($object:ident),+) => {
        impl crate::engine::in_place::Concrete for $interface {
            async fn resolve_concrete(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                match self {
                    $( Self::$object(object) => object.resolve_concrete(ctx).await, )+
                }
            }
        }
    };
}
pub(crate) use concrete;

/// An object whose fields are resolved where they stand, side by side from the first that has to wait on.
pub struct InPlace<T>(pub T);

impl<T: Concrete> OutputType for InPlace<T> {
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
        if tests::goes_by_the_library(ctx) {
            return resolve_container(ctx, &self.0).boxed().await;
        }
        // Objects hold objects: each has one future on the heap, which keeps the others small.
        self.0.resolve_concrete(ctx).boxed().await
    }
}

/// A list of objects whose fields are resolved where they stand.
pub struct EachInPlace<'a, T>(pub Vec<&'a T>);

impl<T: Concrete> OutputType for EachInPlace<'_, T> {
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
        expect(unused_variables, reason = "tests alone go by the library")
    )]
    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        #[cfg(test)]
        if tests::goes_by_the_library(ctx) {
            return resolve_list(ctx, field, &self.0, None).await;
        }
        each(ctx, &self.0, |ctx, one| async move {
            one.resolve_concrete(&ctx).await
        })
        .await
    }
}

async fn object<T: ContainerType>(ctx: &ContextSelectionSet<'_>, of: &T) -> ServerResult<Value> {
    let name = of.introspection_type_name();
    let mut fields = Vec::new();
    if collect(&ctx.item.node, &name, ctx, &mut fields).is_none() {
        return resolve_container(ctx, of).boxed().await;
    }
    let one = async |field: &Positioned<Field>| -> ServerResult<(Name, Value)> {
        let key = field.node.response_key().node.clone();
        if field.node.name.node == "__typename" {
            return Ok((key, Value::String(name.to_string())));
        }
        let ctx = ctx.with_field(field);
        Ok((key, of.resolve_field(&ctx).await?.unwrap_or_default()))
    };
    let mut found = IndexMap::with_capacity(fields.len());
    let mut rest = fields.into_iter();
    while let Some(field) = rest.next() {
        let mut first = pin!(one(field));
        if let Poll::Ready(resolved) = once(first.as_mut()).await {
            found.extend([resolved?]);
            continue;
        }
        let others = try_join_all(rest.by_ref().map(&one));
        let (value, values) = try_join(first, others).await?;
        found.extend([value]);
        found.extend(values);
    }
    Ok(Value::Object(found))
}

/// The most fields that an object may have to be resolved in place: each is compared with all others.
const MOST: usize = 32;

/// The fields that are selected of an object with a name; `None` where it takes more than that to know them: where
/// one is selected again, or has a directive.
fn collect<'a>(
    set: &'a SelectionSet,
    name: &str,
    ctx: &ContextSelectionSet<'a>,
    found: &mut Vec<&'a Positioned<Field>>,
) -> Option<()> {
    for selection in &set.items {
        let (on, directives, set) = match &selection.node {
            Selection::Field(field) => {
                let key = field.node.response_key();
                let is_new = |other: &&Positioned<Field>| other.node.response_key() != key;
                let is_plain = field.node.directives.is_empty() && found.len() < MOST;
                if !is_plain || !found.iter().all(is_new) {
                    return None;
                }
                found.push(field);
                continue;
            }
            Selection::InlineFragment(inline) => {
                let inline = &inline.node;
                (
                    inline.type_condition.as_ref(),
                    &inline.directives,
                    &inline.selection_set,
                )
            }
            Selection::FragmentSpread(spread) => {
                let fragment = ctx
                    .query_env
                    .fragments
                    .get(&spread.node.fragment_name.node)?;
                (
                    Some(&fragment.node.type_condition),
                    &spread.node.directives,
                    &fragment.node.selection_set,
                )
            }
        };
        if !directives.is_empty() {
            return None;
        }
        let types = &ctx.schema_env.registry.types;
        let applies = on.is_none_or(|on| {
            let on = on.node.on.node.as_str();
            on == name || types.get(on).is_some_and(|on| on.is_possible_type(name))
        });
        if applies {
            collect(&set.node, name, ctx, found)?;
        }
    }
    Some(())
}
