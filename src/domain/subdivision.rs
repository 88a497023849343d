//! Codes of the parts of a country, of ISO 3166-2.

use super::check::{Code, Finding, Path};
use super::record::RecordField;
use super::text::{CountryCode, truncate};

/// Returns the fault of the field `subdivision` of a record that belongs to `country`: the code does not have the form
/// of ISO 3166-2, or belongs to another country. The list of codes is not known here.
pub fn check(subdivision: Option<&str>, country: &CountryCode) -> Option<Finding> {
    let code = subdivision?;
    let at = Path::default().then(RecordField::Subdivision.camel());
    let country = country.to_string();
    let message = match code.split_once('-') {
        Some((of, part)) if is_country(of) && is_part(part) => {
            if of == country {
                return None;
            }
            format!("{code} is a part of {of}, and the record belongs to {country}")
        }
        _ => {
            let given = truncate(code);
            format!(
                "{given} does not fit: expected a code of ISO 3166-2, as in \u{201c}US-CA\u{201d}"
            )
        }
    };
    Some(at.finding(Code::Invalid, message))
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_part(text: &str) -> bool {
    let is_character = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (1..=3).contains(&text.len()) && text.bytes().all(is_character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subdivision_is_a_part_of_the_country_of_the_record() {
        let fault = |code| {
            let found = check(Some(code), &"CH".parse().unwrap());
            found.map(|finding| finding.message)
        };
        assert_eq!(fault("CH-ZH"), None);
        assert_eq!(
            fault("US-CA").as_deref(),
            Some("US-CA is a part of US, and the record belongs to CH")
        );
        for code in ["ZH", "ch-zh", "CH-", "CH-ZURI", "CH_ZH", "CHE-ZH", ""] {
            assert!(
                fault(code).is_some_and(|message| message.contains("ISO 3166-2")),
                "{code}"
            );
        }
    }
}
