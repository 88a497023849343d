//! The 24/7 point of contact: the institution for which readers look first.

use super::document::Event;
use super::finding::Finding;
use super::institution::Institution;
use super::page::Page;
use super::treaty::Treaty;

/// The function of the point of contact, and the topic of findings about it.
pub const CONTACT: &str = "POINT_OF_CONTACT_24_7";

impl Page {
    /// Valid designations of the point of contact, with their treaties.
    pub fn contacts(&self) -> Vec<(&Treaty, &Event)> {
        let is_contact = |event: &Event| {
            event
                .designated_function
                .as_ref()
                .is_some_and(|one| *one == CONTACT)
        };
        let mut contacts = Vec::new();
        for treaty in &self.treaties {
            let valid = treaty
                .designations
                .iter()
                .filter(|(event, holds)| *holds && is_contact(event));
            contacts.extend(valid.map(|(event, _)| (treaty, event)));
        }
        contacts
    }

    /// Institutions that are the 24/7 point of contact.
    pub fn contact_institutions(&self) -> Vec<&Institution> {
        let is_contact = |one: &&Institution| one.functions.iter().any(|one| *one == CONTACT);
        self.institutions.iter().filter(is_contact).collect()
    }

    /// The finding about the 24/7 point of contact.
    pub fn contact_finding(&self) -> Option<&Finding> {
        self.findings
            .iter()
            .find(|one| one.assertion.topic == CONTACT)
    }

    /// True if an institution is the point of contact, by designation or by its functions.
    pub fn has_contact(&self) -> bool {
        !self.contacts().is_empty() || !self.contact_institutions().is_empty()
    }
}
