//! Operational units.

use async_graphql::Object;
use cyberprofiles_graphql_macros::at_once;

use crate::object::institution::{InstitutionFields, institution_object};
use domain::operational_unit::UnitKind;
use store::operational_unit::Model;

/// A unit that does the operational work: a cybercrime unit, specialised prosecution unit or forensic unit.
pub struct OperationalUnit {
    shared: InstitutionFields<Self, Model>,
}
institution_object!(OperationalUnit, operational_unit);

/// A unit that does the operational work: a cybercrime unit, specialised prosecution unit or forensic unit. It may have
/// no name, and may still be planned.
#[at_once]
#[Object]
impl OperationalUnit {
    #[graphql(flatten)]
    async fn shared(&self) -> &InstitutionFields<Self, Model> {
        &self.shared
    }

    /// The kind of unit.
    async fn kind(&self) -> UnitKind {
        self.row.kind
    }
}
