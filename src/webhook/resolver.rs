//! The resolver of the HTTP client: it returns permitted addresses alone, and the client connects to those. So a name
//! that changes its address between a check and the connection leads nowhere else.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::graphql::Targets;

/// Resolves names to addresses to which the service posts.
pub struct PermittedAddresses(pub Targets);

impl Resolve for PermittedAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        let targets = self.0.clone();
        Box::pin(async move {
            let found = targets.resolve(name.as_str()).await?;
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}
