//! Where a database is: its URL, read in this one place. Nothing that is said of it here holds a password: a URL that
//! cannot be read is never repeated, and one that can is told by its file, or by host and port.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Once;

use nix::unistd::{AccessFlags, access};
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use url::{Url, form_urlencoded};

use super::error::Error;

/// The forms of a URL.
const EXPECTED: &str = "expected sqlite://FILE or postgres://USER@HOST/DATABASE";

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

/// How many links a name may lead over. Source: Linux, `path_resolution(7)`.
const MOST_LINKS: usize = 40;

/// Where a database is.
#[derive(Clone)]
pub(super) enum Address {
    /// A file on this machine.
    Embedded(Box<Embedded>),
    /// A `PostgreSQL`.
    Shared(Box<PgConnectOptions>),
}

/// An `SQLite` file.
#[derive(Clone)]
pub(super) struct Embedded {
    /// How `SQLite` opens it, under `file`.
    options: SqliteConnectOptions,
    /// The file itself: absolute, and behind all links.
    file: PathBuf,
    /// Whether it may be made where it is not there.
    may_be_made: bool,
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`Error::Unusable`], which never repeats a part that may be a secret.
    pub fn read(url: &str) -> Result<Self, Error> {
        let of_file = url
            .strip_prefix("sqlite://")
            .or_else(|| url.strip_prefix("sqlite:"));
        if let Some(rest) = of_file {
            let embedded = Embedded::read(url, rest)?;
            return Ok(Self::Embedded(Box::new(embedded)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = shared(url)?;
            return Ok(Self::Shared(Box::new(options)));
        }
        Err(unusable(format!(
            "the database URL is not understood: {EXPECTED}"
        )))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(embedded) => write!(out, "{}", embedded.file.display()),
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

fn unusable(message: String) -> Error {
    Error::Unusable(message)
}

impl Embedded {
    fn read(url: &str, rest: &str) -> Result<Self, Error> {
        let refused = |why: &str| unusable(format!("the database URL is not understood: {why}"));
        let (name, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let mut may_be_made = true;
        for (key, value) in form_urlencoded::parse(parameters.as_bytes()) {
            match (&*key, &*value) {
                ("mode", "rwc") | ("cache" | "vfs", _) | ("immutable", "0" | "false") => {}
                ("mode", "rw") => may_be_made = false,
                ("mode", "memory") => return Err(refused(IN_MEMORY)),
                ("mode", "ro") | ("immutable", _) => {
                    return Err(refused("this program writes to its database"));
                }
                ("mode", _) => return Err(refused("mode is rw or rwc")),
                _ => return Err(refused("behind ? there may be mode, cache and vfs")),
            }
        }
        if name == ":memory:" {
            return Err(refused(IN_MEMORY));
        }
        // The library decides which file is meant: it decodes the name once.
        let options: SqliteConnectOptions = url
            .parse()
            .map_err(|_| refused("the name of the file is not UTF-8"))?;
        let named = options.get_filename();
        let text = named.to_string_lossy();
        if text.is_empty() {
            return Err(refused(EXPECTED));
        }
        if text == ":memory:" {
            return Err(refused(IN_MEMORY));
        }
        if text.starts_with("file:") {
            return Err(refused(
                "write the path alone, as in sqlite://FILE, without file:",
            ));
        }
        let file = settle(named).map_err(|why| unwritable(named, &why))?;
        // An absolute path is a path to SQLite too, whatever letters it begins with.
        let options = options.filename(&file);
        Ok(Self {
            options,
            file,
            may_be_made,
        })
    }

    /// The file itself: absolute, and behind all links.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// A file that lies beside it, named by an ending.
    pub fn beside(&self, ending: &str) -> PathBuf {
        let mut name: OsString = self.file.clone().into_os_string();
        name.push(ending);
        name.into()
    }

    /// Whether it may be made where it is not there.
    pub fn may_be_made(&self) -> bool {
        self.may_be_made
    }

    /// How `SQLite` opens it.
    pub fn options(&self) -> SqliteConnectOptions {
        self.options.clone()
    }

    /// Says in one line why the file cannot be written, where `SQLite` would say only that it cannot. It is not
    /// opened: to close it would take the locks that this process has on it.
    ///
    /// # Errors
    /// [`Error::Unusable`]
    pub fn check(&self) -> Result<(), Error> {
        let file = &self.file;
        let refused = |why: &dyn fmt::Display| unwritable(file, why);
        let may = |path: &Path, how: AccessFlags| {
            access(path, how).map_err(|why| refused(&io::Error::from(why)))
        };
        match std::fs::metadata(file) {
            Ok(found) if found.is_dir() => return Err(refused(&"it is a folder")),
            Ok(found) if !found.is_file() => return Err(refused(&"it is no file on a disk")),
            Ok(_) => may(file, AccessFlags::R_OK | AccessFlags::W_OK)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if !self.may_be_made {
                    return Err(self.missing());
                }
            }
            Err(error) => return Err(refused(&error)),
        }
        // The journal lies beside it.
        match file.parent() {
            Some(folder) if !folder.exists() => Err(refused(&format!(
                "the folder {} does not exist",
                folder.display()
            ))),
            Some(folder) => may(folder, AccessFlags::W_OK | AccessFlags::X_OK),
            None => Err(refused(&"it is a folder")),
        }
    }

    /// Why nothing can be done with a file that is not there.
    pub fn missing(&self) -> Error {
        unusable(format!("there is no database {}", self.file.display()))
    }
}

const IN_MEMORY: &str = "a database in memory would be gone with each connection; name a file";

fn unwritable(file: &Path, why: &dyn fmt::Display) -> Error {
    unusable(format!("cannot write {}: {why}", file.display()))
}

/// The file that a name leads to, absolute and behind all links, whether it is there or not.
fn settle(named: &Path) -> io::Result<PathBuf> {
    let mut named = Cow::Borrowed(named);
    for _ in 0..MOST_LINKS {
        if let Ok(file) = std::fs::canonicalize(&named) {
            return Ok(file);
        }
        let absolute = std::path::absolute(&named)?;
        // A link to a file that is not there yet: it will be there.
        if let Ok(target) = std::fs::read_link(&absolute) {
            let folder = absolute.parent().unwrap_or(Path::new("/"));
            named = Cow::Owned(folder.join(target));
            continue;
        }
        let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
            return Ok(absolute);
        };
        return Ok(match std::fs::canonicalize(folder) {
            Ok(folder) => folder.join(name),
            Err(_) => absolute,
        });
    }
    Err(io::Error::other("it is a link that leads nowhere"))
}

/// Reads the URL of a `PostgreSQL`.
fn shared(url: &str) -> Result<PgConnectOptions, Error> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a URL that is refused.
    fn said(url: &str) -> String {
        match Address::read(url) {
            Err(error) => error.to_string(),
            Ok(address) => panic!("{url} is taken for {address}"),
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_repeated() {
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
            let said = said(url);
            assert!(!said.contains("cret"), "{url}: {said}");
            assert!(
                said.starts_with("the database URL is not understood"),
                "{url}: {said}"
            );
        }
    }

    #[test]
    fn a_password_may_have_any_letters() {
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
    fn names_of_one_file_are_one_file() {
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
    fn what_is_no_file_is_said() {
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
            ("sqlite:///dev/null".to_owned(), "no file on a disk"),
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
            let said = read.expect_err(&url).to_string();
            assert!(said.contains(why), "{url}: {said}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
