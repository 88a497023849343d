//! What the words look like from outside: the roots of the schema, and how a request is executed.

use async_graphql::{Context, ID, Object, Schema, SimpleObject, Subscription};
use futures_util::stream::Stream;

pub mod batch;
mod change;
mod citation;
pub mod context;
mod contribution;
mod country;
mod coverage_assertion;
mod cybersecurity_body;
mod document;
pub mod error;
mod institution;
pub mod limits;
mod operational_unit;
mod page;
mod participation;
mod policy_document;
mod profile_section;
mod quota;
mod record;
mod revision;
pub mod scalar;
mod service;
mod snapshot;
mod source;
mod treaty;
mod treaty_event;
mod value;

use change::{AskedChanges, Change, ChangeFilter, Head};
use context::{Asks, View};
use contribution::{Contribution, ContributionFilter, ContributionOrder, Mutation};
use country::{Country, CountryFilter};
use cybersecurity_body::CybersecurityBody;
use error::{Error, read, read_list};
use institution::InstitutionFilter;
use limits::{Limits, size};
use operational_unit::OperationalUnit;
use page::{Asked, Connection, List};
use policy_document::{PolicyDocument, PolicyDocumentFilter};
use quota::Quotas;
use record::{Node, Record};
use scalar::{Cursor, Instant};
pub use service::{Open, Service};
use snapshot::Snapshot;
use treaty::Treaty;
use treaty_event::{TreatyEvent, TreatyEventFilter};

use crate::domain::date::Day;
use crate::domain::record::{Kind, RecordId};
use crate::domain::text::{CountryCode, Raw, TreatyReference};
use crate::domain::viewer::Role;
use crate::store;
use crate::store::country::CountryOrder;
use crate::store::institution::Institutions;
use crate::store::policy_document::PolicyDocumentOrder;

/// The published profiles, seen from a view: what can be read now, and at any other moment.
pub struct Reads {
    view: View,
}

/// The published profiles, seen from a view.
#[Object]
impl Reads {
    /// The country with a code; null where there is none.
    async fn country(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code.")] code: Raw<CountryCode>,
    ) -> Option<Result<Country, Error>> {
        match read("code", &code) {
            Ok(code) => country::by_code(ctx, code, self.view).await.transpose(),
            Err(error) => Some(Err(error)),
        }
    }

