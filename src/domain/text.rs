//! Scalars with a written form: a value is parsed once and is valid from then on.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use deunicode::deunicode;
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

use super::iso;
pub use super::text_rules::{beginning, quoted, truncate};

/// A type whose values have one written form, which error messages describe.
pub trait Written: FromStr<Err = Malformed> + Display {
    /// The accepted form, as the end of a sentence that begins with "expected".
    const FORM: &'static str;
}

/// A text that does not have the form that its type requires.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\u{201c}{given}\u{201d} does not fit: expected {form}")]
pub struct Malformed {
    given: String,
    form: Cow<'static, str>,
}

impl Malformed {
    /// Returns the error that `given` is not a `T`. Long input is truncated.
    pub fn new<T: Written>(given: &str) -> Self {
        Self {
            given: truncate(given),
            form: T::FORM.into(),
        }
    }

    /// Returns the error that `given` is not of `form`, which is more specific than [`Written::FORM`].
    pub(super) fn expecting(given: &str, form: impl Into<Cow<'static, str>>) -> Self {
        Self {
            given: truncate(given),
            form: form.into(),
        }
    }
}

/// Serialises a type as its written form, and deserialises it through its parser.
macro_rules! written {
    ($type:ty, $form:literal) => {
        impl $crate::text::Written for $type {
            const FORM: &'static str = $form;
        }
        impl TryFrom<String> for $type {
            type Error = $crate::text::Malformed;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }
    };
}
pub(crate) use written;

/// Input that keeps its raw text; it is parsed into a `T` where a finding can name its path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Raw<T> {
    text: String,
    /// True if the input was not text.
    #[serde(skip)]
    is_foreign: bool,
    #[serde(skip)]
    means: PhantomData<fn() -> T>,
}

impl<T: Written> Raw<T> {
    /// Stores text as it was sent.
    pub fn new(text: String) -> Self {
        Self {
            text,
            is_foreign: false,
            means: PhantomData,
        }
    }

    /// Stores input that is not text, as it was written. Reading it is always an error.
    pub fn foreign(written: String) -> Self {
        Self {
            is_foreign: true,
            ..Self::new(written)
        }
    }

    /// Returns the input as it was sent.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Parses the text.
    ///
    /// # Errors
    /// [`Malformed`] with the accepted form.
    pub fn read(&self) -> Result<T, Malformed> {
        if self.is_foreign {
            return Err(Malformed::new::<T>(&self.text));
        }
        self.text.parse()
    }
}

/// A country code: ISO 3166-1 alpha-2, and the user-assigned or reserved codes `XK` and `EU`.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType,
)]
#[serde(try_from = "String", into = "String")]
#[sea_orm(value_type = "String")]
pub struct CountryCode(String);
written!(
    CountryCode,
    "two letters of ISO 3166-1 alpha-2, like \u{201c}AZ\u{201d}"
);

impl CountryCode {
    /// Returns the code of the European Union, which is reserved in ISO 3166-1.
    pub fn european_union() -> Self {
        Self("EU".to_owned())
    }

    /// Returns true for two letters, which is the form of a code.
    pub fn is_form(text: &str) -> bool {
        text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
    }
}

impl FromStr for CountryCode {
    type Err = Malformed;
    /// Refuses a code that is not assigned and by which people mean a country with another code: `UK`, `AZE`, `031`.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        if let Some(right) = iso::intended_code(text) {
            let form = if Self::is_form(text) {
                "an assigned code"
            } else {
                "two letters"
            };
            let form = format!(
                "{form} of ISO 3166-1 alpha-2; the code of this country is \u{201c}{right}\u{201d}"
            );
            return Err(Malformed::expecting(text, form));
        }
        if Self::is_form(text) {
            Ok(Self(text.to_ascii_uppercase()))
        } else {
            Err(Malformed::new::<Self>(text))
        }
    }
}

