//! Where the log ends: by one question for all who want to know.

use std::time::Instant;

use super::Store;
use super::error::Error;
use super::head::{self, Head};

/// What was asked last, and since when it is known.
#[derive(Default)]
pub(super) struct Newest(tokio::sync::Mutex<Option<(Instant, Head)>>);

impl Store {
    /// Where the log ends, whoever writes to it: nothing that was committed before this was called is behind it.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn newest(&self) -> Result<Head, Error> {
        let called = Instant::now();
        let mut asked = self.0.newest.0.lock().await;
        match *asked {
            // Somebody asked after this was called.
            Some((at, head)) if at >= called => Ok(head),
            _ => {
                let at = Instant::now();
                let head = self.look_at_head().await?;
                *asked = Some((at, head));
                Ok(head)
            }
        }
    }

    /// Reads where the log ends.
    pub(super) async fn look_at_head(&self) -> Result<Head, Error> {
        let found = head::read(self.reader()).await?;
        let head = Head::of(&found);
        self.0.wake.reach(head.moment, found.touched);
        Ok(head)
    }
}
