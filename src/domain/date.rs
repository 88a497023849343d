//! Calendar dates, whole and partial. A date is never stored more precisely than its source gives it.

use std::fmt::{self, Display};
use std::str::FromStr;

use chrono::{Datelike, Months, NaiveDate};
use edtf::level_1::{Certainty, Date as EdtfDate, Edtf, Precision, Terminal};
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

use super::check::{Code, Finding, Path};
use super::text::{Malformed, written};

/// A calendar day in UTC, of the years 1 to 9999.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    DeriveValueType,
)]
#[serde(try_from = "String", into = "String")]
#[sea_orm(value_type = "String")]
pub struct Date(NaiveDate);
written!(Date, "a day as YYYY-MM-DD, like \u{201c}2010-03-15\u{201d}");

impl Date {
    /// The first valid day: 0001-01-01.
    pub const FIRST: Self = Self(match NaiveDate::from_ymd_opt(1, 1, 1) {
        Some(day) => day,
        None => NaiveDate::MIN,
    });
    /// The last valid day: 9999-12-31.
    pub const LAST: Self = Self(match NaiveDate::from_ymd_opt(9999, 12, 31) {
        Some(day) => day,
        None => NaiveDate::MAX,
    });

    /// Returns the day of an instant, in UTC.
    pub fn of(instant: chrono::DateTime<chrono::Utc>) -> Self {
        Self(instant.date_naive())
    }

    fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day)
            .map(Self)
            .filter(|found| (Self::FIRST..=Self::LAST).contains(found))
    }

    /// Returns the year, the month from 1 to 12, and the day of the month.
    pub fn year_month_day(self) -> (i32, u32, u32) {
        (self.0.year(), self.0.month(), self.0.day())
    }

    /// Returns the day before; [`Date::FIRST`] for itself.
    pub fn previous(self) -> Self {
        self.minus_days(1)
    }

    /// Returns the instant at which the day begins, in UTC.
    pub fn begins(self) -> chrono::DateTime<chrono::Utc> {
        self.0.and_time(chrono::NaiveTime::MIN).and_utc()
    }

    /// Returns the day after; [`Date::LAST`] for itself.
    pub fn next(self) -> Self {
        self.plus_days(1)
    }

    /// Returns the day `days` later, at most [`Date::LAST`].
    pub fn plus_days(self, days: u32) -> Self {
        let later = self.0.checked_add_days(chrono::Days::new(days.into()));
        later.map_or(Self::LAST, Self).min(Self::LAST)
    }

    /// Returns the day `days` earlier, at least [`Date::FIRST`].
    pub fn minus_days(self, days: u32) -> Self {
        let earlier = self.0.checked_sub_days(chrono::Days::new(days.into()));
        earlier.map_or(Self::FIRST, Self).max(Self::FIRST)
    }

    /// Returns the same day of the month `months` later, or the last day of that month if it is shorter.
    pub fn plus_months(self, months: u32) -> Self {
        let later = self.0.checked_add_months(Months::new(months));
        later.map_or(Self::LAST, Self).min(Self::LAST)
    }

    /// Returns the last day of the month.
    pub fn last_of_month(self) -> Self {
        let next = self.first_of_month_after(0);
        next.0.pred_opt().map_or(Self::LAST, Self).max(self)
    }

    /// Returns the last day of the year.
    pub fn last_of_year(self) -> Self {
        Self::from_ymd(self.0.year(), 12, 31).unwrap_or(Self::LAST)
    }

    /// Returns the first day of the month that follows `months` months after the month of this day.
    pub fn first_of_month_after(self, months: u32) -> Self {
        let first = self.0.with_day(1).unwrap_or(self.0);
        Self(first).plus_months(months.saturating_add(1))
    }
}

impl FromStr for Date {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        match PartialDate::from_str(text) {
            Ok(PartialDate(Edtf::Date(date))) if date.certainty() == Certainty::Certain => {
                match date.precision() {
                    Precision::Day(year, month, day) => Self::from_ymd(year, month, day),
                    _ => None,
                }
            }
            _ => None,
        }
        .ok_or_else(|| Malformed::new::<Self>(text))
    }
}

