//! The treaties under which a country acted, with its acts.

use std::collections::HashSet;

use super::document::{Country, Event, KnownTreaty, Participation};
use crate::country::sentence;
use crate::country::strip::{self, Strip};
use crate::country::words::Words;
use crate::frame::Frame;
use crate::value::EnumValue;

/// A treaty with the acts of the country under it.
#[derive(Default)]
pub struct Treaty {
    /// The reference.
    pub reference: String,
    /// The short title.
    pub name: String,
    /// The status in a sentence.
    pub sentence: Option<String>,
    /// The relation of the country to the treaty.
    pub participation: Option<Participation>,
    /// The acts from which the status follows.
    pub basis: Vec<Event>,
    /// All other acts that are neither statements nor designations.
    pub acts: Vec<Event>,
    /// Reservations, declarations and the like; true if in force.
    pub statements: Vec<(Event, bool)>,
    /// Designations of authorities; true if valid.
    pub designations: Vec<(Event, bool)>,
}

/// The treaties under which the country acted, with its acts, in the order of the known treaties.
pub fn treaties(
    frame: &Frame,
    country: &mut Country,
    known: &[KnownTreaty],
    as_of: &str,
) -> Vec<Treaty> {
    let mut treaties: Vec<Treaty> = std::mem::take(&mut country.treaty_participations)
        .into_iter()
        .map(|one| Treaty {
            reference: one.treaty.reference.clone(),
            name: frame.treaty_title(&one.treaty.short_title).text.to_owned(),
            sentence: Some(told(frame, &country.name, &one, known, as_of)),
            participation: Some(one),
            ..Treaty::default()
        })
        .collect();
    let place = |reference: &str| known.iter().position(|one| one.reference == reference);
    for event in std::mem::take(&mut country.treaty_events.nodes) {
        let reference = &event.treaty.reference;
        let at = treaties.iter().position(|one| one.reference == *reference);
        let at = at.unwrap_or_else(|| {
            let name = place(reference).and_then(|at| known.get(at));
            treaties.push(Treaty {
                reference: reference.clone(),
                name: name.map_or(reference.clone(), |one| {
                    frame.treaty_title(&one.short_title).text.to_owned()
                }),
                ..Treaty::default()
            });
            treaties.len().saturating_sub(1)
        });
        if let Some(treaty) = treaties.get_mut(at) {
            treaty.add(event);
        }
    }
    // The acts of a basis stand in the order of the basis, which differs from that of the acts.
    for treaty in &mut treaties {
        let order: Vec<String> = match &treaty.participation {
            Some(one) => one
                .basis
                .iter()
                .map(|event| event.record_id.clone())
                .collect(),
            None => Vec::new(),
        };
        treaty
            .basis
            .sort_by_key(|event| order.iter().position(|id| *id == event.record_id));
    }
    treaties.sort_by_key(|one| place(&one.reference).unwrap_or(usize::MAX));
    treaties
}

/// The status under a treaty in a sentence.
fn told(
    frame: &Frame,
    name: &str,
    one: &Participation,
    known: &[KnownTreaty],
    as_of: &str,
) -> String {
    let reference = one.treaty.reference.as_str();
    let short = frame.treaty_title(&one.treaty.short_title).text;
    let mut known = known.iter().filter(|known| known.reference == reference);
    if one.status == "NO_ACTION" && known.any(|known| known.opens_later(as_of)) {
        return sentence::not_open(frame, name, reference, short);
    }
    let since = one.since.as_ref().map(|since| since.edtf.as_str());
    sentence::status(frame, name, reference, short, one.status.value(), since)
}

/// A treaty under which the country has no act.
pub struct OtherTreaty {
    /// The title.
    pub name: String,
    /// The reference.
    pub reference: String,
    /// The day up to which its acts are complete.
    pub complete: Option<String>,
    /// True if it is opened for signature after the day of the view.
    pub opens_later: bool,
}

/// The treaties under which the country has no act.
pub fn other_treaties(treaties: &[Treaty], all: &[KnownTreaty], as_of: &str) -> Vec<OtherTreaty> {
    let acted: HashSet<&str> = treaties.iter().map(|one| one.reference.as_str()).collect();
    all.iter()
        .filter(|one| !acted.contains(one.reference.as_str()))
        .map(|one| OtherTreaty {
            name: one.short_title.clone(),
            reference: one.reference.clone(),
            complete: one.events_complete_as_of.clone(),
            opens_later: one.opens_later(as_of),
        })
        .collect()
}

impl Treaty {
    /// Adds an act where it belongs.
    fn add(&mut self, event: Event) {
        let id = &event.record_id;
        let (mut is_basis, mut holds) = (false, false);
        if let Some(one) = &self.participation {
            is_basis = one.basis.iter().any(|other| other.record_id == *id);
            holds = one.reservations.iter().any(|other| other.record_id == *id)
                || one.declarations.iter().any(|other| other.record_id == *id)
                || one.designations.iter().any(|other| other.record_id == *id);
        }
        match event.kind.value() {
            _ if is_basis => self.basis.push(event),
            "DESIGNATION_OF_AUTHORITY" => self.designations.push((event, holds)),
            "RESERVATION" | "DECLARATION" | "OBJECTION" | "CONFIRMATION" | "COMMUNICATION"
            | "WITHDRAWAL" => self.statements.push((event, holds)),
            _ => self.acts.push(event),
        }
    }

    /// True if acts may be missing, so that the status is unknown.
    pub fn is_open(&self) -> bool {
        let participation = self.participation.as_ref();
        participation.is_none_or(|one| one.status == "UNKNOWN")
    }

    /// All acts.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        let marked = self
            .statements
            .iter()
            .chain(&self.designations)
            .map(|(event, _)| event);
        self.basis.iter().chain(&self.acts).chain(marked)
    }
}

/// The timeline strip of all treaties.
pub fn strip(frame: &Frame, words: Words, as_of: &str, treaties: &[Treaty]) -> Option<Strip> {
    let acts = |treaty: &Treaty| strip::Lane {
        treaty: format!("{} ({})", treaty.name, treaty.reference),
        acts: treaty
            .events()
            .filter_map(|event| {
                let date = event.date.as_ref()?;
                Some(strip::Act {
                    kind: event.kind.value().to_owned(),
                    label: frame.label(&event.kind),
                    edtf: date.edtf.clone(),
                    earliest: date.earliest.clone(),
                    latest: date.latest.clone(),
                })
            })
            .collect(),
        status: treaty
            .participation
            .as_ref()
            .map(|one| one.status.0.clone())
            .unwrap_or_default(),
        since: treaty
            .participation
            .as_ref()
            .and_then(|one| one.since.as_ref())
            .map(|since| since.edtf.clone()),
        in_force: treaty
            .participation
            .as_ref()
            .and_then(|one| one.in_force_from.as_ref())
            .map(|date| date.date.edtf.clone()),
    };
    let acts: Vec<strip::Lane> = treaties
        .iter()
        .map(acts)
        .filter(|one| !one.acts.is_empty())
        .collect();
    strip::draw(frame, words, as_of, &acts)
}
