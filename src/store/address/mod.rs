//! The address of a database. This is the only place that reads the database URL. No text made here contains a
//! password. An error never repeats a URL that cannot be read; a valid address is displayed by its file, or by host
//! and port.

use std::fmt;

use sea_orm::sqlx::postgres::PgConnectOptions;

use super::error::Error;

mod embedded;
mod refusal;
mod shared;

pub(super) use embedded::Embedded;
use refusal::{EXPECTED, unusable};

/// The address of a database.
#[derive(Clone)]
pub(super) enum Address {
    /// An `SQLite` file on this machine.
    Embedded(Box<Embedded>),
    /// A `PostgreSQL` server.
    Shared(Box<PgConnectOptions>),
}

impl Address {
    /// Reads a database URL.
    ///
    /// # Errors
    /// [`Error::Unusable`]; its text never repeats a part of the URL that may be a secret.
    pub fn read(url: &str) -> Result<Self, Error> {
        let of_file = url
            .strip_prefix("sqlite://")
            .or_else(|| url.strip_prefix("sqlite:"));
        if let Some(rest) = of_file {
            let embedded = Embedded::read(url, rest)?;
            return Ok(Self::Embedded(Box::new(embedded)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = shared::read(url)?;
            return Ok(Self::Shared(Box::new(options)));
        }
        Err(unusable(format!(
            "the database URL is not understood: {EXPECTED}"
        )))
    }
}

impl Address {
    /// The name of the database with its server, as operators know it.
    pub fn full_name(&self) -> String {
        match self {
            Self::Shared(options) => match options.get_database() {
                Some(database) => format!("{database} of {self}"),
                None => self.to_string(),
            },
            Self::Embedded(_) => self.to_string(),
        }
    }

    /// True if both certainly name one database. Two names of one host are not recognized.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Embedded(one), Self::Embedded(other)) => one.file() == other.file(),
            (Self::Shared(one), Self::Shared(other)) => {
                let place = |options: &PgConnectOptions| {
                    let socket = options.get_socket().cloned();
                    let database = options.get_database().map(ToOwned::to_owned);
                    (
                        options.get_host().to_owned(),
                        options.get_port(),
                        socket,
                        database,
                    )
                };
                place(one) == place(other)
            }
            _ => false,
        }
    }
}

