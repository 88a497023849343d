//! The language of a page.

/// A language in which pages exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
}

impl Language {
    /// All languages, the default first.
    pub const ALL: [Self; 2] = [Self::English, Self::French];

    /// The code of ISO 639-1, as in `lang`.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// The name of the language in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "Français",
        }
    }

    /// The language with a code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(code))
    }

    /// The preferred language of an `Accept-Language` header. Source: RFC 9110, section 12.5.4.
    pub fn preferred(header: &str) -> Self {
        let mut best = (Self::English, 0.0_f32);
        for range in header.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            let weight = weight.map_or(Some(1.0), |weight| weight.parse().ok());
            let primary = tag.split('-').next().unwrap_or_default();
            if let (Some(language), Some(weight)) = (Self::of(primary), weight)
                && weight > best.1
            {
                best = (language, weight);
            }
        }
        best.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_weight_wins_and_english_is_the_default() {
        for (header, expected) in [
            ("", Language::English),
            ("de", Language::English),
            ("fr", Language::French),
            ("fr-CH, fr;q=0.9, en;q=0.8", Language::French),
            ("en;q=0.5, fr;q=0.7", Language::French),
            ("fr;q=0, en;q=0.1", Language::English),
            ("*", Language::English),
            ("fr;q=x", Language::English),
        ] {
            assert_eq!(Language::preferred(header), expected, "{header}");
        }
    }
}
