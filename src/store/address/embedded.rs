//! The file of an `SQLite` database.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use url::form_urlencoded;

use super::refusal::{EXPECTED, unusable};
use crate::error::Error;

/// The most symbolic links that are followed from a name. Source: Linux, `path_resolution(7)`.
const MAX_LINKS: usize = 40;

/// The address of an `SQLite` file.
#[derive(Clone)]
pub struct Embedded {
    /// Options with which `SQLite` opens the file; they name the same path as `file`.
    options: SqliteConnectOptions,
    /// The path of the file: absolute, with all links resolved.
    file: PathBuf,
    /// True if the file may be created when it does not exist.
    may_be_made: bool,
    /// True if the URL names a VFS: not all keep the WAL index in a file.
    has_vfs: bool,
}

impl Embedded {
    /// Reads the part of a URL after the scheme.
    ///
    /// # Errors
    /// [`Error::Unusable`]
    pub fn read(url: &str, rest: &str) -> Result<Self, Error> {
        let refused = |why: &str| unusable(format!("the database URL is not understood: {why}"));
        let (name, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let (mut may_be_made, mut has_vfs) = (true, false);
        for (key, value) in form_urlencoded::parse(parameters.as_bytes()) {
            match (&*key, &*value) {
                ("mode", "rwc") | ("cache", _) | ("immutable", "0" | "false") => {}
                ("vfs", _) => has_vfs = true,
                ("mode", "rw") => may_be_made = false,
                ("mode", "memory") => return Err(refused(IN_MEMORY)),
                ("mode", "ro") | ("immutable", _) => {
                    return Err(refused("this program writes to its database"));
                }
                ("mode", _) => return Err(refused("mode: expected rw or rwc")),
                _ => return Err(refused("after ? only mode, cache and vfs are accepted")),
            }
        }
        if name == ":memory:" {
            return Err(refused(IN_MEMORY));
        }
        // The library decides which file a URL names: it percent-decodes the name once.
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
        // An absolute path begins with /, so SQLite cannot take it for a special name such as file: or :memory:.
        let options = options.filename(&file);
        Ok(Self {
            options,
            file,
            may_be_made,
            has_vfs,
        })
    }

    /// The path of the file: absolute, with all links resolved.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The path of a file in the same folder: the name of the database with an ending appended.
    pub fn sibling(&self, ending: &str) -> PathBuf {
        let mut name: OsString = self.file.clone().into_os_string();
        name.push(ending);
        name.into()
    }

    /// The size of the file and its journal, in bytes.
    pub fn size(&self) -> i64 {
        let length = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
        let bytes = length(&self.file).saturating_add(length(&self.sibling("-wal")));
        i64::try_from(bytes).unwrap_or(i64::MAX)
    }

    /// True if the file may be created when it does not exist.
    pub fn may_be_made(&self) -> bool {
        self.may_be_made
    }

    /// True if the URL names a VFS.
    pub fn has_vfs(&self) -> bool {
        self.has_vfs
    }

    /// Options with which `SQLite` opens the file.
    pub fn options(&self) -> SqliteConnectOptions {
        self.options.clone()
    }

    /// Checks that the file can be written, and explains in one line why not; `SQLite` would report only that it
    /// cannot.
    /// Does not open the file: closing it would release the locks that this process holds on it.
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
            Ok(found) if !found.is_file() => return Err(refused(&"it is not a regular file")),
            Ok(_) => may(file, AccessFlags::R_OK | AccessFlags::W_OK)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if !self.may_be_made {
                    return Err(self.missing());
                }
            }
            Err(error) => return Err(refused(&error)),
        }
        // SQLite creates its journal in the same folder.
        match file.parent() {
            Some(folder) if !folder.exists() => Err(refused(&format!(
                "the folder {} does not exist",
                folder.display()
            ))),
            Some(folder) => may(folder, AccessFlags::W_OK | AccessFlags::X_OK),
            None => Err(refused(&"it is a folder")),
        }
    }

    /// The error for a file that does not exist and may not be created.
    pub fn missing(&self) -> Error {
        unusable(format!("there is no database {}", self.file.display()))
    }
}

const IN_MEMORY: &str = "a database in memory would be lost with each connection: name a file";

fn unwritable(file: &Path, why: &dyn fmt::Display) -> Error {
    unusable(format!("cannot write {}: {why}", file.display()))
}

/// Resolves a name to the absolute path of its file, with all links followed. The file need not exist.
fn settle(named: &Path) -> io::Result<PathBuf> {
    let mut named = Cow::Borrowed(named);
    for _ in 0..MAX_LINKS {
        if let Ok(file) = std::fs::canonicalize(&named) {
            return Ok(file);
        }
        let absolute = std::path::absolute(&named)?;
        // A link to a file that does not exist yet: SQLite would create the target.
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
    Err(io::Error::other(
        "its links are too many, or lead in a circle",
    ))
}
