//! All records of all kinds as one list, sorted by id.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::QueryFilter;
use sea_orm::sea_query::{ExprTrait, Order};

use super::Store;
use super::error::Error;
use super::list::{SortedQuery, check_key};
use super::moment::{Moment, column};
use super::page::{Page, Slice};
use super::record::{Noun, of_kind};
use super::touched::Touched;
use crate::load::Key;
use domain::record::{Kind, RecordId};
use domain::text::CountryCode;

static BY_ID: [(&str, Order); 1] = [("id", Order::Asc)];

/// Loader key for a page of the ids of all records of some kinds and countries at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Records {
    /// The moment.
    pub moment: Moment,
    /// The kinds.
    pub kinds: Vec<Kind>,
    /// The countries to which the records belong; `None` for all records.
    pub countries: Option<Vec<CountryCode>>,
    /// The page.
    pub page: Page,
}

impl Records {
    /// Checks that the bounds of the page are positions in the list.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub fn check(&self) -> Result<(), Error> {
        let mut bounds = [&self.page.after, &self.page.before].into_iter().flatten();
        bounds.try_for_each(|bound| check_key(&BY_ID, bound))
    }

    /// The rows of one kind; `None` if a country is required and records of the kind belong to no country.
    fn rows<E: Noun>(&self) -> Option<SortedQuery<'static>> {
        let mut whole = E::find().filter(self.moment.filter::<E>());
        if let Some(countries) = &self.countries {
            let of = column::<E>(E::COUNTRY?);
            whole = whole.filter(of.is_in(countries.iter().cloned()));
        }
        Some(SortedQuery::of(whole, &BY_ID))
    }

    async fn read(&self, store: &Store) -> Result<Slice<RecordId>, Error> {
        let page = &self.page;
        let mut whole = Slice::empty();
        for kind in &self.kinds {
            let rows = of_kind!(*kind, E => self.rows::<E>());
            let Some(rows) = rows else { continue };
            let part = rows.page(store.reader(), page).await?;
            for row in &part.rows {
                whole.rows.push(row.try_get("", "id")?);
            }
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

#[async_trait::async_trait]
impl Key for Records {
    type Value = Arc<Slice<RecordId>>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let mut found = HashMap::new();
        for key in keys {
            found.insert(key.clone(), key.read(store).await?.into());
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.rows.len()
    }

    fn moment(&self) -> Option<Moment> {
        Some(self.moment)
    }

    fn at(&self, moment: Moment) -> Self {
        Self {
            moment,
            ..self.clone()
        }
    }

    fn after(&self, before: &Self::Value, changes: &Touched) -> Option<Self::Value> {
        let mut kinds = self.kinds.iter();
        (!kinds.any(|kind| changes.has_kind(*kind))).then(|| Arc::clone(before))
    }
}
