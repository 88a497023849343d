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
        // An origin with a path, or with anything else, would never be one that a browser names.
        let origin = Url::parse(text).ok().and_then(|url| {
            let origin = url.origin();
            let bare = Url::parse(&origin.ascii_serialization()).ok()?;
            (origin.is_tuple() && bare == url).then(|| origin.ascii_serialization())
        });
        let message = "expected an origin like https://example.org, without a path, or *";
        origin.map(Self).ok_or(message)
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
