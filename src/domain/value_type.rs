//! The types that a field can have, and how one is declared.

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

/// The most elements that one list may have.
pub const MAX_LIST: usize = 200;

/// A type that a field can have.
pub trait Known: Serialize + DeserializeOwned {
    /// What an input takes for it; scalars keep their raw text.
    type Input: InputType;
    /// The same as a member of a nested input: optional where the value is.
    type Given: InputType;
    /// Whether a record must have a value.
    const REQUIRED: bool = true;
    /// The members by which an element of a list is known; none: all of it.
    const KEY: &'static [&'static str] = &[];
    /// By what the elements of a list are known; `None` for what is no list.
    const ELEMENTS: Option<&'static [&'static str]> = None;

    /// How a field without a value is read.
    fn empty() -> Value {
        Value::Null
    }

    /// The value with its texts in the one form in which texts are kept.
    #[must_use]
    fn composed(self) -> Self {
        self
    }

    /// What is wrong with a value that has the right type.
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

/// Declares the words that a field can have: an enum, kept and written as its words.
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

/// A list as one value of a record: kept whole, in the order given.
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

/// Reads a statement that is only kept where it is true: it reads false without one.
///
/// # Errors
/// The value is neither true, false nor null.
pub fn if_true<'de, D: Deserializer<'de>>(given: D) -> Result<Option<bool>, D::Error> {
    Ok(Option::deserialize(given)?.filter(|is_so| *is_so))
}
