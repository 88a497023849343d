//! The roots of the schema (`Query`, `Mutation`, `Subscription`), and the schema that is built from them.

use std::sync::{Arc, LazyLock};

use async_graphql::{
    Any, Context, ID, Object, Schema, SchemaBuilder, SimpleObject, Subscription, ValidationMode,
};
use cyberprofiles_graphql_macros::{at_once, pages};
use futures_util::stream::Stream;

use crate::engine::connection::Connection;
use crate::engine::context::RequestContext;
use crate::engine::environment::Root;
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::limits::Limits;
use crate::engine::objects::Objects;
use crate::engine::page::PageArgs;
use crate::engine::quota::Quotas;
use crate::engine::search_index::SearchIndex;
use crate::object::change::{self, Change, ChangeFilter, Head, LogPageArgs};
use crate::object::contribution::{
    self, Contribution, ContributionFilter, ContributionOrder, ContributionStateCount, Mutation,
};
use crate::object::federation::{self, Entity, SubgraphService};
use crate::object::introspection::{IntrospectionAnswers, Meta};
use crate::object::label::{self, Label};
use crate::object::reads::Reads;
use crate::object::revision;
use crate::object::search::{self, SearchHit};
use crate::object::snapshot::{self, Snapshot};
use crate::object::webhook::{self, Webhook};
use crate::type_system::{Audience, Completion, LINK};
use domain::date::Date;
use domain::language::LanguageRange;
use domain::record::Kind;
use domain::scalar::{Cursor, DateTime};
use domain::text::{CountryCode, Raw};
use domain::viewer::Role;

/// The root of queries.
pub struct Query;

/// Reads the profiles, the change log and the contributions.
///
/// All fields of one request are answered in one view: the end of the change log when the request began, and today
/// (UTC) as the as-of date. `at` returns the profiles in another view. Contributions have no past states: they are
/// always returned as they are now.
///
/// Words of these descriptions:
/// - answer: the value of a field. Some answers are computed from records for a day, such as a treaty status.
/// - as-of date: the day in the world for which answers are computed (`asOf`).
/// - bounded: the list has no pages and is returned whole; after "Bounded:" follows its expected or greatest length.
/// - current: not retired. A retired record is in no list of records; `node` still returns it.
/// - element: one value of a list. `Contribution.conflicts` lists the members that identify an element in an edit.
/// - known: committed to the change log of this service, whenever it happened or was published.
/// - mirror: a client that keeps a copy of the data by following the change log: see `Record`.
/// - moment: a position in the change log. A query at a moment reads everything known by then, and nothing later.
/// - profile: a country and the records that belong to it. "The profiles" are all records, treaties and sources too.
/// - view: a moment and an as-of date together. `Snapshot` describes the answers that depend on each.
#[pages]
#[at_once]
#[Object]
impl Query {
    #[graphql(flatten)]
    async fn reads(&self, ctx: &Context<'_>) -> Reads {
        Reads { view: ctx.view() }
    }

