//! The links of a profile.

use super::page::Page;

impl Page {
    /// The address of a record.
    pub fn record_href(&self, record_id: &str) -> String {
        self.frame.href(format!("/records/{record_id}"))
    }

    /// The address of a source.
    pub fn source_href(&self, record_id: &str) -> String {
        self.frame
            .href(format!("/sources/{}", self.frame.key(record_id)))
    }

    /// The address of a page of a country.
    pub fn country_href(&self, code: &str, page: &str) -> String {
        self.frame.href(format!("/countries/{code}{page}"))
    }

    /// The address of a treaty.
    pub fn treaty_href(&self, reference: &str) -> String {
        self.frame.href(self.frame.treaty_path(reference))
    }

    /// The address of the comparison with this country.
    pub fn compare_href(&self) -> String {
        self.frame.href(format!("/compare?country={}", self.code))
    }

    /// The links of the table of contents: anchor and text.
    pub fn contents(&self) -> [(&'static str, &'static str); 12] {
        let words = self.words;
        [
            ("status", words.status()),
            ("contact-24-7", words.contact()),
            ("findings", words.findings()),
            ("policies", words.policies()),
            ("institutions", words.institutions()),
            ("legal", words.legal()),
            ("decisions", words.decisions()),
            ("authorities", words.authorities()),
            ("statements", words.statements()),
            ("narrative", words.narrative()),
            ("sources", words.sources()),
            ("about", words.about()),
        ]
    }

    /// The address of the form for contributions about a part of the profile.
    pub fn contribute(&self, topic: &str) -> String {
        let path = format!("/contribute?country={}&topic={topic}", self.code);
        self.frame.href(path)
    }
}
