//! Reads lists page by page, by keyset: a position is the sort key of a row, not its number.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::str::FromStr;
use std::sync::Arc;

use sea_orm::sea_query::{
    Alias, Asterisk, Condition, Expr, ExprTrait, JoinType, Order, Query, SelectStatement,
};
use sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait, ModelTrait, QueryFilter, QueryResult, QueryTrait,
    Select, Value as SqlValue,
};
use serde_json::Value;

use super::Store;
use super::error::Error;
use super::moment::{At, Moment, column};
use super::page::{Page, Slice};
use super::preview::Reader;
use super::record::{Noun, models};
use super::touched::Touched;
use crate::load::{Key, size_of};
use domain::check::{Code, Path};

/// A list of a noun: the condition on its rows, and their order.
pub trait Listed: Clone + Debug + PartialEq + Eq + Hash + Send + Sync + 'static {
    /// The noun.
    type Noun: Noun;

    /// The condition on the rows that are valid at the moment.
    fn condition(&self, at: At) -> Condition;

    /// The column by which the list is sorted, and its direction; equal rows are sorted by `id`.
    fn order(&self) -> (&'static str, Order);

    /// True if nothing but a row itself, and what the reference index has of its record, decides if it is in the list.
    fn is_own(&self) -> bool;
}

/// A row of the noun of a list.
pub type Model<L> = <<L as Listed>::Noun as EntityTrait>::Model;
/// A row with its sort key.
pub type KeyedRow<L> = (Arc<[Value]>, Arc<Model<L>>);

fn whole<L: Listed>(list: &L, at: At) -> Select<L::Noun> {
    L::Noun::find()
        .filter(at.moment.filter::<L::Noun>())
        .filter(list.condition(at))
}

fn order<L: Listed>(list: &L) -> [(&'static str, Order); 2] {
    [list.order(), ("id", Order::Asc)]
}

fn keyed<L: Listed>(
    found: &Slice<QueryResult>,
    order: &[(&str, Order)],
) -> Result<Arc<Slice<KeyedRow<L>>>, Error> {
    let slice = read::<L::Noun>(found)?;
    let keys = slice.rows.iter().map(|row| key_of(row, order));
    let mut keys = keys.collect::<Result<Vec<_>, _>>()?.into_iter();
    let slice = slice.map(|row| (keys.next().unwrap_or_default(), Arc::new(row)));
    Ok(Arc::new(slice))
}

/// Reads found rows as those of an entity.
pub(super) fn read<E: EntityTrait>(found: &Slice<QueryResult>) -> Result<Slice<E::Model>, Error> {
    Ok(Slice {
        rows: models::<E>(&found.rows)?,
        has_next: found.has_next,
        has_previous: found.has_previous,
        total: found.total,
    })
}

/// Checks that the bounds of a page are positions in the list.
///
/// # Errors
/// [`Error::Refused`]
pub fn check<L: Listed>(list: &L, page: &Page) -> Result<(), Error> {
    let order = order(list);
    let mut bounds = [&page.after, &page.before].into_iter().flatten();
    bounds.try_for_each(|bound| check_key(&order, bound))
}

/// Loader key for a page of a whole list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WholeListPage<L> {
    /// The list.
    pub list: L,
    /// The view.
    pub at: At,
    /// The page.
    pub page: Page,
}

#[async_trait::async_trait]
impl<L: Listed> Key for WholeListPage<L> {
    type Value = Arc<Slice<KeyedRow<L>>>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let mut found = HashMap::new();
        for key in keys {
            let order = order(&key.list);
            let rows = SortedQuery::of(whole(&key.list, key.at), &order);
            let slice = rows.page(store.reader(), &key.page).await?;
            found.insert(key.clone(), keyed::<L>(&slice, &order)?);
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.rows.len()
    }

    fn size(value: &Self::Value) -> usize {
        size_of(value.rows.iter().map(|(_, row)| row.as_ref()))
    }

    fn moment(&self) -> Option<Moment> {
        self.list.is_own().then_some(self.at.moment)
    }

    fn at(&self, moment: Moment) -> Self {
        Self {
            at: At { moment, ..self.at },
            ..self.clone()
        }
    }

