//! The language of a page.

use std::cmp::Reverse;

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

    /// The preferred language of an `Accept-Language` header: of equal ones that which stands first. Source: RFC 9110,
    /// section 12.5.4.
    pub fn preferred(header: &str) -> Self {
        let ranges: Vec<(&str, u16)> = header.split(',').filter_map(range).collect();
        let of = |wanted: &str| {
            let ranges = ranges.iter().enumerate();
            let of_it = ranges.filter(|(_, (name, _))| name.eq_ignore_ascii_case(wanted));
            of_it
                .map(|(place, (_, weight))| (*weight, Reverse(place)))
                .max()
        };
        let wish = |language: Self| {
            let wish = of(language.code()).or_else(|| of("*"));
            wish.filter(|(weight, _)| *weight > 0)
        };
        match (wish(Self::English), wish(Self::French)) {
            (english, Some(french)) if english.is_none_or(|english| french > english) => {
                Self::French
            }
            _ => Self::English,
        }
    }
}

/// A range of an `Accept-Language` header: its primary language, and its weight in thousandths. `None` if the weight is
/// no weight.
fn range(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let thousandths = match weight {
        None => 1_000,
        Some(weight) => thousandths(weight)?,
    };
    Some((tag.split('-').next().unwrap_or_default(), thousandths))
}

/// A weight in thousandths. Source: RFC 9110, section 12.4.2.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let is_digits = part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let part: u16 = format!("{part:0<3}").parse().ok().filter(|_| is_digits)?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1_000),
        _ => None,
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
            ("fr, en", Language::French),
            ("en, fr", Language::English),
            ("FR-ca; Q=0.5, de", Language::French),
            ("*;q=0.8, fr;q=0.5", Language::English),
            ("en;q=0, *", Language::French),
            ("fr;q=inf, en;q=0.1", Language::English),
            ("fr;q=1e9", Language::English),
            ("fr;q=-1", Language::English),
            ("fr;q=1.001", Language::English),
            ("fr;q=0.0001", Language::English),
            (",;,;q=,\u{fffd}", Language::English),
        ] {
            assert_eq!(Language::preferred(header), expected, "{header}");
        }
    }
}
