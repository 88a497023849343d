//! Policy documents.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::engine::argument::{bounded, read_list, read_option};
use crate::engine::context::{Asks, View};
use crate::engine::cursor::{Told, told};
use crate::engine::error::Error;
use crate::engine::in_place::InPlace;
use crate::engine::objects::Objects;
use crate::object::core::{Core, object};
use crate::object::country::{self, Country};
use crate::object::institution::{self, Institution};
use crate::object::value::{LocalizedText, PartialDate, StaleReason, localized, partial};
use domain::date::Day;
use domain::language::{Language, Wanted};
use domain::link::Link;
use domain::order::PolicyDocumentOrder;
use domain::policy_document::{
    self as words, DocumentRelationKind, DocumentSubject, PolicyDocumentKind, PolicyDocumentStatus,
};
use domain::record::RecordId;
use domain::text::{CountryCode, Markdown, Raw};
use store::load::ById;
use store::policy_document::{Entity, Filter, Model};

/// A strategy, action plan, policy, law, decree or the like.
pub struct PolicyDocument {
    core: Core,
    row: Arc<Model>,
}
object!(PolicyDocument, policy_document, ended);

fn effective(row: &Model, view: View) -> PolicyDocumentStatus {
    words::effective_status(
        row.status,
        row.in_force_from,
        row.repealed_on,
        row.period,
        view.as_of,
    )
}

/// Whether the period of a document has ended.
fn ended(row: &Model, view: View) -> Option<StaleReason> {
    let is_over = effective(row, view) == PolicyDocumentStatus::Expired;
    is_over.then_some(StaleReason::PeriodExpired)
}

/// A strategy, action plan, policy, law, decree or the like.
#[Object]
impl PolicyDocument {
    #[graphql(flatten)]
    async fn core(&self) -> &Core {
        &self.core
    }

    /// What to call it in a list: its title.
    pub async fn label(
        &self,
        _ctx: &Context<'_>,
        #[graphql(desc = "Wanted languages, best first.")] language: Option<Vec<Raw<Wanted>>>,
    ) -> Result<String, Error> {
        self.titled(language.as_deref())
    }

    /// What kind of document it is.
    async fn kind(&self) -> PolicyDocumentKind {
        self.row.kind
    }

    /// Its title in the wanted language that fits best, as `Language` says; else in English.
    async fn title(
        &self,
        #[graphql(desc = "Wanted languages, best first.")] language: Option<Vec<Raw<Wanted>>>,
    ) -> Result<String, Error> {
        self.titled(language.as_deref())
    }

    /// All its titles. Bounded: one or two a language.
    async fn titles(&self) -> Objects<LocalizedText> {
        self.row.titles.iter().cloned().map(LocalizedText).collect()
    }

    /// How far it has come, as the source says, whatever time has done since.
    async fn status(&self) -> PolicyDocumentStatus {
        self.row.status
    }

    /// How far it has come on the day of the view: `REPEALED` from its repeal on, `EXPIRED` once its
    /// period has ended, `IN_FORCE` from its day on if it was adopted; else as the source says.
    async fn effective_status(&self) -> PolicyDocumentStatus {
        effective(&self.row, self.view)
    }

    /// What it is about. Bounded: the subjects.
    async fn subjects(&self) -> &[DocumentSubject] {
        &self.row.subjects
    }

    /// When it was adopted.
    async fn adopted_on(&self) -> Option<PartialDate> {
        partial(self.row.adopted_on)
    }

    /// When it was published.
    async fn published_on(&self) -> Option<PartialDate> {
        partial(self.row.published_on)
    }

    /// From when it is in force.
    async fn in_force_from(&self) -> Option<PartialDate> {
        partial(self.row.in_force_from)
    }

    /// When it was repealed.
    async fn repealed_on(&self) -> Option<PartialDate> {
        partial(self.row.repealed_on)
    }

    /// The time that it is for.
    async fn period(&self) -> Option<PartialDate> {
        partial(self.row.period)
    }

