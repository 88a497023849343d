//! Resolution of queries without the library's `Schema::execute`: that would walk the document for errors, costs and
//! cache hints again, although it was validated before, and copy it.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::context::{Data, QueryEnv, QueryEnvInner};
use async_graphql::extensions::Extensions;
use async_graphql::parser::types::{Field, OperationDefinition, OperationType, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::{ContainerType, resolve_container};
use async_graphql::{
    Context, ContextSelectionSet, IntrospectionMode, ObjectType, OutputType, Pos, Positioned,
    Request, Response, Schema, SchemaEnv, ServerResult, SubscriptionType, Value,
};
use futures_util::future::FutureExt;

use crate::engine::at_once::{AtOnce, Sink, write_object};
use crate::engine::inline_resolve::Concrete;
use store::without_statements;

/// The root of queries, as the library resolves it. It tells the library's environment to a request that asks for it.
pub struct Root<Q>(pub Q);

/// Receives the environment.
#[derive(Clone, Default)]
struct Slot(Arc<Mutex<Option<Environment>>>);

/// The environment of the library for the requests of one schema.
#[derive(Clone)]
pub struct Environment {
    schema: SchemaEnv,
    extensions: Extensions,
}

impl Environment {
    /// The environment of a schema.
    ///
    /// # Panics
    /// If the library does not tell it, which depends on the version of the library alone.
    pub fn of<Q, M, S>(schema: &Schema<Root<Q>, M, S>) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        let slot = Slot::default();
        // No field has this name, but the library leaves that to validation.
        let request = Request::new("{ environment }").data(slot.clone());
        drop(schema.execute(request).now_or_never());
        let mut told = slot.0.lock().unwrap_or_else(PoisonError::into_inner);
        #[expect(clippy::expect_used, reason = "the tests would find it")]
        told.take().expect("a field of the root is resolved")
    }

    fn request(&self, data: &Arc<Data>) -> QueryEnv {
        let nothing = OperationDefinition {
            ty: OperationType::Query,
            variable_definitions: Vec::new(),
            directives: Vec::new(),
            selection_set: Positioned::default(),
        };
        QueryEnv::new(QueryEnvInner {
            extensions: self.extensions.clone(),
            variables: async_graphql::Variables::default(),
            operation_name: None,
            // Contexts refer to the selections themselves.
            operation: Positioned::new(nothing, Pos::default()),
            fragments: std::collections::HashMap::new(),
            uploads: Vec::new(),
            session_data: Arc::default(),
            query_data: Arc::clone(data),
            http_headers: Mutex::default(),
            introspection_mode: IntrospectionMode::Enabled,
            errors: Mutex::default(),
        })
    }

    /// Resolves selections in normal form on the root, if none has to wait or has an error. Returns the value as JSON
    /// after `begin`, and its cost. `None` if that is above `most`, too.
    pub fn at_once(
        &self,
        root: &dyn AtOnce,
        selections: &Positioned<SelectionSet>,
        data: &Arc<Data>,
        begin: &[u8],
        most: usize,
    ) -> Option<(Vec<u8>, usize)> {
        let request = self.request(data);
        let ctx = request.create_context(&self.schema, None, selections, None);
        let mut sink = Sink::new(begin, most);
        let is_written = without_statements(|| write_object(&ctx, root, &mut sink));
        let errors = request.errors.lock();
        let errors = errors.unwrap_or_else(PoisonError::into_inner);
        (is_written && errors.is_empty()).then(|| sink.finish())
    }

    /// Resolves selections in normal form on the root.
    pub async fn resolve(
        &self,
        root: &impl Concrete,
        selections: &Positioned<SelectionSet>,
        data: &Arc<Data>,
    ) -> Response {
        let request = self.request(data);
        let ctx = request.create_context(&self.schema, None, selections, None);
        // The future of the root has room for that of each of its fields.
        let mut response = match root.resolve_concrete(&ctx).boxed().await {
            Ok(value) => Response::new(value),
            Err(error) => Response::from_errors(vec![error]),
        };
        let errors = request.errors.lock();
        let mut errors = errors.unwrap_or_else(PoisonError::into_inner);
        response.errors.append(&mut errors);
        response
    }
}

impl<Q: ObjectType> ContainerType for Root<Q> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        if let Some(Slot(slot)) = ctx.data_opt() {
            let environment = Environment {
                schema: ctx.schema_env.clone(),
                extensions: ctx.query_env.extensions.clone(),
            };
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(environment);
            return Ok(None);
        }
        self.0.resolve_field(ctx).await
    }
}

impl<Q: ObjectType> OutputType for Root<Q> {
    fn type_name() -> Cow<'static, str> {
        Q::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Q::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl<Q: ObjectType> ObjectType for Root<Q> {}
