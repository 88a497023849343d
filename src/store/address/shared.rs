//! The URL of a `PostgreSQL`.

use std::fmt;
use std::sync::Once;

use sea_orm::sqlx::postgres::PgConnectOptions;
use url::Url;

use super::refusal::{EXPECTED, unusable};
use crate::error::Error;

/// What the URL of a `PostgreSQL` has to write in other letters.
const ENCODED: &str = "in a user, password or name write / as %2F, @ as %40, : as %3A, ? as %3F, # as %23 and % as %25";

/// The parameters of a `PostgreSQL` URL that are understood. Source: `sqlx-postgres`, `options/parse.rs`.
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

/// Reads the URL of a `PostgreSQL`.
///
/// # Errors
/// [`Error::Unusable`], which never repeats a part that may be a secret.
pub fn read(url: &str) -> Result<PgConnectOptions, Error> {
    let refused = |why: &dyn fmt::Display| {
        unusable(format!(
            "the database URL is not understood ({why}): {EXPECTED}; {ENCODED}"
        ))
    };
    let mut url = Url::parse(url).map_err(|error| refused(&error))?;
    // What stands behind an early / or # or ? of a password would be taken for a name, and the host for the user.
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
        // Their names and values may be parts of a password.
        SAID.call_once(|| {
            tracing::warn!(
                ignored = unknown.len(),
                "the database URL has parameters that are not known"
            );
        });
    }
    let read = |url: &Url| url.as_str().parse::<PgConnectOptions>().ok();
    for (key, value) in &known {
        let mut alone = Url::parse("postgres://localhost").map_err(|error| refused(&error))?;
        alone.query_pairs_mut().append_pair(key, value);
        if read(&alone).is_none() {
            return Err(refused(&format!("the value of {key} is none that it has")));
        }
    }
    url.set_query(None);
    if !known.is_empty() {
        url.query_pairs_mut().extend_pairs(known);
    }
    read(&url).ok_or_else(|| refused(&"what % stands for is not UTF-8"))
}
