//! Pairs of a country and a treaty between which at least one treaty event exists, of any kind.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, EntityTrait};

use super::error::Error;
use super::moment::{Moment, column};
use super::touched::Touched;
use super::{Store, country, treaty, treaty_event};
use crate::load::Key;
use domain::record::Kind;
use domain::text::{CountryCode, TreatyReference};

/// The side of the pair that is given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// A country; the answer contains the treaties under which it acted.
    Country(CountryCode),
    /// A treaty; the answer contains the countries that acted under it.
    Treaty(TreatyReference),
}

/// Loader key for the pairs of a country and a treaty that at least one treaty event joins at a moment.
/// Sorted by country code, then treaty reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ParticipantsOf {
    /// The given country or treaty.
    pub side: Side,
    /// The moment.
    pub moment: Moment,
}

/// A country and a treaty under which it acted.
pub type Participant = (CountryCode, TreatyReference);

#[async_trait::async_trait]
impl Key for ParticipantsOf {
    type Value = Arc<[Participant]>;
    const FOLLOWS_THE_LOG: bool = true;

    /// Executes one statement for any number of keys and moments.
    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let mut found: Vec<(i64, Participant)> = Vec::new();
        for row in store.reader().query_all(&joined(keys)).await? {
            let pair = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            found.push((row.try_get_by_index(0)?, pair));
        }
        let of = |key: &ParticipantsOf| {
            let pairs = found.iter().filter(|(moment, (country, treaty))| {
                *moment == key.moment.0
                    && match &key.side {
                        Side::Country(code) => code == country,
                        Side::Treaty(reference) => reference == treaty,
                    }
            });
            pairs.map(|(_, pair)| pair.clone()).collect()
        };
        Ok(keys.iter().map(|key| (key.clone(), of(key))).collect())
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }

    fn moment(&self) -> Option<Moment> {
        Some(self.moment)
    }

    fn at(&self, moment: Moment) -> Self {
        let side = self.side.clone();
        Self { side, moment }
    }

    fn after(&self, before: &Self::Value, changes: &Touched) -> Option<Self::Value> {
        let mut events = changes.rows::<treaty_event::Entity>().iter();
        let is_of = |event: &Arc<treaty_event::Model>| match &self.side {
            Side::Country(code) => event.country == *code,
            Side::Treaty(reference) => event.treaty == *reference,
        };
        let is_changed =
            changes.has_kind(Kind::Country) || changes.has_kind(Kind::Treaty) || events.any(is_of);
        (!is_changed).then(|| Arc::clone(before))
    }
}

/// Selects the pairs of each moment that contain a wanted country or treaty, by code and reference.
/// For each pair the statement looks for one event, so that the cost does not grow with the number of its events.
fn joined(keys: &[ParticipantsOf]) -> SelectStatement {
    let code = column::<country::Entity>("code");
    let reference = column::<treaty::Entity>("reference");
    let moments: BTreeSet<i64> = keys.iter().map(|key| key.moment.0).collect();
    let moment = Expr::col(("moment", "column1"));
    let mut codes = Vec::new();
    let mut references = Vec::new();
    for key in keys {
        match &key.side {
            Side::Country(code) => codes.push(code.clone()),
            Side::Treaty(reference) => references.push(reference.clone()),
        }
    }
    let of_either = Condition::any()
        .add(code.clone().is_in(codes))
        .add(reference.clone().is_in(references));
    let event = Query::select()
        .expr(Expr::value(1))
        .from(treaty_event::Entity)
        .cond_where(valid_at::<treaty_event::Entity>(&moment))
        .and_where(column::<treaty_event::Entity>("country").eq(code.clone()))
        .and_where(column::<treaty_event::Entity>("treaty").eq(reference.clone()))
        .to_owned();
    Query::select()
        .expr(moment.clone())
        .expr(code.clone())
        .expr(reference.clone())
        .from_values(moments, "moment")
        .from(country::Entity)
        .from(treaty::Entity)
        .cond_where(valid_at::<country::Entity>(&moment))
        .cond_where(valid_at::<treaty::Entity>(&moment))
        .cond_where(of_either)
        .and_where(Expr::exists(event))
        .order_by_expr(code, Order::Asc)
        .order_by_expr(reference, Order::Asc)
        .to_owned()
}

/// Condition for the rows of a versioned table that are valid at a moment, where the moment is a column of the
/// statement.
fn valid_at<E: EntityTrait>(moment: &Expr) -> Condition {
    let until = column::<E>("until");
    Condition::all()
        .add(column::<E>("since").lte(moment.clone()))
        .add(until.clone().is_null().or(until.gt(moment.clone())))
}
