//! Executing a request: bounded, pinned to one moment, and within its time.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{ErrorExtensionValues, Request, Response, ServerError, Value};
use futures_util::stream::{self, BoxStream, StreamExt};

use super::batch::Batches;
use super::context::{Caller, Place, View};
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
        let error = match document.operation {
            OperationType::Mutation if !may_mutate => needs_post(),
            OperationType::Subscription => {
                let message = "a subscription needs the WebSocket at /graphql/ws, or Accept: text/event-stream";
                failed("BAD_USER_INPUT", message)
            }
            _ => return self.execute_read(document, caller).await,
        };
        Response::from_errors(vec![error])
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

    /// Executes an operation of a connection, a mutation where the transport may carry one: a subscription
    /// has many answers.
    pub fn answers(
        &self,
        request: Request,

        caller: Caller,
        may_mutate: bool,
    ) -> BoxStream<'static, Answer> {
        let document = match Document::read(request, self.limits()) {
            Ok(document) => document,
            Err(error) => return once(Response::from_errors(vec![error])),
        };
        if document.operation == OperationType::Subscription {
            return self.subscribe(document, caller);
        }
        if document.operation == OperationType::Mutation && !may_mutate {
            return once(Response::from_errors(vec![needs_post()]));
        }
        let service = self.clone();
        let answer = async move { Answer::executed(service.execute_read(document, caller).await) };
        stream::once(answer).boxed()
    }

    fn subscribe(&self, document: Document, caller: Caller) -> BoxStream<'static, Answer> {
        let service = self.clone();
        let answers = async move {
            match service.prepared(document.request, caller).await {
                Ok((request, batches)) => {
                    let place = Place::default();
                    let request = request.data(place.clone());
                    let answers = service.0.schema.execute_stream(request).boxed();
                    let of_event = move |response| Answer::of_event(coded(response), place.take());
                    batches.stream(answers).map(of_event).boxed()
                }
                Err(error) => once(Response::from_errors(vec![error])),
            }
        };
        stream::once(answers).flatten().boxed()
    }
}

fn once(response: Response) -> BoxStream<'static, Answer> {
    stream::once(std::future::ready(Answer::executed(response))).boxed()
}

/// One answer of an operation.
pub struct Answer {
    /// What is answered.
    pub response: Response,
    /// Whether the operation could not be executed: nothing follows.
    pub is_refused: bool,
    /// Where the change that it tells is in the log, where it tells one.
    pub cursor: Option<String>,
}

impl Answer {
    fn executed(response: Response) -> Self {
        Self::new(response, 0, None)
    }

    fn of_event(response: Response, cursor: Option<String>) -> Self {
        Self::new(response, 1, cursor)
    }

    /// An operation is refused where all that is wrong is wrong with the operation, or with the field that
    /// was to give its events.
    fn new(response: Response, depth: usize, cursor: Option<String>) -> Self {
        let errors = &response.errors;
        let of_operation = errors.iter().all(|error| error.path.len() <= depth);
        let is_refused = !errors.is_empty() && of_operation && response.data == Value::Null;
        Self {
            response,
            is_refused,
            cursor,
        }
    }
}

fn needs_post() -> ServerError {
    failed("BAD_USER_INPUT", "a mutation needs POST")
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
