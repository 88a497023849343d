//! Nodes wake each other. A word that is lost costs the time until the next poll.

use async_nats::Client;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::watch;

use crate::store::Store;

/// Where nodes say that there may be something new. It carries nothing.
const SUBJECT: &str = "cyberprofiles.wake";

/// Tells the other nodes whenever this one commits.
pub async fn tell(client: Client, mut commits: watch::Receiver<()>) {
    while commits.changed().await.is_ok() {
        if let Err(error) = client.publish(SUBJECT, Bytes::new()).await {
            tracing::debug!(%error, "the other nodes were not woken");
        }
    }
}

/// Wakes this node whenever another one commits.
pub async fn hear(client: Client, store: Store) {
    match client.subscribe(SUBJECT).await {
        Ok(mut words) => {
            while words.next().await.is_some() {
                store.nudge();
            }
        }
        Err(error) => tracing::error!(%error, "the other nodes are not heard"),
    }
}
