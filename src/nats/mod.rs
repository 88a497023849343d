//! NATS, if it is configured: instances wake each other, and one of them relays the change log to `JetStream`. NATS
//! never holds data of its own: while it is unavailable, wake-ups and the relay are late, and nothing is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_nats::{Client, ConnectError, ConnectOptions, Event, ServerAddr};
use tokio::task::JoinSet;

use crate::store::Store;

mod relay;
mod wake;

/// Parses the addresses of the servers of one cluster, separated by commas.
///
/// # Errors
/// One sentence if an address cannot be read. It does not repeat the address, which may contain a password.
pub fn servers(urls: &str) -> Result<Vec<ServerAddr>, String> {
    let servers: Option<Vec<_>> = urls.split(',').map(read).collect();
    servers.ok_or_else(|| {
        "the NATS URL is not understood: expected nats://HOST:PORT, several separated by commas; in a user or password \
         write / as %2F, @ as %40, : as %3A, ? as %3F, # as %23, % as %25 and a comma as %2C"
            .to_owned()
    })
}

/// Starts the tasks; they end when the returned set is dropped. An unavailable server is tried again without end.
///
/// # Errors
/// One sentence if the addresses cannot be read or used.
pub async fn start(urls: &str, store: &Store) -> Result<JoinSet<()>, String> {
    let servers = servers(urls)?;
    let client = connect(servers)
        .await
        .map_err(|error| format!("NATS cannot be used: {error}"))?;
    let mut tasks = JoinSet::new();
    tasks.spawn(wake::announce_commits(client.clone(), store.own_commits()));
    tasks.spawn(wake::receive_wake_ups(client.clone(), store.clone()));
    tasks.spawn(relay::run(client, store.clone()));
    Ok(tasks)
}

fn read(url: &str) -> Option<ServerAddr> {
    let url = url.trim();
    let address: ServerAddr = url.parse().ok()?;
    // The library also accepts a host without a scheme, an empty host, and a password with /, ? or # read as a port.
    let (_, rest) = url.split_once("://")?;
    let behind = rest.split_once(['/', '?', '#']);
    let is_whole = behind.is_none_or(|(_, behind)| !behind.contains('@'));
    (is_whole && !address.host().is_empty()).then_some(address)
}

async fn connect(servers: Vec<ServerAddr>) -> Result<Client, ConnectError> {
    let was_there = Arc::new(AtomicBool::new(true));
    ConnectOptions::new()
        .name("cyberprofiles")
        .no_echo()
        .retry_on_initial_connect()
        .max_reconnects(None)
        .event_callback(move |event| {
            let was_there = Arc::clone(&was_there);
            async move { log_event(&event, &was_there) }
        })
        .connect(servers)
        .await
}

/// Logs once that the server is unavailable, however often it is tried, and once that it is connected again.
fn log_event(event: &Event, was_there: &AtomicBool) {
    match event {
        Event::Connected => {
            was_there.store(true, Ordering::Relaxed);
            tracing::info!("NATS is connected");
        }
        Event::Disconnected | Event::ClientError(_) => {
            if was_there.swap(false, Ordering::Relaxed) {
                tracing::warn!(event = %event, "NATS is unavailable");
            }
        }
        other => tracing::warn!(event = %other, "NATS reported an event"),
    }
}
