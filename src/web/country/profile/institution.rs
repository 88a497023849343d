//! The bodies and units of a country, which are shown in one tree.

use super::document::{Body, Cited, Country, Fresh, Name, Paper};
use crate::frame::Frame;
use crate::value::{InstitutionFunction, InstitutionStatus};

/// A body or a unit.
pub struct Institution {
    pub record_id: String,
    pub is_unit: bool,
    pub kind: String,
    pub name: Option<String>,
    pub names: Vec<Name>,
    pub acronym: Option<String>,
    pub status: InstitutionStatus,
    pub period: Option<String>,
    pub functions: Vec<InstitutionFunction>,
    pub mandate: Option<String>,
    pub subdivision: Option<String>,
    pub website: Option<String>,
    pub reporting_url: Option<String>,
    pub parent: Option<Body>,
    pub jointly_with: Vec<Body>,
    pub predecessors: Vec<Body>,
    pub successors: Vec<Body>,
    pub legal_basis: Vec<Paper>,
    pub freshness: Fresh,
    pub citations: Vec<Cited>,
}

/// Makes an [`Institution`] of a body or a unit, which have the same fields.
macro_rules! institution {
    ($node:ident, $kind:expr, $is_unit:literal) => {
        Institution {
            record_id: $node.record_id,
            is_unit: $is_unit,
            kind: $kind,
            name: $node.name,
            names: $node.names,
            acronym: $node.acronym,
            status: $node.status,
            period: $node.period.map(|period| period.edtf),
            functions: $node.functions,
            mandate: $node.mandate,
            subdivision: $node.subdivision,
            website: $node.website,
            reporting_url: $node.reporting_url,
            parent: $node.parent,
            jointly_with: $node.jointly_with,
            predecessors: $node.predecessors,
            successors: $node.successors,
            legal_basis: $node.legal_basis,
            freshness: $node.freshness,
            citations: $node.citations,
        }
    };
}

/// The bodies and units of the country in one list.
pub fn institutions(frame: &Frame, country: &mut Country) -> Vec<Institution> {
    let bodies = std::mem::take(&mut country.cybersecurity_bodies.nodes).into_iter();
    let units = std::mem::take(&mut country.operational_units.nodes).into_iter();
    let bodies = bodies.map(|one| institution!(one, frame.label(&one.body_kind), false));
    let units = units.map(|one| institution!(one, frame.label(&one.unit_kind), true));
    bodies.chain(units).collect()
}

impl Body {
    /// The name of the institution; its id if it has none.
    pub fn named(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.record_id)
    }
}