    /// Its official number.
    async fn number(&self) -> Option<&str> {
        self.row.number.as_deref()
    }

    /// Where it was published.
    async fn publication(&self) -> Option<&str> {
        self.row.publication.as_deref()
    }

    /// The body or unit that issued it.
    async fn issuer(&self, ctx: &Context<'_>) -> Option<Result<InPlace<Institution>, Error>> {
        let id = self.row.issuer.as_ref()?;
        institution::in_place(institution::find(ctx, id, self.view).await)
    }

    /// The name of the issuer as the source has it.
    async fn issuer_named_as(&self) -> Option<&str> {
        self.row.issuer_named_as.as_deref()
    }

    /// The bodies or units that carry it out. Bounded: 200.
    async fn responsible(&self, ctx: &Context<'_>) -> Result<Objects<InPlace<Institution>>, Error> {
        institution::found(ctx, &self.row.responsible, self.view).await
    }

    /// Where its text is to be found. Bounded: 200.
    async fn texts(&self) -> Objects<DocumentText<'_>> {
        self.row.texts.iter().map(DocumentText).collect()
    }

    /// What it is for. Bounded: 200.
    async fn objectives(&self) -> &[String] {
        &self.row.objectives
    }

    /// What it says, in our own words, in Markdown.
    async fn summary(&self) -> Option<&Markdown> {
        self.row.summary.as_ref()
    }

    /// Its provisions, as far as they matter here, in the order of the document. Bounded: 200.
    async fn provisions(&self) -> Objects<Provision<'_>> {
        self.row.provisions.iter().map(Provision).collect()
    }

    /// How it stands to other documents. Bounded: 200.
    async fn relations(&self) -> Objects<DocumentRelation<'_>> {
        let relations = self.row.relations.iter();
        relations
            .map(|relation| DocumentRelation {
                relation,
                view: self.view,
            })
            .collect()
    }

    /// The country it belongs to.
    async fn country(&self, ctx: &Context<'_>) -> Result<InPlace<Country>, Error> {
        let country = country::by_code(ctx, self.row.country.clone(), self.view).await?;
        country.ok_or_else(|| Error::missing("the country of a document"))
    }
}

impl PolicyDocument {
    /// Its title in the best of the wanted languages.
    fn titled(&self, language: Option<&[Raw<Wanted>]>) -> Result<String, Error> {
        let title = localized(&self.row.titles, language)?;
        Ok(title.unwrap_or(self.row.id.as_str()).to_owned())
    }
}

/// Where the text of a document is to be found.
struct DocumentText<'a>(&'a words::DocumentText);

/// Where the text of a document is to be found.
#[Object]
impl DocumentText<'_> {
    /// Its address.
    async fn url(&self) -> &Link {
        &self.0.url
    }

    /// Its language; null where that is not known.
    async fn language(&self) -> Option<&Language> {
        self.0.language.as_ref()
    }

    /// Whether it is known to be a translation.
    async fn is_translation(&self) -> bool {
        self.0.is_translation.unwrap_or(false)
    }
}

/// A provision of a document.
struct Provision<'a>(&'a words::Provision);

/// A provision of a document.
#[Object]
impl Provision<'_> {
    /// Its number, as in `2.2.9`.
    async fn number(&self) -> Option<&str> {
        self.0.number.as_deref()
    }

    /// Its heading.
    async fn heading(&self) -> Option<&str> {
        self.0.heading.as_deref()
    }

    /// What it says, in our own words.
    async fn summary(&self) -> Option<&str> {
        self.0.summary.as_deref()
    }

    /// What it says, word for word; short.
    async fn quote(&self) -> Option<&str> {
        self.0.quote.as_deref()
    }
}

/// How a document stands to another.
struct DocumentRelation<'a> {
    relation: &'a words::DocumentRelation,
    view: View,
}

