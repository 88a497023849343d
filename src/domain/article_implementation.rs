//! Implementations of articles: the law that a country has for one article of a treaty.

use serde_json::json;

use super::article;
use super::check::{Code, Finding, Path};
use super::citation::CitationInput;
use super::date::PartialDate;
use super::field::Content;
use super::noun::{Identified, noun};
use super::provision_reference::{self, ProvisionReference};
use super::record::RecordField;
use super::reference::{IndexedReference, Reference};
use super::text::{CountryCode, TreatyReference, slug};
use super::value_type::{List, field_enum};

field_enum! {
    /// Degree to which a country's law implements an article of a treaty, as a source assesses it. The list may grow.
    ImplementationDegree {
        /// The law implements the whole article.
        Full,
        /// The law implements a part of the article.
        Partial,
        /// Only provisions that are not specific to computers cover the article.
        GeneralLaw,
        /// The law is enacted, and not yet in force.
        NotYetInForce,
        /// The law has nothing for the article.
        None,
        /// The article does not bind the country, because of a reservation.
        NotApplicable,
        /// No source assesses the degree. The provisions that correspond to the article can be known nonetheless.
        Unknown,
    }
}

field_enum! {
    /// Tells whether a source or the editors matched provisions of law and an article of a treaty.
    MappedBy {
        /// The cited source names article and provisions together.
        Source,
        /// The editors of the profile matched them; no source does.
        Editors,
    }
}

/// Passes the declaration of `ArticleImplementation` to the macro `$then`.
#[macro_export]
macro_rules! article_implementation_fields {
    ($then:ident) => {
        $then! {
            /// The fields of an implementation of an article. `country`, `treaty` and `article` identify the record:
            /// they give its key, as in `gh-ets-185-2`, and never change.
            ArticleImplementation in "article_implementation" as ArticleImplementationFields, CreateArticleImplementation, UpdateArticleImplementation citing Vec<CitationInput> {
                /// Code of the country whose law it is.
                country: CountryCode,
                /// Reference of the treaty.
                treaty: TreatyReference,
                /// Article of the treaty, as in `2` or `9(1)(d)`. A treaty whose number of articles is known must have it.
                article: String,
                /// Degree to which the law implements the article, as a source assesses it; `UNKNOWN` if none does.
                degree: ImplementationDegree,
                /// Tells whether the cited source or the editors matched law and article. Absent means `EDITORS`.
                mapped_by: Option<MappedBy>,
                /// Provisions of law that correspond to the article, each once.
                provisions: List<ProvisionReference>,
                /// Note on the match for readers: conditions, gaps, doubts.
                remark: Option<String>,
                /// Date of the law or of the assessment on which the record rests.
                as_of: Option<PartialDate>,
            } derived { place: String, }
        }
    };
}
pub use article_implementation_fields as fields;
fields!(noun);

/// Returns who matched law and article, by the stored value: the editors, unless a source is claimed to.
pub fn mapped_by(stored: Option<MappedBy>) -> MappedBy {
    stored.unwrap_or(MappedBy::Editors)
}

impl Identified for ArticleImplementation {
    const KEY_FIELDS: &[RecordField] = &[
        RecordField::Country,
        RecordField::Treaty,
        RecordField::Article,
    ];

    fn key(&self) -> String {
        slug(&format!(
            "{} {} {}",
            self.country, self.treaty, self.article
        ))
    }

    fn validate(&self) -> Vec<Finding> {
        let at = Path::default().then(RecordField::Article.camel());
        let fault = article::fault(&self.treaty, &self.article);
        let fault = fault.map(|message| at.finding(Code::Invalid, message));
        let repeated = provision_reference::repeated(&self.provisions);
        fault.into_iter().chain(repeated).collect()
    }

    fn references(&self) -> Vec<(RecordField, Reference)> {
        let country = Reference::Country(self.country.clone());
        let treaty = Reference::Treaty(self.treaty.clone());
        let own = [
            (RecordField::Country, country),
            (RecordField::Treaty, treaty),
        ];
        let provisions = provision_reference::references(&self.country, &self.provisions);
        own.into_iter().chain(provisions).collect()
    }

    fn search_terms(&self) -> Vec<IndexedReference> {
        let articles = article::with_wholes(&self.article);
        articles
            .map(|article| IndexedReference::always(RecordField::Article, article))
            .collect()
    }

    fn country(&self) -> Option<CountryCode> {
        Some(self.country.clone())
    }

    fn derived_columns(&self) -> Content {
        let place = format!("{} {}", self.treaty, article::sort_key(&self.article));
        Content::from_iter([("place".to_owned(), json!(place))])
    }
}
