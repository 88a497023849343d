//! Dates in words. Dates of sources are EDTF text (`2023-08`, `2014/2020`, `2014~`); instants are RFC 3339.

mod phrase;

use crate::language::Language;
pub use phrase::{as_of, from, on, since, until};

const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const FRENCH: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// An EDTF date in words: `1 July 2010`, `August 2023`, `2014 to 2020`, `about 2014`. Text in another form is returned
/// as it is.
pub fn in_words(edtf: &str, language: Language) -> String {
    let said = match edtf.split_once('/') {
        None => point(edtf, language),
        Some((begin, end)) => interval(begin, end, language),
    };
    said.unwrap_or_else(|| edtf.to_owned())
}

/// The day of an instant in words.
pub fn day_of(instant: &str, language: Language) -> String {
    let day = instant.split('T').next().unwrap_or_default();
    in_words(day, language)
}

/// An instant in words, to the minute, in UTC.
pub fn instant(text: &str, language: Language) -> String {
    let day = day_of(text, language);
    let time = text.split_once('T').and_then(|(_, time)| time.get(..5));
    match (time, language) {
        (Some(time), Language::English) => format!("{day}, {time} UTC"),
        (Some(time), Language::French) => format!("{day}, {} UTC", time.replace(':', " h ")),
        (None, _) => day,
    }
}

fn interval(begin: &str, end: &str, language: Language) -> Option<String> {
    let is_open = |text: &str| matches!(text, "" | "..");
    Some(match (is_open(begin), is_open(end), language) {
        (true, true, _) => return None,
        (true, false, _) => point(end, language).map(|_| until(end, language))?,
        (false, true, _) => point(begin, language).map(|_| from(begin, language))?,
        (false, false, Language::English) => {
            format!("{} to {}", point(begin, language)?, point(end, language)?)
        }
        (false, false, Language::French) => {
            let (first, last) = (point(begin, language)?, point(end, language)?);
            match (is_day(begin), is_day(end)) {
                (true, true) => format!("du {first} au {last}"),
                (true, false) => format!("du {first} à {last}"),
                (false, true) => format!("{first} au {last}"),
                (false, false) => format!("{first} à {last}"),
            }
        }
    })
}

/// One date: a year, a month or a day, perhaps uncertain (`?`), approximate (`~`) or both (`%`).
fn point(text: &str, language: Language) -> Option<String> {
    let (date, mark) = match text.char_indices().next_back()? {
        (at, mark @ ('?' | '~' | '%')) => (text.get(..at)?, Some(mark)),
        _ => (text, None),
    };
    let mut parts = date.split('-');
    let year = parts.next().filter(|year| is_number(year, 4))?;
    let year = year.trim_start_matches('0');
    let month = match parts.next() {
        Some(month) => Some(month_name(month, language)?),
        None => None,
    };
    let day = match parts.next() {
        Some(day) if is_number(day, 2) => Some(day.trim_start_matches('0')),
        Some(_) => return None,
        None => None,
    };
    if parts.next().is_some() {
        return None;
    }
    let said = match (month, day) {
        (Some(month), Some("1")) if language == Language::French => format!("1er {month} {year}"),
        (Some(month), Some(day)) => format!("{day} {month} {year}"),
        (Some(month), None) => format!("{month} {year}"),
        (None, _) => year.to_owned(),
    };
    Some(match (mark, language) {
        (Some('~'), Language::English) => format!("about {said}"),
        (Some('~'), Language::French) => format!("vers {said}"),
        (Some('?'), Language::English) => format!("{said} (uncertain)"),
        (Some('?'), Language::French) => format!("{said} (incertain)"),
        (Some(_), Language::English) => format!("about {said} (uncertain)"),
        (Some(_), Language::French) => format!("vers {said} (incertain)"),
        (None, _) => said,
    })
}

/// True for a date to the day, without a mark.
fn is_day(date: &str) -> bool {
    date.len() == 10 && date.split('-').count() == 3
}

fn is_number(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn month_name(number: &str, language: Language) -> Option<&'static str> {
    let names = match language {
        Language::English => ENGLISH,
        Language::French => FRENCH,
    };
    let number: usize = number.parse().ok()?;
    names.get(number.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_at_the_precision_of_their_source() {
        for (edtf, english, french) in [
            ("2010-07-01", "1 July 2010", "1er juillet 2010"),
            ("2010-07-12", "12 July 2010", "12 juillet 2010"),
            ("2023-08", "August 2023", "août 2023"),
            ("2010", "2010", "2010"),
            ("2014~", "about 2014", "vers 2014"),
            ("2014?", "2014 (uncertain)", "2014 (incertain)"),
            (
                "2014-02%",
                "about February 2014 (uncertain)",
                "vers février 2014 (incertain)",
            ),
            ("2014/2020", "2014 to 2020", "2014 à 2020"),
            (
                "2000-05-15/2023-12-01",
                "15 May 2000 to 1 December 2023",
                "du 15 mai 2000 au 1er décembre 2023",
            ),
            (
                "2000-05-15/2023",
                "15 May 2000 to 2023",
                "du 15 mai 2000 à 2023",
            ),
            (
                "2000/2023-12-01",
                "2000 to 1 December 2023",
                "2000 au 1er décembre 2023",
            ),
            ("2014/..", "from 2014", "à partir de 2014"),
            ("../2018", "until 2018", "jusqu’en 2018"),
            (
                "../2018-02-03",
                "until 3 February 2018",
                "jusqu’au 3 février 2018",
            ),
            ("2018-10/..", "from October 2018", "à partir d’octobre 2018"),
            ("201X", "201X", "201X"),
            ("2010-13", "2010-13", "2010-13"),
            ("<b>", "<b>", "<b>"),
            ("", "", ""),
        ] {
            assert_eq!(in_words(edtf, Language::English), english);
            assert_eq!(in_words(edtf, Language::French), french);
        }
        let said = instant("2026-11-29T18:29:58.8Z", Language::French);
        assert_eq!(said, "29 novembre 2026, 18 h 29 UTC");
    }
}
