//! What is counted at the edge, for Prometheus.

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

/// How many operations are counted by their own names; clients may invent any number.
const NAMED: usize = 100;
/// The longest name that is counted.
const LONGEST: usize = 64;
/// What all others are counted under.
const OTHERS: &str = "(others)";
/// What operations without a name are counted under.
const UNNAMED: &str = "(unnamed)";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    operation: Arc<str>,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Responded {
    status: u16,
}

/// What is counted.
pub struct Metrics {
    registry: Registry,
    names: Mutex<HashSet<Arc<str>>>,
    requests: Family<Answered, Counter>,
    durations: Histogram,
    responses: Family<Responded, Counter>,
    waiting: Gauge,
    seen: Seen,
}

/// What is looked at whenever it is asked for.
#[derive(Default)]
struct Seen {
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
            "Requests, those of sockets and event streams too, by the name of their operation and what became of them",
            requests.clone(),
        );
        let durations = Histogram::new(exponential_buckets(0.000_1, 4.0, 9));
        registry.register(
            "request_duration_seconds",
            "How long requests over HTTP took, in seconds",
            durations.clone(),
        );
        let responses = Family::default();
        registry.register(
            "http_responses",
            "Responses over HTTP to whatever was asked, sockets and event streams among them, by their status",
            responses.clone(),
        );
        let waiting = Gauge::default();
        registry.register(
            "messages_waiting",
            "Messages to sockets of which some are not sent yet",
            waiting.clone(),
        );
        let seen = Seen::default();
        for (gauge, name, help) in seen.named() {
            registry.register(name, help, gauge.clone());
        }
        Self {
            registry,
            names: Mutex::default(),
            requests,
            durations,
            responses,
            waiting,
            seen,
        }
    }
}

impl Seen {
    fn named(&self) -> [(&Gauge, &'static str, &'static str); 12] {
        [
            (
                &self.sequence,
                "sequence",
                "The number of the last change that is known here",
            ),
            (
                &self.connections,
                "connections",
                "Connections that are open, sockets among them",
            ),
            (
                &self.busy,
                "requests_executing",
                "Requests that are being executed",
            ),
            (
                &self.followers,
                "followers",
                "Subscriptions that follow the log",
            ),
            (
                &self.groups,
                "follower_groups",
                "Different questions that followers ask: each is executed once",
            ),
            (
                &self.documents,
                "documents_cached",
                "Documents that are kept parsed",
            ),
            (
                &self.answer_hits,
                "answer_cache_hits",
                "Answers that were there, since the start",
            ),
            (
                &self.answer_misses,
                "answer_cache_misses",
                "Answers that were not, since the start",
            ),
            (
                &self.row_hits,
                "row_cache_hits",
                "Rows that were there, since the start",
            ),
            (
                &self.row_misses,
                "row_cache_misses",
                "Rows that were not, since the start",
            ),
            (
                &self.pool,
                "database_connections",
                "Connections for reading that are open",
            ),
            (
                &self.pool_idle,
                "database_connections_idle",
                "Those of them that are not in use",
            ),
        ]
    }
}

impl Metrics {
    /// Counts a request.
    pub fn count(&self, reply: &Reply, took: Duration) {
        let is_executed = reply.reached != Reached::Nothing;
        self.tell(&reply.operation, reply.outcome, is_executed);
        self.durations.observe(took.as_secs_f64());
    }

    /// Counts an operation of a socket or an event stream: one that follows the log where it is refused or breaks.
    pub fn heard(&self, operation: &Arc<str>, answer: &Answer) {
        if let Some(outcome) = answer.outcome() {
            let is_executed = !matches!(answer, Answer::Refused(_));
            self.tell(operation, outcome, is_executed);
        }
    }

    /// Counts what has no operation.
    pub fn unread(&self, outcome: Outcome) {
        self.tell(&Arc::default(), outcome, false);
    }

    fn tell(&self, operation: &Arc<str>, outcome: Outcome, is_executed: bool) {
        let labels = Answered {
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

    /// How many messages wait at all sockets: each socket counts its own.
    pub fn waiting(&self) -> Gauge {
        self.waiting.clone()
    }

    /// Counts a response.
    pub fn responded(&self, status: StatusCode) {
        let status = status.as_u16();
        self.responses.get_or_create(&Responded { status }).inc();
    }

    /// The name under which an operation is counted. Only what was executed gives a new one.
    fn name(&self, operation: &Arc<str>, is_executed: bool) -> Arc<str> {
        if operation.is_empty() {
            return UNNAMED.into();
        }
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = names.get(operation) {
            return Arc::clone(name);
        }
        if !is_executed || names.len() >= NAMED || operation.len() > LONGEST {
            return OTHERS.into();
        }
        names.insert(Arc::clone(operation));
        Arc::clone(operation)
    }

    /// What is counted, as Prometheus reads it, with what a service tells, and how many connections and requests there
    /// is still room for.
    ///
    /// # Errors
    /// That of writing it.
    pub fn text(&self, service: &Service, room: usize, busy: usize) -> Result<String, fmt::Error> {
        let figures = service.figures();
        let seen = &self.seen;
        let used = |most: i32, free: usize| {
            i64::from(most).saturating_sub(i64::try_from(free).unwrap_or(i64::MAX))
        };
        let limits = service.limits();
        seen.sequence.set(figures.sequence);
        seen.connections.set(used(limits.max_connections, room));
        seen.busy.set(used(limits.max_concurrent_requests, busy));
        for (gauge, figure) in [
            (&seen.followers, figures.followers),
            (&seen.groups, figures.groups),
            (&seen.documents, figures.documents),
            (&seen.answer_hits, figures.answers.hits),
            (&seen.answer_misses, figures.answers.misses),
            (&seen.row_hits, figures.rows.hits),
            (&seen.row_misses, figures.rows.misses),
            (&seen.pool, figures.pool.open),
            (&seen.pool_idle, figures.pool.idle),
        ] {
            gauge.set(i64::try_from(figure).unwrap_or(i64::MAX));
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
