//! The number of countries in which a topic was researched: a list of those with one finding does not tell it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::frame::Frame;
use crate::refused::Refused;
use crate::value::{CoverageTopic, CoverageValue, EnumValue};

/// The document; its filters are those of the list.
const DOCUMENT: &str = include_str!("researched.graphql");

/// The numbers of countries that the other filters select.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// All of them.
    pub all: i64,
    /// Those with a finding on the topic, whatever it is.
    pub researched: i64,
}

#[derive(Deserialize)]
struct Data {
    at: View,
}

#[derive(Deserialize)]
struct View {
    all: Total,
    researched: Total,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Total {
    total_count: i64,
}

impl Counts {
    /// Counts the countries that a filter selects apart from its finding.
    ///
    /// # Errors
    /// [`Refused`] if they cannot be counted.
    pub async fn read(
        frame: &Frame,
        ask: &mut dyn Ask,
        filter: &impl Serialize,
        topic: &CoverageTopic,
    ) -> Result<Self, Refused> {
        let values = frame.values_of(CoverageValue::ENUM).into_iter();
        let values: Vec<String> = values.map(|(value, _)| value).collect();
        let with = |coverage: Value| {
            let mut filter = serde_json::to_value(filter).unwrap_or_default();
            if let Some(filter) = filter.as_object_mut() {
                filter.insert("coverage".to_owned(), coverage);
            }
            filter
        };
        let variables = json!({
            "on": frame.on(),
            "at": frame.at(),
            "all": with(Value::Null),
            "researched": with(json!({ "topic": topic.value(), "values": values })),
        });
        let found: Data = frame.execute_json(ask, DOCUMENT, variables).await?;
        Ok(Self {
            all: found.at.all.total_count,
            researched: found.at.researched.total_count,
        })
    }

    /// Those in which nobody has looked yet.
    pub fn open(self) -> i64 {
        self.all.saturating_sub(self.researched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::unknown_fields;

    #[test]
    fn the_document_fits_the_schema() {
        assert_eq!(unknown_fields(DOCUMENT), Vec::<String>::new());
    }
}
