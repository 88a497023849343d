//! Search: the hits, with their records and highlights.

use std::collections::BTreeSet;
use std::sync::Arc;

use ::search::{Filter, Hit, MAX_QUERY, Marker, Page, Position, Query};
use async_graphql::{Context, Object};
use cyberprofiles_graphql_macros::at_once;
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::engine::argument::read_list;
use crate::engine::connection::Connection;
use crate::engine::context::{RequestContext, View};
use crate::engine::cursor::{ListTag, arguments};
use crate::engine::error::Error;
use crate::engine::inline_resolve::Inline;
use crate::engine::page::PageArgs;
use crate::object::record::{Record, columns};
use domain::record::{Kind, RecordId};
use domain::text::{CountryCode, Raw};
use store::page::Slice;
use store::record::word;

/// A record that a search found.
pub struct SearchHit {
    record: Inline<Record>,
    id: RecordId,
    view: View,
    score: f64,
    marker: Arc<Marker>,
}

/// A record that a search found.
#[at_once]
#[Object]
impl SearchHit {
    /// The record.
    async fn record(&self) -> &Inline<Record> {
        &self.record
    }

    /// Parts of its texts that contain words of the query, names first. They are plain text: a client escapes them. Each
    /// word stands between `⟦` and `⟧`, which appear nowhere else. Empty if the words were found elsewhere alone: in names
    /// of its country or treaty, labels of enum values, hosts of addresses, or years. Bounded: at most 3.
    async fn highlights(&self, ctx: &Context<'_>) -> Result<Vec<String>, Error> {
        let columns = columns(ctx, self.id.clone(), self.view).await?;
        let content = columns.unwrap_or_default();
        Ok(self.marker.highlights(self.id.kind(), &content))
    }

    /// The rank as a number above 0 and at most 1. Greater is better; records with equal scores are sorted by kind, by the
    /// number of words in their names, and by id.
    async fn score(&self) -> f64 {
        self.score
    }
}

/// The arguments of a search.
pub struct SearchArgs {
    /// The words.
    pub query: String,
    /// Only records of these kinds.
    pub kinds: Option<Vec<Kind>>,
    /// Only records of these countries.
    pub countries: Option<Vec<Raw<CountryCode>>>,
}

/// Finds a page of records in a view.
///
/// # Errors
/// `BAD_USER_INPUT` for a query that is too long, and as [`PageArgs::page`]; `UNAVAILABLE`.
pub async fn list(
    ctx: &Context<'_>,
    given: SearchArgs,
    args: PageArgs,
    view: View,
) -> Result<Connection<SearchHit>, Error> {
    let SearchArgs { query, kinds, .. } = given;
    let countries = read_list("countries", given.countries.as_deref())?;
    let length = query.chars().count();
    if length > MAX_QUERY {
        let message = format!("expected at most {MAX_QUERY} characters, found {length}");
        return Err(Error::bad("query", message));
    }
    let words = kinds.as_ref().map(|kinds| {
        let words: BTreeSet<String> = kinds.iter().map(word).collect();
        json!(words)
    });
    let of = arguments([
        ("query", json!(query)),
        ("kinds", json!(words)),
        ("countries", json!(countries)),
    ]);
    let tag = ListTag::new("search", move || of.clone());
    let page = args.page(ctx, &tag)?;
    let position = |argument, bound: Option<Vec<Value>>| {
        let read = |key: Vec<Value>| {
            let expected = "expected a cursor that this list returned";
            position(&key).ok_or_else(|| Error::bad(argument, expected))
        };
        bound.map(read).transpose()
    };
    let page = Page {
        size: usize::try_from(page.size).unwrap_or(usize::MAX),
        is_forward: page.forward,
        after: position("after", page.after)?,
        before: position("before", page.before)?,
    };
    let query = Query::of(&query);
    let filter = Filter { kinds, countries };
    let index = ctx.search_index();
    let found = index.find(ctx.store(), &query, &filter, view.moment, &page);
    let found = found.await?;
    let ids = found.hits.iter().map(|hit| hit.position.id.clone());
    // A request at a moment before the oldest of the index can find a record that is not there yet.
    let records = ids.map(|id| Record::find(ctx, id, view));
    let records = try_join_all(records).await?;
    let marker = Arc::new(found.marker);
    let edge = |(hit, record): (Hit, Option<Record>)| {
        let record = record?;
        let score = hit.score();
        let Position {
            rank,
            kind,
            words,
            id,
        } = hit.position;
        let key = [json!(rank), json!(kind), json!(words), json!(id)];
        let hit = SearchHit {
            record: Inline(record),
            id,
            view,
            score,
            marker: Arc::clone(&marker),
        };
        Some((tag.cursor(key), hit))
    };
    Ok(Connection::of(Slice {
        rows: found
            .hits
            .into_iter()
            .zip(records)
            .filter_map(edge)
            .collect(),
        has_next: found.has_next,
        has_previous: found.has_previous,
        total: Some(found.total),
    }))
}

/// Reads a position from the sort key of a cursor.
fn position(key: &[Value]) -> Option<Position> {
    let [rank, kind, words, id] = key else {
        return None;
    };
    Some(Position {
        rank: rank.as_u64()?.try_into().ok()?,
        kind: kind.as_u64()?.try_into().ok()?,
        words: words.as_u64()?.try_into().ok()?,
        id: id.as_str()?.parse().ok()?,
    })
}
