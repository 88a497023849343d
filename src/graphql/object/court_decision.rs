//! Court decisions: the object and its filter.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object};
use cyberprofiles_graphql_macros::at_once;
use serde_json::{Value, json};

use crate::engine::argument::{bounded, plain, read_list, read_option};
use crate::engine::context::RequestContext;
use crate::engine::cursor::{CursorArguments, arguments};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;
use crate::object::country::{self, Country};
use crate::object::institution::{self, Institution};
use crate::object::provision_reference::{self, ProvisionReference};
use crate::object::record_fields::{RecordFields, object};
use crate::object::treaty::{self, Treaty};
use crate::object::value::{LocalizedText, PartialDate, localized, partial};
use domain::date::Date;
use domain::language::LanguageRange;
use domain::text::{CountryCode, Markdown, Raw, TreatyReference};
use domain::url::Url;
use store::court_decision::{Entity, Filter, Model};
use store::load::ById;

/// A decision of a court on cybercrime or electronic evidence.
pub struct CourtDecision {
    record_fields: RecordFields,
    row: Arc<Model>,
}
object!(CourtDecision, court_decision);

/// A decision of a court on cybercrime or electronic evidence. Titles and summaries name no private persons.
#[at_once]
#[Object]
impl CourtDecision {
    #[graphql(flatten)]
    async fn core(&self) -> &RecordFields {
        &self.record_fields
    }

    /// A short text to display in lists: the same as `title`.
    pub async fn label(
        &self,
        _ctx: &Context<'_>,
        #[graphql(desc = "Wanted languages, best first. Left out: English.")] language: Option<
            Vec<Raw<LanguageRange>>,
        >,
    ) -> Result<String, Error> {
        self.localized_title(language.as_deref())
    }

    /// The country whose court decided.
    async fn country(&self, ctx: &Context<'_>) -> Result<Inline<Country>, Error> {
        let country = country::by_code(ctx, self.row.country.clone(), self.view).await?;
        country.ok_or_else(|| Error::missing("the country of a court decision"))
    }

    /// The title in the wanted language that fits best, as the scalar `Language` describes; else in English.
    async fn title(
        &self,
        #[graphql(desc = "Wanted languages, best first. Left out: English.")] language: Option<
            Vec<Raw<LanguageRange>>,
        >,
    ) -> Result<String, Error> {
        self.localized_title(language.as_deref())
    }

    /// All titles, in the order of the record; at least one. Bounded: one or two a language.
    async fn titles(&self) -> Objects<LocalizedText> {
        self.row.titles.iter().cloned().map(LocalizedText).collect()
    }

    /// The number of the case or decision, as the court writes it; null if it is not known.
    async fn number(&self) -> Option<&str> {
        self.row.number.as_deref()
    }

    /// The European Case Law Identifier; null if there is none, or none is known.
    async fn ecli(&self) -> Option<&str> {
        self.row.ecli.as_deref()
    }

    /// The name of the court; null if it is not recorded.
    async fn court(&self) -> Option<&str> {
        self.row.court.as_deref()
    }

    /// The court as a body or unit; null if it is not recorded as one: see `court`.
    async fn institution(&self, ctx: &Context<'_>) -> Option<Result<Inline<Institution>, Error>> {
        let id = self.row.institution.as_ref()?;
        institution::inline(institution::find(ctx, id, self.view).await)
    }

    /// The date of the decision; null if it is not known.
    async fn decided_on(&self) -> Option<PartialDate> {
        partial(self.row.decided_on)
    }

    /// The treaty whose `articles` the decision is about; null if it is about none.
    async fn treaty(&self, ctx: &Context<'_>) -> Option<Result<Inline<Treaty>, Error>> {
        treaty::by_reference(ctx, self.row.treaty.clone()?, self.view)
            .await
            .transpose()
    }

    /// The articles of the treaty that the decision is about, in the order of the record. Bounded: 200.
    async fn articles(&self) -> &[String] {
        &self.row.articles
    }

    /// The provisions of law that the court applied, in the order of the record. Bounded: 200.
    async fn provisions(&self) -> Objects<ProvisionReference<'_>> {
        provision_reference::objects(&self.row.provisions, self.view)
    }

    /// The outcome in a sentence; null if it is not recorded.
    async fn outcome(&self) -> Option<&str> {
        self.row.outcome.as_deref()
    }

    /// The earlier decision to which it relates, such as the one that it reviews; null if there is none.
    async fn relates_to(&self, ctx: &Context<'_>) -> Option<Result<CourtDecision, Error>> {
        let id = self.row.relates_to.clone()?;
        let key = ById::<Entity>::new(id, self.view.moment);
        match ctx.loader().load_one(key).await {
            Ok(row) => row.map(|row| Ok(Self::new(row, self.view))),
            Err(error) => Some(Err(error.into())),
        }
    }

    /// A summary in the words of the profile's authors, in Markdown; null if there is none.
    async fn summary(&self) -> Option<&Markdown> {
        self.row.summary.as_ref()
    }

    /// The address at which the decision can be read; null if none is known.
    async fn url(&self) -> Option<&Url> {
        self.row.url.as_ref()
    }
}

impl CourtDecision {
    /// The title in the best of the wanted languages.
    fn localized_title(&self, language: Option<&[Raw<LanguageRange>]>) -> Result<String, Error> {
        let title = localized(&self.row.titles, language)?;
        Ok(title.unwrap_or(self.row.id.as_str()).to_owned())
    }
}

/// Selects court decisions that match every member given. A member that is left out does not restrict; an empty list
/// matches nothing. A list has at most 1,000 elements.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CourtDecisionFilter {
    /// Decisions of courts of one of these countries.
    countries: Option<Vec<Raw<CountryCode>>>,
    /// Decisions about articles of this treaty.
    treaty: Option<Raw<TreatyReference>>,
    /// Decisions about one of these articles, of any treaty unless `treaty` is given, or about a part of one: `6` also
    /// matches `6(1)(a)`.
    articles: Option<Vec<String>>,
    /// Decisions of this day or later. A partial date matches if it may lie in the range; a decision without a date
    /// never does.
    from: Option<Raw<Date>>,
    /// Decisions of this day or earlier, under the same conditions. Not before `from`.
    to: Option<Raw<Date>>,
}

impl CursorArguments for Filter {
    fn cursor_arguments(&self) -> Value {
        let Self {
            countries,
            treaty,
            articles,
            from,
            to,
        } = self;
        arguments([
            ("countries", json!(countries)),
            ("treaty", json!(treaty)),
            ("articles", json!(articles)),
            ("from", json!(from)),
            ("to", json!(to)),
        ])
    }
}

impl CourtDecisionFilter {
    /// The filter, with its values read.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`
    pub fn read(self) -> Result<Filter, Error> {
        bounded("filter.articles", self.articles.as_deref())?;
        let filter = Filter {
            countries: read_list("filter.countries", self.countries.as_deref())?,
            treaty: read_option("filter.treaty", self.treaty.as_ref())?,
            articles: plain("filter.articles", self.articles)?,
            from: read_option("filter.from", self.from.as_ref())?,
            to: read_option("filter.to", self.to.as_ref())?,
        };
        if let (Some(from), Some(to)) = (filter.from, filter.to)
            && to < from
        {
            let message = format!("expected a day on or after {from}");
            return Err(Error::bad("filter.to", message));
        }
        Ok(filter)
    }
}
