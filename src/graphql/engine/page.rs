//! Pages of lists: the arguments that ask for one, and what is read for them.

use std::sync::Arc;

use async_graphql::Context;
use serde_json::json;

use crate::engine::connection::Connection;
use crate::engine::context::{Asks, View};
use crate::engine::cursor::{List, Told, told};
use crate::engine::error::Error;
use store::list::{self, Keyed, Listed, Model, Whole, Within};
use store::page::Page;

/// The arguments that ask for a page.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The first so many edges.
    pub first: Option<i32>,
    /// After the edge with this cursor.
    pub after: Option<String>,
    /// The last so many edges.
    pub last: Option<i32>,
    /// Before the edge with this cursor.
    pub before: Option<String>,
}

impl Asked {
    /// The page that is asked for, of a list.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a size out of bounds, for both sizes, and for a cursor that the list did
    /// not give out.
    pub fn page(self, ctx: &Context<'_>, list: &List) -> Result<Page, Error> {
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

    /// How many edges, and whether the first or the last.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`
    pub fn size(&self, ctx: &Context<'_>) -> Result<(u64, bool), Error> {
        let limits = ctx.limits();
        let (argument, size, forward) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(Error::bad(
                    "last",
                    "ask for `first` or for `last`, not for both",
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

/// The part of a list that belongs to one record.
pub struct Owned<L> {
    /// What the list is called, for its cursors.
    pub name: &'static str,
    /// The list.
    pub list: L,
    /// The column that names the record.
    pub column: &'static str,
    /// How it names it.
    pub owner: String,
}

impl<L: Listed + Told> Owned<L> {
    /// A page of it, read together with those of other records.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`
    pub async fn page<T>(
        self,
        ctx: &Context<'_>,
        asked: Asked,
        view: View,
        make: impl Fn(Arc<Model<L>>, View) -> T,
    ) -> Result<Connection<T>, Error> {
        let (owner, list) = (self.owner.clone(), self.list.clone());
        let tag = List::new(self.name, move || {
            told([("owner", json!(owner)), ("list", list.told())])
        });
        let page = asked.page(ctx, &tag)?;
        list::check(&self.list, &page)?;
        let within = Within {
            list: self.list,
            column: self.column,
            owner: self.owner,
            at: view.at(),
            page,
        };
        let slice = ctx.loader().load_one(within).await?.unwrap_or_default();
        let edge =
            |(key, row): &Keyed<L>| (tag.place(Arc::clone(key)), make(Arc::clone(row), view));
        Ok(Connection::of(slice.of_each(edge)))
    }
}

/// A page of a whole list.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn listed<L: Listed + Told, T>(
    ctx: &Context<'_>,
    name: &'static str,
    list: &L,
    asked: Asked,
    view: View,
    make: impl Fn(Arc<Model<L>>, View) -> T,
) -> Result<Connection<T>, Error> {
    let of = list.clone();
    let tag = List::new(name, move || of.told());
    tagged(ctx, &tag, list, asked, view, make).await
}

/// A page of a whole list, with cursors that are those of what was asked for, whatever rows that is.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn tagged<L: Listed, T>(
    ctx: &Context<'_>,
    tag: &List,
    list: &L,
    asked: Asked,
    view: View,
    make: impl Fn(Arc<Model<L>>, View) -> T,
) -> Result<Connection<T>, Error> {
    let page = asked.page(ctx, tag)?;
    list::check(list, &page)?;
    let whole = Whole {
        list: list.clone(),
        at: view.at(),
        page,
    };
    let slice = ctx.loader().load_one(whole).await?.unwrap_or_default();
    let edge = |(key, row): &Keyed<L>| (tag.place(Arc::clone(key)), make(Arc::clone(row), view));
    Ok(Connection::of(slice.of_each(edge)))
}

/// Whether the total is asked for: counting costs a statement.
pub fn counts(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}
