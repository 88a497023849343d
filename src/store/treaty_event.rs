//! Treaty events: entity, loader keys and list filter.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Condition, ExprTrait, Order, Query};
use sea_orm::{Iterable, QueryOrder};
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::list::Listed;
use super::load::Of;
use super::moment::{At, Moment, column};
use super::record::{Noun, entity};
use domain::date::{Date, PartialDate};
use domain::institution::InstitutionFunction;
use domain::record::{Kind, RecordId};
use domain::text::{CountryCode, TreatyReference};
use domain::treaty_event::{TreatyEventKind, fields};
use domain::value_type::List;

fields!(entity);

impl Noun for Entity {
    const KIND: Kind = Kind::TreatyEvent;
    const COUNTRY: Option<&str> = Some("country");
}

/// Filter of treaty events; the list is sorted by earliest date. A field that is `None` does not restrict the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Events under this treaty.
    pub treaty: Option<TreatyReference>,
    /// Events of one of these countries.
    pub countries: Option<Vec<CountryCode>>,
    /// Events of one of these kinds.
    pub kinds: Option<Vec<TreatyEventKind>>,
    /// Events that may have occurred on this day or later.
    pub from: Option<Date>,
    /// Events that may have occurred on this day or earlier.
    pub to: Option<Date>,
}

impl Listed for Filter {
    type Noun = Entity;

    fn condition(&self, _at: At) -> Condition {
        let mut all = Condition::all();
        if let Some(treaty) = &self.treaty {
            all = all.add(column::<Entity>("treaty").eq(treaty.clone()));
        }
        if let Some(countries) = &self.countries {
            all = all.add(column::<Entity>("country").is_in(countries.clone()));
        }
        if let Some(kinds) = &self.kinds {
            all = all.add(column::<Entity>("kind").is_in(kinds.clone()));
        }
        if let Some(from) = self.from {
            all = all.add(column::<Entity>("latest").gte(from.to_string()));
        }
        if let Some(to) = self.to {
            all = all.add(column::<Entity>("earliest").lte(to.to_string()));
        }
        all
    }

    fn order(&self) -> (&'static str, Order) {
        ("earliest", Order::Asc)
    }

    fn is_own(&self) -> bool {
        true
    }
}

/// Condition for events of the kinds that `are_meant` accepts.
fn of_kinds(are_meant: fn(TreatyEventKind) -> bool) -> Condition {
    let kinds = TreatyEventKind::iter().filter(|kind| are_meant(*kind));
    Condition::all().add(column::<Entity>("kind").is_in(kinds))
}

/// Condition for events that decide a status.
pub(super) fn deciding() -> Condition {
    of_kinds(TreatyEventKind::decides)
}

/// Condition for events that accompany a status, and for all others that report a printed label and decide no status.
fn accompanying() -> Condition {
    let reports = Condition::all()
        .add(column::<Entity>("reported_label").is_not_null())
        .add(of_kinds(|kind| !kind.decides()));
    Condition::any()
        .add(of_kinds(TreatyEventKind::accompanies_status))
        .add(reports)
}

/// True for a row that [`deciding`] accepts.
fn decides(row: &Model) -> bool {
    row.kind.decides()
}

/// True for a row that [`accompanying`] accepts.
fn accompanies(row: &Model) -> bool {
    row.kind.accompanies_status() || (row.reported_label.is_some() && !row.kind.decides())
}

/// Declares loader keys for a part of the events, by one column.
macro_rules! events {
    ($( $(#[$doc:meta])* $name:ident: $filter:ident, $accepts:ident by $column:ident: $key:ty, )+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Hash)]
            pub struct $name;

            impl Of for $name {
                type Noun = Entity;
                type Key = $key;
                const COLUMN: &str = stringify!($column);
                fn filter() -> Condition {
                    $filter()
                }
                fn accepts(row: &Model) -> bool {
                    $accepts(row)
                }
                fn key(row: &Model) -> Option<$key> {
                    Some(row.$column.clone())
                }
            }
        )+
    };
}

events! {
    /// Loader key for the events of a country that decide its status.
    DecidingOfCountry: deciding, decides by country: CountryCode,
    /// Loader key for the events of a country that accompany its status.
    AccompanyingOfCountry: accompanying, accompanies by country: CountryCode,
    /// Loader key for the events of a treaty that decide the status of countries.
    DecidingOfTreaty: deciding, decides by treaty: TreatyReference,
}

/// Finds entries into force that come before every known consent of the same country to the same treaty.
/// Looks only at events written by the change `first` or a later one; an event without any known consent is not
/// returned.
pub(super) async fn in_force_before_consent<C: ConnectionTrait>(
    db: &C,
    first: i64,
) -> Result<Vec<RecordId>, Error> {
    let consents: Vec<TreatyEventKind> = TreatyEventKind::iter()
        .filter(|kind| kind.is_consent())
        .collect();
    let consent = Alias::new("consent");
    let of = |name: &str| Expr::col((consent.clone(), Alias::new(name)));
    let same = || {
        Query::select()
            .expr(Expr::value(1))
            .from_as(Entity, consent.clone())
            .and_where(of("country").eq(column::<Entity>("country")))
            .and_where(of("treaty").eq(column::<Entity>("treaty")))
            .and_where(of("until").is_null())
            .and_where(of("kind").is_in(consents.clone()))
            .to_owned()
    };
    let earlier = same()
        .and_where(of("earliest").lte(column::<Entity>("latest")))
        .to_owned();
    let rows = Entity::find()
        .filter(Moment::current::<Entity>())
        .filter(column::<Entity>("since").gte(first))
        .filter(column::<Entity>("kind").eq(TreatyEventKind::EntryIntoForce))
        .filter(Expr::exists(same()))
        .filter(Expr::exists(earlier).not())
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
