//! Profile sections: the object, and those of a country.

use std::sync::Arc;

use async_graphql::{Context, Object};
use cyberprofiles_graphql_macros::at_once;

use crate::engine::context::{RequestContext, View};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;
use crate::object::country::{self, Country};
use crate::object::record_fields::{RecordFields, object};
use domain::language::{Language, LanguageRange};
use domain::profile_section::{ProfileTopic, SectionState};
use domain::text::{CountryCode, Markdown, Raw};
use store::load::By;
use store::profile_section::{Model, OfCountry};
use store::record::word;

/// The text on one topic of a profile, or a note that there is none.
pub struct ProfileSection {
    record_fields: RecordFields,
    row: Arc<Model>,
}
object!(ProfileSection, profile_section);

/// The text on one topic of a profile, or a note that there is none.
#[at_once]
#[Object]
impl ProfileSection {
    #[graphql(flatten)]
    async fn core(&self) -> &RecordFields {
        &self.record_fields
    }

    /// A short text to display in lists: country and topic.
    /// Derived from other records: a mirror leaves it out.
    pub async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Wanted languages of the country's name, best first. Left out: English.")]
        language: Option<Vec<Raw<LanguageRange>>>,
    ) -> Result<String, Error> {
        let country =
            country::called(ctx, &self.row.country, language.as_deref(), self.view).await?;
        let topic = word(&self.row.topic);
        Ok(format!(
            "{country}: {}",
            topic.to_lowercase().replace('_', " ")
        ))
    }

    /// The topic.
    async fn topic(&self) -> ProfileTopic {
        self.row.topic
    }

    /// The state: with text, empty at the source, or not researched.
    async fn state(&self) -> SectionState {
        self.row.state
    }

    /// The text, in Markdown; null unless `state` is `FILLED`.
    async fn body(&self) -> Option<&Markdown> {
        self.row.body.as_ref()
    }

    /// The language of the text; null if there is none.
    async fn language(&self) -> Option<&Language> {
        self.row.language.as_ref()
    }

    /// The country to which it belongs.
    async fn country(&self, ctx: &Context<'_>) -> Result<Inline<Country>, Error> {
        let country = country::by_code(ctx, self.row.country.clone(), self.view).await?;
        country.ok_or_else(|| Error::missing("the country of a section"))
    }
}

/// The sections of a country, in the order of the topics, then by id.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn of_country(
    ctx: &Context<'_>,
    country: &CountryCode,
    topics: Option<&[ProfileTopic]>,
    view: View,
) -> Result<Objects<ProfileSection>, Error> {
    let key = By::new(OfCountry, country.clone(), view.moment);
    let rows = ctx.loader().load_one(key).await?.unwrap_or_default();
    let wanted = |row: &&Arc<Model>| topics.is_none_or(|topics| topics.contains(&row.topic));
    let mut rows: Vec<&Arc<Model>> = rows.iter().filter(wanted).collect();
    rows.sort_by_key(|row| (row.topic, &row.id));
    let sections = rows.into_iter().map(Arc::clone);
    Ok(sections.map(|row| ProfileSection::new(row, view)).collect())
}
