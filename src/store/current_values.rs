//! Values that current records have in the unique field of their kind, as far as writers looked for them since the last
//! change of a record: a value that was found then need not be looked for again.

use std::collections::HashSet;

use super::error::Error;
use super::head::LogEnd;
use super::known_records::KnownRecords;
use super::write::Write;
use domain::record::Kind;

/// The most values that are kept. A further one replaces them all.
const MAX_VALUES: usize = 1_024;

/// The values that were found at one end of the log.
#[derive(Default)]
pub(super) struct CurrentValues {
    end: Option<LogEnd>,
    values: HashSet<(Kind, String)>,
}

impl CurrentValues {
    fn contain(&self, end: LogEnd, wanted: &(Kind, String)) -> bool {
        self.end == Some(end) && self.values.contains(wanted)
    }

    fn keep(&mut self, end: LogEnd, found: (Kind, String)) {
        if self.end != Some(end) || self.values.len() >= MAX_VALUES {
            self.end = Some(end);
            self.values.clear();
        }
        self.values.insert(found);
    }
}

impl Write {
    /// True if a current record of a kind has this value in the unique field of the kind.
    pub async fn is_current(&self, kind: Kind, value: &str) -> Result<bool, Error> {
        let wanted = (kind, value.to_owned());
        // Changes of this transaction are no end of the log yet: it may be rolled back.
        let Some(end) = self.committed_end().await? else {
            return self.find(&wanted).await;
        };
        let is_known = |known: &mut CurrentValues| known.contain(end, &wanted);
        if self.with_current_values(is_known).await == Some(true) {
            return Ok(true);
        }
        let is_found = self.find(&wanted).await?;
        if is_found {
            let keep = |known: &mut CurrentValues| known.keep(end, wanted);
            self.with_current_values(keep).await;
        }
        Ok(is_found)
    }

    async fn find(&self, wanted: &(Kind, String)) -> Result<bool, Error> {
        let mut records = KnownRecords::default();
        let only = HashSet::from([wanted.clone()]);
        records.load_unique(self, &only).await?;
        Ok(records.unique.contains_key(wanted))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_value_is_known_until_the_next_change() {
        let mut known = CurrentValues::default();
        let country = |code: &str| (Kind::Country, code.to_owned());
        let [before, other] = [0, 1].map(|second| (7, DateTime::from_timestamp(second, 0)));
        let after = (8, DateTime::from_timestamp(1, 0));
        known.keep(before, country("AZ"));
        known.keep(before, country("FR"));
        assert!(known.contain(before, &country("AZ")) && known.contain(before, &country("FR")));
        assert!(!known.contain(before, &country("XX")) && !known.contain(after, &country("AZ")));
        assert!(!known.contain(before, &(Kind::Treaty, "AZ".to_owned())));
        // The log of another server.
        assert!(!known.contain(other, &country("AZ")));
        known.keep(after, country("FR"));
        assert!(known.contain(after, &country("FR")) && !known.contain(after, &country("AZ")));
        assert!(!known.contain(before, &country("FR")));
    }

    #[test]
    fn no_more_values_are_kept_than_the_limit() {
        let mut known = CurrentValues::default();
        for number in 0..=MAX_VALUES {
            known.keep((1, None), (Kind::Treaty, number.to_string()));
        }
        assert_eq!(known.values.len(), 1);
    }
}
