//! Requests: each is validated, counted, bound to one moment, and answered from the response cache or executed.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, ServerError, Value};
use bytes::Bytes;
use futures_util::stream::StreamExt;

use crate::document::persisted::{Persisted, Trusted};
use crate::document::{Digest, Document, Documents, RefusedDocument, digest};
use crate::engine::caller::Caller;
use crate::engine::context::View;
use crate::engine::environment::Environment;
use crate::engine::error::{Error, failed};
use crate::engine::limits::{Limits, size};
use crate::engine::quota::{Balance, COST_OF_A_POINT, Quotas};
use crate::engine::rows::RowCache;
use crate::engine::search_index::SearchIndex;
use crate::engine::stats::Stats;
use crate::engine::target::Targets;
use crate::schema::{ApiSchema, build};
use crate::service::follow::Followers;
use crate::service::request_cache::{CachedRequest, RequestCache};
use crate::service::response::{Outcome, Reached, Reply};
use crate::service::response_cache::{AnswerKey, AnswerVersion, ResponseCache};
use crate::type_system::Audience;
use domain::viewer::Viewer;
use store::Store;
use store::chain::Noted;
use store::moment::Moment;

mod away;
mod execute;
pub mod follow;
mod freshness;
pub mod operation;
mod request_cache;
pub mod response;
pub mod response_cache;
mod tokens;
pub mod webhook;

pub use away::Away;
use execute::Executed;
use freshness::Demand;
pub use freshness::Seen;
pub use tokens::Tokens;

/// Executes requests. All transports enter here.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    schema: ApiSchema,
    environment: Environment,
    store: Store,
    limits: Limits,
    /// The limits on documents of the program itself.
    own_limits: Limits,
    quotas: Arc<Quotas>,
    search: Arc<SearchIndex>,
    persisted: Persisted,
    followers: Followers,
    documents: Documents,
    rows: RowCache,
    responses: ResponseCache,
    requests: RequestCache,
    targets: OnceLock<Targets>,
}

/// Returns true if the client has the answer with this key already.
pub type HasAnswer<'a> = &'a (dyn Fn(&AnswerKey) -> bool + Sync);

/// The least time between two updates of the search index by its task.
const SEARCH_INDEX_INTERVAL: Duration = Duration::from_millis(50);

/// The member of the request's `extensions` that requests its cost.
const COST: &str = "cost";

impl Service {
    /// Creates a service for a store, with limits and without trusted documents.
    pub fn new(store: Store, limits: Limits) -> Self {
        Self::trusting(store, limits, Trusted::default())
    }

    /// Creates a service for a store, with limits and with the documents that the operator trusts.
    pub fn trusting(store: Store, limits: Limits, trusted: Trusted) -> Self {
        Self::build(store, limits, trusted, Audience::Clients)
    }

    /// Creates a service like [`Self::trusting`] that is a subgraph of Apollo Federation.
    pub fn subgraph(store: Store, limits: Limits, trusted: Trusted) -> Self {
        Self::build(store, limits, trusted, Audience::SubgraphClients)
    }

    fn build(store: Store, limits: Limits, trusted: Trusted, audience: Audience) -> Self {
        let quotas = Arc::new(Quotas::new(&limits));
        let database = store.cursors().write(Moment::default());
        let mut service_hash = service_hash(&database, &limits);
        let search = Arc::new(SearchIndex::new(&limits));
        let rows = RowCache::new(&limits);
        let schema = build(&limits, Arc::clone(&quotas), Arc::clone(&search), audience);
        let documents = if audience == Audience::SubgraphClients {
            // Its answers to introspection differ.
            service_hash = digest([service_hash.as_slice(), b"subgraph"]);
            Documents::of_subgraph(service_hash)
        } else {
            Documents::of(service_hash)
        };
        Self(Arc::new(Inner {
            followers: Followers::new(store.clone(), schema.clone()),
            environment: Environment::of(&schema),
            schema,
            store,
            quotas,
            search,
            persisted: Persisted::new(trusted),
            own_limits: Limits {
                max_complexity: i32::MAX,
                max_anonymous_complexity: i32::MAX,
                public_url: limits.public_url.clone(),
                ..Limits::default()
            },
            limits,
            documents,
            rows,
            responses: ResponseCache::default(),
            requests: RequestCache::default(),
            targets: OnceLock::new(),
        }))
    }