impl Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.0.year(),
            self.0.month(),
            self.0.day()
        )
    }
}

/// Precision of a date. Source: EDTF (ISO 8601-2), level 1, in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum DatePrecision {
    /// One known day: `2010-03-15`.
    Day,
    /// One month; its day is not known: `2010-03`.
    Month,
    /// One year; its month and day are not known: `2010`.
    Year,
    /// From one date to another; either end can be open: `2014/2020`, `2014/..`, `../2021`.
    Interval,
    /// A date that no other value of this list describes.
    Unknown,
}

/// A date as exact as its source: a day, a month, a year or an interval, optionally uncertain (`?`) or approximate
/// (`~`). Years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, DeriveValueType)]
#[serde(try_from = "String", into = "String")]
#[sea_orm(value_type = "String")]
pub struct PartialDate(Edtf);
written!(
    PartialDate,
    "an EDTF date, like 2010-03-15, 2010-03, 2010, 2014/2020, 2014/.., ../2021, 2014~ or 2014?"
);

/// Adds a finding if something ends before it begins, for every day that the partial dates allow.
pub fn check_order(
    begins: Option<PartialDate>,
    ends: Option<PartialDate>,
    at_end: &Path,
    found: &mut Vec<Finding>,
) {
    let begins = begins.and_then(|date| date.earliest());
    let ends = ends.and_then(|date| date.latest());
    if let (Some(begins), Some(ends)) = (begins, ends)
        && ends < begins
    {
        let message = format!("expected {begins}, on which it begins, or a later day");
        found.push(at_end.finding(Code::Invalid, message));
    }
}

impl PartialDate {
    /// Returns the first day that the date can mean; `None` if it is open towards the past.
    pub fn earliest(&self) -> Option<Date> {
        match self.0 {
            Edtf::Date(date) | Edtf::Interval(date, _) | Edtf::IntervalFrom(date, _) => first(date),
            _ => None,
        }
    }

    /// Returns the last day that the date can mean; `None` if it is open towards the future.
    pub fn latest(&self) -> Option<Date> {
        match self.0 {
            Edtf::Date(date) | Edtf::Interval(_, date) | Edtf::IntervalTo(_, date) => last(date),
            _ => None,
        }
    }

    /// Returns the precision of the date.
    pub fn precision(&self) -> DatePrecision {
        match self.0 {
            Edtf::Date(date) => match date.precision() {
                Precision::Day(..) => DatePrecision::Day,
                Precision::Month(..) => DatePrecision::Month,
                Precision::Year(_) => DatePrecision::Year,
                _ => DatePrecision::Unknown,
            },
            _ => DatePrecision::Interval,
        }
    }

    fn is(&self, mark: Certainty) -> bool {
        let marked = |date: EdtfDate| {
            date.certainty() == mark || date.certainty() == Certainty::ApproximateUncertain
        };
        match self.0 {
            Edtf::Interval(from, to) => marked(from) || marked(to),
            Edtf::Date(date) | Edtf::IntervalFrom(date, _) | Edtf::IntervalTo(_, date) => {
                marked(date)
            }
            _ => false,
        }
    }

    /// True if the source gives the date as approximate (`~`).
    pub fn is_approximate(&self) -> bool {
        self.is(Certainty::Approximate)
    }

    /// True if the source gives the date as uncertain (`?`).
    pub fn is_uncertain(&self) -> bool {
        self.is(Certainty::Uncertain)
    }
}

fn first(date: EdtfDate) -> Option<Date> {
    match date.precision() {
        Precision::Year(year) => Date::from_ymd(year, 1, 1),
        Precision::Month(year, month) => Date::from_ymd(year, month, 1),
        Precision::Day(year, month, day) => Date::from_ymd(year, month, day),
        _ => None,
    }
}

fn last(date: EdtfDate) -> Option<Date> {
    let start = first(date)?;
    Some(match date.precision() {
        Precision::Year(year) => Date::from_ymd(year, 12, 31)?,
        Precision::Month(..) => Date(start.0.checked_add_months(Months::new(1))?.pred_opt()?),
        _ => start,
    })
}

