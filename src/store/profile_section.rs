//! Profile sections: entity and loader key.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::load::Of;
use super::record::{Noun, entity};
use domain::language::Language;
use domain::profile_section::{ProfileTopic, SectionState, fields};
use domain::record::{Kind, RecordId};
use domain::text::{CountryCode, Markdown};

fields!(entity);

impl Noun for Entity {
    const KIND: Kind = Kind::ProfileSection;
    const COUNTRY: Option<&str> = Some("country");
}

/// Loader key for the profile sections of a country.
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
