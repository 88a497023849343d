//! Sources.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::error::Error;
use super::record::{Core, object};
use super::value::{PartialDate, partial};
use crate::domain::date::Day;
use crate::domain::source::SourceKind;
use crate::domain::text::{Language, Link, Raw};
use crate::store::source;

/// Where facts come from.
pub struct Source {
    core: Core<Self>,
    row: Arc<source::Model>,
}
object!(Source, source);

/// Where facts come from.
#[Object]
impl Source {
    #[graphql(flatten)]
    async fn core(&self) -> &Core<Self> {
        &self.core
    }

    /// What to call it in a list: its title.
    pub async fn label(
        &self,
        _ctx: &Context<'_>,
        #[graphql(desc = "Wanted languages, best first.")] language: Option<Vec<Raw<Language>>>,
    ) -> Result<String, Error> {
        super::error::read_list("language", language.as_deref())?;
        Ok(self.row.title.clone())
    }

    /// What kind of source it is.
    async fn kind(&self) -> SourceKind {
        self.row.kind
    }

    /// Its title.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// Where it is to be found; null where no address is known.
    async fn url(&self) -> Option<&Link> {
        self.row.url.as_ref()
    }

    /// Who published it.
    async fn publisher(&self) -> Option<&str> {
        self.row.publisher.as_deref()
    }

    /// When it was published.
    async fn published_on(&self) -> Option<PartialDate> {
        partial(self.row.published_on)
    }

    /// The day on which it was read.
    async fn retrieved_on(&self) -> Option<Day> {
        self.row.retrieved_on
    }

    /// Its language.
    async fn language(&self) -> Option<&Language> {
        self.row.language.as_ref()
    }

    /// Where a copy is kept.
    async fn archived_url(&self) -> Option<&Link> {
        self.row.archived_url.as_ref()
    }

    /// Under which terms it may be used.
    async fn licence(&self) -> Option<&str> {
        self.row.licence.as_deref()
    }
}
