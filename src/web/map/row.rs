//! A country with its status under a treaty: a row of the table and an area of the map.

use super::words::Words;
use crate::country_list;
use crate::frame::Frame;
use crate::value::{CountryKind, TreatyStatus};

/// A country with its status under a treaty.
#[derive(Clone, Debug)]
pub struct Row {
    /// The code.
    pub code: String,
    /// The name, in the language of the page.
    pub name: String,
    /// The kind.
    pub kind: CountryKind,
    /// The M49 region.
    pub region: Option<String>,
    /// The M49 subregion.
    pub subregion: Option<String>,
    /// The status.
    pub status: TreatyStatus,
    /// The begin of the status, in EDTF.
    pub since: Option<String>,
    /// The name of the State that extended the treaty to this territory.
    pub extended_from: Option<String>,
    /// True if it acted itself under the treaty, on whatever day.
    pub is_actor: bool,
    /// True if a State extended the treaty to this territory on some day.
    pub is_named: bool,
    /// True if the filters of the page select it.
    pub is_selected: bool,
}

impl Row {
    /// True if `Treaty.statusCounts` counts it: not a territory for which only another State acted, and not an
    /// organisation that did not act. The day makes no difference.
    pub fn is_counted(&self) -> bool {
        self.is_actor || !(self.is_named || self.kind == "ORGANISATION")
    }

    /// True if no act decides the status.
    pub fn is_silent(&self) -> bool {
        self.status == "NO_ACTION" || self.status == "UNKNOWN"
    }

    /// True if the country or its State acted under the treaty.
    pub fn has_acted(&self) -> bool {
        !self.is_silent() || self.since.is_some()
    }

    /// The name, with an asterisk where the note below the map has one.
    pub fn marked_name(&self) -> String {
        country_list::marked(&self.code, &self.name)
    }

    /// The status and its begin in words: `Party since 1 July 2010`.
    pub fn said(&self, frame: &Frame) -> String {
        let label = frame.label(&self.status);
        match &self.since {
            Some(edtf) => format!("{label} {}", frame.since(edtf)),
            None => label,
        }
    }

    /// The name with status and begin.
    pub fn title(&self, frame: &Frame) -> String {
        Words(frame.language).line(self.marked_name(), self.said(frame))
    }

    /// The class of its area.
    pub fn class(&self) -> &'static str {
        super::Look::of(&self.status.0).class
    }
}

/// Sorts by name, without regard to accents.
pub fn by_name(rows: &mut [Row]) {
    country_list::sort(rows, |row| &row.name);
}

/// Makes rows from the answer of a document that has the fields `states` and `others` with the fragment `Place`, and from
/// its treaty, of which `extensions` has the territories to which States extended it, and `statuses` those that acted.
macro_rules! rows {
    ($data:expr, $treaty:expr) => {{
        let actors: Vec<String> = $treaty
            .statuses
            .iter()
            .map(|one| one.country.code.clone())
            .collect();
        let named: Vec<String> = $treaty
            .extensions
            .nodes
            .iter()
            .flat_map(|event| event.territories.iter().cloned())
            .collect();
        let nodes = $data.states.nodes.into_iter().chain($data.others.nodes);
        nodes.map(move |place| {
            let (status, since, extended_from) = match place.treaty_status {
                Some(one) => (
                    one.status,
                    one.since.map(|date| date.edtf),
                    one.extended_from.map(|state| state.name),
                ),
                None => (
                    $crate::value::TreatyStatus("UNKNOWN".to_owned()),
                    None,
                    None,
                ),
            };
            $crate::map::Row {
                is_actor: actors.contains(&place.code),
                is_named: named.contains(&place.code),
                code: place.code,
                name: place.name,
                kind: place.kind,
                region: place.region,
                subregion: place.subregion,
                status,
                since,
                extended_from,
                is_selected: true,
            }
        })
    }};
}
pub(crate) use rows;

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, kind: &str, status: &str) -> Row {
        Row {
            code: "XX".to_owned(),
            name: name.to_owned(),
            kind: CountryKind(kind.to_owned()),
            region: None,
            subregion: None,
            status: TreatyStatus(status.to_owned()),
            since: None,
            extended_from: None,
            is_actor: false,
            is_named: false,
            is_selected: true,
        }
    }

    #[test]
    fn an_organisation_without_acts_and_a_territory_of_another_state_are_not_counted() {
        assert!(row("", "STATE", "NO_ACTION").is_counted());
        assert!(!row("", "ORGANISATION", "NO_ACTION").is_counted());
        let mut territory = row("", "TERRITORY", "UNKNOWN");
        assert!(territory.is_counted());
        territory.is_named = true;
        assert!(!territory.is_counted());
        territory.extended_from = Some("Netherlands".to_owned());
        assert!(!territory.is_counted());
    }

    #[test]
    fn one_that_acts_later_is_counted_on_every_day() {
        for (kind, status) in [("ORGANISATION", "NO_ACTION"), ("TERRITORY", "UNKNOWN")] {
            let mut row = row("", kind, status);
            row.is_actor = true;
            row.is_named = true;
            assert!(row.is_counted());
            row.status = TreatyStatus("SIGNATORY".to_owned());
            assert!(row.is_counted());
        }
    }
}
