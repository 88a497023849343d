//! Finds triggers that should refuse changes of history, and are not in force.

use crate::Store;
use crate::copy::Blueprint;
use crate::error::Error;
use crate::{backend, migrate};

impl Store {
    /// The names of the triggers that should refuse changes of history, and are missing or disabled.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn missing_guards(&self) -> Result<Vec<String>, Error> {
        let mut guards = Blueprint::of(migrate::newest()).await?.guards;
        let in_force = backend::triggers(self.reader()).await?;
        guards.retain(|name| !in_force.contains(name));
        Ok(guards.into_iter().collect())
    }
}