    /// The store from which requests are answered.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The last line of the log and its hash, if the database can be written to.
    ///
    /// # Errors
    /// [`Away`] if the database does not answer.
    pub async fn ready_at(&self) -> Result<Option<Noted>, Away> {
        let last = self.store().last_line().await?;
        Ok(self.store().can_write().await?.then_some(last))
    }

    /// The limits of this service.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The kind of operation in a request; `None` if the document is not valid.
    pub fn kind(&self, request: &Request) -> Option<OperationType> {
        let mut copy = Request::new(&request.query);
        copy.operation_name.clone_from(&request.operation_name);
        copy.extensions.clone_from(&request.extensions);
        let (request, _) = self.0.persisted.find(copy).ok()?;
        self.0.documents.kind(&request, self.limits()).ok()
    }

    /// Counts a request that cannot be read, or whose caller is not known, against the quota of an address. Returns its
    /// balance.
    ///
    /// # Errors
    /// The response to send if the quota is used up.
    pub fn charge_unreadable(&self, from: IpAddr) -> Result<Option<Balance>, Box<Reply>> {
        self.charge_request(&Caller {
            viewer: Viewer::Anonymous,
            address: Some(from),
        })
    }

    /// Counts a request that is no GraphQL request against the quota of its caller. Returns the balance.
    ///
    /// # Errors
    /// The response to send if the quota is used up.
    pub fn charge_request(&self, caller: &Caller) -> Result<Option<Balance>, Box<Reply>> {
        let mut balance = None;
        match self.count(caller, 0, &mut balance) {
            Ok(()) => Ok(balance),
            Err(error) => Err(Box::new(Reply {
                balance,
                ..refused(vec![error])
            })),
        }
    }

    /// Counts rows that are sent to a caller against the caller's quota: one point for every 100, or part of it. Waits
    /// while the quota is used up.
    pub async fn pace(&self, caller: &Caller, rows: usize) {
        for _ in 0..rows.div_ceil(COST_OF_A_POINT) {
            while let (_, Err(Error::RateLimited(_, wait))) = self.0.quotas.request(caller, 0) {
                tokio::time::sleep(wait).await;
            }
        }
    }

    /// Fills the search index, and brings it to the end of the log at intervals, so that a search has little left to read:
    /// it brings the index up to its own moment itself. Ends when the store is closed.
    pub async fn keep_search_index(&self) {
        let store = &self.0.store;
        let mut moments = pin!(store.follow(Moment::default(), |_| async {
            let moment = store.reached();
            let reached = self.0.search.reach(store, moment).await;
            Ok::<_, Infallible>((reached, moment))
        }));
        // An index that grew too large was logged; a database that is away is asked again at the next change.
        while moments.next().await.is_some() {
            tokio::time::sleep(SEARCH_INDEX_INTERVAL).await;
        }
    }

    /// Runtime statistics and hit counters of the caches.
    pub fn stats(&self) -> Stats {
        let (followers, groups) = self.0.followers.count_followers();
        Stats {
            sequence: self.0.store.reached().0,
            followers,
            groups,
            documents: self.0.documents.len(),
            responses: self.0.responses.counts(),
            rows: self.0.rows.counts(),
            caches: vec![
                ("changes", self.0.followers.size()),
                ("documents", self.0.documents.size()),
                ("persisted_documents", self.0.persisted.size()),
                ("requests", self.0.requests.size()),
                ("responses", self.0.responses.size()),
                ("rows", self.0.rows.size()),
            ],
            search: self.0.search.size(),
        }
    }

    /// Executes a query; also a mutation if `may_mutate`: the transport may carry it.
    pub async fn answer(&self, request: Request, caller: Caller, may_mutate: bool) -> Reply {
        self.answer_unless(request, caller, may_mutate, &|_| false)
            .await
    }

