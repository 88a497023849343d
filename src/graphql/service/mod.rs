//! Executing a request: bounded, judged, pinned to one moment, and within its time.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError, Value};
use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};

use crate::document::persisted::{Persisted, Trusted};
use crate::document::{Digest, Document, Documents, Refused, digest};
use crate::engine::batch::Batches;
use crate::engine::caller::Caller;
use crate::engine::context::View;
use crate::engine::error::{Error, failed};
use crate::engine::figures::Figures;
use crate::engine::limits::{Limits, size};
use crate::engine::loads::Loads;
use crate::engine::quota::Quotas;
use crate::engine::rows::Newest;
use crate::schema::{Profiles, build};
use crate::service::answers::{Answers, Key, Version};
use crate::service::follow::Followers;
use crate::service::heard::{Heard, Hearing};
use crate::service::reply::{Outcome, Reached, Reply, coded};
use domain::viewer::Viewer;
use store::Store;
use store::moment::Moment;

pub mod answers;
mod away;
pub mod follow;
mod heard;
pub mod operation;
pub mod reply;
mod tokens;

pub use away::Away;
pub use tokens::Tokens;

/// Executes requests: the one way in, whichever the transport.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    schema: Profiles,
    store: Store,
    limits: Limits,
    quotas: Arc<Quotas>,
    persisted: Persisted,
    followers: Followers,
    documents: Documents,
    rows: Newest,
    answers: Answers,
    hearing: Hearing,
}

/// Tells whether who asks has an answer already.
pub type Known<'a> = &'a (dyn Fn(&Key) -> bool + Sync);

/// The member of a request's `extensions` that asks what the request costs.
const COST: &str = "cost";

impl Service {
    /// Answers from a store, within limits.
    pub fn new(store: Store, limits: Limits) -> Self {
        Self::trusting(store, limits, Trusted::default())
    }

    /// The same, where an operator trusts documents.
    pub fn trusting(store: Store, limits: Limits, trusted: Trusted) -> Self {
        let quotas = Arc::new(Quotas::new(&limits));
        let own = own(&store.cursors().write(Moment::default()), &limits);
        let schema = build(&limits, Arc::clone(&quotas));
        Self(Arc::new(Inner {
            followers: Followers::new(store.clone(), schema.clone()),
            schema,
            store,
            quotas,
            persisted: Persisted::new(trusted),
            limits,
            documents: Documents::of(own),
            rows: Newest::default(),
            answers: Answers::default(),
            hearing: Hearing::default(),
        }))
    }

    /// Where the answers come from.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Whether the database answers, and something can be written.
    ///
    /// # Errors
    /// [`Away`]
    pub async fn is_ready(&self) -> Result<bool, Away> {
        self.store().head().await?;
        Ok(self.store().can_write().await?)
    }

    /// How much may be asked.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// What kind of operation a request asks for; `None` for one that cannot be read.
    pub fn kind(&self, request: &Request) -> Option<OperationType> {
        let mut copy = Request::new(&request.query);
        copy.operation_name.clone_from(&request.operation_name);
        copy.extensions.clone_from(&request.extensions);
        let (request, _) = self.0.persisted.find(copy).ok()?;
        self.0.documents.kind(&request, self.limits()).ok()
    }

    /// Counts something from an address that is no request: it uses up what may be sent, too.
    ///
    /// # Errors
    /// The answer where that was too much.
    pub fn turn_away(&self, from: IpAddr) -> Result<(), Reply> {
        let caller = Caller {
            viewer: Viewer::Anonymous,
            address: Some(from),
        };
        let counted = self.0.quotas.request(&caller, 0);
        counted.map_err(|error| Response::from_errors(vec![server(error)]).into())
    }

    /// How much there is of what.
    pub fn figures(&self) -> Figures {
        let (followers, groups) = self.0.followers.counted();
        Figures {
            sequence: self.0.store.reached().0,
            followers,
            groups,
            documents: self.0.documents.len(),
            answers: self.0.answers.found(),
            rows: self.0.rows.found(),
            pool: self.0.store.pool(),
        }
    }

    /// Executes a query, and a mutation where the transport may carry one.
    pub async fn answer(&self, request: Request, caller: Caller, may_mutate: bool) -> Reply {
        self.answer_unless(request, caller, may_mutate, &|_| false)
            .await
    }

    /// The answer to what some bytes ask, where both were known before: the bytes by [`Self::hear`].
    pub async fn answer_again(&self, bytes: &[u8], caller: &Caller) -> Option<Reply> {
        let heard = self.0.hearing.find(bytes)?;
        let view = match self.now().await {
            Ok(view) => view,
            Err(error) => return Some(refused(vec![error])),
        };
        let key = Key {
            question: heard.question,
            version: version(view, caller),
        };
        let body = self.0.answers.again(&key)?;
        let reply = self.known(body, key, caller);
        Some(Reply {
            operation: heard.operation,
            ..reply.unwrap_or_else(refused)
        })
    }

