//! Origins of pages that may open a WebSocket: a browser lets every page try, and only sends its origin along. Origins
//! are compared by scheme, host and port, without regard to case; the default port may be omitted. Source: RFC 6454.

use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName, header};
use url::Url;

/// Header in which a proxy reports the host that it was asked for, if it forwards another `Host`.
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// An allowed origin in the form of the `Origin` header (`https://example.org`); `*` is any origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text == "*" {
            return Ok(Self(text.to_owned()));
        }
        // The `Origin` header contains only scheme, host and port: a setting with more would never match.
        let named = Url::parse(text).ok().filter(|url| {
            let is_bare = matches!(url.path(), "" | "/")
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none();
            url.has_host() && is_bare && !matches!(url.scheme(), "ws" | "wss")
        });
        let message = "expected an origin like https://example.org, without a path, or *";
        let mut origin = named.ok_or(message)?;
        // A host name with a trailing dot is the same host.
        let host = origin.host_str().unwrap_or_default();
        if let Some(host) = host.strip_suffix('.').map(str::to_owned) {
            origin.set_host(Some(&host)).map_err(|_| message)?;
        }
        Ok(Self(origin.as_str().trim_end_matches('/').to_owned()))
    }
}

impl Origin {
    /// True for `*`, which allows any origin.
    pub fn is_any(&self) -> bool {
        self.0 == "*"
    }
}

/// True if an origin is among the allowed ones.
pub fn is_named(origin: &str, named: &[Origin]) -> bool {
    let origin: Option<Origin> = origin.parse().ok();
    let is_it = |one: &Origin| one.is_any() || Some(one) == origin.as_ref();
    named.iter().any(is_it)
}

/// True if an origin belongs to a page of this host, as the `Host` header names it. If TLS ends at a proxy, only the
/// origin contains the scheme, and with it the default port.
fn is_of(origin: &str, host: &str) -> bool {
    let Some((scheme @ ("http" | "https"), _)) = origin.split_once("://") else {
        return false;
    };
    let own: Result<Origin, _> = format!("{scheme}://{}", host.trim()).parse();
    own.is_ok() && own == origin.parse()
}

/// True if the page that sends the request may open a WebSocket: a page of the service itself, or of an allowed origin.
/// A request without `Origin` does not come from a browser page. A trusted proxy may report the host in
/// `X-Forwarded-Host`.
pub fn is_allowed(headers: &HeaderMap, others: &[Origin], is_by_proxy: bool) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else {
        return true;
    };
    let (Ok(origin), None) = (origin.to_str(), origins.next()) else {
        return false;
    };
    let host = headers.get(header::HOST).into_iter();
    let forwarded = headers.get_all(FORWARDED_HOST).iter();
    let mut hosts = host
        .chain(forwarded.filter(|_| is_by_proxy))
        .flat_map(|hosts| hosts.to_str().unwrap_or_default().split(','));
    hosts.any(|host| is_of(origin, host)) || is_named(origin, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_consists_of_scheme_host_and_port_only() {
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

    #[test]
    fn an_origin_is_compared_with_the_host_in_any_spelling() {
        for (origin, host, is_own) in [
            ("https://example.org", "example.org", true),
            ("https://example.org", "example.org:443", true),
            ("https://example.org:443", "example.org", true),
            ("http://example.org", "example.org:80", true),
            ("https://example.org", "EXAMPLE.Org", true),
            ("https://example.org", "Example.org:443", true),
            ("https://example.org", "example.org.", true),
            ("https://example.org.", "example.org.:443", true),
            ("https://example.org:8443", "example.org:8443", true),
            ("http://[::1]:8000", "[0:0:0:0:0:0:0:1]:8000", true),
            ("https://[2001:db8::1]", "[2001:DB8::1]:443", true),
            ("http://127.0.0.1:8000", "127.0.0.1:8000", true),
            ("https://example.org", "example.org:80", false),
            ("http://example.org", "example.org:443", false),
            ("https://example.org", "example.org:8443", false),
            ("https://example.org:8443", "example.org", false),
            ("https://evil.example", "example.org", false),
            ("https://example.org.evil.example", "example.org", false),
            ("https://sub.example.org", "example.org", false),
            ("https://evil.example", "evil.example/@example.org", false),
            ("https://evil.example", "example.org@evil.example", false),
            ("https://example.org", "", false),
            ("null", "null", false),
            ("ws://example.org", "example.org", false),
            ("*", "*", false),
        ] {
            assert_eq!(is_of(origin, host), is_own, "{origin} {host}");
        }
    }

    #[test]
    fn x_forwarded_host_counts_only_from_a_trusted_proxy() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, "https://example.org".parse().unwrap());
        headers.insert(header::HOST, "node-1:8000".parse().unwrap());
        for (said, by_proxy, is_so) in [
            ("example.org", true, true),
            ("example.org:443, inner", true, true),
            ("example.org", false, false),
            ("evil.example", true, false),
        ] {
            headers.insert(FORWARDED_HOST, said.parse().unwrap());
            assert_eq!(is_allowed(&headers, &[], by_proxy), is_so, "{said}");
        }
    }
}
