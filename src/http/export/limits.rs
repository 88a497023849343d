//! State that exports share.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{StatusCode, header};
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};

use crate::graphql::network;
use crate::http::refusal::Refusal;

/// Most exports that are sent at once, unless the limit of concurrent requests is small.
const MAX_EXPORTS: usize = 64;
/// Most exports that are sent to one address at once.
const MAX_EXPORTS_OF_ADDRESS: usize = 4;
/// Number of exports whose size is remembered.
const MAX_SIZES: usize = 256;

/// Numbers of exports that are sent now, by the network of the client.
type Sent = Mutex<HashMap<IpAddr, usize>>;
/// A size in bytes, or the place where it will be once it is counted.
type Size = Arc<OnceCell<u64>>;

/// State that exports share: those that are sent now, and the sizes of those that were counted.
pub struct Exports {
    free: Arc<Semaphore>,
    sent: Arc<Sent>,
    /// Sizes by entity tag, newest last.
    sizes: Mutex<VecDeque<(String, Size)>>,
}

/// The right to send one export, until it is dropped.
pub struct Place {
    sent: Arc<Sent>,
    network: IpAddr,
    _free: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = sent.get_mut(&self.network) {
            *number = number.saturating_sub(1);
            if *number == 0 {
                sent.remove(&self.network);
            }
        }
    }
}

impl Exports {
    /// For a server that executes so many requests at once: exports take at most a quarter of these.
    pub fn new(max_concurrent_requests: usize) -> Self {
        let most = (max_concurrent_requests / 4).clamp(1, MAX_EXPORTS);
        Self {
            free: Arc::new(Semaphore::new(most)),
            sent: Arc::default(),
            sizes: Mutex::default(),
        }
    }

    /// A place for one export to an address.
    ///
    /// # Errors
    /// A refusal with status 429 if the address has too many, and 503 if no place is free.
    pub fn place(&self, to: IpAddr) -> Result<Place, Refusal> {
        let network = network(to);
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let number = sent.get(&network).copied().unwrap_or_default();
        if number >= MAX_EXPORTS_OF_ADDRESS {
            let message = format!(
                "this address receives {number} exports at once, which is the most: wait until one ends"
            );
            let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", &message);
            return Err(refusal.with_header(header::RETRY_AFTER, "10"));
        }
        let free = Arc::clone(&self.free).try_acquire_owned().map_err(|_| {
            let message = "the server sends too many exports at once: try again in a moment";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
                .with_header(header::RETRY_AFTER, "10")
        })?;
        sent.insert(network, number.saturating_add(1));
        Ok(Place {
            sent: Arc::clone(&self.sent),
            network,
            _free: free,
        })
    }

    /// The size in bytes of the export with an entity tag. Counts it unless it was counted; requests for the same
    /// export wait for one count.
    ///
    /// # Errors
    /// The errors of `count`; the next request counts again then.
    pub async fn size<E, F: Future<Output = Result<u64, E>>>(
        &self,
        tag: &str,
        count: impl FnOnce() -> F,
    ) -> Result<u64, E> {
        let size = self.remembered(tag);
        size.get_or_try_init(count).await.copied()
    }

    /// The place of a size. The oldest one goes if there are too many.
    fn remembered(&self, tag: &str) -> Size {
        let mut sizes = self.sizes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, size)) = sizes.iter().find(|(of, _)| of == tag) {
            return Arc::clone(size);
        }
        if sizes.len() >= MAX_SIZES {
            sizes.pop_front();
        }
        let size = Size::default();
        sizes.push_back((tag.to_owned(), Arc::clone(&size)));
        size
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn one_address_does_not_take_the_places_of_others() {
        let exports = Exports::new(1_000);
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse::<IpAddr>().unwrap());
        let places: Vec<Place> = (0..MAX_EXPORTS_OF_ADDRESS)
            .map(|_| exports.place(one).ok().unwrap())
            .collect();
        let refusal = exports.place(one).err().unwrap();
        assert!(refusal.is_of_client());
        assert!(exports.place(other).is_ok());
        drop(places);
        assert!(exports.place(one).is_ok());
        assert!(exports.sent.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn requests_for_one_export_wait_for_one_count() {
        let exports = Exports::new(4);
        let counts = AtomicUsize::new(0);
        let count = || async {
            counts.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok::<_, ()>(7)
        };
        let failed = exports.size("a", || async { Err(()) }).await;
        assert_eq!(failed, Err(()));
        let sizes = tokio::join!(exports.size("a", count), exports.size("a", count));
        assert_eq!(sizes, (Ok(7), Ok(7)));
        assert_eq!(counts.load(Ordering::SeqCst), 1);
        assert_eq!(exports.sizes.lock().unwrap().len(), 1);
    }
}
