//! Languages: the tags of texts, and the ranges that readers want. Sources: RFC 5646 (tags) and RFC 4647 (matching),
//! which together are BCP 47.

use std::fmt::{self, Display};
use std::str::FromStr;

use oxilangtag::LanguageTag;
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

use super::text::{Malformed, Written, written};

/// Maximum number of characters in a tag, because databases and answers have to store it.
const MAX_TAG_BYTES: usize = 255;

/// A well-formed BCP 47 language tag, in the usual case of each subtag (RFC 5646, section 2.1.1).
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType,
)]
#[serde(try_from = "String", into = "String")]
#[sea_orm(value_type = "String")]
pub struct Language(String);
written!(
    Language,
    "a BCP 47 language tag, like \u{201c}en\u{201d} or \u{201c}az-Latn\u{201d}"
);

impl FromStr for Language {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let tag = LanguageTag::parse_and_normalize(text).ok();
        let tag = tag.filter(|tag| text.len() <= MAX_TAG_BYTES && is_known_kind(tag.as_str()));
        let tag = tag.ok_or_else(|| Malformed::new::<Self>(text))?;
        Ok(Self(tag.into_inner()))
    }
}

/// True if the primary language has fewer than four letters. Primary languages of four to eight letters are
/// well-formed, but none was ever registered (RFC 5646, section 2.2.1): a person who writes `english` means `en`.
fn is_known_kind(tag: &str) -> bool {
    let primary = tag.split('-').next().unwrap_or_default();
    primary.len() < 4
}

impl Language {
    /// Returns the tag of English.
    pub(super) fn english() -> Self {
        Self("en".to_owned())
    }

    /// Returns the tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A language that a reader wants: a language range of RFC 4647.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LanguageRange {
    /// `*`: any language.
    Any,
    /// One language, with as many further subtags as the reader wants.
    Language(Language),
}

impl Written for LanguageRange {
    const FORM: &'static str = "a BCP 47 language tag or range, like \u{201c}en\u{201d}, \u{201c}az-Latn\u{201d} or \u{201c}*\u{201d}";
}

impl FromStr for LanguageRange {
    type Err = Malformed;
    /// Reads an extended range as the basic range that it stands for. Source: RFC 4647, section 3.2.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new::<Self>(text);
        let mut subtags = text.split('-');
        if subtags.next() == Some("*") {
            let is_subtag = |subtag: &str| {
                let is_plain = subtag.bytes().all(|byte| byte.is_ascii_alphanumeric());
                subtag == "*" || ((1..=8).contains(&subtag.len()) && is_plain)
            };
            let is_range = text.len() <= MAX_TAG_BYTES && subtags.all(is_subtag);
            return is_range.then_some(Self::Any).ok_or_else(malformed);
        }
        let named: Vec<&str> = text.split('-').filter(|subtag| *subtag != "*").collect();
        let language = named.join("-").parse().map_err(|_| malformed())?;
        Ok(Self::Language(language))
    }
}

impl Display for LanguageRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Language(language) => language.fmt(f),
        }
    }
}

/// Iterates over a range and the shorter ranges to which it falls back. Source: RFC 4647, section 3.4.
pub(super) fn fallbacks(range: &Language) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(range.0.as_str()), |range| {
        let (mut shorter, _) = range.rsplit_once('-')?;
        // A single letter or digit introduces the subtags after it: without them it is removed too.
        while let Some((before, last)) = shorter.rsplit_once('-')
            && last.len() == 1
        {
            shorter = before;
        }
        (shorter.len() > 1).then_some(shorter)
    })
}

