//! Web addresses, validated with the `url` crate. Addresses that the crate would silently change are refused, so
//! that the address a person reads is the address that a browser opens.

use std::fmt::{self, Display};
use std::str::FromStr;

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use url::Host;

use super::text::{Malformed, Written, written};
use super::text_rules::{is_invisible, is_noncharacter};

/// An absolute `http` or `https` address, stored as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, DeriveValueType)]
#[serde(try_from = "String", into = "String")]
#[sea_orm(value_type = "String")]
pub struct Url(String);
written!(
    Url,
    "an absolute http or https address of at most 2,000 characters, like \u{201c}https://www.coe.int/en/web/cybercrime\u{201d}"
);

/// Maximum number of characters in an address.
const MAX_LINK: usize = 2_000;

/// Forms more specific than [`Written::FORM`]: each names the part of an address that is wrong.
const ONLY_VISIBLE: &str = "an absolute http or https address without spaces, control characters and invisible \
    characters: percent-encode them";
const WITHOUT_BACKSLASHES: &str =
    "an absolute http or https address without backslashes: write `/`, or `%5C` for the character";
const WITHOUT_USER: &str = "an absolute http or https address without user name and password";
const WITHOUT_NUL: &str = "an absolute http or https address without U+0000";
const PLAIN_HOST: &str = "an absolute http or https address with a host name as it is looked up, like \u{201c}www.coe.int\u{201d}";
const VALID_PORT: &str =
    "an absolute http or https address with a port number after the colon, or without the colon";

/// The parts of an address before its path, as they are written.
struct UrlOrigin<'a> {
    scheme: &'a str,
    authority: &'a str,
}

impl<'a> UrlOrigin<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        Some(Self { scheme, authority })
    }

    /// Returns the host, and the text after its colon.
    fn host(&self) -> (&'a str, Option<&'a str>) {
        match self.authority.rsplit_once(':') {
            Some((host, port)) if !self.authority.ends_with(']') => (host, Some(port)),
            _ => (self.authority, None),
        }
    }
}

impl FromStr for Url {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        if let Err(form) = check(text) {
            // The text before `@` can contain a user name and password, which no message may repeat.
            let shown = text.rsplit_once('@').map(|(_, rest)| format!("…@{rest}"));
            return Err(Malformed::expecting(shown.as_deref().unwrap_or(text), form));
        }
        Ok(Self(text.to_owned()))
    }
}

impl Url {
    /// Returns the normal form of the address: capitals in the host, a default port, dots in the path and letters
    /// without percent-encoding make no difference. For comparing, not for showing.
    pub fn address(&self) -> String {
        url::Url::parse(&self.0).map_or_else(|_| self.0.clone(), String::from)
    }

    /// Returns the spellings in which the same address may be stored: as written, the normal form, and that form
    /// without the slash after the host.
    pub fn spellings(&self) -> Vec<String> {
        let normal = self.address();
        let mut spellings = vec![self.0.clone()];
        if let Some(host) = normal.strip_suffix('/')
            && host.matches('/').count() == 2
        {
            spellings.push(host.to_owned());
        }
        spellings.push(normal);
        spellings.sort_unstable();
        spellings.dedup();
        spellings
    }
}

impl Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks that a text is an address; the error is the form that it should have.
fn check(text: &str) -> Result<(), &'static str> {
    let unseen = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || is_invisible(letter)
            || is_noncharacter(letter)
    };
    if text.chars().count() > MAX_LINK {
        return Err(Url::FORM);
    }
    if text.contains(unseen) {
        return Err(ONLY_VISIBLE);
    }
    if text.contains('\\') {
        return Err(WITHOUT_BACKSLASHES);
    }
    let head = UrlOrigin::of(text).ok_or(Url::FORM)?;
    let is_web = ["http", "https"]
        .iter()
        .any(|scheme| scheme.eq_ignore_ascii_case(head.scheme));
    if !is_web || head.authority.is_empty() {
        return Err(Url::FORM);
    }
    if head.authority.contains('@') {
        return Err(WITHOUT_USER);
    }
    if text.contains("%00") {
        return Err(WITHOUT_NUL);
    }
    let (host, port) = head.host();
    if port.is_some_and(|port| port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(VALID_PORT);
    }
    let url = url::Url::parse(text).map_err(|_| Url::FORM)?;
    if url.host().is_some_and(|read| is_as_written(&read, host)) {
        Ok(())
    } else {
        Err(PLAIN_HOST)
    }
}

