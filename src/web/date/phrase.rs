//! Dates after a preposition. French contracts it with the article of a day, and months and years have no article.

use super::{in_words, is_day};
use crate::language::Language;

/// A preposition before a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Preposition {
    Since,
    Until,
    From,
    On,
    AsOf,
}

/// Words like `since 1 July 2010` for an EDTF date.
pub fn since(edtf: &str, language: Language) -> String {
    said(Preposition::Since, edtf, language)
}

/// Words like `until 1 July 2010` for an EDTF date.
pub fn until(edtf: &str, language: Language) -> String {
    said(Preposition::Until, edtf, language)
}

/// Words like `from 1 July 2010` for an EDTF date.
pub fn from(edtf: &str, language: Language) -> String {
    said(Preposition::From, edtf, language)
}

/// Words like `on 1 July 2010` or `in July 2010` for an EDTF date.
pub fn on(edtf: &str, language: Language) -> String {
    said(Preposition::On, edtf, language)
}

/// Words like `as of 1 July 2010` for an EDTF date.
pub fn as_of(edtf: &str, language: Language) -> String {
    said(Preposition::AsOf, edtf, language)
}

fn said(preposition: Preposition, edtf: &str, language: Language) -> String {
    let point = |date: &str| match language {
        Language::English => english(preposition, date),
        Language::French => french(preposition, date),
    };
    match (edtf.split_once('/'), language) {
        (None | Some(("" | "..", "" | "..")), _) => point(edtf),
        (Some(("" | "..", end)), Language::English) => format!("{} or earlier", point(end)),
        (Some(("" | "..", end)), Language::French) => format!("{} ou avant", point(end)),
        (Some((begin, "" | "..")), Language::English) => format!("{} or later", point(begin)),
        (Some((begin, "" | "..")), Language::French) => format!("{} ou après", point(begin)),
        (Some((begin, end)), Language::English) => {
            let before = match preposition {
                Preposition::Since => "since",
                Preposition::Until => "until",
                Preposition::From => "from",
                Preposition::On => "on",
                Preposition::AsOf => "as of",
            };
            let (begin, end) = (in_words(begin, language), in_words(end, language));
            format!("{before} a day between {begin} and {end}")
        }
        (Some((begin, end)), Language::French) => {
            let before = match preposition {
                Preposition::Since => "depuis un jour",
                Preposition::Until => "jusqu’à un jour",
                Preposition::From => "à partir d’un jour",
                Preposition::On => "un jour",
                Preposition::AsOf => "à une date",
            };
            let between = |date: &str| {
                let said = in_words(date, language);
                if is_day(date) {
                    format!("le {said}")
                } else {
                    said
                }
            };
            format!("{before} entre {} et {}", between(begin), between(end))
        }
    }
}

fn english(preposition: Preposition, date: &str) -> String {
    let said = in_words(date, Language::English);
    let before = match preposition {
        Preposition::Since => "since",
        Preposition::Until => "until",
        Preposition::From => "from",
        Preposition::On if is_day(date) => "on",
        Preposition::On => "in",
        Preposition::AsOf => "as of",
    };
    format!("{before} {said}")
}

fn french(preposition: Preposition, date: &str) -> String {
    let bare = date.trim_end_matches(['?', '~', '%']);
    let mark = match date.strip_prefix(bare) {
        Some("~") => " environ",
        Some("?") => " (incertain)",
        Some("%") => " environ (incertain)",
        _ => "",
    };
    let said = in_words(bare, Language::French);
    let before = match (preposition, is_day(bare)) {
        (Preposition::Since, true) => "depuis le ",
        (Preposition::Since, false) => "depuis ",
        (Preposition::Until, true) => "jusqu’au ",
        (Preposition::Until, false) => "jusqu’en ",
        (Preposition::From, true) => "à partir du ",
        (Preposition::From, false) if said.starts_with(['a', 'o']) => "à partir d’",
        (Preposition::From, false) => "à partir de ",
        (Preposition::On, true) => "le ",
        (Preposition::AsOf, true) => "à la date du ",
        (Preposition::On | Preposition::AsOf, false) => "en ",
    };
    format!("{before}{said}{mark}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_prepositions_at_the_precision_of_their_source() {
        for (edtf, english, french) in [
            (
                "2010-07-01",
                [
                    "since 1 July 2010",
                    "until 1 July 2010",
                    "from 1 July 2010",
                    "on 1 July 2010",
                    "as of 1 July 2010",
                ],
                [
                    "depuis le 1er juillet 2010",
                    "jusqu’au 1er juillet 2010",
                    "à partir du 1er juillet 2010",
                    "le 1er juillet 2010",
                    "à la date du 1er juillet 2010",
                ],
            ),
            (
                "2023-08",
                [
                    "since August 2023",
                    "until August 2023",
                    "from August 2023",
                    "in August 2023",
                    "as of August 2023",
                ],
                [
                    "depuis août 2023",
                    "jusqu’en août 2023",
                    "à partir d’août 2023",
                    "en août 2023",
                    "en août 2023",
                ],
            ),
            (
                "2015~",
                [
                    "since about 2015",
                    "until about 2015",
                    "from about 2015",
                    "in about 2015",
                    "as of about 2015",
                ],
                [
                    "depuis 2015 environ",
                    "jusqu’en 2015 environ",
                    "à partir de 2015 environ",
                    "en 2015 environ",
                    "en 2015 environ",
                ],
            ),
            (
                "2014-01-02/2014-03",
                [
                    "since a day between 2 January 2014 and March 2014",
                    "until a day between 2 January 2014 and March 2014",
                    "from a day between 2 January 2014 and March 2014",
                    "on a day between 2 January 2014 and March 2014",
                    "as of a day between 2 January 2014 and March 2014",
                ],
                [
                    "depuis un jour entre le 2 janvier 2014 et mars 2014",
                    "jusqu’à un jour entre le 2 janvier 2014 et mars 2014",
                    "à partir d’un jour entre le 2 janvier 2014 et mars 2014",
                    "un jour entre le 2 janvier 2014 et mars 2014",
                    "à une date entre le 2 janvier 2014 et mars 2014",
                ],
            ),
        ] {
            let all = [since, until, from, on, as_of];
            assert_eq!(all.map(|one| one(edtf, Language::English)), english);
            assert_eq!(all.map(|one| one(edtf, Language::French)), french);
        }
    }

    #[test]
    fn an_open_interval_says_on_which_side_it_is_open() {
        for (edtf, english, french) in [
            ("../2021", "since 2021 or earlier", "depuis 2021 ou avant"),
            (
                "2022-09/..",
                "since September 2022 or later",
                "depuis septembre 2022 ou après",
            ),
        ] {
            assert_eq!(since(edtf, Language::English), english);
            assert_eq!(since(edtf, Language::French), french);
        }
    }
}
