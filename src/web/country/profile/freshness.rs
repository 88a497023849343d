//! The freshness of the records of a profile, taken together.

use std::collections::BTreeMap;

use super::document::Fresh;
use super::page::Page;
use super::treaty::Treaty;
use crate::value::StaleReason;

/// The freshness of all records of the profile.
#[derive(Default)]
pub struct Summary {
    /// The number of records.
    pub records: usize,
    /// The number of records that an editor verified.
    pub verified: usize,
    /// The instant of the last edit.
    pub edited_at: String,
    /// The day of the last verification.
    pub verified_on: Option<String>,
    /// The name of the editor who verified last.
    pub verified_by: Option<String>,
    /// The number of records by reason to review them.
    pub reasons: BTreeMap<StaleReason, usize>,
}

impl Summary {
    fn add(&mut self, one: &Fresh) {
        self.records = self.records.saturating_add(1);
        if one.edited_at > self.edited_at {
            self.edited_at.clone_from(&one.edited_at);
        }
        if one.verified_on.is_some() {
            self.verified = self.verified.saturating_add(1);
        }
        if one.verified_on > self.verified_on {
            self.verified_on.clone_from(&one.verified_on);
            self.verified_by = one.verified_by.as_ref().map(|actor| actor.name.clone());
        }
        for reason in &one.reasons {
            let count = self.reasons.entry(reason.clone()).or_default();
            *count = count.saturating_add(1);
        }
    }
}

impl Page {
    /// The freshness of all records.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        summary.add(&self.country.freshness);
        let events = self
            .treaties
            .iter()
            .flat_map(Treaty::events)
            .map(|one| &one.freshness);
        let findings = self
            .findings
            .iter()
            .chain(&self.earlier)
            .chain(&self.later)
            .map(|one| &one.assertion.freshness);
        let documents = self
            .groups
            .iter()
            .flat_map(|group| &group.documents)
            .map(|one| &one.freshness);
        let implementations = self.matrices.iter().flat_map(|one| &one.implementations);
        events
            .chain(findings)
            .chain(documents)
            .chain(self.institutions.iter().map(|one| &one.freshness))
            .chain(implementations.map(|one| &one.freshness))
            .chain(
                self.country
                    .court_decisions
                    .nodes
                    .iter()
                    .map(|one| &one.freshness),
            )
            .chain(self.country.sections.iter().map(|one| &one.freshness))
            .for_each(|one| summary.add(one));
        summary
    }
}
