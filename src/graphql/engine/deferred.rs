//! Field types that are referred to by name, without being added to the schema.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};

use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;

/// A value whose type another field adds to the schema. The fields that all records share lead to records again; their
/// types cannot be added while those fields are being read.
pub struct Deferred<T>(pub T);

// The interface has the same fields with their own types, and adds those types to the schema.
impl<T> From<Deferred<Self>> for Objects<T> {
    fn from(deferred: Deferred<Self>) -> Self {
        deferred.0
    }
}

impl<T> From<Deferred<Self>> for Inline<T> {
    fn from(deferred: Deferred<Self>) -> Self {
        deferred.0
    }
}

impl<T: OutputType> OutputType for Deferred<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn create_type_info(_: &mut Registry) -> String {
        T::qualified_type_name()
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}
