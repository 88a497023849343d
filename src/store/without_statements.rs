//! Work that sends no statement to the database: an attempt to answer from memory, whose futures are dropped if one of
//! them has to wait. A statement that such a future had begun would be executed for nobody, and again afterwards.

use std::cell::Cell;
use std::future::pending;

thread_local! {
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// Runs work that does not await. A read from the database that it polls stays pending, and is not begun.
pub fn without_statements<T>(work: impl FnOnce() -> T) -> T {
    let _end = End(IS_RUNNING.replace(true));
    work()
}

/// Sets back, after a panic too, what was set before the work.
struct End(bool);

impl Drop for End {
    fn drop(&mut self) {
        IS_RUNNING.set(self.0);
    }
}

/// Stays pending within [`without_statements`]. Every read begins with it.
pub async fn may_begin() {
    if IS_RUNNING.get() {
        pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::FutureExt;

    use super::without_statements;
    use crate::{Options, Store};

    #[tokio::test]
    async fn a_read_takes_no_connection_within_the_work_and_one_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/x.db", folder.path().display());
        let store = Store::open(&url, &Options::default()).await.unwrap();
        let read = store.head().now_or_never();
        assert!(read.is_some() || store.pool().idle < store.pool().open);
        store.head().await.unwrap();
        while store.pool().idle < store.pool().open {
            tokio::task::yield_now().await;
        }
        without_statements(|| {
            assert!(store.head().now_or_never().is_none());
            assert_eq!(store.pool().idle, store.pool().open);
        });
        store.head().await.unwrap();
    }
}
