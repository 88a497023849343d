//! The countries, topics and treaties in the address of a comparison.

use super::words::Words;
use crate::frame::Frame;
use crate::refused::Refused;

/// Most countries of a comparison.
const MAX_COUNTRIES: usize = 20;
/// The treaty whose legal profiles are compared if the address names none.
const BUDAPEST: &str = "ETS 185";

/// The choice of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Codes of countries, in the order of the address.
    pub countries: Vec<String>,
    /// Topics of findings; empty means all.
    pub topics: Vec<String>,
    /// References of treaties; empty means all.
    pub treaties: Vec<String>,
    /// True if only rows that differ are shown.
    pub is_only_differences: bool,
}

impl Choice {
    /// Reads `country`, `topic`, `treaty` and `only`.
    ///
    /// # Errors
    /// [`Refused::Wrong`] for more than 20 countries, and for a code, topic or value in a wrong form.
    pub fn read(frame: &Frame, words: Words) -> Result<Self, Refused> {
        let countries = list(frame, "country");
        let is_code =
            |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        if let Some(code) = countries.iter().find(|code| !is_code(code)) {
            return Err(Refused::Wrong(words.no_country(code)));
        }
        if countries.len() > MAX_COUNTRIES {
            return Err(Refused::Wrong(words.too_many(countries.len())));
        }
        let topics = list(frame, "topic");
        let known = frame.values_of("CoverageTopic");
        let is_unknown = |topic: &&String| !known.iter().any(|(one, _)| one == *topic);
        if let Some(topic) = topics.iter().find(is_unknown) {
            let known: Vec<&str> = known.iter().map(|(one, _)| one.as_str()).collect();
            return Err(Refused::Wrong(words.no_topic(topic, known.join(", "))));
        }
        let only = frame.params.get("only");
        if only.is_some_and(|only| only != "differences") {
            return Err(Refused::Wrong(words.no_only().to_owned()));
        }
        let treaties = frame
            .params
            .all("treaty")
            .map(|text| text.replacen('-', " ", 1));
        Ok(Self {
            countries,
            topics,
            treaties: treaties.collect(),
            is_only_differences: only.is_some(),
        })
    }

    /// True if there is something to compare.
    pub fn is_enough(&self) -> bool {
        self.countries.len() > 1
    }

    /// The treaty of the legal profiles.
    pub fn treaty(&self) -> &str {
        self.treaties.first().map_or(BUDAPEST, String::as_str)
    }
}

/// The values of a parameter in capitals, each once.
fn list(frame: &Frame, name: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for text in frame.params.all(name).flat_map(|value| value.split(',')) {
        let value = text.trim().to_uppercase();
        if !value.is_empty() && !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::site::PageRequest;

    fn read(query: &str) -> Result<Choice, Refused> {
        let frame = Frame::bare(&PageRequest::of("/compare", query));
        Choice::read(&frame, Words(Language::English))
    }

    #[test]
    fn countries_are_read_once_in_their_order() {
        let choice = read("country=ge&country=AZ,GE&country=&treaty=ETS-189").unwrap();
        assert_eq!(choice.countries, ["GE", "AZ"]);
        assert!(choice.is_enough() && !choice.is_only_differences);
        assert_eq!(choice.treaty(), "ETS 189");
        assert!(!read("country=AZ").unwrap().is_enough());
        assert_eq!(read("only=differences").unwrap().treaty(), "ETS 185");
    }

    #[test]
    fn wrong_values_are_named() {
        let many: Vec<String> = ('A'..='U')
            .map(|letter| format!("country=A{letter}"))
            .collect();
        for (query, name) in [
            ("country=AZE", "AZE"),
            ("country=A1", "A1"),
            (many.join("&").as_str(), "found 21"),
            ("topic=NOTHING", "NOTHING"),
            ("only=same", "differences"),
        ] {
            match read(query) {
                Err(Refused::Wrong(message)) => assert!(message.contains(name), "{message}"),
                other => panic!("{query}: {other:?}"),
            }
        }
    }
}
