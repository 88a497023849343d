//! GraphQL scalars of the types of `domain`. An input scalar is [`Raw`]: it accepts any text, which is parsed later,
//! where a finding can name its path.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::str::FromStr;

use async_graphql::{
    ID, InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value, registry,
};
use chrono::{Datelike, SecondsFormat, Utc};

use crate::date::{Date, PartialDate};
use crate::language::{Language, LanguageRange};
use crate::record::RecordId;
use crate::text::{CountryCode, Malformed, Markdown, Raw, TreatyReference, Written};
use crate::url::Url;

/// An instant, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub chrono::DateTime<Utc>);

impl Written for DateTime {
    const FORM: &'static str = "an instant of RFC 3339, like \u{201c}2026-02-23T09:30:00Z\u{201d}";
}

impl FromStr for DateTime {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        chrono::DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|instant| instant.to_utc())
            .filter(|instant| instant.year() >= 1)
            .map(Self)
            .ok_or_else(|| Malformed::new::<Self>(text))
    }
}

impl Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// A position in the change log. Opaque: contains the id of the database, a sequence number and a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

impl Written for Cursor {
    const FORM: &'static str =
        "a cursor that this service returned, like that of `head { cursor }` or `Change.cursor`";
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
    ($( $(#[$doc:meta])* $name:literal: $type:ty, $url:literal; )+) => { $(
        $(#[$doc])*
        #[Scalar(name = $name, specified_by_url = $url)]
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
    )+
        /// Returns the form of the texts of a scalar; `None` for a scalar that accepts any text.
        fn text_form(scalar: &str) -> Option<&'static str> {
            match scalar {
                $( $name => Some(<$type as Written>::FORM), )+
                _ => None,
            }
        }
    };
}

scalars! {
    /// Country code: ISO 3166-1 alpha-2, the user-assigned code `XK`, or the reserved code `EU`. Input is read in
    /// upper or lower case. A code by which people mean another one (`UK`, `EL`, three letters, three digits) is an error
    /// that names the right one.
    "CountryCode": CountryCode, "https://www.iso.org/iso-3166-country-codes.html";
    /// Reference by which the depositary or publisher names a treaty: `ETS 185`. Three other spellings are read as
    /// the same reference: `ETS185`, `ets-185`, `ETS No. 185`.
    "TreatyReference": TreatyReference, "https://www.coe.int/en/web/conventions/full-list";
    /// Language tag of BCP 47: `en`, `az-Latn`, `de-1996`. Input is read in any case. In an argument it names a
    /// wanted language, and can also be a language range of RFC 4647: `*`, `de-*`.
    ///
    /// Each wanted language is looked up by RFC 4647, section 3.4, in the order of the list. If there is no text in
    /// it, its last subtags are removed one by one, so `fr-CA` finds `fr`. If lookup finds no text, a text in a
    /// narrower language is chosen: `en` finds `en-GB`. If that finds none either, the text is the English one, else
    /// the original, else the first. `*` alone gives the English text, else the original, else the first.
    "Language": Language, "https://www.rfc-editor.org/rfc/rfc5646";
    /// Calendar day in UTC, as RFC 3339 full-date: `2010-03-15`.
    "Date": Date, "https://www.rfc-editor.org/rfc/rfc3339#section-5.6";
    /// Instant in UTC, as RFC 3339: `2026-02-23T09:30:00Z`.
    "DateTime": DateTime, "https://www.rfc-editor.org/rfc/rfc3339#section-5.6";
    /// Date as exact as its source, in a subset of EDTF level 1: `2010-03-15`, `2010-03`, `2010`, `2014/2020`,
    /// `2014/..`, `../2021`, `2014~` (approximate), `2014?` (uncertain). Source: ISO 8601-2.
    "Edtf": PartialDate, "https://www.loc.gov/standards/datetime/";
    /// Position in the change log. Opaque: use it as you received it, and do not read or build it. It is valid only for
    /// the database that returned it. Changes, subscriptions and the ids of past states use the same values.
    "Cursor": Cursor, "https://relay.dev/graphql/connections.htm#sec-Cursor";
    /// Absolute `http` or `https` address of at most 2,000 characters, returned as it was written. It contains no
    /// user name, password, backslash, space, control character or invisible character. Its host is written as it is
    /// looked up.
    "URL": Url, "https://www.rfc-editor.org/rfc/rfc3986";
}

/// Text in Markdown (`CommonMark`), as it was written. Sanitise it before you show it as HTML.
#[Scalar(
    name = "Markdown",
    specified_by_url = "https://spec.commonmark.org/current/"
)]
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

