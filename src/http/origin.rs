//! From which pages a browser may open a WebSocket: browsers let every page try, and say only which it is.

use std::str::FromStr;

use axum::http::{HeaderMap, header};
use url::Url;

/// An origin beside the service's own, as browsers name it (`https://example.org`); `*` is any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text == "*" {
            return Ok(Self(text.to_owned()));
        }
        // A page names itself by scheme, host and port: anything else would never be named.
        let named = Url::parse(text).ok().filter(|url| {
            let is_bare = matches!(url.path(), "" | "/")
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none();
            url.has_host() && is_bare && !matches!(url.scheme(), "ws" | "wss")
        });
        let message = "expected an origin like https://example.org, without a path, or *";
        let origin = named.ok_or(message)?;
        Ok(Self(origin.as_str().trim_end_matches('/').to_owned()))
    }
}

impl Origin {
    /// Whether it stands for all.
    pub fn is_any(&self) -> bool {
        self.0 == "*"
    }
}

/// Whether an origin is among those that are named.
pub fn is_named(origin: &str, named: &[Origin]) -> bool {
    named.iter().any(|one| one.is_any() || one.0 == origin)
}

/// Whether the page that asks may: one of the service itself, or one that is allowed. Who names no page is
/// no browser.
pub fn is_allowed(headers: &HeaderMap, others: &[Origin]) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else {
        return true;
    };
    let (Ok(origin), None) = (origin.to_str(), origins.next()) else {
        return false;
    };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let own = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    let is_own = own.is_some() && own == host;
    is_own || is_named(origin, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_names_a_page_by() {
        for (text, named) in [
            ("*", "*"),
            ("https://example.org", "https://example.org"),
            ("https://Example.org:443/", "https://example.org"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            let origin: Result<Origin, _> = text.parse();
            assert_eq!(origin, Ok(Origin(named.to_owned())), "{text}");
        }
        for text in [
            "",
            "example.org",
            "https://example.org/app",
            "https://example.org?x",
            "https://me@example.org",
            "https://:word@example.org",
            "wss://example.org",
            "null",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
