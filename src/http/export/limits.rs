//! State that exports share.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use tokio::sync::OnceCell;

use crate::http::places::{NoPlace, Place, Places};
use crate::http::refusal::Refusal;

/// Most exports that are sent at once, unless the limit of concurrent requests is small.
const MAX_EXPORTS: usize = 64;
/// Most exports that are sent to one address at once.
const MAX_EXPORTS_OF_ADDRESS: usize = 4;
/// Time after which a client that was refused may try again, in seconds.
const RETRY_SECONDS: u64 = 10;
/// Number of exports whose size is remembered.
const MAX_SIZES: usize = 256;

/// A size in bytes, or the place where it will be once it is counted.
type Size = Arc<OnceCell<u64>>;

/// State that exports share: those that are sent now, and the sizes of those that were counted.
pub struct Exports {
    places: Places,
    /// Sizes by entity tag, newest last.
    sizes: Mutex<VecDeque<(String, Size)>>,
}

impl Exports {
    /// For a server that executes so many requests at once: exports take at most a quarter of these.
    pub fn new(max_concurrent_requests: usize) -> Self {
        let most = (max_concurrent_requests / 4).clamp(1, MAX_EXPORTS);
        Self {
            places: Places::new(most, MAX_EXPORTS_OF_ADDRESS),
            sizes: Mutex::default(),
        }
    }

    /// A place for one export to an address.
    ///
    /// # Errors
    /// A refusal with status 429 if the address has too many, and 503 if no place is free.
    pub fn place(&self, to: IpAddr) -> Result<Place, Refusal> {
        self.places.take(to).map_err(|none| {
            let refusal = match none {
                NoPlace::OfNetwork(number) => {
                    let message = format!(
                        "this address receives {number} exports at once, which is the most: wait until one ends"
                    );
                    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", &message)
                }
                NoPlace::OfServer => {
                    let message = "the server sends too many exports at once: try again in a moment";
                    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
                }
            };
            refusal.with_retry_after(RETRY_SECONDS)
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
