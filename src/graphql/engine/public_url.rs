//! The address under which readers reach the service.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::Serialize;

use crate::engine::error::Error;
use domain::text::Malformed;
use domain::url::Url;

/// The address under which readers reach the service: scheme, host, port if it is not the default, and path prefix if
/// there is one. It has no trailing slash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicUrl(String);

/// The accepted form.
const FORM: &str = "expected an http or https address without user, password, query and fragment, like https://profiles.example.org or https://example.org/profiles";

impl PublicUrl {
    /// The address itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of a path, which begins with a slash.
    pub fn of_path(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The address of a path, in the form of the schema.
    ///
    /// # Errors
    /// `INTERNAL` if the address is too long.
    pub fn url(&self, path: &str) -> Result<Url, Error> {
        let address = self.of_path(path);
        address.parse().map_err(|error: Malformed| {
            tracing::error!(%error, "an address of this service is not valid");
            Error::Internal
        })
    }
}

impl Default for PublicUrl {
    /// The address of a service on the default port of this machine.
    fn default() -> Self {
        Self("http://localhost:8000".to_owned())
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url: Url = text.trim().parse().map_err(|_| FORM)?;
        let address = url.address();
        if address.contains(['?', '#']) {
            return Err(FORM);
        }
        Ok(Self(address.trim_end_matches('/').to_owned()))
    }
}

impl Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_has_scheme_host_port_and_path_only() {
        for (text, kept) in [
            (
                "https://profiles.example.org",
                "https://profiles.example.org",
            ),
            (
                "https://Profiles.example.org:443/",
                "https://profiles.example.org",
            ),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://[::1]:8000", "http://[::1]:8000"),
            ("https://example.org/a/b/", "https://example.org/a/b"),
        ] {
            let read: Result<PublicUrl, _> = text.parse();
            assert_eq!(read.map(|url| url.to_string()), Ok(kept.to_owned()));
        }
        for text in [
            "",
            "example.org",
            "ftp://example.org",
            "https://me@example.org",
            "https://me:word@example.org",
            "https://example.org/?a",
            "https://example.org/#a",
            "https://",
            "https://exa mple.org",
        ] {
            assert_eq!(text.parse::<PublicUrl>(), Err(FORM), "{text}");
        }
    }
}
