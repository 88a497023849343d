//! The step chart of Parties and signatories over the years.

use crate::day;

/// The size of the plot, in units of the view box.
const WIDTH: i64 = 640;
const HEIGHT: i64 = 240;

/// A day with its counts.
#[derive(Clone, Debug)]
pub struct Point {
    /// The day.
    pub on: String,
    /// The number of Parties.
    pub parties: i64,
    /// The number of contracting States.
    pub contracting: i64,
    /// The number of signatories.
    pub signatories: i64,
}

/// A tick of an axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// The position, in units of the view box.
    pub at: i64,
    /// The text.
    pub text: String,
}

/// A chart.
#[derive(Clone, Debug)]
pub struct Chart {
    /// The path of the Parties.
    pub parties: String,
    /// The path of the signatories.
    pub signatories: String,
    /// The ticks of the years.
    pub years: Vec<Tick>,
    /// The ticks of the counts.
    pub counts: Vec<Tick>,
    /// The position of the last day.
    pub end: i64,
    /// The heights at which the lines end.
    pub ends: (i64, i64),
}

impl Chart {
    /// Draws a chart. `None` for fewer than two points.
    pub fn new(points: &[Point]) -> Option<Self> {
        let (first, last) = (points.first()?, points.last()?);
        let (begin, end) = (day::number(&first.on)?, day::number(&last.on)?);
        let span = (end - begin).max(1);
        if points.len() < 2 {
            return None;
        }
        let highest = points
            .iter()
            .map(|point| point.parties.max(point.signatories));
        let step = step(highest.max().unwrap_or(0));
        let top = step * 5;
        let x = |on: &str| day::number(on).map(|number| (number - begin) * WIDTH / span);
        let y = |count: i64| HEIGHT - count * HEIGHT / top;
        let path = |count: &dyn Fn(&Point) -> i64| -> Option<String> {
            let steps = points.iter().skip(1);
            let steps = steps.map(|point| Some(format!("H{}V{}", x(&point.on)?, y(count(point)))));
            let steps: String = steps.collect::<Option<_>>()?;
            Some(format!("M0 {}{steps}", y(count(first))))
        };
        Some(Self {
            parties: path(&|point| point.parties)?,
            signatories: path(&|point| point.signatories)?,
            years: years(points, &x),
            counts: (0..=5)
                .map(|at| Tick {
                    at: y(at * step),
                    text: (at * step).to_string(),
                })
                .collect(),
            end: WIDTH,
            ends: (y(last.parties), y(last.signatories)),
        })
    }
}

/// The distance of five ticks that reach a count: 1, 2 or 5 times a power of ten.
fn step(highest: i64) -> i64 {
    let mut power = 1;
    loop {
        for factor in [1, 2, 5] {
            if factor * power * 5 >= highest {
                return factor * power;
            }
        }
        power *= 10;
    }
}

/// Ticks at the years that can be divided by five, or at all years of a short chart.
fn years(points: &[Point], x: &dyn Fn(&str) -> Option<i64>) -> Vec<Tick> {
    let is_short = points.len() <= 8;
    let year_ends = points.iter().filter(|point| point.on.ends_with("-12-31"));
    let ticks = year_ends.filter_map(|point| {
        let year: i64 = point.on.split('-').next()?.parse().ok()?;
        let tick = Tick {
            at: x(&point.on)?,
            text: year.to_string(),
        };
        (is_short || year % 5 == 0).then_some(tick)
    });
    ticks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(on: &str, parties: i64, signatories: i64) -> Point {
        Point {
            on: on.to_owned(),
            parties,
            contracting: 0,
            signatories,
        }
    }

    #[test]
    fn ticks_have_round_distances() {
        for (highest, expected) in [
            (0, 1),
            (5, 1),
            (6, 2),
            (10, 2),
            (24, 5),
            (81, 20),
            (193, 50),
        ] {
            assert_eq!(step(highest), expected, "{highest}");
        }
    }

    #[test]
    fn a_line_goes_in_steps_and_ends_on_the_last_day() {
        let points = [
            point("2001-12-31", 0, 30),
            point("2005-12-31", 10, 20),
            point("2009-12-31", 25, 10),
        ];
        let chart = Chart::new(&points).unwrap();
        assert_eq!(chart.parties, "M0 240H320V192H640V120");
        assert_eq!(chart.signatories, "M0 96H320V144H640V192");
        let years: Vec<&str> = chart.years.iter().map(|tick| tick.text.as_str()).collect();
        assert_eq!(years, ["2001", "2005", "2009"]);
        assert_eq!(chart.ends, (120, 192));
        assert!(Chart::new(&points[..1]).is_none());
        assert!(Chart::new(&[]).is_none());
    }
}
