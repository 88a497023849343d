//! State that the handlers share.

use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;

use axum::http::HeaderMap;
use futures_util::stream::{BoxStream, StreamExt};
use prometheus_client::collector::Collector;
use tokio::sync::Semaphore;

use super::auth::{AuthError, Guard};
use super::client;
use super::export::Exports;
use super::metrics::Metrics;
use super::places::Places;
use super::settings::Settings;
use super::web::{Pages, live};
use crate::graphql::limits::size;
use crate::graphql::{Answer, Caller, Operation, Service};

/// State of the HTTP server. Each layer clones it for each request, so it is one pointer.
#[derive(Clone)]
pub struct App(Arc<AppData>);

/// The data of an [`App`].
#[derive(Clone)]
pub struct AppData {
    pub(super) service: Service,
    pub(super) guard: Guard,
    pub(super) settings: Arc<Settings>,
    /// Permits for requests that are executed at once.
    pub(super) busy: Arc<Semaphore>,
    /// Permits for open connections.
    pub(super) room: Arc<Semaphore>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) exports: Arc<Exports>,
    /// Places for open pages that listen.
    pub(super) listening: Arc<Places>,
    /// Finished pages.
    pub(super) pages: Pages,
}

impl Deref for App {
    type Target = AppData;
    fn deref(&self) -> &AppData {
        &self.0
    }
}

impl App {
    /// Makes the state from the service, the authentication and the settings.
    pub fn new(service: Service, guard: Guard, settings: Settings) -> Self {
        let limits = service.limits();
        let exports = size(limits.max_concurrent_requests);
        let listening = live::places(size(limits.max_connections));
        let of = |most: i32| Arc::new(Semaphore::new(size(most)));
        Self(Arc::new(AppData {
            busy: of(limits.max_concurrent_requests),
            room: of(limits.max_connections),
            metrics: Arc::new(Metrics::new(
                service.store().kind(),
                "",
                guard.refused_tokens(),
                [],
            )),
            service,
            guard,
            exports: Arc::new(Exports::new(exports)),
            listening: Arc::new(listening),
            settings: Arc::new(settings),
            pages: Pages::default(),
        }))
    }

    /// Names in the metrics the features that are switched on, and adds the metrics of another room. All counters begin
    /// at 0.
    #[must_use]
    pub fn with_metrics(self, features: &str, others: Box<dyn Collector>) -> Self {
        let database = self.service.store().kind();
        let metrics = Metrics::new(database, features, self.guard.refused_tokens(), [others]);
        Self(Arc::new(AppData {
            metrics: Arc::new(metrics),
            ..Arc::unwrap_or_clone(self.0)
        }))
    }

    /// Address of the client: that of the connection, or the one that trusted proxies report.
    pub(super) fn address(&self, headers: &HeaderMap, peer: SocketAddr) -> IpAddr {
        client::address(peer, headers, &self.settings.trusted_proxy)
    }

    /// Caller of a request: viewer and address.
    pub(super) async fn caller(
        &self,
        headers: &HeaderMap,
        peer: SocketAddr,
    ) -> Result<Caller, AuthError> {
        let address = self.address(headers, peer);
        self.guard.caller(headers, address).await
    }

    /// Responses of an operation on a socket or event stream; each is counted in the metrics when it is ready.
    pub(super) fn counted(&self, operation: Operation) -> BoxStream<'static, Answer> {
        let metrics = Arc::clone(&self.metrics);
        let Operation { name, answers } = operation;
        answers
            .inspect(move |answer| metrics.count_answer(&name, answer))
            .boxed()
    }
}
