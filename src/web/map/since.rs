//! The begin of a status in words.

use crate::date::in_words;
use crate::language::Language;

/// Words like `since 1 July 2010` for an EDTF date.
pub fn since(edtf: &str, language: Language) -> String {
    let said = |date: &str| in_words(date, language);
    match (edtf.split_once('/'), language) {
        (Some(("" | "..", end)), Language::English) => format!("since {} or earlier", said(end)),
        (Some(("" | "..", end)), Language::French) => format!("depuis {} ou avant", on(end)),
        (Some((begin, "" | "..")), Language::English) => format!("since {} or later", said(begin)),
        (Some((begin, "" | "..")), Language::French) => format!("depuis {} ou après", on(begin)),
        (Some((begin, end)), Language::English) => {
            format!("since a day between {} and {}", said(begin), said(end))
        }
        (Some((begin, end)), Language::French) => {
            format!("depuis un jour entre {} et {}", on(begin), on(end))
        }
        (None, Language::English) => format!("since {}", said(edtf)),
        (None, Language::French) => format!("depuis {}", on(edtf)),
    }
}

/// A date in French with its article, if it is a day.
fn on(edtf: &str) -> String {
    let said = in_words(edtf, Language::French);
    let is_day = edtf.len() == 10 && edtf.split('-').count() == 3;
    if is_day { format!("le {said}") } else { said }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_begin_is_told_at_the_precision_of_its_source() {
        for (edtf, english, french) in [
            (
                "2010-07-01",
                "since 1 July 2010",
                "depuis le 1er juillet 2010",
            ),
            ("2023-10", "since October 2023", "depuis octobre 2023"),
            ("2020", "since 2020", "depuis 2020"),
            ("../2021", "since 2021 or earlier", "depuis 2021 ou avant"),
            (
                "2022-09/..",
                "since September 2022 or later",
                "depuis septembre 2022 ou après",
            ),
            (
                "2014-01-02/2014-03-04",
                "since a day between 2 January 2014 and 4 March 2014",
                "depuis un jour entre le 2 janvier 2014 et le 4 mars 2014",
            ),
        ] {
            assert_eq!(since(edtf, Language::English), english);
            assert_eq!(since(edtf, Language::French), french);
        }
    }
}
