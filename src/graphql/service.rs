//! Executing a request: bounded, pinned to one moment, and within its time.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{ErrorExtensionValues, Request, Response, ServerError, Value};
use futures_util::future::FutureExt;
use futures_util::stream::{self, BoxStream, StreamExt};

use super::batch::Batches;
use super::context::{Caller, Resume, View};
use super::document::Document;
use super::error::Error;
use super::follow::{self, Broken, Event, Followers, Place, Wanted};
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
    followers: Followers,
}

impl Service {
    /// Answers from a store, within limits.
    pub fn new(store: Store, limits: Limits) -> Self {
        Self(Arc::new(Inner {
            schema: build(&limits),
            store,
            limits,
            followers: Followers::default(),
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
        let (request, batches) = match self.prepared(document.request(), caller).await {
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
        let (loads, batches) = Batches::new(self.0.store.clone());
        Ok((request.data(view).data(loads).data(caller), batches))
    }

    /// Executes an operation of a connection, a mutation where the transport may carry one: a subscription
    /// has many answers. One that follows the log goes on behind `resume`, where that is given.
    pub fn answers(
        &self,
        request: Request,
        caller: Caller,
        may_mutate: bool,
        resume: Option<Resume>,
    ) -> BoxStream<'static, Answer> {
        let document = match Document::read(request, self.limits()) {
            Ok(document) => document,
            Err(error) => return once(Response::from_errors(vec![error])),
        };
        if document.operation == OperationType::Subscription {
            return self.subscribe(document, caller, resume);
        }
        if document.operation == OperationType::Mutation && !may_mutate {
            return once(Response::from_errors(vec![needs_post()]));
        }
        let service = self.clone();
        let answer = async move { executed(service.execute_read(document, caller).await, 0) };
        stream::once(answer).boxed()
    }

    fn subscribe(
        &self,
        document: Document,
        caller: Caller,
        resume: Option<Resume>,
    ) -> BoxStream<'static, Answer> {
        let service = self.clone();
        let answers = async move {
            let prepared = service.prepared(document.clone().request(), caller.clone());
            let (mut request, batches) = match prepared.await {
                Ok(prepared) => prepared,
                Err(error) => return once(Response::from_errors(vec![error])),
            };
            if let Some(resume) = resume {
                request = request.data(resume);
            }
            let wanted = Wanted::default();
            let answers = service
                .0
                .schema
                .execute_stream(request.data(wanted.clone()));
            let answers = batches.stream(answers.boxed());
            let answers = answers.map(|response| executed(coded(response), 1));
            // One that follows the log ends at once, and says what is wanted of it.
            let told = async move {
                let Some(asked) = wanted.take() else {
                    return stream::empty().boxed();
                };
                let place = Place::behind(service.store(), asked.after);
                let begun = stream::once(std::future::ready(Answer::Follows(place)));
                let told = follow::told(&service, document, caller, asked);
                let told = told.map(|told| told.map_or_else(|broken| broken.into(), Answer::Told));
                begun.chain(told).boxed()
            };
            // What is done once takes no room afterwards.
            answers.chain(stream::once(told.boxed()).flatten()).boxed()
        };
        stream::once(answers.boxed()).flatten().boxed()
    }

    /// Those who follow the log.
    pub(super) fn followers(&self) -> &Followers {
        &self.0.followers
    }

    /// What executes.
    pub(super) fn schema(&self) -> &Profiles {
        &self.0.schema
    }
}

fn once(response: Response) -> BoxStream<'static, Answer> {
    stream::once(std::future::ready(executed(response, 0))).boxed()
}

/// One answer of an operation.
pub enum Answer {
    /// An answer of its own.
    Own(Response),
    /// The log is followed, from here on.
    Follows(Place),
    /// A change, told to all who ask alike.
    Told(Arc<Event>),
    /// The operation cannot be executed: nothing follows.
    Refused(Response),
}

impl From<Broken> for Answer {
    fn from(_: Broken) -> Self {
        let message = "the next change cannot be told: something is wrong on our side. Go on behind your last cursor";
        Self::Refused(Response::from_errors(vec![failed("INTERNAL", message)]))
    }
}

/// An operation is refused where all that is wrong is wrong with the operation, or with the fields down to a
/// depth that were to give its answers.
fn executed(response: Response, depth: usize) -> Answer {
    let errors = &response.errors;
    let of_operation = errors.iter().all(|error| error.path.len() <= depth);
    if !errors.is_empty() && of_operation && response.data == Value::Null {
        Answer::Refused(response)
    } else {
        Answer::Own(response)
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
pub(super) fn coded(mut response: Response) -> Response {
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
