//! What goes by way of NATS, where there is one: nodes wake each other, and one of them passes the log on to
//! `JetStream`. NATS is never the record: one that is away costs time and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_nats::{Client, ConnectError, ConnectOptions, Event, ServerAddr};
use tokio::task::JoinSet;

use crate::store::Store;

mod relay;
mod wake;

/// Reads the addresses of the servers of one cluster.
///
/// # Errors
/// A sentence where one cannot be read, which does not repeat it: it may hold a password.
pub fn servers(urls: &str) -> Result<Vec<ServerAddr>, String> {
    let servers: Option<Vec<_>> = urls.split(',').map(read).collect();
    servers.ok_or_else(|| {
        "the NATS URL is not understood: expected nats://HOST:PORT, several with commas; in a user or password write \
         / as %2F, @ as %40, : as %3A, ? as %3F, # as %23, % as %25 and a comma as %2C"
            .to_owned()
    })
}

/// Begins; what was begun ends when the answer is dropped. A server that is away is tried again and again.
///
/// # Errors
/// A sentence where the addresses cannot be read or used.
pub async fn start(urls: &str, store: &Store) -> Result<JoinSet<()>, String> {
    let servers = servers(urls)?;
    let client = connect(servers)
        .await
        .map_err(|error| format!("NATS cannot be used: {error}"))?;
    let mut tasks = JoinSet::new();
    tasks.spawn(wake::tell(client.clone(), store.own_commits()));
    tasks.spawn(wake::hear(client.clone(), store.clone()));
    tasks.spawn(relay::run(client, store.clone()));
    Ok(tasks)
}

fn read(url: &str) -> Option<ServerAddr> {
    let url = url.trim();
    let address: ServerAddr = url.parse().ok()?;
    // The library would read a host alone as well, and none; and a password with / or ? or # in it as a port.
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
            async move { tell(&event, &was_there) }
        })
        .connect(servers)
        .await
}

/// Says once that a server is away, however often it is tried, and once that it is there again.
fn tell(event: &Event, was_there: &AtomicBool) {
    match event {
        Event::Connected => {
            was_there.store(true, Ordering::Relaxed);
            tracing::info!("NATS is there");
        }
        Event::Disconnected | Event::ClientError(_) => {
            if was_there.swap(false, Ordering::Relaxed) {
                tracing::warn!(event = %event, "NATS is away");
            }
        }
        other => tracing::warn!(event = %other, "NATS"),
    }
}
