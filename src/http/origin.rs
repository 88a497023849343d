//! From which pages a browser may open a WebSocket: browsers let every page try, and say only which it is. Origins are
//! compared as RFC 6454 says: by scheme, host and port, in any case, the usual port left out or not.

use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName, header};
use url::Url;

/// The host that a proxy was asked for, where it asks us for another.
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

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
        let mut origin = named.ok_or(message)?;
        // With a dot at its end a name is the same name.
        let host = origin.host_str().unwrap_or_default();
        if let Some(host) = host.strip_suffix('.').map(str::to_owned) {
            origin.set_host(Some(&host)).map_err(|_| message)?;
        }
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
    let origin: Option<Origin> = origin.parse().ok();
    let is_it = |one: &Origin| one.is_any() || Some(one) == origin.as_ref();
    named.iter().any(is_it)
}

/// Whether an origin is that of a page of a host, as `Host` names it. Where TLS ends at a proxy, only the page knows
/// the scheme, and with it the port that is left out.
fn is_of(origin: &str, host: &str) -> bool {
    let Some((scheme @ ("http" | "https"), _)) = origin.split_once("://") else {
        return false;
    };
    let own: Result<Origin, _> = format!("{scheme}://{}", host.trim()).parse();
    own.is_ok() && own == origin.parse()
}

/// Whether the page that asks may: one of the service itself, or one that is allowed. Who names no page is
/// no browser. A proxy that is trusted may say for which host it was asked.
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

    #[test]
    fn a_page_is_of_the_host_that_it_was_loaded_from_however_it_is_written() {
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
    fn a_proxy_says_for_which_host_it_was_asked_only_where_it_is_trusted() {
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
