//! Profile sections: the narrative of one topic.

use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::language::Language;
use super::noun::{Identified, noun};
use super::record::RecordField;
use super::reference::Reference;
use super::text::{CountryCode, Markdown, slug};
use super::value_type::words;

words! {
    /// What a section is about. The list may grow.
    ProfileTopic {
        /// Status under treaties.
        TreatyStatus,
        /// Policies and strategies.
        Policies,
        /// Legislation.
        Legislation,
        /// Institutions.
        Institutions,
        /// Cooperation with other countries.
        InternationalCooperation,
        /// Decisions of courts.
        CaseLaw,
        /// Tools.
        Tools,
        /// Links.
        Links,
        /// Anything else.
        Other,
    }
}

words! {
    /// Whether there is something to read.
    SectionState {
        /// There is.
        Filled,
        /// The source has the heading and nothing under it.
        EmptyOnSource,
        /// Nobody has looked yet.
        NotResearched,
    }
}

/// The fields of a section: what is done with them is up to `$then`.
#[macro_export]
macro_rules! profile_section_fields {
    ($then:ident) => {
        $then! {
            /// What is known of a section. A create must have: topic state country.
            ProfileSection in "profile_section" as ProfileSectionFields, CreateProfileSection, UpdateProfileSection citing Vec<CitationInput> {
                /// What it is about.
                topic: ProfileTopic,
                /// Whether there is something to read.
                state: SectionState,
                /// The narrative, in Markdown.
                body: Option<Markdown>,
                /// The language of the narrative.
                language: Option<Language>,
                /// The country it belongs to.
                country: CountryCode,
            } keeping {}
        }
    };
}
pub use profile_section_fields as fields;
fields!(noun);

impl Identified for ProfileSection {
    fn key(&self) -> String {
        let topic = sea_orm::ActiveEnum::to_value(&self.topic);
        slug(&format!("{} {topic}", self.country))
    }

    fn faults(&self) -> Vec<Finding> {
        let at = |field: RecordField| Path::default().then(field.camel());
        let filled = self.state == SectionState::Filled;
        let mut found = Vec::new();
        if filled && self.body.is_none() {
            let message = "a section that is FILLED has something to read";
            found.push(at(RecordField::Body).finding(Code::Required, message));
        }
        if !filled && self.body.is_some() {
            let message = "only a section that is FILLED has something to read";
            found.push(at(RecordField::Body).finding(Code::Invalid, message));
        }
        if self.body.is_some() && self.language.is_none() {
            let message = "name the language of the narrative";
            found.push(at(RecordField::Language).finding(Code::Required, message));
        }
        found
    }

    fn references(&self) -> Vec<(RecordField, Reference)> {
        let country = Reference::Country(self.country.clone());
        vec![(RecordField::Country, country)]
    }

    fn country(&self) -> Option<CountryCode> {
        Some(self.country.clone())
    }
}