    /// Answers a request from its raw bytes, if the request cache contains them and the response cache contains the
    /// answer. [`Self::remember`] fills the request cache.
    pub async fn answer_again(&self, bytes: &[u8], caller: &Caller) -> Option<Reply> {
        let cached = self.0.requests.find(bytes)?;
        let (view, seen) = match self.now(caller).await {
            Ok(found) => found,
            Err(error) => return Some(refused(vec![error])),
        };
        let key = AnswerKey {
            question: cached.question,
            version: version(view, caller),
        };
        let body = self.0.responses.get_hit(&key)?;
        let mut balance = None;
        let reply = self.cached_reply(body, key, caller, &mut balance);
        Some(Reply {
            operation: cached.operation,
            balance,
            seen: Some(seen),
            ..reply.unwrap_or_else(refused)
        })
    }

    /// Adds a request to the request cache, after it was answered. The bytes must contain the whole request.
    pub fn remember(&self, bytes: &[u8], reply: &Reply) {
        if let Some(AnswerKey { question, .. }) = reply.key {
            let operation = Arc::clone(&reply.operation);
            let request = CachedRequest {
                question,
                operation,
            };
            self.0.requests.insert(bytes, request);
        }
    }

    /// Like [`Self::answer`], but without a body if `has_answer` returns true for the key of the answer.
    pub async fn answer_unless(
        &self,
        request: Request,
        caller: Caller,
        may_mutate: bool,
        has_answer: HasAnswer<'_>,
    ) -> Reply {
        self.answer_of(Origin::Client, request, caller, may_mutate, has_answer)
            .await
    }

    /// The version of the data, the day and the role on which answers to a caller depend now, and the state of the log.
    ///
    /// # Errors
    /// The response to send if the database does not answer.
    pub async fn version(&self, caller: &Caller) -> Result<(AnswerVersion, Seen), Box<Reply>> {
        let found = self.now(caller).await;
        let (view, seen) = found.map_err(|error| Box::new(refused(vec![error])))?;
        Ok((version(view, caller), seen))
    }

    /// Executes a document that is part of this program; also a mutation if `may_mutate`. Its cost counts against the quota of the caller. The limits on a
    /// single request do not apply, because the program bounds its own queries; nor does the restriction to trusted
    /// documents.
    pub async fn answer_own(&self, request: Request, caller: Caller, may_mutate: bool) -> Reply {
        self.answer_of(Origin::Program, request, caller, may_mutate, &|_| false)
            .await
    }

    async fn answer_of(
        &self,
        origin: Origin,
        request: Request,
        caller: Caller,
        may_mutate: bool,
        has_answer: HasAnswer<'_>,
    ) -> Reply {
        let tells_cost = tells_cost(&request);
        let demand = Demand::of(&request);
        let mut balance = None;
        let document = match self.document(origin, request, &caller, &mut balance) {
            Ok(document) => document,
            Err(found) => {
                return Reply {
                    operation: found.name,
                    balance,
                    ..refused(found.errors)
                };
            }
        };
        let operation = Arc::clone(&document.name);
        let checked = CheckedRequest {
            origin,
            document,
            caller,
            may_mutate,
            tells_cost,
            demand,
        };
        let reply = self.answer_checked(checked, has_answer, &mut balance).await;
        Reply {
            operation,
            balance,
            ..reply.unwrap_or_else(refused)
        }
    }

