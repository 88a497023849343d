//! Treaty events: the entity, and what it is looked up by.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Condition, ExprTrait, Order, Query};
use sea_orm::{Iterable, QueryOrder};
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::list::Listed;
use super::load::Of;
use super::moment::{At, Moment, column};
use super::record::{Noun, entity};
use domain::date::{Day, PartialDate};
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

/// Which events are wanted; what is left out does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Under this treaty.
    pub treaty: Option<TreatyReference>,
    /// Of one of these countries.
    pub countries: Option<Vec<CountryCode>>,
    /// Of one of these kinds.
    pub kinds: Option<Vec<TreatyEventKind>>,
    /// Done on this day or later, as far as its date tells.
    pub from: Option<Day>,
    /// Done on this day or earlier, as far as its date tells.
    pub to: Option<Day>,
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
}

/// The events of some kinds.
fn of_kinds(are_meant: fn(TreatyEventKind) -> bool) -> Condition {
    let kinds = TreatyEventKind::iter().filter(|kind| are_meant(*kind));
    Condition::all().add(column::<Entity>("kind").is_in(kinds))
}

pub(super) fn deciding() -> Condition {
    of_kinds(TreatyEventKind::decides)
}

/// Those that stand beside a status, and all others that say what a page printed and decide nothing.
fn beside() -> Condition {
    let reports = Condition::all()
        .add(column::<Entity>("reported_label").is_not_null())
        .add(of_kinds(|kind| !kind.decides()));
    Condition::any()
        .add(of_kinds(TreatyEventKind::stands_beside))
        .add(reports)
}

/// Some events of what a column names.
macro_rules! events {
    ($( $(#[$doc:meta])* $name:ident: $among:ident by $column:ident: $key:ty, )+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Hash)]
            pub struct $name;

            impl Of for $name {
                type Noun = Entity;
                type Key = $key;
                const COLUMN: &str = stringify!($column);
                fn among() -> Condition {
                    $among()
                }
                fn key(row: &Model) -> Option<$key> {
                    Some(row.$column.clone())
                }
            }
        )+
    };
}

events! {
    /// The events of a country that decide where it stands.
    DecidingOfCountry: deciding by country: CountryCode,
    /// The events of a country that stand beside where it stands.
    BesideOfCountry: beside by country: CountryCode,
    /// The events of a treaty that decide where countries stand.
    DecidingOfTreaty: deciding by treaty: TreatyReference,
}

/// The entries into force, of those written by a change from `first` on, that come before every consent
/// that is known of the same country to the same treaty.
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
