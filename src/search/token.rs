//! Words of a text, and the compounds that they form: `cyber-crime`, `cyber crime` and `cybercrime` share a term.

use std::ops::Range;

use super::fold::{is_invisible, is_mark, push_folded};
use super::spelling::term;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The letters, folded.
    pub folded: String,
    /// The term: the letters in one spelling.
    pub term: String,
    /// The bytes of the text.
    pub place: Range<usize>,
}

/// Words without a space between them, as in `CERT-FR`, `24/7` and `ETS185`. `cyber` also forms one with the word after
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compound(pub Vec<Word>);

/// Words of a longer compound get no common term: it is a path or an address.
const MAX_JOINED: usize = 6;

/// The word that forms compounds in every spelling.
pub const CYBER: &str = "cyber";

impl Compound {
    /// The terms by which the compound is found, with their places: each word, each two words, and all words.
    pub fn terms(&self) -> Vec<(String, Range<usize>)> {
        let words = &self.0;
        let mut terms: Vec<_> = words
            .iter()
            .map(|word| (word.term.clone(), word.place.clone()))
            .collect();
        if (3..=MAX_JOINED).contains(&words.len()) {
            terms.extend(joined(words));
        }
        terms.extend(words.windows(2).filter_map(joined));
        terms
    }

    /// The common term of all words, if there are several.
    pub fn joined(&self) -> Option<String> {
        let is_several = (2..=MAX_JOINED).contains(&self.0.len());
        joined(&self.0).filter(|_| is_several).map(|(term, _)| term)
    }
}

fn joined(words: &[Word]) -> Option<(String, Range<usize>)> {
    let (first, last) = (words.first()?, words.last()?);
    let letters: String = words.iter().map(|word| word.folded.as_str()).collect();
    Some((term(&letters), first.place.start..last.place.end))
}

/// The words of a text without spaces: equal for two texts that differ in case, accents, signs and spelling alone.
pub fn whole(compounds: &[Compound]) -> String {
    let words = compounds.iter().flat_map(|compound| &compound.0);
    let letters: String = words.map(|word| word.term.as_str()).collect();
    letters
}

/// Divides a text into its compounds.
pub fn compounds(text: &str) -> Vec<Compound> {
    let mut found: Vec<Compound> = Vec::new();
    let mut word = Open::default();
    let mut gap = Gap::Wide;
    for (at, letter) in text.char_indices() {
        let end = at.saturating_add(letter.len_utf8());
        if letter.is_alphanumeric() {
            let is_digit = letter.is_numeric();
            if word.is_open() && word.is_number != is_digit {
                close(&mut found, &mut word, gap);
                gap = Gap::None;
            }
            word.is_number = is_digit;
            word.push(letter, at, end);
        } else if word.is_open() && (is_mark(letter) || is_invisible(letter)) {
            word.place.end = end;
        } else if word.is_open() {
            close(&mut found, &mut word, gap);
            gap = Gap::after(letter);
        } else {
            gap = Gap::Wide;
        }
    }
    close(&mut found, &mut word, gap);
    found
}

/// The characters between two words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    /// One sign that joins words.
    Joint,
    Space,
    Wide,
}

impl Gap {
    fn after(letter: char) -> Self {
        match letter {
            '-' | '\u{2010}' | '\u{2011}' | '\'' | '\u{2019}' | '\u{2bc}' | '.' | '/' | '_'
            | '&' => Self::Joint,
            _ if letter.is_whitespace() => Self::Space,
            _ => Self::Wide,
        }
    }
}

/// A word whose end was not reached.
#[derive(Default)]
struct Open {
    folded: String,
    place: Range<usize>,
    is_number: bool,
}

impl Open {
    fn is_open(&self) -> bool {
        !self.place.is_empty()
    }

    fn push(&mut self, letter: char, start: usize, end: usize) {
        if !self.is_open() {
            self.place.start = start;
        }
        self.place.end = end;
        push_folded(&mut self.folded, letter);
    }
}

/// Adds the open word, if there is one: to the last compound, unless `gap` divides them.
fn close(found: &mut Vec<Compound>, word: &mut Open, gap: Gap) {
    let Open { folded, place, .. } = std::mem::take(word);
    if folded.is_empty() {
        return;
    }
    let word = Word {
        term: term(&folded),
        folded,
        place,
    };
    match found.last_mut() {
        Some(Compound(words)) if continues(words, gap) => words.push(word),
        _ => found.push(Compound(vec![word])),
    }
}

fn continues(words: &[Word], gap: Gap) -> bool {
    let after_cyber = || words.last().is_some_and(|word| word.folded == CYBER);
    match gap {
        Gap::None | Gap::Joint => true,
        Gap::Space => after_cyber(),
        Gap::Wide => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        let compounds = compounds(text);
        let terms = compounds.iter().flat_map(Compound::terms);
        terms.map(|(term, _)| term).collect()
    }

    #[test]
    fn all_spellings_of_a_compound_share_a_term() {
        for text in [
            "cybercrime",
            "cyber-crime",
            "Cyber crime",
            "CYBER\u{2011}CRIMES",
        ] {
            assert!(terms(text).contains(&"cybercrime".to_owned()), "{text}");
        }
        assert_eq!(terms("CERT-FR"), ["cert", "fr", "certfr"]);
        assert_eq!(terms("ETS185"), ["ets", "185", "ets185"]);
        assert!(terms("A.N.S.S.I.").contains(&"anssi".to_owned()));
        assert!(terms("Côte d\u{2019}Ivoire").contains(&"divoire".to_owned()));
    }

    #[test]
    fn invisible_characters_do_not_divide_a_word() {
        assert_eq!(terms("\u{202b}cy\u{ad}ber\u{200f}"), ["cyber"]);
        assert_eq!(terms("Co\u{302}te"), ["cote"]);
        assert_eq!(terms("\u{1f916} \u{202e} \"*\" "), Vec::<String>::new());
    }

    #[test]
    fn a_word_knows_its_place() {
        let text = "the Türkiye-wide plan";
        let found = compounds(text);
        let places = found.iter().flat_map(|compound| &compound.0);
        let words: Vec<&str> = places
            .filter_map(|word| text.get(word.place.clone()))
            .collect();
        assert_eq!(words, ["the", "Türkiye", "wide", "plan"]);
    }
}
