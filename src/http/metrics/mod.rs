//! Metrics of the HTTP server, in the text format of Prometheus.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::graphql::{Answer, CacheSize, Outcome, Reached, Reply, Service};

mod build;
mod database;
mod refused_tokens;
mod scraped;

use database::DatabaseMetrics;
pub use refused_tokens::{RefusedToken, RefusedTokens};
use scraped::ScrapedMetrics;

/// Number of operation names with a counter of their own. Clients may invent any number of names, so the rest share
/// one.
const MAX_NAMED_OPERATIONS: usize = 100;
/// Longest operation name with a counter of its own, in bytes.
const MAX_NAME_BYTES: usize = 64;
/// Label of the operations without a counter of their own.
const OTHERS: &str = "(others)";
/// Label of the operations without a name.
const UNNAMED: &str = "(unnamed)";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    operation: Arc<str>,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResponseLabels {
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FaultLabels {
    code: &'static str,
}

const INTERNAL: &str = "INTERNAL";
const UNAVAILABLE: &str = "UNAVAILABLE";

/// The counters, and the figures that are read at each scrape.
pub struct Metrics {
    registry: Registry,
    names: Mutex<HashSet<Arc<str>>>,
    requests: Family<RequestLabels, Counter>,
    durations: Histogram,
    faults: Family<FaultLabels, Counter>,
    responses: Family<ResponseLabels, Counter>,
    waiting: Gauge,
    scraped: ScrapedMetrics,
    database: DatabaseMetrics,
}

impl Metrics {
    /// Makes the metrics. `database` is the kind of the database, `features` what is switched on, and `others` the
    /// metrics of other rooms.
    pub fn new(
        database: &'static str,
        features: &str,
        refused_tokens: &RefusedTokens,
        others: impl IntoIterator<Item = Box<dyn Collector>>,
    ) -> Self {
        let mut registry = Registry::with_prefix("cyberprofiles");
        build::register(&mut registry, database, features);
        let requests = Family::default();
        registry.register(
            "requests",
            "Requests, including those on sockets and event streams, by operation name and outcome",
            requests.clone(),
        );
        let durations = Histogram::new(exponential_buckets(0.000_1, 4.0, 9));
        registry.register_with_unit(
            "request_duration",
            "Duration of requests over HTTP",
            Unit::Seconds,
            durations.clone(),
        );
        let faults = Family::default();
        registry.register(
            "faults",
            "Requests that could not be answered completely, by code: INTERNAL, or UNAVAILABLE (also by a timeout)",
            faults.clone(),
        );
        for code in [INTERNAL, UNAVAILABLE] {
            // A counter from the beginning, so that its first increase is seen.
            drop(faults.get_or_create(&FaultLabels { code }));
        }
        let responses = Family::default();
        registry.register(
            "http_responses",
            "HTTP responses by status, including handshakes of sockets and event streams",
            responses.clone(),
        );
        refused_tokens.register(&mut registry);
        let waiting = Gauge::default();
        registry.register(
            "messages_waiting",
            "Messages in the send queues of sockets that are not flushed yet",
            waiting.clone(),
        );
        let scraped = ScrapedMetrics::default();
        scraped.register(&mut registry);
        let database = DatabaseMetrics::default();
        database.register(&mut registry);
        for other in others {
            registry.register_collector(other);
        }
        Self {
            registry,
            names: Mutex::default(),
            requests,
            durations,
            faults,
            responses,
            waiting,
            scraped,
            database,
        }
    }

    /// Counts a request over HTTP, and its duration.
    pub fn count(&self, reply: &Reply, took: Duration) {
        let is_executed = reply.reached != Reached::Nothing;
        self.count_outcome(&reply.operation, reply.outcome, is_executed);
        self.durations.observe(took.as_secs_f64());
    }

    /// Counts an operation on a socket or event stream. A subscription counts only if it is refused or fails.
    pub fn count_answer(&self, operation: &Arc<str>, answer: &Answer) {
        if let Some(outcome) = answer.outcome() {
            let is_executed = !matches!(answer, Answer::Refused(_));
            self.count_outcome(operation, outcome, is_executed);
        }
    }

    /// Counts a request whose operation is not known, because it could not be read.
    pub fn unread(&self, outcome: Outcome) {
        self.count_outcome(&Arc::default(), outcome, false);
    }

    fn count_outcome(&self, operation: &Arc<str>, outcome: Outcome, is_executed: bool) {
        let code = match outcome {
            Outcome::Fault => Some(INTERNAL),
            Outcome::Unavailable => Some(UNAVAILABLE),
            Outcome::Executed | Outcome::Refused | Outcome::NeedsPost | Outcome::Limited(_) => None,
        };
        if let Some(code) = code {
            self.faults.get_or_create(&FaultLabels { code }).inc();
        }
        let labels = RequestLabels {
            operation: self.name(operation, is_executed),
            outcome: match outcome {
                Outcome::Executed => "executed",
                Outcome::Refused | Outcome::NeedsPost => "refused",
                Outcome::Limited(_) => "limited",
                Outcome::Unavailable => "unavailable",
                Outcome::Fault => "fault",
            },
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// The gauge of messages that wait in all sockets; each socket adds and subtracts its own.
    pub fn waiting(&self) -> Gauge {
        self.waiting.clone()
    }

    /// Counts a response by its status.
    pub fn responded(&self, status: StatusCode) {
        let status = status.as_u16();
        self.responses
            .get_or_create(&ResponseLabels { status })
            .inc();
    }

    /// The label of an operation. Only an executed operation introduces a new name.
    fn name(&self, operation: &Arc<str>, is_executed: bool) -> Arc<str> {
        if operation.is_empty() {
            return UNNAMED.into();
        }
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = names.get(operation) {
            return Arc::clone(name);
        }
        if !is_executed || names.len() >= MAX_NAMED_OPERATIONS || operation.len() > MAX_NAME_BYTES {
            return OTHERS.into();
        }
        names.insert(Arc::clone(operation));
        Arc::clone(operation)
    }

    /// Writes all metrics as text. `pages` is the size of the page cache; `room` and `busy` are the permits that are left for connections and for requests.
    ///
    /// # Errors
    /// The error of formatting, which the caller answers with 500.
    pub async fn text(
        &self,
        service: &Service,
        pages: CacheSize,
        room: usize,
        busy: usize,
    ) -> Result<String, fmt::Error> {
        let mut stats = service.stats();
        stats.caches.push(("pages", pages));
        let used = |most: i32, free: usize| {
            i64::from(most).saturating_sub(i64::try_from(free).unwrap_or(i64::MAX))
        };
        let limits = service.limits();
        let connections = used(limits.max_connections, room);
        let busy = used(limits.max_concurrent_requests, busy);
        self.scraped.set(&stats, connections, busy);
        self.database.refresh(service.store()).await;
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
