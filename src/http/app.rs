//! What the handlers share.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::HeaderMap;
use futures_util::stream::{BoxStream, StreamExt};
use tokio::sync::Semaphore;

use super::auth::{Guard, Unknown};
use super::client;
use super::metrics::Metrics;
use super::settings::Settings;
use crate::graphql::limits::size;
use crate::graphql::{Answer, Caller, Operation, Service};

/// What the handlers need.
#[derive(Clone)]
pub struct App {
    pub(super) service: Service,
    pub(super) guard: Guard,
    pub(super) settings: Arc<Settings>,
    /// The requests that may still be executed at once.
    pub(super) busy: Arc<Semaphore>,
    /// The connections that may still be opened.
    pub(super) room: Arc<Semaphore>,
    pub(super) metrics: Arc<Metrics>,
}

impl App {
    /// Serves what a service answers to whom a guard knows.
    pub fn new(service: Service, guard: Guard, settings: Settings) -> Self {
        let limits = service.limits();
        let of = |most: i32| Arc::new(Semaphore::new(size(most)));
        Self {
            busy: of(limits.max_concurrent_requests),
            room: of(limits.max_connections),
            service,
            guard,
            metrics: Arc::default(),
            settings: Arc::new(settings),
        }
    }

    /// From where somebody asks.
    pub(super) fn address(&self, headers: &HeaderMap, peer: SocketAddr) -> IpAddr {
        client::address(peer, headers, &self.settings.trusted_proxy)
    }

    /// Who asks, and from where.
    pub(super) async fn caller(
        &self,
        headers: &HeaderMap,
        peer: SocketAddr,
    ) -> Result<Caller, Unknown> {
        let address = self.address(headers, peer);
        self.guard.caller(headers, address).await
    }

    /// The answers of an operation of a connection, each counted when it is there.
    pub(super) fn counted(&self, operation: Operation) -> BoxStream<'static, Answer> {
        let metrics = Arc::clone(&self.metrics);
        let Operation { name, answers } = operation;
        answers
            .inspect(move |answer| metrics.heard(&name, answer))
            .boxed()
    }
}