    async fn answer_checked(
        &self,
        request: CheckedRequest,
        has_answer: HasAnswer<'_>,
        balance: &mut Option<Balance>,
    ) -> Result<Reply, Vec<ServerError>> {
        let CheckedRequest {
            origin,
            document,
            caller,
            may_mutate,
            tells_cost,
            demand,
        } = request;
        self.meet(&demand).await?;
        match document.operation {
            OperationType::Mutation if !may_mutate => {
                let reply = Reply::from(Response::from_errors(vec![needs_post()]));
                return Ok(Reply {
                    outcome: Outcome::NeedsPost,
                    ..reply
                });
            }
            OperationType::Mutation => {
                let executed = self.execute(origin, document, caller, None, tells_cost, balance);
                let reply = Reply::from(executed.await?.answer);
                return Ok(Reply {
                    seen: Some(self.seen_by_writer()),
                    ..reply
                });
            }
            OperationType::Subscription => {
                let message = "a subscription needs the WebSocket at /graphql/ws, or Accept: text/event-stream or multipart/mixed;subscriptionSpec=1.0";
                return Err(vec![failed("BAD_USER_INPUT", message)]);
            }
            OperationType::Query => {}
        }
        let arrived = Instant::now();
        let (view, mut seen) = self.now(&caller).await?;
        let mut key = AnswerKey {
            question: document.question,
            version: version(view, &caller),
        };
        let shared = !document.is_personal && !tells_cost;
        if shared {
            // Clients get the key only with a complete answer, so the one they have is complete.
            let known = || has_answer(&key).then(Bytes::new);
            if let Some(body) = self.0.responses.get(&key).or_else(known) {
                let reply = self.cached_reply(body, key, &caller, balance)?;
                self.persist_document(&document);
                return Ok(Reply {
                    seen: Some(seen),
                    ..reply
                });
            }
        }
        let again = (seen.at < arrived).then(|| (document.clone(), caller.clone()));
        let mut executed = self
            .execute(origin, document, caller, Some(view), tells_cost, balance)
            .await?;
        if let Some((document, caller)) = again
            && names_unknown_cursor(executed.answer.errors())
        {
            // A client may name what another instance has told it.
            let (view, newest) = self.newest().await?;
            (seen, key.version) = (newest, version(view, &caller));
            executed = self
                .execute(origin, document, caller, Some(view), tells_cost, balance)
                .await?;
        }
        let is_whole = executed.answer.errors().is_empty();
        let shared = shared && !is_wrongly_shareable(&executed);
        let mut reply = Reply::from(executed.answer);
        reply.seen = Some(seen);
        if shared && is_whole {
            self.0.responses.insert(key, &reply.body);
            reply.key = Some(key);
        }
        Ok(reply)
    }

    /// Replies with a cached answer, if the quota of the caller allows one more request.
    fn cached_reply(
        &self,
        body: Bytes,
        key: AnswerKey,
        caller: &Caller,
        balance: &mut Option<Balance>,
    ) -> Result<Reply, Vec<ServerError>> {
        self.count(caller, 0, balance)?;
        Ok(Reply {
            body,
            outcome: Outcome::Executed,
            reached: Reached::Data,
            key: Some(key),
            operation: Arc::default(),
            balance: None,
            seen: None,
        })
    }

    /// Counts a request against the quota of its caller, and stores the balance.
    fn count(
        &self,
        caller: &Caller,
        cost: usize,
        balance: &mut Option<Balance>,
    ) -> Result<(), ServerError> {
        let (left, counted) = self.0.quotas.request(caller, cost);
        *balance = left;
        counted.map_err(server)
    }

    /// Reads the document of a request. An invalid request counts against the quota, too.
    fn document(
        &self,
        origin: Origin,
        request: Request,
        caller: &Caller,
        balance: &mut Option<Balance>,
    ) -> Result<Document, RefusedDocument> {
        let suggests = matches!(caller.viewer, Viewer::Identified(_));
        let found = match origin {
            Origin::Client => self.0.persisted.find(request),
            Origin::Program => Ok((request, None)),
        };
        let found = found.map_err(RefusedDocument::from);
        let limits = self.limits_of(origin);
        let read = found.and_then(|(request, sent)| {
            let mut document = self.0.documents.read(request, limits, suggests)?;
            document.sent = sent;
            Ok(document)
        });
        read.or_else(|refused| {
            self.count(caller, 0, balance)?;
            Err(refused)
        })
    }

    /// Counts a document against the quota and checks its cost against the limits. Returns the cost.
    fn charge(
        &self,
        origin: Origin,
        document: &Document,
        caller: &Caller,
        balance: &mut Option<Balance>,
    ) -> Result<usize, Vec<ServerError>> {
        let cost = document.cost();
        let counted = match origin {
            Origin::Client => cost,
            Origin::Program => cost.min(self.0.quotas.affordable(caller)),
        };
        self.count(caller, counted, balance)?;
        self.persist_document(document);
        let most = self.max_cost(origin, caller);
        if cost > most {
            let message = format!("the request costs {cost}; at most {most} is allowed");
            return Err(vec![failed("TOO_COMPLEX", message)]);
        }
        Ok(cost)
    }

