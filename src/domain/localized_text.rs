//! Texts in several languages, and the choice of the one that fits a reader best. Source: RFC 4647.

use super::date::PartialDate;
use super::language::{Language, LanguageRange, fallbacks, is_narrower};
use super::noun::value;

value! {
    /// A text in one language.
    LocalizedText as LocalizedTextInput by ["language", "period"] of_form LocalizedText {
        /// The text.
        text: String,
        /// Language of the text.
        language: Language,
        /// True if the text is the original and not a translation. Absent means false.
        #[serde(default, deserialize_with = "crate::value_type::if_true")]
        is_original: Option<bool>,
        /// Period in which it was called so, as in `../2018` for a former name. Absent: always, as far as known.
        period: Option<PartialDate>,
    }
}

impl LocalizedText {
    /// True if the period has an end, past or to come: the text is a former name or title.
    fn is_former(&self) -> bool {
        self.period.and_then(|period| period.latest()).is_some()
    }
}

/// Returns the text that fits best, if any does. First the lookup of RFC 4647 over all ranges; then a text in a
/// narrower language than a range, which lookup does not find.
fn matching<'a>(texts: &[&'a LocalizedText], ranges: &[&Language]) -> Option<&'a LocalizedText> {
    let first = |fits: &dyn Fn(&str, &str) -> bool| {
        let mut ranges = ranges.iter().flat_map(|range| fallbacks(range));
        ranges.find_map(|range| {
            let mut texts = texts.iter().copied();
            texts.find(|text| fits(text.language.as_str(), range))
        })
    };
    first(&|tag, range| tag.eq_ignore_ascii_case(range)).or_else(|| first(&is_narrower))
}

/// Returns the text that fits the wanted languages, best first; else one in English, else the original, else the
/// first. Former names count only if there are no others. `*` fits nothing by itself, as RFC 4647 defines it: the
/// ranges after it are tried, and then the rest of this order.
pub fn localized<'a>(
    texts: &'a [LocalizedText],
    wanted: &[LanguageRange],
) -> Option<&'a LocalizedText> {
    let ranges = wanted.iter().filter_map(|wanted| match wanted {
        LanguageRange::Any => None,
        LanguageRange::Language(language) => Some(language),
    });
    let only_former = texts.iter().all(LocalizedText::is_former);
    let texts = texts.iter().filter(|text| only_former || !text.is_former());
    let texts: Vec<&LocalizedText> = texts.collect();
    let original = || texts.iter().find(|text| text.is_original == Some(true));
    matching(&texts, &ranges.collect::<Vec<_>>())
        .or_else(|| matching(&texts, &[&Language::english()]))
        .or_else(|| original().or(texts.first()).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_text_for_the_wanted_languages_is_chosen() {
        let best = |stored: &str, wanted: &str| {
            let texts: Vec<LocalizedText> = stored
                .split_whitespace()
                .map(|tag| LocalizedText {
                    text: tag.to_owned(),
                    language: tag.parse().unwrap(),
                    is_original: tag.starts_with("az").then_some(true),
                    period: None,
                })
                .collect();
            let wanted: Vec<LanguageRange> = wanted
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
            // The order of the wanted languages, each with its fallbacks.
            ("en fr de", "de-CH fr", "de"),
            ("en fr de", "it fr de", "fr"),
            ("en fr de", "x-private fr", "fr"),
            // A tag is not matched by the beginning of a subtag.
            ("en fro", "fr", "en"),
            // A narrower language, if no wanted language exists as it was requested.
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

    #[test]
    fn a_former_name_is_chosen_only_if_there_is_no_other() {
        let named = |text: &str, language: &str, period: Option<&str>| LocalizedText {
            text: text.to_owned(),
            language: language.parse().unwrap(),
            is_original: None,
            period: period.map(|period| period.parse().unwrap()),
        };
        let old = named("Old", "en", Some("../2018"));
        let new = named("New", "en", Some("2018/.."));
        let nouveau = named("Nouveau", "fr", None);
        let best = |texts: &[LocalizedText], wanted: &str| {
            let wanted = [wanted.parse().unwrap()];
            localized(texts, &wanted).map(|text| text.text.clone())
        };
        assert_eq!(
            best(&[old.clone(), new.clone()], "en").as_deref(),
            Some("New")
        );
        assert_eq!(
            best(&[old.clone(), nouveau], "en").as_deref(),
            Some("Nouveau")
        );
        assert_eq!(best(&[old], "en").as_deref(), Some("Old"));
    }
}