    /// Remembers what some bytes ask, by what they were answered. They must say all that is asked.
    pub fn hear(&self, bytes: &[u8], reply: &Reply) {
        if let Some(Key { question, .. }) = reply.key {
            let operation = Arc::clone(&reply.operation);
            let heard = Heard {
                question,
                operation,
            };
            self.0.hearing.keep(bytes, heard);
        }
    }

    /// The same as [`Self::answer`], without a body where who asks has the answer already.
    pub async fn answer_unless(
        &self,
        request: Request,
        caller: Caller,
        may_mutate: bool,
        is_known: Known<'_>,
    ) -> Reply {
        let tells_cost = tells_cost(&request);
        let document = match self.document(request, &caller) {
            Ok(document) => document,
            Err(found) => {
                return Reply {
                    operation: found.name,
                    ..refused(found.errors)
                };
            }
        };
        let operation = Arc::clone(&document.name);
        let reply = self.answered(document, caller, may_mutate, tells_cost, is_known);
        Reply {
            operation,
            ..reply.await.unwrap_or_else(refused)
        }
    }

    async fn answered(
        &self,
        document: Document,
        caller: Caller,
        may_mutate: bool,
        tells_cost: bool,
        is_known: Known<'_>,
    ) -> Result<Reply, Vec<ServerError>> {
        match document.operation {
            OperationType::Mutation if !may_mutate => {
                let reply = Reply::from(Response::from_errors(vec![needs_post()]));
                return Ok(Reply {
                    outcome: Outcome::NeedsPost,
                    ..reply
                });
            }
            OperationType::Mutation => {
                let executed = self.executed(document, caller, None, tells_cost);
                return Ok(executed.await?.response.into());
            }
            OperationType::Subscription => {
                let message = "a subscription needs the WebSocket at /graphql/ws, or Accept: text/event-stream";
                return Err(vec![failed("BAD_USER_INPUT", message)]);
            }
            OperationType::Query => {}
        }
        let view = self.now().await?;
        let key = Key {
            question: document.question,
            version: version(view, &caller),
        };
        let shared = !document.is_personal && !tells_cost;
        if shared {
            // Only a whole answer was ever told with its name.
            let known = || is_known(&key).then(Bytes::new);
            if let Some(body) = self.0.answers.get(&key).or_else(known) {
                let reply = self.known(body, key, &caller)?;
                self.keep(&document);
                return Ok(reply);
            }
        }
        let executed = self
            .executed(document, caller, Some(view), tells_cost)
            .await?;
        let is_whole = executed.response.errors.is_empty();
        let shared = shared && !is_misjudged(&executed);
        let mut reply = Reply::from(executed.response);
        if shared && is_whole {
            self.0.answers.keep(key, reply.body.clone());
            reply.key = Some(key);
        }
        Ok(reply)
    }

    /// An answer that was there already, to who may ask so much.
    fn known(&self, body: Bytes, key: Key, caller: &Caller) -> Result<Reply, Vec<ServerError>> {
        self.0.quotas.request(caller, 0).map_err(server)?;
        Ok(Reply {
            body,
            outcome: Outcome::Executed,
            reached: Reached::Data,
            key: Some(key),
            operation: Arc::default(),
        })
    }

    /// How the world is seen by what only reads it.
    async fn now(&self) -> Result<View, ServerError> {
        let view = self.in_time(View::now(&self.0.store)).await?;
        view.map_err(server)
    }

    /// Reads a request. What cannot be read counts as a request too.
    fn document(&self, request: Request, caller: &Caller) -> Result<Document, Refused> {
        let suggests = matches!(caller.viewer, Viewer::Known(_));
        let found = self.0.persisted.find(request).map_err(Refused::from);
        let read = found.and_then(|(request, told)| {
            let mut document = self.0.documents.read(request, self.limits(), suggests)?;
            document.told = told;
            Ok(document)
        });
        read.or_else(|refused| {
            self.0.quotas.request(caller, 0).map_err(server)?;
            Err(refused)
        })
    }

    /// The cost of a document, after it was counted and found to be within the limits.
    fn counted(&self, document: &Document, caller: &Caller) -> Result<usize, Vec<ServerError>> {
        let cost = document.cost();
        self.0.quotas.request(caller, cost).map_err(server)?;
        self.keep(document);
        let limits = self.limits();
        let most = match caller.viewer {
            Viewer::Anonymous => limits.max_anonymous_complexity.min(limits.max_complexity),
            Viewer::Known(_) => limits.max_complexity,
        };
        if cost > size(most) {
            let message = format!("the request costs {cost}, and {most} is the most");
            return Err(vec![failed("TOO_COMPLEX", message)]);
        }
        Ok(cost)
    }

    /// Keeps the text of a document that is in order, where its client told a hash of it.
    fn keep(&self, document: &Document) {
        if let Some(told) = &document.told {
            self.0.persisted.keep(told.clone());
        }
    }

