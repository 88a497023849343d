//! The query string of an address: each parameter has a known name, stands once, and is percent-decoded.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;

use super::refusal::Refusal;
use crate::domain::text::{quoted, truncate};

/// The values by the names of their parameters.
#[derive(Debug, Default)]
pub struct QueryString(HashMap<&'static str, String>);

impl QueryString {
    /// Reads a query string. `known` has the accepted parameters, each with its form, as in `("at", "CURSOR")`.
    ///
    /// # Errors
    /// 400 for a parameter that is unknown, that is given twice, or whose value is not UTF-8.
    pub fn read(query: &str, known: &[(&'static str, &str)]) -> Result<Self, Refusal> {
        let mut values = HashMap::new();
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        for pair in pairs {
            let (given, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = decoded(given);
            let found = decoded
                .as_deref()
                .and_then(|given| known.iter().find(|(name, _)| *name == given));
            let Some((name, _)) = found else {
                let given = quoted(&truncate(decoded.as_deref().unwrap_or(given)));
                let forms = known.iter().map(|(name, form)| format!("{name}={form}"));
                let forms = forms.collect::<Vec<_>>().join(" or ");
                let message = format!("there is no parameter `{given}`: expected {forms}");
                return Err(Refusal::wrong(&message));
            };
            let value = decoded_value(name, value)?;
            if values.insert(*name, value).is_some() {
                return Err(Refusal::wrong(&format!("`{name}` is given twice")));
            }
        }
        Ok(Self(values))
    }

    /// Takes the value of a parameter.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }
}

fn decoded_value(name: &str, value: &str) -> Result<String, Refusal> {
    decoded(value).ok_or_else(|| Refusal::wrong(&format!("{name}: expected UTF-8")))
}

/// A decoded text; `None` if it is not UTF-8. A plus sign is a space. Source: URL Standard, section 5.1.
fn decoded(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    let text = percent_decode_str(&text).decode_utf8().ok()?;
    Some(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_known_decoded_and_given_once() {
        let known = [("q", "WORDS"), ("asOf", "DAY")];
        let mut read =
            QueryString::read("q=cyber+unit%20%C9%99&&as%4ff=2010-01-01", &known).unwrap();
        assert_eq!(read.take("q").as_deref(), Some("cyber unit ə"));
        assert_eq!(read.take("asOf").as_deref(), Some("2010-01-01"));
        assert_eq!(read.take("x"), None);
        assert_eq!(
            QueryString::read("q", &known).unwrap().take("q").as_deref(),
            Some("")
        );
        for (query, message) in [
            (
                "Q=a",
                "there is no parameter `Q`: expected q=WORDS or asOf=DAY",
            ),
            ("q=a&q=b", "`q` is given twice"),
            ("q=%FF", "q: expected UTF-8"),
        ] {
            let refusal = QueryString::read(query, &known).unwrap_err();
            assert_eq!(refusal.into_error().message, message);
        }
    }
}
