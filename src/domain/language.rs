//! Languages: the tags that texts carry, the ranges that readers want, and the text that fits a reader best.
//! Sources: BCP 47, which is RFC 5646 (tags) and RFC 4647 (matching).

use std::fmt::{self, Display};
use std::str::FromStr;

use oxilangtag::LanguageTag;
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

use super::country::LocalizedText;
use super::text::{Malformed, Written, written};

/// The longest tag that is taken, in characters: databases and answers have to hold it.
const LONGEST: usize = 255;

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
        let tag = tag.filter(|tag| text.len() <= LONGEST && is_known_kind(tag.as_str()));
        let tag = tag.ok_or_else(|| Malformed::new::<Self>(text))?;
        Ok(Self(tag.into_inner()))
    }
}

/// Primary languages of four to eight letters are well-formed, and none was ever registered (RFC 5646, section
/// 2.2.1): who writes `english` means `en`.
fn is_known_kind(tag: &str) -> bool {
    let primary = tag.split('-').next().unwrap_or_default();
    primary.len() < 4
}

impl Language {
    /// English.
    fn english() -> Self {
        Self("en".to_owned())
    }
}

impl Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A language that a reader wants: a language range of RFC 4647.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// `*`: whatever there is.
    Any,
    /// A language, with as much beside it as the reader cares for.
    Language(Language),
}

impl Written for Wanted {
    const FORM: &'static str = Language::FORM;
}

impl FromStr for Wanted {
    type Err = Malformed;
    /// An extended range is read as the basic one that it stands for. Source: RFC 4647, section 3.2.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new::<Self>(text);
        let mut subtags = text.split('-');
        if subtags.next() == Some("*") {
            let is_subtag = |subtag: &str| {
                let is_plain = subtag.bytes().all(|byte| byte.is_ascii_alphanumeric());
                subtag == "*" || ((1..=8).contains(&subtag.len()) && is_plain)
            };
            let is_range = text.len() <= LONGEST && subtags.all(is_subtag);
            return is_range.then_some(Self::Any).ok_or_else(malformed);
        }
        let named: Vec<&str> = text.split('-').filter(|subtag| *subtag != "*").collect();
        let language = named.join("-").parse().map_err(|_| malformed())?;
        Ok(Self::Language(language))
    }
}

impl Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Language(language) => language.fmt(f),
        }
    }
}

/// A range, and the less and less exact ones that it falls back to. Source: RFC 4647, section 3.4.
fn fallbacks(range: &Language) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(range.0.as_str()), |range| {
        let (mut shorter, _) = range.rsplit_once('-')?;
        // What a single letter or digit introduces is gone.
        while let Some((before, last)) = shorter.rsplit_once('-')
            && last.len() == 1
        {
            shorter = before;
        }
        (shorter.len() > 1).then_some(shorter)
    })
}

/// Whether a tag is a range, with something more behind it.
fn is_narrower(tag: &str, range: &str) -> bool {
    let begins = tag.get(..range.len());
    begins.is_some_and(|begins| begins.eq_ignore_ascii_case(range))
        && tag.as_bytes().get(range.len()) == Some(&b'-')
}

/// The text that fits best, if any does: by the lookup of RFC 4647 over all ranges first; then one in a narrower language
/// than a range, which lookup does not find.
fn matching<'a>(texts: &'a [LocalizedText], ranges: &[&Language]) -> Option<&'a LocalizedText> {
    let first = |fits: &dyn Fn(&str, &str) -> bool| {
        let mut ranges = ranges.iter().flat_map(|range| fallbacks(range));
        ranges.find_map(|range| texts.iter().find(|text| fits(&text.language.0, range)))
    };
    first(&|tag, range| tag.eq_ignore_ascii_case(range)).or_else(|| first(&is_narrower))
}

/// The text that fits wanted languages, best first; else one in English, else the original, else the first.
/// `*` fits nothing by itself, as RFC 4647 has it: what comes behind it is looked for, and then what there is.
pub fn localized<'a>(texts: &'a [LocalizedText], wanted: &[Wanted]) -> Option<&'a LocalizedText> {
    let ranges = wanted.iter().filter_map(|wanted| match wanted {
        Wanted::Any => None,
        Wanted::Language(language) => Some(language),
    });
    matching(texts, &ranges.collect::<Vec<_>>())
        .or_else(|| matching(texts, &[&Language::english()]))
        .or_else(|| texts.iter().find(|text| text.is_original == Some(true)))
        .or_else(|| texts.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_well_formed_tag_is_taken_and_brought_to_its_usual_case() {
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
    fn a_range_is_a_tag_and_may_have_asterisks() {
        let range = |text: &str| text.parse::<Wanted>().map(|range| range.to_string()).ok();
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
    fn a_range_falls_back_by_whole_subtags_and_leaves_no_single_letter() {
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

    #[test]
    fn the_text_that_fits_a_reader_best_is_found() {
        let best = |stored: &str, wanted: &str| {
            let texts: Vec<LocalizedText> = stored
                .split_whitespace()
                .map(|tag| LocalizedText {
                    text: tag.to_owned(),
                    language: tag.parse().unwrap(),
                    is_original: tag.starts_with("az").then_some(true),
                })
                .collect();
            let wanted: Vec<Wanted> = wanted
                .split_whitespace()
                .map(|range| range.parse().unwrap())
                .collect();
            localized(&texts, &wanted).map(|text| text.text.clone())
        };
        for (stored, wanted, found) in [
            // Lookup.
            ("en fr", "fr-CA", "fr"),
            ("en fr fr-CA", "fr-CA", "fr-CA"),
            ("en fr", "FR-ca-x-foo", "fr"),
            ("en fr", "fr-u-ca-gregory", "fr"),
            ("en de de-1996", "de-DE-1996", "de"),
            ("en zh zh-Hant", "zh-Hant-TW", "zh-Hant"),
            ("en sl-rozaj", "sl-rozaj-biske", "sl-rozaj"),
            ("en i-klingon", "i-klingon", "i-klingon"),
            ("en x-private", "x-private", "x-private"),
            // In the order of the wanted languages, each with what it falls back to.
            ("en fr de", "de-CH fr", "de"),
            ("en fr de", "it fr de", "fr"),
            ("en fr de", "x-private fr", "fr"),
            // A tag is no beginning of a word.
            ("en fro", "fr", "en"),
            // A narrower language, once no wanted one is there as it was asked for.
            ("fr en-GB", "en", "en-GB"),
            ("en fr-CA", "fr", "fr-CA"),
            ("en fr-CA fr-BE", "fr-BE", "fr-BE"),
            ("en fr-CA", "fr-BE", "fr-CA"),
            ("de en-GB fr", "en fr", "fr"),
            ("en sr-Cyrl", "sr-Latn", "sr-Cyrl"),
            ("en zh-Hant", "zh-Hans zh-Hant", "zh-Hant"),
            // An asterisk.
            ("fr en", "*", "en"),
            ("fr az", "*", "az"),
            ("fr en", "* fr", "fr"),
            ("fr en", "it *", "en"),
            ("en fr", "fr-*", "fr"),
            // Nothing fits.
            ("fr az en", "it", "en"),
            ("fr az en-GB", "it", "en-GB"),
            ("fr az", "it", "az"),
            ("fr de", "it", "fr"),
            ("fr de", "", "fr"),
        ] {
            assert_eq!(
                best(stored, wanted).as_deref(),
                Some(found),
                "{stored} {wanted}"
            );
        }
        assert_eq!(best("", "en"), None);
    }
}
