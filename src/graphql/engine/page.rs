//! Relay's connections: arguments, pages and their cursors.

use std::borrow::Cow;
use std::fmt::{self, Debug, Display};
use std::sync::{Arc, OnceLock};

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    Context, ContextSelectionSet, Object, OutputType, Positioned, ServerResult, SimpleObject,
    TypeName,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::EntityTrait;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::engine::context::{Asks, View};
use crate::engine::error::Error;
use crate::engine::in_place::{Concrete, EachInPlace, InPlace};
use store::list::{self, Keyed, Listed, Whole, Within};
use store::page::{Page, Slice};

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

/// Which list a cursor belongs to: its name, and the filter and order it was asked with.
#[derive(Clone)]
pub struct List(Arc<Named<dyn Debug + Send + Sync>>);

struct Named<D: ?Sized> {
    name: &'static str,
    /// What stands for the list in its cursors: known once one is written or read.
    tag: OnceLock<[u8; 6]>,
    of: D,
}

impl List {
    /// The list with a name, under a filter and in an order that `of` tells apart.
    pub fn new(name: &'static str, of: impl Debug + Send + Sync + 'static) -> Self {
        let tag = OnceLock::new();
        Self(Arc::new(Named { name, tag, of }))
    }

    fn tag(&self) -> &[u8; 6] {
        let Named { name, tag, of } = &*self.0;
        tag.get_or_init(|| {
            let digest = Sha256::digest(format!("{name} {of:?}"));
            digest.first_chunk().copied().unwrap_or_default()
        })
    }

    /// The place of the row with a key.
    pub fn place(&self, key: impl Into<Arc<[Value]>>) -> Place {
        Place {
            list: self.clone(),
            key: key.into(),
        }
    }

    fn key(&self, argument: &str, cursor: &str) -> Result<Vec<Value>, Error> {
        let bad = |message: &str| Error::bad(argument, message);
        let unknown = "expected a cursor as this list gave it out";
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad(unknown))?;
        let (tag, key) = bytes.split_at_checked(6).ok_or_else(|| bad(unknown))?;
        let key: Vec<Value> = serde_json::from_slice(key).map_err(|_| bad(unknown))?;
        let scalar = |value: &Value| {
            value.is_i64() || value.as_str().is_some_and(|text| !text.contains('\0'))
        };
        if key.is_empty() || !key.iter().all(scalar) {
            return Err(bad(unknown));
        }
        if tag != self.tag() {
            return Err(bad("the cursor is of another list, filter or order"));
        }
        Ok(key)
    }
}

/// Where an edge is in its list: a cursor, which is written where it is asked for.
pub struct Place {
    list: List,
    key: Arc<[Value]>,
}

impl Display for Place {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tag = self.list.tag();
        let key = serde_json::to_vec(&self.key).map_err(|_| fmt::Error)?;
        let bytes = [tag.as_slice(), &key].concat();
        to.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl OutputType for Place {
    fn type_name() -> Cow<'static, str> {
        <String as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <String as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<async_graphql::Value> {
        Ok(async_graphql::Value::String(self.to_string()))
    }
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

impl<L: Listed> Owned<L> {
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
        let tag = List::new(self.name, (self.owner.clone(), self.list.clone()));
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

type Model<L> = <<L as Listed>::Noun as EntityTrait>::Model;

/// A page of a whole list.
///
/// # Errors
/// `BAD_USER_INPUT`
pub async fn listed<L: Listed, T>(
    ctx: &Context<'_>,
    name: &'static str,
    list: &L,
    asked: Asked,
    view: View,
    make: impl Fn(Arc<Model<L>>, View) -> T,
) -> Result<Connection<T>, Error> {
    tagged(ctx, &List::new(name, list.clone()), list, asked, view, make).await
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

/// Where a page lies in its list.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there are edges after these.
    has_next_page: bool,
    /// Whether there are edges before these.
    has_previous_page: bool,
    /// The cursor of the first edge; null on an empty page.
    start_cursor: Option<String>,
    /// The cursor of the last edge; null on an empty page.
    end_cursor: Option<String>,
}

/// One element of a list, and where it is.
pub struct Edge<T, C> {
    cursor: C,
    node: InPlace<T>,
}

/// One element of a list, and where it is.
#[Object(name_type)]
impl<T: Concrete, C: OutputType> Edge<T, C> {
    /// Where it is, for `after` and `before` of the same list.
    async fn cursor(&self) -> &C {
        &self.cursor
    }

    /// The element.
    async fn node(&self) -> &InPlace<T> {
        &self.node
    }
}

impl<T: Concrete, C: OutputType> TypeName for Edge<T, C> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// A page of a list.
pub struct Edges<T, C> {
    slice: Slice<Edge<T, C>>,
}

/// A page of a list.
pub type Connection<T, C = Place> = InPlace<Edges<T, C>>;

impl<T, C> Connection<T, C> {
    /// The page with these elements and their cursors.
    pub fn of(slice: Slice<(C, T)>) -> Self {
        Self(Edges {
            slice: slice.map(|(cursor, node)| Edge {
                cursor,
                node: InPlace(node),
            }),
        })
    }
}

/// A page of a list.
#[Object(name_type)]
impl<T: Concrete, C: OutputType + ToString> Edges<T, C> {
    /// The elements with their cursors, in the order of the list.
    async fn edges(&self) -> EachInPlace<'_, Edge<T, C>> {
        EachInPlace(self.slice.rows.iter().collect())
    }

    /// The elements alone.
    async fn nodes(&self) -> EachInPlace<'_, T> {
        EachInPlace(self.slice.rows.iter().map(|edge| &edge.node.0).collect())
    }

    /// Where the page lies in the list.
    async fn page_info(&self) -> PageInfo {
        let cursor = |edge: Option<&Edge<T, C>>| edge.map(|edge| edge.cursor.to_string());
        PageInfo {
            has_next_page: self.slice.has_next,
            has_previous_page: self.slice.has_previous,
            start_cursor: cursor(self.slice.rows.first()),
            end_cursor: cursor(self.slice.rows.last()),
        }
    }

    /// How many elements the whole list has, under its filter.
    async fn total_count(&self) -> i32 {
        i32::try_from(self.slice.total.unwrap_or_default()).unwrap_or(i32::MAX)
    }
}

impl<T: Concrete, C: OutputType> TypeName for Edges<T, C> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}
