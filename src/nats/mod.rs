//! What goes by way of NATS, where there is one: nodes wake each other, and one of them passes the log on to
//! `JetStream`. NATS is never the record: one that is away costs time and nothing else.

use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use tokio::task::JoinSet;

use crate::graphql::Service;

mod relay;
mod wake;

/// Begins; what was begun ends when the answer is dropped. A server that is away is tried again and again.
///
/// # Errors
/// A sentence where the addresses cannot be read.
pub fn start(urls: &str, service: &Service) -> Result<JoinSet<()>, String> {
    let read = |url: &str| url.trim().parse::<ServerAddr>();
    let servers: Result<Vec<_>, _> = urls.split(',').map(read).collect();
    let servers = servers.map_err(|_| {
        "the NATS URL is not understood: expected nats://HOST:PORT, several with commas".to_owned()
    })?;
    let mut tasks = JoinSet::new();
    let service = service.clone();
    tasks.spawn(async move {
        let client = match connect(servers).await {
            Ok(client) => client,
            Err(error) => {
                tracing::error!(%error, "NATS cannot be used");
                return;
            }
        };
        let store = service.store().clone();
        tokio::join!(
            wake::tell(client.clone(), store.own_commits()),
            wake::hear(client.clone(), store),
            relay::run(client, service),
        );
    });
    Ok(tasks)
}

async fn connect(servers: Vec<ServerAddr>) -> Result<Client, async_nats::ConnectError> {
    ConnectOptions::new()
        .name("cyberprofiles")
        .retry_on_initial_connect()
        .max_reconnects(None)
        .event_callback(async |event| match event {
            Event::Connected => tracing::info!("NATS is there"),
            Event::Disconnected => tracing::warn!("NATS is away"),
            other => tracing::warn!(event = %other, "NATS"),
        })
        .connect(servers)
        .await
}
