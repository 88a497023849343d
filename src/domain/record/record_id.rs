//! The ids of records.

use std::fmt::{self, Display};
use std::str::FromStr;

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

use super::kind::Kind;
use crate::text::{Malformed, written};

/// The readable and permanent id of a record: the kind, a colon and a key, as in `Country:az`.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType,
)]
#[serde(try_from = "String", into = "String")]
#[sea_orm(value_type = "String")]
pub struct RecordId {
    // The first field, because ids are sorted by their text.
    text: String,
    kind: Kind,
}
written!(
    RecordId,
    "a record id: its kind, a colon, and a key of 1 to 80 lower-case letters, digits and `-`, like \u{201c}Country:az\u{201d} or \u{201c}Treaty:ets-185\u{201d}"
);

/// Maximum number of characters in a key.
const MAX_KEY: usize = 80;

impl RecordId {
    /// Returns the id of the record with a kind and a key.
    ///
    /// # Errors
    /// [`Malformed`] unless the key consists of 1 to 80 lower-case letters, digits and `-`.
    pub fn new(kind: Kind, key: &str) -> Result<Self, Malformed> {
        format!("{kind}:{key}").parse()
    }

    /// Returns the kind of the record.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the key: the part after the colon.
    pub fn key(&self) -> &str {
        self.text.split_once(':').map_or("", |(_, key)| key)
    }

    /// Returns the whole id as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for RecordId {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new::<Self>(text);
        let (noun, key) = text.split_once(':').ok_or_else(malformed)?;
        let kind = Kind::all().find(|kind| kind.to_string() == noun);
        let letters = |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let fits = (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(letters);
        match kind {
            Some(kind) if fits => Ok(Self {
                kind,
                text: text.to_owned(),
            }),
            _ => Err(malformed()),
        }
    }
}

impl Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_consists_of_a_kind_and_a_key() {
        let id: RecordId = "TreatyEvent:az-ets-185-signature".parse().unwrap();
        assert_eq!(id.kind(), Kind::TreatyEvent);
        for text in [
            "",
            "Country",
            "Country:",
            "Country:AZ",
            "Planet:x",
            "Country:a b",
            "country:az",
        ] {
            assert!(text.parse::<RecordId>().is_err(), "{text}");
        }
        assert!(RecordId::new(Kind::Source, &"a".repeat(81)).is_err());
    }
}
