//! Parameters of an address, and fields of a form.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters that are encoded in a query: all but those that RFC 3986 calls unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The parameters of an address or the fields of a form, in their order. Blank values count as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a query string or a form in `application/x-www-form-urlencoded`.
    pub fn read(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes());
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// The first value of a parameter, without spaces around it; `None` if it is absent or blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a parameter that are not blank.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let values = self.0.iter().filter(move |(known, _)| known == name);
        values
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// True if there is a parameter of this name with a value.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A copy in which a parameter has one value, or none.
    #[must_use]
    pub fn with(&self, name: &str, value: Option<&str>) -> Self {
        let mut pairs = self.0.clone();
        pairs.retain(|(known, _)| known != name);
        pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        Self(pairs)
    }

    /// A copy with only some of the parameters.
    #[must_use]
    pub fn only(&self, names: &[&str]) -> Self {
        let kept = |(name, _): &&(String, String)| names.contains(&name.as_str());
        Self(self.0.iter().filter(kept).cloned().collect())
    }

    /// The query string, with `?` before it; empty if there is no parameter.
    pub fn query(&self) -> String {
        let pairs = self.0.iter().filter(|(_, value)| !value.trim().is_empty());
        let pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        if pairs.is_empty() {
            return String::new();
        }
        format!("?{}", pairs.join("&"))
    }

    /// All pairs, for the hidden fields of a form.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

/// A text as a part of a query or a path.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_changed_and_written() {
        let params = Params::read("country=AZ&country=GE&on=&q=a%26b+c");
        assert_eq!(params.all("country").collect::<Vec<_>>(), ["AZ", "GE"]);
        assert_eq!(params.get("on"), None);
        assert_eq!(params.get("q"), Some("a&b c"));
        let changed = params.with("q", None).with("on", Some("2020-01-01"));
        assert_eq!(changed.query(), "?country=AZ&country=GE&on=2020-01-01");
        assert_eq!(Params::default().query(), "");
        assert_eq!(Params::read("q=\u{e9}\"<").query(), "?q=%C3%A9%22%3C");
    }
}
