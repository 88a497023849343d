//! The types that a field can have, and the macros that declare them.

use async_graphql::InputType;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::check::{Code, Finding, Path};
use super::date::{Date, PartialDate};
use super::language::Language;
use super::record::RecordId;
use super::text::{CountryCode, Markdown, Raw, TreatyReference};
use super::text_rules::{check_text, composed};
use super::url::Url;
use super::value_form::ValueForm;

/// Maximum number of elements in one list.
pub const MAX_LIST: usize = 200;

/// A type that a field can have.
pub trait FieldValue: Serialize + DeserializeOwned {
    /// Type of the field in an input; scalars keep their raw text.
    type Input: InputType;
    /// Type of a member of a structured input: optional where the value is.
    type MemberInput: InputType;
    /// True if a record must have a value.
    const REQUIRED: bool = true;
    /// Members that identify an element of a list; empty means the whole element.
    const KEY: &'static [&'static str] = &[];
    /// Members that identify the elements of this list type; `None` for a type that is not a list.
    const ELEMENTS: Option<&'static [&'static str]> = None;

    /// Returns the form of the values.
    fn form() -> ValueForm;

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
    fn validate(&self, _path: &Path, _found: &mut Vec<Finding>) {}
}

macro_rules! field_types {
    ($($type:ty => $input:ty as $form:ident),+ $(,)?) => { $(
        impl FieldValue for $type {
            type Input = $input;
            type MemberInput = $input;
            fn form() -> ValueForm {
                ValueForm::$form
            }
        }
    )+ };
}

/// Declares an enum as a field type, stored and serialised by its names in capitals.
macro_rules! field_enum {
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
        impl $crate::value_type::FieldValue for $words {
            type Input = $words;
            type MemberInput = $words;
            fn form() -> $crate::value_form::ValueForm {
                let words = <$words as sea_orm::Iterable>::iter();
                let words = words.map(|word| sea_orm::ActiveEnum::to_value(&word));
                $crate::value_form::ValueForm::Word(words.collect())
            }
        }
    };
}
pub(crate) use field_enum;

field_types! {
    bool => bool as Boolean,
    i32 => i32 as Integer,
    Date => Raw<Date> as Day,
    PartialDate => Raw<PartialDate> as PartialDate,
    CountryCode => Raw<CountryCode> as Country,
    TreatyReference => Raw<TreatyReference> as Treaty,
    Language => Raw<Language> as Language,
    Url => Raw<Url> as Url,
    RecordId => Raw<RecordId> as Record,
}

impl FieldValue for String {
    type Input = Self;
    type MemberInput = Self;
    fn form() -> ValueForm {
        ValueForm::Text
    }
    fn composed(self) -> Self {
        composed(self)
    }
    fn validate(&self, path: &Path, found: &mut Vec<Finding>) {
        check_text(self, path, found);
    }
}

impl FieldValue for Markdown {
    type Input = Self;
    type MemberInput = Self;
    fn form() -> ValueForm {
        ValueForm::Text
    }
    fn composed(self) -> Self {
        Self(composed(self.0))
    }
    fn validate(&self, path: &Path, found: &mut Vec<Finding>) {
        check_text(&self.0, path, found);
    }
}

impl<T: FieldValue> FieldValue for Option<T> {
    type Input = T::Input;
    type MemberInput = Option<T::Input>;
    const REQUIRED: bool = false;
    const ELEMENTS: Option<&'static [&'static str]> = T::ELEMENTS;
    fn form() -> ValueForm {
        T::form()
    }
    fn composed(self) -> Self {
        self.map(FieldValue::composed)
    }
    fn validate(&self, path: &Path, found: &mut Vec<Finding>) {
        if let Some(value) = self {
            value.validate(path, found);
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

impl<T: FieldValue> FieldValue for List<T> {
    type Input = Vec<T::Input>;
    type MemberInput = Option<Vec<T::Input>>;
    const REQUIRED: bool = false;
    const ELEMENTS: Option<&'static [&'static str]> = Some(T::KEY);
    fn form() -> ValueForm {
        ValueForm::List(Box::new(T::form()))
    }
    fn empty() -> Value {
        Value::Array(Vec::new())
    }
    fn composed(self) -> Self {
        Self(self.0.into_iter().map(FieldValue::composed).collect())
    }
    fn validate(&self, path: &Path, found: &mut Vec<Finding>) {
        if self.len() > MAX_LIST {
            let message = format!("has {} elements: expected at most {MAX_LIST}", self.len());
            found.push(path.finding(Code::Invalid, message));
            return;
        }
        for (at, value) in self.iter().enumerate() {
            value.validate(&path.then(at), found);
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
