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

use crate::document::{Document, RefusedDocument};
use crate::engine::caller::Caller;
use crate::engine::error::{Error, failed};
use crate::engine::subscription::{ArgumentSlot, Resume};
use crate::service::follow::{self, Event, LogPosition, RenderFailed};
use crate::service::freshness::Demand;
use crate::service::response::{Outcome, coded};
use crate::service::{CheckedRequest, Origin, Service, needs_post, server, tells_cost};

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
        let demand = Demand::of(&request);
        match self.document(Origin::Client, request, &caller, &mut None) {
            Ok(document) => Operation {
                name: Arc::clone(&document.name),
                answers: self.answers_to(
                    CheckedRequest {
                        origin: Origin::Client,
                        document,
                        caller,
                        may_mutate,
                        tells_cost,
                        demand,
                    },
                    resume,
                    permit,
                ),
            },
            Err(refused) => Operation::refused(refused),
        }
    }

    /// Follows a subscription that is part of this program, as [`Self::answer_own`] executes documents.
    pub fn follow_own(&self, request: Request, caller: Caller) -> Operation {
        match self.document(Origin::Program, request, &caller, &mut None) {
            Ok(document) => Operation {
                name: Arc::clone(&document.name),
                answers: self.subscribe(Origin::Program, document, caller, None),
            },
            Err(refused) => Operation::refused(refused),
        }
    }

    fn answers_to(
        &self,
        request: CheckedRequest,
        resume: Option<Resume>,
        permit: Option<OwnedSemaphorePermit>,
    ) -> BoxStream<'static, Answer> {
        let CheckedRequest {
            origin,
            document,
            caller,
            may_mutate,
            tells_cost,
            demand,
        } = request;
        let service = self.clone();
        if document.operation == OperationType::Subscription {
            if matches!(demand, Demand::Nothing) {
                return self.subscribe(origin, document, caller, resume);
            }
            let answers = async move {
                match service.meet(&demand).await {
                    Ok(()) => service.subscribe(origin, document, caller, resume),
                    Err(error) => once(Response::from_errors(vec![error])),
                }
            };
            return stream::once(answers).flatten().boxed();
        }
        if document.operation == OperationType::Mutation && !may_mutate {
            return once(Response::from_errors(vec![needs_post()]));
        }
        let executed = async move {
            let _permit = permit;
            service.meet(&demand).await?;
            let view = match document.operation {
                OperationType::Query => Some(service.newest().await?.0),
                _ => None,
            };
            let mut balance = None;
            let executed =
                service.execute(origin, document, caller, view, tells_cost, &mut balance);
            let executed = executed.await?;
            Ok(executed.answer.response())
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
        origin: Origin,
        document: Document,
        caller: Caller,
        resume: Option<Resume>,
    ) -> BoxStream<'static, Answer> {
        let slot = ArgumentSlot::default();
        let following = {
            let (service, document) = (self.clone(), document.clone());
            let (caller, slot) = (caller.clone(), slot.clone());
            // A subscription to the log ends at once, after it has stored its arguments in `slot`.
            async move {
                let Some(args) = slot.take() else {
                    return stream::empty().boxed();
                };
                let place = LogPosition::at_end_of(service.store(), args.after);
                let start = stream::once(std::future::ready(Answer::Follows(place)));
                let events = follow::follow(&service.0.followers, document, caller, args);
                let events = events.map(|event| event.map_or_else(Answer::from, Answer::Change));
                start.chain(events).boxed()
            }
        };
        let service = self.clone();
        let answers = async move {
            let counted = service.charge(origin, &document, &caller, &mut None);
            let view = match counted {
                Ok(_) => service.view().await.map_err(|error| vec![error]),
                Err(errors) => Err(errors),
            };
            let view = match view {
                Ok(view) => view,
                Err(errors) => return once(Response::from_errors(errors)),
            };
            let (mut request, _, batches) = service.prepare(document.request(), caller, view);
            if let Some(resume) = resume {
                request = request.data(resume);
            }
            let answers = service.0.schema.execute_stream(request.data(slot));
            let answers = batches.stream(answers.boxed());
            answers.map(|response| answered(coded(response), 1)).boxed()
        };
        // Boxed: each part frees its memory when it ends.
        executed_apart(stream::once(answers.boxed()).flatten())
            .chain(stream::once(following.boxed()).flatten())
            .boxed()
    }
}

/// Executes a subscription in a task of its own, one answer ahead. If nobody polls for the next answer, it holds no
/// database connection.
fn executed_apart(
    answers: impl Stream<Item = Answer> + Send + 'static,
) -> impl Stream<Item = Answer> + Send {
    let (sender, receiver) = mpsc::channel(1);
    let mut executing = JoinSet::new();
    let executed = async move {
        let mut answers = pin!(answers);
        while let Some(answer) = answers.next().await {
            if sender.send(answer).await.is_err() {
                return;
            }
        }
    };
    executing.spawn(executed.in_current_span());
    stream::unfold(
        (receiver, executing),
        async |(mut receiver, mut executing)| {
            if let Some(answer) = receiver.recv().await {
                return Some((answer, (receiver, executing)));
            }
            // The task has ended, or panicked.
            executing.join_next().await?.err()?;
            let failed = Response::from_errors(vec![server(Error::Internal)]);
            Some((answered(failed, 0), (receiver, executing)))
        },
    )
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

impl Operation {
    fn refused(refused: RefusedDocument) -> Self {
        Self {
            name: refused.name,
            answers: once(Response::from_errors(refused.errors)),
        }
    }
}

/// One answer of an operation.
pub enum Answer {
    /// An answer of this operation alone.
    Own(Response),
    /// The subscription follows the log from this position.
    Follows(LogPosition),
    /// A change, shared with all followers that have the same question and rights.
    Change(Arc<Event>),
    /// The operation cannot be executed. No further answer comes.
    Refused(Response),
}

impl Answer {
    /// The outcome of the operation; `None` while the log is followed.
    pub fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Own(response) | Self::Refused(response) => Some(Outcome::of(response)),
            Self::Follows(_) | Self::Change(_) => None,
        }
    }
}

impl From<RenderFailed> for Answer {
    fn from(_: RenderFailed) -> Self {
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