/// The kind and place of a database. Without user, password and name of the database: a part of a password that is not
/// encoded may be read as that name.
///
/// # Errors
/// [`Error::Unusable`]
pub fn place(url: &str) -> Result<String, Error> {
    let address = Address::read(url)?;
    Ok(match &address {
        Address::Embedded(_) => format!("SQLite {address}"),
        Address::Shared(_) => address.to_string(),
    })
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(embedded) => write!(out, "{}", embedded.file().display()),
            Self::Shared(options) => {
                if let Some(socket) = options.get_socket() {
                    return write!(out, "PostgreSQL at {}", socket.display());
                }
                let (host, port) = (options.get_host(), options.get_port());
                write!(out, "PostgreSQL at {host}:{port}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the error message for a URL that is refused.
    fn message(url: &str) -> String {
        match Address::read(url) {
            Err(error) => error.to_string(),
            Ok(address) => panic!("{url} is taken for {address}"),
        }
    }

    #[test]
    fn an_error_about_a_url_never_repeats_a_secret() {
        for url in [
            "postgres://u:se/cret@127.0.0.1:1/x",
            "postgres://u:/secret@127.0.0.1:1/x",
            "postgres://u:12/secret@127.0.0.1:1/x",
            "postgres://u:12#secret@127.0.0.1:1/x",
            "postgres://u:12?secret@127.0.0.1:1/x",
            "postgres://u:se?cret@127.0.0.1:1/x",
            "postgres://u:se#cret@127.0.0.1:1/x",
            "postgres://u:secret@[::1/x",
            "postgres://u:secret@127.0.0.1:port/x",
            "postgres://u:secret@127.0.0.1:99999/x",
            "postgres://u:secret@ho st/x",
            "postgres://u:secret%ff@127.0.0.1/x",
            "postgres://u:secret",
            "postgres:u:secret@127.0.0.1/x",
            "mysql://u:secret@127.0.0.1/x",
            "u:secret@127.0.0.1",
            "postgres://u@h/x?password=secret#secret",
            "postgres://u@h/x?sslmode=secret",
            "postgres://u@h/x?password=secret&port=secret",
            "sqlite://x.db?password=secret",
            "sqlite://x.db?mode=secret",
            "sqlite::memory:?password=secret",
        ] {
            let message = message(url);
            assert!(!message.contains("cret"), "{url}: {message}");
            assert!(
                message.starts_with("the database URL is not understood"),
                "{url}: {message}"
            );
        }
    }

    #[test]
    fn a_password_may_contain_any_characters() {
        for (url, place) in [
            ("postgres://u:p%2F%40%23%3F%25@h:7/x", "PostgreSQL at h:7"),
            ("postgres://u:p@ss@h:7/x", "PostgreSQL at h:7"),
            ("postgres://u:p w@h:7/x", "PostgreSQL at h:7"),
            (
                "postgresql://h:7/x?user=u&password=p@/?w&other=z",
                "PostgreSQL at h:7",
            ),
            (
                "postgres:///x?host=/run/postgresql&options[geqo]=off",
                "PostgreSQL at /run/postgresql",
            ),
        ] {
            let address = Address::read(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!(address.to_string(), place, "{url}");
        }
    }

    #[test]
    fn all_names_of_one_file_give_the_same_address() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        std::os::unix::fs::symlink(folder.join("a b.db"), folder.join("link.db")).unwrap();
        let here = folder.display();
        for is_there in [false, true] {
            if is_there {
                std::fs::write(folder.join("a b.db"), "").unwrap();
            }
            for url in [
                format!("sqlite://{here}/a b.db"),
                format!("sqlite:{here}/a b.db"),
                format!("sqlite://{here}/a%20b.db"),
                format!("sqlite://{here}/%61%20b.db?mode=rwc"),
                format!(
                    "sqlite://{here}/../{}/a b.db",
                    folder.file_name().unwrap().to_str().unwrap()
                ),
                format!("sqlite://{here}/./link.db"),
            ] {
                let address = Address::read(&url).unwrap_or_else(|error| panic!("{url}: {error}"));
                assert_eq!(address.to_string(), format!("{here}/a b.db"), "{url}");
            }
        }
    }

    #[test]
    fn an_address_that_is_no_usable_file_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().display();
        for (url, why) in [
            ("sqlite::memory:".to_owned(), "in memory"),
            ("sqlite://:memory:".to_owned(), "in memory"),
            ("sqlite://%3Amemory%3A".to_owned(), "in memory"),
            ("sqlite://x.db?mode=memory".to_owned(), "in memory"),
            ("sqlite://x.db?mode=ro".to_owned(), "writes to its database"),
            (
                "sqlite://x.db?immutable=1".to_owned(),
                "writes to its database",
            ),
            ("sqlite:file:x.db".to_owned(), "without file:"),
            ("sqlite://".to_owned(), "expected sqlite://FILE"),
            (format!("sqlite://{here}"), "it is a folder"),
            ("sqlite:///".to_owned(), "it is a folder"),
            ("sqlite:///dev/null".to_owned(), "not a regular file"),
            (format!("sqlite://{here}/no/x.db"), "the folder"),
            (
                format!("sqlite://{here}/x.db?mode=rw"),
                "there is no database",
            ),
        ] {
            let read = Address::read(&url).and_then(|address| match address {
                Address::Embedded(embedded) => embedded.check(),
                Address::Shared(_) => panic!("{url}"),
            });
            let message = read.expect_err(&url).to_string();
            assert!(message.contains(why), "{url}: {message}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
