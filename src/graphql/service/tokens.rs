//! Lookup of API tokens for transports, which have no access to the store.

use crate::service::away::Away;
use domain::viewer::Viewer;
use store::Store;

/// The API tokens in the store.
#[derive(Clone)]
pub struct Tokens(Store);

impl Tokens {
    /// Returns the bearer of a token; `None` if the token is unknown, expired or revoked.
    ///
    /// # Errors
    /// [`Away`] if the database does not answer.
    pub async fn bearer(&self, secret: &str) -> Result<Option<Viewer>, Away> {
        Ok(self.0.bearer(secret).await?)
    }
}

impl From<Store> for Tokens {
    fn from(store: Store) -> Self {
        Self(store)
    }
}
