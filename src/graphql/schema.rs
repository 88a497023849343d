//! The roots of the schema, and the schema built from them.

use std::sync::{Arc, LazyLock};

use async_graphql::{Context, ID, Object, Schema, SimpleObject, Subscription, ValidationMode};
use cyberprofiles_graphql_macros::pages;
use futures_util::stream::Stream;

use crate::engine::connection::Connection;
use crate::engine::context::Asks;
use crate::engine::error::Error;
use crate::engine::in_place::InPlace;
use crate::engine::limits::Limits;
use crate::engine::objects::Objects;
use crate::engine::page::Asked;
use crate::engine::quota::Quotas;
use crate::object::change::{self, AskedChanges, Change, ChangeFilter, Head};
use crate::object::contribution::{
    self, Contribution, ContributionFilter, ContributionOrder, Mutation,
};
use crate::object::introspection::{Meta, Told};
use crate::object::reads::Reads;
use crate::object::revision;
use crate::object::snapshot::{self, Snapshot};
use domain::date::Day;
use domain::scalar::{Cursor, Instant};
use domain::text::Raw;
use domain::viewer::Role;

/// What can be asked. One request looks at one moment: all its answers are of one version of the
/// world.
pub struct Query;

/// What can be asked. One request looks at one moment: all its answers are of one version of the
/// world.
#[pages]
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
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which changes.")] filter: Option<ChangeFilter>,
        #[graphql(
            desc = "The first so many: 1 to 100, 25 if left out, or as `serviceConfig` says."
        )]
        first: Option<i32>,
        #[graphql(desc = "Those after this cursor.")] after: Option<Raw<Cursor>>,
        #[graphql(desc = "The last so many: 1 to 100, or as `serviceConfig` says.")] last: Option<
            i32,
        >,
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
    ) -> Result<Objects<change::FieldChange>, Error> {
        revision::diff(ctx, &id, from, to, ctx.view()).await
    }

    /// Where the log ends now.
    async fn head(&self, ctx: &Context<'_>) -> Result<Head, Error> {
        let moment = ctx.view().moment;
        let key = store::change::BySequence(moment.0);
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
            Ok(id) => Contribution::find(ctx, &id).await.transpose(),
            Err(text) => Some(Err(Error::bad("id", text))),
        }
    }

    /// The contributions that the viewer may know of: all that were submitted, and their own drafts.
    async fn contributions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contributions.")] filter: Option<ContributionFilter>,
        #[graphql(desc = "How they are sorted; newest first if left out.")] order_by: Option<
            ContributionOrder,
        >,
        asked: Asked,
    ) -> Result<Connection<Contribution>, Error> {
        let order = order_by.unwrap_or(ContributionOrder::Newest);
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

    /// The schema itself.
    #[graphql(name = "__schema")]
    async fn meta_schema(&self) -> InPlace<Meta> {
        InPlace(TOLD.schema())
    }

    /// A type of the schema.
    #[graphql(name = "__type")]
    async fn meta_type(&self, name: String) -> Option<InPlace<Meta>> {
        TOLD.named(&name).map(InPlace)
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

/// The schema as introspection tells it.
static TOLD: LazyLock<Told> = LazyLock::new(|| Told::of(Query, Mutation, Following));

/// The schema alone.
pub type Profiles = Schema<Query, Mutation, Following>;

/// The schema that executes. Documents are judged before; `Query` answers introspection.
pub fn build(limits: &Limits, quotas: Arc<Quotas>) -> Profiles {
    Schema::build(Query, Mutation, Following)
        .disable_introspection()
        .validation_mode(ValidationMode::Fast)
        .limit_recursive_depth(usize::MAX)
        .data(limits.clone())
        .data(quotas)
        .finish()
}

/// The public contract in the schema definition language.
pub fn sdl() -> String {
    let limits = Limits::default();
    let quotas = Arc::new(Quotas::new(&limits));
    build(&limits, quotas).sdl_with_options(
        async_graphql::SDLExportOptions::new()
            .sorted_fields()
            .sorted_arguments()
            .sorted_enum_items(),
    )
}
