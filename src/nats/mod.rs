//! NATS, if it is configured: instances wake each other, and one of them relays the change log to `JetStream`. NATS
//! never holds data of its own: while it is unavailable, wake-ups and the relay are late, and nothing is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::{Client, ConnectError, ConnectOptions, Event, ServerAddr};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::store::Store;

mod relay;
mod wake;

/// Longest time for an answer to a check.
const EXAMINE_TIMEOUT: Duration = Duration::from_secs(6);

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

/// Reasons for which NATS cannot be used.
pub enum ExamineError {
    /// The addresses cannot be read.
    Address(String),
    /// No server can be reached.
    Away(String),
    /// The server does not answer requests to `JetStream`.
    NoJetStream(String),
}

/// Connects once, and looks for the stream of the relay. Returns the version of the server.
///
/// # Errors
/// [`ExamineError`]
pub async fn examine(urls: &str) -> Result<String, ExamineError> {
    let servers = servers(urls).map_err(ExamineError::Address)?;
    let connecting = ConnectOptions::new()
        .name("cyberprofiles doctor")
        .connect(servers);
    let connected = timeout(EXAMINE_TIMEOUT, connecting).await;
    let connected = connected.map_err(|_| ExamineError::Away("no answer in time".to_owned()))?;
    let client = connected.map_err(|error| ExamineError::Away(error.to_string()))?;
    let jetstream = async_nats::jetstream::new(client.clone());
    let stream = timeout(EXAMINE_TIMEOUT, jetstream.get_stream(relay::STREAM)).await;
    let stream = stream.map_err(|_| ExamineError::NoJetStream("no answer in time".to_owned()))?;
    match stream {
        Ok(_) => {}
        // Answered by JetStream: the relay creates the stream.
        Err(error) if is_missing(&error.kind()) => {}
        Err(error) => return Err(ExamineError::NoJetStream(error.to_string())),
    }
    Ok(client.server_info().version)
}

fn is_missing(error: &GetStreamErrorKind) -> bool {
    matches!(error, GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
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
