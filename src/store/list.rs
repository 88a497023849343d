//! Reading lists page by page, by the key that their order is made of.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::str::FromStr;
use std::sync::Arc;

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Order, Query, WindowStatement};
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, ModelTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Value as SqlValue,
};
use serde_json::Value;

use super::Store;
use super::error::Error;
use super::moment::{At, column};
use super::page::{Page, Slice};
use super::record::Noun;
use crate::load::Key;
use domain::check::{Code, Path};

/// A list of a noun: which rows, and in which order.
pub trait Listed: Clone + Debug + PartialEq + Eq + Hash + Send + Sync + 'static {
    /// The noun.
    type Noun: Noun;

    /// Which rows, of those that stood at the moment.
    fn condition(&self, at: At) -> Condition;

    /// The columns it is sorted by; `id` follows.
    fn order(&self) -> (&'static str, Order);
}

/// A row of a noun.
type Model<L> = <<L as Listed>::Noun as EntityTrait>::Model;
/// A row, and the key by which it is sorted.
pub type Keyed<L> = (Arc<[Value]>, Arc<Model<L>>);

fn whole<L: Listed>(list: &L, at: At) -> Select<L::Noun> {
    L::Noun::find()
        .filter(at.moment.filter::<L::Noun>())
        .filter(list.condition(at))
}

