//! The topics on which there is no finding: nobody has looked yet, unless other records of the profile are about them.

use std::collections::HashSet;

use super::contact::CONTACT;
use super::page::Page;
use super::treaty::Treaty;
use crate::value::{CoverageTopic, EnumValue};

/// Functions of institutions by the topic to which they belong.
const FUNCTIONS: [(&str, &str); 10] = [
    ("AWARENESS", "AWARENESS"),
    ("CENTRAL_AUTHORITY_MLA", "CENTRAL_AUTHORITY_MLA"),
    (
        "CRITICAL_INFRASTRUCTURE",
        "CRITICAL_INFRASTRUCTURE_PROTECTION",
    ),
    ("CYBERCRIME_UNIT", "CYBERCRIME_INVESTIGATION"),
    ("DATA_PROTECTION", "DATA_PROTECTION"),
    ("INFORMATION_SHARING", "INFORMATION_SHARING"),
    ("NATIONAL_CSIRT", "NATIONAL_CSIRT"),
    ("REPORTING_CHANNEL", "REPORTING_POINT"),
    ("STATISTICS", "STATISTICS"),
    ("TRAINING", "TRAINING"),
];

/// Subjects of documents by the topic to which they belong.
const SUBJECTS: [(&str, &str); 7] = [
    ("CRITICAL_INFRASTRUCTURE", "CRITICAL_INFRASTRUCTURE"),
    ("DATA_PROTECTION", "DATA_PROTECTION"),
    ("INTERCEPTION", "INTERCEPTION"),
    ("INTERNATIONAL_COOPERATION", "MUTUAL_LEGAL_ASSISTANCE"),
    ("PROCEDURAL_LAW", "CRIMINAL_PROCEDURE"),
    ("SAFEGUARDS", "SAFEGUARDS"),
    ("SUBSTANTIVE_LAW", "SUBSTANTIVE_CRIMINAL_LAW"),
];

/// Kinds of statements under treaties by the topic to which they belong.
const STATEMENTS: [(&str, &str); 2] = [
    ("TREATY_DECLARATIONS", "DECLARATION"),
    ("TREATY_RESERVATIONS", "RESERVATION"),
];

impl Page {
    /// The labels of the topics without a finding: first those about which the profile has records, with the anchor of
    /// its part, then those on which nobody has looked yet.
    pub fn open_topics(&self) -> (Vec<(String, &'static str)>, Vec<String>) {
        let found = self.findings.iter();
        let known: HashSet<&str> = found.map(|one| one.assertion.topic.value()).collect();
        let (mut recorded, mut unknown) = (Vec::new(), Vec::new());
        for (topic, label) in self.frame.values_of(CoverageTopic::ENUM) {
            match self.recorded(&topic) {
                _ if known.contains(topic.as_str()) => {}
                Some(anchor) => recorded.push((label, anchor)),
                None => unknown.push(label),
            }
        }
        (recorded, unknown)
    }

    /// The anchor of the part of the profile that has records about a topic.
    fn recorded(&self, topic: &str) -> Option<&'static str> {
        let names = |list: &[(&str, &'static str)]| -> Vec<&'static str> {
            let of_topic = list.iter().filter(|(known, _)| *known == topic);
            of_topic.map(|(_, name)| *name).collect()
        };
        let functions = names(&FUNCTIONS);
        let subjects = names(&SUBJECTS);
        let statements = names(&STATEMENTS);
        let is_designated = || {
            let mut all = self.treaties.iter().flat_map(|one| &one.designations);
            all.any(|(event, _)| {
                let function = event.designated_function.as_ref();
                function.is_some_and(|one| functions.contains(&one.value()))
            })
        };
        let is_run = || {
            let mut all = self.institutions.iter().flat_map(|one| &one.functions);
            all.any(|one| functions.contains(&one.value()))
        };
        let is_written = || {
            let documents = self.groups.iter().flat_map(|group| &group.documents);
            let mut all = documents.flat_map(|one| &one.subjects);
            all.any(|one| subjects.contains(&one.value()))
        };
        let is_stated = || {
            let mut all = self.treaties.iter().flat_map(Treaty::events);
            all.any(|event| statements.contains(&event.kind.value()))
        };
        match topic {
            CONTACT if self.has_contact() => Some("contact-24-7"),
            "CASE_LAW" if !self.country.court_decisions.nodes.is_empty() => Some("decisions"),
            _ if is_designated() => Some("authorities"),
            _ if is_stated() => Some("statements"),
            _ if is_run() => Some("institutions"),
            _ if is_written() => Some("policies"),
            _ => None,
        }
    }
}