    /// The profiles in another view: as they were known at a moment, given as an instant or a cursor, and for the as-of
    /// date `asOf`.
    ///
    /// Give `knownAt` or `cursor`, not both; without either, the end of the log is read. A snapshot always ends at the
    /// end of a commit, so it never contains a part of one. To compare two views, select `at` twice under two aliases.
    async fn at(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The as-of date: the day in the world for which answers are computed. Left out: \
            today (UTC). A day in the future is answered from the records known at the moment."
        )]
        as_of: Option<Raw<Date>>,
        #[graphql(
            desc = "Reads what was committed up to this instant, inclusive. Not in the future."
        )]
        known_at: Option<Raw<DateTime>>,
        #[graphql(desc = "Reads what was committed up to this cursor, inclusive.")] cursor: Option<
            Raw<Cursor>,
        >,
    ) -> Result<Snapshot, Error> {
        let args = snapshot::SnapshotArgs {
            as_of,
            known_at,
            cursor,
        };
        args.snapshot(ctx).await
    }

    /// The current records that contain all words of a text, best first.
    ///
    /// Searched are names in all languages, acronyms, codes, titles, numbers, articles, provisions, narratives, titles of
    /// sources, labels of enum values, hosts of addresses, and years. The names and codes of a country or treaty count for its records: `azerbaijan csirt` finds the
    /// body. Case, accents, British and American spelling, hyphens and the order of words make no difference. A word of
    /// three letters or more also finds words that begin with it. If nothing is found, one typing error is allowed in a
    /// word of four letters or more, and two in one of eight; one in the first letter counts as two.
    ///
    /// Records whose name equals the text come first; then those with the words in names, in titles, and in other
    /// texts. Quotes and operators have no meaning. A text without letters and digits finds nothing.
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The words, 200 characters at most.")] query: String,
        #[graphql(desc = "Only records of these kinds. Left out: all.")] kinds: Option<Vec<Kind>>,
        #[graphql(
            desc = "Only these countries and the records that belong to them. Left out: all records."
        )]
        countries: Option<Vec<Raw<CountryCode>>>,
        args: PageArgs,
    ) -> Result<Connection<SearchHit>, Error> {
        let given = search::SearchArgs {
            query,
            kinds,
            countries,
        };
        search::list(ctx, given, args, ctx.view()).await
    }

    /// A page of the change log, oldest change first. Without `after` and `last` it starts at the beginning of the log.
    /// To follow the log, continue with the cursor of the last change, or use `Subscription.changes`. The cursor of an
    /// edge equals `Change.cursor`, and is valid with every filter.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which changes. Left out: all.")] filter: Option<ChangeFilter>,
        #[graphql(
            desc = "The number of changes, counted from the start: 1 to `serviceConfig.maxPageSize`; \
            `serviceConfig.defaultPageSize` if neither `first` nor `last` is given. Not together with `last`."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only changes after this cursor.")] after: Option<Raw<Cursor>>,
        #[graphql(
            desc = "The number of changes, counted from the end: 1 to `serviceConfig.maxPageSize`. The \
            page is still in the order of the log. Not together with `first`."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only changes before the change with this cursor.")] before: Option<
            Raw<Cursor>,
        >,
    ) -> Result<Connection<Change, Cursor>, Error> {
        let args = LogPageArgs {
            first,
            after,
            last,
            before,
        };
        change::list(ctx, filter.unwrap_or_default(), args, ctx.view()).await
    }

    /// The fields that differ between two versions of a record, in the fixed order of the fields of its kind of record.
    /// Only stored fields are compared, not those that are computed. An error if there is no such record or version.
    /// Bounded: the fields of the kind.
    async fn diff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `recordId` of the record, as in `Country:az`.")] id: ID,
        #[graphql(desc = "The version of the values `before`, numbered as in `Record.version`.")]
        from: i32,
        #[graphql(
            desc = "The version of the values `after`. Its number can be lower than that of `from`."
        )]
        to: i32,
    ) -> Result<Objects<change::FieldChange>, Error> {
        revision::diff(ctx, &id, from, to, ctx.view()).await
    }

    /// The end of the change log when the request began.
    async fn head(&self, ctx: &Context<'_>) -> Result<Head, Error> {
        let moment = ctx.view().moment;
        let key = store::change::BySequence(moment.0);
        let change = ctx.loader().load_one(key).await?;
        Ok(Head {
            moment,
            committed_at: change.map(|change| change.committed_at),
        })
    }

    /// The contribution with this id, as it is now. Null if there is none, or if the viewer may not see it.
    async fn contribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its `id`, as in `Contribution:…`.")] id: ID,
    ) -> Option<Result<Contribution, Error>> {
        match contribution::bare(&id) {
            Ok(id) => Contribution::find(ctx, &id).await.transpose(),
            Err(text) => Some(Err(Error::bad("id", text))),
        }
    }

    /// Contributions that the viewer may see, as they are now: those of which the viewer is an author, and all that
    /// were ever submitted. Tips that no editor has completed are visible to editors and their authors alone.
    async fn contributions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contributions. Left out: all.")] filter: Option<ContributionFilter>,
        #[graphql(desc = "The order. Left out: `NEWEST`, last created first.")] order_by: Option<
            ContributionOrder,
        >,
        args: PageArgs,
    ) -> Result<Connection<Contribution>, Error> {
        let order = order_by.unwrap_or(ContributionOrder::Newest);
        contribution::list(ctx, filter.unwrap_or_default(), order, args).await
    }

    /// The number of contributions in each state that the viewer may see, as `contributions` lists them. One for each
    /// state, in the order of the enum. Bounded: the states.
    async fn contribution_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contributions. Left out: all.")] filter: Option<ContributionFilter>,
    ) -> Result<Objects<ContributionStateCount>, Error> {
        contribution::counts(ctx, filter.unwrap_or_default()).await
    }

    /// The webhooks of the viewer, oldest first. Other people, administrators too, do not see them. Requires the role
    /// CONTRIBUTOR. Bounded: `serviceConfig.maxWebhooksPerPerson`.
    async fn webhooks(&self, ctx: &Context<'_>) -> Result<Objects<Webhook>, Error> {
        webhook::list(ctx).await
    }

    /// The labels of enum values: the words for people to display in place of the constants, in English or French. One
    /// for each value, ordered by the name of the enum; the values of an enum are in a fixed order. An error for an enum
    /// that the schema does not have. Bounded: the enum values of the schema, about 400.
    async fn labels(
        &self,
        #[graphql(desc = "Only these enums, by their names, as in `TreatyStatus`. Left out: all.")]
        enums: Option<Vec<String>>,
        #[graphql(
            desc = "Wanted languages, best first: `en` and `fr` exist. Left out, or if none fits: English."
        )]
        language: Option<Vec<Raw<LanguageRange>>>,
    ) -> Result<Objects<Label>, Error> {
        label::list(enums.as_deref(), language.as_deref())
    }

    /// The person or client that makes this request, with the rights of its token.
    async fn viewer(&self, ctx: &Context<'_>) -> ViewerObject {
        let viewer = ctx.viewer();
        ViewerObject {
            id: viewer.actor().map(|actor| actor.id.clone().into()),
            name: viewer.actor().map(|actor| actor.name.clone()),
            role: viewer.role(),
        }
    }

    /// The schema, as GraphQL's introspection describes it.
    #[graphql(name = "__schema")]
    async fn meta_schema(&self, ctx: &Context<'_>) -> Inline<Meta> {
        Inline(introspection(ctx).schema())
    }

    /// The type of the schema with this name; null if there is none.
    #[graphql(name = "__type")]
    async fn meta_type(&self, ctx: &Context<'_>, name: String) -> Option<Inline<Meta>> {
        introspection(ctx).named(&name).map(Inline)
    }

    /// This service as a subgraph of Apollo Federation.
    #[graphql(name = "_service")]
    async fn subgraph(&self) -> SubgraphService {
        let sdl = SUBGRAPH_SDL.clone();
        SubgraphService { sdl }
    }

    /// The records that a gateway of Apollo Federation names, in the order of the representations. Null for a
    /// representation that names no record; null and an error at its position for one without a type name or key.
    #[graphql(name = "_entities")]
    async fn entities(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Objects with a `__typename` and a key of that type, as in `{ __typename: \"Country\", code: \"AZ\" }`: \
            at most `serviceConfig.maxPageSize`."
        )]
        representations: Vec<Any>,
    ) -> Result<Objects<Option<Result<Entity, Error>>>, Error> {
        federation::entities(ctx, &representations, ctx.view()).await
    }

    /// The limits of this service: sizes, rates and timeouts.
    async fn service_config(&self, ctx: &Context<'_>) -> Limits {
        ctx.limits().clone()
    }
}

