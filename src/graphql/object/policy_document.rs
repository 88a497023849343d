//! Policy documents: the object, its parts and its filter.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object};
use cyberprofiles_graphql_macros::at_once;
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::engine::argument::{bounded, read_list, read_option};
use crate::engine::context::{RequestContext, View};
use crate::engine::cursor::{CursorArguments, arguments};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::objects::Objects;
use crate::object::country::{self, Country};
use crate::object::institution::{self, Institution};
use crate::object::record_fields::{RecordFields, object};
use crate::object::treaty::{self, Treaty};
use crate::object::value::{LocalizedText, PartialDate, StaleReason, localized, partial};
use domain::date::Date;
use domain::language::{Language, LanguageRange};
use domain::order::PolicyDocumentOrder;
use domain::policy_document::{
    DocumentRelationKind, DocumentSubject, PolicyDocumentKind, PolicyDocumentStatus,
};
use domain::record::RecordId;
use domain::text::{CountryCode, Markdown, Raw};
use domain::url::Url;
use store::load::ById;
use store::policy_document::{Entity, Filter, Model};

/// A strategy, action plan, policy, law, decree or the like.
pub struct PolicyDocument {
    record_fields: RecordFields,
    row: Arc<Model>,
}
object!(PolicyDocument, policy_document, ended);

fn effective(row: &Model, view: View) -> PolicyDocumentStatus {
    domain::policy_document::effective_status(
        row.status,
        row.in_force_from,
        row.repealed_on,
        row.period,
        view.as_of,
    )
}

/// The reason for review if the period of a document has ended by the as-of date.
fn ended(row: &Model, view: View) -> Option<StaleReason> {
    let is_over = effective(row, view) == PolicyDocumentStatus::Expired;
    is_over.then_some(StaleReason::PeriodExpired)
}

/// A strategy, action plan, policy, law, decree or the like.
#[at_once]
#[Object]
impl PolicyDocument {
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

    /// The kind of document.
    async fn kind(&self) -> PolicyDocumentKind {
        self.row.kind
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

    /// The status as the source gives it, whatever the as-of date. `effectiveStatus` takes the dates into account.
    async fn status(&self) -> PolicyDocumentStatus {
        self.row.status
    }

    /// The status on the as-of date, with the dates taken into account:
    /// - `REPEALED` from `repealedOn`;
    /// - `EXPIRED` after the end of `period`, if `status` is `ADOPTED`, `NOT_YET_IN_FORCE`, `IN_FORCE` or `UNKNOWN`;
    /// - `IN_FORCE` from `inForceFrom`, if `status` is `ADOPTED` or `NOT_YET_IN_FORCE`;
    /// - `ADOPTED`, and not `NOT_YET_IN_FORCE`, before `inForceFrom`, if `status` is `IN_FORCE`;
    /// - else the same as `status`.
    async fn effective_status(&self) -> PolicyDocumentStatus {
        effective(&self.row, self.view)
    }

    /// The subjects of the document. Bounded: the subjects.
    async fn subjects(&self) -> &[DocumentSubject] {
        &self.row.subjects
    }

    /// The treaties that the document serves: it approves, transposes or implements them; in the order of the record.
    /// Bounded: 200.
    async fn treaties(&self, ctx: &Context<'_>) -> Result<Objects<Inline<Treaty>>, Error> {
        let treaties = self.row.treaties.iter();
        let treaties = treaties.map(|one| treaty::by_reference(ctx, one.clone(), self.view));
        let treaties = try_join_all(treaties).await?;
        Ok(treaties.into_iter().flatten().collect())
    }

    /// The date of adoption; null if it is not known.
    async fn adopted_on(&self) -> Option<PartialDate> {
        partial(self.row.adopted_on)
    }

    /// The date of promulgation: assent, sanction or signature by the head of State; null if it is not known.
    async fn promulgated_on(&self) -> Option<PartialDate> {
        partial(self.row.promulgated_on)
    }

    /// The date of publication; null if it is not known.
    async fn published_on(&self) -> Option<PartialDate> {
        partial(self.row.published_on)
    }

    /// The date from which it is in force; null if it is not known.
    async fn in_force_from(&self) -> Option<PartialDate> {
        partial(self.row.in_force_from)
    }

    /// The date of repeal; null if it was not repealed, or if that is not known.
    async fn repealed_on(&self) -> Option<PartialDate> {
        partial(self.row.repealed_on)
    }

    /// The period for which it was made, as in `2021/2025`; null if there is none.
    async fn period(&self) -> Option<PartialDate> {
        partial(self.row.period)
    }

    /// The official number; null if there is none.
    async fn number(&self) -> Option<&str> {
        self.row.number.as_deref()
    }

    /// The publication in which it appeared; null if it is not recorded.
    async fn publication(&self) -> Option<&str> {
        self.row.publication.as_deref()
    }

    /// The body or unit that issued it; null if it is not recorded as one: see `issuerNamedAs`.
    async fn issuer(&self, ctx: &Context<'_>) -> Option<Result<Inline<Institution>, Error>> {
        let id = self.row.issuer.as_ref()?;
        institution::inline(institution::find(ctx, id, self.view).await)
    }

    /// The name of the issuer as the source gives it; null if it is not recorded.
    async fn issuer_named_as(&self) -> Option<&str> {
        self.row.issuer_named_as.as_deref()
    }

    /// The bodies or units that carry it out, in the order of the record; empty if none is recorded. Bounded: 200.
    async fn responsible(&self, ctx: &Context<'_>) -> Result<Objects<Inline<Institution>>, Error> {
        institution::found(ctx, &self.row.responsible, self.view).await
    }

    /// The places where its text can be read. Bounded: 200.
    async fn texts(&self) -> Objects<DocumentText<'_>> {
        self.row.texts.iter().map(DocumentText).collect()
    }