    fn after(&self, before: &Self::Value, changes: &Touched) -> Option<Self::Value> {
        let touched = changes.rows::<L::Noun>();
        touched.is_empty().then(|| Arc::clone(before))
    }
}

/// Loader key for a page of the part of a list that belongs to one record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OwnedListPage<L> {
    /// The list.
    pub list: L,
    /// The column that names the record to which a row belongs.
    pub column: &'static str,
    /// The value of that column for the record.
    pub owner: String,
    /// The view.
    pub at: At,
    /// The page.
    pub page: Page,
}

impl<L: Listed> OwnedListPage<L> {
    /// The arguments that keys must share to be read by one statement: list, column, view and page.
    fn together(&self) -> (&L, &'static str, At, &Page) {
        (&self.list, self.column, self.at, &self.page)
    }
}

#[async_trait::async_trait]
impl<L: Listed> Key for OwnedListPage<L> {
    type Value = Arc<Slice<KeyedRow<L>>>;
    const FOLLOWS_THE_LOG: bool = true;

    /// Executes one statement for all records whose page begins at an end of the list.
    /// A cursor belongs to the list of one record, so each page with a cursor takes a statement of its own.
    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let mut found = HashMap::new();
        let mut ends: Vec<&OwnedListPage<L>> = Vec::new();
        for key in keys {
            if key.page.after.is_none() && key.page.before.is_none() {
                ends.push(key);
                continue;
            }
            let order = order(&key.list);
            let owned = column::<L::Noun>(key.column).eq(key.owner.clone());
            let part = SortedQuery::of(whole(&key.list, key.at).filter(owned), &order);
            let slice = part.page(store.reader(), &key.page).await?;
            found.insert(key.clone(), keyed::<L>(&slice, &order)?);
        }
        while let Some(first) = ends.first().copied() {
            let (same, others): (Vec<&OwnedListPage<L>>, Vec<&OwnedListPage<L>>) = ends
                .into_iter()
                .partition(|key| key.together() == first.together());
            let order = order(&first.list);
            let owners = same.iter().map(|key| key.owner.clone()).collect();
            let part = SortedQuery::of(whole(&first.list, first.at), &order);
            let slices = part.ends(store.reader(), first.column, owners, &first.page);
            let slices = slices.await?;
            for key in same {
                let slice = match slices.get(&key.owner) {
                    Some(slice) => keyed::<L>(slice, &order)?,
                    None => Slice::empty().into(),
                };
                found.insert(key.clone(), slice);
            }
            ends = others;
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.rows.len()
    }

    fn size(value: &Self::Value) -> usize {
        size_of(value.rows.iter().map(|(_, row)| row.as_ref()))
    }

    fn moment(&self) -> Option<Moment> {
        self.list.is_own().then_some(self.at.moment)
    }

    fn at(&self, moment: Moment) -> Self {
        Self {
            at: At { moment, ..self.at },
            ..self.clone()
        }
    }

    fn after(&self, before: &Self::Value, changes: &Touched) -> Option<Self::Value> {
        let mut touched = changes.rows::<L::Noun>().iter();
        let is_of =
            |row: &Arc<Model<L>>| text(row.as_ref(), self.column).as_ref() == Some(&self.owner);
        (!touched.any(is_of)).then(|| Arc::clone(before))
    }
}

/// A query for the rows of one noun, in an order.
pub(super) struct SortedQuery<'a> {
    rows: SelectStatement,
    table: Alias,
    column: fn(&str) -> Expr,
    order: &'a [(&'a str, Order)],
}