    /// Countries. Organisations only where `filter.kinds` asks for them.
    #[graphql(complexity = "page::cost(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn countries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which countries.")] filter: Option<CountryFilter>,
        #[graphql(desc = "How they are sorted; by name if left out.")] order_by: Option<
            CountryOrder,
        >,
        #[graphql(desc = "The first so many: 1 to 100, 25 if left out.")] first: Option<i32>,
        #[graphql(desc = "Those after the edge with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Those before the edge with this cursor.")] before: Option<String>,
    ) -> Result<Connection<Country>, Error> {
        let order = order_by.unwrap_or(CountryOrder::Name);
        let asked = Asked {
            first,
            after,
            last,
            before,
        };
        country::list(ctx, filter.unwrap_or_default(), order, asked, self.view).await
    }

    /// The treaty with a reference; null where there is none.
    async fn treaty(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What its depositary calls it.")] reference: Raw<TreatyReference>,
    ) -> Option<Result<Treaty, Error>> {
        match read("reference", &reference) {
            Ok(reference) => treaty::by_reference(ctx, reference, self.view)
                .await
                .transpose(),
            Err(error) => Some(Err(error)),
        }
    }

    /// Treaties, by reference.
    #[graphql(complexity = "page::cost(first, last) * child_complexity")]
    async fn treaties(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many: 1 to 100, 25 if left out.")] first: Option<i32>,
        #[graphql(desc = "Those after the edge with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Those before the edge with this cursor.")] before: Option<String>,
    ) -> Result<Connection<Treaty>, Error> {
        treaty::list(
            ctx,
            Asked {
                first,
                after,
                last,
                before,
            },
            self.view,
        )
        .await
    }

    /// Treaty events, oldest first; those without a date come last.
    #[graphql(complexity = "page::cost(first, last) * child_complexity")]
    async fn treaty_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which events.")] filter: Option<TreatyEventFilter>,
        #[graphql(desc = "The first so many: 1 to 100, 25 if left out.")] first: Option<i32>,
        #[graphql(desc = "Those after the edge with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Those before the edge with this cursor.")] before: Option<String>,
    ) -> Result<Connection<TreatyEvent>, Error> {
        let asked = Asked {
            first,
            after,
            last,
            before,
        };
        treaty_event::list(ctx, filter.unwrap_or_default(), asked, self.view).await
    }

    /// Policy documents; those that begin after the day of the view are left out.
    #[graphql(complexity = "page::cost(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn policy_documents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which documents.")] filter: Option<PolicyDocumentFilter>,
        #[graphql(desc = "How they are sorted; last adopted first if left out.")] order_by: Option<
            PolicyDocumentOrder,
        >,
        #[graphql(desc = "The first so many: 1 to 100, 25 if left out.")] first: Option<i32>,
        #[graphql(desc = "Those after the edge with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Those before the edge with this cursor.")] before: Option<String>,
    ) -> Result<Connection<PolicyDocument>, Error> {
        let asked = Asked {
            first,
            after,
            last,
            before,
        };
        let order = order_by.unwrap_or(PolicyDocumentOrder::AdoptedNewest);
        let filter = filter.unwrap_or_default().read(order)?;
        let make = PolicyDocument::new;
        page::listed(ctx, "policyDocuments", &filter, asked, self.view, make).await
    }

    /// Cybersecurity bodies, by name; those that begin after the day of the view are left out.
    #[graphql(complexity = "page::cost(first, last) * child_complexity")]
    async fn cybersecurity_bodies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which bodies.")] filter: Option<InstitutionFilter>,
        #[graphql(desc = "The first so many: 1 to 100, 25 if left out.")] first: Option<i32>,
        #[graphql(desc = "Those after the edge with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Those before the edge with this cursor.")] before: Option<String>,
    ) -> Result<Connection<CybersecurityBody>, Error> {
        let asked = Asked {
            first,
            after,
            last,
            before,
        };
        let filter = filter.unwrap_or_default().read()?;
        let bodies = Institutions::<store::cybersecurity_body::Entity>::new(filter);
        let make = CybersecurityBody::new;
        page::listed(ctx, "cybersecurityBodies", &bodies, asked, self.view, make).await
    }

    /// Operational units, by name, those without one last; those that begin after the day of the view
    /// are left out.
    #[graphql(complexity = "page::cost(first, last) * child_complexity")]
    async fn operational_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which units.")] filter: Option<InstitutionFilter>,
        #[graphql(desc = "The first so many: 1 to 100, 25 if left out.")] first: Option<i32>,
        #[graphql(desc = "Those after the edge with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Those before the edge with this cursor.")] before: Option<String>,
    ) -> Result<Connection<OperationalUnit>, Error> {
        let asked = Asked {
            first,
            after,
            last,
            before,
        };
        let filter = filter.unwrap_or_default().read()?;
        let units = Institutions::<store::operational_unit::Entity>::new(filter);
        let make = OperationalUnit::new;
        page::listed(ctx, "operationalUnits", &units, asked, self.view, make).await
    }

    /// Every current record, by id: for mirrors.
    #[graphql(complexity = "page::cost(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of these nouns.")] kinds: Option<Vec<Kind>>,
        #[graphql(desc = "Only of records that belong to one of these countries.")]
        countries: Option<Vec<Raw<CountryCode>>>,
        #[graphql(desc = "The first so many: 1 to 100, 25 if left out.")] first: Option<i32>,
        #[graphql(desc = "Those after the edge with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Those before the edge with this cursor.")] before: Option<String>,
    ) -> Result<Connection<Record>, Error> {
        let countries = read_list("countries", countries.as_deref())?;
        let mut kinds = kinds.unwrap_or_else(|| Kind::all().collect());
        kinds.sort_unstable();
        kinds.dedup();
        let list = List::new("records", &(&kinds, &countries));
        let page = Asked {
            first,
            after,
            last,
            before,
        }
        .page(ctx, &list)?;
        let store = ctx.store();
        let slice = store
            .records(self.view.moment, &kinds, countries.as_deref(), &page)
            .await?;
        let records = record::records(ctx, slice.rows.clone(), self.view).await?;
        let mut records = records.into_iter();
        let cursor = |id: RecordId| list.cursor(&[id.as_str().into()]);
        let slice = slice.map(|id| records.next().map(|record| (cursor(id), record)));
        Ok(Connection::of(slice.present()))
    }

    /// The object with an id, that of a past state too; null where there is none.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An `id` as this service gave it out, or a `recordId`.")] id: ID,
    ) -> Option<Result<Node, Error>> {
        record::node(ctx, "id", &id, self.view).await.transpose()
    }

    /// The objects with these ids, in their order; null for each that there is none of. At most as
    /// many as a page may have.
    #[graphql(complexity = "ids.len() * child_complexity")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Ids, 100 at most.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>, Error> {
        let most = ctx.limits().max_page_size;
        if ids.len() > size(most) {
            return Err(Error::bad("ids", format!("expected {most} ids at most")));
        }
        record::nodes(ctx, &ids, self.view).await
    }
}

