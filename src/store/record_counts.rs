//! Counts of the records that belong to a country.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};

use super::Store;
use super::error::Error;
use super::list::text;
use super::load::Key;
use super::moment::{Moment, column};
use super::record::{Noun, has_country, of_kind, word};
use super::touched::Touched;
use domain::record::Kind;
use domain::text::CountryCode;

/// Loader key for the number of records of each kind that belong to a country at a moment, the country itself left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordCounts {
    /// The code of the country.
    pub country: CountryCode,
    /// The moment.
    pub moment: Moment,
}

#[async_trait::async_trait]
impl Key for RecordCounts {
    type Value = Arc<[(Kind, u64)]>;
    const FOLLOWS_THE_LOG: bool = true;

    /// Executes one statement for each moment, for any number of countries.
    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let mut by_moment: HashMap<Moment, Vec<CountryCode>> = HashMap::new();
        for key in keys {
            let countries = by_moment.entry(key.moment).or_default();
            countries.push(key.country.clone());
        }
        let kinds: Vec<Kind> = Kind::all().filter(|kind| is_counted(*kind)).collect();
        let mut found = HashMap::new();
        for (moment, countries) in by_moment {
            let counts = counted(store, &kinds, &countries, moment).await?;
            for country in countries {
                let of = |kind: &Kind| {
                    let count = counts.get(&(word(kind), country.to_string()));
                    (*kind, count.copied().unwrap_or_default())
                };
                let counts = kinds.iter().map(of).collect();
                found.insert(RecordCounts { country, moment }, counts);
            }
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }

    fn moment(&self) -> Option<Moment> {
        Some(self.moment)
    }

    fn at(&self, moment: Moment) -> Self {
        let country = self.country.clone();
        Self { country, moment }
    }

    /// Adds the rows that began, and subtracts those that ended.
    fn after(&self, before: &Self::Value, changes: &Touched) -> Option<Self::Value> {
        let counts = before.iter().map(|(kind, count)| {
            let (begun, ended) = of_kind!(*kind, E => turnover::<E>(&self.country, changes));
            let count = count.saturating_add(begun).checked_sub(ended)?;
            Some((*kind, count))
        });
        counts.collect()
    }
}

/// The number of rows of a country that began and that ended with some changes.
fn turnover<E: Noun>(country: &CountryCode, changes: &Touched) -> (u64, u64) {
    let Some(column) = E::COUNTRY else {
        return (0, 0);
    };
    let country = country.to_string();
    let is_of = |row: &&Arc<E::Model>| text(row.as_ref(), column).as_ref() == Some(&country);
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    (
        number(changes.begun::<E>().filter(is_of).count()),
        number(changes.ended::<E>().filter(is_of).count()),
    )
}

/// True if records of the kind belong to a country and are not countries themselves.
fn is_counted(kind: Kind) -> bool {
    kind != Kind::Country && has_country(kind)
}

/// The number of records by kind and country.
async fn counted(
    store: &Store,
    kinds: &[Kind],
    countries: &[CountryCode],
    moment: Moment,
) -> Result<HashMap<(String, String), u64>, Error> {
    let mut parts = kinds
        .iter()
        .map(|kind| of_kind!(*kind, E => count::<E>(countries, moment)));
    let Some(mut whole) = parts.next() else {
        return Ok(HashMap::new());
    };
    for part in parts {
        whole.union(UnionType::All, part);
    }
    let mut found = HashMap::new();
    for row in store.reader().query_all(&whole).await? {
        let number: i64 = row.try_get_by_index(2)?;
        let of = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        found.insert(of, u64::try_from(number).unwrap_or_default());
    }
    Ok(found)
}

fn count<E: Noun>(countries: &[CountryCode], moment: Moment) -> SelectStatement {
    let country = column::<E>(E::COUNTRY.unwrap_or("id"));
    Query::select()
        .expr(Expr::value(word(&E::KIND)))
        .expr(country.clone())
        .expr(column::<E>("id").count())
        .from(E::default())
        .and_where(country.clone().is_in(countries.to_vec()))
        .cond_where(moment.filter::<E>())
        .add_group_by([country])
        .to_owned()
}