impl<'a> SortedQuery<'a> {
    /// A query for rows of an entity, sorted by columns.
    pub fn of<E: EntityTrait>(rows: Select<E>, order: &'a [(&'a str, Order)]) -> Self {
        Self {
            rows: rows.into_query(),
            table: Alias::new(E::default().table_name().to_owned()),
            column: column::<E>,
            order,
        }
    }

    /// Reads the same first or last page for each of several owners, by the column that names the owner. Of each owner it
    /// reads no more rows than the page has, if an index has the order.
    async fn ends(
        &self,
        db: &Reader,
        owner_column: &str,
        owners: Vec<String>,
        page: &Page,
    ) -> Result<HashMap<String, Slice<QueryResult>>, Error> {
        let (given, of_page) = ("owner", "of_page");
        let owner = Expr::col((given, "column1"));
        let is_embedded = db.get_database_backend() == DbBackend::Sqlite;
        let mut part = self.rows.clone();
        part.and_where((self.column)(owner_column).eq(owner.clone()))
            .limit(page.size.saturating_add(1));
        for (name, direction) in self.order {
            let direction = direction_of(direction, page.forward);
            part.order_by_expr((self.column)(name), direction);
        }
        let mut select = Query::select();
        select
            .column((of_page, Asterisk))
            .expr_as(owner.clone(), "page_owner")
            .from_values(owners.clone(), given);
        if is_embedded {
            // `SQLite` has no lateral join. It finds the keys of each owner's rows in the index, and then the rows.
            let keys = ["id", "since"];
            part.clear_selects().columns(keys);
            let key = Expr::tuple(keys.map(|name| Expr::col((of_page, name))));
            let is_in = Condition::all().add(key.in_subquery(part));
            select.join_as(JoinType::InnerJoin, self.table.clone(), of_page, is_in);
        } else {
            let always = Condition::all().add(Expr::value(true));
            select.join_lateral(JoinType::InnerJoin, part, of_page, always);
        }
        select.order_by_expr(owner, Order::Asc);
        for (name, direction) in self.order {
            let direction = direction_of(direction, page.forward);
            select.order_by((of_page, Alias::new(*name)), direction);
        }
        let mut slices: HashMap<String, Slice<QueryResult>> = HashMap::new();
        for row in db.query_all(&select).await? {
            let slice = slices
                .entry(row.try_get("", "page_owner")?)
                .or_insert_with(|| Slice {
                    total: None,
                    ..Slice::empty()
                });
            slice.rows.push(row);
        }
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        for slice in slices.values_mut() {
            let more = slice.rows.len() > size;
            slice.rows.truncate(size);
            slice.has_next = page.forward && more;
            slice.has_previous = !page.forward && more;
            if !page.forward {
                slice.rows.reverse();
            }
        }
        if page.count {
            for (owner, count) in self.counts(db, owner_column, owners).await? {
                if let Some(slice) = slices.get_mut(&owner) {
                    slice.total = Some(count);
                }
            }
        }
        Ok(slices)
    }

    /// The number of rows of each owner.
    async fn counts(
        &self,
        db: &Reader,
        owner_column: &str,
        owners: Vec<String>,
    ) -> Result<Vec<(String, u64)>, Error> {
        let owner = (self.column)(owner_column);
        let mut counted = self.rows.clone();
        counted
            .clear_selects()
            .expr(owner.clone())
            .expr(Expr::col(Asterisk).count())
            .and_where(owner.clone().is_in(owners))
            .add_group_by([owner]);
        let mut found = Vec::new();
        for row in db.query_all(&counted).await? {
            let count: i64 = row.try_get_by_index(1)?;
            found.push((row.try_get_by_index(0)?, u64::try_from(count).unwrap_or(0)));
        }
        Ok(found)
    }

    /// Reads a page. Its bounds are sort keys.
    pub async fn page(&self, db: &Reader, page: &Page) -> Result<Slice<QueryResult>, Error> {
        let mut part = self.rows.clone();
        for (bound, after) in [(&page.after, true), (&page.before, false)] {
            if let Some(bound) = bound {
                check_key(self.order, bound)?;
                part.cond_where(self.beyond(bound, after)?);
            }
        }
        for (name, direction) in self.order {
            let direction = direction_of(direction, page.forward);
            part.order_by_expr((self.column)(name), direction);
        }
        let mut rows = db
            .query_all(part.limit(page.size.saturating_add(1)))
            .await?;
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if !page.forward {
            rows.reverse();
        }
        let mut outside = [false, false];
        for ((bound, after), answer) in [(&page.after, false), (&page.before, true)]
            .into_iter()
            .zip(&mut outside)
        {
            if let Some(bound) = bound {
                let mut beyond = self.rows.clone();
                beyond.cond_where(self.beyond_or_at(bound, after)?).limit(1);
                *answer = db.query_one(&beyond).await?.is_some();
            }
        }
        let [before, after] = outside;
        let total = if page.count {
            Some(self.count(db).await?)
        } else {
            None
        };
        Ok(Slice {
            rows,
            has_next: after || (page.forward && more),
            has_previous: before || (!page.forward && more),
            total,
        })
    }

    async fn count(&self, db: &Reader) -> Result<u64, Error> {
        let name = "number";
        let select = Query::select()
            .expr_as(Expr::col(Asterisk).count(), name)
            .from_subquery(self.rows.clone(), "whole")
            .to_owned();
        let row = db.query_one(&select).await?;
        let number: Option<i64> = row.map(|row| row.try_get("", name)).transpose()?;
        Ok(u64::try_from(number.unwrap_or_default()).unwrap_or_default())
    }

    /// Condition for the rows after a key, or before it.
    fn beyond(&self, key: &[Value], after: bool) -> Result<Condition, Error> {
        let mut any = Condition::any();
        let mut equal = Condition::all();
        for ((name, direction), value) in self.order.iter().zip(key) {
            let value = sql(value)?;
            let column = (self.column)(name);
            let ascends = (*direction == Order::Asc) == after;
            let further = if ascends {
                column.clone().gt(value.clone())
            } else {
                column.clone().lt(value.clone())
            };
            any = any.add(equal.clone().add(further));
            equal = equal.add(column.eq(value));
        }
        Ok(any)
    }

    fn beyond_or_at(&self, key: &[Value], after: bool) -> Result<Condition, Error> {
        let mut at = Condition::all();
        for ((name, _), value) in self.order.iter().zip(key) {
            at = at.add((self.column)(name).eq(sql(value)?));
        }
        Ok(Condition::any().add(self.beyond(key, after)?).add(at))
    }
}

