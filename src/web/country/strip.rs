//! The timeline strip: a row for each treaty, marks for acts by shape, bars for statuses, and a table that says the same.

use crate::frame::Frame;

use super::words::Words;

/// The width of the axis, between two margins; the drawing is 720 wide.
const AXIS: f64 = 684.0;
/// The left margin.
const LEFT: f64 = 18.0;
/// The height of a row.
const ROW: u32 = 46;
/// The space above the first row.
const TOP: u32 = 24;

/// An act or a status as it comes from the data.
#[derive(Clone, Debug, Default)]
pub struct Act {
    /// The kind of act, as a value of `TreatyEventKind`.
    pub kind: String,
    /// The label of the kind.
    pub label: String,
    /// The date as EDTF.
    pub edtf: String,
    /// The first possible day.
    pub earliest: Option<String>,
    /// The last possible day.
    pub latest: Option<String>,
}

/// The acts of one treaty and the status that follows from them.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// The name of the treaty.
    pub treaty: String,
    /// The acts.
    pub acts: Vec<Act>,
    /// The status, as a value of `TreatyStatus`.
    pub status: String,
    /// The day from which the status holds.
    pub since: Option<String>,
    /// The day from which the treaty is in force.
    pub in_force: Option<String>,
}

/// The whole drawing.
#[derive(Clone, Debug, Default)]
pub struct Strip {
    /// The rows.
    pub rows: Vec<Row>,
    /// Lines of the axis: place and year.
    pub years: Vec<(String, String)>,
    /// The place of the as-of date.
    pub today: String,
    /// The height of the drawing.
    pub height: u32,
    /// The table that says the same.
    pub table: Vec<Line>,
}

/// A row of the drawing.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The name of the treaty.
    pub treaty: String,
    /// The place of the name, of the bars and of the marks, from the top.
    pub y: u32,
    /// The bars.
    pub bars: Vec<Bar>,
    /// The marks.
    pub marks: Vec<Mark>,
}

/// A period in which a status holds.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    /// Its left end.
    pub x: String,
    /// Its right end.
    pub end: String,
    /// Its length.
    pub width: String,
    /// True if the country is bound in this period.
    pub is_party: bool,
    /// True if it goes on.
    pub is_open: bool,
    /// The words for it.
    pub title: String,
}

/// The form of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Signature.
    Circle,
    /// Consent to be bound.
    Diamond,
    /// Entry into force.
    Triangle,
    /// Reservation, declaration or designation.
    Tick,
    /// Denunciation or withdrawal.
    Cross,
    /// Any other act.
    Square,
}

/// One act, or several of the same form and date.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Its form.
    pub shape: Shape,
    /// Its place.
    pub x: String,
    /// The length of the period within which it lies, if its date is not exact.
    pub span: Option<(String, String)>,
    /// The words for it.
    pub title: String,
}

impl Mark {
    /// True if the mark has a form.
    pub fn is(&self, name: &str) -> bool {
        let own = match self.shape {
            Shape::Circle => "circle",
            Shape::Diamond => "diamond",
            Shape::Triangle => "triangle",
            Shape::Tick => "tick",
            Shape::Cross => "cross",
            Shape::Square => "square",
        };
        own == name
    }
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The name of the treaty.
    pub treaty: String,
    /// The act or the status.
    pub what: String,
    /// The date of the act, or the first day of the status.
    pub from: String,
    /// The end of the status; empty for an act.
    pub to: String,
    /// The date for sorting.
    date: String,
}

/// Draws the strip of a country. `None` if there is nothing to draw.
pub fn draw(frame: &Frame, words: Words, as_of: &str, treaties: &[Lane]) -> Option<Strip> {
    let dates = treaties
        .iter()
        .flat_map(|one| &one.acts)
        .flat_map(|act| [&act.earliest, &act.latest]);
    let years = dates.flatten().filter_map(|date| year(date));
    let today = year(as_of)?;
    let (mut first, mut last) = (f64::INFINITY, today);
    for year in years {
        first = first.min(year);
        last = last.max(year);
    }
    if !first.is_finite() {
        return None;
    }
    let axis = Axis {
        first: (first - 1.0).floor(),
        last: last.floor() + 1.0,
    };
    let mut strip = Strip {
        years: axis.lines(),
        today: axis.place(today),
        ..Strip::default()
    };
    let mut y = TOP;
    for one in treaties {
        let (bars, mut table) = bars(frame, words, &axis, as_of, one);
        let marks = marks(frame, &axis, one);
        for act in &one.acts {
            table.push(Line {
                treaty: one.treaty.clone(),
                what: act.label.clone(),
                from: frame.date(&act.edtf),
                to: String::new(),
                date: act.earliest.clone().unwrap_or_default(),
            });
        }
        table.sort_by(|one, other| one.date.cmp(&other.date));
        strip.table.append(&mut table);
        strip.rows.push(Row {
            treaty: one.treaty.clone(),
            y,
            bars,
            marks,
        });
        y = y.saturating_add(ROW);
    }
    strip.height = y.saturating_add(8);
    Some(strip)
}

