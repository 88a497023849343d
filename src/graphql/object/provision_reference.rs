//! References to provisions of policy documents, as objects.

use async_graphql::{Context, Object};
use cyberprofiles_graphql_macros::at_once;

use crate::engine::context::View;
use crate::engine::error::Error;
use crate::engine::objects::Objects;
use crate::object::policy_document::{self, PolicyDocument};
use domain::provision_reference;

/// A provision of a policy document.
pub struct ProvisionReference<'a> {
    provision: &'a provision_reference::ProvisionReference,
    view: View,
}

/// A provision of a policy document, or the whole document.
#[at_once]
#[Object]
impl ProvisionReference<'_> {
    /// The document.
    async fn document(&self, ctx: &Context<'_>) -> Result<PolicyDocument, Error> {
        let document = policy_document::find(ctx, &self.provision.document, self.view).await?;
        document.ok_or_else(|| Error::missing("the document of a provision"))
    }

    /// The number of the provision in the document, as in `184(1)`; null for the whole document.
    async fn number(&self) -> Option<&str> {
        self.provision.number.as_deref()
    }

    /// A short quote from the provision, word for word; null if there is none.
    async fn quote(&self) -> Option<&str> {
        self.provision.quote.as_deref()
    }
}

/// Provisions as objects, in their order.
pub fn objects(
    provisions: &[provision_reference::ProvisionReference],
    view: View,
) -> Objects<ProvisionReference<'_>> {
    let provisions = provisions.iter();
    provisions
        .map(|provision| ProvisionReference { provision, view })
        .collect()
}
