//! Profile sections: the narrative on one topic.

use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::language::Language;
use super::noun::{Identified, noun};
use super::record::RecordField;
use super::reference::Reference;
use super::required::RequiredIf;
use super::text::{CountryCode, Markdown, slug};
use super::value_type::field_enum;

field_enum! {
    /// Topic of a profile section. The list may grow.
    ProfileTopic {
        /// Status under treaties.
        TreatyStatus,
        /// Policies and strategies.
        Policies,
        /// Laws and regulations on cybercrime and electronic evidence.
        Legislation,
        /// Institutions.
        Institutions,
        /// Cooperation with other countries.
        InternationalCooperation,
        /// Court decisions.
        CaseLaw,
        /// Tools for practitioners, such as guides and templates on cybercrime and electronic evidence.
        Tools,
        /// Links to other pages.
        Links,
        /// Any other topic.
        Other,
    }
}

field_enum! {
    /// State of a profile section: filled, or why it is empty.
    SectionState {
        /// The section has a narrative in `body`.
        Filled,
        /// The source has the heading and no text under it.
        EmptyOnSource,
        /// Nobody has researched the topic yet.
        NotResearched,
    }
}

/// Passes the declaration of `ProfileSection` to the macro `$then`.
#[macro_export]
macro_rules! profile_section_fields {
    ($then:ident) => {
        $then! {
            /// The fields of a profile section.
            ProfileSection in "profile_section" as ProfileSectionFields, CreateProfileSection, UpdateProfileSection citing Vec<CitationInput> {
                /// Topic of the section.
                topic: ProfileTopic,
                /// State of the section: only `FILLED` has a `body`.
                state: SectionState,
                /// Narrative, in Markdown. Required in state `FILLED`, and not possible in another.
                body: Option<Markdown>,
                /// Language of the narrative. Required with `body`.
                language: Option<Language>,
                /// Code of the country whose profile it is.
                country: CountryCode,
            } derived {}
        }
    };
}
pub use profile_section_fields as fields;
fields!(noun);

impl Identified for ProfileSection {
    const REQUIRED_IF: &[RequiredIf<Self>] = &[
        RequiredIf {
            field: RecordField::Body,
            condition: "if `state` is `FILLED`",
            is_missing: |section| section.state == SectionState::Filled && section.body.is_none(),
        },
        RequiredIf {
            field: RecordField::Language,
            condition: "with `body`",
            is_missing: |section| section.body.is_some() && section.language.is_none(),
        },
    ];

    fn key(&self) -> String {
        let topic = sea_orm::ActiveEnum::to_value(&self.topic);
        slug(&format!("{} {topic}", self.country))
    }

    fn validate(&self) -> Vec<Finding> {
        let at = |field: RecordField| Path::default().then(field.camel());
        let filled = self.state == SectionState::Filled;
        let mut found = Vec::new();
        if !filled && self.body.is_some() {
            let message = "only a section in state FILLED can have a body: set `state`, or leave the body out";
            found.push(at(RecordField::Body).finding(Code::Invalid, message));
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
