//! Metrics of webhooks. Only the instance that posts has webhooks in them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use crate::domain::webhook::WebhookState;
use crate::graphql::Service;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

/// The metrics; clones share them.
#[derive(Clone, Debug, Default)]
pub struct WebhookMetrics {
    deliveries: Family<ResultLabels, Counter>,
    webhooks: Family<StateLabels, Gauge>,
    behind: Gauge,
    /// State and position of each webhook.
    known: Arc<Mutex<HashMap<String, (WebhookState, i64)>>>,
}

impl WebhookMetrics {
    /// The metrics, for a registry. `service` knows the end of the log.
    pub fn collector(&self, service: Service) -> Box<dyn Collector> {
        for result in ["taken", "failed", "gone"] {
            // A counter from the beginning, so that its first increase is seen.
            drop(self.deliveries.get_or_create(&ResultLabels { result }));
        }
        let metrics = self.clone();
        Box::new(Scraped { metrics, service })
    }

    /// Sets the gauges. `end` is the sequence number at the end of the log.
    fn refresh(&self, end: i64) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut behind = 0;
        let mut counts = [
            (WebhookState::Active, 0),
            (WebhookState::Failing, 0),
            (WebhookState::Suspended, 0),
        ];
        for (state, sequence) in known.values() {
            if *state != WebhookState::Suspended {
                behind = end.saturating_sub(*sequence).max(behind);
            }
            for (counted, count) in &mut counts {
                if counted == state {
                    *count += 1;
                }
            }
        }
        drop(known);
        for (state, count) in counts {
            let state = match state {
                WebhookState::Active => "active",
                WebhookState::Failing => "failing",
                WebhookState::Suspended => "suspended",
            };
            self.webhooks
                .get_or_create(&StateLabels { state })
                .set(count);
        }
        self.behind.set(behind);
    }

    /// Counts a post.
    pub(super) fn count(&self, result: &'static str) {
        self.deliveries
            .get_or_create(&ResultLabels { result })
            .inc();
    }

    /// Stores the state and position of a webhook.
    pub(super) fn note(&self, webhook: &str, state: WebhookState, sequence: i64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get_mut(webhook) {
            *found = (state, sequence);
        } else {
            known.insert(webhook.to_owned(), (state, sequence));
        }
    }

    /// Forgets a webhook that was deleted.
    pub(super) fn forget(&self, webhook: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(webhook);
    }

    /// Forgets all webhooks: another instance posts.
    pub(super) fn clear(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.clear();
    }
}

/// The metrics at each scrape.
struct Scraped {
    metrics: WebhookMetrics,
    service: Service,
}

impl fmt::Debug for Scraped {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.metrics.fmt(out)
    }
}

impl Collector for Scraped {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let metrics = &self.metrics;
        metrics.refresh(self.service.store().reached().0);
        let all: [(&str, &str, &dyn EncodeMetric); 3] = [
            (
                "webhook_deliveries",
                "Posts to webhooks by result: taken, failed, or refused with status 410.",
                &metrics.deliveries,
            ),
            (
                "webhooks",
                "Webhooks by state, on the instance that posts.",
                &metrics.webhooks,
            ),
            (
                "webhooks_behind",
                "Changes in the log after the position of the webhook that is furthest behind and not suspended.",
                &metrics.behind,
            ),
        ];
        for (name, help, metric) in all {
            let kind = metric.metric_type();
            metric.encode(encoder.encode_descriptor(name, help, None, kind)?)?;
        }
        Ok(())
    }
}