/// What can be asked. One request looks at one moment: all its answers are of one version of the
/// world.
pub struct Query;

/// What can be asked. One request looks at one moment: all its answers are of one version of the
/// world.
#[Object]
impl Query {
    #[graphql(flatten)]
    async fn reads(&self, ctx: &Context<'_>) -> Reads {
        Reads { view: ctx.view() }
    }

    /// The profiles as they were known at an instant or a place in the log, about the world as it was on a
    /// day. One of `knownAt` and `cursor` at most; neither: as known now. Both leave half-seen commits
    /// out. Give several aliases to compare.
    async fn at(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The day on which the world is looked at; today if left out. One in the \
            future is answered from what is known."
        )]
        as_of: Option<Raw<Day>>,
        #[graphql(desc = "What was committed by this instant is known; it must have passed.")]
        known_at: Option<Raw<Instant>>,
        #[graphql(desc = "What was committed up to this cursor is known.")] cursor: Option<
            Raw<Cursor>,
        >,
    ) -> Result<Snapshot, Error> {
        let asked = snapshot::Asked {
            as_of,
            known_at,
            cursor,
        };
        asked.snapshot(ctx).await
    }

    /// The change log, oldest first, from its beginning unless `after` says otherwise.
    #[graphql(complexity = "page::cost(first, last) * child_complexity")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which changes.")] filter: Option<ChangeFilter>,
        #[graphql(desc = "The first so many: 1 to 100, 25 if left out.")] first: Option<i32>,
        #[graphql(desc = "Those after this cursor.")] after: Option<Raw<Cursor>>,
        #[graphql(desc = "The last so many: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Those before the change with this cursor.")] before: Option<Raw<Cursor>>,
    ) -> Result<Connection<Change, Cursor>, Error> {
        let asked = AskedChanges {
            first,
            after,
            last,
            before,
        };
        change::list(ctx, filter.unwrap_or_default(), asked, ctx.view()).await
    }

    /// What is different between two versions of a record, as `version` and `history` count them, in the
    /// order of the noun. Bounded: the fields of the noun.
    async fn diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The record, by its plain id.")] id: ID,
        #[graphql(desc = "The version before.")] from: i32,
        #[graphql(desc = "The version after; it may be the earlier one.")] to: i32,
    ) -> Result<Vec<change::FieldChange>, Error> {
        revision::diff(ctx, &id, from, to, ctx.view()).await
    }

    /// Where the log ends now.
    async fn head(&self, ctx: &Context<'_>) -> Result<Head, Error> {
        let moment = ctx.view().moment;
        let key = crate::store::change::BySequence(moment.0);
        let change = ctx.loader().load_one(key).await?;
        Ok(Head {
            moment,
            committed_at: change.map(|change| change.committed_at),
        })
    }

    /// The contribution with an id; null where there is none that the viewer may know of.
    async fn contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Option<Result<Contribution, Error>> {
        match contribution::bare(&id) {
            Ok(id) => Contribution::find(ctx, &id, ctx.view()).await.transpose(),
            Err(text) => Some(Err(Error::bad("id", text))),
        }
    }

    /// The contributions that the viewer may know of: all that were submitted, and their own drafts.
    #[graphql(complexity = "page::cost(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn contributions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contributions.")] filter: Option<ContributionFilter>,
        #[graphql(desc = "How they are sorted; newest first if left out.")] order_by: Option<
            ContributionOrder,
        >,
        #[graphql(desc = "The first so many: 1 to 100, 25 if left out.")] first: Option<i32>,
        #[graphql(desc = "Those after the edge with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Those before the edge with this cursor.")] before: Option<String>,
    ) -> Result<Connection<Contribution>, Error> {
        let order = order_by.unwrap_or(ContributionOrder::Newest);
        let asked = Asked {
            first,
            after,
            last,
            before,
        };
        contribution::list(ctx, filter.unwrap_or_default(), order, asked).await
    }

    /// Who asks.
    async fn viewer(&self, ctx: &Context<'_>) -> ViewerObject {
        let viewer = ctx.viewer();
        ViewerObject {
            id: viewer.actor().map(|actor| actor.id.clone().into()),
            name: viewer.actor().map(|actor| actor.name.clone()),
            role: viewer.role(),
        }
    }

    /// The limits of this service.
    async fn service_config(&self, ctx: &Context<'_>) -> Limits {
        ctx.limits().clone()
    }
}

