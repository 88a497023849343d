//! The days on which statuses change, next to the day of the view, and the acts of that day.

use graphql_client::GraphQLQuery;

use crate::ask::Ask;
use crate::day;
use crate::frame::Frame;
use crate::refused::Refused;
use crate::value::TreatyEventKind;

/// The kinds of acts that decide a status.
pub const DECIDING: [&str; 14] = [
    "INVITATION_TO_ACCEDE",
    "SIGNATURE",
    "DEFINITIVE_SIGNATURE",
    "RATIFICATION",
    "ACCEPTANCE",
    "APPROVAL",
    "ACCESSION",
    "SUCCESSION",
    "ENTRY_INTO_FORCE",
    "PROVISIONAL_APPLICATION",
    "TERRITORIAL_APPLICATION",
    "SUSPENSION",
    "DENUNCIATION",
    "WITHDRAWAL",
];

/// The kinds of acts that decide a status, as a variable.
pub fn deciding() -> Vec<TreatyEventKind> {
    DECIDING
        .map(|kind| TreatyEventKind(kind.to_owned()))
        .to_vec()
}

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema.graphql",
    query_path = "treaty/days.graphql",
    custom_scalars_module = "crate::value::scalar",
    extern_enums("TreatyEventKind"),
    response_derives = "Clone, Debug"
)]
struct TreatyDays;

pub use treaty_days::TreatyDaysAtTreatyDayNodes as Act;
use treaty_days::Variables;

/// The day of the view among the days on which statuses change.
#[derive(Clone, Debug, Default)]
pub struct Days {
    /// The change before.
    pub earlier: Option<String>,
    /// The change after.
    pub later: Option<String>,
    /// The acts of the day.
    pub acts: Vec<Act>,
}

impl Days {
    /// Reads the days around a day.
    ///
    /// `begins` are the begins of the statuses on that day, `nexts` the days on which a status follows from earlier acts.
    ///
    /// # Errors
    /// [`Refused`] if they cannot be read.
    pub async fn read(
        frame: &Frame,
        ask: &mut dyn Ask,
        reference: &str,
        day: &str,
        begins: impl Iterator<Item = String>,
        nexts: impl Iterator<Item = String>,
    ) -> Result<Self, Refused> {
        let (Some(before), Some(after)) = (day::after(day, -1), day::after(day, 1)) else {
            return Ok(Self::default());
        };
        let variables = Variables {
            reference: reference.to_owned(),
            at: frame.at(),
            day: day.to_owned(),
            before,
            after,
            kinds: Some(deciding()),
            languages: Some(frame.languages()),
        };
        let data = frame.execute::<TreatyDays>(ask, variables).await?.at.treaty;
        let Some(treaty) = data else {
            return Ok(Self::default());
        };
        let earlier = treaty
            .earlier
            .nodes
            .into_iter()
            .filter_map(|event| event.date);
        let earlier = earlier
            .flat_map(|date| [date.earliest, date.latest])
            .flatten();
        let later = treaty
            .later
            .nodes
            .into_iter()
            .filter_map(|event| event.date);
        let later = later
            .flat_map(|date| [date.earliest, date.latest])
            .flatten();
        let is_of_the_day = |act: &Act| act.date.as_ref().is_some_and(|date| date.edtf == day);
        Ok(Self {
            earlier: latest_before(day, earlier.chain(begins)),
            later: earliest_after(day, later.chain(nexts)),
            acts: treaty.day.nodes.into_iter().filter(is_of_the_day).collect(),
        })
    }
}

/// The latest of some days before another one. Text that is no day is left out.
fn latest_before(day: &str, days: impl Iterator<Item = String>) -> Option<String> {
    days.filter(|one| one.as_str() < day && day::number(one).is_some())
        .max()
}

/// The earliest of some days after another one. Text that is no day is left out.
fn earliest_after(day: &str, days: impl Iterator<Item = String>) -> Option<String> {
    days.filter(|one| one.as_str() > day && day::number(one).is_some())
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_days_are_found_and_partial_dates_are_left_out() {
        let days =
            || ["2010", "2010-03-15", "2010-07-01", "2012-01-01", "2009-02"].map(str::to_owned);
        let before = latest_before("2010-07-01", days().into_iter());
        assert_eq!(before.as_deref(), Some("2010-03-15"));
        let after = earliest_after("2010-07-01", days().into_iter());
        assert_eq!(after.as_deref(), Some("2012-01-01"));
        assert_eq!(earliest_after("2012-01-01", days().into_iter()), None);
    }
}
