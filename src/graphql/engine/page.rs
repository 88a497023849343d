//! Pages of lists: the arguments that select a page, and the queries that read it.

use std::sync::Arc;

use async_graphql::Context;
use serde_json::json;

use crate::engine::connection::Connection;
use crate::engine::context::{RequestContext, View};
use crate::engine::cursor::{CursorArguments, ListTag, arguments};
use crate::engine::error::Error;
use store::list::{self, KeyedRow, Listed, Model, OwnedListPage, WholeListPage};
use store::page::Page;

/// The arguments of a Relay connection.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    /// Number of edges from the start of the range.
    pub first: Option<i32>,
    /// Cursor of the edge after which the page begins.
    pub after: Option<String>,
    /// Number of edges from the end of the range.
    pub last: Option<i32>,
    /// Cursor of the edge before which the page ends.
    pub before: Option<String>,
}

impl PageArgs {
    /// Reads the arguments as a page of `list`.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a size out of bounds, for `first` together with `last`, and for a cursor that another list
    /// returned.
    pub fn page(self, ctx: &Context<'_>, list: &ListTag) -> Result<Page, Error> {
        let (size, forward) = self.size(ctx)?;
        let key = |argument: &str, cursor: Option<String>| {
            cursor.map(|cursor| list.key(argument, &cursor)).transpose()
        };
        Ok(Page {
            size,
            forward,
            after: key("after", self.after)?,
            before: key("before", self.before)?,
            count: counts(ctx),
        })
    }

    /// The number of edges of the page, and true if they are counted from the start (`first`), false if from the end
    /// (`last`).
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a size out of bounds, and for `first` together with `last`.
    pub fn size(&self, ctx: &Context<'_>) -> Result<(u64, bool), Error> {
        let limits = ctx.limits();
        let (argument, size, forward) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(Error::bad(
                    "last",
                    "expected either `first` or `last`, found both",
                ));
            }
            (None, Some(last)) => ("last", last, false),
            (first, None) => ("first", first.unwrap_or(limits.page_size()), true),
        };
        let most = limits.max_page_size;
        match u64::try_from(size) {
            Ok(found @ 1..) if size <= most => Ok((found, forward)),
            _ => Err(Error::bad(
                argument,
                format!("expected a number from 1 to {most}"),
            )),
        }
    }
}

/// The part of a list that belongs to one record, the owner.
pub struct Owned<L> {
    /// Name of the list; its cursors contain a hash of it.
    pub name: &'static str,
    /// The list with its filter and order.
    pub list: L,
    /// The column that refers to the owner.
    pub column: &'static str,
    /// The value of that column: the owner.
    pub owner: String,
}

impl<L: Listed + CursorArguments> Owned<L> {
    /// Reads a page of this part. One statement reads the same page of several owners.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` as [`PageArgs::page`], and errors of the store.
    pub async fn page<T>(
        self,
        ctx: &Context<'_>,
        args: PageArgs,
        view: View,
        make: impl Fn(Arc<Model<L>>, View) -> T,
    ) -> Result<Connection<T>, Error> {
        let (owner, list) = (self.owner.clone(), self.list.clone());
        let tag = ListTag::new(self.name, move || {
            arguments([("owner", json!(owner)), ("list", list.cursor_arguments())])
        });
        let page = args.page(ctx, &tag)?;
        list::check(&self.list, &page)?;
        let within = OwnedListPage {
            list: self.list,
            column: self.column,
            owner: self.owner,
            at: view.at(),
            page,
        };
        let slice = ctx.loader().load_one(within).await?.unwrap_or_default();
        let edge =
            |(key, row): &KeyedRow<L>| (tag.cursor(Arc::clone(key)), make(Arc::clone(row), view));
        Ok(Connection::of(slice.of_each(edge)))
    }
}

/// Reads a page of a whole list.
///
/// # Errors
/// `BAD_USER_INPUT` as [`PageArgs::page`], and errors of the store.
pub async fn listed<L: Listed + CursorArguments, T>(
    ctx: &Context<'_>,
    name: &'static str,
    list: &L,
    args: PageArgs,
    view: View,
    make: impl Fn(Arc<Model<L>>, View) -> T,
) -> Result<Connection<T>, Error> {
    let of = list.clone();
    let tag = ListTag::new(name, move || of.cursor_arguments());
    tagged(ctx, &tag, list, args, view, make).await
}

/// Reads a page of a whole list with the cursors of `tag`. The tag contains the arguments as the client sent them;
/// `list` may contain values that were computed from them.
///
/// # Errors
/// `BAD_USER_INPUT` as [`PageArgs::page`], and errors of the store.
pub async fn tagged<L: Listed, T>(
    ctx: &Context<'_>,
    tag: &ListTag,
    list: &L,
    args: PageArgs,
    view: View,
    make: impl Fn(Arc<Model<L>>, View) -> T,
) -> Result<Connection<T>, Error> {
    let page = args.page(ctx, tag)?;
    list::check(list, &page)?;
    let whole = WholeListPage {
        list: list.clone(),
        at: view.at(),
        page,
    };
    let slice = ctx.loader().load_one(whole).await?.unwrap_or_default();
    let edge =
        |(key, row): &KeyedRow<L>| (tag.cursor(Arc::clone(key)), make(Arc::clone(row), view));
    Ok(Connection::of(slice.of_each(edge)))
}

/// True if the query selects `totalCount`: counting costs a statement.
pub fn counts(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}
