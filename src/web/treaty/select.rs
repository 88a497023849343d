//! The filters of the table: statuses, a region, an organisation.

use super::words::Words;
use crate::frame::Frame;
use crate::map::LOOKS;
use crate::refused::Refused;

/// Organisations whose members can be selected.
pub const ORGANISATIONS: [&str; 6] = [
    "COUNCIL_OF_EUROPE",
    "EUROPEAN_UNION",
    "OAS",
    "AFRICAN_UNION",
    "ASEAN",
    "COMMONWEALTH",
];

/// The filters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Statuses; empty for all.
    pub statuses: Vec<String>,
    /// An M49 region or subregion.
    pub region: Option<String>,
    /// An organisation.
    pub organisation: Option<String>,
}

impl Selection {
    /// Reads the filters of an address. The service checks the region.
    ///
    /// # Errors
    /// [`Refused::Wrong`] for an unknown status or organisation.
    pub fn read(frame: &Frame) -> Result<Self, Refused> {
        let words = Words(frame.language);
        let statuses: Vec<String> = frame.params.all("status").map(str::to_owned).collect();
        let known = LOOKS.map(|look| look.status);
        if let Some(wrong) = statuses.iter().find(|one| !known.contains(&one.as_str())) {
            return Err(Refused::Wrong(words.wrong_status(wrong, known.join(", "))));
        }
        let organisation = frame.params.get("organisation").map(str::to_owned);
        if let Some(wrong) = organisation
            .as_deref()
            .filter(|one| !ORGANISATIONS.contains(one))
        {
            let message = words.wrong_organisation(wrong, ORGANISATIONS.join(", "));
            return Err(Refused::Wrong(message));
        }
        Ok(Self {
            statuses,
            region: frame.params.get("region").map(str::to_owned),
            organisation,
        })
    }

    /// True if anything is selected.
    pub fn is_set(&self) -> bool {
        *self != Self::default()
    }

    /// True if a status is selected.
    pub fn has_status(&self, status: &str) -> bool {
        self.statuses.iter().any(|one| one == status)
    }
}
