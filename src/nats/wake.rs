//! Wake-ups between instances. A lost wake-up costs the time until the next poll.

use async_nats::Client;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::watch;

use crate::store::Store;

/// Subject on which instances announce that the log may have grown. The messages are empty.
const SUBJECT: &str = "cyberprofiles.wake";

/// Wakes the other instances whenever this one commits.
pub async fn announce_commits(client: Client, mut commits: watch::Receiver<()>) {
    while commits.changed().await.is_ok() {
        if let Err(error) = client.publish(SUBJECT, Bytes::new()).await {
            tracing::debug!(%error, "the other instances could not be woken");
        }
    }
}

/// Wakes this instance whenever another one commits.
pub async fn receive_wake_ups(client: Client, store: Store) {
    match client.subscribe(SUBJECT).await {
        Ok(mut messages) => {
            while messages.next().await.is_some() {
                store.nudge();
            }
        }
        Err(error) => tracing::error!(%error, "wake-ups of other instances cannot be received"),
    }
}
