//! Answers that the template asks of a profile: names, sources and what is there.

use super::document::{Fresh, Name};
use super::institution::Institution;
use super::page::Page;
use super::treaty::Treaty;
use crate::countries::region;
use crate::country::tree::Place;

impl Page {
    /// Institutions in the order of the tree.
    pub fn tree(&self) -> impl Iterator<Item = (&Place, &Institution)> {
        let institutions = self.places.iter();
        institutions.filter_map(|place| Some((place, self.institutions.get(place.index)?)))
    }

    /// The name of a reservation: its kind and its articles.
    pub fn reservation(&self, record_id: &str) -> String {
        let mut events = self.treaties.iter().flat_map(Treaty::events);
        match events.find(|event| event.record_id == record_id) {
            Some(event) if event.articles.is_empty() => self.frame.label(&event.kind),
            Some(event) => {
                let articles = self.words.articles_of(&event.articles);
                format!("{}, {articles}", self.frame.label(&event.kind))
            }
            None => record_id.to_owned(),
        }
    }

    /// True if a source supports a field of the country itself. All other records need a source for each field.
    pub fn has_source(&self, field: &str) -> bool {
        let mut citations = self.country.citations.iter();
        citations.any(|one| one.fields.is_empty() || one.fields.iter().any(|known| *known == field))
    }

    /// The language of a name, if it is another one than that of the page.
    pub fn language_of<'a>(&self, text: &str, names: &'a [Name]) -> Option<&'a str> {
        let own = self.frame.language.code();
        let mut languages = names
            .iter()
            .filter(|name| name.text == text)
            .map(|name| name.language.as_str());
        let first = languages.next()?;
        let is_own = |language: &str| language.split('-').next() == Some(own);
        (!is_own(first) && !languages.any(is_own)).then_some(first)
    }

    /// True if an authority was ever designated.
    pub fn has_designations(&self) -> bool {
        self.treaties.iter().any(|one| !one.designations.is_empty())
    }

    /// True if there is a reservation, a declaration or the like.
    pub fn has_statements(&self) -> bool {
        self.treaties.iter().any(|one| !one.statements.is_empty())
    }

    /// The name of a region.
    pub fn region<'a>(&self, region: &'a str) -> &'a str {
        region::label(region, self.frame.language)
    }

    /// Reasons to review a record, other than that nobody verified it, which the foot of the page tells once.
    pub fn reasons(&self, one: &Fresh) -> Vec<String> {
        let reasons = one
            .reasons
            .iter()
            .filter(|reason| **reason != "NEVER_VERIFIED");
        reasons.map(|reason| self.frame.label(reason)).collect()
    }
}