/// True if the parsed host equals the written one, apart from capitals. Soft hyphens, wide letters, percent-encoding
/// and numbers in other bases lead to a host that the reader does not see.
fn is_as_written(read: &Host<&str>, written: &str) -> bool {
    match read {
        Host::Domain(name) => {
            let labels = name.strip_suffix('.').unwrap_or(name);
            let is_name = labels.len() <= 253
                && labels
                    .split('.')
                    .all(|label| (1..=63).contains(&label.len()));
            let lower: String = written.chars().flat_map(char::to_lowercase).collect();
            let lower = super::text_rules::composed(lower);
            is_name && (lower == *name || lower == idna::domain_to_unicode(name).0)
        }
        Host::Ipv4(address) => address.to_string() == written,
        Host::Ipv6(_) => written.starts_with('['),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_stored_as_it_was_written() {
        for text in [
            "https://www.coe.int/x?y=1",
            "https://www.coe.int",
            "HTTPS://WWW.Memurlar.Net:443/a",
            "http://a_b.example.org:8080/?q=%20_#top",
            "https://münchen.example/straße",
            "https://xn--mnchen-3ya.example/",
            "https://МВД.рф/новости",
            "https://ΟΔΟΣ.example.org/",
            "https://mu\u{308}nchen.example/",
            "https://example.org./",
            "https://127.0.0.1:8080/",
            "https://[2001:db8:0::1]:443/",
            "https://[::1]",
            "https://example.org/a/../b/;c=d|e'f%zz",
            "https://web.archive.org/web/2020/https://user@example.org/",
            "https://example.org/@coe",
            "https://example.org?mail=a@b.org:x",
        ] {
            let link: Url = text.parse().unwrap();
            assert_eq!(link.to_string(), text);
        }
    }

    #[test]
    fn every_spelling_of_an_address_has_the_same_normal_form() {
        for text in [
            "https://münchen.example/ü",
            "HTTPS://MÜNCHEN.example:443/a/../ü",
            "https://xn--mnchen-3ya.example/%C3%BC",
        ] {
            let address = text.parse::<Url>().unwrap().address();
            assert_eq!(address, "https://xn--mnchen-3ya.example/%C3%BC");
        }
    }

    #[test]
    fn an_address_is_looked_for_as_written_and_in_its_normal_form() {
        let spellings = |text: &str| text.parse::<Url>().unwrap().spellings();
        let plain = ["https://example.org", "https://example.org/"];
        assert_eq!(spellings("https://example.org"), plain);
        assert_eq!(spellings("https://example.org/"), plain);
        assert_eq!(
            spellings("https://Example.org:443/a/"),
            ["https://Example.org:443/a/", "https://example.org/a/"]
        );
    }

    #[test]
    fn an_address_that_would_open_another_host_is_refused() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.org/",
            "www.coe.int",
            "//www.coe.int/",
            "https://",
            "https:///www.coe.int",
            "https:/www.coe.int",
            "https:www.coe.int",
            "https://.",
            "https://..",
            "https://.example.org",
            "https://a..example.org",
            "https://:443/",
            "https://?q",
            "https://#top",
            "https://a b",
            " https://example.org",
            "https://example.org\n",
            "https://exam\tple.org/",
            "https://example.org/a\r\nb",
            "https://example.org/\0",
            "https://example.org/\u{1}",
            "https://example.org/\u{7f}",
            "https://example.org/\u{85}",
            "https://example.org/\u{202e}gpj",
            "https://example.org/\u{2066}x",
            "https://exa\u{ad}mple.org/",
            "https://exa\u{200b}mple.org/",
            "https://example.org/\u{feff}",
            "https://example.org/\u{ffff}",
            "https://example.org/\u{e0041}",
            "https://example.org/\u{a0}",
            "https://example.org\\@example.com/",
            "https:\\\\example.org\\",
            "https://example.org/a\\b",
            "https://user:pw@example.org/",
            "https://user@example.org/",
            "https://@example.org/",
            "https://:@example.org/",
            "https://example.org/%00",
            "https://example.org/?q=a%00b",
            "https://example.org:/",
            "https://example.org:99999/",
            "https://example.org:8o/",
            "https://exam%70le.org/",
            "https://ｅxample.org/",
            "https://example。org/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://256.1.1.1/",
            "https://[::1/",
            "https://[example.org]/",
            "https://exa<mple.org/",
            "https://xn--a/",
            &format!("https://{}.org/", "a".repeat(64)),
            &format!("https://{}org/", "a.".repeat(130)),
            &format!("https://example.org/{}", "a".repeat(2_000)),
        ] {
            assert!(text.parse::<Url>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_finding_hides_credentials_and_escapes_invisible_characters() {
        let message = |text: &str| text.parse::<Url>().unwrap_err().to_string();
        let secret = message("https://user:s3cret@example.org/x");
        assert!(!secret.contains("s3cret") && secret.contains("without user name"));
        for text in [
            "ftp://user:s3cret@example.org",
            "https:user:s3cret@example.org",
        ] {
            assert!(message(text).contains("\u{201c}…@example.org\u{201d}"));
        }
        assert!(message("https://a/\u{202e}").contains("\\u{202e}"));
    }
}
