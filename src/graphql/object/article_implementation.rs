//! Implementations of articles: the object, its filter, and the counts of a treaty.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use cyberprofiles_graphql_macros::at_once;
use serde_json::{Value, json};

use crate::engine::argument::{bounded, plain, read_list, read_option};
use crate::engine::context::{RequestContext, View};
use crate::engine::cursor::{CursorArguments, arguments};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;
use crate::object::country::{self, Country};
use crate::object::participation;
use crate::object::provision_reference::{self, ProvisionReference};
use crate::object::record_fields::{RecordFields, object};
use crate::object::treaty::{self, Treaty};
use crate::object::treaty_event::TreatyEvent;
use crate::object::value::{PartialDate, partial};
use domain::article::sort_key;
use domain::article_implementation::{ImplementationDegree, MappedBy, mapped_by};
use domain::language::LanguageRange;
use domain::text::{CountryCode, Raw, TreatyReference};
use store::article_implementation::{Filter, Model, OfTreaty};
use store::load::By;

/// One article of a treaty, and the law that a country has for it.
pub struct ArticleImplementation {
    record_fields: RecordFields,
    row: Arc<Model>,
}
object!(ArticleImplementation, article_implementation);

/// One article of a treaty, and the law that a country has for it: a line of the country's legal profile. `mappedBy`
/// tells whether a source or the editors matched law and article.
#[at_once]
#[Object]
impl ArticleImplementation {
    #[graphql(flatten)]
    async fn core(&self) -> &RecordFields {
        &self.record_fields
    }

    /// A short text to display in lists: country, treaty and article.
    /// Derived from other records: a mirror leaves it out.
    pub async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Wanted languages of the country's name, best first. Left out: English.")]
        language: Option<Vec<Raw<LanguageRange>>>,
    ) -> Result<String, Error> {
        let country =
            country::called(ctx, &self.row.country, language.as_deref(), self.view).await?;
        let Model {
            treaty, article, ..
        } = &*self.row;
        Ok(format!("{country}, {treaty} Article {article}"))
    }

    /// The country whose law it is.
    async fn country(&self, ctx: &Context<'_>) -> Result<Inline<Country>, Error> {
        let country = country::by_code(ctx, self.row.country.clone(), self.view).await?;
        country.ok_or_else(|| Error::missing("the country of an implementation"))
    }

    /// The treaty.
    async fn treaty(&self, ctx: &Context<'_>) -> Result<Inline<Treaty>, Error> {
        let treaty = treaty::by_reference(ctx, self.row.treaty.clone(), self.view).await?;
        treaty.ok_or_else(|| Error::missing("the treaty of an implementation"))
    }

    /// The article of the treaty, as in `2` or `9(1)(d)`. For most treaties it is checked that they have the article.
    async fn article(&self) -> &str {
        &self.row.article
    }

    /// The degree to which the law implements the article, as a source assesses it. `UNKNOWN` if no source does:
    /// `provisions` can be known nonetheless.
    async fn degree(&self) -> ImplementationDegree {
        self.row.degree
    }

    /// Tells whether the cited source or the editors of the profile matched law and article. `EDITORS` if nothing is
    /// recorded.
    async fn mapped_by(&self) -> MappedBy {
        mapped_by(self.row.mapped_by)
    }

    /// The provisions of law that correspond to the article, in the order of the record. Bounded: 200.
    async fn provisions(&self) -> Objects<ProvisionReference<'_>> {
        provision_reference::objects(&self.row.provisions, self.view)
    }

    /// A note on the match for readers: conditions, gaps, doubts; null if there is none.
    async fn remark(&self) -> Option<&str> {
        self.row.remark.as_deref()
    }

    /// The date of the law or of the assessment on which the record rests; null if it is not recorded. It is not the
    /// as-of date of the view.
    async fn as_of(&self) -> Option<PartialDate> {
        partial(self.row.as_of)
    }

    /// The country's reservations and declarations on this article that are in force on the as-of date, by id: those
    /// that name the article, a part of it, or an article of which it is a part. See `TreatyParticipation.reservations`
    /// for when a statement is in force. Bounded: tens.
    /// Derived from other records: a mirror leaves it out.
    async fn reservations(&self, ctx: &Context<'_>) -> Result<Objects<TreatyEvent>, Error> {
        let Some(country) = country::row(ctx, self.row.country.clone(), self.view).await? else {
            return Ok(Vec::new().into());
        };
        let treaty = self.row.treaty.clone();
        let found = participation::of_country_and_treaty(ctx, &country, treaty, self.view).await?;
        match found {
            Some(participation) => participation.statements_on(ctx, &self.row.article).await,
            None => Ok(Vec::new().into()),
        }
    }
}

/// Selects implementations of articles that match every member given. A member that is left out does not restrict; an
/// empty list matches nothing. A list has at most 1,000 elements.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ArticleImplementationFilter {
    /// Implementations of articles of this treaty.
    treaty: Option<Raw<TreatyReference>>,
    /// Implementations by one of these countries.
    countries: Option<Vec<Raw<CountryCode>>>,
    /// Implementations of one of these articles, or of a part of one: `9` also matches `9(1)(d)`.
    articles: Option<Vec<String>>,
    /// Implementations with one of these degrees.
    degrees: Option<Vec<ImplementationDegree>>,
}

impl CursorArguments for Filter {
    fn cursor_arguments(&self) -> Value {
        let Self {
            treaty,
            countries,
            articles,
            degrees,
        } = self;
        arguments([
            ("treaty", json!(treaty)),
            ("countries", json!(countries)),
            ("articles", json!(articles)),
            ("degrees", json!(degrees)),
        ])
    }
}

impl ArticleImplementationFilter {
    /// The filter, with its values read.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`
    pub fn read(self) -> Result<Filter, Error> {
        bounded("filter.articles", self.articles.as_deref())?;
        bounded("filter.degrees", self.degrees.as_deref())?;
        Ok(Filter {
            treaty: read_option("filter.treaty", self.treaty.as_ref())?,
            countries: read_list("filter.countries", self.countries.as_deref())?,
            articles: plain("filter.articles", self.articles)?,
            degrees: self.degrees,
        })
    }
}

/// The number of countries with one degree of implementation of one article.
#[derive(SimpleObject)]
pub struct ImplementationCount {
    /// The article, as in `2` or `9(1)(d)`.
    article: String,
    /// The degree.
    degree: ImplementationDegree,
    /// The number of countries.
    count: i32,
}

/// The number of countries with each degree of implementation of each article of a treaty, among the countries with
/// these codes; in the order of the treaty.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn counts(
    ctx: &Context<'_>,
    treaty: &TreatyReference,
    among: &HashSet<CountryCode>,
    view: View,
) -> Result<Objects<ImplementationCount>, Error> {
    let key = By::new(OfTreaty, treaty.clone(), view.moment);
    let rows = ctx.loader().load_one(key).await?.unwrap_or_default();
    let mut counts: BTreeMap<(String, &str, ImplementationDegree), i32> = BTreeMap::new();
    for row in rows.iter().filter(|row| among.contains(&row.country)) {
        let of = (sort_key(&row.article), row.article.as_str(), row.degree);
        let count = counts.entry(of).or_default();
        *count = count.saturating_add(1);
    }
    let counts = counts.into_iter();
    Ok(counts
        .map(|((_, article, degree), count)| ImplementationCount {
            article: article.to_owned(),
            degree,
            count,
        })
        .collect())
}