/// Position of a change in the change log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence(pub i64);

/// Position of a change in the change log: 1, 2, 3 and so on, without gaps, in the order of commits. A whole number
/// up to 2^53, as a JSON number.
#[Scalar(
    name = "Sequence",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc7493#section-2.2"
)]
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

impl InputType for LanguageRange {
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

/// Returns the accepted values of a scalar of this service, as the end of a sentence that begins with "expected".
pub fn expected(scalar: &str) -> String {
    if !is_text(scalar) {
        return "a whole number that is not negative, like 1250".to_owned();
    }
    match text_form(scalar) {
        Some(form) => format!("a string with {form}"),
        None => "a string".to_owned(),
    }
}

/// True for a scalar of this service whose values are strings: all except `Sequence`.
pub fn is_text(scalar: &str) -> bool {
    scalar != <Sequence as InputType>::type_name()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<T: Written>(text: &str) -> String {
        let read = Raw::<T>::new(text.to_owned()).read();
        read.err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn the_message_about_each_scalar_names_the_text_the_form_and_an_example() {
        for (found, expected) in [
            (
                message::<CountryCode>("Mordor"),
                "“Mordor” does not fit: expected two letters of ISO 3166-1 alpha-2, like “AZ”",
            ),
            (
                message::<CountryCode>("Azerbaijan"),
                "“Azerbaijan” does not fit: expected two letters of ISO 3166-1 alpha-2; the code of this country is “AZ”",
            ),
            (
                message::<CountryCode>("uk"),
                "“uk” does not fit: expected an assigned code of ISO 3166-1 alpha-2; the code of this country is “GB”",
            ),
            (
                message::<TreatyReference>("185"),
                "“185” does not fit: expected a series and a number or word, like “ETS 185”",
            ),
            (
                message::<Language>("english"),
                "“english” does not fit: expected a BCP 47 language tag, like “en” or “az-Latn”",
            ),
            (
                message::<LanguageRange>("english"),
                "“english” does not fit: expected a BCP 47 language tag or range, like “en”, “az-Latn” or “*”",
            ),
            (
                message::<Date>("15.03.2010"),
                "“15.03.2010” does not fit: expected a day as YYYY-MM-DD, like “2010-03-15”",
            ),
            (
                message::<DateTime>("2026-02-23"),
                "“2026-02-23” does not fit: expected an instant of RFC 3339, like “2026-02-23T09:30:00Z”",
            ),
            (
                message::<PartialDate>("March 2010"),
                "“March 2010” does not fit: expected an EDTF date, like 2010-03-15, 2010-03, 2010, 2014/2020, 2014/.., ../2021, 2014~ or 2014?",
            ),
            (
                message::<RecordId>("ets-185"),
                "“ets-185” does not fit: expected a record id: its kind, a colon, and a key of 1 to 80 lower-case letters, digits and `-`, like “Country:az” or “Treaty:ets-185”",
            ),
            (
                message::<Url>("www.coe.int"),
                "“www.coe.int” does not fit: expected an absolute http or https address of at most 2,000 characters, like “https://www.coe.int/en/web/cybercrime”",
            ),
            (
                message::<Url>("https://a b"),
                "“https://a b” does not fit: expected an absolute http or https address without spaces, control characters and invisible characters: percent-encode them",
            ),
        ] {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_accepted_values_of_each_scalar_are_told_with_an_example() {
        for scalar in [
            "CountryCode",
            "TreatyReference",
            "Language",
            "Date",
            "DateTime",
            "Edtf",
            "Cursor",
            "URL",
            "Sequence",
        ] {
            let expected = expected(scalar);
            assert!(expected.contains("like "), "{scalar}: {expected}");
            assert_eq!(expected.starts_with("a string with "), scalar != "Sequence");
        }
        assert_eq!(expected("Markdown"), "a string");
    }
}
