//! The contact of the operator, which pages show.

use std::str::FromStr;

use url::Url;

/// An e-mail address, or the URL of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact(String);

impl Contact {
    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Contact {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let is_page = Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.has_host() && url.password().is_none()
        });
        let is_mail = text.split_once('@').is_some_and(|(name, host)| {
            let is_plain = |part: &str| {
                !part.is_empty()
                    && part
                        .chars()
                        .all(|letter| letter.is_alphanumeric() || ".-_+".contains(letter))
            };
            is_plain(name) && is_plain(host)
        });
        if is_page || is_mail {
            Ok(Self(text.to_owned()))
        } else {
            Err("expected an e-mail address, or a URL that begins with https:// or http://")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_an_e_mail_address_or_a_url() {
        for good in [
            "desk@example.org",
            "a.b+c@example.org",
            "https://example.org/contact?x=1",
        ] {
            assert_eq!(good.parse::<Contact>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "desk",
            "@example.org",
            "desk@",
            "a@b@c",
            "a b@example.org",
            "a@example.org?subject=x",
            "javascript:alert(1)",
            "mailto:desk@example.org",
            "https://",
        ] {
            assert!(bad.parse::<Contact>().is_err(), "{bad}");
        }
    }
}
