//! The index of an embedded database's journal: its header changes with every commit, of whatever process, and a
//! reader sees a commit once it is written there. Source: `SQLite`, WAL-mode file format, section 2.1 (the WAL-index
//! header, both copies of it: one that is half written equals none that was whole).

use std::fs::File;
use std::mem::ManuallyDrop;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// The length of both copies.
const HEADER: usize = 96;

/// The header as it was.
pub(super) type Mark = [u8; HEADER];

/// The index of a journal.
pub(super) struct Journal {
    path: PathBuf,
    /// Never closed: to close it would take the locks of the database that this process has on the same file.
    file: Mutex<Option<ManuallyDrop<File>>>,
}

impl Journal {
    /// The index at a path.
    pub fn at(path: PathBuf) -> Self {
        Self {
            path,
            file: Mutex::default(),
        }
    }

    /// The header as it is now; `None` where that cannot be told.
    pub fn mark(&self) -> Option<Mark> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // The database makes it anew after its last connection was closed.
        let is_there =
            |file: &ManuallyDrop<File>| file.metadata().is_ok_and(|found| found.nlink() > 0);
        if !file.as_ref().is_some_and(is_there) {
            *file = Some(ManuallyDrop::new(File::open(&self.path).ok()?));
        }
        let mut mark = [0; HEADER];
        file.as_ref()?.read_exact_at(&mut mark, 0).ok()?;
        Some(mark)
    }
}
