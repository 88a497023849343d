//! The filters in the address of the change log.

use super::words::Words;
use crate::day;
use crate::frame::Frame;
use crate::refused::Refused;

/// The filters. An empty list does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Kinds of records.
    pub kinds: Vec<String>,
    /// Codes of countries.
    pub countries: Vec<String>,
    /// Operations.
    pub operations: Vec<String>,
    /// Ids of records.
    pub records: Vec<String>,
    /// References of treaties.
    pub treaties: Vec<String>,
    /// The first day.
    pub since: Option<String>,
}

impl Filter {
    /// Reads the parameters `kind`, `country`, `operation`, `record`, `treaty` and `since`.
    ///
    /// # Errors
    /// [`Refused::Wrong`] for a value that does not exist.
    pub fn read(frame: &Frame, words: Words) -> Result<Self, Refused> {
        let list = |name: &str| {
            let values = frame.params.all(name).flat_map(|value| value.split(','));
            values.map(str::to_owned).collect::<Vec<_>>()
        };
        let upper = |name: &str| {
            let values = list(name).into_iter();
            values.map(|value| value.to_uppercase()).collect::<Vec<_>>()
        };
        let known = |name: &str, of: &str| {
            let known = frame.values_of(of);
            let values = upper(name);
            let is_known = |value: &String| known.iter().any(|(one, _)| one == value);
            if values.iter().all(is_known) {
                return Ok(values);
            }
            let known: Vec<String> = known.into_iter().map(|(value, _)| value).collect();
            Err(Refused::Wrong(words.no_value(name, known.join(", "))))
        };
        let since = frame.params.get("since").map(str::to_owned);
        if let Some(day) = since.as_ref().filter(|day| !day::is_day(day)) {
            return Err(Refused::Wrong(words.no_day(day)));
        }
        let treaties = list("treaty").into_iter();
        Ok(Self {
            kinds: known("kind", "RecordKind")?,
            countries: upper("country"),
            operations: known("operation", "ChangeOperation")?,
            records: list("record"),
            treaties: treaties.map(|text| text.replacen('-', " ", 1)).collect(),
            since,
        })
    }

    /// True if the page shows all changes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
