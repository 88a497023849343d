//! Cybersecurity bodies: the entity.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::institution::institution_row;
use super::record::{Noun, entity};
use crate::domain::country::LocalizedText;
use crate::domain::cybersecurity_body::{BodyKind, fields};
use crate::domain::date::PartialDate;
use crate::domain::institution::{InstitutionFunction, InstitutionStatus, institution};
use crate::domain::noun::List;
use crate::domain::record::{Kind, RecordId};
use crate::domain::text::{CountryCode, Link};

fields!(entity);
institution_row!(Model);

impl Noun for Entity {
    const KIND: Kind = Kind::CybersecurityBody;
    const COUNTRY: Option<&str> = Some("country");
}