    /// The objectives of the document, in the order of the record; empty if none is recorded. Bounded: 200.
    async fn objectives(&self) -> &[String] {
        &self.row.objectives
    }

    /// A summary in the words of the profile's authors, in Markdown; null if there is none.
    async fn summary(&self) -> Option<&Markdown> {
        self.row.summary.as_ref()
    }

    /// The provisions that matter for cybercrime, in the order of the document. Bounded: 200.
    async fn provisions(&self) -> Objects<Provision<'_>> {
        self.row.provisions.iter().map(Provision).collect()
    }

    /// The relations of this document to others. Bounded: 200.
    async fn relations(&self) -> Objects<DocumentRelation<'_>> {
        let relations = self.row.relations.iter();
        relations
            .map(|relation| DocumentRelation {
                relation,
                view: self.view,
            })
            .collect()
    }

    /// The part of the country to which it is limited, as an ISO 3166-2 code; null if it is of the whole country.
    async fn subdivision(&self) -> Option<&str> {
        self.row.subdivision.as_deref()
    }

    /// The country to which it belongs.
    async fn country(&self, ctx: &Context<'_>) -> Result<Inline<Country>, Error> {
        let country = country::by_code(ctx, self.row.country.clone(), self.view).await?;
        country.ok_or_else(|| Error::missing("the country of a document"))
    }
}

impl PolicyDocument {
    /// The title in the best of the wanted languages.
    fn localized_title(&self, language: Option<&[Raw<LanguageRange>]>) -> Result<String, Error> {
        let title = localized(&self.row.titles, language)?;
        Ok(title.unwrap_or(self.row.id.as_str()).to_owned())
    }
}

/// An address at which the text of a document can be read.
struct DocumentText<'a>(&'a domain::policy_document::DocumentText);

/// An address at which the text of a document can be read.
#[at_once]
#[Object]
impl DocumentText<'_> {
    /// The address.
    async fn url(&self) -> &Url {
        &self.0.url
    }

    /// The language of the text; null if it is not known.
    async fn language(&self) -> Option<&Language> {
        self.0.language.as_ref()
    }

    /// True if the text is known to be a translation.
    async fn is_translation(&self) -> bool {
        self.0.is_translation.unwrap_or(false)
    }
}

/// A provision of a document.
struct Provision<'a>(&'a domain::policy_document::Provision);

/// A provision of a document.
#[at_once]
#[Object]
impl Provision<'_> {
    /// The number, as in `2.2.9`, or a range, as in `27-31`; null if there is none.
    async fn number(&self) -> Option<&str> {
        self.0.number.as_deref()
    }

    /// The heading; null if there is none.
    async fn heading(&self) -> Option<&str> {
        self.0.heading.as_deref()
    }

    /// A summary in the words of the profile's authors; null if there is none.
    async fn summary(&self) -> Option<&str> {
        self.0.summary.as_deref()
    }

    /// A short quote, word for word; null if there is none.
    async fn quote(&self) -> Option<&str> {
        self.0.quote.as_deref()
    }

    /// The status of the provision where it differs from that of the document, as the source gives it; null if it does
    /// not differ.
    async fn status(&self) -> Option<PolicyDocumentStatus> {
        self.0.status
    }

    /// The date from which the provision is in force, where it differs from that of the document; null if it does not
    /// differ.
    async fn in_force_from(&self) -> Option<PartialDate> {
        partial(self.0.in_force_from)
    }
}

/// A relation of one document to another.
struct DocumentRelation<'a> {
    relation: &'a domain::policy_document::DocumentRelation,
    view: View,
}

/// A relation of one document to another: for example, it amends the other.
#[at_once]
#[Object]
impl DocumentRelation<'_> {
    /// The kind of relation, from the document that has it to the other.
    async fn kind(&self) -> DocumentRelationKind {
        self.relation.kind
    }

    /// The other document.
    async fn document(&self, ctx: &Context<'_>) -> Result<PolicyDocument, Error> {
        let document = find(ctx, &self.relation.document, self.view).await?;
        document.ok_or_else(|| Error::missing("the other document of a relation"))
    }

    /// The provisions of the other document that it concerns, by number; empty for the whole. Bounded: 200.
    async fn provisions(&self) -> &[String] {
        self.relation.provisions.as_deref().unwrap_or_default()
    }
}

/// Selects policy documents that match every member given. A member that is left out does not restrict; an empty list
/// matches nothing. A list has at most 1,000 elements.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PolicyDocumentFilter {
    /// Documents of one of these countries.
    countries: Option<Vec<Raw<CountryCode>>>,
    /// Documents with at least one of these subjects.
    subjects: Option<Vec<DocumentSubject>>,
    /// Documents of one of these kinds.
    kinds: Option<Vec<PolicyDocumentKind>>,
    /// Documents with one of these statuses as the source gives them (`status`, not `effectiveStatus`).
    status: Option<Vec<PolicyDocumentStatus>>,
    /// Documents adopted on this day or later. A partial date matches if it may lie in the range; a document without a
    /// date of adoption never does.
    adopted_from: Option<Raw<Date>>,
    /// Documents adopted on this day or earlier, under the same conditions. Not before `adoptedFrom`.
    adopted_to: Option<Raw<Date>>,
}

impl CursorArguments for Filter {
    fn cursor_arguments(&self) -> Value {
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
        arguments([
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
    /// The filter with its values read, and the order of the list.
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

/// Loads the document with an id.
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

/// Loads the documents with these ids, in their order.
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
