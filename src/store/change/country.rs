//! The countries by which changes of the log are found.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;

use crate::error::Error;
use domain::text::CountryCode;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_country")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub country: CountryCode,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The countries of the changes with sequence numbers from `first` to `last`, sorted.
pub async fn of_lines<C: ConnectionTrait>(
    db: &C,
    first: i64,
    last: i64,
) -> Result<HashMap<i64, Vec<CountryCode>>, Error> {
    let rows = Entity::find().filter(Column::Sequence.between(first, last));
    let mut found: HashMap<i64, Vec<CountryCode>> = HashMap::new();
    for row in rows.all(db).await? {
        found.entry(row.sequence).or_default().push(row.country);
    }
    for countries in found.values_mut() {
        countries.sort_unstable();
    }
    Ok(found)
}