/// How a document stands to another.
#[Object]
impl DocumentRelation<'_> {
    /// What it does with the other.
    async fn kind(&self) -> DocumentRelationKind {
        self.relation.kind
    }

    /// The other document.
    async fn document(&self, ctx: &Context<'_>) -> Result<PolicyDocument, Error> {
        let document = find(ctx, &self.relation.document, self.view).await?;
        document.ok_or_else(|| Error::missing("the other document of a relation"))
    }

    /// The provisions of the other that it concerns, by number; none for the whole. Bounded: 200.
    async fn provisions(&self) -> &[String] {
        self.relation.provisions.as_deref().unwrap_or_default()
    }
}

/// Which documents. What is left out does not narrow; an empty list matches nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PolicyDocumentFilter {
    /// Of one of these countries.
    countries: Option<Vec<Raw<CountryCode>>>,
    /// About one of these subjects.
    subjects: Option<Vec<DocumentSubject>>,
    /// Of one of these kinds.
    kinds: Option<Vec<PolicyDocumentKind>>,
    /// With one of these statuses, as the source says.
    status: Option<Vec<PolicyDocumentStatus>>,
    /// Adopted on this day or later. A partial date counts where it may fall into the range; a document
    /// without a date of adoption never does.
    adopted_from: Option<Raw<Day>>,
    /// Adopted on this day or earlier.
    adopted_to: Option<Raw<Day>>,
}

impl Told for Filter {
    fn told(&self) -> Value {
        let Self {
            countries,
            subjects,
            kinds,
            status,
            adopted_from,
            adopted_to,
            order,
        } = self;
        let order = match order {
            PolicyDocumentOrder::AdoptedNewest => "ADOPTED_NEWEST",
            PolicyDocumentOrder::AdoptedOldest => "ADOPTED_OLDEST",
            PolicyDocumentOrder::Title => "TITLE",
        };
        told([
            ("countries", json!(countries)),
            ("subjects", json!(subjects)),
            ("kinds", json!(kinds)),
            ("status", json!(status)),
            ("adoptedFrom", json!(adopted_from)),
            ("adoptedTo", json!(adopted_to)),
            ("orderBy", json!(order)),
        ])
    }
}

impl PolicyDocumentFilter {
    /// The same, read, and in which order the documents are wanted.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`
    pub fn read(self, order: PolicyDocumentOrder) -> Result<Filter, Error> {
        bounded("filter.subjects", self.subjects.as_deref())?;
        bounded("filter.kinds", self.kinds.as_deref())?;
        bounded("filter.status", self.status.as_deref())?;
        let filter = Filter {
            countries: read_list("filter.countries", self.countries.as_deref())?,
            subjects: self.subjects,
            kinds: self.kinds,
            status: self.status,
            adopted_from: read_option("filter.adoptedFrom", self.adopted_from.as_ref())?,
            adopted_to: read_option("filter.adoptedTo", self.adopted_to.as_ref())?,
            order,
        };
        if let (Some(from), Some(to)) = (filter.adopted_from, filter.adopted_to)
            && to < from
        {
            let message = format!("expected a day on or after {from}");
            return Err(Error::bad("filter.adoptedTo", message));
        }
        Ok(filter)
    }
}

/// The document with an id.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn find(
    ctx: &Context<'_>,
    id: &RecordId,
    view: View,
) -> Result<Option<PolicyDocument>, Error> {
    let key = ById::<Entity>::new(id.clone(), view.moment);
    let row = ctx.loader().load_one(key).await?;
    Ok(row.map(|row| PolicyDocument::new(row, view)))
}

/// The documents with some ids, in their order.
///
/// # Errors
/// `UNAVAILABLE`, `INTERNAL`
pub async fn found(
    ctx: &Context<'_>,
    ids: &[RecordId],
    view: View,
) -> Result<Objects<PolicyDocument>, Error> {
    let found = try_join_all(ids.iter().map(|id| find(ctx, id, view))).await?;
    Ok(found.into_iter().flatten().collect())
}
