//! The forms that values of fields can have, for writers of formats other than JSON.

use super::date::{Date, PartialDate};
use super::language::Language;
use super::record::RecordId;
use super::spelling::choices;
use super::text::{CountryCode, TreatyReference, Written};
use super::url::Url;

/// Form of a value, as a field declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueForm {
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A text.
    Text,
    /// A day, as in `2010-03-15`.
    Day,
    /// A date as exact as its source, in EDTF.
    PartialDate,
    /// The code of a country.
    Country,
    /// The reference of a treaty.
    Treaty,
    /// A language tag.
    Language,
    /// The address of a page.
    Url,
    /// The id of a record.
    Record,
    /// One of these words.
    Word(Vec<String>),
    /// A text in one language.
    LocalizedText,
    /// A value with members.
    Structure,
    /// A list of values.
    List(Box<Self>),
}

impl ValueForm {
    /// Returns the accepted form, as the end of a sentence that begins with "expected".
    pub fn expected(&self) -> String {
        let form = match self {
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::Text => "a text",
            Self::Day => Date::FORM,
            Self::PartialDate => PartialDate::FORM,
            Self::Country => CountryCode::FORM,
            Self::Treaty => TreatyReference::FORM,
            Self::Language => Language::FORM,
            Self::Url => Url::FORM,
            Self::Record => RecordId::FORM,
            Self::LocalizedText => {
                "a text with its language, like { language: \"en\", text: \"\u{2026}\" }"
            }
            Self::Structure => "an object",
            Self::Word(words) => {
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                return choices("", &words);
            }
            Self::List(of) => {
                return format!("a list of at least one element: {}", of.expected());
            }
        };
        form.to_owned()
    }
}