impl From<Date> for PartialDate {
    fn from(day: Date) -> Self {
        Self(Edtf::Date(EdtfDate::from_ymd(
            day.0.year(),
            day.0.month(),
            day.0.day(),
        )))
    }
}

impl FromStr for PartialDate {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new::<Self>(text);
        let open = |terminal: Terminal| terminal == Terminal::Open;
        let known = |date: EdtfDate| first(date).is_some();
        let date = if text.len() > 30 {
            return Err(malformed());
        } else {
            Edtf::parse(text).map_err(|_| malformed())?
        };
        let accepted = match date {
            Edtf::Date(date) => known(date),
            Edtf::Interval(from, to) => known(from) && known(to) && first(from) <= last(to),
            Edtf::IntervalFrom(date, end) | Edtf::IntervalTo(end, date) => known(date) && open(end),
            Edtf::DateTime(_) | Edtf::YYear(_) => false,
        };
        accepted.then_some(Self(date)).ok_or_else(malformed)
    }
}

impl Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> PartialDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_partial_date_is_written_as_it_was_read() {
        for text in [
            "2010-03-15",
            "2010-03",
            "2010",
            "2014/2020",
            "2014/..",
            "../2021",
            "2014~",
            "2014?",
            "2014%",
            "2010-03-15/2010-04",
            "0001",
            "9999-12-31",
        ] {
            assert_eq!(date(text).to_string(), text);
        }
    }

    #[test]
    fn dates_outside_the_edtf_subset_are_refused() {
        for text in [
            "",
            "2010-3",
            "2010-13",
            "2010-02-30",
            "15.03.2010",
            "2010-03-15T00:00:00Z",
            "20XX",
            "2010-21",
            "0000",
            "-0044",
            "Y12345",
            "10000",
            "2020/2014",
            "/2020",
            "2014/",
            "2010-XX",
            "../..",
        ] {
            assert!(text.parse::<PartialDate>().is_err(), "{text}");
        }
    }

    #[test]
    fn earliest_and_latest_day_follow_from_the_precision() {
        let bounds = |text: &str| {
            let show = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
            (show(date(text).earliest()), show(date(text).latest()))
        };
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(bounds("2010"), pair("2010-01-01", "2010-12-31"));
        assert_eq!(bounds("2012-02"), pair("2012-02-01", "2012-02-29"));
        assert_eq!(bounds("2014/2020-06"), pair("2014-01-01", "2020-06-30"));
        assert_eq!(bounds("2014/.."), pair("2014-01-01", ""));
        assert_eq!(bounds("../2021"), pair("", "2021-12-31"));
        assert!(date("2014~").is_approximate() && !date("2014~").is_uncertain());
        assert!(date("2014%").is_approximate() && date("2014%").is_uncertain());
    }

    #[test]
    fn a_day_accepts_only_whole_certain_dates() {
        assert_eq!(
            "2010-03-15".parse::<Date>().unwrap().to_string(),
            "2010-03-15"
        );
        for text in [
            "2010-03",
            "2010-03-15?",
            "2010-03-15/2010-03-16",
            "10000-01-01",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert_eq!(
            "2022-11-30"
                .parse::<Date>()
                .unwrap()
                .plus_months(3)
                .to_string(),
            "2023-02-28"
        );
    }

    proptest! {
        #[test]
        fn every_day_is_read_as_it_was_written(days in 0_u32..3_652_058) {
            let day = Date::FIRST.plus_days(days);
            prop_assert_eq!(day.to_string().parse::<Date>().unwrap(), day);
            let partial = PartialDate::from(day);
            prop_assert_eq!(date(&partial.to_string()), partial);
            prop_assert_eq!((partial.earliest(), partial.latest()), (Some(day), Some(day)));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[0-9/.~?%XYT:Z-]{0,24}") {
            if let Ok(read) = text.parse::<PartialDate>() {
                prop_assert_eq!(date(&read.to_string()), read);
                if let (Some(from), Some(to)) = (read.earliest(), read.latest()) {
                    prop_assert!(from <= to);
                }
            }
        }
    }
}
