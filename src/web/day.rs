//! Days of the proleptic Gregorian calendar, in ISO 8601.

/// The number of a day, counted from 1 January 1970. `None` if the text is no day.
pub fn number(day: &str) -> Option<i64> {
    let mut parts = day.split('-');
    let year: i64 = parts.next()?.parse().ok()?;
    let month: i64 = parts.next()?.parse().ok()?;
    let day: i64 = parts.next()?.parse().ok()?;
    let is_known = parts.next().is_none() && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_known || !(1..=9999).contains(&year) {
        return None;
    }
    // Years begin in March, so that the leap day is the last one. Source: H. Hinnant, “chrono-compatible low-level
    // date algorithms”.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// True if a text is a day of the calendar, in the form `2026-01-31`.
pub fn is_day(text: &str) -> bool {
    number(text).is_some_and(|number| of(number) == text)
}

/// The day with a number.
pub fn of(number: i64) -> String {
    let shifted = number + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The day that lies a number of days after another. `None` if the text is no day.
pub fn after(day: &str, days: i64) -> Option<String> {
    number(day).map(|number| of(number + days))
}

/// The number of days from one day or instant to another; 0 if one of them cannot be read, or if the order is reversed.
pub fn between(from: &str, to: &str) -> i64 {
    let number_of = |text: &str| number(text.split('T').next().unwrap_or_default());
    match (number_of(from), number_of(to)) {
        (Some(from), Some(to)) => (to - from).max(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_months_and_leap_years() {
        assert_eq!(number("1970-01-01"), Some(0));
        assert_eq!(number("2000-03-01"), Some(11_017));
        for (day, next) in [
            ("2023-12-31", "2024-01-01"),
            ("2024-02-28", "2024-02-29"),
            ("2023-02-28", "2023-03-01"),
            ("1900-02-28", "1900-03-01"),
            ("2000-02-29", "2000-03-01"),
            ("1969-12-31", "1970-01-01"),
        ] {
            assert_eq!(after(day, 1).as_deref(), Some(next));
            assert_eq!(after(next, -1).as_deref(), Some(day));
        }
        for wrong in [
            "",
            "2020",
            "2020-13-01",
            "2020-00-01",
            "x-y-z",
            "2020-01-01-01",
        ] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_day_of_the_calendar_has_ten_characters() {
        assert!(is_day("2026-01-31") && is_day("2024-02-29"));
        for text in [
            "2026-1-31",
            "2026-01-31T",
            "yesterday!",
            "2026/01/31",
            "2026-02-30",
            "2023-02-29",
            "",
        ] {
            assert!(!is_day(text), "{text}");
        }
    }

    #[test]
    fn days_lie_between_days_and_instants() {
        for (from, to, days) in [
            ("2026-11-29T18:56:43Z", "2026-11-29", 0),
            ("2026-11-29", "2026-12-01", 2),
            ("2020-01-01", "2026-01-01", 2192),
            ("2026-12-01", "2026-11-29", 0),
            ("soon", "2026-11-29", 0),
        ] {
            assert_eq!(between(from, to), days, "{from} {to}");
        }
    }
}