/// True if a tag is a range followed by further subtags.
pub(super) fn is_narrower(tag: &str, range: &str) -> bool {
    let begins = tag.get(..range.len());
    begins.is_some_and(|begins| begins.eq_ignore_ascii_case(range))
        && tag.as_bytes().get(range.len()) == Some(&b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_well_formed_tag_is_accepted_and_written_in_its_usual_case() {
        for (text, tag) in [
            ("EN", "en"),
            ("az-latn-az", "az-Latn-AZ"),
            ("ES-419", "es-419"),
            ("de-ch-1996", "de-CH-1996"),
            ("de-1901", "de-1901"),
            ("FR-U-CA-Gregory", "fr-u-ca-gregory"),
            ("I-Klingon", "i-klingon"),
            ("en-gb-OED", "en-GB-oed"),
            ("SGN-be-fr", "sgn-BE-FR"),
            ("zh-MIN-nan", "zh-min-nan"),
            ("ART-lojban", "art-lojban"),
            ("fr-x-Foo", "fr-x-foo"),
            ("zh-yue-hk", "zh-yue-HK"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("sl-Rozaj-Biske", "sl-rozaj-biske"),
            ("sl-rozaj-biske-1994", "sl-rozaj-biske-1994"),
            ("X-Private", "x-private"),
            ("x-whatever-1", "x-whatever-1"),
            ("az-Arab-x-AZE-derbend", "az-Arab-x-aze-derbend"),
            ("en-a-myext-b-another", "en-a-myext-b-another"),
            ("en-CA-x-ca", "en-CA-x-ca"),
            ("qaa-qaaa-qm-x-southern", "qaa-Qaaa-QM-x-southern"),
        ] {
            let read: Language = text.parse().unwrap();
            assert_eq!(read.to_string(), tag);
        }
        for text in [
            "",
            "-",
            "*",
            "a",
            "1",
            "en-",
            "-en",
            "en--GB",
            "en_GB",
            "en GB",
            " en",
            "é",
            "abcdefghi",
            "english",
            "engl",
            "x",
            "x-",
            "i",
            "i-nothing",
            "en-x",
            "en-x-",
            "en-u",
            "en-u-x-a",
            "en-US-GB",
            "en-Latn-Cyrl",
            "en-abcdefghi",
            "x-abcdefghi",
            "x-a_b",
            "12",
            "e1",
            "zh-aaa-bbb-ccc-ddd",
            "en\0",
            &format!("en-x{}", "-aaaaaaaa".repeat(40)),
        ] {
            assert!(text.parse::<Language>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_range_is_a_tag_that_can_contain_asterisks() {
        let range = |text: &str| {
            text.parse::<LanguageRange>()
                .map(|range| range.to_string())
                .ok()
        };
        for (text, read) in [
            ("fr-ca", "fr-CA"),
            ("*", "*"),
            ("*-CH", "*"),
            ("*-*", "*"),
            ("de-*-DE", "de-DE"),
            ("de-*", "de"),
        ] {
            assert_eq!(range(text).as_deref(), Some(read), "{text}");
        }
        for text in [
            "",
            "**",
            "*-",
            "*fr",
            "fr*",
            "fr-*-",
            "*-abcdefghi",
            "french",
            "fr_CA",
        ] {
            assert_eq!(range(text), None, "{text}");
        }
    }

    #[test]
    fn a_range_falls_back_by_whole_subtags_and_never_ends_in_a_single_letter() {
        let all = |text: &str| {
            let range: Language = text.parse().unwrap();
            fallbacks(&range).collect::<Vec<_>>().join(" ")
        };
        // The example of RFC 4647, section 3.4.
        assert_eq!(
            all("zh-Hant-CN-x-private1-private2"),
            "zh-Hant-CN-x-private1-private2 zh-Hant-CN-x-private1 zh-Hant-CN zh-Hant zh"
        );
        assert_eq!(all("en-x-a-b"), "en-x-a-b en");
        assert_eq!(all("fr-u-ca-gregory"), "fr-u-ca-gregory fr-u-ca fr");
        assert_eq!(all("i-klingon"), "i-klingon");
        assert_eq!(all("x-foo-bar"), "x-foo-bar x-foo");
        assert_eq!(all("en-GB-oed"), "en-GB-oed en-GB en");
    }
}