    /// Executes a query as the world is seen from a view, or a mutation as it is now. It is compiled here, and not where
    /// it is awaited; an answer that is kept already does not carry it.
    fn executed(
        &self,
        document: Document,
        caller: Caller,
        view: Option<View>,
        tells_cost: bool,
    ) -> BoxFuture<'_, Result<Executed, Vec<ServerError>>> {
        async move {
            let estimated = self.counted(&document, &caller)?;
            let view = match view {
                Some(view) => view,
                None => self.view().await?,
            };
            let (request, loads, batches) = self.prepared(document.request(), caller, view);
            let answer = batches.run(self.0.schema.execute(request));
            let mut response = coded(self.in_time(answer).await?);
            if tells_cost {
                let actual = fields(&response.data);
                let cost = serde_json::json!({ "estimated": estimated, "actual": actual });
                response = response.extension(COST, Value::from_json(cost).unwrap_or_default());
            }
            Ok(Executed {
                response,
                is_personal: loads.personal().is_noted(),
            })
        }
        .boxed()
    }

    /// How the world is seen by what begins now and may change it: as the database says.
    async fn view(&self) -> Result<View, ServerError> {
        let store = &self.0.store;
        let head = self.in_time(store.head()).await?;
        Ok(View::of(store, head.map_err(|error| server(error.into()))?))
    }

    /// What something comes to, in the time that each part of a request may take: what is late is dropped.
    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, ServerError> {
        let limit = self.limits().request_timeout();
        let done = tokio::time::timeout(limit, work).await;
        done.map_err(|_| {
            let message = format!("the request took longer than {} ms", limit.as_millis());
            failed("TIMEOUT", message)
        })
    }

    /// Pins a request to a moment.
    fn prepared(&self, request: Request, caller: Caller, view: View) -> (Request, Loads, Batches) {
        let rows = self.0.rows.at(view.moment);
        let (loads, batches) = Batches::new(self.0.store.clone(), rows);
        let request = request.data(view).data(loads.clone()).data(caller);
        (request, loads, batches)
    }
}

/// Stands for what answers depend on that another service may have otherwise: its database, and its limits. Caches of
/// clients keep names of answers that are made of it, so that it is written in the words of the schema.
fn own(database: &str, limits: &Limits) -> Digest {
    // Limits are numbers: they are always JSON.
    let limits = serde_json::to_string(limits).unwrap_or_default();
    digest([database.as_bytes(), limits.as_bytes()])
}

/// What an execution came to.
struct Executed {
    response: Response,
    /// True where a resolver read who asks.
    is_personal: bool,
}

/// True for the answer to a document that was judged to be the same for all who may do the same, where a resolver read
/// who asks, or what changes though the log does not: its field is missing in `document::personal`. In the builds that tests use, that is a panic.
fn is_misjudged(executed: &Executed) -> bool {
    if executed.is_personal {
        tracing::error!("a field that depends on who asks is not listed as personal");
    }
    debug_assert!(
        !executed.is_personal,
        "a field that depends on who asks is not listed as personal"
    );
    executed.is_personal
}

/// The world as a caller sees it.
fn version(view: View, caller: &Caller) -> Version {
    Version {
        moment: view.moment,
        day: view.as_of,
        role: caller.viewer.role(),
    }
}

fn refused(errors: Vec<ServerError>) -> Reply {
    Response::from_errors(errors).into()
}

/// Whether a request asks what it costs.
fn tells_cost(request: &Request) -> bool {
    request.extensions.get(COST) == Some(&Value::Boolean(true))
}

/// How many fields an answer has.
fn fields(data: &Value) -> usize {
    match data {
        Value::Object(members) => members
            .values()
            .map(|member| fields(member).saturating_add(1))
            .sum(),
        Value::List(elements) => elements.iter().map(fields).sum(),
        _ => 0,
    }
}

fn needs_post() -> ServerError {
    failed("BAD_USER_INPUT", "a mutation needs POST")
}

/// An error of the request as a whole: it is at no place of the document.
fn server(error: Error) -> ServerError {
    let error = async_graphql::Error::from(error);
    ServerError {
        locations: Vec::new(),
        ..error.into_server_error(async_graphql::Pos::default())
    }
}

#[cfg(test)]
mod cursors;

#[cfg(test)]
mod tests {
    use store::Options;

    use super::*;

    #[cfg(debug_assertions)]
    #[tokio::test]
    #[should_panic(expected = "not listed as personal")]
    async fn an_answer_for_which_somebody_read_who_asks_is_never_taken_for_everybodys() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("profiles.db").display());
        let store = Store::open(&url, &Options::default()).await.unwrap();
        let service = Service::new(store, Limits::default());
        let caller = Caller {
            viewer: Viewer::Anonymous,
            address: None,
        };
        let read = service.document(Request::new("{ viewer { role } }"), &caller);
        let mut document = read.ok().unwrap();
        assert!(document.is_personal);
        document.is_personal = false;
        let answer = service.answered(document, caller, false, false, &|_| false);
        drop(answer.await);
    }
}
