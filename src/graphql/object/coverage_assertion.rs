//! Coverage assertions: the object, and the latest ones of a country.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use cyberprofiles_graphql_macros::at_once;

use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;
use crate::object::country::{self, Country};
use crate::object::policy_document::{self, PolicyDocument};
use crate::object::record_fields::{RecordFields, object};
use crate::object::value::PartialDate;
use domain::coverage_assertion::{CoverageTopic, CoverageValue};
use domain::language::LanguageRange;
use domain::text::{CountryCode, Raw};
use store::coverage_assertion::{Model, OfCountry, OfTopic, latest_by_country};
use store::load::By;
use store::record::word;

/// An explicit assertion on one topic for one country, absences included.
pub struct CoverageAssertion {
    record_fields: RecordFields,
    row: Arc<Model>,
}
object!(CoverageAssertion, coverage_assertion);

/// An explicit assertion on one topic for one country. Three answers differ: `ABSENT` (it does not exist), `UNKNOWN`
/// (an examination gave no result) and no assertion (no examination is recorded).
#[at_once]
#[Object]
impl CoverageAssertion {
    #[graphql(flatten)]
    async fn core(&self) -> &RecordFields {
        &self.record_fields
    }

    /// A short text to display in lists: country, topic, value and date.
    /// Derived from other records: a mirror leaves it out.
    pub async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Wanted languages of the country's name, best first. Left out: English.")]
        language: Option<Vec<Raw<LanguageRange>>>,
    ) -> Result<String, Error> {
        let country =
            country::called(ctx, &self.row.country, language.as_deref(), self.view).await?;
        let [topic, value] = [word(&self.row.topic), word(&self.row.value)]
            .map(|word| word.to_lowercase().replace('_', " "));
        Ok(format!("{country}, {topic}: {value}, {}", self.row.as_of))
    }

    /// The topic.
    async fn topic(&self) -> CoverageTopic {
        self.row.topic
    }

    /// The result of the examination: present, partial, in development, absent, not applicable or unknown.
    async fn value(&self) -> CoverageValue {
        self.row.value
    }

    /// The assertion as a sentence for readers; null if only `value` is recorded.
    async fn statement(&self) -> Option<&str> {
        self.row.statement.as_deref()
    }

    /// The document that covers the topic, in whole or in part; null if none does or none is recorded.
    async fn via(&self, ctx: &Context<'_>) -> Option<Result<PolicyDocument, Error>> {
        let id = self.row.via.as_ref()?;
        policy_document::find(ctx, id, self.view).await.transpose()
    }

    /// The date for which the assertion is made. It is not the as-of date of the view.
    async fn as_of(&self) -> PartialDate {
        self.row.as_of.into()
    }

    /// The country to which it belongs.
    async fn country(&self, ctx: &Context<'_>) -> Result<Inline<Country>, Error> {
        let country = country::by_code(ctx, self.row.country.clone(), self.view).await?;
        country.ok_or_else(|| Error::missing("the country of a coverage assertion"))
    }
}

/// The number of countries with one value of the latest assertion on one topic.
#[derive(SimpleObject)]
pub struct CoverageCount {
    /// The topic.
    topic: CoverageTopic,
    /// The value.
    value: CoverageValue,
    /// The number of countries.
    count: i32,
}

/// The number of countries with each value of the latest assertion on each topic by the as-of date, among the countries
/// with these codes.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn counts(
    ctx: &Context<'_>,
    topics: Option<Vec<CoverageTopic>>,
    among: &HashSet<CountryCode>,
    view: View,
) -> Result<Objects<CoverageCount>, Error> {
    let topics = topics.map_or_else(|| CoverageTopic::all().collect(), BTreeSet::from_iter);
    let of = |topic: &CoverageTopic| By::new(OfTopic, word(topic), view.moment);
    let rows = ctx.loader().load_many(topics.iter().map(of)).await?;
    let mut found = Vec::new();
    for topic in topics {
        let rows = rows.get(&of(&topic)).map_or(&[][..], AsRef::as_ref);
        let latest = latest_by_country(rows, view.as_of).into_iter();
        let values = latest.filter(|(code, _)| among.contains(code));
        let mut counts: BTreeMap<CoverageValue, i32> = BTreeMap::new();
        for (_, row) in values {
            let count = counts.entry(row.value).or_default();
            *count = count.saturating_add(1);
        }
        let counts = counts.into_iter();
        found.extend(counts.map(|(value, count)| CoverageCount {
            topic,
            value,
            count,
        }));
    }
    Ok(found.into())
}

/// The latest assertion on each topic of a country by the as-of date, in the order of the topics.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn latest(
    ctx: &Context<'_>,
    country: &CountryCode,
    topics: Option<&[CoverageTopic]>,
    view: View,
) -> Result<Objects<CoverageAssertion>, Error> {
    let key = By::new(OfCountry, country.clone(), view.moment);
    let rows = ctx.loader().load_one(key).await?.unwrap_or_default();
    let wanted = |row: &&Arc<Model>| topics.is_none_or(|topics| topics.contains(&row.topic));
    let rows = store::coverage_assertion::latest(&rows, view.as_of).into_values();
    Ok(rows
        .filter(wanted)
        .map(|row| CoverageAssertion::new(Arc::clone(row), view))
        .collect())
}
