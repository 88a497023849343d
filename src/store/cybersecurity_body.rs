//! Cybersecurity bodies: entity.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::load::Of;
use super::record::{Noun, entity};
use domain::cybersecurity_body::{BodyKind, fields};
use domain::date::PartialDate;
use domain::institution::{InstitutionFunction, InstitutionStatus, institution, institutional};
use domain::localized_text::LocalizedText;
use domain::record::{Kind, RecordId};
use domain::text::CountryCode;
use domain::url::Url;
use domain::value_type::List;

fields!(entity);
institutional!(Model);

impl Noun for Entity {
    const KIND: Kind = Kind::CybersecurityBody;
    const COUNTRY: Option<&str> = Some("country");
}

/// Loader key for the bodies of a country.
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
