//! Relay's connections: a page of a list as it is shown.

use std::borrow::Cow;

use async_graphql::{Object, OutputType, SimpleObject, TypeName};

use crate::engine::cursor::Place;
use crate::engine::in_place::{Concrete, EachInPlace, InPlace};
use store::page::Slice;

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
