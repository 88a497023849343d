//! The locks on the file of an embedded database.

use std::fs::File;
use std::mem::ManuallyDrop;
use std::path::Path;

use crate::address::Embedded;
use crate::claim::lock;

/// The locks on the file of an embedded database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locking {
    /// No process uses the file.
    Free,
    /// A server uses the file.
    Server,
    /// A command uses the file.
    Command,
    /// The file system has no locks of the kind that keeps a second server away.
    Impossible,
    /// The file or its folder cannot be read.
    Unknown,
}

/// Reads the locks. Places none. A file that does not exist yet is tried by a file without a name in its folder.
pub(super) fn locks(embedded: &Embedded) -> Locking {
    let folder = embedded.file().parent().unwrap_or(Path::new("/"));
    let file = if embedded.file().exists() {
        File::open(embedded.file())
    } else {
        tempfile::tempfile_in(folder)
    };
    let Ok(file) = file else {
        return Locking::Unknown;
    };
    // Never closed: closing it would release the locks that `SQLite` holds on the same file in this process.
    let file = ManuallyDrop::new(file);
    match (
        lock::is_taken(&file, lock::SERVER),
        lock::is_taken(&file, lock::NAMES),
    ) {
        (Ok(true), _) => Locking::Server,
        (_, Ok(true)) => Locking::Command,
        (Ok(false), Ok(false)) => Locking::Free,
        (Err(error), _) | (_, Err(error)) if lock::is_impossible(&error) => Locking::Impossible,
        _ => Locking::Unknown,
    }
}
