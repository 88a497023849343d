//! The figure: areas with their look, the legend with counts, and the notes.

use std::collections::{HashMap, HashSet};

use super::look::{LOOKS, Look};
use super::place::{Place, places};
use super::row::Row;
use super::words::Words;
use crate::frame::Frame;

/// An area of the map.
#[derive(Clone, Debug)]
pub struct Area {
    /// The code of the country.
    pub code: &'static str,
    /// The place.
    pub place: Place,
    /// The class, which is also the last part of the id of its pattern.
    pub class: &'static str,
    /// The address of the country.
    pub href: String,
    /// The name with status and begin.
    pub title: String,
}

/// A line of the legend.
#[derive(Clone, Debug)]
pub struct Legend {
    /// The class of its areas.
    pub class: &'static str,
    /// The label.
    pub label: String,
    /// The number of countries that are counted.
    pub count: usize,
}

/// A map of a treaty.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The texts.
    pub words: Words,
    /// The title, with the treaty.
    pub title: String,
    /// The areas, in the order in which they are painted.
    pub areas: Vec<Area>,
    /// The legend.
    pub legend: Vec<Legend>,
    /// The looks of all statuses, for the patterns.
    pub looks: [Look; 10],
    /// Countries that are not counted, each with its status.
    pub not_counted: Vec<String>,
    /// Countries that are not drawn, each with its status.
    pub not_drawn: Vec<String>,
}

impl Figure {
    /// Makes the map of a treaty.
    pub fn new(frame: &Frame, treaty: &str, rows: &[Row]) -> Self {
        let words = Words(frame.language);
        let by_code: HashMap<&str, &Row> =
            rows.iter().map(|row| (row.code.as_str(), row)).collect();
        let suffix = frame.href("");
        let area = |(code, place): &(&'static str, Place)| {
            let row = by_code.get(code)?;
            Some(Area {
                code,
                place: *place,
                class: if row.is_selected { row.class() } else { "out" },
                href: format!("/countries/{code}{suffix}"),
                title: row.title(frame),
            })
        };
        let areas: Vec<Area> = places().iter().filter_map(area).collect();
        let drawn: HashSet<&str> = places().iter().map(|(code, _)| *code).collect();
        let selected = || rows.iter().filter(|row| row.is_selected);
        let mut legend: Vec<Legend> = LOOKS
            .iter()
            .map(|look| {
                let counted = |row: &&Row| row.is_counted() && row.class() == look.class;
                Legend {
                    class: look.class,
                    label: frame.label_of("TreatyStatus", look.status),
                    count: selected().filter(counted).count(),
                }
            })
            .filter(|line| line.count > 0)
            .collect();
        let left_out = rows.iter().filter(|row| !row.is_selected).count();
        if left_out > 0 {
            legend.push(Legend {
                class: "out",
                label: words.not_selected().to_owned(),
                count: left_out,
            });
        }
        let not_counted = selected().filter(|row| !row.is_counted());
        let not_drawn = selected().filter(|row| !drawn.contains(row.code.as_str()));
        Self {
            title: words.title(treaty),
            legend,
            areas,
            looks: LOOKS,
            not_counted: not_counted.map(|row| row.title(frame)).collect(),
            not_drawn: not_drawn.map(|row| row.title(frame)).collect(),
            words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::PageRequest;
    use crate::value::{CountryKind, TreatyStatus};

    fn row(code: &str, status: &str, is_selected: bool) -> Row {
        let kind = if code == "EU" {
            "ORGANISATION"
        } else {
            "STATE"
        };
        Row {
            code: code.to_owned(),
            name: format!("Land {code}"),
            kind: CountryKind(kind.to_owned()),
            region: None,
            subregion: None,
            status: TreatyStatus(status.to_owned()),
            since: Some("2010-07-01".to_owned()),
            extended_from: None,
            is_actor: code == "EU",
            is_named: false,
            is_selected,
        }
    }

    #[test]
    fn every_row_is_drawn_or_listed_and_the_legend_counts_what_is_selected() {
        let request = PageRequest::of("/treaties/ETS-185", "on=2020-01-01&status=PARTY");
        let rows = [
            row("AZ", "PARTY", true),
            row("XK", "NO_ACTION", false),
            row("EU", "PARTY", true),
            row("FR", "NEWER_STATUS", true),
        ];
        let figure = Figure::new(&Frame::bare(&request), "Convention", &rows);
        let drawn: Vec<_> = figure
            .areas
            .iter()
            .map(|one| (one.code, one.class))
            .collect();
        assert_eq!(drawn, [("AZ", "party"), ("FR", "unknown"), ("XK", "out")]);
        let azerbaijan = figure.areas.first().unwrap();
        assert_eq!(azerbaijan.title, "Land AZ: PARTY since 1 July 2010");
        assert_eq!(azerbaijan.href, "/countries/AZ?on=2020-01-01");
        assert_eq!(figure.not_drawn, ["Land EU: PARTY since 1 July 2010"]);
        let legend: Vec<_> = figure
            .legend
            .iter()
            .map(|one| (one.class, one.count))
            .collect();
        assert_eq!(legend, [("party", 2), ("unknown", 1), ("out", 1)]);
    }

    #[test]
    fn the_legend_counts_an_organisation_before_it_acts() {
        let request = PageRequest::of("/treaties/UNTC-XVIII-16", "on=2016-01-01");
        let rows = [row("FR", "NO_ACTION", true), row("EU", "NO_ACTION", true)];
        let figure = Figure::new(&Frame::bare(&request), "Convention", &rows);
        let counts: Vec<usize> = figure.legend.iter().map(|one| one.count).collect();
        assert_eq!(counts, [2]);
        assert_eq!(figure.not_counted, [""; 0]);
    }
}
