//! Labels of enum values: the words by which people call them.

use std::collections::BTreeSet;

use async_graphql::Object;
use cyberprofiles_graphql_macros::at_once;

use crate::engine::argument::{bounded, read_list};
use crate::engine::error::Error;
use crate::engine::objects::Objects;
use domain::label;
use domain::language::LanguageRange;
use domain::spelling::nearest;
use domain::text::{Raw, truncate};

/// The words for one enum value in one language.
pub struct Label {
    label: &'static label::Label,
    language: &'static str,
}

/// The words for one value of an enum of this schema, to display in place of the constant.
#[at_once]
#[Object]
impl Label {
    /// The name of the enum, as in `TreatyStatus`.
    #[graphql(name = "enum")]
    async fn of(&self) -> &str {
        self.label.of
    }

    /// The name of the value, as in `PARTY`.
    async fn value(&self) -> &str {
        self.label.value
    }

    /// The words, as in `Party` or, in French, `Partie`; never empty. The words of treaty law are those of the Council
    /// of Europe.
    async fn text(&self) -> &str {
        self.label.text(self.language).unwrap_or(self.label.value)
    }

    /// The language of the words: `en` or `fr`.
    async fn language(&self) -> Result<domain::language::Language, Error> {
        self.language.parse().map_err(|_| Error::Internal)
    }
}

/// The labels of some enums, or of all.
///
/// # Errors
/// `BAD_USER_INPUT` for an enum that the schema does not have, and for a malformed language.
pub fn list(
    enums: Option<&[String]>,
    language: Option<&[Raw<LanguageRange>]>,
) -> Result<Objects<Label>, Error> {
    bounded("enums", enums)?;
    let known: BTreeSet<&str> = label::all().iter().map(|label| label.of).collect();
    for (at, name) in enums.unwrap_or_default().iter().enumerate() {
        if !known.contains(name.as_str()) {
            return Err(unknown(at, name, known.iter().copied()));
        }
    }
    let wanted: Option<BTreeSet<&str>> =
        enums.map(|enums| enums.iter().map(String::as_str).collect());
    let language = label::language(&read_list("language", language)?.unwrap_or_default());
    let all = label::all().iter();
    let all = all.filter(|label| {
        wanted
            .as_ref()
            .is_none_or(|wanted| wanted.contains(label.of))
    });
    Ok(all.map(|label| Label { label, language }).collect())
}

/// The error for an unknown enum: it names those that are spelled alike, else all.
fn unknown<'a>(at: usize, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Error {
    let near = nearest(name, known.clone());
    let expected = if near.is_empty() {
        format!("one of {}", known.collect::<Vec<_>>().join(", "))
    } else {
        near.join(" or ")
    };
    let message = format!(
        "there is no enum \u{201c}{}\u{201d}: expected {expected}",
        truncate(name)
    );
    Error::bad(&format!("enums.{at}"), message)
}
