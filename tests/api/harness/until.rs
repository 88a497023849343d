//! Waiting for what a background task does.

use std::time::{Duration, Instant};

/// Waits until a condition is true; fails after five minutes.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_mins(5), "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
