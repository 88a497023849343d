//! Metrics of the HTTP server, in the text format of Prometheus.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::graphql::{Answer, Outcome, Reached, Reply, Service};

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

/// The counters, and the gauges that are read at each scrape.
pub struct Metrics {
    registry: Registry,
    names: Mutex<HashSet<Arc<str>>>,
    requests: Family<RequestLabels, Counter>,
    durations: Histogram,
    responses: Family<ResponseLabels, Counter>,
    waiting: Gauge,
    scraped: ScrapedGauges,
}

/// Gauges that are set when the metrics are requested.
#[derive(Default)]
struct ScrapedGauges {
    sequence: Gauge,
    connections: Gauge,
    busy: Gauge,
    followers: Gauge,
    groups: Gauge,
    documents: Gauge,
    answer_hits: Gauge,
    answer_misses: Gauge,
    row_hits: Gauge,
    row_misses: Gauge,
    pool: Gauge,
    pool_idle: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("cyberprofiles");
        let requests = Family::default();
        registry.register(
            "requests",
            "Requests, including those on sockets and event streams, by operation name and outcome",
            requests.clone(),
        );
        let durations = Histogram::new(exponential_buckets(0.000_1, 4.0, 9));
        registry.register(
            "request_duration_seconds",
            "Duration of requests over HTTP in seconds",
            durations.clone(),
        );
        let responses = Family::default();
        registry.register(
            "http_responses",
            "HTTP responses by status, including handshakes of sockets and event streams",
            responses.clone(),
        );
        let waiting = Gauge::default();
        registry.register(
            "messages_waiting",
            "Messages in the send queues of sockets that are not flushed yet",
            waiting.clone(),
        );
        let scraped = ScrapedGauges::default();
        for (gauge, name, help) in scraped.named() {
            registry.register(name, help, gauge.clone());
        }
        Self {
            registry,
            names: Mutex::default(),
            requests,
            durations,
            responses,
            waiting,
            scraped,
        }
    }
}

impl ScrapedGauges {
    fn named(&self) -> [(&Gauge, &'static str, &'static str); 12] {
        [
            (
                &self.sequence,
                "sequence",
                "Sequence number of the last change that this instance knows",
            ),
            (
                &self.connections,
                "connections",
                "Open connections, including sockets",
            ),
            (&self.busy, "requests_executing", "Requests in execution"),
            (
                &self.followers,
                "followers",
                "Subscriptions that follow the change log",
            ),
            (
                &self.groups,
                "follower_groups",
                "Groups of followers with the same query, rights and position: each group shares one execution",
            ),
            (
                &self.documents,
                "documents_cached",
                "Parsed and validated documents in the document cache",
            ),
            (
                &self.answer_hits,
                "answer_cache_hits",
                "Answers found in the response cache since the start",
            ),
            (
                &self.answer_misses,
                "answer_cache_misses",
                "Answers not found in the response cache since the start",
            ),
            (
                &self.row_hits,
                "row_cache_hits",
                "Loads answered by the row cache since the start",
            ),
            (
                &self.row_misses,
                "row_cache_misses",
                "Loads not answered by the row cache since the start",
            ),
            (
                &self.pool,
                "database_connections",
                "Open database connections for reading",
            ),
            (
                &self.pool_idle,
                "database_connections_idle",
                "Idle database connections for reading",
            ),
        ]
    }
}

impl Metrics {
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

    /// Writes all metrics as text. `room` and `busy` are the permits that are left for connections and for requests.
    ///
    /// # Errors
    /// The error of formatting, which the caller answers with 500.
    pub fn text(&self, service: &Service, room: usize, busy: usize) -> Result<String, fmt::Error> {
        let stats = service.stats();
        let scraped = &self.scraped;
        let used = |most: i32, free: usize| {
            i64::from(most).saturating_sub(i64::try_from(free).unwrap_or(i64::MAX))
        };
        let limits = service.limits();
        scraped.sequence.set(stats.sequence);
        scraped.connections.set(used(limits.max_connections, room));
        scraped.busy.set(used(limits.max_concurrent_requests, busy));
        for (gauge, figure) in [
            (&scraped.followers, stats.followers),
            (&scraped.groups, stats.groups),
            (&scraped.documents, stats.documents),
            (&scraped.answer_hits, stats.responses.hits),
            (&scraped.answer_misses, stats.responses.misses),
            (&scraped.row_hits, stats.rows.hits),
            (&scraped.row_misses, stats.rows.misses),
            (&scraped.pool, stats.pool.open),
            (&scraped.pool_idle, stats.pool.idle),
        ] {
            gauge.set(i64::try_from(figure).unwrap_or(i64::MAX));
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
