//! The parameters in the address of a feed.

use std::collections::BTreeSet;

use crate::http::query_string::QueryString;
use crate::http::refusal::Refusal;

/// The parameters.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Params {
    q: Option<String>,
    kinds: Vec<String>,
    countries: Vec<String>,
    /// The sequence number after which an archive page begins.
    pub archive: Option<i64>,
    /// The digest of the records that the search found when the archive page was linked.
    pub records: Option<String>,
}

/// The arguments of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The words.
    pub query: String,
    /// Kinds of records, sorted; empty means all.
    pub kinds: Vec<String>,
    /// Country codes, sorted; empty means all.
    pub countries: Vec<String>,
}

/// The names, each with its form.
const KNOWN: [(&str, &str); 5] = [
    ("q", "WORDS"),
    ("kind", "KIND,KIND"),
    ("country", "CODE,CODE"),
    ("archive", "NUMBER"),
    ("records", "DIGEST"),
];

impl Params {
    /// Reads the query string of an address.
    ///
    /// # Errors
    /// 400 for a parameter that is unknown, malformed or given twice.
    pub fn read(query: &str) -> Result<Self, Refusal> {
        let mut given = QueryString::read(query, &KNOWN)?;
        let archive = given.take("archive").map(|number| {
            let number = number.parse().ok().filter(|number| *number >= 0);
            let message = "`archive`: expected the number in a link of this feed, like 1250";
            number.ok_or_else(|| Refusal::wrong(message))
        });
        Ok(Self {
            q: given.take("q"),
            kinds: words(given.take("kind")),
            countries: words(given.take("country")),
            archive: archive.transpose()?,
            records: given.take("records"),
        })
    }

    /// The parameters of a search.
    pub fn terms(&self) -> Terms {
        Terms {
            query: self.q.clone().unwrap_or_default(),
            kinds: self.kinds.clone(),
            countries: self.countries.clone(),
        }
    }
}

/// The words of a list in upper case, sorted, each once.
fn words(list: Option<String>) -> Vec<String> {
    let list = list.unwrap_or_default();
    let words = list.split(',').map(str::trim);
    let words = words.filter(|word| !word.is_empty());
    let words: BTreeSet<String> = words.map(str::to_ascii_uppercase).collect();
    words.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_a_page_is_a_number() {
        let params = Params::read(
            "q=cyber+unit&kind=treaty_event,COUNTRY,country&country=fr,%20az&archive=12",
        );
        let params = params.ok().unwrap();
        let terms = params.terms();
        assert_eq!(terms.query, "cyber unit");
        assert_eq!(terms.kinds, ["COUNTRY", "TREATY_EVENT"]);
        assert_eq!(terms.countries, ["AZ", "FR"]);
        assert_eq!(params.archive, Some(12));
        for wrong in ["archive=x", "archive=-1", "archive=", "x=1"] {
            assert!(Params::read(wrong).is_err(), "{wrong}");
        }
    }
}