/// The axis of years.
struct Axis {
    first: f64,
    last: f64,
}

impl Axis {
    /// The place of a year, from the left.
    fn place(&self, year: f64) -> String {
        let part = (year - self.first) / (self.last - self.first).max(1.0);
        number(LEFT + AXIS * part)
    }

    /// The place of a day.
    fn day(&self, day: &str) -> Option<String> {
        year(day).map(|year| self.place(year))
    }

    /// A line each year, each fifth or each tenth one: at most ten.
    fn lines(&self) -> Vec<(String, String)> {
        let years = self.last - self.first;
        let step = if years <= 10.0 {
            1.0
        } else if years <= 50.0 {
            5.0
        } else {
            10.0
        };
        let mut lines = Vec::new();
        let mut year = (self.first / step).ceil() * step;
        while year <= self.last {
            lines.push((self.place(year), number(year)));
            year += step;
        }
        lines
    }
}

/// The statuses of a treaty, each from its first day to that of the next one.
fn bars(
    frame: &Frame,
    words: Words,
    axis: &Axis,
    as_of: &str,
    one: &Lane,
) -> (Vec<Bar>, Vec<Line>) {
    let mut bars = Vec::new();
    let mut table = Vec::new();
    let periods = periods(one, as_of);
    let mut followers = periods.iter().skip(1);
    for (status, from) in &periods {
        let to = followers.next().map(|(_, to)| to.as_str());
        let label = frame.label_of("TreatyStatus", status);
        let end = to.unwrap_or(as_of);
        let (Some(start), Some(stop)) = (year(from), year(end)) else {
            continue;
        };
        let width = AXIS * (stop - start).max(0.0) / (axis.last - axis.first).max(1.0);
        let end_words = to.map_or_else(|| words.strip_now().to_owned(), |to| frame.date(to));
        bars.push(Bar {
            x: axis.place(start),
            end: axis.place(stop),
            width: number(width),
            is_party: matches!(
                status.as_str(),
                "PARTY" | "SUSPENDED" | "DENUNCIATION_PENDING"
            ),
            is_open: to.is_none(),
            title: format!("{label}: {} – {end_words}", frame.date(from)),
        });
        table.push(Line {
            treaty: one.treaty.clone(),
            what: label,
            from: frame.date(from),
            to: end_words,
            date: from.clone(),
        });
    }
    (bars, table)
}

/// The statuses up to the current one and their first days. The current one is computed by the service; those before it
/// follow from the acts.
fn periods(one: &Lane, as_of: &str) -> Vec<(String, String)> {
    let Some(since) = one.since.as_deref() else {
        return Vec::new();
    };
    let first = |kinds: &[&str]| {
        let acts = one
            .acts
            .iter()
            .filter(|act| kinds.contains(&act.kind.as_str()));
        acts.filter_map(|act| act.earliest.clone()).min()
    };
    let steps = [
        ("INVITED_TO_ACCEDE", first(&["INVITATION_TO_ACCEDE"])),
        ("SIGNATORY", first(&["SIGNATURE"])),
        ("CONTRACTING_STATE", first(&CONSENT)),
        ("PARTY", one.in_force.clone()),
    ];
    let mut periods: Vec<(String, String)> = steps
        .into_iter()
        .filter_map(|(status, day)| Some((status.to_owned(), day?)))
        .filter(|(status, day)| day.as_str() < since && *status != one.status)
        .collect();
    periods.sort_by(|one, other| one.1.cmp(&other.1));
    if since <= as_of {
        periods.push((one.status.clone(), since.to_owned()));
    }
    periods
}

/// The acts by which a country consents to be bound.
const CONSENT: [&str; 6] = [
    "ACCEPTANCE",
    "ACCESSION",
    "APPROVAL",
    "DEFINITIVE_SIGNATURE",
    "RATIFICATION",
    "SUCCESSION",
];

/// The form of an act.
fn shape(kind: &str) -> Shape {
    match kind {
        "SIGNATURE" => Shape::Circle,
        kind if CONSENT.contains(&kind) => Shape::Diamond,
        "ENTRY_INTO_FORCE" | "PROVISIONAL_APPLICATION" => Shape::Triangle,
        "RESERVATION"
        | "DECLARATION"
        | "DESIGNATION_OF_AUTHORITY"
        | "COMMUNICATION"
        | "OBJECTION"
        | "CONFIRMATION"
        | "TERRITORIAL_APPLICATION" => Shape::Tick,
        "DENUNCIATION" | "WITHDRAWAL" | "SUSPENSION" => Shape::Cross,
        _ => Shape::Square,
    }
}

