//! Appends changes to the log.

use sea_orm::IntoActiveModel;

use super::country;
use super::entity::Model;
use crate::write::Write;
use domain::text::CountryCode;

/// Appends changes to the log, each with the countries it belongs to.
pub(crate) fn append(tx: &Write, rows: impl IntoIterator<Item = (Model, Vec<CountryCode>)>) {
    let mut changes = Vec::new();
    let mut countries = Vec::new();
    for (row, of) in rows {
        let of = country_rows(row.sequence, of);
        countries.extend(of.map(country::Model::into_active_model));
        changes.push(row.into_active_model());
    }
    tx.insert_later(changes);
    tx.insert_later(countries);
}

/// The rows by which a change is found by its countries.
pub fn country_rows(
    sequence: i64,
    countries: Vec<CountryCode>,
) -> impl Iterator<Item = country::Model> {
    let countries = countries.into_iter();
    countries.map(move |country| country::Model { sequence, country })
}
