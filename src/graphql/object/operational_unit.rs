//! Operational units.

use async_graphql::Object;

use crate::object::institution::{Shared, institution_object};
use domain::operational_unit::UnitKind;
use store::operational_unit::Model;

/// The unit that does the work: cybercrime unit, specialised prosecution unit, forensic unit. It may be
/// unnamed and yet to be set up.
pub struct OperationalUnit {
    shared: Shared<Self, Model>,
}
institution_object!(OperationalUnit, operational_unit);

/// The unit that does the work: cybercrime unit, specialised prosecution unit, forensic unit. It may be
/// unnamed and yet to be set up.
#[Object]
impl OperationalUnit {
    #[graphql(flatten)]
    async fn shared(&self) -> &Shared<Self, Model> {
        &self.shared
    }

    /// What kind of unit it is.
    async fn kind(&self) -> UnitKind {
        self.row.kind
    }
}
