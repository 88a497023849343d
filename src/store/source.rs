//! Sources: the entity.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::record::{Noun, entity};
use crate::domain::date::{Day, PartialDate};
use crate::domain::record::{Kind, RecordId};
use crate::domain::source::{SourceKind, fields};
use crate::domain::text::{Language, Link};

fields!(entity);

impl Noun for Entity {
    const KIND: Kind = Kind::Source;
}
