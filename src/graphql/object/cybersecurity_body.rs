//! Cybersecurity bodies.

use async_graphql::{Context, Object};
use cyberprofiles_graphql_macros::{at_once, pages};

use crate::engine::connection::Connection;
use crate::engine::error::Error;
use crate::engine::page::{Owned, PageArgs};
use crate::object::institution::{InstitutionFields, institution_object};
use crate::object::operational_unit::OperationalUnit;
use domain::cybersecurity_body::BodyKind;
use store::cybersecurity_body::Model;
use store::institution::{Filter, Institutions};
use store::operational_unit;

/// An agency, ministry, security service, CSIRT, regulator or court that deals with cybercrime or
/// cybersecurity.
pub struct CybersecurityBody {
    shared: InstitutionFields<Self, Model>,
}
institution_object!(CybersecurityBody, cybersecurity_body);

/// An agency, ministry, security service, CSIRT, regulator or court that deals with cybercrime or
/// cybersecurity.
#[pages]
#[at_once]
#[Object]
impl CybersecurityBody {
    #[graphql(flatten)]
    async fn shared(&self) -> &InstitutionFields<Self, Model> {
        &self.shared
    }

    /// The kind of body.
    async fn kind(&self) -> BodyKind {
        self.row.kind
    }

    /// The units that are directly part of it, by name; those without a name come last. Those that begin after the
    /// as-of date are left out, unless they are planned or being set up.
    /// Derived from other records: a mirror leaves it out.
    async fn units(
        &self,
        ctx: &Context<'_>,
        args: PageArgs,
    ) -> Result<Connection<OperationalUnit>, Error> {
        let units = Owned {
            name: "CybersecurityBody.units",
            list: Institutions::<operational_unit::Entity>::new(Filter::default()),
            column: "parent",
            owner: self.row.id.to_string(),
        };
        units.page(ctx, args, self.view, OperationalUnit::new).await
    }
}