/// The person or client that makes a request, as its bearer token identifies it.
#[derive(SimpleObject)]
#[graphql(name = "Viewer")]
struct ViewerObject {
    /// Identifies the person or client; the same for all tokens of one person. Null for an anonymous viewer.
    id: Option<ID>,
    /// The name to display. Null for an anonymous viewer.
    name: Option<String>,
    /// The rights of the viewer; `ANONYMOUS` without a token.
    role: Role,
}

/// The root of subscriptions.
pub struct Subscription;

/// Sends changes of the profiles, and contributions, when they are committed.
#[Subscription(name = "Subscription")]
impl Subscription {
    /// Sends each accepted change once, in the order of the change log. With `after`: first all changes after that
    /// cursor, then each new change. Without `after`: new changes only.
    ///
    /// No change is left out for a client that reads slowly. After a disconnect, continue with the cursor of the last
    /// change that was received. `Query.changes` returns the same changes page by page.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which changes. Left out: all.")] filter: Option<ChangeFilter>,
        #[graphql(desc = "The cursor of the last change that was received.")] after: Option<
            Raw<Cursor>,
        >,
    ) -> Result<impl Stream<Item = Change> + use<>, Error> {
        change::follow(ctx, filter.unwrap_or_default(), after).await
    }

    /// Sends a contribution each time it is created, edited, commented on or moved to another state, as it is at that
    /// time. Only contributions that the viewer may see are sent. Several steps in quick succession may be sent as one.
    /// Nothing that happened before the subscription is sent.
    ///
    /// With `awaitingViewer`, a contribution is sent if it waits for the viewer after such a step. A conflict that arises
    /// because another contribution is accepted is no step of this one and is not sent; query `contributions` when the
    /// change log has grown.
    async fn contributions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contributions. Left out: all.")] filter: Option<ContributionFilter>,
    ) -> Result<impl Stream<Item = Result<Contribution, Error>> + use<>, Error> {
        contribution::follow(ctx, filter.unwrap_or_default()).await
    }
}

