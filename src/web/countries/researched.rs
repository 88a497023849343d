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
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// All of them.
    pub all: i64,
    /// The countries with any finding on the topic.
    pub researched: i64,
    /// The number of them by finding, the most frequent first; empty if they are more than one document reads.
    pub by_finding: Vec<(CoverageValue, i64)>,
}

#[derive(Deserialize)]
struct Data {
    at: View,
}

#[derive(Deserialize)]
struct View {
    all: Total,
    researched: Researched,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Total {
    total_count: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Researched {
    total_count: i64,
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    coverage: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    value: CoverageValue,
}

impl Researched {
    /// The number of countries by finding, the most frequent first; empty if not all were read.
    fn by_finding(self) -> Vec<(CoverageValue, i64)> {
        if i64::try_from(self.nodes.len()) != Ok(self.total_count) {
            return Vec::new();
        }
        let mut counts: Vec<(CoverageValue, i64)> = Vec::new();
        let findings = self.nodes.into_iter().flat_map(|node| node.coverage);
        for finding in findings {
            match counts.iter_mut().find(|(value, _)| *value == finding.value) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => counts.push((finding.value, 1)),
            }
        }
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }
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
            "at": frame.pinned(),
            "all": with(Value::Null),
            "researched": with(json!({ "topic": topic.value(), "values": values })),
            "topics": [topic.value()],
        });
        let found: Data = frame.execute_json(ask, DOCUMENT, variables).await?;
        Ok(Self {
            all: found.at.all.total_count,
            researched: found.at.researched.total_count,
            by_finding: found.at.researched.by_finding(),
        })
    }

    /// The number of countries without a finding on the topic.
    pub fn open(&self) -> i64 {
        self.all.saturating_sub(self.researched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::unknown_fields;

    #[test]
    fn findings_are_counted_if_all_countries_were_read() {
        let node = |value: &str| json!({ "coverage": [{ "value": value }] });
        let nodes = json!([node("ABSENT"), node("PRESENT"), node("PRESENT")]);
        let counted = |total: i64| {
            let read = json!({ "totalCount": total, "nodes": nodes });
            let read: Researched = serde_json::from_value(read).unwrap();
            let counts = read.by_finding().into_iter();
            counts
                .map(|(value, count)| (value.0, count))
                .collect::<Vec<_>>()
        };
        let (present, absent) = (("PRESENT".to_owned(), 2), ("ABSENT".to_owned(), 1));
        assert_eq!(counted(3), [present, absent]);
        assert!(counted(4).is_empty());
    }

    #[test]
    fn the_document_fits_the_schema() {
        assert_eq!(unknown_fields(DOCUMENT), Vec::<String>::new());
    }
}
