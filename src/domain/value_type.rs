//! The types that a field can have, and the macros that declare them.

use async_graphql::InputType;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::check::{Code, Finding, Path};
use super::date::{Day, PartialDate};
use super::language::Language;
use super::link::Link;
use super::prose::{composed, text_faults};
use super::record::RecordId;
use super::text::{CountryCode, Markdown, Raw, TreatyReference};

/// Maximum number of elements in one list.
pub const MAX_LIST: usize = 200;

/// A type that a field can have.
pub trait Known: Serialize + DeserializeOwned {
    /// Type of the field in an input; scalars keep their raw text.
    type Input: InputType;
    /// Type of a member of a structured input: optional where the value is.
    type Given: InputType;
    /// True if a record must have a value.
    const REQUIRED: bool = true;
    /// Members that identify an element of a list; empty means the whole element.
    const KEY: &'static [&'static str] = &[];
    /// Members that identify the elements of this list type; `None` for a type that is not a list.
    const ELEMENTS: Option<&'static [&'static str]> = None;

    /// Returns the JSON value of a field without a value.
    fn empty() -> Value {
        Value::Null
    }

    /// Returns the value with its texts in the stored form, Unicode Normalization Form C.
    #[must_use]
    fn composed(self) -> Self {
        self
    }

    /// Adds the faults of a value that has the right type.
    fn faults(&self, _path: &Path, _found: &mut Vec<Finding>) {}
}

macro_rules! known {
    ($($type:ty => $input:ty),+ $(,)?) => { $(
        impl $crate::value_type::Known for $type {
            type Input = $input;
            type Given = $input;
        }
    )+ };
}
pub(crate) use known;

/// Declares an enum as a field type, stored and serialised by its names in capitals.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $words:ident { $( $(#[$word_doc:meta])* $word:ident, )+ }
    ) => {
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, async_graphql::Enum,
            sea_orm::DeriveActiveEnum, sea_orm::EnumIter, serde::Serialize, serde::Deserialize,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        $(#[$doc])*
        pub enum $words {
            $( $(#[$word_doc])* $word, )+
        }
        $crate::value_type::known! { $words => $words }
    };
}
pub(crate) use words;

known! {
    bool => bool,
    i32 => i32,
    Day => Raw<Day>,
    PartialDate => Raw<PartialDate>,
    CountryCode => Raw<CountryCode>,
    TreatyReference => Raw<TreatyReference>,
    Language => Raw<Language>,
    Link => Raw<Link>,
    RecordId => Raw<RecordId>,
}

impl Known for String {
    type Input = Self;
    type Given = Self;
    fn composed(self) -> Self {
        composed(self)
    }
    fn faults(&self, path: &Path, found: &mut Vec<Finding>) {
        text_faults(self, path, found);
    }
}

impl Known for Markdown {
    type Input = Self;
    type Given = Self;
    fn composed(self) -> Self {
        Self(composed(self.0))
    }
    fn faults(&self, path: &Path, found: &mut Vec<Finding>) {
        text_faults(&self.0, path, found);
    }
}

impl<T: Known> Known for Option<T> {
    type Input = T::Input;
    type Given = Option<T::Input>;
    const REQUIRED: bool = false;
    const ELEMENTS: Option<&'static [&'static str]> = T::ELEMENTS;
    fn composed(self) -> Self {
        self.map(Known::composed)
    }
    fn faults(&self, path: &Path, found: &mut Vec<Finding>) {
        if let Some(value) = self {
            value.faults(path, found);
        }
    }
}

/// A list as one value of a record, stored in the given order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct List<T>(pub Vec<T>);

impl<T> std::ops::Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Known> Known for List<T> {
    type Input = Vec<T::Input>;
    type Given = Option<Vec<T::Input>>;
    const REQUIRED: bool = false;
    const ELEMENTS: Option<&'static [&'static str]> = Some(T::KEY);
    fn empty() -> Value {
        Value::Array(Vec::new())
    }
    fn composed(self) -> Self {
        Self(self.0.into_iter().map(Known::composed).collect())
    }
    fn faults(&self, path: &Path, found: &mut Vec<Finding>) {
        if self.len() > MAX_LIST {
            found.push(path.finding(Code::Invalid, format!("has more than {MAX_LIST} elements")));
            return;
        }
        for (at, value) in self.iter().enumerate() {
            value.faults(&path.then(at), found);
        }
    }
}

/// Deserialises an optional boolean of which only true is stored; its absence means false.
///
/// # Errors
/// The value is neither true, false nor null.
pub fn if_true<'de, D: Deserializer<'de>>(given: D) -> Result<Option<bool>, D::Error> {
    Ok(Option::deserialize(given)?.filter(|is_so| *is_so))
}
