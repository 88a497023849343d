//! The command `serve`.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use super::output::{Failure, open, print};
use super::signal::stopped;
use crate::bundle;
use crate::config::{Config, Secret};
use crate::graphql::Service;
use crate::graphql::persisted::Trusted;
use crate::http::oidc::Provider;
use crate::http::{self, App, Guard};
use crate::nats;
use crate::store::ClaimMode;

/// Longest time until the start of a new day is noticed.
const DAY_CHECK_INTERVAL: Duration = Duration::from_mins(1);

/// Runs the server until it receives a signal to stop.
pub(super) async fn serve(config: &Config) -> Result<(), Failure> {
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| Failure(vec![format!("cannot listen on {}: {error}", config.listen)]))?;
    // Settings are checked before the database is opened or created.
    let provider = config.oidc.settings().map(Provider::new).transpose();
    let provider = provider
        .map_err(|message| Failure(vec![message]))?
        .map(Arc::new);
    let only = config.only_trusted_documents;
    let trusted = config.trusted_documents.as_deref();
    if only && trusted.is_none() {
        let message = "--only-trusted-documents needs --trusted-documents: the file or folder with the documents";
        return Err(Failure(vec![message.to_owned()]));
    }
    if config.http.allow_credentials && config.http.allow_origins.is_empty() {
        let message = "--allow-credentials needs --allow-origins: the origins whose pages may send credentials";
        return Err(Failure(vec![message.to_owned()]));
    }
    let trusted = trusted
        .map(|path| Trusted::read(path, only, &config.limits))
        .transpose();
    let trusted = trusted.map_err(|message| Failure(vec![message]))?;
    let nats = config.nats_url.as_ref().map(Secret::expose);
    let read = nats.map(nats::servers).transpose();
    read.map_err(|message| Failure(vec![message]))?;
    let (_claim, store) = open(config, ClaimMode::Serve).await?;
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
    let service = Service::trusting(store, config.limits.clone(), trusted.unwrap_or_default());
    let stop = stopped();
    print(&format!("listening on http://{address}\n"))?;
    let app = App::new(service, guard, config.http.clone());
    let served = http::serve(listener, app, stop).await;
    time.abort();
    closing.close().await;
    Ok(served?)
}
