//! Reading lists page by page, by the key that their order is made of.

use sea_orm::sea_query::{Condition, ExprTrait, Order};
use sea_orm::{
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, Value as SqlValue,
};
use serde_json::Value;

use super::Store;
use super::error::Error;
use super::moment::{Moment, column};
use super::page::{Page, Slice};
use super::record::{Noun, Row, of_kind};
use crate::domain::record::{Kind, RecordId, camel_case};
use crate::domain::text::CountryCode;

/// A list of a noun: which rows, and in which order, which ends in the id.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Which rows, of those that stood at the moment.
    pub filter: Condition,
    /// The columns it is sorted by; `id` follows.
    pub order: Vec<(&'static str, Order)>,
}

impl Store {
    /// A page of a list as it was at a moment.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn list<E: Noun>(
        &self,
        moment: Moment,
        listing: Listing,
        page: &Page,
    ) -> Result<Slice<(Vec<Value>, E::Model)>, Error> {
        let mut order = listing.order;
        order.push(("id", Order::Asc));
        let whole = E::find()
            .filter(moment.filter::<E>())
            .filter(listing.filter);
        let slice = keyset(self.reader(), whole, &order, page).await?;
        let keys: Result<Vec<_>, Error> =
            slice.rows.iter().map(|row| key_of(row, &order)).collect();
        let mut keys = keys?.into_iter();
        Ok(slice.map(|row| (keys.next().unwrap_or_default(), row)))
    }

    /// A page of the ids of all records of some nouns, and countries, that stood at a moment.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn records(
        &self,
        moment: Moment,
        kinds: &[Kind],
        countries: Option<&[CountryCode]>,
        page: &Page,
    ) -> Result<Slice<RecordId>, Error> {
        let mut whole = Slice {
            rows: Vec::new(),
            has_next: false,
            has_previous: false,
            total: None,
        };
        for kind in kinds {
            let part = of_kind!(*kind, E => ids::<E>(self, moment, countries, page).await?);
            let Some(part) = part else { continue };
            whole.rows.extend(part.rows);
            whole.has_next |= part.has_next;
            whole.has_previous |= part.has_previous;
            let counted = part
                .total
                .map(|count| count.saturating_add(whole.total.unwrap_or(0)));
            whole.total = counted.or(whole.total);
        }
        whole.rows.sort_unstable();
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let surplus = whole.rows.len().saturating_sub(size);
        if surplus > 0 && page.forward {
            whole.rows.truncate(size);
            whole.has_next = true;
        } else if surplus > 0 {
            whole.rows.drain(..surplus);
            whole.has_previous = true;
        }
        Ok(whole)
    }
}

async fn ids<E: Noun>(
    store: &Store,
    moment: Moment,
    countries: Option<&[CountryCode]>,
    page: &Page,
) -> Result<Option<Slice<RecordId>>, Error> {
    let mut whole = E::find().filter(moment.filter::<E>());
    if let Some(countries) = countries {
        let Some(of) = E::COUNTRY else {
            return Ok(None);
        };
        whole = whole.filter(column::<E>(of).is_in(countries.iter().cloned()));
    }
    let slice = keyset(store.reader(), whole, &[("id", Order::Asc)], page).await?;
    Ok(Some(slice.map(|row| row.id().clone())))
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
            part = part.filter(beyond::<E>(order, bound, after)?);
        }
    }
    for (name, direction) in order {
        let direction = if page.forward {
            direction.clone()
        } else {
            reverse(direction)
        };
        part = part.order_by(column::<E>(name), direction);
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

fn reverse(order: &Order) -> Order {
    if *order == Order::Asc {
        Order::Desc
    } else {
        Order::Asc
    }
}

fn key_of<R: Row>(row: &R, order: &[(&str, Order)]) -> Result<Vec<Value>, Error> {
    let whole = serde_json::to_value(row)?;
    let value =
        |(name, _): &(&str, Order)| whole.get(camel_case(name)).cloned().unwrap_or_default();
    Ok(order.iter().map(value).collect())
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
