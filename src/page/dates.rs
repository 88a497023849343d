//! Days as the pages print them: DD/MM/YYYY.

use domain::date::Date;

/// A day that a page prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The text, as in `16/04/2020`.
    pub text: String,
    /// The day; `None` if the calendar has no such day.
    pub date: Option<Date>,
}

impl Day {
    /// Returns the reason why the text is no day.
    pub fn fault(&self) -> Option<String> {
        let text = &self.text;
        self.date
            .is_none()
            .then(|| format!("{text} is not a day of the calendar; expected DD/MM/YYYY"))
    }
}

/// Returns the days that a text prints, in order.
pub fn days(text: &str) -> Vec<Day> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut before = None;
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit()) {
        before = rest
            .get(..at)
            .and_then(|text| text.chars().next_back())
            .or(before);
        let from = rest.get(at..).unwrap_or_default();
        let (day, length) = leading(from);
        if let Some(day) = day
            && before != Some('/')
        {
            found.push(day);
        }
        before = from.get(..length).and_then(|text| text.chars().next_back());
        rest = from.get(length..).unwrap_or_default();
    }
    found
}

/// Reads a day at the beginning of a text that begins with a digit. Returns it with the number of bytes that were read.
fn leading(text: &str) -> (Option<Day>, usize) {
    let mut at = 0;
    let mut numbers = Vec::new();
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let Some(number) = rest.get(..digits).filter(|_| digits > 0) else {
            break;
        };
        numbers.push(number);
        at += digits;
        if numbers.len() == 3 {
            break;
        }
        let rest = text.get(at..).unwrap_or_default();
        let trimmed = rest.trim_start_matches(' ');
        let Some(after) = trimmed.strip_prefix('/') else {
            break;
        };
        let after = after.trim_start_matches(' ');
        if !after.starts_with(|letter: char| letter.is_ascii_digit()) {
            break;
        }
        at = text.len() - after.len();
    }
    let printed = text.get(..at).unwrap_or_default();
    let continues = text.get(at..).is_some_and(|rest| {
        let mut letters = rest.chars();
        letters.next() == Some('/') && letters.next().is_some_and(|letter| letter.is_ascii_digit())
    });
    let [day, month, year] = numbers.as_slice() else {
        return (None, at.max(1));
    };
    if continues
        || !(1..=2).contains(&day.len())
        || !(1..=2).contains(&month.len())
        || year.len() != 4
    {
        return (None, at.max(1));
    }
    let date = format!("{year}-{month:0>2}-{day:0>2}").parse().ok();
    let day = Day {
        text: printed.to_owned(),
        date,
    };
    (Some(day), at.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Option<String>)> {
        let days = days(text).into_iter();
        days.map(|day| (day.text, day.date.map(|date| date.to_string())))
            .collect()
    }

    fn one(text: &str, date: Option<&str>) -> Vec<(String, Option<String>)> {
        vec![(text.to_owned(), date.map(str::to_owned))]
    }

    #[test]
    fn days_are_read_day_first() {
        assert_eq!(
            read("Signed : 30/06/2008 at"),
            one("30/06/2008", Some("2008-06-30"))
        );
        assert_eq!(read("5/6/2008."), one("5/6/2008", Some("2008-06-05")));
        assert_eq!(read("on 29/02/2012"), one("29/02/2012", Some("2012-02-29")));
        assert_eq!(
            read("1 / 2 / 2003"),
            one("1 / 2 / 2003", Some("2003-02-01"))
        );
        assert_eq!(read("01/02/2003 03/04/2005").len(), 2);
    }

    #[test]
    fn a_day_that_the_calendar_does_not_have_is_found_without_a_date() {
        for text in [
            "31/02/2010",
            "29/02/2011",
            "00/01/2010",
            "04/16/2020",
            "12/00/2010",
            "12/12/0000",
        ] {
            assert_eq!(read(text), one(text, None), "{text}");
            assert!(days(text)[0].fault().unwrap().contains(text));
        }
    }

    #[test]
    fn other_numbers_are_no_days() {
        for text in [
            "24/7",
            "14/ 3 (b)",
            "2011/2025",
            "2013/40/EU",
            "12/05/04",
            "1/2/2003/4",
            "24/7/365",
            "a/1/2/2003/5",
            "2.2.9",
        ] {
            assert_eq!(read(text), [], "{text}");
        }
    }
}
