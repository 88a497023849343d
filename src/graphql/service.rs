//! Executing a request: bounded, pinned to one moment, and within its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use async_graphql::parser::types::OperationType;
use async_graphql::{Data, ErrorExtensionValues, Executor, Request, Response, ServerError};
use futures_util::stream::{self, BoxStream, StreamExt};

use super::batch::Batches;
use super::context::{Caller, View};
use super::document::Document;
use super::error::Error;
use super::limits::Limits;
use super::{Profiles, build};
use crate::store::Store;

/// Executes requests: the one way in, whichever the transport.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    schema: Profiles,
    store: Store,
    limits: Limits,
}

/// How many subscriptions are open on one connection.
#[derive(Clone, Default)]
pub struct Open(Arc<AtomicI32>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A subscription's place among those of its connection.
struct Taken(Open);

impl Open {
    fn take(&self, limit: i32) -> Option<Taken> {
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        let taken = Taken(self.clone());
        (before < limit).then_some(taken)
    }
}

impl Service {
    /// Answers from a store, within limits.
    pub fn new(store: Store, limits: Limits) -> Self {
        Self(Arc::new(Inner {
            schema: build(&limits),
            store,
            limits,
        }))
    }

    /// Where the answers come from.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// How much may be asked.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Executes a query, and a mutation where the transport may carry one.
    pub async fn answer(&self, request: Request, caller: Caller, may_mutate: bool) -> Response {
        let document = match Document::read(request, self.limits()) {
            Ok(document) => document,
            Err(error) => return Response::from_errors(vec![error]),
        };
        let message = match document.operation {
            OperationType::Mutation if !may_mutate => "a mutation needs POST",
            OperationType::Subscription => "a subscription needs the WebSocket at /graphql/ws",
            _ => return self.execute_read(document, caller).await,
        };
        Response::from_errors(vec![failed("BAD_USER_INPUT", message)])
    }

    async fn execute_read(&self, document: Document, caller: Caller) -> Response {
        let (request, batches) = match self.prepared(document.request, caller).await {
            Ok(prepared) => prepared,
            Err(error) => return Response::from_errors(vec![error]),
        };
        let limit = self.limits().request_timeout();
        let answer = batches.run(self.0.schema.execute(request));
        if let Ok(response) = tokio::time::timeout(limit, answer).await {
            coded(response)
        } else {
            let message = format!("the request took longer than {} ms", limit.as_millis());
            Response::from_errors(vec![failed("TIMEOUT", &message)])
        }
    }

    /// Pins the request to the moment at which it begins.
    async fn prepared(
        &self,
        request: Request,
        caller: Caller,
    ) -> Result<(Request, Batches), ServerError> {
        let view = View::now(&self.0.store).await.map_err(server)?;
        let (loader, batches) = Batches::new(self.0.store.clone());
        Ok((request.data(view).data(loader).data(caller), batches))
    }

    fn subscribe(
        &self,
        document: Document,
        caller: Caller,
        open: &Open,
    ) -> BoxStream<'static, Response> {
        let limit = self.limits().max_subscriptions_per_connection;
        let Some(taken) = open.take(limit) else {
            let message = format!("a connection carries {limit} subscriptions at most");
            return once(Response::from_errors(vec![failed("TOO_COMPLEX", &message)]));
        };
        let service = self.clone();
        let answers = async move {
            match service.prepared(document.request, caller).await {
                Ok((request, batches)) => {
                    let answers = service.0.schema.execute_stream(request).boxed();
                    batches.stream(answers).map(coded).boxed()
                }
                Err(error) => once(Response::from_errors(vec![error])),
            }
        };
        stream::once(answers)
            .flatten()
            .map(move |answer| {
                let _held = &taken;
                answer
            })
            .boxed()
    }
}

fn once(response: Response) -> BoxStream<'static, Response> {
    stream::once(std::future::ready(response)).boxed()
}

impl Executor for Service {
    async fn execute(&self, request: Request) -> Response {
        self.answer(request, Caller::nobody(), true).await
    }

    fn execute_stream(
        &self,
        request: Request,
        session: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let of_session = |session: &Arc<Data>| {
            let caller = session.get(&std::any::TypeId::of::<Caller>());
            let open = session.get(&std::any::TypeId::of::<Open>());
            (
                caller
                    .and_then(|caller| caller.downcast_ref::<Caller>())
                    .cloned(),
                open.and_then(|open| open.downcast_ref::<Open>()).cloned(),
            )
        };
        let (caller, open) = session.as_ref().map(of_session).unwrap_or_default();
        let caller = caller.unwrap_or_else(Caller::nobody);
        let document = match Document::read(request, self.limits()) {
            Ok(document) => document,
            Err(error) => return once(Response::from_errors(vec![error])),
        };
        if document.operation == OperationType::Subscription {
            return self.subscribe(document, caller, &open.unwrap_or_default());
        }
        let service = self.clone();
        stream::once(async move { service.execute_read(document, caller).await }).boxed()
    }
}

fn failed(code: &str, message: &str) -> ServerError {
    let mut error = ServerError::new(message, None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    error.extensions = Some(extensions);
    error
}

fn server(error: Error) -> ServerError {
    async_graphql::Error::from(error).into_server_error(async_graphql::Pos::default())
}

/// Gives the errors of the library, which have no code, the one they stand for.
fn coded(mut response: Response) -> Response {
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            let too_much =
                error.message.starts_with("Query is ") || error.message.contains("recursion depth");
            extensions.set(
                "code",
                if too_much {
                    "TOO_COMPLEX"
                } else {
                    "BAD_USER_INPUT"
                },
            );
        }
    }
    response
}
