//! Sources: the object, its filter, and the sources of a profile.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object};
use cyberprofiles_graphql_macros::at_once;
use serde_json::{Value, json};

use crate::engine::argument::{bounded, plain, read_option};
use crate::engine::connection::Connection;
use crate::engine::context::{RequestContext, View};
use crate::engine::cursor::{CursorArguments, ListTag, arguments};
use crate::engine::error::Error;
use crate::engine::page::PageArgs;
use crate::object::record_fields::{RecordFields, object};
use crate::object::value::{PartialDate, partial};
use domain::date::Date;
use domain::language::{Language, LanguageRange};
use domain::source::SourceKind;
use domain::text::Raw;
use domain::url::Url;
use store::load::ById;
use store::page::Slice;
use store::source::{Filter, OfProfile};
use store::{country, source};

/// A source: a document, page or data set from which facts come.
pub struct Source {
    record_fields: RecordFields,
    row: Arc<source::Model>,
}
object!(Source, source);

/// A source: a document, page or data set from which facts come. Citations link fields of records to it.
#[at_once]
#[Object]
impl Source {
    #[graphql(flatten)]
    async fn core(&self) -> &RecordFields {
        &self.record_fields
    }

    /// A short text to display in lists: the title.
    pub async fn label(
        &self,
        _ctx: &Context<'_>,
        #[graphql(desc = "Has no effect: a source has one title.")] language: Option<
            Vec<Raw<LanguageRange>>,
        >,
    ) -> Result<String, Error> {
        crate::engine::argument::read_list("language", language.as_deref())?;
        Ok(self.row.title.clone())
    }

    /// The kind of source.
    async fn kind(&self) -> SourceKind {
        self.row.kind
    }

    /// The title.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// The address; null if none is known.
    async fn url(&self) -> Option<&Url> {
        self.row.url.as_ref()
    }

    /// The publisher; null if it is not known.
    async fn publisher(&self) -> Option<&str> {
        self.row.publisher.as_deref()
    }

    /// The date of publication; null if it is not known.
    async fn published_on(&self) -> Option<PartialDate> {
        partial(self.row.published_on)
    }

    /// The day on which it was read for this service; null if it is not recorded.
    async fn retrieved_on(&self) -> Option<Date> {
        self.row.retrieved_on
    }

    /// The language; null if it is not known.
    async fn language(&self) -> Option<&Language> {
        self.row.language.as_ref()
    }

    /// The address of an archived copy; null if none is known.
    async fn archived_url(&self) -> Option<&Url> {
        self.row.archived_url.as_ref()
    }

    /// The terms under which it may be used; null if they are not recorded.
    async fn licence(&self) -> Option<&str> {
        self.row.licence.as_deref()
    }
}

/// Selects sources that match every member given. A member that is left out does not restrict; an empty list matches
/// nothing. A list has at most 1,000 elements.
#[derive(Clone, Debug, Default, InputObject)]
pub struct SourceFilter {
    /// Sources of one of these kinds.
    kinds: Option<Vec<SourceKind>>,
    /// Sources with exactly this address as their `url`.
    url: Option<Raw<Url>>,
    /// Sources of this publisher, by its exact name.
    publisher: Option<String>,
}

impl CursorArguments for Filter {
    fn cursor_arguments(&self) -> Value {
        let Self {
            kinds,
            url,
            publisher,
        } = self;
        arguments([
            ("kinds", json!(kinds)),
            ("url", json!(url)),
            ("publisher", json!(publisher)),
        ])
    }
}

impl SourceFilter {
    /// The filter, with its values read.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`
    pub fn read(self) -> Result<Filter, Error> {
        bounded("filter.kinds", self.kinds.as_deref())?;
        let publisher = self.publisher.map(|publisher| vec![publisher]);
        let publisher = plain("filter.publisher", publisher)?;
        Ok(Filter {
            kinds: self.kinds,
            url: read_option("filter.url", self.url.as_ref())?,
            publisher: publisher.and_then(|mut one| one.pop()),
        })
    }
}

/// A page of the sources that a country's profile cites, by id.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn of_profile(
    ctx: &Context<'_>,
    country: &country::Model,
    args: PageArgs,
    view: View,
) -> Result<Connection<Source>, Error> {
    let code = country.code.clone();
    let list = ListTag::new("Country.sources", move || {
        arguments([("owner", json!(code))])
    });
    let page = args.page(ctx, &list)?;
    let key = OfProfile {
        country: country.code.clone(),
        record: country.id.clone(),
        moment: view.moment,
    };
    let ids = ctx.loader().load_one(key).await?.unwrap_or_default();
    let slice = Slice::of(ids, &page, |id| vec![json!(id)]);
    let keys = slice.rows.iter();
    let keys: Vec<_> = keys
        .map(|id| ById::<source::Entity>::new(id.clone(), view.moment))
        .collect();
    let rows = ctx.loader().load_many(keys.clone()).await?;
    let mut rows = keys.iter().map(|key| rows.get(key).cloned());
    let slice = slice.map(|id| {
        let row = rows.next().flatten()?;
        Some((list.cursor([json!(id)]), Source::new(row, view)))
    });
    Ok(Connection::of(slice.present()))
}
