//! Codes of countries in addresses.

/// The code of a country in capitals; `None` if it is not one.
pub fn country_code(text: &str) -> Option<String> {
    let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code.then(|| text.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_countries_are_two_letters_in_any_case() {
        assert_eq!(country_code("az").as_deref(), Some("AZ"));
        for wrong in ["", "A", "AZE", "A1", "é", "А3"] {
            assert_eq!(country_code(wrong), None, "{wrong}");
        }
    }
}
