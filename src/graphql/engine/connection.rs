//! Relay connections: one page of a list, as the schema shows it.

use std::borrow::Cow;

use async_graphql::{Object, OutputType, TypeName};
use cyberprofiles_graphql_macros::at_once;

use crate::engine::at_once::WriteJson;
use crate::engine::cursor::EdgeCursor;
use crate::engine::inline_resolve::{Concrete, EachInline, Inline};
use store::page::Slice;

/// The position of a page in its list.
pub struct PageInfo {
    has_next: bool,
    has_previous: bool,
    first: Option<String>,
    last: Option<String>,
}

/// The position of a page in its list (Relay).
#[at_once]
#[Object]
impl PageInfo {
    /// True if the list has edges after this page.
    async fn has_next_page(&self) -> bool {
        self.has_next
    }

    /// True if the list has edges before this page.
    async fn has_previous_page(&self) -> bool {
        self.has_previous
    }

    /// Cursor of the first edge of this page; null if the page is empty. Pass it as `before` to read the previous
    /// page.
    async fn start_cursor(&self) -> Option<&str> {
        self.first.as_deref()
    }

    /// Cursor of the last edge of this page; null if the page is empty. Pass it as `after` to read the next page.
    async fn end_cursor(&self) -> Option<&str> {
        self.last.as_deref()
    }
}

/// One element of a list with its cursor.
pub struct Edge<T, C> {
    cursor: C,
    node: Inline<T>,
}

/// One element of a list with its cursor.
#[at_once]
#[Object(name_type)]
impl<T: Concrete, C: OutputType + WriteJson> Edge<T, C> {
    /// Opaque text that names the position of this element. Pass it as `after` or `before` of the same list with the
    /// same filter and order.
    async fn cursor(&self) -> &C {
        &self.cursor
    }

    /// The element.
    async fn node(&self) -> &Inline<T> {
        &self.node
    }
}

impl<T: Concrete, C: OutputType> TypeName for Edge<T, C> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", listed::<T>()).into()
    }
}

/// One page of a list. Its size and position are selected by `first`, `after`, `last` and `before`.
pub struct Edges<T, C> {
    slice: Slice<Edge<T, C>>,
}

/// A page of a list as the resolvers return it.
pub type Connection<T, C = EdgeCursor> = Inline<Edges<T, C>>;

impl<T, C> Connection<T, C> {
    /// Creates a page from elements and their cursors.
    pub fn of(slice: Slice<(C, T)>) -> Self {
        Self(Edges {
            slice: slice.map(|(cursor, node)| Edge {
                cursor,
                node: Inline(node),
            }),
        })
    }
}

/// One page of a list. Its size and position are selected by `first`, `after`, `last` and `before`.
#[at_once]
#[Object(name_type)]
impl<T: Concrete, C: OutputType + ToString + WriteJson> Edges<T, C> {
    /// The elements of this page with their cursors, in the order of the list.
    async fn edges(&self) -> EachInline<'_, Edge<T, C>> {
        EachInline(self.slice.rows.iter().collect())
    }

    /// The elements of this page without cursors, in the order of the list.
    async fn nodes(&self) -> EachInline<'_, T> {
        EachInline(self.slice.rows.iter().map(|edge| &edge.node.0).collect())
    }

    /// The cursors of the first and last edge of this page, and if the list has more edges before or after it.
    async fn page_info(&self) -> PageInfo {
        let cursor = |edge: Option<&Edge<T, C>>| edge.map(|edge| edge.cursor.to_string());
        PageInfo {
            has_next: self.slice.has_next,
            has_previous: self.slice.has_previous,
            first: cursor(self.slice.rows.first()),
            last: cursor(self.slice.rows.last()),
        }
    }

    /// Number of elements of the whole list under its filter, on all pages together.
    async fn total_count(&self) -> i32 {
        i32::try_from(self.slice.total.unwrap_or_default()).unwrap_or(i32::MAX)
    }
}

impl<T: Concrete, C: OutputType> TypeName for Edges<T, C> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", listed::<T>()).into()
    }
}

/// The name of a list in the names of its types: that of its elements, or `Search` for hits of a search.
fn listed<T: Concrete>() -> String {
    let name = T::type_name();
    name.strip_suffix("Hit").unwrap_or(&name).to_owned()
}