/// Who asks, as the bearer token says.
#[derive(SimpleObject)]
#[graphql(name = "Viewer")]
struct ViewerObject {
    /// The same for one person, whatever token they use; null for anonymous.
    id: Option<ID>,
    /// What to call them; null for anonymous.
    name: Option<String>,
    /// What they may do.
    role: Role,
}

/// What can be followed.
pub struct Following;

/// What can be followed.
#[Subscription(name = "Subscription")]
impl Following {
    /// Every accepted change, once and in the order of the log. With `after`: everything since that
    /// cursor, then live. Without: live only. A reader that is slow is never skipped.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which changes.")] filter: Option<ChangeFilter>,
        #[graphql(desc = "Where to go on: the cursor of the last change that was seen.")]
        after: Option<Raw<Cursor>>,
    ) -> Result<impl Stream<Item = Change> + use<>, Error> {
        change::follow(ctx, filter.unwrap_or_default(), after).await
    }

    /// Contributions that the viewer may know of, whenever one is begun, edited, commented on or
    /// takes a step: as it is then. What happens in quick succession may come as one.
    async fn contributions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contributions.")] filter: Option<ContributionFilter>,
    ) -> Result<impl Stream<Item = Result<Contribution, Error>> + use<>, Error> {
        contribution::follow(ctx, filter.unwrap_or_default()).await
    }
}

/// The schema alone.
pub type Profiles = Schema<Query, Mutation, Following>;

fn build(limits: &Limits) -> Profiles {
    Schema::build(Query, Mutation, Following)
        .limit_depth(size(limits.max_depth))
        .limit_complexity(size(limits.max_complexity))
        .limit_recursive_depth(size(limits.max_nesting))
        .data(limits.clone())
        .data(Quotas::new(limits))
        .finish()
}

/// The public contract in the schema definition language.
pub fn sdl() -> String {
    build(&Limits::default()).sdl_with_options(
        async_graphql::SDLExportOptions::new()
            .sorted_fields()
            .sorted_arguments()
            .sorted_enum_items(),
    )
}
