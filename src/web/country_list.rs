//! Countries in the lists of forms.

/// Sorts codes with names by name. Accents make no difference, so that `Åland` stands with `Albania`.
pub fn by_name(countries: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut countries: Vec<_> = countries.collect();
    countries.sort_by_cached_key(|(_, name)| folded(name));
    countries
}

/// A name in small letters without the accents that names of countries have in English and French.
fn folded(name: &str) -> String {
    let letters = name.chars().flat_map(char::to_lowercase);
    let plain = letters.map(|letter| match letter {
        'à' | 'á' | 'â' | 'ã' | 'å' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' | 'í' => 'i',
        'ô' | 'ö' | 'ó' => 'o',
        'ü' | 'ú' | 'û' => 'u',
        other => other,
    });
    plain.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_make_no_difference() {
        let names = ["Zimbabwe", "Égypte", "Åland", "Albanie", "Estonie"];
        let sorted = by_name(
            names
                .map(|name| (String::new(), name.to_owned()))
                .into_iter(),
        );
        let sorted: Vec<&str> = sorted.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(
            sorted,
            ["Åland", "Albanie", "Égypte", "Estonie", "Zimbabwe"]
        );
    }
}
