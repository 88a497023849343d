//! Appends changes to the log.

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel};

use super::country;
use super::entity::{Entity, Model};
use crate::error::Error;
use crate::record::ROWS_PER_STATEMENT;
use domain::text::CountryCode;

/// Appends changes to the log, each with the countries it belongs to.
pub async fn append<C: ConnectionTrait>(
    db: &C,
    rows: impl IntoIterator<Item = (Model, Vec<CountryCode>)>,
) -> Result<(), Error> {
    let mut changes = Vec::new();
    let mut countries = Vec::new();
    for (row, of) in rows {
        let of = country_rows(row.sequence, of);
        countries.extend(of.map(country::Model::into_active_model));
        changes.push(row.into_active_model());
    }
    for some in changes.chunks(ROWS_PER_STATEMENT) {
        Entity::insert_many(some.to_vec())
            .exec_without_returning(db)
            .await?;
    }
    for some in countries.chunks(ROWS_PER_STATEMENT) {
        country::Entity::insert_many(some.to_vec())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// The rows by which a change is found by its countries.
pub fn country_rows(
    sequence: i64,
    countries: Vec<CountryCode>,
) -> impl Iterator<Item = country::Model> {
    let countries = countries.into_iter();
    countries.map(move |country| country::Model { sequence, country })
}
