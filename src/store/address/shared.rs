//! The URL of a `PostgreSQL` database.

use std::fmt;
use std::sync::Once;

use sea_orm::sqlx::postgres::PgConnectOptions;
use url::Url;

use super::refusal::{EXPECTED, unusable};
use crate::error::Error;

/// Advice about the characters that a `PostgreSQL` URL must percent-encode.
const ENCODED: &str = "in a user, password or name write / as %2F, @ as %40, : as %3A, ? as %3F, # as %23 and % as %25";

/// The parameters of a `PostgreSQL` URL that the driver understands. Source: `sqlx-postgres`, `options/parse.rs`.
const PARAMETERS: [&str; 19] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "options[",
];

/// Reads the URL of a `PostgreSQL` database.
///
/// # Errors
/// [`Error::Unusable`]; its text never repeats a part of the URL that may be a secret.
pub fn read(url: &str) -> Result<PgConnectOptions, Error> {
    let refused = |why: &dyn fmt::Display| {
        unusable(format!(
            "the database URL is not understood ({why}): {EXPECTED}; {ENCODED}"
        ))
    };
    let mut url = Url::parse(url).map_err(|error| refused(&error))?;
    // An unencoded / or # or ? in a password ends the host part: the user would be read as the host, and the rest of
    // the password as the database name.
    if url.path().contains('@') || url.fragment().is_some() {
        return Err(refused(&"there is a / or # before its last @"));
    }
    let is_known = |key: &str| {
        let name = key.split_once('[').map_or(key, |(name, _)| name);
        let of_list = format!("{name}[");
        PARAMETERS.contains(&key) || (key.ends_with(']') && PARAMETERS.contains(&&*of_list))
    };
    let (known, unknown): (Vec<_>, Vec<_>) = url
        .query_pairs()
        .into_owned()
        .partition(|(key, _)| is_known(key));
    if unknown.iter().any(|(key, value)| {
        let has_at = |text: &str| text.contains('@');
        has_at(key) || has_at(value)
    }) {
        return Err(refused(&"there is a ? before its last @"));
    }
    if !unknown.is_empty() {
        static SAID: Once = Once::new();
        // The log omits their names and values: they may be parts of a password.
        SAID.call_once(|| {
            tracing::warn!(
                ignored = unknown.len(),
                "unknown parameters of the database URL are ignored"
            );
        });
    }
    let read = |url: &Url| url.as_str().parse::<PgConnectOptions>().ok();
    for (key, value) in &known {
        let mut alone = Url::parse("postgres://localhost").map_err(|error| refused(&error))?;
        alone.query_pairs_mut().append_pair(key, value);
        if read(&alone).is_none() {
            return Err(refused(&format!("the value of {key} is not valid")));
        }
    }
    url.set_query(None);
    if !known.is_empty() {
        url.query_pairs_mut().extend_pairs(known);
    }
    read(&url).ok_or_else(|| refused(&"its percent-encoding is not UTF-8"))
}
