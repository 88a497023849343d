//! All records of all nouns as one list, by their ids.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::QueryFilter;
use sea_orm::sea_query::{ExprTrait, Order};

use super::Store;
use super::error::Error;
use super::list::{check_key, keyset};
use super::moment::{Moment, column};
use super::page::{Page, Slice};
use super::record::{Noun, Row, of_kind};
use crate::load::Key;
use domain::record::{Kind, RecordId};
use domain::text::CountryCode;

const BY_ID: [(&str, Order); 1] = [("id", Order::Asc)];

/// A page of the ids of all records of some nouns, and countries, that stood at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Records {
    /// When they stood.
    pub moment: Moment,
    /// The nouns.
    pub kinds: Vec<Kind>,
    /// The countries they belong to; all records where this is left out.
    pub countries: Option<Vec<CountryCode>>,
    /// Which page.
    pub page: Page,
}

impl Records {
    /// Finds that the page begins or ends at what is no place in the list.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub fn check(&self) -> Result<(), Error> {
        let mut bounds = [&self.page.after, &self.page.before].into_iter().flatten();
        bounds.try_for_each(|bound| check_key(&BY_ID, bound))
    }

    async fn read(&self, store: &Store) -> Result<Slice<RecordId>, Error> {
        let page = &self.page;
        let mut whole = Slice::empty();
        for kind in &self.kinds {
            let part = of_kind!(*kind, E => ids::<E>(store, self).await?);
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
}

async fn ids<E: Noun>(store: &Store, of: &Records) -> Result<Option<Slice<RecordId>>, Error> {
    let mut whole = E::find().filter(of.moment.filter::<E>());
    if let Some(countries) = &of.countries {
        let Some(name) = E::COUNTRY else {
            return Ok(None);
        };
        whole = whole.filter(column::<E>(name).is_in(countries.iter().cloned()));
    }
    let slice = keyset(store.reader(), whole, &BY_ID, &of.page).await?;
    Ok(Some(slice.map(|row| row.id().clone())))
}
