//! Sources: where facts come from.

use super::citation::CitationInput;
use super::date::{Day, PartialDate};
use super::language::Language;
use super::link::Link;
use super::noun::{Identified, noun};
use super::text::slug;
use super::value_type::words;

words! {
    /// What kind of source it is. The list may grow.
    SourceKind {
        /// A depositary's chart, list or notification.
        DepositaryRecord,
        /// An official gazette.
        OfficialGazette,
        /// A law, decree or other legal act itself.
        LegalAct,
        /// A website of a public body or international organisation.
        OfficialWebsite,
        /// What a state submitted about itself.
        StateSubmission,
        /// A report or study.
        Report,
        /// A decision of a court.
        CourtDecision,
        /// An academic work.
        Academic,
        /// Press and news.
        News,
        /// Another page of the web.
        WebPage,
        /// A set of data, official databases of treaties included.
        DataSet,
        /// None of these.
        Other,
    }
}

/// The fields of a source: what is done with them is up to `$then`.
#[macro_export]
macro_rules! source_fields {
    ($then:ident) => {
        $then! {
            /// What is known of a source. A create must have: kind title.
            Source in "source" as SourceFields, CreateSource, UpdateSource citing Option<Vec<CitationInput>> {
                /// What kind of source it is.
                kind: SourceKind,
                /// Its title.
                title: String,
                /// Where it is to be found.
                url: Option<Link>,
                /// Who published it.
                publisher: Option<String>,
                /// When it was published.
                published_on: Option<PartialDate>,
                /// The day on which it was read.
                retrieved_on: Option<Day>,
                /// Its language.
                language: Option<Language>,
                /// Where a copy is kept.
                archived_url: Option<Link>,
                /// Under which terms it may be used.
                licence: Option<String>,
            } keeping {}
        }
    };
}
pub use source_fields as fields;
fields!(noun);

impl Identified for Source {
    const CITED: bool = false;

    fn key(&self) -> String {
        slug(&self.title)
    }
}
