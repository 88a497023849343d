//! The records of a profile about a topic on which there is no finding.

use super::page::compare::CompareAtCountriesNodes as Country;
use super::section::Elsewhere;
use super::words::Words;
use crate::value::EnumValue;

/// The records about a topic, and the part of the profile that has them; `None` if there is none.
pub fn elsewhere(words: Words, country: &Country, topic: &str) -> Option<Elsewhere> {
    let (anchor, count) = match topic {
        "POINT_OF_CONTACT_24_7" => ("contact-24-7", designated(country, topic)),
        "CENTRAL_AUTHORITY_MLA" => ("authorities", designated(country, topic)),
        "TREATY_RESERVATIONS" => ("statements", country.reservation_count.total_count),
        "TREATY_DECLARATIONS" => ("statements", country.declaration_count.total_count),
        "CASE_LAW" => ("decisions", country.decision_count.total_count),
        "CYBERCRIME_UNIT" => {
            let bodies = country.investigator_body_count.total_count;
            let units = country.investigator_unit_count.total_count;
            ("institutions", bodies.saturating_add(units))
        }
        "ACTION_PLAN" => ("policies", documents(country, topic)),
        "DATA_PROTECTION" => (
            "institutions",
            institutions(country, "DATA_PROTECTION_AUTHORITY"),
        ),
        "REPORTING_CHANNEL" => ("institutions", institutions(country, "REPORTING_CENTRE")),
        "SPECIALISED_COURT" | "SPECIALISED_PROSECUTION_UNIT" => {
            ("institutions", institutions(country, topic))
        }
        "TRAINING" => (
            "institutions",
            institutions(country, "TRAINING_INSTITUTION"),
        ),
        _ => return None,
    };
    (count > 0).then(|| Elsewhere {
        count: match count {
            1 => words.record().to_owned(),
            _ => words.records(count),
        },
        path: format!("/countries/{}", country.code),
        anchor,
    })
}

/// The number of valid designations with a function.
fn designated(country: &Country, function: &str) -> i64 {
    let participations = country.treaty_participations.iter();
    let all = participations.flat_map(|one| &one.designations);
    let functions = all.filter_map(|one| one.designated_function.as_ref());
    number(functions.filter(|one| one.value() == function))
}

/// The number of documents of a kind.
fn documents(country: &Country, kind: &str) -> i64 {
    let all = country.policy_documents.nodes.iter();
    number(all.filter(|one| one.kind.value() == kind))
}

/// The number of bodies and units of a kind.
fn institutions(country: &Country, kind: &str) -> i64 {
    let bodies = country.cybersecurity_bodies.nodes.iter();
    let units = country.operational_units.nodes.iter();
    let bodies = number(bodies.filter(|one| one.kind.value() == kind));
    bodies.saturating_add(number(units.filter(|one| one.kind.value() == kind)))
}

fn number<T>(all: impl Iterator<Item = T>) -> i64 {
    i64::try_from(all.count()).unwrap_or(i64::MAX)
}
