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

use crate::store::{ReplicaState, Store};

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

type NoLabels = [(&'static str, &'static str); 0];

/// The metrics of the database.
#[derive(Default)]
pub(super) struct DatabaseMetrics {
    statements: Family<ConnectionLabels, Counter>,
    size: Gauge,
    waiting: Family<StateLabels, Gauge>,
    pool: Gauge,
    pool_idle: Gauge,
    /// Of a service with a replica. The families have one member without labels, or none.
    replica_in_use: Family<NoLabels, Gauge>,
    replica_behind: Family<NoLabels, Gauge>,
    queried: Mutex<Option<Instant>>,
}

impl DatabaseMetrics {
    /// Adds the metrics to a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "database_statements",
            "Statements sent to the database, by connection: reader, writer or replica",
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
        registry.register(
            "replica_in_use",
            "1 while records and the log are read from the replica, else 0",
            self.replica_in_use.clone(),
        );
        registry.register(
            "replica_changes_behind",
            "Changes that this instance knows and the replica does not have yet; missing while the replica is away",
            self.replica_behind.clone(),
        );
    }

    fn set_replica(&self, state: ReplicaState, sent: u64) {
        let connection = "replica";
        let counter = self
            .statements
            .get_or_create(&ConnectionLabels { connection });
        counter.inner().store(sent, Ordering::Relaxed);
        let is_in_use = i64::from(state == ReplicaState::Current);
        self.replica_in_use.get_or_create(&[]).set(is_in_use);
        let behind = match state {
            ReplicaState::Current => 0,
            ReplicaState::Behind(lacking) => lacking,
            ReplicaState::Away => {
                self.replica_behind.clear();
                return;
            }
        };
        let behind = i64::try_from(behind).unwrap_or(i64::MAX);
        self.replica_behind.get_or_create(&[]).set(behind);
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
        if let Some(state) = store.replica() {
            self.set_replica(state, statements.replica);
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
