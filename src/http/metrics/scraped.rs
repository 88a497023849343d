//! Figures of the service that are read when the metrics are requested.

use std::sync::atomic::Ordering;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::graphql::Stats;

/// The gauges and counters that are set when the metrics are requested.
#[derive(Default)]
pub(super) struct ScrapedMetrics {
    sequence: Gauge,
    connections: Gauge,
    busy: Gauge,
    followers: Gauge,
    groups: Gauge,
    documents: Gauge,
    answer_hits: Counter,
    answer_misses: Counter,
    row_hits: Counter,
    row_misses: Counter,
    search_records: Gauge,
    search_bytes: Gauge,
    cache_bytes: Family<CacheLabels, Gauge>,
    cache_max_bytes: Family<CacheLabels, Gauge>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CacheLabels {
    cache: &'static str,
}

impl ScrapedMetrics {
    /// Adds the metrics to a registry.
    pub fn register(&self, registry: &mut Registry) {
        // A position in the log, which continues after a restart, and not a number of events since the start.
        registry.register(
            "sequence",
            "Sequence number of the last change that this instance knows",
            self.sequence.clone(),
        );
        registry.register(
            "connections",
            "Open connections, including sockets",
            self.connections.clone(),
        );
        registry.register(
            "requests_executing",
            "Requests in execution",
            self.busy.clone(),
        );
        registry.register(
            "followers",
            "Subscriptions that follow the change log",
            self.followers.clone(),
        );
        registry.register(
            "follower_groups",
            "Groups of followers with the same query, rights and position: each group shares one execution",
            self.groups.clone(),
        );
        registry.register(
            "documents_cached",
            "Parsed and validated documents in the document cache",
            self.documents.clone(),
        );
        for (counter, name, help) in [
            (
                &self.answer_hits,
                "answer_cache_hits",
                "Answers found in the response cache",
            ),
            (
                &self.answer_misses,
                "answer_cache_misses",
                "Answers not found in the response cache",
            ),
            (
                &self.row_hits,
                "row_cache_hits",
                "Loads answered by the row cache",
            ),
            (
                &self.row_misses,
                "row_cache_misses",
                "Loads not answered by the row cache",
            ),
        ] {
            registry.register(name, help, counter.clone());
        }
        registry.register(
            "search_records",
            "Records in the search index",
            self.search_records.clone(),
        );
        registry.register_with_unit(
            "search",
            "Memory of the search index, estimated",
            Unit::Bytes,
            self.search_bytes.clone(),
        );
        registry.register_with_unit(
            "cache",
            "Memory of each cache, estimated",
            Unit::Bytes,
            self.cache_bytes.clone(),
        );
        registry.register_with_unit(
            "cache_max",
            "The most memory that each cache may take",
            Unit::Bytes,
            self.cache_max_bytes.clone(),
        );
    }

    /// Sets the metrics. `connections` and `busy` are the numbers in use.
    pub fn set(&self, stats: &Stats, connections: i64, busy: i64) {
        self.sequence.set(stats.sequence);
        self.connections.set(connections);
        self.busy.set(busy);
        for (gauge, figure) in [
            (&self.followers, stats.followers),
            (&self.groups, stats.groups),
            (&self.documents, stats.documents),
            (&self.search_records, stats.search.records),
            (&self.search_bytes, stats.search.bytes),
        ] {
            gauge.set(i64::try_from(figure).unwrap_or(i64::MAX));
        }
        for (counter, figure) in [
            (&self.answer_hits, stats.responses.hits),
            (&self.answer_misses, stats.responses.misses),
            (&self.row_hits, stats.rows.hits),
            (&self.row_misses, stats.rows.misses),
        ] {
            counter.inner().store(figure, Ordering::Relaxed);
        }
        for (cache, size) in &stats.caches {
            for (family, bytes) in [
                (&self.cache_bytes, size.bytes),
                (&self.cache_max_bytes, size.max_bytes),
            ] {
                let gauge = family.get_or_create(&CacheLabels { cache });
                gauge.set(i64::try_from(bytes).unwrap_or(i64::MAX));
            }
        }
    }
}
