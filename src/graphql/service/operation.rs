//! Operations on a connection (WebSocket or event stream), which may have many answers.

use std::pin::pin;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, Value};
use futures_util::future::FutureExt;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinSet;
use tracing::Instrument;

use crate::document::Document;
use crate::engine::caller::Caller;
use crate::engine::error::{Error, failed};
use crate::engine::subscription::{Resume, Wanted};
use crate::service::follow::{self, Broken, Event, Place};
use crate::service::reply::{Outcome, coded};
use crate::service::{Service, needs_post, server, tells_cost};

impl Service {
    /// Executes an operation of a connection. A subscription has many answers; one that follows the change log
    /// continues after `resume`, if given. A mutation is executed only if `may_mutate`: the transport may carry it.
    ///
    /// A query or mutation makes progress even while nobody polls its answer, and holds `permit` only while it is
    /// executed.
    pub fn answers(
        &self,
        request: Request,
        caller: Caller,
        may_mutate: bool,
        resume: Option<Resume>,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Operation {
        let tells_cost = tells_cost(&request);
        match self.document(request, &caller) {
            Ok(document) => Operation {
                name: Arc::clone(&document.name),
                answers: self.answers_to(document, caller, may_mutate, tells_cost, resume, permit),
            },
            Err(refused) => Operation {
                name: refused.name,
                answers: once(Response::from_errors(refused.errors)),
            },
        }
    }

    fn answers_to(
        &self,
        document: Document,
        caller: Caller,
        may_mutate: bool,
        tells_cost: bool,
        resume: Option<Resume>,
        permit: Option<OwnedSemaphorePermit>,
    ) -> BoxStream<'static, Answer> {
        if document.operation == OperationType::Subscription {
            return self.subscribe(document, caller, resume);
        }
        if document.operation == OperationType::Mutation && !may_mutate {
            return once(Response::from_errors(vec![needs_post()]));
        }
        let service = self.clone();
        let executed = async move {
            let _permit = permit;
            let view = match document.operation {
                OperationType::Query => Some(service.now().await?),
                _ => None,
            };
            let executed = service.executed(document, caller, view, tells_cost).await?;
            Ok(executed.response)
        };
        let mut executing = JoinSet::new();
        executing.spawn(executed.in_current_span());
        let answer = async move {
            let ended = executing.join_next().await.and_then(Result::ok);
            let response = ended.unwrap_or_else(|| Err(vec![server(Error::Internal)]));
            answered(response.unwrap_or_else(Response::from_errors), 0)
        };
        stream::once(answer).boxed()
    }

    fn subscribe(
        &self,
        document: Document,
        caller: Caller,
        resume: Option<Resume>,
    ) -> BoxStream<'static, Answer> {
        let wanted = Wanted::default();
        let told = {
            let (service, document) = (self.clone(), document.clone());
            let (caller, wanted) = (caller.clone(), wanted.clone());
            // A subscription to the log ends at once, after it has stored its arguments in `wanted`.
            async move {
                let Some(asked) = wanted.take() else {
                    return stream::empty().boxed();
                };
                let place = Place::behind(service.store(), asked.after);
                let begun = stream::once(std::future::ready(Answer::Follows(place)));
                let told = follow::told(&service.0.followers, document, caller, asked);
                let told = told.map(|told| told.map_or_else(Answer::from, Answer::Told));
                begun.chain(told).boxed()
            }
        };
        let service = self.clone();
        let own = async move {
            let counted = service.counted(&document, &caller);
            let view = match counted {
                Ok(_) => service.view().await.map_err(|error| vec![error]),
                Err(errors) => Err(errors),
            };
            let view = match view {
                Ok(view) => view,
                Err(errors) => return once(Response::from_errors(errors)),
            };
            let (mut request, _, batches) = service.prepared(document.request(), caller, view);
            if let Some(resume) = resume {
                request = request.data(resume);
            }
            let answers = service.0.schema.execute_stream(request.data(wanted));
            let answers = batches.stream(answers.boxed());
            answers.map(|response| answered(coded(response), 1)).boxed()
        };
        // Boxed: each part frees its memory when it ends.
        executed_apart(stream::once(own.boxed()).flatten())
            .chain(stream::once(told.boxed()).flatten())
            .boxed()
    }
}

/// Executes a subscription in a task of its own, one answer ahead. If nobody polls for the next answer, it holds no
/// database connection.
fn executed_apart(
    answers: impl Stream<Item = Answer> + Send + 'static,
) -> impl Stream<Item = Answer> + Send {
    let (give, given) = mpsc::channel(1);
    let mut executing = JoinSet::new();
    let executed = async move {
        let mut answers = pin!(answers);
        while let Some(answer) = answers.next().await {
            if give.send(answer).await.is_err() {
                return;
            }
        }
    };
    executing.spawn(executed.in_current_span());
    stream::unfold((given, executing), async |(mut given, mut executing)| {
        if let Some(answer) = given.recv().await {
            return Some((answer, (given, executing)));
        }
        // The task has ended, or panicked.
        executing.join_next().await?.err()?;
        let failed = Response::from_errors(vec![server(Error::Internal)]);
        Some((answered(failed, 0), (given, executing)))
    })
}

fn once(response: Response) -> BoxStream<'static, Answer> {
    stream::once(std::future::ready(answered(response, 0))).boxed()
}

/// An operation of a connection.
pub struct Operation {
    /// Name of the operation; empty if it has none, or if it cannot be read.
    pub name: Arc<str>,
    /// Its answers, in order.
    pub answers: BoxStream<'static, Answer>,
}

/// One answer of an operation.
pub enum Answer {
    /// An answer of this operation alone.
    Own(Response),
    /// The subscription follows the log from this position.
    Follows(Place),
    /// A change, shared with all followers that have the same question and rights.
    Told(Arc<Event>),
    /// The operation cannot be executed. No further answer comes.
    Refused(Response),
}

impl Answer {
    /// The outcome of the operation; `None` while the log is followed.
    pub fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Own(response) | Self::Refused(response) => Some(Outcome::of(response)),
            Self::Follows(_) | Self::Told(_) => None,
        }
    }
}

impl From<Broken> for Answer {
    fn from(_: Broken) -> Self {
        let message = "internal error: the next change cannot be sent; subscribe again after your last cursor";
        Self::Refused(Response::from_errors(vec![failed("INTERNAL", message)]))
    }
}

/// Classifies a response. The operation is refused if there is no data, and every error has a path of at most `depth`
/// segments. Such errors concern the operation as a whole, or the root field of a subscription.
fn answered(response: Response, depth: usize) -> Answer {
    let errors = &response.errors;
    let of_operation = errors.iter().all(|error| error.path.len() <= depth);
    if !errors.is_empty() && of_operation && response.data == Value::Null {
        Answer::Refused(response)
    } else {
        Answer::Own(response)
    }
}
