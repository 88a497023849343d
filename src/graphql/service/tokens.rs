//! Bearers of API tokens, for transports: they know nothing of the store.

use crate::service::away::Away;
use domain::viewer::Viewer;
use store::Store;

/// Knows the API tokens that were made.
#[derive(Clone)]
pub struct Tokens(Store);

impl Tokens {
    /// The bearer of a token; `None` where it is unknown, expired or revoked.
    ///
    /// # Errors
    /// [`Away`]
    pub async fn bearer(&self, secret: &str) -> Result<Option<Viewer>, Away> {
        Ok(self.0.bearer(secret).await?)
    }
}

impl From<Store> for Tokens {
    fn from(store: Store) -> Self {
        Self(store)
    }
}
