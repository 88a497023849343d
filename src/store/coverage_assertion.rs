//! Coverage assertions: entity and loader key.

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::load::Of;
use super::record::{Noun, entity, word};
use domain::coverage_assertion::{CoverageTopic, CoverageValue, fields};
use domain::date::{Date, PartialDate};
use domain::record::{Kind, RecordId};
use domain::text::CountryCode;

fields!(entity);

impl Noun for Entity {
    const KIND: Kind = Kind::CoverageAssertion;
    const COUNTRY: Option<&str> = Some("country");
}

/// Loader key for the coverage assertions of a country.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OfCountry;

impl Of for OfCountry {
    type Noun = Entity;
    type Key = CountryCode;
    const COLUMN: &str = "country";
    fn key(row: &Model) -> Option<CountryCode> {
        Some(row.country.clone())
    }
}

/// Loader key for the coverage assertions on a topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OfTopic;

impl Of for OfTopic {
    type Noun = Entity;
    type Key = String;
    const COLUMN: &str = "topic";
    fn key(row: &Model) -> Option<String> {
        Some(word(&row.topic))
    }
}

/// The latest coverage assertion per topic among those that may have been made by the as-of date.
pub fn latest(rows: &[Arc<Model>], as_of: Date) -> BTreeMap<CoverageTopic, &Arc<Model>> {
    latest_by(rows, as_of, |row| row.topic)
}

/// The latest coverage assertion per country among those that may have been made by the as-of date.
pub fn latest_by_country(rows: &[Arc<Model>], as_of: Date) -> BTreeMap<&CountryCode, &Arc<Model>> {
    latest_by(rows, as_of, |row| &row.country)
}

fn latest_by<'a, K: Ord>(
    rows: &'a [Arc<Model>],
    as_of: Date,
    key: impl Fn(&'a Model) -> K,
) -> BTreeMap<K, &'a Arc<Model>> {
    let begun = |row: &&Arc<Model>| row.as_of.earliest().is_none_or(|day| day <= as_of);
    let mut latest: BTreeMap<K, &Arc<Model>> = BTreeMap::new();
    for row in rows.iter().filter(begun) {
        let newer = |other: &&Arc<Model>| {
            let [row, other] = [row, *other].map(|row| (&row.latest, &row.earliest, row.since));
            row > other
        };
        let key = key(row);
        if latest.get(&key).is_none_or(newer) {
            latest.insert(key, row);
        }
    }
    latest
}
