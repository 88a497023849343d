//! Countries by name, in tables and in the lists of forms.

/// Sorts by name, without regard to accents and case, so that `Åland` stands with `Albania`.
pub fn sort<T>(countries: &mut [T], name: impl Fn(&T) -> &str) {
    countries.sort_by_cached_key(|country| folded(name(country)));
}

/// Codes with names by name. A country that is in more than one list stands once.
pub fn by_name(countries: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut countries: Vec<_> = countries.collect();
    countries.sort_by_cached_key(|(code, name)| (folded(name), code.clone()));
    countries.dedup_by(|one, other| one.0 == other.0);
    countries
}

/// The name of a country, with an asterisk where the note on its designation has one.
pub fn marked(code: &str, name: &str) -> String {
    let mark = if code == "XK" { "*" } else { "" };
    format!("{name}{mark}")
}

/// A name in lower case and without accents.
pub fn folded(name: &str) -> String {
    name.chars()
        .flat_map(char::to_lowercase)
        .map(plain)
        .collect()
}

/// A small letter without its accent, as far as names in English and French have accents.
fn plain(letter: char) -> char {
    match letter {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        '’' | '-' => ' ',
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_make_no_difference() {
        let mut names = [
            "Zambie",
            "Émirats arabes unis",
            "Åland",
            "Albanie",
            "Égypte",
            "Espagne",
            "îles Cook",
        ];
        sort(&mut names, |name| name);
        assert_eq!(
            names,
            [
                "Åland",
                "Albanie",
                "Égypte",
                "Émirats arabes unis",
                "Espagne",
                "îles Cook",
                "Zambie"
            ]
        );
    }

    #[test]
    fn a_country_of_two_lists_stands_once() {
        let list = || [("EE", "Estonie"), ("EG", "Égypte")].into_iter();
        let both = list().chain(list());
        let both = both.map(|(code, name)| (code.to_owned(), name.to_owned()));
        let codes: Vec<String> = by_name(both).into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, ["EG", "EE"]);
    }
}
