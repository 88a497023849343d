//! Codes of ISO 3166-1: those in use, and those that were withdrawn (ISO 3166-3).

use rust_iso3166::iso3166_3;

/// An entry of ISO 3166-1, in use or withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Three-letter code; `None` if there is none.
    pub alpha3: Option<&'static str>,
    /// Numeric code; `None` if there is none.
    pub numeric: Option<u16>,
    /// Four-letter code of ISO 3166-3 of a withdrawn entry; `None` for an entry in use.
    pub former: Option<&'static str>,
}

/// Codes outside ISO 3166-1 that are accepted, user-assigned and reserved, with their three-letter codes.
const OUTSIDE_ISO: [(&str, Option<&str>); 2] = [("EU", None), ("XK", Some("XKX"))];

/// Reserved codes that must not name another country, with the codes of the countries that people mean by them.
const RESERVED: [(&str, &str); 2] = [("EL", "GR"), ("UK", "GB")];

/// Returns the entries of a two-letter code: the one in use, else all withdrawn ones.
pub fn entries(alpha2: &str) -> Vec<Entry> {
    let outside = OUTSIDE_ISO.iter().find(|(code, _)| *code == alpha2);
    if let Some((_, alpha3)) = outside {
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

/// Returns the two-letter code of the country that people mean by another code: a reserved one (`UK`), a three-letter
/// one (`AZE`) or a numeric one (`031`), in capitals or not; or by the English short name of ISO 3166-1.
pub fn intended_code(code: &str) -> Option<&'static str> {
    if code.len() == 2 {
        let mut reserved = RESERVED.iter();
        let reserved = reserved.find(|(other, _)| other.eq_ignore_ascii_case(code));
        return reserved.map(|(_, right)| *right);
    }
    let mut entries = rust_iso3166::ALL.iter();
    if code.len() != 3 {
        let named = entries.find(|entry| entry.name.eq_ignore_ascii_case(code));
        return named.map(|entry| entry.alpha2);
    }
    if code.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: u16 = code.parse().ok()?;
        return entries
            .find(|entry| entry.numeric == number)
            .map(|entry| entry.alpha2);
    }
    let outside = OUTSIDE_ISO
        .iter()
        .filter_map(|(right, alpha3)| Some(((*alpha3)?, *right)));
    let mut known = entries
        .map(|entry| (entry.alpha3, entry.alpha2))
        .chain(outside);
    let found = known.find(|(alpha3, _)| alpha3.eq_ignore_ascii_case(code));
    found.map(|(_, right)| right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_entries_in_use_are_known() {
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
        // A withdrawn code that was assigned again is in use.
        assert_eq!(entries("SK")[0].former, None);
        assert_eq!(entries("SU")[0].former, Some("SUHH"));
    }

    #[test]
    fn other_codes_lead_to_the_two_letter_code() {
        for (code, right) in [
            ("UK", Some("GB")),
            ("el", Some("GR")),
            ("AZE", Some("AZ")),
            ("aze", Some("AZ")),
            ("031", Some("AZ")),
            ("xkx", Some("XK")),
            ("azerbaijan", Some("AZ")),
            ("France", Some("FR")),
            ("AZ", None),
            ("31", None),
            ("+31", None),
            ("000", None),
            ("ZZZ", None),
            ("0031", None),
            ("", None),
            ("é1", None),
        ] {
            assert_eq!(intended_code(code), right, "{code}");
        }
    }
}
