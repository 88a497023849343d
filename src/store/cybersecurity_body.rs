//! Cybersecurity bodies: entity.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

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