impl Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The reference by which a depositary or publisher names a treaty: a series and a number or word, as in `ETS 185`.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType,
)]
#[serde(try_from = "String", into = "String")]
#[sea_orm(value_type = "String")]
pub struct TreatyReference(String);
written!(
    TreatyReference,
    "a series and a number or word, like \u{201c}ETS 185\u{201d}"
);

impl TreatyReference {
    /// Writes short words, numerals and numbers in capitals, and longer words with a capital first letter. So every
    /// spelling of a reference gives the same text.
    fn word(text: &str) -> String {
        let numeral = text.chars().all(|letter| "ivxlcdmIVXLCDM".contains(letter));
        if text.len() <= 4 || numeral || text.chars().any(|letter| letter.is_ascii_digit()) {
            return text.to_ascii_uppercase();
        }
        let mut letters = text.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_ascii_uppercase().to_string() + &letters.as_str().to_ascii_lowercase()
        })
    }
}

impl FromStr for TreatyReference {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new::<Self>(text);
        let accepted = |letter: char| letter.is_ascii_alphanumeric() || " -.".contains(letter);
        if text.len() > 40 || !text.chars().all(accepted) {
            return Err(malformed());
        }
        let text = text.trim();
        let series_end = text
            .find(|letter: char| !letter.is_ascii_alphabetic())
            .ok_or_else(malformed)?;
        let (series, rest) = text.split_at(series_end);
        let rest = rest.trim_start_matches([' ', '-']);
        let rest = ["No.", "no.", "NO.", "No ", "no ", "NO "]
            .iter()
            .find_map(|number| rest.strip_prefix(number))
            .unwrap_or(rest);
        let rest: Vec<String> = rest
            .split_whitespace()
            .map(|part| {
                part.split('-')
                    .map(Self::word)
                    .collect::<Vec<_>>()
                    .join("-")
            })
            .collect();
        let named = |part: &String| part.starts_with(|first: char| first.is_ascii_alphanumeric());
        if series.is_empty() || rest.is_empty() || !rest.iter().all(named) {
            return Err(malformed());
        }
        Ok(Self(format!("{} {}", Self::word(series), rest.join(" "))))
    }
}

impl Display for TreatyReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text in Markdown, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveValueType)]
#[serde(transparent)]
pub struct Markdown(pub String);

/// Maximum number of characters in a sort key, because databases limit the length of indexed text.
const MAX_SORTED: usize = 200;

/// Returns the sort key of a name: without accents and in lower case, the same on every database.
pub fn sort_key(name: &str) -> String {
    let folded = deunicode(name).to_lowercase();
    folded.chars().take(MAX_SORTED).collect()
}

/// Returns a readable part of an id: lower-case letters and digits, words joined by `-`, at most 60 characters.
pub fn slug(text: &str) -> String {
    let plain = deunicode(text).to_lowercase();
    let mut words = plain
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let mut slug = words.next().unwrap_or("unnamed").to_owned();
    for word in words {
        if slug.len() + word.len() >= 60 {
            break;
        }
        slug.push('-');
        slug.push_str(word);
    }
    slug.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_reference_gives_the_same_text() {
        for text in [
            "ETS 185",
            "ETS185",
            "ets-185",
            "ETS No. 185",
            "ets no 185",
            " ETS 185 ",
        ] {
            let reference: TreatyReference = text.parse().unwrap();
            assert_eq!(reference.to_string(), "ETS 185", "{text}");
        }
        for text in ["AU Malabo", "UNTC XVIII-16"] {
            let reference: TreatyReference = text.to_lowercase().parse().unwrap();
            assert_eq!(reference.to_string(), text);
        }
        for text in ["", "ETS", "185", "ETS /", "Treaty:ets-185", &"E".repeat(41)] {
            assert!(text.parse::<TreatyReference>().is_err(), "{text}");
        }
    }

    #[test]
    fn slugs_are_readable_and_never_empty() {
        assert_eq!(slug("Côte d'Ivoire"), "cote-d-ivoire");
        assert_eq!(slug("ETS 185"), "ets-185");
        assert_eq!(slug("?!"), "unnamed");
        assert!(slug(&"word ".repeat(50)).len() <= 60);
    }
}
