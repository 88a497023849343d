//! Reads a stream ahead by one item.

use std::pin::pin;

use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tokio::sync::mpsc;

/// The same items, each produced by a task of its own while the one before it is in use. The task begins at the first
/// poll, waits while its item is not taken, and ends when the stream is dropped.
pub fn ahead<T: Send + 'static>(
    items: impl Stream<Item = T> + Send + 'static,
) -> BoxStream<'static, T> {
    let begun = async move {
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            let mut items = pin!(items);
            loop {
                // Also ends a wait for the database whose answer nobody wants.
                let item = tokio::select! {
                    item = items.next() => item,
                    () = sender.closed() => None,
                };
                let Some(item) = item else { return };
                if sender.send(item).await.is_err() {
                    return;
                }
            }
        });
        stream::unfold(receiver, async |mut receiver| {
            Some((receiver.recv().await?, receiver))
        })
    };
    stream::once(begun).flatten().boxed()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn items_are_produced_only_a_little_ahead_and_none_after_the_stream_is_dropped() {
        let produced = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&produced);
        let mut items = ahead(stream::repeat_with(move || {
            counter.fetch_add(1, Ordering::SeqCst)
        }));
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(produced.load(Ordering::SeqCst), 0);
        assert_eq!(items.next().await, Some(0));
        assert_eq!(items.next().await, Some(1));
        tokio::time::sleep(Duration::from_millis(20)).await;
        // Two were taken, one waits in the channel, and one for a place in it.
        assert_eq!(produced.load(Ordering::SeqCst), 4);
        drop(items);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(produced.load(Ordering::SeqCst), 4);
    }
}
