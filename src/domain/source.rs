//! Sources: the publications and records from which facts come.

use super::citation::CitationInput;
use super::date::{Date, PartialDate};
use super::language::Language;
use super::noun::{Identified, noun};
use super::text::slug;
use super::url::Url;
use super::value_type::field_enum;

field_enum! {
    /// Type of source. The list may grow.
    SourceKind {
        /// Strategy, action plan or other policy document itself.
        PolicyDocument,
        /// Commentary on law, such as a note of a law firm.
        LegalCommentary,
        /// Chart, list or notification of a treaty's depositary.
        DepositaryRecord,
        /// Official gazette.
        OfficialGazette,
        /// The law, decree or other legal act itself.
        LegalAct,
        /// Website of a public body or an international organisation.
        OfficialWebsite,
        /// Submission of a State about itself, such as an answer to a questionnaire.
        StateSubmission,
        /// Report or study.
        Report,
        /// Decision of a court.
        CourtDecision,
        /// Academic work.
        Academic,
        /// Press and news.
        News,
        /// Any other web page.
        WebPage,
        /// Data set, official treaty databases included.
        DataSet,
        /// Any other kind of source.
        Other,
    }
}

/// Passes the declaration of `Source` to the macro `$then`.
#[macro_export]
macro_rules! source_fields {
    ($then:ident) => {
        $then! {
            /// The fields of a source.
            Source in "source" as SourceFields, CreateSource, UpdateSource citing Option<Vec<CitationInput>> {
                /// Type of source.
                kind: SourceKind,
                /// Title of the source.
                title: String,
                /// Address at which the source can be read.
                url: Option<Url>,
                /// Name of the publisher.
                publisher: Option<String>,
                /// Date of publication, as exact as the source gives it.
                published_on: Option<PartialDate>,
                /// Day on which somebody read the source for these facts.
                retrieved_on: Option<Date>,
                /// Language of the source.
                language: Option<Language>,
                /// Address of an archived copy.
                archived_url: Option<Url>,
                /// Licence or terms under which the source may be used.
                licence: Option<String>,
            } derived {}
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