/// The answers to introspection, computed once.
static INTROSPECTION: LazyLock<IntrospectionAnswers> =
    LazyLock::new(|| IntrospectionAnswers::of(&described(Audience::Clients)));

/// The answers of a subgraph to introspection, computed once.
static SUBGRAPH_INTROSPECTION: LazyLock<IntrospectionAnswers> =
    LazyLock::new(|| IntrospectionAnswers::of(&described(Audience::SubgraphClients)));

static SUBGRAPH_SDL: LazyLock<String> = LazyLock::new(subgraph_sdl);

/// The answers to introspection of the service that executes a request.
fn introspection(ctx: &Context<'_>) -> &'static IntrospectionAnswers {
    match ctx.data_opt() {
        Some(Audience::SubgraphClients) => &SUBGRAPH_INTROSPECTION,
        _ => &INTROSPECTION,
    }
}

/// The type of the schema with its three roots.
pub type ApiSchema = Schema<Root<Query>, Mutation, Subscription>;

fn roots() -> SchemaBuilder<Root<Query>, Mutation, Subscription> {
    Schema::build(Root(Query), Mutation, Subscription)
}

/// Builds the schema that executes requests of an audience. The engine validates documents before, so the library's own
/// validation and depth limit are off; `Query` answers introspection.
pub fn build(
    limits: &Limits,
    quotas: Arc<Quotas>,
    search: Arc<SearchIndex>,
    audience: Audience,
) -> ApiSchema {
    roots()
        .disable_introspection()
        .validation_mode(ValidationMode::Fast)
        .limit_recursive_depth(usize::MAX)
        .data(limits.clone())
        .data(quotas)
        .data(search)
        .data(audience)
        .finish()
}

/// Builds the schema that describes itself to an audience.
fn described(audience: Audience) -> ApiSchema {
    roots().directive(Completion(audience)).finish()
}

/// Prints the public contract in the schema definition language (SDL), sorted by name.
pub fn sdl() -> String {
    printed(Audience::Clients)
}

/// Prints the schema of the subgraph as programs that compose subgraphs need it: with keys, without `_service` and
/// `_entities`.
pub fn subgraph_sdl() -> String {
    let mut sdl = printed(Audience::Composer);
    sdl.push_str(LINK);
    sdl
}

/// Prints the schema for an audience in the schema definition language (SDL), sorted by name.
pub fn printed(audience: Audience) -> String {
    described(audience).sdl_with_options(
        async_graphql::SDLExportOptions::new()
            .sorted_fields()
            .sorted_arguments()
            .sorted_enum_items()
            .include_specified_by(),
    )
}
