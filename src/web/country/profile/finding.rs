//! The findings of a country, and the topics on which there is none.

use std::collections::HashSet;

use super::document::{Assertion, Country, FindingKind, FindingNode, Section};
use super::later::is_later;
use crate::frame::Frame;
use crate::value::{EnumValue, ProfileTopic};

/// A finding and the record in which it stands.
pub struct Finding {
    /// The id of the record.
    pub record_id: String,
    /// The finding.
    pub assertion: Assertion,
}

/// The findings of a country, by how they stand to the day of the view.
pub struct Findings {
    /// The findings that hold, in the order of the service.
    pub latest: Vec<Finding>,
    /// The findings that a later one replaces.
    pub earlier: Vec<Finding>,
    /// The findings that are later than the day of the view.
    pub later: Vec<Finding>,
}

/// Sorts the findings by how they stand to the day of the view.
pub fn findings(country: &Country, nodes: Vec<FindingNode>, as_of: &str) -> Findings {
    let latest: Vec<&str> = country
        .coverage
        .iter()
        .map(|one| one.record_id.as_str())
        .collect();
    let mut all: Vec<Finding> = nodes
        .into_iter()
        .filter_map(|node| match node.on {
            FindingKind::CoverageAssertion(assertion) => Some(Finding {
                record_id: node.record_id,
                assertion,
            }),
            _ => None,
        })
        .collect();
    let rank = |one: &Finding| latest.iter().position(|id| *id == one.record_id);
    all.sort_by_key(|one| rank(one).unwrap_or(usize::MAX));
    let is_latest = |one: &Finding| rank(one).is_some();
    let (latest, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_latest);
    let (later, earlier) = others
        .into_iter()
        .partition(|one: &Finding| is_later(one.assertion.as_of.earliest.as_deref(), as_of));
    Findings {
        latest,
        earlier,
        later,
    }
}

/// The sections of a profile that nobody wrote.
pub fn missing_sections(frame: &Frame, sections: &[Section]) -> Vec<String> {
    let known: HashSet<&str> = sections.iter().map(|one| one.topic.value()).collect();
    let topics = frame.values_of(ProfileTopic::ENUM).into_iter();
    topics
        .filter(|(value, _)| value != "OTHER" && !known.contains(value.as_str()))
        .map(|(_, label)| label)
        .collect()
}
