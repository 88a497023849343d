//! Cybersecurity bodies: the entity.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::institution::institution_row;
use super::record::{Noun, entity};
use domain::cybersecurity_body::{BodyKind, fields};
use domain::date::PartialDate;
use domain::institution::{InstitutionFunction, InstitutionStatus, institution};
use domain::link::Link;
use domain::localized_text::LocalizedText;
use domain::record::{Kind, RecordId};
use domain::text::CountryCode;
use domain::value_type::List;

fields!(entity);
institution_row!(Model);

impl Noun for Entity {
    const KIND: Kind = Kind::CybersecurityBody;
    const COUNTRY: Option<&str> = Some("country");
}
