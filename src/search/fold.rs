//! Folding: letters of all scripts as lower-case Latin letters without accents, so that a reader finds `Azərbaycan` as
//! `azerbaycan`.

use deunicode::deunicode_char;

/// Appends a character as lower-case Latin letters and digits. Marks and invisible characters add nothing.
pub fn push_folded(to: &mut String, letter: char) {
    if letter.is_ascii_alphanumeric() {
        to.push(letter.to_ascii_lowercase());
        return;
    }
    match letter {
        // The table of `deunicode` has the sign @ for the schwa; Azerbaijani texts without it write `e`.
        'ə' | 'Ə' => to.push('e'),
        _ => {
            let plain = deunicode_char(letter).unwrap_or_default();
            let letters = plain.chars().filter(char::is_ascii_alphanumeric);
            to.extend(letters.map(|letter| letter.to_ascii_lowercase()));
        }
    }
}

/// True for a character that belongs to the word around it and is not read: soft hyphens, joiners, directions.
pub fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// True for a combining mark: an accent that is written after its letter.
pub fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{93c}' | '\u{94d}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(word: &str) -> String {
        let mut folded = String::new();
        for letter in word.chars() {
            push_folded(&mut folded, letter);
        }
        folded
    }

    #[test]
    fn accents_and_other_scripts_become_latin_letters() {
        for (word, plain) in [
            ("Azərbaycan", "azerbaycan"),
            ("Türkiye", "turkiye"),
            ("TÜRKİYE", "turkiye"),
            ("Côte", "cote"),
            ("Co\u{302}te", "cote"),
            ("Łódź", "lodz"),
            ("Україна", "ukrayina"),
            ("Straße", "strasse"),
        ] {
            assert_eq!(folded(word), plain, "{word}");
        }
    }
}
