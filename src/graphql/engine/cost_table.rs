//! The known costs of fields, and the expected sizes of pages: the estimate of a request and the directives of the schema
//! are derived from them.

/// The cost of a field, in relation to the cost of its selections.
pub enum Cost {
    /// This much for the field itself; its selections count once.
    Own(usize),
    /// This number of objects, approximate; the selections count once for each.
    Of(usize),
}

use Cost::{Of, Own};

/// The fields that cost more than 1 and are not pages: on one type, or on all types that have the field. A page costs
/// its selections times its expected number of edges: see [`PAGES`]; a page that is listed costs more for itself. A field with one of the arguments of
/// [`ELEMENTS`] costs its selections times the number of elements.
const COSTS: [(Option<&str>, &str, Cost); 49] = [
    (Some("Contribution"), "activity", Of(20)),
    (None, "administrations", Of(1)),
    (None, "ancestors", Of(2)),
    (Some("TreatyParticipation"), "basis", Of(3)),
    (Some("TreatyParticipation"), "certainty", Own(5)),
    (Some("Contribution"), "changes", Of(10)),
    (None, "citations", Of(4)),
    (Some("Contribution"), "comments", Of(20)),
    (Some("Contribution"), "conflicts", Own(20)),
    (Some("Query"), "contributionCounts", Own(50)),
    (Some("Change"), "countries", Of(2)),
    (Some("Contribution"), "countries", Of(5)),
    (Some("Country"), "coverage", Of(20)),
    (None, "coverageCounts", Own(100)),
    (None, "declarations", Of(3)),
    (Some("Webhook"), "deliveries", Of(10)),
    (None, "designations", Of(5)),
    (Some("SearchHit"), "highlights", Own(3)),
    (None, "implementationCounts", Own(100)),
    (None, "jointlyWith", Of(1)),
    (None, "labels", Of(400)),
    (None, "legalBasis", Of(1)),
    (None, "memberships", Of(2)),
    (None, "overlapping", Of(10)),
    (None, "predecessors", Of(1)),
    (Some("Contribution"), "preview", Own(500)),
    (None, "protocols", Of(2)),
    (Some("ArticleImplementation"), "provisions", Of(2)),
    (Some("CourtDecision"), "provisions", Of(2)),
    (Some("PolicyDocument"), "provisions", Of(3)),
    (None, "recordCounts", Own(10)),
    (None, "regions", Own(20)),
    (Some("PolicyDocument"), "relations", Of(2)),
    (None, "reportedLabels", Of(2)),
    (None, "reservations", Of(3)),
    (Some("PolicyDocument"), "responsible", Of(1)),
    (Some("Country"), "sections", Of(6)),
    (Some("Query"), "search", Own(50)),
    (None, "statusCounts", Own(50)),
    (None, "statuses", Of(100)),
    (Some("Contribution"), "steps", Own(20)),
    (None, "successors", Of(1)),
    (None, "timeline", Of(100)),
    (Some("PolicyDocument"), "treaties", Of(1)),
    (None, "treatyParticipations", Of(5)),
    (None, "treatyStatus", Own(5)),
    (None, "unmapped", Of(100)),
    (Some("Contribution"), "warnings", Own(20)),
    (Some("Query"), "webhooks", Of(5)),
];

/// The cost of a field; `None` if it is not listed.
pub fn listed_cost(of: &str, name: &str) -> Option<&'static Cost> {
    entry(&COSTS, of, name)
}

/// The expected number of edges of a page; `None` if nothing is known of it.
pub fn expected_edges(of: &str, name: &str) -> Option<usize> {
    entry(&PAGES, of, name).copied()
}

/// All fields in the tables, with their types.
#[cfg(test)]
pub fn listed() -> impl Iterator<Item = (Option<&'static str>, &'static str)> {
    let costs = COSTS.iter().map(|(on, field, _)| (*on, *field));
    costs.chain(PAGES.iter().map(|(on, field, _)| (*on, *field)))
}

/// The expected number of edges of pages that belong to one record, and of short lists. Measured on the bundled data:
/// of the countries with a profile, 95 in 100 have no more. A longer page counts during execution: see `Meter`.
const PAGES: [(Option<&str>, &str, usize); 12] = [
    (None, "history", 3),
    (Some("Country"), "articleImplementations", 20),
    (Some("Country"), "courtDecisions", 8),
    (Some("Country"), "cybersecurityBodies", 20),
    (Some("Country"), "operationalUnits", 12),
    (Some("Country"), "policyDocuments", 25),
    (Some("Country"), "sources", 75),
    (Some("Country"), "treatyEvents", 20),
    (Some("CybersecurityBody"), "units", 2),
    (Some("Query"), "treaties", 10),
    (Some("Snapshot"), "treaties", 10),
    (Some("Treaty"), "participations", 100),
];

/// The entry of a table for a field of a type.
fn entry<'a, T>(table: &'a [(Option<&str>, &str, T)], of: &str, name: &str) -> Option<&'a T> {
    let mut entries = table.iter();
    let found = entries.find(|(on, field, _)| *field == name && on.is_none_or(|on| on == of));
    found.map(|(_, _, value)| value)
}
