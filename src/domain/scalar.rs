//! The scalars of `domain` as GraphQL has them. As input a scalar is [`Raw`]: any text is taken, and
//! read where a finding can name its place.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::str::FromStr;

use async_graphql::{
    ID, InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value, registry,
};
use chrono::{DateTime, Datelike, SecondsFormat, Utc};

use crate::date::{Day, PartialDate};
use crate::language::{Language, Wanted};
use crate::link::Link;
use crate::record::RecordId;
use crate::text::{CountryCode, Malformed, Markdown, Raw, TreatyReference, Written};

/// An instant, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(pub DateTime<Utc>);

impl Written for Instant {
    const FORM: &'static str = "an instant of RFC 3339, like \u{201c}2026-02-23T09:30:00Z\u{201d}";
}

impl FromStr for Instant {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|instant| instant.to_utc())
            .filter(|instant| instant.year() >= 1)
            .map(Self)
            .ok_or_else(|| Malformed::new::<Self>(text))
    }
}

impl Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// Where the change log was read to. Opaque: it holds the database, a sequence number and a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

impl Written for Cursor {
    const FORM: &'static str = "a cursor as this service gave it out";
}

impl FromStr for Cursor {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        Ok(Self(text.to_owned()))
    }
}

impl Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! scalars {
    ($( $(#[$doc:meta])* $name:literal: $type:ty, )+) => { $(
        $(#[$doc])*
        #[Scalar(name = $name)]
        impl ScalarType for $type {
            fn parse(value: Value) -> InputValueResult<Self> {
                match value {
                    Value::String(text) => {
                        text.parse().map_err(|error: Malformed| error.to_string().into())
                    }
                    other => Err(InputValueError::expected_type(other)),
                }
            }
            fn to_value(&self) -> Value {
                Value::String(self.to_string())
            }
        }
    )+ };
}

scalars! {
    /// ISO 3166-1 alpha-2, user-assigned `XK`, and reserved `EU`. Read in either case.
    "CountryCode": CountryCode,
    /// What a depositary calls a treaty: `ETS 185`. `ETS185`, `ets-185` and `ETS No. 185` are read
    /// as the same.
    "TreatyReference": TreatyReference,
    /// A language tag of BCP 47: `en`, `az-Latn`, `de-1996`. Read in any case. As an argument it is a wanted language,
    /// which may also be a language range of RFC 4647: `*`, `de-*`.
    ///
    /// Wanted languages are looked up as RFC 4647, section 3.4 says: in their order, and each without its last parts
    /// where it is not there as it is, so that `fr-CA` finds `fr`. Where this finds none of them, a text in a narrower
    /// language is taken: `en` finds `en-GB`. Where that finds none either, the text is the one in English, else the
    /// original, else the first. `*` alone finds just that.
    "Language": Language,
    /// A calendar day as RFC 3339 full-date, UTC: `2010-03-15`.
    "Date": Day,
    /// An instant as RFC 3339, in UTC: `2026-02-23T09:30:00Z`.
    "DateTime": Instant,
    /// A date as exact as its source, in a subset of EDTF level 1: `2010-03-15`, `2010-03`, `2010`,
    /// `2014/2020`, `2014/..`, `../2021`, `2014~`, `2014?`. Source: ISO 8601-2.
    "Edtf": PartialDate,
    /// A position in the change log. Opaque: database, sequence and a digest. The same value in
    /// changes, subscriptions and ids of past states.
    "Cursor": Cursor,
    /// An absolute `http` or `https` address of at most 2,000 characters, as it was written. It has no user name and
    /// password, no backslashes, no spaces and control characters, and no characters that cannot be seen; its host
    /// is written as it is looked up.
    "URL": Link,
}

/// Text in Markdown (`CommonMark`), as it was written: clean it before you show it as HTML.
#[Scalar(name = "Markdown")]
impl ScalarType for Markdown {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A place in the change log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence(pub i64);

/// A place in the change log, counted from 1 without gaps. A whole number up to 2^53, as a JSON
/// number.
#[Scalar(name = "Sequence")]
impl ScalarType for Sequence {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) if number.as_i64().is_some_and(|number| number >= 0) => {
                Ok(Self(number.as_i64().unwrap_or_default()))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }
    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}

impl InputType for RecordId {
    type RawValueType = Self;
    fn type_name() -> Cow<'static, str> {
        <ID as InputType>::type_name()
    }
    fn create_type_info(registry: &mut registry::Registry) -> String {
        <ID as InputType>::create_type_info(registry)
    }
    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let id = <ID as InputType>::parse(value).map_err(InputValueError::propagate)?;
        id.parse()
            .map_err(|error: Malformed| error.to_string().into())
    }
    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl InputType for Wanted {
    type RawValueType = Self;
    fn type_name() -> Cow<'static, str> {
        <Language as InputType>::type_name()
    }
    fn create_type_info(registry: &mut registry::Registry) -> String {
        <Language as InputType>::create_type_info(registry)
    }
    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) => text
                .parse()
                .map_err(|error: Malformed| error.to_string().into()),
            other => Err(InputValueError::expected_type(other)),
        }
    }
    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<T: Written + InputType> InputType for Raw<T> {
    type RawValueType = Self;
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }
    fn create_type_info(registry: &mut registry::Registry) -> String {
        T::create_type_info(registry)
    }
    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) => Ok(Self::new(text)),
            Value::Null => Err(InputValueError::expected_type(Value::Null)),
            other => Ok(Self::foreign(other.to_string())),
        }
    }
    fn to_value(&self) -> Value {
        Value::String(self.text().to_owned())
    }
    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// True for a scalar of this service whose values are strings: all but `Sequence`.
pub fn is_text(scalar: &str) -> bool {
    scalar != <Sequence as InputType>::type_name()
}