/// The direction in which a page is read: backward pages are read from the end.
fn direction_of(order: &Order, forward: bool) -> Order {
    if (*order == Order::Asc) == forward {
        Order::Asc
    } else {
        Order::Desc
    }
}

/// The text in a column of a row; `None` if it has none.
pub(super) fn text<M: ModelTrait>(row: &M, name: &str) -> Option<String> {
    let column = <M::Entity as EntityTrait>::Column::from_str(name).ok()?;
    match row.get(column) {
        SqlValue::String(text) => text,
        _ => None,
    }
}

fn key_of<M: ModelTrait>(row: &M, order: &[(&str, Order)]) -> Result<Arc<[Value]>, Error> {
    let value = |(name, _): &(&str, Order)| {
        let column = <M::Entity as EntityTrait>::Column::from_str(name).ok();
        match column.map(|column| row.get(column)) {
            Some(SqlValue::String(Some(text))) => Ok(Value::String(text)),
            Some(SqlValue::BigInt(Some(number))) => Ok(number.into()),
            _ => Err(Error::Unreadable(format!(
                "the column {name} cannot be a sort key"
            ))),
        }
    };
    order.iter().map(value).collect()
}

/// Checks that a key fits an order: one value per column, a number for `since` and a text for every other column.
pub(super) fn check_key(order: &[(&str, Order)], key: &[Value]) -> Result<(), Error> {
    let fits = |((name, _), value): (&(&str, Order), &Value)| (*name == "since") == value.is_i64();
    if order.len() == key.len() && order.iter().zip(key).all(fits) {
        Ok(())
    } else {
        let path = Path::default().then("after or before");
        let message = "expected a cursor that this list returned";
        Err(path.finding(Code::Invalid, message).into())
    }
}

fn sql(value: &Value) -> Result<SqlValue, Error> {
    match value {
        Value::String(text) => Ok(text.clone().into()),
        Value::Number(number) if number.is_i64() => Ok(number.as_i64().into()),
        _ => Err(Error::Unreadable(
            "a list cursor whose key is neither text nor integer".to_owned(),
        )),
    }
}