fn order<L: Listed>(list: &L) -> [(&'static str, Order); 2] {
    [list.order(), ("id", Order::Asc)]
}

fn keyed<L: Listed>(
    slice: Slice<Model<L>>,
    order: &[(&str, Order)],
) -> Result<Arc<Slice<Keyed<L>>>, Error> {
    let keys: Result<Vec<Arc<[Value]>>, Error> =
        slice.rows.iter().map(|row| key_of(row, order)).collect();
    let mut keys = keys?.into_iter();
    let slice = slice.map(|row| (keys.next().unwrap_or_default(), Arc::new(row)));
    Ok(Arc::new(slice))
}

/// Finds that a page begins or ends at what is no place in a list.
///
/// # Errors
/// [`Error::Refused`]
pub fn check<L: Listed>(list: &L, page: &Page) -> Result<(), Error> {
    let order = order(list);
    let mut bounds = [&page.after, &page.before].into_iter().flatten();
    bounds.try_for_each(|bound| check_key(&order, bound))
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Whole<L> {
    /// The list.
    pub list: L,
    /// From when it is seen.
    pub at: At,
    /// Which page.
    pub page: Page,
}

impl<L: Listed> Key for Whole<L> {
    type Value = Arc<Slice<Keyed<L>>>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let mut found = HashMap::new();
        for key in keys {
            let order = order(&key.list);
            let rows = whole(&key.list, key.at);
            let slice = keyset(store.reader(), rows, &order, &key.page).await?;
            found.insert(key.clone(), keyed::<L>(slice, &order)?);
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.rows.len()
    }
}

/// A page of the part of a list that belongs to one record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Within<L> {
    /// The list.
    pub list: L,
    /// The column that names the record to which a row belongs.
    pub column: &'static str,
    /// How it names it.
    pub owner: String,
    /// From when it is seen.
    pub at: At,
    /// Which page.
    pub page: Page,
}

impl<L: Listed> Within<L> {
    /// What can be read together: the same page of the same list, seen from the same view.
    fn together(&self) -> (&L, &'static str, At, &Page) {
        (&self.list, self.column, self.at, &self.page)
    }
}

impl<L: Listed> Key for Within<L> {
    type Value = Arc<Slice<Keyed<L>>>;
    const FOLLOWS_THE_LOG: bool = true;

    /// One statement for all records, where the page begins at an end of the list; a cursor is of one
    /// record's list, and so is its statement.
    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let mut found = HashMap::new();
        let mut ends: Vec<&Within<L>> = Vec::new();
        for key in keys {
            if key.page.after.is_none() && key.page.before.is_none() {
                ends.push(key);
                continue;
            }
            let order = order(&key.list);
            let owned = column::<L::Noun>(key.column).eq(key.owner.clone());
            let part = whole(&key.list, key.at).filter(owned);
            let slice = keyset(store.reader(), part, &order, &key.page).await?;
            found.insert(key.clone(), keyed::<L>(slice, &order)?);
        }
        while let Some(first) = ends.first().copied() {
            let (same, others): (Vec<&Within<L>>, Vec<&Within<L>>) = ends
                .into_iter()
                .partition(|key| key.together() == first.together());
            let mut slices = at_ends(store, first, &same).await?;
            for key in same {
                let slice = slices.remove(&key.owner);
                found.insert(key.clone(), slice.unwrap_or_else(|| Slice::empty().into()));
            }
            ends = others;
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.rows.len()
    }
}

/// The same first or last page of the lists of several records.
async fn at_ends<L: Listed>(
    store: &Store,
    like: &Within<L>,
    keys: &[&Within<L>],
) -> Result<HashMap<String, Arc<Slice<Keyed<L>>>>, Error> {
    let (place, owner, total) = ("page_place", "page_owner", "page_total");
    let order = order(&like.list);
    let owners = keys.iter().map(|key| key.owner.clone());
    let of = || column::<L::Noun>(like.column);
    let mut part = whole(&like.list, like.at)
        .filter(of().is_in(owners))
        .into_query();
    let mut window = WindowStatement::partition_by_custom(format!("\"{}\"", like.column));
    for (name, direction) in &order {
        let direction = direction_of(direction, like.page.forward);
        window.order_by_expr(column::<L::Noun>(name), direction);
    }
    let alone = WindowStatement::partition_by_custom(format!("\"{}\"", like.column));
    part.expr_window_as(Expr::cust("ROW_NUMBER()"), window, place)
        .expr_window_as(Expr::cust("COUNT(*)"), alone, total)
        .expr_as(of(), owner);
    let most = i64::try_from(like.page.size).unwrap_or(i64::MAX);
    let page = Query::select()
        .column(sea_orm::sea_query::Asterisk)
        .from_subquery(part, "page")
        .and_where(Expr::col(place).lte(most))
        .order_by(owner, Order::Asc)
        .order_by(place, Order::Asc)
        .to_owned();
    let mut slices: HashMap<String, Slice<Model<L>>> = HashMap::new();
    for row in store.reader().query_all(&page).await? {
        let all: i64 = row.try_get("", total)?;
        let all = u64::try_from(all).unwrap_or_default();
        let slice = slices
            .entry(row.try_get("", owner)?)
            .or_insert_with(Slice::empty);
        slice.total = Some(all);
        let more = all > like.page.size;
        slice.has_next = like.page.forward && more;
        slice.has_previous = !like.page.forward && more;
        slice.rows.push(Model::<L>::from_query_result(&row, "")?);
    }
    let mut found = HashMap::new();
    for (owner, mut slice) in slices {
        if !like.page.forward {
            slice.rows.reverse();
        }
        found.insert(owner, keyed::<L>(slice, &order)?);
    }
    Ok(found)
}

/// A page of rows by the key that their order is made of.
pub(super) async fn keyset<E: EntityTrait>(
    db: &sea_orm::DatabaseConnection,
    whole: Select<E>,
    order: &[(&str, Order)],
    page: &Page,
) -> Result<Slice<E::Model>, Error>
where
    E::Model: Send + Sync,
{
    let mut part = whole.clone();
    for (bound, after) in [(&page.after, true), (&page.before, false)] {
        if let Some(bound) = bound {
            check_key(order, bound)?;
            part = part.filter(beyond::<E>(order, bound, after)?);
        }
    }
    for (name, direction) in order {
        part = part.order_by(column::<E>(name), direction_of(direction, page.forward));
    }
    let mut rows = part.limit(page.size.saturating_add(1)).all(db).await?;
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
            let beyond = beyond_or_at::<E>(order, bound, after)?;
            *answer = whole
                .clone()
                .filter(beyond)
                .limit(1)
                .one(db)
                .await?
                .is_some();
        }
    }
    let [before, after] = outside;
    let total = if page.count {
        Some(whole.count(db).await?)
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

/// The direction in which a page is read: backward pages are read from the end.
fn direction_of(order: &Order, forward: bool) -> Order {
    if (*order == Order::Asc) == forward {
        Order::Asc
    } else {
        Order::Desc
    }
}

fn key_of<M: ModelTrait>(row: &M, order: &[(&str, Order)]) -> Result<Arc<[Value]>, Error> {
    let value = |(name, _): &(&str, Order)| {
        let column = <M::Entity as EntityTrait>::Column::from_str(name).ok();
        match column.map(|column| row.get(column)) {
            Some(SqlValue::String(Some(text))) => Ok(Value::String(text)),
            Some(SqlValue::BigInt(Some(number))) => Ok(number.into()),
            _ => Err(Error::Unreadable(format!("nothing is sorted by {name}"))),
        }
    };
    order.iter().map(value).collect()
}

/// Finds that a key is none of this order: sequence numbers are numbers, and all else is text.
pub(super) fn check_key(order: &[(&str, Order)], key: &[Value]) -> Result<(), Error> {
    let fits = |((name, _), value): (&(&str, Order), &Value)| (*name == "since") == value.is_i64();
    if order.len() == key.len() && order.iter().zip(key).all(fits) {
        Ok(())
    } else {
        let path = Path::default().then("after or before");
        let message = "expected a cursor as this list gave it out";
        Err(path.finding(Code::Invalid, message).into())
    }
}

fn sql(value: &Value) -> Result<SqlValue, Error> {
    match value {
        Value::String(text) => Ok(text.clone().into()),
        Value::Number(number) if number.is_i64() => Ok(number.as_i64().into()),
        _ => Err(Error::Unreadable(
            "a list cursor with a strange key".to_owned(),
        )),
    }
}

/// The rows that come after a key, or before it.
fn beyond<E: EntityTrait>(
    order: &[(&str, Order)],
    key: &[Value],
    after: bool,
) -> Result<Condition, Error> {
    let mut any = Condition::any();
    let mut equal = Condition::all();
    for ((name, direction), value) in order.iter().zip(key) {
        let value = sql(value)?;
        let ascends = (*direction == Order::Asc) == after;
        let further = if ascends {
            column::<E>(name).gt(value.clone())
        } else {
            column::<E>(name).lt(value.clone())
        };
        any = any.add(equal.clone().add(further));
        equal = equal.add(column::<E>(name).eq(value));
    }
    Ok(any)
}

fn beyond_or_at<E: EntityTrait>(
    order: &[(&str, Order)],
    key: &[Value],
    after: bool,
) -> Result<Condition, Error> {
    let mut at = Condition::all();
    for ((name, _), value) in order.iter().zip(key) {
        at = at.add(column::<E>(name).eq(sql(value)?));
    }
    Ok(Condition::any()
        .add(beyond::<E>(order, key, after)?)
        .add(at))
}
