//! The codes of ISO 3166: those of today, and those that were withdrawn.

use rust_iso3166::iso3166_3;

/// An entry of ISO 3166-1: one of today, or one that was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Three letters; `None` where there is no such code.
    pub alpha3: Option<&'static str>,
    /// The number; `None` where there is none.
    pub numeric: Option<u16>,
    /// The code of ISO 3166-3, where it was withdrawn.
    pub former: Option<&'static str>,
}

/// The codes that are used beside ISO 3166-1, and their three letters: user-assigned and reserved ones.
const BESIDE: [(&str, Option<&str>); 2] = [("EU", None), ("XK", Some("XKX"))];

/// Codes that are reserved so that nobody takes them for another country, and the right ones.
const RESERVED: [(&str, &str); 2] = [("EL", "GR"), ("UK", "GB")];

/// The entries of a code of two letters: that of today, else all that were withdrawn.
pub fn entries(alpha2: &str) -> Vec<Entry> {
    let beside = BESIDE.iter().find(|(code, _)| *code == alpha2);
    if let Some((_, alpha3)) = beside {
        return vec![Entry {
            alpha3: *alpha3,
            numeric: None,
            former: None,
        }];
    }
    if let Some(entry) = rust_iso3166::from_alpha2(alpha2) {
        return vec![Entry {
            alpha3: Some(entry.alpha3),
            numeric: Some(entry.numeric),
            former: None,
        }];
    }
    let withdrawn = iso3166_3::ALL.iter();
    let withdrawn = withdrawn.filter(|entry| entry.former.alpha2 == alpha2);
    withdrawn
        .map(|entry| Entry {
            alpha3: Some(entry.former.alpha3),
            numeric: Some(entry.former.numeric).filter(|number| *number > 0),
            former: Some(entry.code),
        })
        .collect()
}

/// The code that is meant by one that is reserved.
pub fn meant_by(alpha2: &str) -> Option<&'static str> {
    let reserved = RESERVED.iter().find(|(code, _)| *code == alpha2);
    reserved.map(|(_, right)| *right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entries_of_today_are_all_there() {
        assert_eq!(rust_iso3166::ALL.len(), 249);
        let azerbaijan = Entry {
            alpha3: Some("AZE"),
            numeric: Some(31),
            former: None,
        };
        assert_eq!(entries("AZ"), [azerbaijan]);
        for (code, wanted) in [
            ("EU", 1),
            ("XK", 1),
            ("CS", 2),
            ("ZZ", 0),
            ("UK", 0),
            ("EL", 0),
        ] {
            assert_eq!(entries(code).len(), wanted, "{code}");
        }
        // A code that was given to another country is of today.
        assert_eq!(entries("SK")[0].former, None);
        assert_eq!(entries("SU")[0].former, Some("SUHH"));
        assert_eq!(meant_by("UK"), Some("GB"));
    }
}
