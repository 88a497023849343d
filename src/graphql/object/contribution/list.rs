//! The filter of contributions, their lists and their counts.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, SimpleObject};
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};

use super::{Contribution, bare};
use crate::engine::argument::{bounded, read_list};
use crate::engine::connection::Connection;
use crate::engine::context::{RequestContext, View};
use crate::engine::cursor::{CursorArguments, ListTag, arguments};
use crate::engine::error::Error;
use crate::engine::objects::Objects;
use crate::engine::page::PageArgs;
use domain::contribution::State;
use domain::record::RecordId;
use domain::text::{CountryCode, Raw};
use store::contribution::Filter;
use store::record::word;

/// Selects contributions that match every member given. A member that is left out does not restrict; an empty list
/// matches nothing. A list has at most 1,000 elements.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ContributionFilter {
    /// Contributions with one of these ids.
    ids: Option<Vec<ID>>,
    /// True: only contributions that wait for the viewer. Left out or false: no restriction.
    ///
    /// - To review: for an editor, those of others that are SUBMITTED or `IN_REVIEW`, whoever reviews them, tips too.
    /// - To answer: those of which the viewer is an author, and for which changes are requested.
    /// - To resolve: open ones of which the viewer is an author, drafts too, if they have `conflicts`. The 1,000 of them
    ///   created last are searched.
    ///
    /// None wait for a viewer without a token. Select `steps` to see which of these a contribution waits for.
    awaiting_viewer: Option<bool>,
    /// Contributions in one of these states.
    state: Option<Vec<State>>,
    /// Contributions that concern one of these countries: see `Contribution.countries`.
    countries: Option<Vec<Raw<CountryCode>>>,
    /// Contributions that change one of these records, by `recordId`.
    records: Option<Vec<Raw<RecordId>>>,
    /// True: only contributions of which the viewer is an author. Left out: false.
    mine: Option<bool>,
}

impl CursorArguments for ContributionFilter {
    fn cursor_arguments(&self) -> Value {
        let Self {
            ids,
            awaiting_viewer,
            state,
            countries,
            records,
            mine,
        } = self;
        let state = state
            .as_ref()
            .map(|all| all.iter().map(word).collect::<Vec<_>>());
        arguments([
            ("ids", json!(ids)),
            ("state", json!(state)),
            ("countries", json!(countries)),
            ("records", json!(records)),
            ("mine", json!(mine)),
            ("awaitingViewer", json!(awaiting_viewer)),
        ])
    }
}

impl ContributionFilter {
    fn read(self) -> Result<Filter, Error> {
        bounded("filter.ids", self.ids.as_deref())?;
        bounded("filter.state", self.state.as_deref())?;
        let ids = self.ids.map(|ids| {
            let named = ids.iter().enumerate();
            let bad = |at, text| Error::bad(&format!("filter.ids.{at}"), text);
            named
                .map(|(at, id)| bare(id).map_err(|text| bad(at, text)))
                .collect()
        });
        Ok(Filter {
            ids: ids.transpose()?,
            awaiting_viewer: self.awaiting_viewer.unwrap_or(false),
            state: self.state,
            countries: read_list("filter.countries", self.countries.as_deref())?,
            records: read_list("filter.records", self.records.as_deref())?,
            mine: self.mine.unwrap_or(false),
        })
    }
}

/// The order of contributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum ContributionOrder {
    /// First created first.
    Oldest,
    /// Last created first.
    Newest,
}

/// A page of the contributions that the viewer may see.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn list(
    ctx: &Context<'_>,
    filter: ContributionFilter,
    order: ContributionOrder,
    args: PageArgs,
) -> Result<Connection<Contribution>, Error> {
    let of = filter.clone();
    let tag = ListTag::new("contributions", move || {
        let order = match order {
            ContributionOrder::Oldest => "OLDEST",
            ContributionOrder::Newest => "NEWEST",
        };
        arguments([("filter", of.cursor_arguments()), ("orderBy", json!(order))])
    });
    let page = args.page(ctx, &tag)?;
    let filter = filter.read()?;
    let newest_first = order == ContributionOrder::Newest;
    let slice = ctx
        .store()
        .contributions()
        .list(ctx.viewer(), filter, newest_first, &page)
        .await?;
    let view = ctx.view();
    Ok(Connection::of(slice.map(|row| {
        (
            tag.cursor([json!(row.id)]),
            Contribution::new(Arc::new(row), view),
        )
    })))
}

/// The number of contributions in one state.
#[derive(SimpleObject)]
pub struct ContributionStateCount {
    /// The state.
    state: State,
    /// The number of contributions; 0 if there are none.
    count: i32,
}

/// The number of contributions in each state that the viewer may see.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn counts(
    ctx: &Context<'_>,
    filter: ContributionFilter,
) -> Result<Objects<ContributionStateCount>, Error> {
    let filter = filter.read()?;
    let contributions = ctx.store().contributions();
    let found = contributions.count_by_state(ctx.viewer(), filter).await?;
    let count = |state| {
        let count = found.get(&state).copied().unwrap_or_default();
        i32::try_from(count).unwrap_or(i32::MAX)
    };
    let all = State::all().map(|state| ContributionStateCount {
        state,
        count: count(state),
    });
    Ok(all.collect())
}

/// The contributions that change from now on, each as it is then.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn follow(
    ctx: &Context<'_>,
    filter: ContributionFilter,
) -> Result<impl Stream<Item = Result<Contribution, Error>> + use<>, Error> {
    let store = ctx.store().clone();
    let filter = filter.read()?;
    let after = store.contributions().touched().await?;
    let rows = store
        .contributions()
        .follow(ctx.viewer().clone(), filter, after);
    Ok(rows.then(move |row| {
        let store = store.clone();
        async move {
            let view = View::now(&store).await?;
            Ok(Contribution::new(Arc::new(row), view))
        }
    }))
}
