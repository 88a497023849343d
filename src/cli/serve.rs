//! The command `serve`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::output::{Failure, open_with, print};
use super::signal::stopped;
use crate::bundle;
use crate::config::{Config, Secret};
use crate::graphql::limits::Limits;
use crate::graphql::persisted::Trusted;
use crate::graphql::{PublicUrl, Service, Targets};
use crate::http::oidc::Provider;
use crate::http::{self, App, Guard};
use crate::nats;
use crate::store::{self, ClaimMode, Options};
use crate::webhook::{self, WebhookMetrics};

/// Longest time until the start of a new day is noticed.
const DAY_CHECK_INTERVAL: Duration = Duration::from_mins(1);

/// Runs the server until it receives a signal to stop. `changed` are the settings that differ from their defaults.
pub(super) async fn serve(config: &Config, changed: &str) -> Result<(), Failure> {
    let database = store::place(config.database_url.expose())?;
    let listener = config.listen.bind().await;
    let listener = listener.map_err(|message| Failure(vec![message]))?;
    // Settings are checked before the database is opened or created.
    let provider = config.oidc.settings().map(Provider::new).transpose();
    let provider = provider
        .map_err(|message| Failure(vec![message]))?
        .map(Arc::new);
    let trusted = trusted_documents(config).map_err(|message| Failure(vec![message]))?;
    let nats = config.nats_url.as_ref().map(Secret::expose);
    let read = nats.map(nats::servers).transpose();
    read.map_err(|message| Failure(vec![message]))?;
    let replica = config.read_database_url.as_ref();
    let options = Options {
        replica: replica.map(|url| url.expose().to_owned()),
        max_staleness: Duration::from_millis(config.max_staleness_ms.into()),
        ..Options::default()
    };
    let (_claim, store) = open_with(config, ClaimMode::Serve, &options).await?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        database,
        settings = changed,
        "starting"
    );
    if store.head().await?.committed_at.is_none() {
        bundle::load(&store).await?;
    }
    // Starts to follow other instances now, so that the store knows the tables even if nobody sends a request.
    store.reached();
    let address = listener.local_addr()?;
    let guard = Guard::new(store.clone(), provider);
    let closing = store.clone();
    let time = store.clone();
    let time = tokio::spawn(async move { time.write_effects_daily(DAY_CHECK_INTERVAL).await });
    let _nats = match nats {
        Some(urls) => {
            let started = nats::start(urls, &store).await;
            Some(started.map_err(|message| Failure(vec![message]))?)
        }
        None => None,
    };
    let create = if config.federation {
        Service::subgraph
    } else {
        Service::trusting
    };
    let limits = Limits {
        public_url: public_url(config, address)?,
        ..config.limits.clone()
    };
    let service = create(store, limits, trusted.unwrap_or_default());
    service.set_targets(Targets::new(config.webhooks.webhook_allow.clone()));
    let searched = service.clone();
    let search = tokio::spawn(async move { searched.keep_search_index().await });
    let metrics = WebhookMetrics::default();
    let app = App::new(service.clone(), guard, config.http.clone())
        .with_metrics(&features(config), metrics.collector(service.clone()));
    let webhooks = webhook::start(service, config.webhooks.clone(), metrics);
    let webhooks = webhooks.map_err(|message| Failure(vec![message]))?;
    let stop = stopped();
    print(&format!("listening on http://{address}\n"))?;
    let served = http::serve(listener, app, stop).await;
    time.abort();
    search.abort();
    drop(webhooks);
    closing.close().await;
    Ok(served?)
}

/// Checks that the settings fit each other, and reads the trusted documents.
///
/// # Errors
/// One sentence that names the setting or the document.
pub(super) fn trusted_documents(config: &Config) -> Result<Option<Trusted>, String> {
    let only = config.only_trusted_documents;
    let trusted = config.trusted_documents.as_deref();
    if only && trusted.is_none() {
        let message = "--only-trusted-documents needs --trusted-documents: the file or folder with the documents";
        return Err(message.to_owned());
    }
    if config.http.allow_credentials && config.http.allow_origins.is_empty() {
        let message = "--allow-credentials needs --allow-origins: the origins whose pages may send credentials";
        return Err(message.to_owned());
    }
    if let Some(replica) = &config.read_database_url {
        let checked = store::check_replica(config.database_url.expose(), replica.expose());
        checked.map_err(|error| format!("--read-database-url: {error}"))?;
    }
    trusted
        .map(|path| Trusted::read(path, only, &config.limits))
        .transpose()
}

/// The features that are switched on, for the metrics.
fn features(config: &Config) -> String {
    let features = [
        (config.federation, "federation"),
        (config.http.graphiql, "graphiql"),
        (config.nats_url.is_some(), "nats"),
        (config.oidc.oidc_issuer.is_some(), "oidc"),
        (config.otlp_endpoint.is_some(), "otlp"),
        (config.read_database_url.is_some(), "replica"),
        (config.trusted_documents.is_some(), "trusted_documents"),
    ];
    let on = features.iter().filter(|(is_on, _)| *is_on);
    on.map(|(_, name)| *name).collect::<Vec<_>>().join(",")
}

/// The public address: the setting, or the address on which the server listens.
fn public_url(config: &Config, address: SocketAddr) -> Result<PublicUrl, Failure> {
    match &config.public_url {
        Some(url) => Ok(url.clone()),
        None => format!("http://{address}")
            .parse()
            .map_err(|message: &str| Failure(vec![message.to_owned()])),
    }
}