    /// The limits on documents of an origin.
    fn limits_of(&self, origin: Origin) -> &Limits {
        match origin {
            Origin::Client => &self.0.limits,
            Origin::Program => &self.0.own_limits,
        }
    }

    /// Maximum cost of one request of a caller.
    fn max_cost(&self, origin: Origin, caller: &Caller) -> usize {
        let limits = self.limits_of(origin);
        size(match caller.viewer {
            Viewer::Anonymous => limits.max_anonymous_complexity.min(limits.max_complexity),
            Viewer::Identified(_) => limits.max_complexity,
        })
    }

    /// Stores the text of a valid document for which the client sent a hash (automatic persisted queries).
    fn persist_document(&self, document: &Document) {
        if let Some(sent) = &document.sent {
            self.0.persisted.insert(sent.clone());
        }
    }
}

/// Hash of everything on which answers depend and that differs between services: database and limits. It is part of
/// names of answers that clients cache, so it is written with the names of the schema.
fn service_hash(database: &str, limits: &Limits) -> Digest {
    // Limits are numbers, which can always be written as JSON.
    let limits = serde_json::to_string(limits).unwrap_or_default();
    digest([database.as_bytes(), limits.as_bytes()])
}

/// The author of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// A client.
    Client,
    /// This program.
    Program,
}

/// A request whose document is valid.
struct CheckedRequest {
    origin: Origin,
    document: Document,
    caller: Caller,
    /// True if the operation may be a mutation: the transport may carry it.
    may_mutate: bool,
    /// True if the response contains the cost.
    tells_cost: bool,
    /// The cursor that the answer must have reached.
    demand: Demand,
}

/// True if an answer depends on the viewer, or on data that changes without the change log, although its document was
/// judged to be shareable. Then a field is missing in `document::personal`. Panics in builds with debug assertions,
/// which tests use.
fn is_wrongly_shareable(executed: &Executed) -> bool {
    if executed.is_personal {
        tracing::error!("a field that depends on the viewer is not listed as personal");
    }
    debug_assert!(
        !executed.is_personal,
        "a field that depends on the viewer is not listed as personal"
    );
    executed.is_personal
}

/// The view and the rights of a caller, as the response cache distinguishes them.
fn version(view: View, caller: &Caller) -> AnswerVersion {
    AnswerVersion {
        moment: view.moment,
        day: view.as_of,
        role: caller.viewer.role(),
    }
}

fn refused(errors: Vec<ServerError>) -> Reply {
    Response::from_errors(errors).into()
}

/// True if an error tells that the log does not have a cursor, as far as it was seen.
fn names_unknown_cursor(errors: &[ServerError]) -> bool {
    errors.iter().any(|error| {
        let code = error.extensions.as_ref().and_then(|set| set.get("code"));
        code == Some(&Value::from("UNKNOWN_CURSOR"))
    })
}

/// True if a request selects the extension [`COST`].
fn tells_cost(request: &Request) -> bool {
    request.extensions.get(COST) == Some(&Value::Boolean(true))
}

fn needs_post() -> ServerError {
    failed("BAD_USER_INPUT", "a mutation needs POST")
}

/// An error of the request as a whole. It has no location in the document.
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
    async fn an_answer_that_depends_on_the_viewer_is_never_shared() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("profiles.db").display());
        let store = Store::open(&url, &Options::default()).await.unwrap();
        let service = Service::new(store, Limits::default());
        let caller = Caller {
            viewer: Viewer::Anonymous,
            address: None,
        };
        let request = Request::new("{ viewer { role } }");
        let read = service.document(Origin::Client, request, &caller, &mut None);
        let mut document = read.ok().unwrap();
        assert!(document.is_personal);
        document.is_personal = false;
        let checked = CheckedRequest {
            origin: Origin::Client,
            document,
            caller,
            may_mutate: false,
            tells_cost: false,
            demand: Demand::Nothing,
        };
        let mut balance = None;
        let answer = service.answer_checked(checked, &|_| false, &mut balance);
        drop(answer.await);
    }
}
