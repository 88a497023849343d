//! The age of a contribution in days.

/// The number of days from one day or instant to another; 0 if one of them cannot be read, or if the order is reversed.
pub fn days_between(from: &str, to: &str) -> i64 {
    match (day_number(from), day_number(to)) {
        (Some(from), Some(to)) => to.saturating_sub(from).max(0),
        _ => 0,
    }
}

/// The number of a day, counted from a day in the Gregorian calendar.
fn day_number(text: &str) -> Option<i64> {
    let day = text.split('T').next()?;
    let mut parts = day.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    // The year begins in March, so that the leap day is its last one.
    let shift = (14_i64.checked_sub(month)?).checked_div(12)?;
    let year = year.checked_add(4800)?.checked_sub(shift)?;
    let month = month.checked_add(shift.checked_mul(12)?)?.checked_sub(3)?;
    let of_months = month.checked_mul(153)?.checked_add(2)?.checked_div(5)?;
    let of_years = year.checked_mul(365)?;
    let leap = year / 4 - year / 100 + year / 400;
    day.checked_add(of_months)?
        .checked_add(of_years)?
        .checked_add(leap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_across_months_and_leap_years() {
        for (from, to, days) in [
            ("2026-11-29T18:56:43Z", "2026-11-29", 0),
            ("2026-11-29", "2026-12-01", 2),
            ("2024-02-28", "2024-03-01", 2),
            ("2023-02-28", "2023-03-01", 1),
            ("2020-01-01", "2026-01-01", 2192),
            ("2026-12-01", "2026-11-29", 0),
            ("soon", "2026-11-29", 0),
        ] {
            assert_eq!(days_between(from, to), days, "{from} {to}");
        }
    }
}
