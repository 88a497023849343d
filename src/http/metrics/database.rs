//! Metrics of the database: statements, connections, size, and contributions that wait.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::store::Store;

/// Shortest time between two queries for the metrics, however often they are requested.
const MIN_QUERY_INTERVAL: Duration = Duration::from_secs(1);
/// Longest time that the queries may take. Without an answer the gauges keep their values.
const QUERY_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ConnectionLabels {
    connection: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

/// The metrics of the database.
#[derive(Default)]
pub(super) struct DatabaseMetrics {
    statements: Family<ConnectionLabels, Counter>,
    size: Gauge,
    waiting: Family<StateLabels, Gauge>,
    pool: Gauge,
    pool_idle: Gauge,
    queried: Mutex<Option<Instant>>,
}

impl DatabaseMetrics {
    /// Adds the metrics to a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "database_statements",
            "Statements sent to the database, by connection: reader or writer",
            self.statements.clone(),
        );
        registry.register_with_unit(
            "database_size",
            "Size of the database, with the journal of SQLite",
            Unit::Bytes,
            self.size.clone(),
        );
        registry.register(
            "contributions_waiting",
            "Contributions by state: submitted, in_review, or changes_requested",
            self.waiting.clone(),
        );
        registry.register(
            "database_connections",
            "Open database connections for reading",
            self.pool.clone(),
        );
        registry.register(
            "database_connections_idle",
            "Idle database connections for reading",
            self.pool_idle.clone(),
        );
    }

    /// Reads the figures. Those that need a query are as old as the shortest time between two queries.
    pub async fn refresh(&self, store: &Store) {
        let statements = store.statements();
        for (connection, sent) in [("reader", statements.reader), ("writer", statements.writer)] {
            let counter = self
                .statements
                .get_or_create(&ConnectionLabels { connection });
            counter.inner().store(sent, Ordering::Relaxed);
        }
        let pool = store.pool();
        self.pool.set(i64::try_from(pool.open).unwrap_or(i64::MAX));
        self.pool_idle
            .set(i64::try_from(pool.idle).unwrap_or(i64::MAX));
        let mut queried = self.queried.lock().await;
        if queried.is_some_and(|at| at.elapsed() < MIN_QUERY_INTERVAL) {
            return;
        }
        match timeout(QUERY_TIMEOUT, store.usage()).await {
            Ok(Ok(usage)) => {
                self.size.set(usage.bytes);
                for (state, waiting) in [
                    ("submitted", usage.submitted),
                    ("in_review", usage.in_review),
                    ("changes_requested", usage.changes_requested),
                ] {
                    self.waiting
                        .get_or_create(&StateLabels { state })
                        .set(waiting);
                }
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "the metrics of the database could not be read");
            }
            Err(_) => {
                tracing::debug!("the database did not answer a query for the metrics in time");
            }
        }
        *queried = Some(Instant::now());
    }
}