/// The marks of a treaty: acts of one form and date are one mark.
fn marks(frame: &Frame, axis: &Axis, one: &Lane) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for act in &one.acts {
        let earliest = act.earliest.as_deref().or(act.latest.as_deref());
        let latest = act.latest.as_deref().or(act.earliest.as_deref());
        let (Some(earliest), Some(latest)) = (earliest, latest) else {
            continue;
        };
        let (Some(begin), Some(end)) = (year(earliest), year(latest)) else {
            continue;
        };
        let x = axis.place(f64::midpoint(begin, end));
        let title = format!("{}: {}", act.label, frame.date(&act.edtf));
        let shape = shape(&act.kind);
        match marks
            .iter_mut()
            .find(|mark| mark.shape == shape && mark.x == x)
        {
            Some(mark) if mark.title.contains(&title) => {}
            Some(mark) => {
                mark.title.push_str("; ");
                mark.title.push_str(&title);
            }
            None => marks.push(Mark {
                shape,
                x,
                span: match (earliest == latest, axis.day(earliest), axis.day(latest)) {
                    (false, Some(begin), Some(end)) => Some((begin, end)),
                    _ => None,
                },
                title,
            }),
        }
    }
    marks
}

/// A day as a year with its part: `2010.5` for the middle of 2010.
fn year(day: &str) -> Option<f64> {
    let mut parts = day.split('-');
    let year: f64 = parts.next()?.parse().ok()?;
    let month: f64 = parts.next().map_or(Some(1.0), |month| month.parse().ok())?;
    let day: f64 = parts.next().map_or(Some(1.0), |day| day.parse().ok())?;
    Some(year + (month - 1.0) / 12.0 + (day - 1.0) / 372.0)
}

/// A number with at most one decimal.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(kind: &str, day: &str) -> Act {
        Act {
            kind: kind.to_owned(),
            label: kind.to_owned(),
            edtf: day.to_owned(),
            earliest: Some(day.to_owned()),
            latest: Some(day.to_owned()),
        }
    }

    fn azerbaijan() -> Lane {
        Lane {
            treaty: "ETS 185".to_owned(),
            acts: vec![
                act("SIGNATURE", "2008-06-30"),
                act("RATIFICATION", "2010-03-15"),
            ],
            status: "PARTY".to_owned(),
            since: Some("2010-07-01".to_owned()),
            in_force: Some("2010-07-01".to_owned()),
        }
    }

    #[test]
    fn statuses_follow_each_other_and_the_last_one_is_the_computed_one() {
        let found = periods(&azerbaijan(), "2026-11-29");
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(status, day)| (status.as_str(), day.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("SIGNATORY", "2008-06-30"),
                ("CONTRACTING_STATE", "2010-03-15"),
                ("PARTY", "2010-07-01")
            ]
        );
        let unknown = Lane {
            since: None,
            ..azerbaijan()
        };
        assert!(periods(&unknown, "2026-11-29").is_empty());
    }

    #[test]
    fn the_axis_has_few_lines_and_places_lie_within_it() {
        let axis = Axis {
            first: 2001.0,
            last: 2027.0,
        };
        let years: Vec<String> = axis.lines().into_iter().map(|(_, year)| year).collect();
        assert_eq!(years, ["2005", "2010", "2015", "2020", "2025"]);
        assert_eq!(axis.day("2001-01-01").as_deref(), Some("18"));
        assert_eq!(axis.place(2027.0), "702");
        assert_eq!(axis.day("x"), None);
        let short = Axis {
            first: 2024.0,
            last: 2027.0,
        };
        assert_eq!(short.lines().len(), 4);
    }

    #[test]
    fn inexact_dates_are_spans_and_equal_ones_are_one_mark() {
        let frame = Frame::bare(&crate::site::PageRequest::of("/", "lang=en"));
        let mut one = azerbaijan();
        one.acts.push(Act {
            latest: Some("2010-12-31".to_owned()),
            ..act("ACCESSION", "2010-01-01")
        });
        one.acts.extend([
            act("RESERVATION", "2010-03-15"),
            act("DECLARATION", "2010-03-15"),
        ]);
        let strip = draw(&frame, Words(frame.language), "2026-11-29", &[one]).unwrap();
        let marks = &strip.rows[0].marks;
        assert_eq!(marks.len(), 4);
        assert!(marks[2].span.is_some() && marks[0].span.is_none());
        assert_eq!(
            marks[3].title,
            "RESERVATION: 15 March 2010; DECLARATION: 15 March 2010"
        );
        assert_eq!(strip.table.len(), 5 + 3);
        assert!(draw(&frame, Words(frame.language), "2026-11-29", &[]).is_none());
    }
}
